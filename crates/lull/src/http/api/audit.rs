//! `/v1/audit-log`: the trail, as JSON, CSV or JSON Lines, and checkpoints to keep elsewhere (T2, T3).

use super::super::answer::{read, show};
use super::super::fields::{short, time};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Query};
use super::super::shapes::AuditBody;
use super::exports::{accepted, respond};
use crate::acts::chain_audit::catch_up;
use crate::checkpoints;
use crate::desk::Desk;
use crate::exports::{self, Wanted, What};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::permission::Permission;
use store::audit::{self, AuditEntry, Filter};

fn filter(query: &mut Query) -> Filter {
    Filter {
        event: query.read("event", short(64)),
        object_kind: query.read("object_kind", short(64)),
        object_id: query.read("object_id", short(64)),
        from: query.read("from", time),
        to: query.read("to", time),
    }
}

/// Read the audit log, newest first
///
/// With `Accept: text/csv` or `application/x-ndjson` the answer is an export of everything that matches, oldest first, however
/// much that is; the export itself is recorded.
#[utoipa::path(get, path = "/v1/audit-log", tag = "audit", params(("event" = Option<String>, Query),
    ("object_kind" = Option<String>, Query), ("object_id" = Option<String>, Query),
    ("from" = Option<String>, Query), ("to" = Option<String>, Query, description = "Not included"),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<AuditBody>), (status = 403, body = Problem)))]
pub async fn list(
    State(desk): State<Desk>,
    auth: Auth,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    auth.require(Permission::ReadAuditLog)?;
    let page = Page::read(&mut query, "audit-log");
    let filter = filter(&mut query);
    query.finish()?;
    if let Some(format) = accepted(&headers) {
        let Filter { event, object_kind, object_id, from, to } = filter;
        let filter = exports::Filter { event, object_kind, object_id, from, to, ..exports::Filter::default() };
        let wanted = Wanted { what: What::AuditLog, format, filter };
        return Ok(respond(exports::begin(&desk.db, &auth.caller(), wanted).await??).await?);
    }
    let (ws, before, fetch) = (auth.workspace, page.after_id(), page.fetch());
    catch_up(&desk.db, ws).await?;
    let rows =
        read(&desk, move |tx| Box::pin(async move { audit::list(tx, ws, &filter, before, fetch).await })).await?;
    Ok(show(&page.finish(rows, |e: &AuditEntry| vec![Some(e.seq)], AuditBody::from)))
}

/// Read a checkpoint for `lull audit verify --checkpoint`
///
/// Signed where the desk was given a key (`--audit-key`): then `public_key` and `signature` stand in it.
#[utoipa::path(get, path = "/v1/audit-log/checkpoint", tag = "audit",
    responses((status = 200, body = checkpoints::Written), (status = 403, body = Problem)))]
pub async fn checkpoint(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    auth.require(Permission::ReadAuditLog)?;
    query.finish()?;
    let checkpoint = checkpoints::of(&desk.db, auth.workspace).await?.ok_or_else(Problem::not_found)?;
    Ok(show(&checkpoints::Written::new(&checkpoint, desk.engine.checkpoints.key())))
}
