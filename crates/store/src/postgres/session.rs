//! One transaction on PostgreSQL: statements prepared once per connection, `begin` sent with the first of them, and what
//! nobody waits for sent without waiting.
//!
//! Answers come back in the order of the statements. A statement that is only [`put`](Session::put) is sent at once and its
//! answer looked at together with that of the next statement that is waited for, at the latest with the commit's.

use super::connect;
use crate::tx::expect;
use crate::{Fault, Param, dialect};
use deadpool_postgres::Object;
use futures_util::future::{join, join_all};
use futures_util::{TryStreamExt, pin_mut};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Error, Row, Statement};

/// Statements prepared on a connection after which it forgets them all: the list of cases has a text for every
/// combination of filters, and each costs the server memory.
const STATEMENTS: usize = 512;
/// Statements sent whose answers nobody looked at yet, at most.
const UNSEEN: usize = 256;

type Sent = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One statement's snapshot each, rows locked as they are read.
    Write,
    /// One snapshot for all of it.
    Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NotBegun,
    Begun,
    Ended,
}

/// How a commit ended that is not known to have succeeded.
#[derive(Debug)]
pub(crate) enum NotCommitted {
    /// Undone: running the command again is safe.
    Undone(Fault),
    /// The connection was lost after the commit was sent: the transaction's status tells.
    Unknown,
}

/// A connection for the time of one transaction. Whatever was not committed when it is dropped is rolled back.
pub(crate) struct Session {
    client: Arc<Object>,
    kind: Kind,
    /// Whether a transaction is dated by the database's clock, and not by a test's.
    dates_itself: bool,
    state: State,
    unseen: Vec<Unseen>,
}

/// A statement that was sent, and how many rows it must change, if that is known.
struct Unseen {
    outcome: Seen,
    expected: Option<u64>,
}

impl Unseen {
    async fn see(self) -> Result<(), Fault> {
        let changed = match self.outcome {
            Seen::Not(sent) => sent.await,
            Seen::Done(outcome) => outcome,
        };
        let changed = changed.map_err(fault)?;
        self.expected.map_or(Ok(()), |rows| expect(rows, changed))
    }
}

/// The outcome of a statement that was sent, when it is there already.
enum Seen {
    Not(Sent),
    Done(Result<u64, Error>),
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

impl Session {
    pub fn new(client: Object, kind: Kind, dates_itself: bool) -> Session {
        if client.statement_cache.size() > STATEMENTS {
            client.statement_cache.clear();
        }
        Session { client: Arc::new(client), kind, dates_itself, state: State::NotBegun, unseen: Vec::new() }
    }

    pub fn writes(&self) -> bool {
        self.kind == Kind::Write
    }

    pub fn dates_itself(&self) -> bool {
        self.dates_itself
    }

