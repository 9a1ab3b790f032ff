//! The sweep's statements: the rule of A3 and A4 as ranges of one index, and the closing by sets.
//!
//! Cases lie in `cases_armed` by queue, status and `armed_at`, a lower bound of their last activity. A [`Partition`] is
//! one queue and status with the one rule that holds there, so each question is a range with constant bounds. A row
//! whose activity is newer than its `armed_at` is re-armed when the sweep meets it, instead of by every message.
//! For every open case with activity since its rule's `enabled_at`: `enabled_at <= armed_at <= last_activity_at`.
//! A case that somebody keeps open (X3) is parked: its `armed_at` is empty, so that no sweep meets it, until that moment
//! has come and [`release`] arms it.

use crate::policies::{self, read_settings};
use crate::{Fault, Tx, params};
use domain::case::{CaseType, Priority, Status};
use domain::id::{AgentId, CaseId, ChannelId, QueueId, RunId, WorkspaceId};
use domain::permission::Plan;
use domain::policy::{CloseRule, StatusSet, Threshold};
use domain::time::Timestamp;

/// Cases of one queue in one status, with the rule that holds for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    pub workspace: WorkspaceId,
    pub queue: QueueId,
    pub status: Status,
    pub enabled_at: Timestamp,
    pub threshold: Threshold,
}

/// A case the sweep has met: due by its `armed_at`, perhaps not by its last activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub id: CaseId,
    pub armed_at: Timestamp,
    pub last_activity_at: Timestamp,
    pub keep_open_until: Option<Timestamp>,
}

/// What a set of cases is closed under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub enabled_at: Timestamp,
    pub threshold: Threshold,
    pub statuses: StatusSet,
    pub queues: Vec<QueueId>,
}

/// A case that was closed, as its traces need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub id: CaseId,
    pub number: i64,
    pub status_before: Status,
    pub credited_agent: Option<AgentId>,
    pub last_activity_at: Timestamp,
    pub queue: QueueId,
    pub channel: ChannelId,
    pub kind: CaseType,
    pub priority: Priority,
}

/// Every queue and status in which auto close is in effect, over all workspaces.
pub async fn partitions(tx: &mut Tx) -> Result<Vec<Partition>, Fault> {
    let sql = "select w.id, w.plan, q.id, p.enabled, p.enabled_at, p.threshold_minutes, p.statuses, p.reopen_enabled, \
               p.window_minutes, o.enabled, o.enabled_at, o.threshold_minutes, o.statuses, o.reopen_enabled, o.window_minutes \
               from workspaces w join queues q on q.workspace = w.id \
               left join policies p on p.workspace = w.id and p.queue = 0 \
               left join policies o on o.workspace = w.id and o.queue = q.id \
               where coalesce(o.enabled, p.enabled)";
    let rules = tx
        .query(sql, params![], |row| {
            let plan: Plan = row.word(1)?;
            let policy = policies::policy_of(&read_settings(row, 3)?);
            let close = policy.effective(plan, Some(&read_settings(row, 9)?)).close;
            Ok((row.get::<WorkspaceId>(0)?, row.get::<QueueId>(2)?, close))
        })
        .await?;
    let mut partitions = Vec::new();
    for (workspace, queue, rule) in rules {
        if let CloseRule::On { enabled_at, threshold, statuses } = rule {
            partitions.extend(statuses.iter().map(|status| Partition {
                workspace,
                queue,
                status,
                enabled_at,
                threshold,
            }));
        }
    }
    Ok(partitions)
}

/// The partitions in which something may be due now: one look at the edge of each range, all in one statement.
pub async fn due(tx: &mut Tx, mut partitions: Vec<Partition>) -> Result<Vec<Partition>, Fault> {
    let now = tx.now();
    let asked: Vec<_> = partitions
        .iter()
        .map(|p| serde_json::json!([p.workspace.0, p.queue.0, p.status.as_str(), p.enabled_at.as_micros()]))
        .collect();
    let sql = "select cast(key as bigint), (select armed_at from cases where workspace = cast(value->>0 as bigint) \
               and queue = cast(value->>1 as bigint) and status = value->>2 and status <> 'closed' \
               and armed_at >= cast(value->>3 as bigint) order by armed_at limit 1) from json_each($1)";
    let firsts = tx
        .query(sql, params![serde_json::Value::Array(asked).to_string()], |row| {
            Ok((row.get::<i64>(0)?, row.get::<Option<Timestamp>>(1)?))
        })
        .await?;
    let mut index = 0;
    partitions.retain(|partition| {
        let first = firsts.iter().find(|(key, _)| *key == index).and_then(|(_, first)| *first);
        index += 1;
        first.is_some_and(|armed| armed.plus(partition.threshold.span()) <= now)
    });
    Ok(partitions)
}

/// The least `armed_at` of a partition at `from` or later: nothing armed there is due before that and its threshold.
pub async fn first_armed_from(tx: &mut Tx, partition: &Partition, from: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let sql = "select armed_at from cases where workspace = $1 and queue = $2 and status = $3 and status <> 'closed' \
               and armed_at >= $4 order by armed_at limit 1";
    let p = partition;
    tx.query_opt(sql, params![p.workspace, p.queue, p.status.as_str(), from], |row| row.get(0)).await
}

