//! SQLite: one thread owns the one writing connection and commits in groups; a few read-only connections serve reads.
//!
//! The writer takes a command, begins, drains what already waits (up to [`GROUP`], no timer), runs each under a
//! savepoint, commits once and then answers all: one fsync for many. A failing command is undone alone.

pub(crate) mod handle;
pub(crate) mod statistics;

use crate::db::{Clock, Health, Settings};
use crate::dialect;
use crate::row::Source;
use crate::tx::Conn;
use crate::{Fault, Param, Row, Tx, outbox, workspaces};
use domain::id::IdGenerator;
use domain::time::Timestamp;
use handle::Job;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Commands that share a commit at most: past this the fsync no longer shows and waiting grows.
const GROUP: usize = 256;
/// Commands that may wait for the writer before senders are slowed down.
pub(crate) const WAITING: usize = 4_096;
/// Pages of write-ahead log after which a commit moves them into the database: 64 MiB. A sweep writes the same pages in
/// batch after batch; the longer the log, the fewer times they are moved.
const AUTOCHECKPOINT_PAGES: u32 = 16_000;
/// Commits after which an idle writer checkpoints, so that the log does not wait for the next busy hour.
const IDLE_CHECKPOINT_COMMITS: u32 = 64;
/// Prepared statements kept per connection; there are about 200.
const STATEMENTS: usize = 512;
/// Older versions can corrupt a database in write-ahead mode when the log is reset.
const OLDEST_SAFE: i32 = 3_051_003;

/// How long a command waits for another process (an import, a token being made) to finish its transaction.
const BUSY: std::time::Duration = std::time::Duration::from_secs(10);

pub(crate) fn check_version() -> Result<(), String> {
    if rusqlite::version_number() < OLDEST_SAFE {
        return Err(format!(
            "SQLite {} can corrupt its write-ahead log; Lull needs 3.51.3 or newer",
            rusqlite::version()
        ));
    }
    Ok(())
}

/// Refuses what SQLite would take for a database in memory or for an address of its own: each connection would see another
/// database.
pub(crate) fn check_path(path: &Path) -> Result<(), String> {
    let text = path.to_string_lossy();
    if text.is_empty() || text == ":memory:" || text.starts_with("file:") {
        return Err("a database needs the path of a file".to_owned());
    }
    Ok(())
}

pub(crate) fn open_writer(path: &Path, settings: &Settings) -> Result<Connection, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|e| e.to_string())?;
    let synchronous = if settings.durable { "full" } else { "off" };
    prepare_connection(&conn, &format!("pragma journal_mode = wal; pragma synchronous = {synchronous};"))
        .map_err(|e| e.to_string())?;
    conn.execute_batch(&format!("pragma wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}; pragma cache_size = -131072;"))
        .map_err(|e| e.to_string())?;
    Ok(conn)
}

pub(crate) fn open_reader(path: &Path, settings: &Settings) -> Result<Connection, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|e| e.to_string())?;
    prepare_connection(&conn, &format!("pragma mmap_size = {}; pragma cache_size = -16384;", settings.mmap_bytes))
        .map_err(|e| e.to_string())?;
    Ok(conn)
}

fn prepare_connection(conn: &Connection, pragmas: &str) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // One plan for a statement whatever its parameters: else SQLite, built with STAT4, looks at each new value and prepares
    // the statement again, which costs more than running it.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("lower", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(dialect::lower))
    })?;
    conn.create_scalar_function("spaced", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(|text| dialect::spaced(text).into_owned()))
    })?;
    conn.execute_batch(pragmas)
}

pub(crate) fn execute(conn: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64, Fault> {
    let mut statement = conn.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params).map_err(fault)?;
    statement.raw_execute().map(|n| n as u64).map_err(fault)
}

pub(crate) fn query<T>(
    conn: &Connection,
    sql: &str,
    params: &[Param<'_>],
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = conn.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params).map_err(fault)?;
    let mut rows = statement.raw_query();
    let mut answers = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        answers.push(read(&Row(Source::Sqlite(row)))?);
    }
    Ok(answers)
}

