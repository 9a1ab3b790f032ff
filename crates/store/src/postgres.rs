//! PostgreSQL: a pool of connections, a transaction for each command, as many nodes as there are.
//!
//! Transactions run at READ COMMITTED. What two of them could do to each other is settled by rows locked as they are read,
//! by guarded updates, and by the locks of `locks.rs`, taken in one order. What still collides is run again.
//!
//! The database's clock is the one authority for time (A9): it dates every transaction as it begins.

pub(crate) mod address;
pub(crate) mod connect;
pub(crate) mod session;
pub(crate) mod tls;

use crate::db::{BoxFuture, Clock, Command, Health, Settings};
use crate::tx::Conn;
use crate::{Fault, Tx, migrate};
use address::Address;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use domain::id::{IdGenerator, NODES};
use domain::time::Timestamp;
use session::{Kind, NotCommitted, Session, fault};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_postgres::Client;

/// How often a command is run before it is given up: others keep taking its rows, or its connections keep breaking.
const ATTEMPTS: u32 = 8;
/// How long a command waits for a free connection, and a connection for its server.
const WAIT: Duration = Duration::from_secs(10);
/// How often the fate of a commit is asked for whose answer was lost, [`SETTLE_PAUSE`] apart.
const SETTLE_ATTEMPTS: u32 = 100;
const SETTLE_PAUSE: Duration = Duration::from_millis(50);
/// Class of the session locks under which processes hold their node numbers.
const NODE_CLASS: i32 = 0x6c75_6c6c;

/// The moment by the database's clock, in milliseconds, and the transaction's id.
const MOMENT: &str = "select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint), \
                      cast(cast(pg_current_xact_id() as text) as bigint)";
/// The same without making the transaction one that writes.
const MOMENT_ONLY: &str = "select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)";

pub(crate) struct Postgres {
    address: Address,
    pool: Pool,
    /// Reads leave some connections to commands, however many of them there are.
    readers: Semaphore,
    clock: ServerClock,
    ids: Arc<IdGenerator>,
    mails: bool,
    health: Arc<Health>,
    /// Holds this process's node number for as long as it is connected.
    node: RwLock<Held>,
    /// One at a time takes it again; counts those who could not.
    taking: tokio::sync::Mutex<()>,
    not_taken: AtomicU64,
}

/// A node number, and the connection whose end gives it back.
struct Held {
    number: u8,
    by: Client,
}

/// The database's clock as this process knows it.
struct ServerClock {
    local: Arc<dyn Clock>,
    /// What the server's clock was ahead of this process's when it was last read, in microseconds.
    ahead: AtomicI64,
    /// No moment handed out before this one: the server's clock may step back, the desk's does not.
    newest: AtomicI64,
}

impl ServerClock {
    /// Takes a reading of the server's clock; answers the moment that counts.
    fn read(&self, millis: i64) -> Timestamp {
        let read = Timestamp::from_millis(millis);
        self.ahead.store(read.as_micros() - self.local.now().as_micros(), Ordering::Relaxed);
        let newest = self.newest.fetch_max(read.as_micros(), Ordering::Relaxed);
        read.max(Timestamp::from_micros(newest))
    }

    /// About what the server's clock shows now; never more than a reading's way behind it, nor ahead of it, while this
    /// process's own clock runs evenly.
    fn estimate(&self) -> Timestamp {
        if self.local.overrides_database() {
            return self.local.now();
        }
        let now = self.local.now().as_micros() + self.ahead.load(Ordering::Relaxed);
        Timestamp::from_millis(Timestamp::from_micros(now).as_millis())
    }
}

/// A commit whose answer was lost.
enum Fate {
    Committed,
    Undone,
}

