//! `/v1/canned-replies`.

use super::super::answer::{no_content, read, rendered, show, show_version, write};
use super::super::fields::{short, text};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::CannedReplyBody;
use crate::acts::canned::{ChangeCannedReply, CreateCannedReply, DeleteCannedReply, Words};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::canned::NAME_CHARS;
use domain::id::CannedReplyId;
use domain::message::TEXT_CHARS;
use domain::permission::Permission;
use store::canned::{self, CannedReply};
use utoipa::ToSchema;

/// List canned replies
#[utoipa::path(get, path = "/v1/canned-replies", tag = "canned replies", params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<CannedReplyBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "canned-replies");
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(CannedReplyId), page.fetch());
    let rows = read(&desk, move |tx| Box::pin(async move { canned::list(tx, ws, after, fetch).await })).await?;
    Ok(show(&page.finish(rows, |c: &CannedReply| vec![Some(c.id.0)], CannedReplyBody::from)))
}

/// One canned reply
#[utoipa::path(get, path = "/v1/canned-replies/{id}", tag = "canned replies", params(("id" = String, Path)),
    responses((status = 200, body = CannedReplyBody), (status = 404, body = Problem)))]
pub async fn show_one(State(desk): State<Desk>, auth: Auth, Segment(id): Segment) -> Result<Response, Problem> {
    let (ws, id) = (auth.workspace, parse(&id)?);
    let found = read(&desk, move |tx| Box::pin(async move { canned::get(tx, ws, id).await })).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(show_version(found.version, &CannedReplyBody::from(found)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewCannedReply {
    /// Short, by which it is searched; each once.
    name: String,
    /// May hold `{customer_name}`, `{customer_first_name}`, `{agent_name}`, `{agent_first_name}`, `{case_number}`, `{case_title}`,
    /// `{queue_name}` and `{workspace_name}`.
    text: String,
    /// Offered in this queue alone; null: everywhere.
    queue: Option<String>,
}

/// Make a canned reply
#[utoipa::path(post, path = "/v1/canned-replies", tag = "canned replies", request_body = NewCannedReply,
    responses((status = 201, body = CannedReplyBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let words = f.text("text", text(TEXT_CHARS));
    let queue = f.optional("queue", super::queue);
    let key = body.key(&auth);
    let names =
        [named("queue", queue, Named::Queue), named("name", name.clone(), |name| Named::CannedName(name, None))];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let (Some(name), Some(text)) = (name, words) else { return Err(Problem::invalid(Vec::new())) };
    let act = CreateCannedReply { caller: auth.caller(), words: Words { name, text, queue } };
    write(&desk, key, act, |c| rendered(StatusCode::CREATED, Some(c.version), &CannedReplyBody::from(c))).await
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct CannedReplyChanges {
    name: Option<String>,
    text: Option<String>,
    queue: Option<String>,
}

/// Change a canned reply
#[utoipa::path(patch, path = "/v1/canned-replies/{id}", tag = "canned replies", request_body = CannedReplyChanges, params(("id" = String, Path)),
    responses((status = 200, body = CannedReplyBody), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let canned = parse(&id)?;
    let f = &mut body.fields;
    let name = f.unless_null("name", short(NAME_CHARS));
    let words = if f.has("text") { f.text("text", text(TEXT_CHARS)) } else { None };
    let queue = f.nullable("queue", super::queue);
    let (key, if_version) = (body.key(&auth), body.conditions.if_match);
    let names = [
        named("queue", queue.flatten(), Named::Queue),
        named("name", name.clone(), |name| Named::CannedName(name, Some(canned))),
    ];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let act = ChangeCannedReply { caller: auth.caller(), canned, name, text: words, queue, if_version };
    write(&desk, key, act, |c| rendered(StatusCode::OK, Some(c.version), &CannedReplyBody::from(c))).await
}

/// Delete a canned reply
#[utoipa::path(delete, path = "/v1/canned-replies/{id}", tag = "canned replies", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(State(desk): State<Desk>, auth: Auth, Segment(id): Segment) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    desk.db.write(DeleteCannedReply { caller: auth.caller(), canned: parse(&id)? }).await??;
    Ok(no_content())
}

fn parse(id: &str) -> Result<CannedReplyId, Problem> {
    CannedReplyId::parse(id).ok_or_else(Problem::not_found)
}
