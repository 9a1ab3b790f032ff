//! A database in a temporary folder, with a clock that the test sets, called as if nothing were asynchronous.

use domain::time::{Span, Timestamp};
use proptest::prelude::ProptestConfig;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::{Clock, Command, DatabaseUrl, Db, Fault, OpenError, Settings, Tx};
use tempfile::TempDir;

/// So many random worlds, and no file beside the sources: a failure prints its smallest input.
pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A clock that stands where it was set.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

pub struct Desk {
    pub db: Db,
    pub clock: Arc<TestClock>,
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock(AtomicI64::new(super::START.as_micros())));
        let db = open(&folder.path().join("lull.db"), &clock).expect("a new database opens");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Desk { db, clock, runtime, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("lull.db")
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another handle to the same file, as another process would have.
    pub fn open_again(&self) -> Result<Db, OpenError> {
        open(&self.path(), &self.clock)
    }

    /// Lets the database go and opens its file anew.
    pub fn restart(self) -> Desk {
        let Desk { db, clock, runtime, folder } = self;
        drop(db);
        let db = open(&folder.path().join("lull.db"), &clock).expect("the database opens again");
        Desk { db, clock, runtime, folder }
    }

    pub fn pass(&self, span: Span) {
        self.clock.set(self.clock.now().plus(span));
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub fn try_write<T, F>(&self, act: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    {
        self.block_on(self.db.write(Once::new(act)))
    }

    pub fn write<T, F>(&self, act: F) -> T
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    {
        self.try_write(act).expect("the command is stored")
    }

    pub fn try_read<T, F>(&self, query: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    {
        self.block_on(read(&self.db, query))
    }

    pub fn read<T, F>(&self, query: F) -> T
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    {
        self.try_read(query).expect("the read succeeds")
    }

    /// A statement of the test's own, as a command.
    pub fn sql(&self, statement: &str) -> u64 {
        let statement = statement.to_owned();
        self.write(async move |tx| tx.execute(&statement, store::params![]).await)
    }

    /// The only number that a question of the test's own answers.
    pub fn number(&self, question: &str) -> i64 {
        let question = question.to_owned();
        self.read(async move |tx| tx.query_one(&question, store::params![], |row| row.get(0)).await)
    }
}

fn open(path: &Path, clock: &Arc<TestClock>) -> Result<Db, OpenError> {
    // What is thrown away need not reach the disk; the tests that are about that open a database of their own.
    let settings = Settings { readers: 2, durable: false, ..Settings::default() };
    Db::open(&DatabaseUrl::Sqlite(path.to_owned()), &settings, clock.clone())
}

/// Reads through a handle of the test's own.
pub async fn read<T, F>(db: &Db, query: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
{
    db.read(move |tx| Box::pin(std::future::ready(now(query(tx))))).await
}

/// A command made of a closure, which runs once.
pub struct Once<F>(Mutex<Option<F>>);

impl<F> Once<F> {
    pub fn new(act: F) -> Self {
        Once(Mutex::new(Some(act)))
    }
}

impl<T, F> Command for Once<F>
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
{
    type Output = T;

    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<T, Fault>> + Send {
        let act = self.0.lock().expect("no other run").take().expect("one run");
        std::future::ready(now(act(tx)))
    }
}

/// The answer of a future that awaits nothing but its transaction, which on this database never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => panic!("a test awaited something other than its transaction"),
    }
}
