//! Cases: one row each, and how a change of it is written.

use crate::{Fault, Row, Tx, params};
use domain::case::{CaseType, Priority, Status, WaitingOn};
use domain::id::{AgentId, CaseId, ChannelId, CustomerId, QueueId, WorkspaceId};
use domain::lifecycle::Facts;
use domain::message::Network;
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub workspace: WorkspaceId,
    pub id: CaseId,
    /// From 1 in each workspace.
    pub number: i64,
    pub version: i64,
    pub status: Status,
    pub kind: CaseType,
    pub priority: Priority,
    pub title: String,
    pub queue: QueueId,
    pub assignee: Option<AgentId>,
    pub channel: ChannelId,
    pub network: Network,
    pub customer: CustomerId,
    /// The network's conversation key; empty is the one thread of this customer and channel.
    pub thread: String,
    pub tags: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_activity_at: Timestamp,
    /// The sweep's lower bound of `last_activity_at`.
    pub armed_at: Option<Timestamp>,
    pub last_inbound_at: Option<Timestamp>,
    pub last_outbound_at: Option<Timestamp>,
    pub first_reply_at: Option<Timestamp>,
    pub waiting_on: Option<WaitingOn>,
    pub waiting_since: Option<Timestamp>,
    /// Start of the current open period.
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub reopen_count: i64,
    /// Number of the case this one follows (R5).
    pub follow_up_of: Option<i64>,
    /// The agent who sent the latest outbound message (R3).
    pub last_reply_by: Option<AgentId>,
    /// Auto close leaves the case alone until then (X3); a moment that has passed no longer counts.
    pub keep_open_until: Option<Timestamp>,
    pub keep_open_reason: Option<String>,
    /// Who keeps it open; none for a program.
    pub keep_open_by: Option<AgentId>,
}

impl Case {
    pub fn facts(&self) -> Facts {
        Facts { status: self.status, last_activity_at: self.last_activity_at, keep_open_until: self.keep_open_until }
    }

    /// Records activity now and arms the sweep if it could miss the case otherwise.
    pub fn active_at(&mut self, at: Timestamp, arm_from: Option<Timestamp>) {
        self.last_activity_at = self.last_activity_at.max(at);
        if let Some(from) = arm_from
            && self.armed_at.is_none_or(|armed| armed < from)
        {
            self.rearm(at);
        }
    }

    /// Arms the sweep anew, or parks the case while it is kept open: the sweep does not meet it before that moment.
    pub fn rearm(&mut self, now: Timestamp) {
        let kept = self.keep_open_until.is_some_and(|until| until > now);
        self.armed_at = (!kept).then_some(self.last_activity_at);
    }
}

pub(crate) const COLUMNS: &str = "c.workspace, c.id, c.number, c.version, c.status, c.type, c.priority, c.title, c.queue, c.assignee, \
     c.channel, c.network, c.customer, c.thread, c.tags, c.created_at, c.updated_at, c.last_activity_at, c.armed_at, \
     c.last_inbound_at, c.last_outbound_at, c.first_reply_at, c.waiting_on, c.waiting_since, c.opened_at, c.closed_at, \
     c.reopen_count, c.follow_up_of, c.last_reply_by, c.keep_open_until, c.keep_open_reason, c.keep_open_by";
/// How many columns [`COLUMNS`] names.
pub(crate) const WIDTH: usize = 32;

pub(crate) fn read(row: &Row<'_>) -> Result<Case, Fault> {
    Ok(Case {
        workspace: row.get(0)?,
        id: row.get(1)?,
        number: row.get(2)?,
        version: row.get(3)?,
        status: row.word(4)?,
        kind: row.word(5)?,
        priority: row.word(6)?,
        title: row.get(7)?,
        queue: row.get(8)?,
        assignee: row.get(9)?,
        channel: row.get(10)?,
        network: row.word(11)?,
        customer: row.get(12)?,
        thread: row.get(13)?,
        tags: row.texts(14)?,
        created_at: row.get(15)?,
        updated_at: row.get(16)?,
        last_activity_at: row.get(17)?,
        armed_at: row.get(18)?,
        last_inbound_at: row.get(19)?,
        last_outbound_at: row.get(20)?,
        first_reply_at: row.get(21)?,
        waiting_on: row.optional_word(22)?,
        waiting_since: row.get(23)?,
        opened_at: row.get(24)?,
        closed_at: row.get(25)?,
        reopen_count: row.get(26)?,
        follow_up_of: row.get(27)?,
        last_reply_by: row.get(28)?,
        keep_open_until: row.get(29)?,
        keep_open_reason: row.get(30)?,
        keep_open_by: row.get(31)?,
    })
}

