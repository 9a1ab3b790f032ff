//! `/v1/audit-log`: the trail, as JSON, CSV or JSON Lines, and checkpoints to keep elsewhere (T2, T3).

use super::super::answer::{read, show};
use super::super::fields::{short, time};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Query};
use super::super::shapes::AuditBody;
use crate::acts::chain_audit::catch_up;
use crate::acts::traces;
use crate::acts::{Answer, Caller, Invalid};
use crate::desk::Desk;
use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::audit::{AuditEvent, hex};
use domain::permission::Permission;
use serde::Serialize;
use serde_json::json;
use store::audit::{self, AuditEntry, Filter};
use store::{Command, Tx};
use utoipa::ToSchema;

/// Entries of one export, at most: the filters cut larger trails into parts.
const EXPORTED: i64 = 100_000;

fn filter(query: &mut Query) -> Filter {
    Filter {
        event: query.read("event", short(64)),
        object_kind: query.read("object_kind", short(64)),
        object_id: query.read("object_id", short(64)),
        from: query.read("from", time),
        to: query.read("to", time),
    }
}

enum Form {
    Json,
    Csv,
    JsonLines,
}

fn wanted(headers: &HeaderMap) -> Form {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let first = accept.split(',').next().unwrap_or("").split(';').next().unwrap_or("").trim();
    match first {
        "text/csv" => Form::Csv,
        "application/x-ndjson" | "application/jsonl" | "application/json-lines" => Form::JsonLines,
        _ => Form::Json,
    }
}

/// Read the audit log, newest first
///
/// With `Accept: text/csv` or `application/x-ndjson` the answer is an export of everything that matches, oldest first;
/// the export itself is recorded.
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
    let ws = auth.workspace;
    let (form, before, fetch) = match wanted(&headers) {
        Form::Json => (Form::Json, page.after_id(), page.fetch()),
        // One more than may be told shows that there is more than may be told.
        other => (other, None, EXPORTED + 1),
    };
    catch_up(&desk.db, ws).await?;
    let rows =
        read(&desk, move |tx| Box::pin(async move { audit::list(tx, ws, &filter, before, fetch).await })).await?;
    if matches!(form, Form::Json) {
        return Ok(show(&page.finish(rows, |e: &AuditEntry| vec![Some(e.seq)], AuditBody::from)));
    }
    if rows.len() as i64 > EXPORTED {
        let message = format!("more than {EXPORTED} entries match: narrow from and to");
        return Err(Problem::invalid(vec![Invalid::new("from", "out_of_range", message)]));
    }
    desk.db.write(Exported { caller: auth.caller(), entries: rows.len() }).await??;
    let oldest_first = rows.into_iter().rev();
    Ok(match form {
        Form::Csv => download("text/csv; charset=utf-8", "audit-log.csv", csv(oldest_first)),
        _ => {
            let line = |e| serde_json::to_string(&AuditBody::from(e)).unwrap_or_default() + "\n";
            download("application/x-ndjson", "audit-log.jsonl", oldest_first.map(line).collect())
        }
    })
}

fn download(content_type: &'static str, name: &'static str, text: String) -> Response {
    let mut response = HttpBody::from(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn csv(entries: impl Iterator<Item = AuditEntry>) -> String {
    let mut text = String::from("seq,at,event,actor,object_kind,object_id,old,new,address,hash\r\n");
    for e in entries {
        let cells = [
            e.seq.to_string(),
            e.at.to_string(),
            e.event,
            e.actor,
            e.object_kind,
            e.object_id,
            e.old.unwrap_or_default(),
            e.new.unwrap_or_default(),
            e.address.unwrap_or_default(),
            e.hash,
        ];
        text.push_str(&cells.map(cell).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A quoted cell; one that a spreadsheet would take for a formula is made a text.
fn cell(value: String) -> String {
    let guard = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

struct Exported {
    caller: Caller,
    entries: usize,
}

impl Command for Exported {
    type Output = Result<(), crate::acts::Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let new = json!({"entries": self.entries});
        let object = ("workspace", self.caller.workspace.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::AuditExported, object, None, Some(new)).await?;
        Ok(Ok(()))
    }
}

/// Proof, kept elsewhere, that the trail reached this entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditCheckpoint)]
pub struct Checkpoint {
    workspace: String,
    seq: i64,
    hash: String,
    at: String,
}

/// Read a checkpoint for `lull audit verify --checkpoint`
#[utoipa::path(get, path = "/v1/audit-log/checkpoint", tag = "audit",
    responses((status = 200, body = Checkpoint), (status = 403, body = Problem)))]
pub async fn checkpoint(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    auth.require(Permission::ReadAuditLog)?;
    query.finish()?;
    let ws = auth.workspace;
    catch_up(&desk.db, ws).await?;
    let head = read(&desk, move |tx| Box::pin(async move { audit::head(tx, ws).await })).await?;
    let (seq, hash) = head.ok_or_else(Problem::not_found)?;
    let at = desk.db.now().to_string();
    Ok(show(&Checkpoint { workspace: ws.to_string(), seq, hash: hex(&hash), at }))
}
