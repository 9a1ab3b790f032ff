//! Pages of whole tables, for exports: each starts after the last row of the one before, so that a million rows take no more
//! memory than a page.
//!
//! A page reads a fixed number of rows by an index; what a filter leaves out of them the caller drops. A statement that looked
//! for matches itself could walk through the whole table for one page.

use crate::cases::{self, COLUMNS, Case, WIDTH};
use crate::messages::Message;
use crate::{Fault, Row, Tx, params};
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::{AgentId, CaseId, ChannelId, QueueId, WorkspaceId};
use domain::message::Network;
use domain::time::Timestamp;

/// A moment and what tells rows of the same moment apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub at: Timestamp,
    pub case: CaseId,
    pub period: i64,
}

impl Place {
    /// Before everything of that moment.
    pub const fn before(at: Timestamp) -> Place {
        Place { at, case: CaseId(0), period: -1 }
    }
}

/// The customer of an exported row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub external_id: Option<String>,
    pub name: Option<String>,
    pub handle: Option<String>,
}

fn person(row: &Row<'_>, first: usize) -> Result<Person, Fault> {
    Ok(Person { external_id: row.get(first)?, name: row.get(first + 1)?, handle: row.get(first + 2)? })
}

/// Cases created before `until`, in the order of their creation.
pub async fn cases(
    tx: &mut Tx,
    ws: WorkspaceId,
    after: Place,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(Case, Person)>, Fault> {
    let sql = format!(
        "select {COLUMNS}, u.external_id, u.name, u.handle from cases c \
         left join customers u on u.workspace = c.workspace and u.id = c.customer \
         where c.workspace = $1 and c.created_at >= $2 and (c.created_at, c.id) > ($2, $3) and c.created_at < $4 \
         order by c.created_at, c.id limit $5"
    );
    let read = |row: &Row<'_>| Ok((cases::read(row)?, person(row, WIDTH)?));
    tx.query(&sql, params![ws, after.at, after.case, until, limit], read).await
}

/// A closure as it was frozen when the case closed (M1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub case: CaseId,
    pub period: i64,
    pub number: i64,
    pub closed_at: Timestamp,
    pub reason: ClosingReason,
    pub closed_by: Option<AgentId>,
    pub credited_agent: Option<AgentId>,
    pub assignee: Option<AgentId>,
    pub status_before: Status,
    pub queue: QueueId,
    pub channel: ChannelId,
    pub network: Network,
    pub kind: CaseType,
    pub priority: Priority,
    pub tags: Vec<String>,
    pub case_created_at: Timestamp,
    pub opened_at: Timestamp,
    pub last_activity_at: Timestamp,
    pub threshold_minutes: Option<i64>,
    pub reopened_at: Option<Timestamp>,
}

impl Closed {
    pub fn place(&self) -> Place {
        Place { at: self.closed_at, case: self.case, period: self.period }
    }
}

/// Closures before `until`, in their order.
pub async fn closures(
    tx: &mut Tx,
    ws: WorkspaceId,
    after: Place,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Closed>, Fault> {
    let sql = "select k.case_id, k.period, k.number, k.closed_at, k.reason, k.closed_by, k.credited_agent, k.assignee, \
         k.status_before, k.queue, k.channel, k.network, k.type, k.priority, k.tags, k.case_created_at, k.opened_at, \
         k.last_activity_at, k.threshold_minutes, k.reopened_at from closures k \
         where k.workspace = $1 and k.closed_at >= $2 and (k.closed_at, k.case_id, k.period) > ($2, $3, $4) \
         and k.closed_at < $5 order by k.closed_at, k.case_id, k.period limit $6";
    tx.query(sql, params![ws, after.at, after.case, after.period, until, limit], |row| {
        Ok(Closed {
            case: row.get(0)?,
            period: row.get(1)?,
            number: row.get(2)?,
            closed_at: row.get(3)?,
            reason: row.word(4)?,
            closed_by: row.get(5)?,
            credited_agent: row.get(6)?,
            assignee: row.get(7)?,
            status_before: row.word(8)?,
            queue: row.get(9)?,
            channel: row.get(10)?,
            network: row.word(11)?,
            kind: row.word(12)?,
            priority: row.word(13)?,
            tags: row.texts(14)?,
            case_created_at: row.get(15)?,
            opened_at: row.get(16)?,
            last_activity_at: row.get(17)?,
            threshold_minutes: row.get(18)?,
            reopened_at: row.get(19)?,
        })
    })
    .await
}

/// A message with what its conversation is called outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub message: Message,
    /// `None`: an automatic message that belongs to no case (R6).
    pub number: Option<i64>,
    pub customer: Person,
}

/// Messages after one of a case, conversation by conversation, in the order in which their cases were made.
pub async fn messages(
    tx: &mut Tx,
    ws: WorkspaceId,
    (case, message): (CaseId, i64),
    limit: i64,
) -> Result<Vec<Said>, Fault> {
    let sql = "select m.case_id, m.id, m.channel, m.customer, m.external_id, m.direction, m.text, m.author, m.automatic, \
         m.sent_at, m.received_at, m.delivery, c.number, u.external_id, u.name, u.handle from messages m \
         left join cases c on c.workspace = m.workspace and c.id = m.case_id \
         left join customers u on u.workspace = m.workspace and u.id = m.customer \
         where m.workspace = $1 and (m.case_id, m.id) > ($2, $3) order by m.case_id, m.id limit $4";
    let read = |row: &Row<'_>| {
        Ok(Said { message: crate::messages::read(row)?, number: row.get(12)?, customer: person(row, 13)? })
    };
    tx.query(sql, params![ws, case, message, limit], read).await
}

/// How many cases were created from `from` on and before `until`: what the progress of an export is measured by.
pub async fn count_cases(tx: &mut Tx, ws: WorkspaceId, from: Timestamp, until: Timestamp) -> Result<i64, Fault> {
    let sql = "select count(*) from cases where workspace = $1 and created_at >= $2 and created_at < $3";
    tx.query_one(sql, params![ws, from, until], |row| row.get(0)).await
}

/// The same of closures.
pub async fn count_closures(tx: &mut Tx, ws: WorkspaceId, from: Timestamp, until: Timestamp) -> Result<i64, Fault> {
    let sql = "select count(*) from closures where workspace = $1 and closed_at >= $2 and closed_at < $3";
    tx.query_one(sql, params![ws, from, until], |row| row.get(0)).await
}
