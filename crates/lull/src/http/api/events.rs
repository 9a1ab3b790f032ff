//! `/v1/events`: what happens at the desk, as server-sent events.

use super::super::problem::Problem;
use super::super::request::{self, Auth, Query};
use crate::acts::Invalid;
use crate::desk::Desk;
use crate::events::{self, EventBody, Listener, Refused, Style, Who};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::EventId;
use futures_util::stream;
use std::convert::Infallible;

const LAST_EVENT_ID: &str = "last-event-id";
/// Seconds after which somebody who found no place may ask again.
const COME_AGAIN: u16 = 5;

/// Listen to what happens
///
/// The stream does not end by itself. It names each event (`event`), where the listener is then (`id`), and what it is about
/// (`data`); it begins at this moment, or after the event in `Last-Event-ID`. `event: reset` says that events were missed
/// which are not kept any more (they are kept for seven days): fetch anew what you follow.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream", body = EventBody), (status = 422, body = Problem),
    (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn listen(State(desk): State<Desk>, _: Auth, headers: HeaderMap, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let secret = request::token(&headers).ok_or_else(Problem::unauthenticated)?;
    stream(&desk, Who::Token(secret.to_owned()), Style::Named, &headers).await
}

/// Answers with a stream from this moment on, or from where the listener was.
pub async fn stream(desk: &Desk, who: Who, style: Style, headers: &HeaderMap) -> Result<Response, Problem> {
    let after = last_event_id(headers)?;
    match events::listen(desk, who, style, after).await {
        Ok(Some(listener)) => Ok(respond(listener)),
        Ok(None) => Err(Problem::unauthenticated()),
        Err(Refused::Fault(fault)) => Err(fault.into()),
        Err(Refused::Workspace) => {
            let detail = "as many listen to this workspace as can at this node: close a stream, or ask for the lists";
            Ok(later(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail)))
        }
        Err(Refused::Node) => {
            let detail = "this node takes no more listeners: try another one, or later";
            Ok(later(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)))
        }
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<EventId>, Problem> {
    let Some(given) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(None) };
    let known = given.to_str().ok().and_then(EventId::parse);
    let message = "this is no id of an event: send the last `id` of the stream, or leave it out to begin now";
    known.map(Some).ok_or_else(|| Problem::invalid(vec![Invalid::new("Last-Event-ID", "invalid_cursor", message)]))
}

fn respond(listener: Listener) -> Response {
    let words = stream::unfold(listener, |mut listener| async move {
        let said = listener.next().await?;
        Some((Ok::<_, Infallible>(said), listener))
    });
    let mut response = Response::new(Body::from_stream(words));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that collects answers before it passes them on would keep events for itself.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn later(problem: Problem) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(COME_AGAIN));
    response
}
