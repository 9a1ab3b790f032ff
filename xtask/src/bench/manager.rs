//! What a care manager asks of a desk of many cases: what settings would do before they are saved (X7), and a run of auto
//! close taken back (X8).

use super::Bench;
use super::databases::Database;
use super::figures::{median, rate};
use super::opened::Opened;
use super::report::{Goal, Report, Unit, count};
use super::seed;
use anyhow::{Context, Result, ensure};
use domain::id::{QueueId, RunId, WorkspaceId};
use domain::policy::{Overrides, Threshold};
use lull::acts::Caller;
use lull::acts::undo_run::{UndoNext, UndoRun};
use lull::clock::Stopwatch;
use lull::desk::Desk;
use lull::engine::tasks::auto_close;
use lull::preview::{Draft, Sample, preview};
use store::{policies, runs, workspaces};

/// Previews of one desk; the first fills the caches.
const PREVIEWS: usize = 6;
const WHOLE_WORKSPACE: QueueId = QueueId(0);

/// The database is used up.
pub fn run(bench: &Bench, report: &mut Report, many: &Database) -> Result<()> {
    let due = bench.amounts.cases / seed::DUE;
    report.heading(format!("What a manager asks, of {} open cases", count(bench.amounts.cases)));
    let opened = Opened::new(&many.url())?;
    let desk = opened.desk.clone();
    let took = opened.run(async move { previews(&desk, due).await })?;
    report.figure(format!("a preview that finds {} due", count(due)), median(&took[1..]), Unit::Millis, Goal::None);
    drop(opened);
    match many {
        Database::Sqlite(file) => seed::make_due(file)?,
        Database::Postgres(database) => seed::make_due_now(database)?,
    }
    let opened = Opened::new(&many.url())?;
    let desk = opened.desk.clone();
    let (first, whole) = opened.run(async move { undo(&desk, due).await })?;
    report.figure("undoing a run: the answer, with the first cases back", first, Unit::Millis, Goal::None);
    report.figure(format!("undoing a run of {} cases, to its end", count(due)), whole, Unit::PerSecond, Goal::None);
    Ok(())
}

async fn previews(desk: &Desk, due: usize) -> Result<Vec<f64>> {
    let ws = workspace(desk).await?;
    let saved = desk.db.read(move |tx| Box::pin(async move { policies::all(tx, ws).await })).await?;
    let saved = saved.iter().find(|row| row.queue == WHOLE_WORKSPACE).context("a policy")?.settings;
    let threshold = Threshold::from_minutes(seed::THRESHOLD).ok();
    let mut took = Vec::new();
    for _ in 0..PREVIEWS {
        let draft = Draft { queue: WHOLE_WORKSPACE, settings: Some(Overrides { threshold, ..saved }) };
        let watch = Stopwatch::start();
        let seen = preview(desk, ws, draft, Sample { after: None, limit: 20 }).await?.context("a preview")?;
        took.push(watch.elapsed().as_secs_f64() * 1e3);
        ensure!(seen.would_close() == due as i64, "the preview finds {} due, not {due}", seen.would_close());
    }
    Ok(took)
}

/// Milliseconds to the answer, and cases a second to the end.
async fn undo(desk: &Desk, due: usize) -> Result<(f64, f64)> {
    auto_close::run(desk).await?;
    let ws = workspace(desk).await?;
    let found = desk.db.read(move |tx| Box::pin(async move { runs::list(tx, ws, None, 1).await })).await?;
    let run: RunId = found.first().context("a run")?.id;
    let watch = Stopwatch::start();
    let asked = desk.db.write(UndoRun { caller: Caller::engine(ws), run }).await?;
    ensure!(asked.is_ok(), "the undo was refused");
    let first = watch.elapsed().as_secs_f64() * 1e3;
    while !desk.db.write(UndoNext { workspace: ws, run }).await? {}
    Ok((first, rate(due, watch.elapsed())))
}

async fn workspace(desk: &Desk) -> Result<WorkspaceId> {
    let all = desk.db.read(|tx| Box::pin(async move { workspaces::all(tx).await })).await?;
    Ok(all.first().context("a workspace")?.id)
}
