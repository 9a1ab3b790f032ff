//! What is said about a case: messages, replies, comments, and the feed.

use super::super::answer::{read, rendered, show, write};
use super::super::fields::text;
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::{ActivityBody, CommentBody, MessageBody};
use crate::acts::comment::AddComment;
use crate::acts::reply::Reply;
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{ActivityId, CommentId, MessageId, WorkspaceId};
use domain::message::TEXT_CHARS;
use domain::permission::Permission;
use store::messages::{self, Comment, Message};
use store::{BoxFuture, Fault, Tx, cases, feed};
use utoipa::ToSchema;

/// A page of what belongs to one case, or 404.
async fn of_case<R, L>(desk: &Desk, ws: WorkspaceId, number: &str, list: L) -> Result<Vec<R>, Problem>
where
    R: Send + 'static,
    L: for<'a> FnOnce(&'a mut Tx, domain::id::CaseId) -> BoxFuture<'a, Result<Vec<R>, Fault>> + Send + 'static,
{
    let number = super::case_number(number)?;
    let rows = read(desk, move |tx| {
        Box::pin(async move {
            match cases::by_number(tx, ws, number).await? {
                Some(case) => list(tx, case.id).await.map(Some),
                None => Ok(None),
            }
        })
    });
    rows.await?.ok_or_else(Problem::not_found)
}

/// Read a conversation, oldest first
#[utoipa::path(get, path = "/v1/cases/{number}/messages", tag = "messages", params(("number" = i64, Path),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<MessageBody>), (status = 404, body = Problem)))]
pub async fn list_messages(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut query: Query,
) -> Result<Response, Problem> {
    let page = Page::read(&mut query, &format!("messages {number}"));
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(MessageId), page.fetch());
    let rows = of_case(&desk, ws, &number, move |tx, case| {
        Box::pin(async move { messages::list(tx, ws, case, after, fetch).await })
    });
    Ok(show(&page.finish(rows.await?, |m: &Message| vec![Some(m.id.0)], MessageBody::from)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewText {
    text: String,
}

/// Answer the customer
#[utoipa::path(post, path = "/v1/cases/{number}/messages", tag = "messages", request_body = NewText,
    params(("number" = i64, Path)),
    responses((status = 201, body = MessageBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn reply(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let number = super::case_number(&number)?;
    let words = body.fields.text("text", text(TEXT_CHARS));
    let key = body.key(&auth);
    body.finish()?;
    let act = Reply { caller: auth.caller(), number, text: words.unwrap_or_default(), seen: None };
    write(&desk, key, act, |(message, _): (Message, _)| {
        rendered(StatusCode::CREATED, None, &MessageBody::from(message))
    })
    .await
}

/// Read the internal notes, oldest first
#[utoipa::path(get, path = "/v1/cases/{number}/comments", tag = "messages", params(("number" = i64, Path),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<CommentBody>), (status = 404, body = Problem)))]
pub async fn list_comments(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut query: Query,
) -> Result<Response, Problem> {
    let page = Page::read(&mut query, &format!("comments {number}"));
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(CommentId), page.fetch());
    let rows = of_case(&desk, ws, &number, move |tx, case| {
        Box::pin(async move { messages::comments(tx, ws, case, after, fetch).await })
    });
    Ok(show(&page.finish(rows.await?, |c: &Comment| vec![Some(c.id.0)], CommentBody::from)))
}

/// Add an internal note
///
/// Never seen by the customer; does not move the inactivity clock.
#[utoipa::path(post, path = "/v1/cases/{number}/comments", tag = "messages", request_body = NewText,
    params(("number" = i64, Path)),
    responses((status = 201, body = CommentBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn comment(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let number = super::case_number(&number)?;
    let words = body.fields.text("text", text(TEXT_CHARS));
    let key = body.key(&auth);
    body.finish()?;
    let act = AddComment { caller: auth.caller(), number, text: words.unwrap_or_default() };
    write(&desk, key, act, |comment: Comment| rendered(StatusCode::CREATED, None, &CommentBody::from(comment))).await
}

/// Read the activity feed, oldest first
#[utoipa::path(get, path = "/v1/cases/{number}/activity", tag = "cases", params(("number" = i64, Path),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<ActivityBody>), (status = 404, body = Problem)))]
pub async fn activity(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut query: Query,
) -> Result<Response, Problem> {
    let page = Page::read(&mut query, &format!("activity {number}"));
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(ActivityId), page.fetch());
    let rows = of_case(&desk, ws, &number, move |tx, case| {
        Box::pin(async move { feed::list(tx, ws, case, after, fetch).await })
    });
    Ok(show(&page.finish(rows.await?, |e: &feed::FeedEntry| vec![Some(e.id.0)], ActivityBody::from)))
}