/// Cases of a partition that may be due at `now`, in order of `armed_at`, after a position already seen.
pub async fn candidates(
    tx: &mut Tx,
    partition: &Partition,
    now: Timestamp,
    after: Option<Candidate>,
    limit: i64,
) -> Result<Vec<Candidate>, Fault> {
    let p = partition;
    let cutoff = now.minus(p.threshold.span());
    let (from, from_id) = after.map_or((p.enabled_at, CaseId(0)), |seen| (seen.armed_at, seen.id));
    let sql = "select id, armed_at, last_activity_at, keep_open_until from cases where workspace = $1 and queue = $2 and status = $3 \
               and status <> 'closed' and armed_at <= $4 and armed_at >= $5 and (armed_at, id) > ($5, $6) \
               order by armed_at, id limit $7";
    tx.query(sql, params![p.workspace, p.queue, p.status.as_str(), cutoff, from, from_id, limit], |row| {
        Ok(Candidate {
            id: row.get(0)?,
            armed_at: row.get(1)?,
            last_activity_at: row.get(2)?,
            keep_open_until: row.get(3)?,
        })
    })
    .await
}

/// Moves the lower bound up to the last activity, for cases that saw some since they were armed, and parks what is kept open.
pub async fn rearm(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<u64, Fault> {
    // Who holds a case at this moment is changing it; the next run meets it again.
    let now = tx.now();
    let sql = "update cases set armed_at = case when keep_open_until > $3 then null else last_activity_at end \
               where workspace = $1 and id in \
               (select c.id from json_each($2) j join cases c on c.workspace = $1 and c.id = cast(j.value as bigint) \
               where c.status <> 'closed' and c.armed_at is not null \
               and (c.armed_at < c.last_activity_at or c.keep_open_until > $3) /*claim*/)";
    tx.execute(sql, params![ws, ids, now]).await
}

/// The first moment at which a parked case is kept open no longer.
pub async fn first_release(tx: &mut Tx) -> Result<Option<Timestamp>, Fault> {
    let sql = "select keep_open_until from cases where keep_open_until is not null and armed_at is null \
               and status <> 'closed' order by keep_open_until limit 1";
    tx.query_opt(sql, params![], |row| row.get(0)).await
}

/// Arms the cases whose *keep open until* has come, up to `most` of them, and says how many those were.
pub async fn release(tx: &mut Tx, most: i64) -> Result<u64, Fault> {
    let now = tx.now();
    let sql = "update cases set armed_at = last_activity_at where (workspace, id) in (select c.workspace, c.id from cases c \
               where c.keep_open_until <= $1 and c.keep_open_until is not null and c.armed_at is null \
               and c.status <> 'closed' order by c.keep_open_until limit $2 /*claim*/)";
    tx.execute(sql, params![now, most]).await
}

/// Closes those of `ids` (a JSON list) that the rule calls due now: A4 is asked again in the statements that write (A7).
pub async fn close(tx: &mut Tx, ws: WorkspaceId, rule: &Rule, ids: &str, run: RunId) -> Result<Vec<Closed>, Fault> {
    let now = tx.now();
    let cutoff = now.minus(rule.threshold.span());
    let statuses = serde_json::json!(rule.statuses.iter().map(|s| [s.as_str()]).collect::<Vec<_>>()).to_string();
    let queues = serde_json::json!(rule.queues.iter().map(|q| q.0).collect::<Vec<_>>()).to_string();
    let closed = tx
        .query(
            "insert into closures (workspace, case_id, period, number, closed_at, reason, closed_by, credited_agent, assignee, \
             status_before, queue, channel, network, type, priority, tags, case_created_at, opened_at, last_activity_at, \
             threshold_minutes, run, reopened_at, case_version) \
             select workspace, id, reopen_count, number, $3, 'inactivity', null, assignee, assignee, status, queue, channel, \
             network, type, priority, tags, created_at, opened_at, last_activity_at, $4, $5, null, version + 1 from cases c \
             where workspace = $1 and id in (select cast(value as bigint) from json_each($2)) \
             and last_activity_at >= $6 and last_activity_at <= $7 and status in (select value->>0 from json_each($8)) \
             and queue in (select cast(value as bigint) from json_each($9)) and status <> 'closed' \
             and (keep_open_until is null or keep_open_until <= $3) /*claim*/ \
             returning case_id, number, status_before, credited_agent, last_activity_at, queue, channel, type, priority",
            params![ws, ids, now, i64::from(rule.threshold.minutes()), run, rule.enabled_at, cutoff, statuses, queues],
            |row| {
                Ok(Closed {
                    id: row.get(0)?,
                    number: row.get(1)?,
                    status_before: row.word(2)?,
                    credited_agent: row.get(3)?,
                    last_activity_at: row.get(4)?,
                    queue: row.get(5)?,
                    channel: row.get(6)?,
                    kind: row.word(7)?,
                    priority: row.word(8)?,
                })
            },
        )
        .await?;
    if closed.is_empty() {
        return Ok(closed);
    }
    let ids = serde_json::json!(closed.iter().map(|c| c.id.0).collect::<Vec<_>>()).to_string();
    tx.change(
            closed.len() as u64,
            "update cases set status = 'closed', closed_at = $3, updated_at = $3, version = version + 1 where workspace = $1 and id in (select cast(value as bigint) from json_each($2)) \
             and status <> 'closed' and last_activity_at <= $4",
            params![ws, ids, now, cutoff],
        )
        .await?;
    Ok(closed)
}
