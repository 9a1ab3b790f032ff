//! For who runs the desk: liveness, readiness, metrics.

use crate::clock::Stopwatch;
use crate::desk::Desk;
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Is the process alive?
#[utoipa::path(get, path = "/livez", tag = "operations", security(()), responses((status = 200, description = "Alive")))]
pub async fn livez() -> &'static str {
    "ok\n"
}

/// Can it store and serve?
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "Ready"), (status = 503, description = "Why not")))]
pub async fn readyz(State(desk): State<Desk>) -> Response {
    let reads = desk.db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await.map(|_| ()) })).await;
    if desk.db.health().problem().is_some() {
        // It may be over: nobody should be told "not ready" by an old failure.
        let _ = crate::engine::tasks::revive::run(&desk).await;
    }
    let writes = desk.db.health().problem();
    let failing = desk.engine.failing();
    let ready = reads.is_ok() && writes.is_none();
    let body = json!({
        "status": if ready { "ready" } else { "not ready" },
        "reads": reads.map_or_else(|fault| fault.to_string(), |()| "ok".to_owned()),
        "writes": writes.unwrap_or_else(|| "ok".to_owned()),
        "failing_tasks": failing,
    });
    if ready {
        return Json(body).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], Json(body)).into_response()
}

/// Prometheus metrics
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
pub async fn metrics(State(desk): State<Desk>) -> Response {
    desk.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], desk.metrics.render()).into_response()
}

/// A label from a fixed set: a method can be any word a stranger sends (T4).
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Counts and times every request by route, never by address: addresses hold ids.
pub async fn measure(request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("lull_http_requests_total", "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("lull_http_request_seconds", "route" => route).record(watch.elapsed().as_secs_f64());
    response
}
