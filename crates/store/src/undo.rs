//! Undoing a run (X8): which of its cases can come back, and bringing them back by sets.
//!
//! A case comes back if it is exactly as the run left it: closed, in the same period, and of the version the close gave
//! it. Whatever anybody did with it since raised that.

use crate::{Fault, Row, Tx, params};
use domain::case::Status;
use domain::closure::Undone;
use domain::id::{AgentId, CaseId, QueueId, RunId, WorkspaceId};
use domain::time::Timestamp;
use serde_json::json;

/// How far the undoing of a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub asked_at: Timestamp,
    /// None: a program.
    pub asked_by: Option<AgentId>,
    pub asked_by_name: Option<String>,
    /// The last case looked at.
    pub done_to: CaseId,
    pub reopened: i64,
    /// Looked at and left closed or as they are, because somebody was there first.
    pub left: i64,
    pub finished_at: Option<Timestamp>,
}

const COLUMNS: &str = "workspace, run, asked_at, asked_by, asked_by_name, done_to, reopened, left_closed, finished_at";

fn read(row: &Row<'_>) -> Result<Undo, Fault> {
    Ok(Undo {
        workspace: row.get(0)?,
        run: row.get(1)?,
        asked_at: row.get(2)?,
        asked_by: row.get(3)?,
        asked_by_name: row.get(4)?,
        done_to: row.get(5)?,
        reopened: row.get(6)?,
        left: row.get(7)?,
        finished_at: row.get(8)?,
    })
}

/// The undoing of a run, if anybody asked for it. In a transaction that writes it stays as it is until the end of it.
pub async fn get(tx: &mut Tx, ws: WorkspaceId, run: RunId) -> Result<Option<Undo>, Fault> {
    let sql = format!("select {COLUMNS} from run_undos c where c.workspace = $1 and c.run = $2 /*lock*/");
    tx.query_opt(&sql, params![ws, run], read).await
}

/// The undoings of these runs (a JSON list of ids).
pub async fn of_runs(tx: &mut Tx, ws: WorkspaceId, runs: &str) -> Result<Vec<Undo>, Fault> {
    let sql = format!(
        "select {COLUMNS} from run_undos where workspace = $1 and run in (select cast(value as bigint) from json_each($2))"
    );
    tx.query(&sql, params![ws, runs], read).await
}

