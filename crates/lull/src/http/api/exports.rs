//! `/v1/exports/…`: cases, closures and messages as CSV or JSON Lines, of any length.

use super::super::fields::{time, word};
use super::super::problem::Problem;
use super::super::request::{Auth, Query};
use crate::desk::Desk;
use crate::exports::{self, Export, Filter, Format, Wanted, What};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use domain::permission::Permission;
use futures_util::stream;
use store::Fault;

/// The format that `Accept` names first, if it is one of an export.
pub fn accepted(headers: &HeaderMap) -> Option<Format> {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let first = accept.split(',').next().unwrap_or("").split(';').next().unwrap_or("").trim();
    match first {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" | "application/jsonl" | "application/json-lines" => Some(Format::JsonLines),
        _ => None,
    }
}

/// Reads what an address says of the format.
pub fn format(text: &str) -> Result<Format, (&'static str, String)> {
    text.parse().map_err(|message| ("unknown_value", message))
}

/// The end of time lies after its beginning.
pub fn check_times(query: &mut Query, filter: &Filter) {
    if let (Some(from), Some(to)) = (filter.from, filter.to)
        && from > to
    {
        query.fault("from", "out_of_range", "this must not be after `to`");
    }
}

/// Answers with an export that was begun. Its first piece is read before anything is said, so that what cannot be read at all
/// is a problem and not a file that breaks off; what fails later breaks the connection, which no client takes for the end.
pub async fn respond(mut export: Export) -> Result<Response, Fault> {
    let (name, format) = (export.wanted().what.as_str(), export.wanted().format);
    let first = export.next().await?.unwrap_or_default();
    let pieces = stream::try_unfold((Some(first), export), |(first, mut export)| async move {
        let piece = match first {
            Some(first) => Some(first),
            None => export.next().await.inspect_err(|fault| tracing::error!(%fault, "an export broke off"))?,
        };
        Ok::<_, Fault>(piece.map(|piece| (piece, (None, export))))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{}\"", format.as_str())) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn answer(
    desk: &Desk,
    auth: &Auth,
    headers: &HeaderMap,
    mut query: Query,
    what: What,
    filter: Filter,
) -> Result<Response, Problem> {
    let format = query.read("format", format).or_else(|| accepted(headers)).unwrap_or(Format::JsonLines);
    check_times(&mut query, &filter);
    query.finish()?;
    let export = exports::begin(&desk.db, &auth.caller(), Wanted { what, format, filter }).await??;
    Ok(respond(export).await?)
}

/// What every export is asked: the time, and where.
fn common(query: &mut Query) -> Filter {
    Filter {
        from: query.read("from", time),
        to: query.read("to", time),
        channel: query.read("channel", super::channel),
        ..Filter::default()
    }
}

/// Export cases, in the order of their creation
///
/// CSV with `Accept: text/csv` or `format=csv`, otherwise JSON Lines. `from` and `to` mean the creation. The answer has no end
/// known beforehand; one that breaks off is not complete. In CSV a text that a spreadsheet would take for a formula begins
/// with an apostrophe.
#[utoipa::path(get, path = "/v1/exports/cases", tag = "exports", params(("format" = Option<String>, Query, description = "`csv` or `jsonl`"),
    ("from" = Option<String>, Query), ("to" = Option<String>, Query, description = "Not included"),
    ("status" = Option<String>, Query), ("queue" = Option<String>, Query), ("channel" = Option<String>, Query),
    ("network" = Option<String>, Query), ("type" = Option<String>, Query), ("priority" = Option<String>, Query)),
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn cases(
    State(desk): State<Desk>,
    auth: Auth,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    auth.require(Permission::ExportData)?;
    let filter = Filter {
        status: query.read("status", word),
        queue: query.read("queue", super::queue),
        network: query.read("network", word),
        kind: query.read("type", word),
        priority: query.read("priority", word),
        ..common(&mut query)
    };
    answer(&desk, &auth, &headers, query, What::Cases, filter).await
}

/// Export closures, in their order
///
/// As `/v1/exports/cases`; `from` and `to` mean the moment of closing, `agent` who gets the credit. Queue, channel, type and
/// priority are those the case had when it closed.
#[utoipa::path(get, path = "/v1/exports/closures", tag = "exports", params(("format" = Option<String>, Query, description = "`csv` or `jsonl`"),
    ("from" = Option<String>, Query), ("to" = Option<String>, Query, description = "Not included"),
    ("closed_reason" = Option<String>, Query), ("agent" = Option<String>, Query), ("queue" = Option<String>, Query),
    ("channel" = Option<String>, Query), ("network" = Option<String>, Query), ("type" = Option<String>, Query),
    ("priority" = Option<String>, Query)),
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn closures(
    State(desk): State<Desk>,
    auth: Auth,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    auth.require(Permission::ExportData)?;
    let filter = Filter {
        reason: query.read("closed_reason", word),
        credited_agent: query.read("agent", super::agent),
        queue: query.read("queue", super::queue),
        network: query.read("network", word),
        kind: query.read("type", word),
        priority: query.read("priority", word),
        ..common(&mut query)
    };
    answer(&desk, &auth, &headers, query, What::Closures, filter).await
}

/// Export messages, conversation by conversation
///
/// As `/v1/exports/cases`; `from` and `to` mean the moment of receipt. Internal comments are not among them.
#[utoipa::path(get, path = "/v1/exports/messages", tag = "exports", params(("format" = Option<String>, Query, description = "`csv` or `jsonl`"),
    ("from" = Option<String>, Query), ("to" = Option<String>, Query, description = "Not included"),
    ("channel" = Option<String>, Query), ("direction" = Option<String>, Query)),
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn messages(
    State(desk): State<Desk>,
    auth: Auth,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    auth.require(Permission::ExportData)?;
    let filter = Filter { direction: query.read("direction", word), ..common(&mut query) };
    answer(&desk, &auth, &headers, query, What::Messages, filter).await
}