pub async fn insert(tx: &mut Tx, case: &Case) -> Result<(), Fault> {
    let tags = tags_json(&case.tags);
    tx.put(
        "insert into cases (workspace, id, number, version, status, type, priority, title, queue, assignee, channel, network, \
         customer, thread, tags, created_at, updated_at, last_activity_at, armed_at, last_inbound_at, last_outbound_at, \
         first_reply_at, waiting_on, waiting_since, opened_at, closed_at, reopen_count, follow_up_of, last_reply_by, \
         keep_open_until, keep_open_reason, keep_open_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
         $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
        params![
            case.workspace,
            case.id,
            case.number,
            case.version,
            case.status.as_str(),
            case.kind.as_str(),
            case.priority.as_str(),
            case.title,
            case.queue,
            case.assignee,
            case.channel,
            case.network.as_str(),
            case.customer,
            case.thread,
            tags,
            case.created_at,
            case.updated_at,
            case.last_activity_at,
            case.armed_at,
            case.last_inbound_at,
            case.last_outbound_at,
            case.first_reply_at,
            case.waiting_on.map(WaitingOn::as_str),
            case.waiting_since,
            case.opened_at,
            case.closed_at,
            case.reopen_count,
            case.follow_up_of,
            case.last_reply_by,
            case.keep_open_until,
            case.keep_open_reason,
            case.keep_open_by
        ],
    )
    .await?;
    remember_tags(tx, case, &[]).await
}

/// A tag that the workspace may not know yet.
async fn remember_tags(tx: &mut Tx, case: &Case, known: &[String]) -> Result<(), Fault> {
    let new: Vec<String> = case.tags.iter().filter(|tag| !known.contains(tag)).cloned().collect();
    if new.is_empty() { Ok(()) } else { crate::tags::remember(tx, case.workspace, &new).await }
}

/// Writes what changed, raises the version and dates the change. A message touches neither status, queue nor
/// `armed_at`, so that their indexes, the sweep's among them, cost it nothing.
pub async fn save(tx: &mut Tx, before: &Case, after: &mut Case) -> Result<(), Fault> {
    after.version = before.version + 1;
    after.updated_at = tx.now();
    tx.change(
            1,
            "update cases set version = $3, updated_at = $4, last_activity_at = $5, last_inbound_at = $6, last_outbound_at = $7, \
             first_reply_at = $8, waiting_on = $9, waiting_since = $10, last_reply_by = $11 \
             where workspace = $1 and id = $2 and version = $12",
            params![
                after.workspace,
                after.id,
                after.version,
                after.updated_at,
                after.last_activity_at,
                after.last_inbound_at,
                after.last_outbound_at,
                after.first_reply_at,
                after.waiting_on.map(WaitingOn::as_str),
                after.waiting_since,
                after.last_reply_by,
                before.version
            ],
        )
        .await?;
    if (before.status, before.closed_at, before.reopen_count) != (after.status, after.closed_at, after.reopen_count) {
        let sql = "update cases set status = $3, closed_at = $4, opened_at = $5, reopen_count = $6 where workspace = $1 and id = $2";
        tx.put(
            sql,
            params![
                after.workspace,
                after.id,
                after.status.as_str(),
                after.closed_at,
                after.opened_at,
                after.reopen_count
            ],
        )
        .await?;
    }
    if (before.queue, before.assignee) != (after.queue, after.assignee) {
        let sql = "update cases set queue = $3, assignee = $4 where workspace = $1 and id = $2";
        tx.put(sql, params![after.workspace, after.id, after.queue, after.assignee]).await?;
    }
    let words = |case: &Case| (case.kind, case.priority, case.title.clone(), case.tags.clone());
    if words(before) != words(after) {
        let sql = "update cases set type = $3, priority = $4, title = $5, tags = $6 \
                   where workspace = $1 and id = $2";
        let tags = tags_json(&after.tags);
        tx.put(
            sql,
            params![after.workspace, after.id, after.kind.as_str(), after.priority.as_str(), after.title, tags],
        )
        .await?;
    }
    let kept = |case: &Case| (case.keep_open_until, case.keep_open_reason.clone(), case.keep_open_by);
    if kept(before) != kept(after) {
        let sql = "update cases set keep_open_until = $3, keep_open_reason = $4, keep_open_by = $5 \
                   where workspace = $1 and id = $2";
        let (until, reason, by) = kept(after);
        tx.put(sql, params![after.workspace, after.id, until, reason, by]).await?;
    }
    remember_tags(tx, after, &before.tags).await?;
    if before.armed_at != after.armed_at {
        let sql = "update cases set armed_at = $3 where workspace = $1 and id = $2";
        tx.put(sql, params![after.workspace, after.id, after.armed_at]).await?;
    }
    Ok(())
}

