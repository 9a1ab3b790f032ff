//! `/v1/tags`: the tags a workspace's cases have.

use super::super::answer::{read, rendered, show, write};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::{TagBody, Tags};
use crate::acts::tags::{RenameTag, name_of};
use crate::desk::Desk;
use crate::engine::tasks::retag;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::permission::Permission;
use store::tags;
use utoipa::ToSchema;

/// Tags of a workspace, at most; more are not listed.
pub const MOST: i64 = 10_000;
/// Open cases that are counted, at most.
pub const COUNTED: i64 = 50_000;

/// List tags, with how many open cases have each
#[utoipa::path(get, path = "/v1/tags", tag = "tags", responses((status = 200, body = Tags)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let ws = auth.workspace;
    let found = read(&desk, move |tx| {
        Box::pin(async move { Ok((tags::list(tx, ws, "", MOST).await?, tags::counts(tx, ws, COUNTED).await?)) })
    });
    let (tags, (counts, more)) = found.await?;
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let data = tags.into_iter().map(|tag| TagBody::new(count(&tag.name), tag)).collect();
    Ok(show(&Tags { data, next_cursor: None, at_least: more }))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct TagChanges {
    /// What it becomes in every case; the name of another tag merges the two.
    name: String,
}

/// Rename a tag in every case, or merge it into another
///
/// Cases follow in batches within moments; until then the tag is listed with what it `becomes`.
#[utoipa::path(patch, path = "/v1/tags/{name}", tag = "tags", request_body = TagChanges, params(("name" = String, Path)),
    responses((status = 200, body = TagBody), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn rename(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(tag): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let read = |typed: &str| name_of(typed).map_err(|invalid| (invalid.code, invalid.message));
    let becomes = body.fields.required_as("name", read);
    let key = body.key(&auth);
    body.finish()?;
    let act = RenameTag { caller: auth.caller(), tag, becomes };
    let answer = write(&desk, key, act, |tag| rendered(StatusCode::OK, None, &TagBody::new(0, tag))).await?;
    retag::run(&desk).await?;
    Ok(answer)
}

/// Remove a tag from every case
#[utoipa::path(delete, path = "/v1/tags/{name}", tag = "tags", params(("name" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(State(desk): State<Desk>, auth: Auth, Segment(tag): Segment) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    desk.db.write(RenameTag { caller: auth.caller(), tag, becomes: None }).await??;
    retag::run(&desk).await?;
    Ok(super::super::answer::no_content())
}