impl Postgres {
    pub async fn open(url: &str, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Postgres, String> {
        let address = Address::parse(url)?;
        let first = connect::connect(&address).await?;
        let local = ServerClock { local: clock, ahead: AtomicI64::new(0), newest: AtomicI64::new(i64::MIN) };
        let now = if local.local.overrides_database() {
            local.local.now()
        } else {
            let row = first.query_one(MOMENT_ONLY, &[]).await.map_err(|e| fault(e).to_string())?;
            local.read(row.get(0))
        };
        migrate::migrate_postgres(&first, now.as_micros()).await?;
        let ids = Arc::new(IdGenerator::new(0));
        let number = take_node(&first, 0).await?;
        ids.become_node(number);
        // After the number is taken: a copy that begins now sees this process, or this process sees the copy.
        crate::copy::refuse_unfinished(&first).await?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(address.config.clone(), connect::Opener::new(&address)?, recycling);
        let greeting = greeting(settings.durable);
        let pool = Pool::builder(manager)
            .max_size(settings.connections.max(2))
            .timeouts(Timeouts { wait: Some(WAIT), create: Some(connect::patience(&address)), recycle: Some(WAIT) })
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                let greeting = greeting.clone();
                Box::pin(async move { client.batch_execute(&greeting).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Postgres {
            address,
            pool,
            readers: Semaphore::new((settings.connections * 3 / 4).max(1)),
            clock: local,
            ids,
            mails: settings.mails,
            health: Arc::new(Health::default()),
            node: RwLock::new(Held { number, by: first }),
            taking: tokio::sync::Mutex::default(),
            not_taken: AtomicU64::new(0),
        })
    }

    pub fn health(&self) -> &Health {
        &self.health
    }

    pub fn shown(&self) -> String {
        self.address.shown()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.estimate()
    }

    async fn client(&self) -> Result<Object, Fault> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(_) => Fault::Unavailable("no connection to the database became free".to_owned()),
            PoolError::Backend(error) => Fault::Unavailable(connect::connect_error(&error, &self.address)),
            other => Fault::Unavailable(other.to_string()),
        })
    }

    /// A transaction that has begun, dated, with its id.
    async fn begin(&self) -> Result<(Tx, i64), Fault> {
        self.keep_node().await?;
        let dates_itself = !self.clock.local.overrides_database();
        let mut session = Session::new(self.client().await?, Kind::Write, dates_itself);
        let rows = session.query(MOMENT, &[]).await?;
        let row = rows.first().ok_or_else(|| Fault::Broken("the database has no clock".to_owned()))?;
        let (millis, id) = (row.get(0), row.get(1));
        let now = if dates_itself { self.clock.read(millis) } else { self.clock.local.now() };
        let mut tx = Tx::new(Conn::Postgres(session), now, self.ids.clone());
        tx.mails = self.mails;
        Ok((tx, id))
    }

    /// Runs a command until it is committed, refused for good, or [`ATTEMPTS`] were in vain.
    pub async fn write<C: Command>(&self, command: &C) -> Result<C::Output, Fault> {
        let mut last = Fault::Raced("it was not run".to_owned());
        for _ in 0..ATTEMPTS {
            match self.attempt(command).await {
                Ok(output) => {
                    self.health.set_writable();
                    return Ok(output);
                }
                Err(Again::Yes(fault)) => last = fault,
                Err(Again::No(fault)) => {
                    last = fault;
                    break;
                }
            }
        }
        if let Fault::Raced(why) = last {
            last = Fault::Unavailable(format!("others kept changing the same rows: {why}"));
        } else if last.is_unavailable() {
            self.health.set_unwritable(&last);
        }
        Err(last)
    }

    async fn attempt<C: Command>(&self, command: &C) -> Result<C::Output, Again> {
        // A pooled connection may have died without anybody looking; a new one cannot be had while the server is away.
        let (mut tx, id) = match self.begin().await {
            Ok(begun) => begun,
            Err(fault) if fault.is_unavailable() && !self.pool_is_empty() => return Err(Again::Yes(fault)),
            Err(fault) => return Err(Again::of(fault)),
        };
        let output = match command.run(&mut tx).await {
            Ok(output) => output,
            Err(fault @ Fault::Unavailable(_)) => return Err(Again::Yes(fault)),
            Err(fault) => return Err(Again::of(fault)),
        };
        let mark = tx.mark;
        let Conn::Postgres(session) = tx.conn else { return Err(Again::No(Fault::Broken("not ours".to_owned()))) };
        match session.commit().await {
            Ok(()) => Ok(output),
            Err(NotCommitted::Undone(fault)) => Err(Again::of(fault)),
            Err(NotCommitted::Unknown) => match self.settle(id, mark).await? {
                Fate::Committed => Ok(output),
                Fate::Undone => Err(Again::Yes(Fault::Unavailable("the connection was lost".to_owned()))),
            },
        }
    }

    fn pool_is_empty(&self) -> bool {
        self.pool.status().size == 0
    }

    /// Finds out what became of a commit. Running the command again without knowing could do it twice.
    ///
    /// A server that lost its memory may give the transaction's number away again, so the number only tells whether the
    /// old connection is still at it; that the transaction's outbox row is there tells that it was committed. A command
    /// without one may run twice: all it did was to forget, or to note what it would note again.
    async fn settle(&self, id: i64, mark: Option<i64>) -> Result<Fate, Again> {
        let mut lost = Fault::Unavailable("the connection was lost during a commit".to_owned());
        for _ in 0..SETTLE_ATTEMPTS {
            match self.look_for(id, mark).await {
                Ok(Some(fate)) => return Ok(fate),
                Ok(None) => {}
                Err(fault) => lost = fault,
            }
            pause(SETTLE_PAUSE).await;
        }
        self.health.set_unwritable(&lost);
        Err(Again::No(Fault::Unsettled(lost.to_string())))
    }

    /// `None` while the transaction is still under way.
    async fn look_for(&self, id: i64, mark: Option<i64>) -> Result<Option<Fate>, Fault> {
        let client = self.client().await?;
        let sql = "select pg_xact_status(cast(cast($1::bigint as text) as xid8))";
        match client.query_one(sql, &[&id]).await {
            Ok(row) if row.get::<_, Option<&str>>(0) == Some("in progress") => return Ok(None),
            Ok(_) => {}
            // A standby that became the primary has not come that far.
            Err(error) if error.code().is_some_and(|code| code.code() == "22023") => {}
            Err(error) => return Err(fault(error)),
        }
        let sql = "select exists (select 1 from outbox where id = $1 and tx = cast(cast($2::bigint as text) as xid8))";
        let row = client.query_one(sql, &[&mark.unwrap_or(0), &id]).await.map_err(fault)?;
        Ok(Some(if row.get(0) { Fate::Committed } else { Fate::Undone }))
    }

    /// Reads from one snapshot. `exact` asks the server what time it is, at no further wait.
    pub async fn read<T, F>(&self, exact: bool, query: F) -> Result<T, Fault>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>>,
    {
        let _one_of = self.readers.acquire().await.map_err(|e| Fault::Broken(e.to_string()))?;
        let dates_itself = !self.clock.local.overrides_database();
        let mut session = Session::new(self.client().await?, Kind::Read, dates_itself);
        let mut now = self.clock.estimate();
        if exact && dates_itself {
            let rows = session.query(MOMENT_ONLY, &[]).await?;
            now = rows.first().map_or(now, |row| self.clock.read(row.get(0)));
        }
        let mut tx = Tx::new(Conn::Postgres(session), now, self.ids.clone());
        let answer = query(&mut tx).await?;
        if let Conn::Postgres(session) = &mut tx.conn {
            session.see_all().await?;
        }
        Ok(answer)
    }

    /// Takes the node number again if the connection that held it is gone: nobody makes ids under a number that another
    /// process may have by now.
    pub async fn keep_node(&self) -> Result<(), Fault> {
        if self.holds_node() {
            return Ok(());
        }
        let before = self.not_taken.load(Ordering::Acquire);
        let _one = self.taking.lock().await;
        if self.holds_node() {
            return Ok(());
        }
        if self.not_taken.load(Ordering::Acquire) != before {
            // Somebody tried while this waited: a server that is away is not asked by all of them in turn.
            return Err(Fault::Unavailable("the database is away".to_owned()));
        }
        let taken = self.take_node_again().await;
        if taken.is_err() {
            self.not_taken.fetch_add(1, Ordering::AcqRel);
        }
        taken.map_err(Fault::Unavailable)
    }

    fn holds_node(&self) -> bool {
        !self.node.read().unwrap_or_else(PoisonError::into_inner).by.is_closed()
    }

    async fn take_node_again(&self) -> Result<(), String> {
        let client = connect::connect(&self.address).await?;
        let had = self.node.read().unwrap_or_else(PoisonError::into_inner).number;
        let number = take_node(&client, had).await?;
        self.ids.become_node(number);
        *self.node.write().unwrap_or_else(PoisonError::into_inner) = Held { number, by: client };
        tracing::info!(number, "this process has a node number again");
        Ok(())
    }
}

