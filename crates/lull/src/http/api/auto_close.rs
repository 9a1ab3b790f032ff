//! `/v1/auto-close/runs`: the log of sweeps that closed something.

use super::super::answer::{read, show};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Query, Segment};
use super::super::shapes::RunBody;
use crate::desk::Desk;
use axum::extract::State;
use axum::response::Response;
use domain::id::RunId;
use store::runs::{self, Run};

/// List runs, newest first
#[utoipa::path(get, path = "/v1/auto-close/runs", tag = "auto close", params(("limit" = Option<i64>, Query),
    ("cursor" = Option<String>, Query)), responses((status = 200, body = Listing<RunBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "runs");
    query.finish()?;
    let (ws, before, fetch) = (auth.workspace, page.after_id().map(RunId), page.fetch());
    let rows = read(&desk, move |tx| Box::pin(async move { runs::list(tx, ws, before, fetch).await })).await?;
    Ok(show(&page.finish(rows, |r: &Run| vec![Some(r.id.0)], RunBody::from)))
}

/// Read a run
#[utoipa::path(get, path = "/v1/auto-close/runs/{id}", tag = "auto close", params(("id" = String, Path)),
    responses((status = 200, body = RunBody), (status = 404, body = Problem)))]
pub async fn show_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let (ws, id) = (auth.workspace, RunId::parse(&id).ok_or_else(Problem::not_found)?);
    let run = read(&desk, move |tx| Box::pin(async move { runs::get(tx, ws, id).await })).await?;
    Ok(show(&RunBody::from(run.ok_or_else(Problem::not_found)?)))
}
