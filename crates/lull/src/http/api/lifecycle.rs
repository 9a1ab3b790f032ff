//! The lifecycle settings: of the workspace, and the overrides of queues (A1–A3, R1, X1).

use super::super::answer::{no_content, read, rendered, show_version, write};
use super::super::fields::{Fields, word};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Conditions, Query, Segment};
use super::super::shapes::LifecycleBody;
use crate::acts::Refusal;
use crate::acts::change_policy::{ChangePolicy, PolicyView, view};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::case::Status;
use domain::id::QueueId;
use domain::permission::may_change_case_settings;
use domain::policy::{BadStatusSet, Overrides, StatusSet, Threshold, Window};
use serde_json::{Value, json};
use store::policies::WORKSPACE;
use store::queues;
use utoipa::ToSchema;

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct LifecycleDocument {
    auto_close: AutoCloseDocument,
    auto_reopen: AutoReopenDocument,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct AutoCloseDocument {
    enabled: bool,
    /// 60 (1 hour) to 30 240 (21 days).
    #[schema(minimum = 60, maximum = 30240)]
    threshold_minutes: i64,
    /// One or more of `open`, `in_progress`, `on_hold`.
    statuses: Vec<String>,
    /// Only `false` in this version.
    skip_when_customer_waits: Option<bool>,
    /// Only empty in this version.
    exempt_tags: Option<Vec<String>>,
    /// Only null in this version, as the next two.
    #[schema(value_type = Option<Object>)]
    warning: Option<Value>,
    #[schema(value_type = Option<Object>)]
    closing_message: Option<Value>,
    #[schema(value_type = Option<Object>)]
    business_hours: Option<Value>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct AutoReopenDocument {
    enabled: bool,
    /// 60 (1 hour) to 129 600 (90 days).
    #[schema(minimum = 60, maximum = 129600)]
    window_minutes: i64,
}

/// The workspace says everything; a queue may leave anything empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Workspace,
    Queue,
}

fn statuses(fields: &mut Fields) -> Option<StatusSet> {
    let words = fields.list("statuses", 10, word::<Status>)?;
    match StatusSet::new(words) {
        Ok(set) => return Some(set),
        Err(BadStatusSet::Empty) => fields.fault("statuses", "required", "choose at least one status"),
        Err(BadStatusSet::Closed) => {
            fields.fault(
                "statuses",
                "unknown_value",
                "this must be of: open, in_progress, on_hold; a closed case cannot close",
            );
        }
        Err(BadStatusSet::Duplicate(status)) => {
            fields.fault("statuses", "duplicate", format!("{status} stands twice"));
        }
    }
    None
}

/// Faults a missing field where everything must be said.
fn demand(fields: &Fields, scope: Scope, field: &str, given: bool) {
    if scope == Scope::Workspace && !given {
        fields.fault(field, "required", "this field is required");
    }
}

pub(super) fn read_document(fields: &mut Fields, scope: Scope) -> Overrides {
    let mut settings = Overrides::default();
    if let Some(mut close) = section(fields, scope, "auto_close") {
        settings.enabled = switch(&mut close, scope);
        let minutes = number(&mut close, scope, "threshold_minutes", (Threshold::LEAST, Threshold::MOST));
        settings.threshold = minutes.and_then(|m| Threshold::from_minutes(m).ok());
        demand(&close, scope, "statuses", close.has("statuses"));
        settings.statuses = statuses(&mut close);
        close.only("skip_when_customer_waits", &json!(false));
        close.only("exempt_tags", &json!([]));
        for field in ["warning", "closing_message", "business_hours"] {
            close.only(field, &Value::Null);
        }
        close.close();
    }
    if let Some(mut reopen) = section(fields, scope, "auto_reopen") {
        settings.reopen_enabled = switch(&mut reopen, scope);
        let minutes = number(&mut reopen, scope, "window_minutes", (Window::LEAST, Window::MOST));
        settings.window = minutes.and_then(|m| Window::from_minutes(m).ok());
        reopen.close();
    }
    settings
}

fn section(fields: &mut Fields, scope: Scope, name: &str) -> Option<Fields> {
    match scope {
        Scope::Workspace => fields.required_object(name),
        Scope::Queue => fields.object(name),
    }
}

fn switch(fields: &mut Fields, scope: Scope) -> Option<bool> {
    match scope {
        Scope::Workspace => fields.required_boolean("enabled"),
        Scope::Queue => fields.boolean("enabled"),
    }
}

fn number(fields: &mut Fields, scope: Scope, field: &str, (least, most): (u32, u32)) -> Option<i64> {
    match scope {
        Scope::Workspace => fields.integer(field, least.into(), most.into()),
        Scope::Queue => fields.nullable_integer(field, least.into(), most.into()).flatten(),
    }
}

pub(super) fn allowed(auth: &Auth) -> Result<(), Problem> {
    may_change_case_settings(auth.role, auth.plan).map_err(|denied| Refusal::Denied(denied).into())
}

/// Read the workspace's lifecycle settings
#[utoipa::path(get, path = "/v1/settings/lifecycle", tag = "settings", responses((status = 200, body = LifecycleBody)))]
pub async fn show_workspace(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let ws = auth.workspace;
    let view = read(&desk, move |tx| Box::pin(async move { view(tx, ws, WORKSPACE).await })).await?;
    let body = LifecycleBody::workspace(&view);
    Ok(show_version(version(&view), &body))
}

fn version(view: &PolicyView) -> i64 {
    view.stored.as_ref().map_or(0, |row| row.version)
}

/// Replace the workspace's lifecycle settings
///
/// Needs the permission `manage_case_settings` and the plan `advanced` or `enterprise`.
#[utoipa::path(put, path = "/v1/settings/lifecycle", tag = "settings", request_body = LifecycleDocument,
    responses((status = 200, body = LifecycleBody), (status = 403, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_workspace(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    allowed(&auth)?;
    let settings = read_document(&mut body.fields, Scope::Workspace);
    let (key, if_version) = (body.key(&auth), body.conditions.if_match);
    body.finish()?;
    let act = ChangePolicy { caller: auth.caller(), queue: WORKSPACE, settings: Some(settings), if_version };
    write(&desk, key, act, |view: PolicyView| {
        rendered(StatusCode::OK, Some(version(&view)), &LifecycleBody::workspace(&view))
    })
    .await
}

fn queue_id(segment: &str) -> Result<QueueId, Problem> {
    // The workspace's own settings stand under no queue's id.
    QueueId::parse(segment).filter(|queue| *queue != WORKSPACE).ok_or_else(Problem::not_found)
}

/// Read a queue's overrides; null inherits from the workspace
#[utoipa::path(get, path = "/v1/queues/{id}/lifecycle", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, body = LifecycleBody), (status = 404, body = Problem)))]
pub async fn show_queue(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(queue): Segment,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let (ws, queue) = (auth.workspace, queue_id(&queue)?);
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            match queues::get(tx, ws, queue).await? {
                Some(_) => view(tx, ws, queue).await.map(Some),
                None => Ok(None),
            }
        })
    });
    let view = found.await?.ok_or_else(Problem::not_found)?;
    let body = LifecycleBody::queue(&view);
    Ok(show_version(version(&view), &body))
}