/// The one place where the store waits for time to pass: for a server that is just coming back.
#[allow(clippy::disallowed_methods, reason = "there is no event that tells that a server is back")]
async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// Whether a command that failed is worth another run.
enum Again {
    Yes(Fault),
    No(Fault),
}

impl Again {
    fn of(fault: Fault) -> Again {
        match fault {
            Fault::Raced(_) => Again::Yes(fault),
            other => Again::No(other),
        }
    }
}

/// What every connection is told first: a node that hangs must not hold others up for long, and small statements are not
/// worth compiling. Whoever set the server to answer before the disk has it gets an answer that means durable all the same.
fn greeting(durable: bool) -> String {
    let commit = if durable {
        "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
    } else {
        "set synchronous_commit = off"
    };
    format!(
        "set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'; set jit = off; \
         set default_transaction_isolation = 'read committed'; {commit}"
    )
}

/// Takes a number that no other process on this database holds, for as long as the connection lives: `first` if it is
/// free, since after an absence of the server everybody takes theirs again.
async fn take_node(client: &Client, first: u8) -> Result<u8, String> {
    for node in std::iter::once(first).chain(0..NODES) {
        let taken = client.query_one("select pg_try_advisory_lock($1, $2)", &[&NODE_CLASS, &i32::from(node)]).await;
        if taken.map_err(|e| fault(e).to_string())?.get(0) {
            return Ok(node);
        }
    }
    Err(format!("{NODES} processes use this database already, which is as many as there can be"))
}
