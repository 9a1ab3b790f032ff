//! A database in a temporary folder, with a clock that the test sets, called as if nothing were asynchronous.

use domain::time::{Span, Timestamp};
use proptest::prelude::ProptestConfig;
use std::path::PathBuf;
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

    fn overrides_database(&self) -> bool {
        true
    }
}

pub struct Desk {
    pub db: Db,
    pub clock: Arc<TestClock>,
    runtime: tokio::runtime::Runtime,
    place: Place,
}

/// Whether the tests run on PostgreSQL this time.
pub fn on_postgres() -> bool {
    std::env::var("LULL_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}

/// Where a test's database lies, until the test ends.
struct Place {
    folder: TempDir,
    postgres: Option<scratch_postgres::Database>,
}

impl Place {
    fn url(&self) -> DatabaseUrl {
        match &self.postgres {
            Some(database) => DatabaseUrl::Postgres(database.url()),
            None => DatabaseUrl::Sqlite(self.folder.path().join("lull.db")),
        }
    }
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { folder, postgres: on_postgres().then(scratch_postgres::Database::fresh) };
        let clock = Arc::new(TestClock(AtomicI64::new(super::START.as_micros())));
        let runtime = runtime();
        let db = runtime.block_on(open(&place.url(), &clock)).expect("a new database opens");
        Desk { db, clock, runtime, place }
    }

    pub fn path(&self) -> PathBuf {
        self.beside("lull.db")
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.place.folder.path().join(name)
    }

    /// Another handle to the same database, as another process would have.
    pub fn open_again(&self) -> Result<Db, OpenError> {
        self.block_on(open(&self.place.url(), &self.clock))
    }

    /// Opens another database.
    pub fn open_at(&self, url: &DatabaseUrl, settings: &Settings) -> Result<Db, OpenError> {
        self.block_on(Db::open(url, settings, self.clock.clone()))
    }

    /// Lets the database go and opens it anew.
    pub fn restart(self) -> Desk {
        let Desk { db, clock, runtime, place } = self;
        drop(db);
        let db = runtime.block_on(open(&place.url(), &clock)).expect("the database opens again");
        Desk { db, clock, runtime, place }
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

    /// Takes away what keeps the audit trail from being changed, as whoever owns the database can.
    pub fn unguard_the_trail(&self) {
        let guards: &[&str] = if on_postgres() {
            &["alter table audit disable trigger audit_is_append_only"]
        } else {
            &[
                "drop trigger audit_is_not_changed",
                "drop trigger audit_is_not_removed",
                "drop trigger audit_is_not_replaced",
            ]
        };
        for statement in guards {
            self.sql(statement);
        }
    }

    /// The only number that a question of the test's own answers.
    pub fn number(&self, question: &str) -> i64 {
        let question = question.to_owned();
        self.read(async move |tx| tx.query_one(&question, store::params![], |row| row.get(0)).await)
    }
}

async fn open(url: &DatabaseUrl, clock: &Arc<TestClock>) -> Result<Db, OpenError> {
    // What is thrown away need not reach the disk; the tests that are about that open a database of their own.
    let settings = Settings { readers: 2, connections: 4, durable: false, ..Settings::default() };
    Db::open(url, &settings, clock.clone()).await
}

/// One thread for a database in this process. One that is a connection away needs a second one, which listens while a
/// test's own closure holds the first.
fn runtime() -> tokio::runtime::Runtime {
    let built = if on_postgres() {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
    } else {
        tokio::runtime::Builder::new_current_thread().build()
    };
    built.expect("a runtime")
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

/// The answer of a future that awaits nothing but its transaction. On SQLite that never waits; on PostgreSQL this thread
/// waits for it, since a closure's future may not wander between threads.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    if on_postgres() {
        return tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future));
    }
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => panic!("a test awaited something other than its transaction"),
    }
}