/// Replace a queue's overrides
#[utoipa::path(put, path = "/v1/queues/{id}/lifecycle", tag = "settings", request_body = LifecycleDocument,
    params(("id" = String, Path)),
    responses((status = 200, body = LifecycleBody), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn put_queue(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(queue): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    allowed(&auth)?;
    let queue = queue_id(&queue)?;
    // No overrides at all would be accepted, and undo them all.
    body.required()?;
    let settings = read_document(&mut body.fields, Scope::Queue);
    let (key, if_version) = (body.key(&auth), body.conditions.if_match);
    body.finish()?;
    let act = ChangePolicy { caller: auth.caller(), queue, settings: Some(settings), if_version };
    write(&desk, key, act, |view: PolicyView| {
        rendered(StatusCode::OK, Some(version(&view)), &LifecycleBody::queue(&view))
    })
    .await
}

/// Drop a queue's overrides
#[utoipa::path(delete, path = "/v1/queues/{id}/lifecycle", tag = "settings", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)))]
pub async fn delete_queue(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(queue): Segment,
    conditions: Conditions,
) -> Result<Response, Problem> {
    allowed(&auth)?;
    let queue = queue_id(&queue)?;
    let if_version = conditions.if_match;
    desk.db.write(ChangePolicy { caller: auth.caller(), queue, settings: None, if_version }).await??;
    Ok(no_content())
}
