//! `/v1/notifications`: the caller's own.

use super::super::answer::{read, rendered, show, write};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::NotificationBody;
use crate::acts::{Answer, Refusal};
use crate::desk::Desk;
use crate::refuse;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{AgentId, NotificationId, WorkspaceId};
use store::notifications::{self, Notification};
use store::{Command, Tx};

/// List one's notifications, newest first
#[utoipa::path(get, path = "/v1/notifications", tag = "notifications", params(("limit" = Option<i64>, Query),
    ("cursor" = Option<String>, Query)), responses((status = 200, body = Listing<NotificationBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "notifications");
    query.finish()?;
    // A token that acts as nobody has no notifications.
    let me = auth.agent.as_ref().map_or(AgentId(0), |a| a.0);
    let (ws, before, fetch) = (auth.workspace, page.after_id().map(NotificationId), page.fetch());
    let rows =
        read(&desk, move |tx| Box::pin(async move { notifications::list(tx, ws, me, before, fetch).await })).await?;
    Ok(show(&page.finish(rows, |n: &Notification| vec![Some(n.id.0)], NotificationBody::from)))
}

struct MarkRead {
    workspace: WorkspaceId,
    agent: AgentId,
    id: NotificationId,
}

impl Command for MarkRead {
    type Output = Result<Notification, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Notification> {
        match notifications::mark_read(tx, self.workspace, self.agent, self.id).await? {
            Some(notification) => Ok(Ok(notification)),
            None => refuse!(Refusal::NotFound),
        }
    }
}

/// Mark a notification as read
#[utoipa::path(post, path = "/v1/notifications/{id}/read", tag = "notifications", params(("id" = String, Path)),
    responses((status = 200, body = NotificationBody), (status = 404, body = Problem)))]
pub async fn mark_read(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, Problem> {
    let id = NotificationId::parse(&id).ok_or_else(Problem::not_found)?;
    let agent = auth.agent.as_ref().ok_or_else(Problem::not_found)?.0;
    let key = body.key(&auth);
    body.finish()?;
    let act = MarkRead { workspace: auth.workspace, agent, id };
    write(&desk, key, act, |n: Notification| rendered(StatusCode::OK, None, &NotificationBody::from(n))).await
}