fn tags_json(tags: &[String]) -> String {
    serde_json::Value::from(tags.to_vec()).to_string()
}

/// A transaction that had to wait for a case comes after whoever changed it, and so does all that it writes.
fn after_its_last_change(tx: &mut Tx, case: Option<Case>) -> Option<Case> {
    if let Some(case) = &case {
        tx.comes_after(case.updated_at);
    }
    case
}

/// In a transaction that writes, a case that is read stays as it is until the end of it.
pub async fn by_number(tx: &mut Tx, ws: WorkspaceId, number: i64) -> Result<Option<Case>, Fault> {
    let sql = format!("select {COLUMNS} from cases c where c.workspace = $1 and c.number = $2 /*lock*/");
    let case = tx.query_opt(&sql, params![ws, number], read).await?;
    Ok(after_its_last_change(tx, case))
}

/// Takes many cases (a JSON list of numbers) before a command changes the first of them, in the order of their ids: two
/// commands that want the same ones cannot wait for each other in a circle.
pub async fn hold(tx: &mut Tx, ws: WorkspaceId, numbers: &str) -> Result<(), Fault> {
    if !tx.is_shared() {
        return Ok(());
    }
    let sql = "select c.id from cases c where c.workspace = $1 \
               and c.number in (select cast(value as bigint) from json_each($2)) order by c.id /*lock*/";
    tx.put(sql, params![ws, numbers]).await
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: CaseId) -> Result<Option<Case>, Fault> {
    let sql = format!("select {COLUMNS} from cases c where c.workspace = $1 and c.id = $2 /*lock*/");
    let case = tx.query_opt(&sql, params![ws, id], read).await?;
    Ok(after_its_last_change(tx, case))
}

/// The case a message of this thread belongs to: the newest.
pub async fn newest_in_thread(
    tx: &mut Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    customer: CustomerId,
    thread: &str,
) -> Result<Option<Case>, Fault> {
    let sql = format!(
        "select {COLUMNS} from cases c where c.workspace = $1 and c.channel = $2 and c.customer = $3 and c.thread = $4 \
         order by c.id desc limit 1 /*lock*/"
    );
    let case = tx.query_opt(&sql, params![ws, channel, customer, thread], read).await?;
    Ok(after_its_last_change(tx, case))
}

/// Numbers of the cases that follow this one, oldest first.
pub async fn follow_ups(tx: &mut Tx, ws: WorkspaceId, number: i64) -> Result<Vec<i64>, Fault> {
    // Sorted here: asked for an order, PostgreSQL walks through the whole workspace in it while it knows no better.
    let sql = "select number from cases where workspace = $1 and follow_up_of = $2 and follow_up_of is not null";
    let mut numbers = tx.query(sql, params![ws, number], |row| row.get(0)).await?;
    numbers.sort_unstable();
    Ok(numbers)
}

/// A customer's cases, newest first.
pub async fn of_customer(tx: &mut Tx, ws: WorkspaceId, customer: CustomerId, limit: i64) -> Result<Vec<Case>, Fault> {
    let sql =
        format!("select {COLUMNS} from cases c where c.workspace = $1 and c.customer = $2 order by c.id desc limit $3");
    tx.query(&sql, params![ws, customer, limit], read).await
}

/// The oldest cases of a queue that nobody has and somebody should: `limit` in each of the statuses that are work (R4).
pub async fn waiting(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, limit: i64) -> Result<Vec<CaseId>, Fault> {
    // One status after the other, each in the order of the index; together they would all be sorted.
    let sql = "select c.id from cases c where c.workspace = $1 and c.assignee is null and c.queue = $2 and c.status = $3 \
               and c.status <> 'closed' order by c.assignee, c.id limit $4";
    let mut waiting: Vec<CaseId> = Vec::new();
    for status in Status::ALL.iter().filter(|status| status.counts_as_load()) {
        waiting.extend(tx.query(sql, params![ws, queue, status.as_str(), limit], |row| row.get::<CaseId>(0)).await?);
    }
    waiting.sort_unstable();
    Ok(waiting)
}

/// Those of the cases (a JSON list of ids) that still wait and that nobody else holds, oldest first.
pub async fn claim_waiting(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<Vec<Case>, Fault> {
    let sql = format!(
        "select {COLUMNS} from cases c where c.workspace = $1 and c.id in (select cast(value as bigint) from json_each($2)) \
         and c.assignee is null and c.status in ('open', 'in_progress') order by c.id /*claim*/"
    );
    let claimed = tx.query(&sql, params![ws, ids], read).await?;
    for case in &claimed {
        tx.comes_after(case.updated_at);
    }
    Ok(claimed)
}
