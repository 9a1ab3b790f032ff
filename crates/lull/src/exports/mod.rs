//! Cases, closures, messages and the audit trail as files: `lull export`, `/v1/exports/…`, `/v1/audit-log`.
//!
//! An export reads page by page, each page in a snapshot of its own, and only when whoever takes it asks for more: a slow
//! client holds up nobody, and a million rows take the memory of one page. It ends where the desk was when it began. It is
//! in the audit trail before its first byte (T2).

pub mod rows;
pub mod table;

use crate::acts::chain_audit::catch_up;
use crate::acts::export::RecordExport;
use crate::acts::{Caller, Refusal};
use crate::audit_search::Search;
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::{AgentId, CaseId, ChannelId, QueueId, WorkspaceId};
use domain::message::{Direction, Network};
use domain::time::{Span, Timestamp};
use rows::Names;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use store::exports::{self as store_exports, Place};
use store::{Db, Fault, audit};
pub use table::Format;
use table::{Cell, Table};

/// Rows of a page. Messages can be long: of the longest, a page is 40 MB.
const CASES: i64 = 2_000;
const CLOSURES: i64 = 5_000;
const MESSAGES: i64 = 500;
const ENTRIES: i64 = 2_000;
/// Bytes of a piece, about: a page is written piece by piece, so that its text does not lie in memory a second time.
const PIECE: usize = 256 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Cases,
    Closures,
    Messages,
    AuditLog,
}

impl What {
    pub const ALL: [What; 4] = [What::Cases, What::Closures, What::Messages, What::AuditLog];

    pub const fn as_str(self) -> &'static str {
        match self {
            What::Cases => "cases",
            What::Closures => "closures",
            What::Messages => "messages",
            What::AuditLog => "audit-log",
        }
    }

    const fn columns(self, format: Format) -> &'static [&'static str] {
        match (self, format) {
            (What::Cases, _) => rows::CASES,
            (What::Closures, _) => rows::CLOSURES,
            (What::Messages, _) => rows::MESSAGES,
            (What::AuditLog, Format::Csv) => rows::AUDIT_LOG,
            (What::AuditLog, Format::JsonLines) => rows::AUDIT_LINES,
        }
    }
}

/// Which rows are wanted; all of the given conditions hold. `from` and `to` (not included) mean the creation of a case, the
/// moment of a closure, the receipt of a message, the moment of an entry. What a kind of row does not have is not asked.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub status: Option<Status>,
    pub queue: Option<QueueId>,
    pub channel: Option<ChannelId>,
    pub network: Option<Network>,
    pub kind: Option<CaseType>,
    pub priority: Option<Priority>,
    pub reason: Option<ClosingReason>,
    /// Who gets the credit of a closure (M1).
    pub credited_agent: Option<AgentId>,
    pub direction: Option<Direction>,
    pub event: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    /// Of the audit page: whose acts, and words.
    pub search: Search,
}

impl Filter {
    fn entries(&self) -> audit::Filter {
        let Filter { event, object_kind, object_id, from, to, .. } = self.clone();
        audit::Filter { event, object_kind, object_id, from, to }
    }

    fn takes_case(&self, case: &store::cases::Case) -> bool {
        self.status.is_none_or(|status| status == case.status)
            && self.takes_place(case.queue, case.channel, case.network)
            && self.kind.is_none_or(|kind| kind == case.kind)
            && self.priority.is_none_or(|priority| priority == case.priority)
    }

    fn takes_closure(&self, closed: &store_exports::Closed) -> bool {
        self.takes_place(closed.queue, closed.channel, closed.network)
            && self.kind.is_none_or(|kind| kind == closed.kind)
            && self.priority.is_none_or(|priority| priority == closed.priority)
            && self.reason.is_none_or(|reason| reason == closed.reason)
            && self.credited_agent.is_none_or(|agent| closed.credited_agent == Some(agent))
    }

    fn takes_place(&self, queue: QueueId, channel: ChannelId, network: Network) -> bool {
        self.queue.is_none_or(|wanted| wanted == queue)
            && self.channel.is_none_or(|wanted| wanted == channel)
            && self.network.is_none_or(|wanted| wanted == network)
    }

    fn takes_message(&self, message: &store::messages::Message) -> bool {
        self.channel.is_none_or(|channel| channel == message.channel)
            && self.direction.is_none_or(|direction| direction == message.direction)
    }

