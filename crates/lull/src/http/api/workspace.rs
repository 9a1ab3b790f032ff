//! `/v1/workspace`: name, time zone, plan.

use super::super::answer::{read, rendered, show, write};
use super::super::fields::{short, word};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query};
use super::super::shapes::WorkspaceBody;
use crate::acts::workspaces::ChangeWorkspace;
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::message::NAME_CHARS;
use domain::permission::Permission;
use domain::time::TimeZoneName;
use store::workspaces::{self, Workspace};
use utoipa::ToSchema;

/// Read the workspace
#[utoipa::path(get, path = "/v1/workspace", tag = "workspace", responses((status = 200, body = WorkspaceBody)))]
pub async fn show_it(State(desk): State<Desk>, auth: Auth, query: Query) -> Result<Response, Problem> {
    query.finish()?;
    let ws = auth.workspace;
    let workspace = read(&desk, move |tx| Box::pin(async move { workspaces::get(tx, ws).await })).await?;
    Ok(show(&WorkspaceBody::from(workspace)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct WorkspaceChanges {
    name: Option<String>,
    time_zone: Option<String>,
    plan: Option<String>,
}

fn time_zone(text: &str) -> Result<String, (&'static str, String)> {
    let zone = TimeZoneName::parse(text)
        .ok_or_else(|| ("unknown_value", "this must be an IANA time zone such as Europe/Berlin".to_owned()))?;
    Ok(zone.as_str().to_owned())
}

/// Change the workspace (owners only)
#[utoipa::path(patch, path = "/v1/workspace", tag = "workspace", request_body = WorkspaceChanges,
    responses((status = 200, body = WorkspaceBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn change(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::ManageWorkspace)?;
    let f = &mut body.fields;
    let name = f.unless_null("name", short(NAME_CHARS));
    let time_zone = f.unless_null("time_zone", time_zone);
    let plan = f.unless_null("plan", word);
    let key = body.key(&auth);
    body.finish()?;
    let act = ChangeWorkspace { caller: auth.caller(), name, time_zone, plan };
    let render = |w: Workspace| rendered(StatusCode::OK, None, &WorkspaceBody::from(w));
    let answer = write(&desk, key, act, render).await;
    desk.rights_changed();
    answer
}
