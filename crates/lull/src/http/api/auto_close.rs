//! `/v1/auto-close/runs`: the log of sweeps that closed something, or could not, and their undoing (X8).

use super::super::answer::{read, rendered, show, write};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::{RunBody, RunDetailsBody, RunRuleBody};
use crate::acts::undo_run::UndoRun;
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{CaseId, RunId, WorkspaceId};
use domain::permission::Permission;
use store::runs::{self, ClosedCase, Run};
use store::undo::{self, Undo};
use store::{Fault, Tx};

/// Failures shown with a run.
const FAILURES: i64 = 100;

/// Runs with their undoings, newest first.
pub async fn with_undos(tx: &mut Tx, ws: WorkspaceId, found: Vec<Run>) -> Result<Vec<(Run, Option<Undo>)>, Fault> {
    let ids = serde_json::json!(found.iter().map(|run| run.id.0).collect::<Vec<_>>()).to_string();
    let undos = undo::of_runs(tx, ws, &ids).await?;
    let of = |run: &Run| undos.iter().find(|undo| undo.run == run.id).cloned();
    Ok(found.into_iter().map(|run| (run.clone(), of(&run))).collect())
}

/// List runs, newest first
#[utoipa::path(get, path = "/v1/auto-close/runs", tag = "auto close", params(("limit" = Option<i64>, Query),
    ("cursor" = Option<String>, Query)), responses((status = 200, body = Listing<RunBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "runs");
    query.finish()?;
    let (ws, before, fetch) = (auth.workspace, page.after_id().map(RunId), page.fetch());
    let rows = read(&desk, move |tx| {
        Box::pin(async move {
            let found = runs::list(tx, ws, before, fetch).await?;
            with_undos(tx, ws, found).await
        })
    });
    let show_row = |(run, undo): (Run, Option<Undo>)| RunBody::new(&run, undo.as_ref());
    Ok(show(&page.finish(rows.await?, |(run, _)| vec![Some(run.id.0)], show_row)))
}

fn run_id(segment: &str) -> Result<RunId, Problem> {
    RunId::parse(segment).ok_or_else(Problem::not_found)
}

/// Read a run with the policies it followed and the cases it closed
#[utoipa::path(get, path = "/v1/auto-close/runs/{id}", tag = "auto close", params(("id" = String, Path),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = RunDetailsBody), (status = 404, body = Problem)))]
pub async fn show_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    mut query: Query,
) -> Result<Response, Problem> {
    let page = Page::read(&mut query, &format!("run {id}"));
    query.finish()?;
    let (ws, id, fetch) = (auth.workspace, run_id(&id)?, page.fetch());
    let after = CaseId(page.after_id().unwrap_or(0));
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let Some(run) = runs::get(tx, ws, id).await? else { return Ok(None) };
            let undo = undo::get(tx, ws, id).await?;
            let rules = runs::rules(tx, ws, id).await?;
            let failures = runs::failures(tx, ws, id, FAILURES).await?;
            let cases = runs::cases(tx, ws, id, after, fetch).await?;
            Ok(Some((run, undo, rules, failures, cases)))
        })
    });
    let (run, undo, rules, failures, cases) = found.await?.ok_or_else(Problem::not_found)?;
    let rule = |(queue, threshold_minutes, closed): (domain::id::QueueId, Option<i64>, i64)| RunRuleBody {
        queue: queue.to_string(),
        threshold_minutes,
        closed,
    };
    Ok(show(&RunDetailsBody {
        run: RunBody::new(&run, undo.as_ref()),
        rules: rules.into_iter().map(rule).collect(),
        failures: failures.into_iter().map(Into::into).collect(),
        cases: page.finish(cases, |case: &ClosedCase| vec![Some(case.case.0)], Into::into),
    }))
}

/// Undo a run
///
/// Brings back what the run closed and nobody touched since; each case says what became of it. The answer is 200 when
/// all cases were looked at, and 202 while the engine goes on with a large run: read the run to see how far it is. Asking
/// again changes nothing.
#[utoipa::path(post, path = "/v1/auto-close/runs/{id}/undo", tag = "auto close", params(("id" = String, Path)),
    responses((status = 200, body = RunBody), (status = 202, body = RunBody), (status = 403, body = Problem),
    (status = 404, body = Problem)))]
pub async fn undo_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageCaseSettings)?;
    let run = run_id(&id)?;
    let key = body.key(&auth);
    body.finish()?;
    let act = UndoRun { caller: auth.caller(), run };
    write(&desk, key, act, |(run, undo): (Run, Undo)| {
        let status = if undo.finished_at.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
        rendered(status, None, &RunBody::new(&run, Some(&undo)))
    })
    .await
}
