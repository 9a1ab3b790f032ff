//! One transaction, whichever database holds it: a few verbs over the same statements.

use crate::postgres::session::Session;
use crate::row::Source;
use crate::{Fault, Param, Row, sqlite};
use domain::id::IdGenerator;
use domain::time::{Span, Timestamp};
use std::sync::Arc;

/// A transaction under way. Commands may await nothing else.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) now: Timestamp,
    pub(crate) ids: Arc<IdGenerator>,
    /// An outbox row of this transaction: that it is there tells that the transaction was committed.
    pub(crate) mark: Option<i64>,
    /// Whether mails are sent, so that what tells of something leaves one.
    pub(crate) mails: bool,
}

pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

/// Rows that a command read are its own until it ends; who changed them is a defect of ours.
pub(crate) fn expect(rows: u64, changed: u64) -> Result<(), Fault> {
    if rows == changed {
        return Ok(());
    }
    Err(Fault::Broken(format!("a statement changed {changed} rows where {rows} were read")))
}

impl Tx {
    pub(crate) fn new(conn: Conn, now: Timestamp, ids: Arc<IdGenerator>) -> Tx {
        Tx { conn, now, ids, mark: None, mails: false }
    }

    /// The one moment at which everything in this transaction happens.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id, dated now.
    pub fn new_id(&self) -> i64 {
        self.ids.next(self.now)
    }

    /// Runs a statement and answers how many rows it changed.
    pub async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Fault> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, params),
            Conn::Postgres(session) => session.execute(sql, params).await,
        }
    }

    /// Runs a statement of which nobody asks what it changed. Where the database is a network away, it is sent without
    /// waiting for the answer; should it fail, the next statement or the commit fails with its fault.
    pub async fn put(&mut self, sql: &str, params: &[Param<'_>]) -> Result<(), Fault> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, params).map(|_| ()),
            Conn::Postgres(session) => session.put(sql, params, None).await,
        }
    }

    /// The same for a statement that must change so many rows: another number fails the command.
    pub async fn change(&mut self, rows: u64, sql: &str, params: &[Param<'_>]) -> Result<(), Fault> {
        match &mut self.conn {
            Conn::Sqlite(conn) => expect(rows, sqlite::execute(conn, sql, params)?),
            Conn::Postgres(session) => session.put(sql, params, Some(rows)).await,
        }
    }

    /// Runs a statement and reads each of its rows.
    pub async fn query<T: Send>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault> + Send,
    ) -> Result<Vec<T>, Fault> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::query(conn, sql, params, read),
            Conn::Postgres(session) => {
                let rows = session.query(sql, params).await?;
                rows.iter().map(|row| read(&Row(Source::Postgres(row)))).collect()
            }
        }
    }

    /// The first row, if there is one.
    pub async fn query_opt<T: Send>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault> + Send,
    ) -> Result<Option<T>, Fault> {
        Ok(self.query(sql, params, read).await?.into_iter().next())
    }

    /// The only row of a statement that always has one.
    pub async fn query_one<T: Send>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault> + Send,
    ) -> Result<T, Fault> {
        self.query_opt(sql, params, read).await?.ok_or_else(|| Fault::Broken(format!("no row from: {sql}")))
    }

    /// Whether other nodes may write to the same rows at this moment: PostgreSQL. With SQLite every command has the
    /// database to itself.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// Moves this transaction past `moment`, when a row was last changed. A transaction that waited for another one's
    /// row began before it and comes after it: what it writes must not be dated earlier.
    pub(crate) fn comes_after(&mut self, moment: Timestamp) {
        if let Conn::Postgres(session) = &self.conn
            && session.writes()
            && moment >= self.now
        {
            // By a test's clock time stands still, and many things happen at one moment.
            self.now = if session.dates_itself() { moment.plus(Span::millis(1)) } else { moment };
        }
    }
}
