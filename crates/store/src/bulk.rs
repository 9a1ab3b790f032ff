//! Acts on many cases: what was wanted, what became of each case, and its former values for the way back.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, BulkId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub id: BulkId,
    pub at: Timestamp,
    pub agent: Option<AgentId>,
    /// What was wanted, as JSON.
    pub changes: String,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub number: i64,
    /// `changed`, `unchanged` or `refused`.
    pub outcome: String,
    pub why: Option<String>,
    /// The former values of what changed, as a JSON object.
    pub former: String,
    /// The version that the act left behind.
    pub version: i64,
    /// `restored`, `changed_since` or `refused` after an undo.
    pub undone: Option<String>,
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, act: &Act) -> Result<(), Fault> {
    let sql = "insert into bulk_acts (workspace, id, at, agent, changes) values ($1, $2, $3, $4, $5)";
    tx.put(sql, params![ws, act.id, act.at, act.agent, act.changes]).await
}

/// In a transaction that writes nobody else goes on with the act, or takes it back, until the end of it.
pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: BulkId) -> Result<Option<Act>, Fault> {
    let sql = "select c.id, c.at, c.agent, c.changes from bulk_acts c where c.workspace = $1 and c.id = $2 /*lock*/";
    tx.query_opt(sql, params![ws, id], |row| {
        Ok(Act { id: row.get(0)?, at: row.get(1)?, agent: row.get(2)?, changes: row.get(3)? })
    })
    .await
}

pub async fn note(tx: &mut Tx, ws: WorkspaceId, act: BulkId, done: &Done) -> Result<(), Fault> {
    let sql = "insert into bulk_cases (workspace, act, number, outcome, why, former, version) values ($1, $2, $3, $4, $5, $6, $7) \
               on conflict (workspace, act, number) do nothing";
    tx.put(sql, params![ws, act, done.number, done.outcome, done.why, done.former, done.version]).await
}

/// Those of the cases (a JSON list of numbers) that the act has come to already.
pub async fn met(tx: &mut Tx, ws: WorkspaceId, act: BulkId, numbers: &str) -> Result<Vec<i64>, Fault> {
    let sql = "select number from bulk_cases where workspace = $1 and act = $2 \
               and number in (select cast(value as bigint) from json_each($3))";
    tx.query(sql, params![ws, act, numbers], |row| row.get(0)).await
}

fn read(row: &Row<'_>) -> Result<Done, Fault> {
    Ok(Done {
        number: row.get(0)?,
        outcome: row.get(1)?,
        why: row.get(2)?,
        former: row.get(3)?,
        version: row.get(4)?,
        undone: row.get(5)?,
    })
}

/// What became of an act's cases, by number, after `after`.
pub async fn cases(tx: &mut Tx, ws: WorkspaceId, act: BulkId, after: i64, limit: i64) -> Result<Vec<Done>, Fault> {
    let sql = "select number, outcome, why, former, version, undone from bulk_cases where workspace = $1 and act = $2 and number > $3 \
               order by number limit $4";
    tx.query(sql, params![ws, act, after, limit], read).await
}

/// Notes what became of the undo of a case; the first note stays.
pub async fn undone(tx: &mut Tx, ws: WorkspaceId, act: BulkId, number: i64, how: &str) -> Result<(), Fault> {
    let sql = "update bulk_cases set undone = $4 where workspace = $1 and act = $2 and number = $3 and undone is null";
    tx.put(sql, params![ws, act, number, how]).await
}

/// Forgets an act from before `before`, the oldest of its workspace, with what became of its cases; answers whether there
/// was one.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    let sql = "select b.workspace, b.id from workspaces w join bulk_acts b on b.workspace = w.id \
               and b.id = (select min(o.id) from bulk_acts o where o.workspace = w.id) where b.at < $1 limit 1";
    let oldest: Option<(WorkspaceId, BulkId)> =
        tx.query_opt(sql, params![before], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let Some((ws, act)) = oldest else { return Ok(false) };
    tx.put("delete from bulk_cases where workspace = $1 and act = $2", params![ws, act]).await?;
    tx.put("delete from bulk_acts where workspace = $1 and id = $2", params![ws, act]).await?;
    Ok(true)
}
