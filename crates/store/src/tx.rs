//! One transaction, whichever database holds it: two verbs over the same statements.

use crate::sqlite;
use crate::{Fault, Param, Row};
use domain::id::IdGenerator;
use domain::time::Timestamp;
use std::sync::Arc;

/// A transaction under way. Commands may await nothing else.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) now: Timestamp,
    pub(crate) ids: Arc<IdGenerator>,
}

pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
}

impl Tx {
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
        match &self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, params),
        }
    }

    /// Runs a statement and reads each of its rows.
    pub async fn query<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        match &self.conn {
            Conn::Sqlite(conn) => sqlite::query(conn, sql, params, read),
        }
    }

    /// The first row, if there is one.
    pub async fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.query(sql, params, read).await?.into_iter().next())
    }

    /// The only row of a statement that always has one.
    pub async fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.query_opt(sql, params, read).await?.ok_or_else(|| Fault::Broken(format!("no row from: {sql}")))
    }
}
