//! `/v1/notifications`: the caller's own, and what they want to be told of.

use super::super::answer::{read, rendered, show, write};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::{NotificationBody, WishesBody};
use crate::acts::notice_settings::{ChangeWishes, MarkRead, MarkSeen, Seen, Wishes, wishes};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{AgentId, NotificationId};
use domain::notice::{Notice, Wanted};
use serde_json::json;
use store::notifications::{self, Notification};
use utoipa::ToSchema;

/// Unread notifications are counted up to here.
const COUNTED: i64 = 1_000;

/// Whose notifications they are. A token that acts as nobody has none.
fn me(auth: &Auth) -> Result<AgentId, Problem> {
    auth.agent.as_ref().map(|(id, _)| *id).ok_or_else(Problem::not_found)
}

/// List one's notifications, newest first
#[utoipa::path(get, path = "/v1/notifications", tag = "notifications", params(("limit" = Option<i64>, Query),
    ("cursor" = Option<String>, Query), ("unread" = Option<bool>, Query, description = "`true`: only unread ones")),
    responses((status = 200, body = Listing<NotificationBody>), (status = 422, body = Problem)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "notifications");
    let unread = query.read("unread", |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(("wrong_type", "this must be true or false".to_owned())),
    });
    query.finish()?;
    let me = auth.agent.as_ref().map_or(AgentId(0), |a| a.0);
    let (ws, before, fetch) = (auth.workspace, page.after_id().map(NotificationId), page.fetch());
    let rows = read(&desk, move |tx| {
        Box::pin(async move {
            match unread {
                Some(true) => notifications::list_unread(tx, ws, me, before, fetch).await,
                _ => notifications::list(tx, ws, me, before, fetch).await,
            }
        })
    });
    Ok(show(&page.finish(rows.await?, |n: &Notification| vec![Some(n.id.0)], NotificationBody::from)))
}

/// Count one's unread notifications, up to 1,000
#[utoipa::path(get, path = "/v1/notifications/count", tag = "notifications",
    responses((status = 200, description = "`{\"unread\":3}`")))]
pub async fn count(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let me = auth.agent.as_ref().map_or(AgentId(0), |a| a.0);
    let ws = auth.workspace;
    let unread =
        read(&desk, move |tx| Box::pin(async move { notifications::count_unread(tx, ws, me, COUNTED).await })).await?;
    Ok(show(&json!({"unread": unread})))
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
    let agent = me(&auth)?;
    let key = body.key(&auth);
    body.finish()?;
    let act = MarkRead { workspace: auth.workspace, agent, id };
    write(&desk, key, act, |n: Notification| rendered(StatusCode::OK, None, &NotificationBody::from(n))).await
}

/// Mark all of one's notifications as read
#[utoipa::path(post, path = "/v1/notifications/read", tag = "notifications",
    responses((status = 200, description = "`{\"read\":3}`: how many there were"), (status = 404, body = Problem)))]
pub async fn mark_all_read(State(desk): State<Desk>, auth: Auth, body: Body) -> Result<Response, Problem> {
    let agent = me(&auth)?;
    let key = body.key(&auth);
    body.finish()?;
    let act = MarkSeen { workspace: auth.workspace, agent, seen: Seen::UpTo(NotificationId(i64::MAX)) };
    write(&desk, key, act, |read: u64| rendered(StatusCode::OK, None, &json!({"read": read}))).await
}

/// Show what one wants to be told of, and where
#[utoipa::path(get, path = "/v1/notifications/preferences", tag = "notifications",
    responses((status = 200, body = WishesBody), (status = 404, body = Problem)))]
pub async fn preferences(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let (ws, me) = (auth.workspace, me(&auth)?);
    let wishes = read(&desk, move |tx| Box::pin(async move { wishes(tx, ws, me).await })).await?;
    Ok(show(&WishesBody::from(wishes)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewWish {
    in_page: bool,
    email: bool,
}

/// Every kind is optional: one that is not named stays as it is.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewWishes {
    case_created: Option<NewWish>,
    case_assigned: Option<NewWish>,
    case_reopened: Option<NewWish>,
    message_received: Option<NewWish>,
    mentioned: Option<NewWish>,
    case_closed: Option<NewWish>,
}

/// Say what one wants to be told of, and where
#[utoipa::path(put, path = "/v1/notifications/preferences", tag = "notifications", request_body = NewWishes,
    responses((status = 200, body = WishesBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn put_preferences(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    me(&auth)?;
    let mut wishes = Vec::new();
    for notice in Notice::ALL {
        let Some(mut fields) = body.fields.object(notice.as_str()) else { continue };
        let (in_page, email) = (fields.required_boolean("in_page"), fields.required_boolean("email"));
        fields.close();
        if let (Some(in_page), Some(email)) = (in_page, email) {
            wishes.push((*notice, Wanted { in_page, email }));
        }
    }
    let key = body.key(&auth);
    body.finish()?;
    let act = ChangeWishes { caller: auth.caller(), wishes };
    write(&desk, key, act, |w: Wishes| rendered(StatusCode::OK, None, &WishesBody::from(w))).await
}
