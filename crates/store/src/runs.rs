//! The log of sweeps that closed something.

use crate::{Fault, Row, Tx, params};
use domain::id::{RunId, WorkspaceId};
use domain::time::Timestamp;

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