/// Binds by the number in the parameter's name. SQLite takes `$2` for a name and numbers names by first appearance, so
/// binding by position would silently swap values.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Param<'_>]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|digits| digits.parse::<usize>().ok())
            .and_then(|number| number.checked_sub(1));
        let value =
            number.and_then(|n| params.get(n)).ok_or(rusqlite::Error::InvalidParameterCount(index, params.len()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::{Value, ValueRef};
        Ok(match *self {
            Param::Null => ToSqlOutput::Owned(Value::Null),
            Param::Int(n) => ToSqlOutput::Owned(Value::Integer(n)),
            Param::Bool(b) => ToSqlOutput::Owned(Value::Integer(i64::from(b))),
            Param::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

fn fault(error: rusqlite::Error) -> Fault {
    let unavailable = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
        )
    );
    // The message of SQLite names tables and columns, never a stored value.
    if unavailable { Fault::Unavailable(error.to_string()) } else { Fault::Broken(error.to_string()) }
}

/// Makes what was written searchable. Once for a whole transaction and outside of savepoints: each of them would have the
/// words written down by itself.
pub(crate) fn index_words(conn: &Connection) -> Result<(), Fault> {
    let some = query(conn, dialect::UNINDEXED, &[], |row| row.get::<Option<bool>>(0))?;
    if some.first() == Some(&Some(true)) {
        for statement in dialect::INDEX {
            execute(conn, statement, &[])?;
        }
    }
    Ok(())
}

/// The connection of a transaction that is known to be this database's.
fn connection(tx: &Tx) -> &Connection {
    match &tx.conn {
        Conn::Sqlite(conn) => conn,
        Conn::Postgres(_) => unreachable!("the writer and the readers are made with SQLite's connections"),
    }
}

/// Drives a future that awaits nothing but its own transaction: on this side each poll completes.
pub(crate) fn complete<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => panic!("a command awaited something other than its transaction"),
    }
}

/// The thread that owns the writing connection.
pub(crate) struct Writer {
    pub tx: Tx,
    pub clock: Arc<dyn Clock>,
    pub health: Arc<Health>,
    /// Why a command of the group under way could not be stored, though the group itself can.
    trouble: Option<Fault>,
}

impl Writer {
    pub fn new(conn: Connection, clock: Arc<dyn Clock>, ids: Arc<IdGenerator>, health: Arc<Health>) -> Self {
        let tx = Tx::new(Conn::Sqlite(conn), clock.now(), ids);
        Writer { tx, clock, health, trouble: None }
    }

    /// Keeps new ids above the stored ones, in whose order conversations and feeds are read, also when the clock stepped
    /// back while no process was up. Every change of a case leaves a row in the outbox or, longer, in the audit trail.
    pub fn rise_above_stored_ids(&mut self) -> Result<(), Fault> {
        let newest = complete(outbox::newest_id(&mut self.tx))?.unwrap_or(0);
        self.tx.ids.rise_above(newest);
        if let Some(moment) = complete(workspaces::newest_moment(&mut self.tx))? {
            self.tx.ids.rise_above(self.tx.ids.next(moment));
        }
        Ok(())
    }

