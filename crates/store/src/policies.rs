//! The lifecycle settings of workspaces and the overrides of queues.
//!
//! One row each, so that a change of policy costs the same for ten cases and ten million (A4).

use crate::{Fault, Row, Tx, params};
use domain::case::Status;
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::permission::Plan;
use domain::policy::{Effective, Overrides, Policy, StatusSet, Threshold, Window};
use domain::time::Timestamp;

/// A settings row with what is known about its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The workspace's row stands under queue 0.
    pub queue: QueueId,
    pub settings: Overrides,
    pub version: i64,
    pub updated_at: Timestamp,
    pub updated_by: Option<AgentId>,
}

/// The row of the workspace itself.
pub const WORKSPACE: QueueId = QueueId(0);

/// What holds for one queue's cases now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    pub effective: Effective,
    /// Activity re-arms a case whose `armed_at` lies before this: the newest switch-on of the workspace's or the
    /// queue's, in effect or not, so that suspending, switching off and inheriting again lose no case.
    pub arm_from: Option<Timestamp>,
}

const COLUMNS: &str = "enabled, enabled_at, threshold_minutes, statuses, reopen_enabled, window_minutes, version, updated_at, updated_by, queue";

/// Reads the six settings that start at column `at`; a missing row reads as all null.
pub(crate) fn read_settings(row: &Row<'_>, at: usize) -> Result<Overrides, Fault> {
    let minutes = |index: usize| row.get::<Option<i64>>(index);
    let threshold = minutes(at + 2)?.map(Threshold::from_minutes).transpose();
    let window = minutes(at + 5)?.map(Window::from_minutes).transpose();
    let statuses: Option<String> = row.get(at + 3)?;
    Ok(Overrides {
        enabled: row.get(at)?,
        enabled_at: row.get(at + 1)?,
        threshold: threshold.map_err(|_| Fault::damaged("threshold"))?,
        statuses: statuses.as_deref().map(statuses_from_text).transpose()?,
        reopen_enabled: row.get(at + 4)?,
        window: window.map_err(|_| Fault::damaged("window"))?,
    })
}

fn statuses_from_text(text: &str) -> Result<StatusSet, Fault> {
    let words: Result<Vec<Status>, _> = text.split(',').map(str::parse).collect();
    StatusSet::new(words.map_err(|_| Fault::damaged("statuses"))?).map_err(|_| Fault::damaged("statuses"))
}

fn statuses_to_text(statuses: StatusSet) -> String {
    statuses.iter().map(Status::as_str).collect::<Vec<_>>().join(",")
}

/// The workspace's policy from its row, where nothing was chosen yet with the defaults.
pub fn policy_of(settings: &Overrides) -> Policy {
    let default = Policy::default();
    Policy {
        enabled: settings.enabled.unwrap_or(default.enabled),
        enabled_at: settings.enabled_at,
        threshold: settings.threshold.unwrap_or(default.threshold),
        statuses: settings.statuses.unwrap_or(default.statuses),
        reopen_enabled: settings.reopen_enabled.unwrap_or(default.reopen_enabled),
        window: settings.window.unwrap_or(default.window),
    }
}

fn read(row: &Row<'_>) -> Result<Stored, Fault> {
    Ok(Stored {
        settings: read_settings(row, 0)?,
        version: row.get(6)?,
        updated_at: row.get(7)?,
        updated_by: row.get(8)?,
        queue: row.get(9)?,
    })
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, queue: QueueId) -> Result<Option<Stored>, Fault> {
    tx.query_opt(
        &format!("select {COLUMNS} from policies where workspace = $1 and queue = $2"),
        params![ws, queue],
        read,
    )
    .await
}

/// Every row of a workspace, its own first.
pub async fn all(tx: &mut Tx, ws: WorkspaceId) -> Result<Vec<Stored>, Fault> {
    tx.query(&format!("select {COLUMNS} from policies where workspace = $1 order by queue"), params![ws], read).await
}

pub async fn put(tx: &mut Tx, ws: WorkspaceId, stored: &Stored) -> Result<(), Fault> {
    let s = &stored.settings;
    tx.put(
        "insert into policies (workspace, queue, enabled, enabled_at, threshold_minutes, statuses, reopen_enabled, \
         window_minutes, version, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict (workspace, queue) do update set enabled = excluded.enabled, enabled_at = excluded.enabled_at, \
         threshold_minutes = excluded.threshold_minutes, statuses = excluded.statuses, \
         reopen_enabled = excluded.reopen_enabled, window_minutes = excluded.window_minutes, version = excluded.version, \
         updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        params![
            ws,
            stored.queue,
            s.enabled,
            s.enabled_at,
            s.threshold.map(|t| i64::from(t.minutes())),
            s.statuses.map(statuses_to_text),
            s.reopen_enabled,
            s.window.map(|w| i64::from(w.minutes())),
            stored.version,
            stored.updated_at,
            stored.updated_by
        ],
    )
    .await?;
    // A case whose last activity falls into the very millisecond of the switch-on is covered (A3), and its message may
    // have been committed before the switch, unarmed.
    if let Some(enabled_at) = s.enabled_at.filter(|at| *at == stored.updated_at) {
        let sql = "update cases set armed_at = last_activity_at where workspace = $1 and last_activity_at >= $2 \
                   and status <> 'closed' and (armed_at is null or armed_at < $2) \
                   and (keep_open_until is null or keep_open_until <= $2)";
        tx.put(sql, params![ws, enabled_at]).await?;
    }
    Ok(())
}

/// Drops a queue's overrides: it inherits everything again.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, queue: QueueId) -> Result<(), Fault> {
    tx.put("delete from policies where workspace = $1 and queue = $2", params![ws, queue]).await?;
    Ok(())
}

/// What holds for a queue's cases now.
pub async fn in_force(tx: &mut Tx, ws: WorkspaceId, queue: QueueId) -> Result<InForce, Fault> {
    let sql = "select p.enabled, p.enabled_at, p.threshold_minutes, p.statuses, p.reopen_enabled, p.window_minutes, p.version, \
               p.updated_at, p.updated_by, p.queue, w.plan from workspaces w \
               left join policies p on p.workspace = w.id and p.queue in (0, $2) where w.id = $1";
    let rows = tx
        .query(sql, params![ws, queue], |row| {
            let stored = row.get::<Option<QueueId>>(9)?.map(|_| read(row)).transpose()?;
            Ok((row.word::<Plan>(10)?, stored))
        })
        .await?;
    let Some(plan) = rows.first().map(|(plan, _)| *plan) else {
        return Err(Fault::Broken(format!("there is no workspace {ws}")));
    };
    let rows: Vec<Stored> = rows.into_iter().filter_map(|(_, stored)| stored).collect();
    Ok(resolve(plan, &rows, queue))
}

/// The same from rows already read, for many queues at once.
pub fn resolve(plan: Plan, rows: &[Stored], queue: QueueId) -> InForce {
    let of = |id: QueueId| rows.iter().find(|row| row.queue == id).map(|row| &row.settings);
    let (workspace, own) = (of(WORKSPACE), of(queue));
    let policy = workspace.map(policy_of).unwrap_or_default();
    let arm_from = [policy.enabled_at, own.and_then(|o| o.enabled_at)].into_iter().flatten().max();
    InForce { effective: policy.effective(plan, own), arm_from }
}
