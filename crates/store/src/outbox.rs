//! What others are to hear of: one row for each change, written with it, and read by cursor.
//!
//! Transactions that run at once end in any order, and what is not committed cannot be seen. So a listener reads the rows in
//! one order, and only up to where nothing can come in between any more: a transaction that began early and ends late delays
//! what began after it, and is not skipped.

use crate::dialect::{self, Commits};
use crate::{Fault, Tx, params};
use domain::id::{EventId, WorkspaceId};
use domain::time::Timestamp;

/// Rows pruned in one go, so that the writer is never held long.
const PRUNE: i64 = 2_000;

/// Where a listener is: after this row. Outside it is the row's id, so it also holds in a copy of the database; the row's
/// place belongs to this database alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    place: i64,
    id: i64,
}

impl Cursor {
    /// Before everything.
    pub const START: Cursor = Cursor { place: 0, id: 0 };

    /// What [`find`] takes; before the first row there is nothing to name.
    pub fn event(self) -> Option<EventId> {
        (self != Cursor::START).then_some(EventId(self.id))
    }
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who has this event is here.
    pub cursor: Cursor,
    pub workspace: WorkspaceId,
    pub at: Timestamp,
    pub name: String,
    pub case_number: Option<i64>,
    /// A JSON object.
    pub data: String,
}

/// `data` is a JSON object and holds no customer's words: who listens fetches what they may see.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    event: &str,
    case_number: Option<i64>,
    data: &str,
) -> Result<(), Fault> {
    let (id, now) = (tx.new_id(), tx.now());
    tx.mark = Some(id);
    tx.put(
        "insert into outbox (id, workspace, at, event, case_number, data) values ($1, $2, $3, $4, $5, $6)",
        params![id, ws, now, event, case_number, data],
    )
    .await?;
    Ok(())
}

/// One event for each of many cases; `rows` is a JSON list of `[event id, case number, data]`.
pub async fn insert_many(tx: &mut Tx, ws: WorkspaceId, event: &str, rows: &str) -> Result<(), Fault> {
    let now = tx.now();
    tx.mark = tx.mark.or_else(|| first_id(rows));
    tx.put(
        "insert into outbox (id, workspace, at, event, case_number, data) \
         select cast(value->>0 as bigint), $1, $2, $3, cast(value->>1 as bigint), value->>2 from json_each($4)",
        params![ws, now, event, rows],
    )
    .await?;
    Ok(())
}

/// The id of the first of `rows`.
fn first_id(rows: &str) -> Option<i64> {
    rows.trim_start_matches(['[', ' ']).split(',').next()?.trim().parse().ok()
}

fn commits(tx: &Tx) -> &'static Commits {
    dialect::commits(tx.is_shared())
}

/// The cursor of who has everything that can be had now.
pub async fn newest(tx: &mut Tx) -> Result<Cursor, Fault> {
    let Commits { place, settled, backwards, .. } = commits(tx);
    let sql = format!("select {place}, o.id from outbox o where {settled} order by {backwards} limit 1");
    let found = tx.query_opt(&sql, params![], |row| Ok(Cursor { place: row.get(0)?, id: row.get(1)? })).await?;
    Ok(found.unwrap_or(Cursor::START))
}

/// The cursor of who has this event. `None` if it is not there: forgotten, or of another database. What followed it may be
/// gone too then.
pub async fn find(tx: &mut Tx, event: EventId) -> Result<Option<Cursor>, Fault> {
    let Commits { place, own, .. } = commits(tx);
    let sql = format!("select {place}, o.id from outbox o where o.id = $1 and {own}");
    tx.query_opt(&sql, params![event], |row| Ok(Cursor { place: row.get(0)?, id: row.get(1)? })).await
}

/// The next events after `cursor`, of every workspace, `limit` at most; fewer mean that there are no more at this moment.
/// `None` if the row the cursor stands on is gone, and perhaps rows after it: whoever listens must look at everything anew.
pub async fn after(tx: &mut Tx, cursor: Cursor, limit: i64) -> Result<Option<Vec<Event>>, Fault> {
    let Commits { place, from, settled, forwards, .. } = commits(tx);
    let sql = format!(
        "select {place}, o.id, o.workspace, o.at, o.event, o.case_number, o.data from outbox o \
         where {from} and ({settled} or o.id = $2) order by {forwards} limit $3"
    );
    let read = |row: &crate::Row<'_>| {
        Ok(Event {
            cursor: Cursor { place: row.get(0)?, id: row.get(1)? },
            workspace: row.get(2)?,
            at: row.get(3)?,
            name: row.get(4)?,
            case_number: row.get(5)?,
            data: row.get(6)?,
        })
    };
    if cursor == Cursor::START {
        return tx.query(&sql, params![0_i64, 0_i64, limit], read).await.map(Some);
    }
    // The cursor's own row is read too, settled as it once was: that it is there shows that nothing after it was forgotten.
    let mut rows = tx.query(&sql, params![cursor.place, cursor.id, limit + 1], read).await?;
    if rows.first().is_none_or(|row| row.cursor != cursor) {
        return Ok(None);
    }
    rows.remove(0);
    Ok(Some(rows))
}

/// A row of the outbox, for who only asks which case was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub cursor: Cursor,
    /// Nothing will come to stand before it any more.
    pub settled: bool,
    pub workspace: WorkspaceId,
    pub name: String,
    pub case_number: Option<i64>,
}

/// What can be seen after `cursor`, also where something may still come in between. `None` as with [`after`].
pub async fn touched(tx: &mut Tx, cursor: Cursor, limit: i64) -> Result<Option<Vec<Touched>>, Fault> {
    let Commits { place, from, settled, forwards, .. } = commits(tx);
    let sql = format!(
        "select {place}, o.id, {settled}, o.workspace, o.event, o.case_number from outbox o where {from}          order by {forwards} limit $3"
    );
    let read = |row: &crate::Row<'_>| {
        Ok(Touched {
            cursor: Cursor { place: row.get(0)?, id: row.get(1)? },
            settled: row.get(2)?,
            workspace: row.get(3)?,
            name: row.get(4)?,
            case_number: row.get(5)?,
        })
    };
    let start = cursor == Cursor::START;
    let mut rows = tx.query(&sql, params![cursor.place, cursor.id, limit + i64::from(!start)], read).await?;
    if start {
        return Ok(Some(rows));
    }
    if rows.first().is_none_or(|row| row.cursor != cursor) {
        return Ok(None);
    }
    rows.remove(0);
    Ok(Some(rows))
}

/// To be called before a process listens for the first time. A database that was restored from a dump brings the numbers
/// of another server's transactions: they may lie in this one's future, where nobody would read them for a long time.
pub async fn disown_restored(tx: &mut Tx) -> Result<u64, Fault> {
    if tx.is_shared() { tx.execute(dialect::DISOWN_RESTORED, params![]).await } else { Ok(0) }
}

/// The newest row's id, from which later ones must differ.
pub(crate) async fn newest_id(tx: &mut Tx) -> Result<Option<i64>, Fault> {
    tx.query_one("select max(id) from outbox", params![], |row| row.get(0)).await
}

/// Forgets the oldest rows before `before`; answers whether it was a full batch, and there may be more. The newest row
/// stays, so that who has it can tell that they missed nothing, however long it was quiet.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    // The bound comes first: a search for old rows among all of them would read the whole table when there are none.
    let sql = "delete from outbox where at < $1 and id in (select id from outbox order by id limit $2) \
               and id < (select max(id) from outbox)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}