    /// Serves commands until every sender is gone.
    pub fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut commits_since_checkpoint = 0;
        while let Some(first) = queue.blocking_recv() {
            let mut group = vec![first];
            let outcome = self.run_group(&mut group, &mut queue);
            match outcome.as_ref().err().or(self.trouble.as_ref()) {
                None => self.health.set_writable(),
                Some(fault) => self.health.set_unwritable(fault),
            }
            for job in group {
                job.answer(outcome.as_ref().err());
            }
            commits_since_checkpoint += 1;
            if queue.is_empty() && commits_since_checkpoint >= IDLE_CHECKPOINT_COMMITS {
                commits_since_checkpoint = 0;
                if let Err(error) = self.batch("pragma wal_checkpoint(passive)") {
                    tracing::warn!(%error, "checkpoint failed");
                }
            }
        }
    }

    fn batch(&self, sql: &str) -> Result<(), Fault> {
        let conn = connection(&self.tx);
        let mut statement = conn.prepare_cached(sql).map_err(fault)?;
        let mut rows = statement.raw_query();
        while rows.next().map_err(fault)?.is_some() {}
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        let conn = connection(&self.tx);
        !conn.is_autocommit()
    }

    /// One transaction over the group and whatever joins it meanwhile. An error means that nothing of it is stored.
    fn run_group(
        &mut self,
        group: &mut Vec<Box<dyn Job>>,
        queue: &mut mpsc::Receiver<Box<dyn Job>>,
    ) -> Result<(), Fault> {
        self.trouble = None;
        self.batch("begin immediate")?;
        let mut next = 0;
        let outcome = loop {
            if let Err(fault) = self.run_one(&mut group[next]) {
                break Err(fault);
            }
            next += 1;
            if next < GROUP
                && let Ok(job) = queue.try_recv()
            {
                group.push(job);
            } else {
                break index_words(connection(&self.tx)).and_then(|()| self.batch("commit"));
            }
        };
        if self.in_transaction() {
            self.batch("rollback")?;
        }
        outcome
    }

    /// Runs one command under its savepoint. An error here is the whole group's: the transaction itself is lost.
    fn run_one(&mut self, job: &mut Box<dyn Job>) -> Result<(), Fault> {
        self.batch("savepoint command")?;
        self.tx.now = self.tx.now.max(self.clock.now());
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| job.run(&mut self.tx))).unwrap_or_else(|_| {
            tracing::error!("a command panicked; it was undone");
            Err(Fault::Broken("a command panicked".to_owned()))
        });
        let unavailable = outcome.as_ref().err().filter(|fault| fault.is_unavailable());
        if !self.in_transaction() {
            // A full disk makes SQLite give up the transaction, and with it the commands before this one.
            let given_up = || Fault::Unavailable("the transaction was given up".to_owned());
            return Err(unavailable.cloned().unwrap_or_else(given_up));
        }
        if outcome.is_err() {
            self.trouble = unavailable.cloned().or(self.trouble.take());
            self.batch("rollback to command")?;
        }
        self.batch("release command")
    }
}

/// A read in a snapshot of its own.
pub(crate) fn read<T>(tx: &mut Tx, now: Timestamp, read: impl FnOnce(&mut Tx) -> Result<T, Fault>) -> Result<T, Fault> {
    tx.now = now;
    {
        let conn = connection(tx);
        execute(conn, "begin", &[])?;
    }
    let answer = std::panic::catch_unwind(AssertUnwindSafe(|| read(tx)));
    let conn = connection(tx);
    let ended = execute(conn, "commit", &[]);
    let answer = answer.map_err(|_| Fault::Broken("a read panicked".to_owned()))??;
    ended?;
    Ok(answer)
}

/// Copies the database as it is at this moment, while others go on writing.
pub(crate) fn backup(from: &Path, to: &Path) -> Result<(), String> {
    let source = open_reader(from, &Settings::default())?;
    let mut target = Connection::open(to).map_err(|e| e.to_string())?;
    {
        let copy = rusqlite::backup::Backup::new(&source, &mut target).map_err(|e| e.to_string())?;
        // All pages in one step: the copy is of one snapshot, and readers do not hold up the writer.
        let outcome = copy.step(-1).map_err(|e| e.to_string())?;
        if outcome != rusqlite::backup::StepResult::Done {
            return Err(format!("the copy stopped early: {outcome:?}"));
        }
    }
    // The copy is one file that needs no log beside it.
    target.execute_batch("pragma journal_mode = delete").map_err(|e| e.to_string())?;
    target.close().map_err(|(_, e)| e.to_string())?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(|e| e.to_string())
}