    pub async fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql).await?;
        let (client, begin) = (self.client.clone(), self.begin());
        let asked = async {
            let rows = client.query_raw(&statement, params.iter().copied()).await?;
            pin_mut!(rows);
            let mut all = Vec::new();
            while let Some(row) = rows.try_next().await? {
                all.push(row);
            }
            Ok(all)
        };
        self.see(begin, asked).await
    }

    pub async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Fault> {
        let statement = self.statement(sql).await?;
        let (client, begin) = (self.client.clone(), self.begin());
        let asked = async { client.execute_raw(&statement, params.iter().copied()).await };
        self.see(begin, asked).await
    }

    pub async fn put(&mut self, sql: &str, params: &[Param<'_>], expected: Option<u64>) -> Result<(), Fault> {
        let statement = self.statement(sql).await?;
        if let Some(begin) = self.begin() {
            self.send(begin, None);
        }
        let (client, params) = (self.client.clone(), params.iter().map(Owned::from).collect::<Vec<_>>());
        self.send(Box::pin(async move { client.execute_raw(&statement, params).await }), expected);
        if self.unseen.len() < UNSEEN { Ok(()) } else { self.see_all().await }
    }

    /// Sends a statement now; its answer is looked at later.
    fn send(&mut self, mut sent: Sent, expected: Option<u64>) {
        let outcome = match poll_once(sent.as_mut()) {
            Poll::Ready(outcome) => Seen::Done(outcome),
            Poll::Pending => Seen::Not(sent),
        };
        self.unseen.push(Unseen { outcome, expected });
    }

    /// The transaction's begin, if it has not begun yet.
    fn begin(&mut self) -> Option<Sent> {
        if self.state != State::NotBegun {
            return None;
        }
        self.state = State::Begun;
        let begin = match self.kind {
            Kind::Write => "begin",
            Kind::Read => "begin isolation level repeatable read read only",
        };
        Some(self.simple(begin))
    }

    fn simple(&self, sql: &'static str) -> Sent {
        let client = self.client.clone();
        Box::pin(async move { client.batch_execute(sql).await.map(|()| 0) })
    }

    async fn statement(&mut self, sql: &str) -> Result<Statement, Fault> {
        let text = dialect::for_postgres(sql, self.kind == Kind::Write);
        let client = self.client.clone();
        let prepare = client.prepare_cached(&text);
        pin_mut!(prepare);
        // Nearly always it is there already, and nothing needs to be waited for.
        match poll_once(prepare.as_mut()) {
            Poll::Ready(statement) => statement.map_err(fault),
            Poll::Pending => self.see(None, prepare).await,
        }
    }

    /// Waits for all that was sent.
    pub async fn see_all(&mut self) -> Result<(), Fault> {
        if self.unseen.is_empty() { Ok(()) } else { self.see(None, async { Ok(()) }).await }
    }

    /// Waits for `asked`, and on the way for everything sent before it, whose failure is the one that counts.
    async fn see<T>(&mut self, begin: Option<Sent>, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        let begin = begin.map(|sent| Unseen { outcome: Seen::Not(sent), expected: None });
        let before = std::mem::take(&mut self.unseen).into_iter().chain(begin).map(Unseen::see);
        let (before, answer) = join(join_all(before), asked).await;
        before.into_iter().collect::<Result<(), Fault>>()?;
        answer.map_err(fault)
    }

    /// Commits. A transaction that did nothing has nothing to commit.
    pub async fn commit(mut self) -> Result<(), NotCommitted> {
        if self.state != State::Begun {
            return Ok(());
        }
        // A statement that changed other rows than it should is no failure to the server: it must be seen before.
        if self.unseen.iter().any(|unseen| unseen.expected.is_some()) {
            self.see_all().await.map_err(NotCommitted::Undone)?;
        }
        self.state = State::Ended;
        let before = std::mem::take(&mut self.unseen).into_iter().map(Unseen::see);
        let (before, committed) = join(join_all(before), self.simple("commit")).await;
        match before.into_iter().collect::<Result<(), Fault>>() {
            Ok(()) => {}
            // With its statements the commit was sent too.
            Err(Fault::Unavailable(_)) => return Err(NotCommitted::Unknown),
            // The server makes a rollback of a commit that follows a failure.
            Err(fault) => return Err(NotCommitted::Undone(fault)),
        }
        match committed {
            Ok(_) => Ok(()),
            Err(error) if connect::is_lost(&error) => Err(NotCommitted::Unknown),
            Err(error) => Err(NotCommitted::Undone(fault(error))),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.state == State::Begun {
            // Sent with the first poll; whoever gets the connection next has its statements queued behind. A reader has
            // nothing to undo, and what was not committed is not to be.
            let _ = poll_once(self.simple("rollback").as_mut());
        }
    }
}

/// What a failure means for the command. The message of the server stays out where it could repeat a stored value (T4).
pub(crate) fn fault(error: Error) -> Fault {
    let text = describe(&error);
    if connect::is_lost(&error) || connect::is_full(&error) {
        Fault::Unavailable(text)
    } else if connect::is_raced(&error) {
        Fault::Raced(text)
    } else {
        Fault::Broken(text)
    }
}

fn describe(error: &Error) -> String {
    let Some(db) = error.as_db_error() else { return error.to_string() };
    let code = db.code().code();
    // Syntax, resources, connections: these messages name what is ours. Others may quote a row.
    let ours = ["08", "40", "42", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class));
    let place: Vec<&str> = [db.table(), db.column(), db.constraint()].into_iter().flatten().collect();
    match (ours, place.is_empty()) {
        (true, _) => format!("{} (SQLSTATE {code})", db.message()),
        (false, true) => format!("SQLSTATE {code}"),
        (false, false) => format!("SQLSTATE {code} at {}", place.join(", ")),
    }
}

/// A parameter that outlives its caller.
#[derive(Debug)]
enum Owned {
    Copied(Param<'static>),
    Text(String),
}

impl From<&Param<'_>> for Owned {
    fn from(param: &Param<'_>) -> Owned {
        match *param {
            Param::Null => Owned::Copied(Param::Null),
            Param::Int(n) => Owned::Copied(Param::Int(n)),
            Param::Bool(b) => Owned::Copied(Param::Bool(b)),
            Param::Text(text) => Owned::Text(text.to_owned()),
        }
    }
}

type Encoded = Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl ToSql for Owned {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match self {
            Owned::Copied(param) => param.to_sql(ty, out),
            Owned::Text(text) => Param::Text(text).to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <Param<'_> as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match *self {
            Param::Null => Ok(IsNull::Yes),
            Param::Bool(b) => b.to_sql(ty, out),
            // A length, where the server asks for less than we count with.
            Param::Int(n) if *ty == Type::INT4 => i32::try_from(n)?.to_sql(ty, out),
            Param::Int(n) if *ty == Type::INT8 => n.to_sql(ty, out),
            Param::Text(text) if *ty != Type::INT8 && *ty != Type::BOOL => text.to_sql(ty, out),
            _ => Err(format!("a parameter of another type where the statement takes {ty}").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::BOOL, Type::TEXT, Type::VARCHAR].contains(ty)
    }

    to_sql_checked!();
}
