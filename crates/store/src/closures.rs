//! Closures: one for each open period of a case, frozen when it is written (M1).

use crate::cases::Case;
use crate::{Fault, Tx, params};
use domain::case::Status;
use domain::closure::ClosingReason;
use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    pub closed_at: Timestamp,
    pub reason: ClosingReason,
    pub closed_by: Option<AgentId>,
    pub credited_agent: Option<AgentId>,
    pub threshold_minutes: Option<i64>,
    pub reopened_at: Option<Timestamp>,
}

/// Writes the closure of `case` as it stands, still open; `status_before` is the status it had.
pub async fn insert(tx: &mut Tx, case: &Case, status_before: Status, closure: &Closure) -> Result<(), Fault> {
    let tags = serde_json::Value::from(case.tags.clone()).to_string();
    tx.put(
        "insert into closures (workspace, case_id, period, number, closed_at, reason, closed_by, credited_agent, assignee, \
         status_before, queue, channel, network, type, priority, tags, case_created_at, opened_at, last_activity_at, \
         threshold_minutes, run, reopened_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, null, null)",
        params![
            case.workspace,
            case.id,
            case.reopen_count,
            case.number,
            closure.closed_at,
            closure.reason.as_str(),
            closure.closed_by,
            closure.credited_agent,
            case.assignee,
            status_before.as_str(),
            case.queue,
            case.channel,
            case.network.as_str(),
            case.kind.as_str(),
            case.priority.as_str(),
            tags,
            case.created_at,
            case.opened_at,
            case.last_activity_at,
            closure.threshold_minutes
        ],
    )
    .await?;
    Ok(())
}

/// The closure of one open period, counted by reopenings.
pub async fn get(tx: &mut Tx, ws: WorkspaceId, case: CaseId, period: i64) -> Result<Option<Closure>, Fault> {
    let sql = "select closed_at, reason, closed_by, credited_agent, threshold_minutes, reopened_at from closures \
               where workspace = $1 and case_id = $2 and period = $3";
    tx.query_opt(sql, params![ws, case, period], |row| {
        Ok(Closure {
            closed_at: row.get(0)?,
            reason: row.word(1)?,
            closed_by: row.get(2)?,
            credited_agent: row.get(3)?,
            threshold_minutes: row.get(4)?,
            reopened_at: row.get(5)?,
        })
    })
    .await
}

/// Why and by whom each of these periods ended; `periods` is a JSON list of `[case id, period]`.
pub async fn reasons_of(
    tx: &mut Tx,
    ws: WorkspaceId,
    periods: &str,
) -> Result<Vec<(CaseId, ClosingReason, Option<AgentId>)>, Fault> {
    let sql = "select k.case_id, k.reason, k.closed_by from json_each($2) j join closures k on k.workspace = $1 \
               and k.case_id = cast(j.value->>0 as bigint) and k.period = cast(j.value->>1 as bigint)";
    tx.query(sql, params![ws, periods], |row| Ok((row.get(0)?, row.word(1)?, row.get(2)?))).await
}

/// Who had the case when that period was closed, whatever became of the assignment since (R3).
pub async fn assignee(tx: &mut Tx, ws: WorkspaceId, case: CaseId, period: i64) -> Result<Option<AgentId>, Fault> {
    let sql = "select assignee from closures where workspace = $1 and case_id = $2 and period = $3";
    Ok(tx.query_opt(sql, params![ws, case, period], |row| row.get(0)).await?.flatten())
}

/// Marks the closure that a reopening undoes (R9).
pub async fn mark_reopened(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    period: i64,
    at: Timestamp,
) -> Result<(), Fault> {
    let sql = "update closures set reopened_at = $4 where workspace = $1 and case_id = $2 and period = $3";
    tx.put(sql, params![ws, case, period, at]).await?;
    Ok(())
}

/// A change that nobody made by hand raised a closed case's version: whoever looks whether the case was touched since it
/// was closed (X8) does not take that for a touch. One that was touched before stays so.
pub async fn follow(tx: &mut Tx, before: &Case, version: i64) -> Result<(), Fault> {
    let sql = "update closures set case_version = $5 where workspace = $1 and case_id = $2 and period = $3 \
               and case_version = $4";
    tx.put(sql, params![before.workspace, before.id, before.reopen_count, before.version, version]).await
}