    /// What was asked for, as the audit trail keeps it.
    fn recorded(&self) -> Value {
        let mut said = Map::new();
        let mut note = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                said.insert(name.to_owned(), value.into());
            }
        };
        note("from", self.from.map(|at| at.to_string()));
        note("to", self.to.map(|at| at.to_string()));
        note("status", self.status.map(|word| word.to_string()));
        note("queue", self.queue.map(|id| id.to_string()));
        note("channel", self.channel.map(|id| id.to_string()));
        note("network", self.network.map(|word| word.to_string()));
        note("type", self.kind.map(|word| word.to_string()));
        note("priority", self.priority.map(|word| word.to_string()));
        note("reason", self.reason.map(|word| word.to_string()));
        note("credited_agent", self.credited_agent.map(|id| id.to_string()));
        note("direction", self.direction.map(|word| word.to_string()));
        note("event", self.event.clone());
        note("object_kind", self.object_kind.clone());
        note("object_id", self.object_id.clone());
        note("actor", self.search.actor.clone());
        note("q", self.search.words.clone());
        Value::Object(said)
    }
}

/// An export that is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub what: What,
    pub format: Format,
    pub filter: Filter,
}

/// How far the reading has come.
#[derive(Debug, Clone, Copy)]
enum Cursor {
    Cases(Place),
    Closures(Place),
    Messages(CaseId, i64),
    Entries(i64),
    End,
}

/// An export under way.
pub struct Export {
    db: Db,
    ws: WorkspaceId,
    wanted: Wanted,
    names: Names,
    cursor: Cursor,
    /// What was read and is not yet written.
    waiting: VecDeque<Vec<Cell>>,
    /// Rows of this moment or later came after the export began.
    until: Timestamp,
    /// The newest entry of the trail when it began.
    newest: i64,
    head_is_due: bool,
    /// What was read so far, in the unit of [`Export::expected`].
    pub read: u64,
    /// Rows written so far.
    pub written: u64,
}

/// Records the export and begins it; nothing is read before it is recorded.
pub async fn begin(db: &Db, caller: &Caller, wanted: Wanted) -> Result<Result<Export, Refusal>, Fault> {
    let ws = caller.workspace;
    catch_up(db, ws).await?;
    let newest = db.read(move |tx| Box::pin(async move { audit::head(tx, ws).await })).await?.map_or(0, |head| head.0);
    let new =
        json!({"what": wanted.what.as_str(), "format": wanted.format.as_str(), "filters": wanted.filter.recorded()});
    if let Err(refusal) = db.write(RecordExport { caller: caller.clone(), what: wanted.what, new }).await? {
        return Ok(Err(refusal));
    }
    let names = db.read(move |tx| Box::pin(async move { Names::read(tx, ws).await })).await?;
    let now = db.now().plus(Span::millis(1));
    let until = wanted.filter.to.map_or(now, |to| to.min(now));
    let from = wanted.filter.from.unwrap_or(Timestamp::from_micros(i64::MIN));
    let cursor = match wanted.what {
        What::Cases => Cursor::Cases(Place::before(from)),
        What::Closures => Cursor::Closures(Place::before(from)),
        What::Messages => Cursor::Messages(CaseId(0), 0),
        What::AuditLog => Cursor::Entries(0),
    };
    let db = db.clone();
    let waiting = VecDeque::new();
    Ok(Ok(Export { db, ws, wanted, names, cursor, waiting, until, newest, head_is_due: true, read: 0, written: 0 }))
}

impl Export {
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// How much there is to read: cases (of messages, too), closures, entries.
    pub async fn expected(&self) -> Result<u64, Fault> {
        let (ws, what, until) = (self.ws, self.wanted.what, self.until);
        let long_ago = Timestamp::from_micros(i64::MIN);
        let from = self.wanted.filter.from.filter(|_| what != What::Messages).unwrap_or(long_ago);
        let counted = match what {
            What::AuditLog => Ok(self.newest),
            What::Closures => {
                self.db
                    .read(move |tx| Box::pin(async move { store_exports::count_closures(tx, ws, from, until).await }))
                    .await
            }
            What::Cases | What::Messages => {
                let until = if what == What::Messages { Timestamp::from_micros(i64::MAX) } else { until };
                self.db
                    .read(move |tx| Box::pin(async move { store_exports::count_cases(tx, ws, from, until).await }))
                    .await
            }
        };
        Ok(counted?.unsigned_abs())
    }

