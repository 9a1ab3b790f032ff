//! `/v1/test-clock`: only while the desk goes by one.

use super::super::answer::{rendered, respond, show, write};
use super::super::fields::time;
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query};
use crate::acts::once::{Done, FirstAnswer};
use crate::desk::Desk;
use crate::engine::{self, Jump};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::permission::Permission;
use domain::time::Span;
use serde_json::json;
use utoipa::ToSchema;

/// A century.
const BY_MOST: i64 = 3_155_760_000;

fn now(desk: &Desk) -> Response {
    show(&json!({"now": desk.db.now().to_string()}))
}

/// Read the test clock
#[utoipa::path(get, path = "/v1/test-clock", tag = "test clock",
    responses((status = 200, description = "`{\"now\":\"…\"}`"), (status = 404, body = Problem)))]
pub async fn show_it(State(desk): State<Desk>, _auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    desk.test_clock.as_ref().ok_or_else(Problem::not_found)?;
    Ok(now(&desk))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct Advance {
    /// Either this …
    by_seconds: Option<i64>,
    /// … or this; never backwards.
    to: Option<String>,
}

/// Move the test clock
///
/// Runs every job that falls due on the way, each at its own moment, and answers when all are done.
#[utoipa::path(post, path = "/v1/test-clock/advance", tag = "test clock", request_body = Advance,
    responses((status = 200, description = "`{\"now\":\"…\"}`"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn advance(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    let clock = desk.test_clock.clone().ok_or_else(Problem::not_found)?;
    auth.require(Permission::WorkCases)?;
    let f = &mut body.fields;
    let by = f.nullable_integer("by_seconds", 0, BY_MOST).flatten();
    let to = f.optional("to", time);
    let before = desk.db.now();
    if by.is_some() && to.is_some() {
        f.fault("to", "duplicate", "give either by_seconds or to");
    }
    if to.is_some_and(|to| to < before) {
        f.fault("to", "out_of_range", "the clock only moves forwards");
    }
    if by.is_none() && to.is_none() {
        f.fault("by_seconds", "required", "give by_seconds or to");
    }
    let key = body.key(&auth);
    body.finish()?;
    if let Some(key) = key.clone()
        && let Some(first) = desk.db.write(FirstAnswer(key)).await?
    {
        return Ok(respond(first?));
    }
    let jump = to.map_or_else(|| Jump::By(Span::seconds(by.unwrap_or(0))), Jump::To);
    engine::jump(&desk, &clock, jump).await?;
    let now = desk.db.now();
    write(&desk, key, Done, move |()| rendered(StatusCode::OK, None, &json!({"now": now.to_string()}))).await
}
