//! How far reports have been counted.

use crate::outbox::{self, Cursor};
use crate::{Fault, Tx, params};
use domain::id::{CaseId, EventId, WorkspaceId};

/// How far a workspace has been counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All of it, up to what the outbox still tells.
    Whole,
    /// What was counted before is being thrown away.
    Clearing,
    /// Its cases up to this one.
    Upto(CaseId),
}

/// A workspace whose figures are kept, and the zone whose days they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub workspace: WorkspaceId,
    pub zone: String,
    pub progress: Progress,
}

const CLEARING: i64 = -1;

fn read(counted_to: Option<i64>) -> Progress {
    match counted_to {
        None => Progress::Whole,
        Some(CLEARING) => Progress::Clearing,
        Some(case) => Progress::Upto(CaseId(case)),
    }
}

/// `None`: it was never begun, or its days were another zone's.
pub async fn progress(tx: &mut Tx, ws: WorkspaceId) -> Result<Option<Progress>, Fault> {
    let sql = "select p.counted_to from report_progress p join workspaces w on w.id = p.workspace \
               where p.workspace = $1 and p.zone = w.time_zone";
    Ok(tx.query_opt(sql, params![ws], |row| row.get(0)).await?.map(read))
}

pub(super) async fn save(tx: &mut Tx, head: &Head) -> Result<(), Fault> {
    let counted_to = match head.progress {
        Progress::Whole => None,
        Progress::Clearing => Some(CLEARING),
        Progress::Upto(case) => Some(case.0),
    };
    let sql = "insert into report_progress (workspace, zone, counted_to) values ($1, $2, $3) \
               on conflict (workspace) do update set zone = excluded.zone, counted_to = excluded.counted_to";
    tx.put(sql, params![head.workspace, head.zone, counted_to]).await
}

/// The workspaces that are not wholly counted by the days of their own zone.
pub(super) async fn unfinished(tx: &mut Tx) -> Result<Vec<Head>, Fault> {
    let sql = "select w.id, w.time_zone, p.zone = w.time_zone, p.counted_to from workspaces w \
               left join report_progress p on p.workspace = w.id \
               where p.workspace is null or p.zone <> w.time_zone or p.counted_to is not null order by w.id";
    tx.query(sql, params![], |row| {
        let progress = match row.get::<Option<bool>>(2)? {
            // There is nothing to throw away where nothing was counted.
            None => Progress::Upto(CaseId(0)),
            Some(false) => Progress::Clearing,
            Some(true) => read(row.get(3)?),
        };
        Ok(Head { workspace: row.get(0)?, zone: row.get(1)?, progress })
    })
    .await
}

/// Marks every workspace, or one, to be counted anew. What was counted is thrown away first if `clear`.
pub(super) async fn begin_anew(tx: &mut Tx, ws: Option<WorkspaceId>, clear: bool) -> Result<(), Fault> {
    let sql = "update report_progress set counted_to = $1 where cast($2 as bigint) is null or workspace = $2";
    tx.put(sql, params![if clear { CLEARING } else { 0 }, ws]).await
}

/// Up to where the outbox was counted; `None` if that cannot be told, and everything must be looked at.
pub(super) async fn cursor(tx: &mut Tx) -> Result<Option<Cursor>, Fault> {
    let event = tx.query_opt("select event from report_cursor", params![], |row| row.get::<Option<EventId>>(0)).await?;
    match event {
        None => Ok(None),
        Some(None) => Ok(Some(Cursor::START)),
        Some(Some(event)) => outbox::find(tx, event).await,
    }
}

pub(super) async fn set_cursor(tx: &mut Tx, cursor: Cursor) -> Result<(), Fault> {
    let sql =
        "insert into report_cursor (id, event) values (1, $1) on conflict (id) do update set event = excluded.event";
    tx.put(sql, params![cursor.event()]).await
}

/// Whether there is anything to count: a cheap look, for a task that mostly finds nothing.
pub async fn behind_events(tx: &mut Tx) -> Result<bool, Fault> {
    let Some(cursor) = cursor(tx).await? else { return Ok(true) };
    match outbox::touched(tx, cursor, 1).await? {
        Some(touched) if touched.is_empty() => Ok(!unfinished(tx).await?.is_empty()),
        _ => Ok(true),
    }
}
