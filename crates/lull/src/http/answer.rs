//! Running acts for requests, and turning their answers into responses.

use super::problem::Problem;
use crate::acts::Refusal;
use crate::acts::once::{Key, Once, Rendered};
use crate::desk::Desk;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::{BoxFuture, Command, Fault, Tx};

/// A JSON answer, with the version of what it shows if that has one.
pub fn rendered(status: StatusCode, etag: Option<i64>, body: &impl Serialize) -> Rendered {
    // Our own shapes have no maps with odd keys, so they always serialise.
    let body = serde_json::to_string(body).unwrap_or_default();
    Rendered { status: status.as_u16(), etag, body }
}

pub fn respond(rendered: Rendered) -> Response {
    let mut response = Response::new(Body::from(rendered.body));
    *response.status_mut() = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(version) = rendered.etag
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\""))
    {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// A JSON answer to a read.
pub fn show(body: &impl Serialize) -> Response {
    respond(rendered(StatusCode::OK, None, body))
}

/// A JSON answer to a read of something with a version.
pub fn show_version(version: i64, body: &impl Serialize) -> Response {
    respond(rendered(StatusCode::OK, Some(version), body))
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Runs an act, once for each idempotency key, and answers as `render` says.
pub async fn write<C, T, R>(desk: &Desk, key: Option<Key>, act: C, render: R) -> Result<Response, Problem>
where
    C: Command<Output = Result<T, Refusal>>,
    T: Send + 'static,
    R: Fn(T) -> Rendered + Send + Sync + 'static,
{
    let rendered = desk.db.write(Once { act, key, render, redact: None }).await??;
    Ok(respond(rendered))
}

/// Reads from one snapshot.
pub async fn read<T, F>(desk: &Desk, query: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
{
    Ok(desk.db.read(query).await?)
}