    /// The next piece of the file; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let Wanted { what, format, .. } = self.wanted;
        let table = Table { columns: what.columns(format), format };
        let mut piece = if std::mem::take(&mut self.head_is_due) { table.head()? } else { Vec::new() };
        // Ends with the table: every turn reads a page further on.
        while piece.is_empty() {
            if self.waiting.is_empty() {
                match self.cursor {
                    Cursor::Cases(after) => self.cases(after).await?,
                    Cursor::Closures(after) => self.closures(after).await?,
                    Cursor::Messages(case, message) => self.messages(case, message).await?,
                    Cursor::Entries(after) => self.entries(after).await?,
                    Cursor::End => return Ok(None),
                }
            }
            piece = self.write(table)?;
        }
        Ok(Some(piece))
    }

    /// The first of the rows that were read, as many as make a piece.
    fn write(&mut self, table: Table) -> Result<Vec<u8>, Fault> {
        let (mut weight, before) = (0, self.waiting.len());
        let (waiting, weight) = (&mut self.waiting, &mut weight);
        let piece = table.rows(std::iter::from_fn(|| {
            let row = waiting.pop_front_if(|_| *weight < PIECE)?;
            *weight += row.iter().map(Cell::weight).sum::<usize>();
            Some(row)
        }))?;
        self.written += (before - self.waiting.len()) as u64;
        Ok(piece)
    }

    async fn cases(&mut self, after: Place) -> Result<(), Fault> {
        let (ws, until) = (self.ws, self.until);
        let page =
            self.db.read(move |tx| Box::pin(async move { store_exports::cases(tx, ws, after, until, CASES).await }));
        let page = page.await?;
        let last = page.last().map(|(case, _)| Place { at: case.created_at, case: case.id, period: 0 });
        self.cursor = last.filter(|_| page.len() as i64 == CASES).map_or(Cursor::End, Cursor::Cases);
        self.read += page.len() as u64;
        let (filter, names) = (&self.wanted.filter, &self.names);
        let wanted = page.into_iter().filter(|(case, _)| filter.takes_case(case));
        self.waiting = wanted.map(|(case, customer)| rows::case(names, case, customer)).collect();
        Ok(())
    }

    async fn closures(&mut self, after: Place) -> Result<(), Fault> {
        let (ws, until) = (self.ws, self.until);
        let page = self
            .db
            .read(move |tx| Box::pin(async move { store_exports::closures(tx, ws, after, until, CLOSURES).await }))
            .await?;
        let last = page.last().map(store_exports::Closed::place);
        self.cursor = last.filter(|_| page.len() as i64 == CLOSURES).map_or(Cursor::End, Cursor::Closures);
        self.read += page.len() as u64;
        let (filter, names) = (&self.wanted.filter, &self.names);
        let wanted = page.into_iter().filter(|closed| filter.takes_closure(closed));
        self.waiting = wanted.map(|closed| rows::closure(names, closed)).collect();
        Ok(())
    }

    async fn messages(&mut self, case: CaseId, message: i64) -> Result<(), Fault> {
        let (ws, after) = (self.ws, (case, message));
        let page =
            self.db.read(move |tx| Box::pin(async move { store_exports::messages(tx, ws, after, MESSAGES).await }));
        let page = page.await?;
        let last = page.last().map(|said| (said.message.case, said.message.id.0));
        self.cursor =
            last.filter(|_| page.len() as i64 == MESSAGES).map_or(Cursor::End, |last| Cursor::Messages(last.0, last.1));
        let mut previous = case;
        for said in &page {
            self.read += u64::from(said.message.case != std::mem::replace(&mut previous, said.message.case));
        }
        let (filter, names, until) = (&self.wanted.filter, &self.names, self.until);
        let in_time = |at: Timestamp| at < until && filter.from.is_none_or(|from| at >= from);
        let wanted =
            page.into_iter().filter(|said| in_time(said.message.received_at) && filter.takes_message(&said.message));
        self.waiting = wanted.map(|said| rows::message(names, said)).collect();
        Ok(())
    }

    async fn entries(&mut self, after: i64) -> Result<(), Fault> {
        let up_to = self.newest.min(after.saturating_add(ENTRIES));
        if up_to <= after {
            self.cursor = Cursor::End;
            return Ok(());
        }
        let (ws, filter) = (self.ws, self.wanted.filter.entries());
        let page =
            self.db.read(move |tx| Box::pin(async move { audit::window(tx, ws, &filter, after, up_to).await })).await?;
        self.cursor = Cursor::Entries(up_to);
        self.read = up_to.unsigned_abs();
        let row = match self.wanted.format {
            Format::Csv => rows::entry,
            Format::JsonLines => rows::entry_line,
        };
        let search = &self.wanted.filter.search;
        self.waiting = page.into_iter().filter(|entry| search.takes(entry)).map(row).collect();
        Ok(())
    }
}