/// Those that are not finished, of all workspaces, the oldest first.
pub async fn unfinished(tx: &mut Tx, limit: i64) -> Result<Vec<(WorkspaceId, RunId)>, Fault> {
    let sql =
        "select workspace, run from run_undos where finished_at is null order by asked_at, workspace, run limit $1";
    tx.query(sql, params![limit], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Notes that somebody asks for the undoing of a run. Answers whether nobody did before: of two who ask at once, the second
/// waits for the first.
pub async fn ask(tx: &mut Tx, undo: &Undo) -> Result<bool, Fault> {
    let sql = "insert into run_undos (workspace, run, asked_at, asked_by, asked_by_name, done_to, reopened, left_closed, finished_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (workspace, run) do nothing";
    let params = params![
        undo.workspace,
        undo.run,
        undo.asked_at,
        undo.asked_by,
        undo.asked_by_name,
        undo.done_to,
        undo.reopened,
        undo.left,
        undo.finished_at
    ];
    Ok(tx.execute(sql, params).await? == 1)
}

/// Notes how far an undoing has come.
pub async fn put(tx: &mut Tx, undo: &Undo) -> Result<(), Fault> {
    let sql = "update run_undos set done_to = $3, reopened = $4, left_closed = $5, finished_at = $6 \
               where workspace = $1 and run = $2";
    let params = params![undo.workspace, undo.run, undo.done_to, undo.reopened, undo.left, undo.finished_at];
    tx.change(1, sql, params).await
}

/// A case that a run closed, and what its undoing would make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    pub case: CaseId,
    pub period: i64,
    pub number: i64,
    pub status_before: Status,
    pub closed_at: Timestamp,
    pub version: i64,
    pub fate: Undone,
    pub assignee: Option<AgentId>,
    /// Whether whoever has it left, or only looks on: it comes back to its queue (R9).
    pub left_behind: bool,
}

/// The next cases of a run that were not looked at yet, in the order of their ids.
pub async fn next(tx: &mut Tx, ws: WorkspaceId, run: RunId, after: CaseId, limit: i64) -> Result<Vec<Met>, Fault> {
    // Closures from before versions were kept are told by the moment of the last change.
    let sql = "select k.case_id, k.period, k.number, k.status_before, k.closed_at, c.version, \
               case when c.reopen_count > k.period and c.status <> 'closed' then 'reopened_already' \
               when c.reopen_count > k.period then 'closed_again' \
               when c.status = 'closed' and coalesce(k.case_version = c.version, c.updated_at = k.closed_at) then 'reopened' \
               else 'changed' end, c.assignee, c.assignee is not null and not exists (select 1 from agents a \
               where a.workspace = c.workspace and a.id = c.assignee and a.active and a.role <> 'viewer') \
               from closures k join cases c on c.workspace = k.workspace and c.id = k.case_id \
               where k.workspace = $1 and k.run = $2 and k.run is not null and k.case_id > $3 and k.undo is null \
               order by k.case_id limit $4 /*lock*/";
    tx.query(sql, params![ws, run, after, limit], |row| {
        Ok(Met {
            case: row.get(0)?,
            period: row.get(1)?,
            number: row.get(2)?,
            status_before: row.word(3)?,
            closed_at: row.get(4)?,
            version: row.get(5)?,
            fate: row.word(6)?,
            assignee: row.get(7)?,
            left_behind: row.get(8)?,
        })
    })
    .await
}

/// Whether cases of a run were not looked at yet, whatever their ids: a run closes in the order of age, so it may close one
/// that an undoing under way has passed already.
pub async fn is_open(tx: &mut Tx, ws: WorkspaceId, run: RunId) -> Result<bool, Fault> {
    let sql = "select k.case_id from closures k join cases c on c.workspace = k.workspace and c.id = k.case_id \
               where k.workspace = $1 and k.run = $2 and k.run is not null and k.undo is null limit 1";
    Ok(tx.query_opt(sql, params![ws, run], |row| row.get::<CaseId>(0)).await?.is_some())
}

/// Opens these cases again, each in the status it had and with whoever has it, if they still work cases (R9); a change of
/// status is activity (C3).
pub async fn reopen(tx: &mut Tx, ws: WorkspaceId, met: &[Met]) -> Result<(), Fault> {
    let now = tx.now();
    for status in Status::ALL {
        let ids: Vec<i64> = met.iter().filter(|met| met.status_before == *status).map(|met| met.case.0).collect();
        if ids.is_empty() {
            continue;
        }
        tx.change(
            ids.len() as u64,
            "update cases set status = $3, closed_at = null, opened_at = $4, reopen_count = reopen_count + 1, \
             last_activity_at = $4, armed_at = $4, updated_at = $4, version = version + 1 \
             where workspace = $1 and status = 'closed' and id in (select cast(value as bigint) from json_each($2))",
            params![ws, json!(ids).to_string(), status.as_str(), now],
        )
        .await?;
    }
    let ids: Vec<i64> = met.iter().filter(|met| met.left_behind).map(|met| met.case.0).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "update cases set assignee = null where workspace = $1 and id in (select cast(value as bigint) from json_each($2))";
    tx.put(sql, params![ws, json!(ids).to_string()]).await
}

/// Notes on the closures what became of them.
pub async fn settle(tx: &mut Tx, ws: WorkspaceId, run: RunId, met: &[Met]) -> Result<(), Fault> {
    let now = tx.now();
    for word in Undone::ALL {
        let of = met.iter().filter(|met| met.fate == *word);
        let rows: Vec<_> = of.map(|met| json!([met.case.0, met.period])).collect();
        if rows.is_empty() {
            continue;
        }
        let reopened_at = (*word == Undone::Reopened).then_some(now);
        tx.put(
            "update closures set undo = $3, reopened_at = coalesce($4, reopened_at) where workspace = $1 and run = $5 \
             and run is not null and (case_id, period) in \
             (select cast(value->>0 as bigint), cast(value->>1 as bigint) from json_each($2))",
            params![ws, json!(rows).to_string(), word.as_str(), reopened_at, run],
        )
        .await?;
    }
    Ok(())
}

/// What undoing a run would do now: how many cases would come back, and how many would be left, by what happened. What an
/// undo has looked at already is not counted.
pub async fn forecast(tx: &mut Tx, ws: WorkspaceId, run: RunId) -> Result<Vec<(Undone, i64)>, Fault> {
    let sql = "select case when c.reopen_count > k.period and c.status <> 'closed' then 'reopened_already' \
               when c.reopen_count > k.period then 'closed_again' \
               when c.status = 'closed' and coalesce(k.case_version = c.version, c.updated_at = k.closed_at) then 'reopened' \
               else 'changed' end as fate, count(*) \
               from closures k join cases c on c.workspace = k.workspace and c.id = k.case_id \
               where k.workspace = $1 and k.run = $2 and k.run is not null and k.undo is null group by fate";
    tx.query(sql, params![ws, run], |row| Ok((row.word(0)?, row.get(1)?))).await
}

/// Who is to hear of it: for each assignee and queue that now have the cases that came back, how many those are and one of them.
pub async fn came_back(
    tx: &mut Tx,
    ws: WorkspaceId,
    run: RunId,
) -> Result<Vec<(Option<AgentId>, QueueId, i64, i64)>, Fault> {
    let sql = "select c.assignee, c.queue, count(*), min(c.number) from closures k \
               join cases c on c.workspace = k.workspace and c.id = k.case_id where k.workspace = $1 and k.run = $2 \
               and k.run is not null and k.undo = 'reopened' group by c.assignee, c.queue order by c.queue, c.assignee";
    tx.query(sql, params![ws, run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).await
}
