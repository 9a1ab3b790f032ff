//! The log of sweeps that closed something, or could not.

use crate::{Fault, Row, Tx, params};
use domain::case::Status;
use domain::closure::Undone;
use domain::id::{AgentId, CaseId, QueueId, RunId, WorkspaceId};
use domain::time::{Span, Timestamp};

#[derive(Debug, Clone)]
pub struct Run {
    pub id: RunId,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub closed: i64,
    /// Looked at and left open, because something newer came first.
    pub skipped: i64,
    pub failed: i64,
}

fn read(row: &Row<'_>) -> Result<Run, Fault> {
    Ok(Run {
        id: row.get(0)?,
        started_at: row.get(1)?,
        finished_at: row.get(2)?,
        closed: row.get(3)?,
        skipped: row.get(4)?,
        failed: row.get(5)?,
    })
}

const COLUMNS: &str = "id, started_at, finished_at, closed, skipped, failed";

/// Adds a batch's counts to its run, starting the run's row with the first batch that has something to count.
pub async fn add(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: RunId,
    started_at: Timestamp,
    closed: i64,
    skipped: i64,
    failed: i64,
) -> Result<(), Fault> {
    let now = tx.now();
    tx.put(
        "insert into runs (workspace, id, started_at, finished_at, closed, skipped, failed) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (workspace, id) do update set finished_at = excluded.finished_at, closed = runs.closed + excluded.closed, \
         skipped = runs.skipped + excluded.skipped, failed = runs.failed + excluded.failed",
        params![ws, id, started_at, now, closed, skipped, failed],
    )
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: RunId) -> Result<Option<Run>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from runs where workspace = $1 and id = $2"), params![ws, id], read).await
}

/// Newest first.
pub async fn list(tx: &mut Tx, ws: WorkspaceId, before: Option<RunId>, limit: i64) -> Result<Vec<Run>, Fault> {
    let sql = format!("select {COLUMNS} from runs where workspace = $1 and id < $2 order by id desc limit $3");
    tx.query(&sql, params![ws, before.unwrap_or(RunId(i64::MAX)), limit], read).await
}

/// Runs that started in a period, newest first.
pub async fn between(
    tx: &mut Tx,
    ws: WorkspaceId,
    from: Timestamp,
    to: Timestamp,
    limit: i64,
) -> Result<Vec<Run>, Fault> {
    let sql = "select id, started_at, finished_at, closed, skipped, failed from runs where workspace = $1 \
               and started_at >= $2 and started_at < $3 order by started_at desc, id desc limit $4";
    tx.query(sql, params![ws, from, to, limit], read).await
}

/// All runs of a minute, an hour or a day.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// How many such stretches lie between 1970, by the clocks of the zone, and this one.
    pub bucket: i64,
    pub runs: i64,
    pub closed: i64,
    pub skipped: i64,
    pub failed: i64,
}

/// The runs of a period drawn together, newest first; `offset` is how far the zone's clocks are ahead of UTC.
pub async fn grouped(
    tx: &mut Tx,
    ws: WorkspaceId,
    from: Timestamp,
    to: Timestamp,
    bucket: Span,
    offset: Span,
) -> Result<Vec<Group>, Fault> {
    let sql = "select (started_at + $5) / $4 as bucket, count(*), cast(sum(closed) as bigint), cast(sum(skipped) as bigint), \
               cast(sum(failed) as bigint) from runs where workspace = $1 and started_at >= $2 and started_at < $3 \
               group by bucket order by bucket desc";
    tx.query(sql, params![ws, from, to, bucket.as_micros(), offset.as_micros()], |row| {
        Ok(Group {
            bucket: row.get(0)?,
            runs: row.get(1)?,
            closed: row.get(2)?,
            skipped: row.get(3)?,
            failed: row.get(4)?,
        })
    })
    .await
}

/// A case that a run closed.
#[derive(Debug, Clone)]
pub struct ClosedCase {
    pub case: CaseId,
    pub number: i64,
    pub title: String,
    pub closed_at: Timestamp,
    pub last_activity_at: Timestamp,
    pub status_before: Status,
    pub queue: QueueId,
    pub threshold_minutes: Option<i64>,
    pub credited_agent: Option<AgentId>,
    pub reopened_at: Option<Timestamp>,
    pub undo: Option<Undone>,
}

/// The cases of a run, in the order of their ids.
pub async fn cases(
    tx: &mut Tx,
    ws: WorkspaceId,
    run: RunId,
    after: CaseId,
    limit: i64,
) -> Result<Vec<ClosedCase>, Fault> {
    let sql = "select k.case_id, k.number, c.title, k.closed_at, k.last_activity_at, k.status_before, k.queue, \
               k.threshold_minutes, k.credited_agent, k.reopened_at, k.undo from closures k \
               join cases c on c.workspace = k.workspace and c.id = k.case_id \
               where k.workspace = $1 and k.run = $2 and k.run is not null and k.case_id > $3 order by k.case_id limit $4";
    tx.query(sql, params![ws, run, after, limit], |row| {
        Ok(ClosedCase {
            case: row.get(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            closed_at: row.get(3)?,
            last_activity_at: row.get(4)?,
            status_before: row.word(5)?,
            queue: row.get(6)?,
            threshold_minutes: row.get(7)?,
            credited_agent: row.get(8)?,
            reopened_at: row.get(9)?,
            undo: row.optional_word(10)?,
        })
    })
    .await
}

/// The policies a run followed: in which queue, after how many minutes, and how many cases that closed.
pub async fn rules(tx: &mut Tx, ws: WorkspaceId, run: RunId) -> Result<Vec<(QueueId, Option<i64>, i64)>, Fault> {
    let sql = "select queue, threshold_minutes, count(*) from closures where workspace = $1 and run = $2 \
               and run is not null group by queue, threshold_minutes order by queue, threshold_minutes";
    tx.query(sql, params![ws, run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await
}

/// A case that a run could not close.
#[derive(Debug, Clone)]
pub struct Failure {
    pub number: i64,
    pub at: Timestamp,
    pub fault: String,
}

/// Notes that a run could not close a case.
pub async fn add_failure(tx: &mut Tx, ws: WorkspaceId, run: RunId, case: CaseId, fault: &str) -> Result<(), Fault> {
    let now = tx.now();
    tx.put(
        "insert into run_failures (workspace, run, case_id, number, at, fault) \
         select workspace, $2, id, number, $4, $5 from cases where workspace = $1 and id = $3 \
         on conflict (workspace, run, case_id) do nothing",
        params![ws, run, case, now, fault],
    )
    .await
}

pub async fn failures(tx: &mut Tx, ws: WorkspaceId, run: RunId, limit: i64) -> Result<Vec<Failure>, Fault> {
    let sql = "select number, at, fault from run_failures where workspace = $1 and run = $2 order by case_id limit $3";
    tx.query(sql, params![ws, run, limit], |row| {
        Ok(Failure { number: row.get(0)?, at: row.get(1)?, fault: row.get(2)? })
    })
    .await
}
