//! The database handle: runs commands durably, reads from snapshots, says whether it can be written.

use crate::sqlite::{self, WAITING, Writer};
use crate::tx::Conn;
use crate::{Fault, Tx, migrate};
use domain::id::IdGenerator;
use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The one authority for time with SQLite.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// One transaction. It may run twice, so it borrows itself; it may await nothing but its `Tx`. A refusal that wrote
/// nothing is part of the output, not an error; an error undoes everything the command wrote.
pub trait Command: Send + Sync + 'static {
    type Output: Send + 'static;
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Fault>> + Send;
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// An address whose kind of database Lull does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown database `{0}`: use `sqlite:PATH`, such as sqlite:./lull.db")]
pub struct UnknownScheme(pub String);

impl std::str::FromStr for DatabaseUrl {
    type Err = UnknownScheme;

    fn from_str(url: &str) -> Result<Self, UnknownScheme> {
        let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
        match scheme {
            "sqlite" if url.len() > "sqlite:".len() => {
                let path = &url["sqlite:".len()..];
                Ok(DatabaseUrl::Sqlite(path.strip_prefix("//").unwrap_or(path).into()))
            }
            "postgres" | "postgresql" => Ok(DatabaseUrl::Postgres(url.to_owned())),
            // The rest of an address may hold a password.
            _ => Err(UnknownScheme(scheme.to_owned())),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// Read-only connections.
    pub readers: usize,
    /// How much of the file each of them may map into memory.
    pub mmap_bytes: u64,
    /// Tells processes that share a database apart in their ids.
    pub node: u8,
    /// Whether an answer means that the disk has it. Off only for a database that is thrown away with its process.
    pub durable: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { readers: 4, mmap_bytes: 256 << 20, node: 0, durable: true }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("PostgreSQL is not supported by this version yet: use `sqlite:PATH`")]
    PostgresNotYet,
    #[error("cannot open {path}: {reason}")]
    Failed { path: PathBuf, reason: String },
    #[error("{path} is already served by another `lull serve`: stop that one first, or use another --database")]
    AlreadyServed { path: PathBuf },
}

/// Whether the database takes writes.
#[derive(Debug, Default)]
pub struct Health {
    unwritable: Mutex<Option<String>>,
}

impl Health {
    /// Why nothing can be stored now; `None` while all is well.
    pub fn problem(&self) -> Option<String> {
        self.unwritable.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_writable(&self) {
        let mut problem = self.unwritable.lock().unwrap_or_else(PoisonError::into_inner);
        if problem.take().is_some() {
            tracing::info!("the database takes writes again");
        }
    }

    pub(crate) fn set_unwritable(&self, fault: &Fault) {
        let mut problem = self.unwritable.lock().unwrap_or_else(PoisonError::into_inner);
        if problem.is_none() {
            tracing::error!(%fault, "the database does not take writes");
        }
        *problem = Some(fault.to_string());
    }
}

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Db {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    /// There until the end.
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<std::thread::JoinHandle<()>>,
    readers: Mutex<Vec<Tx>>,
    free_readers: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
}

/// Closes in order: the readers first, the writer last, so that it can move its log into the database; and not before it
/// has, or a process that ends now would leave that undone.
impl Drop for Shared {
    fn drop(&mut self) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Shared {
    /// Reads with one of the readers. The permit goes along: a caller that goes away must not free a reader that still
    /// works.
    fn read<T, F>(&self, free: OwnedSemaphorePermit, query: F) -> Result<T, Fault>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>>,
    {
        let popped = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut tx = popped.ok_or_else(|| Fault::Broken("no reader is free".to_owned()))?;
        let answer = sqlite::read(&mut tx, self.clock.now(), |tx| sqlite::complete(query(tx)));
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(tx);
        drop(free);
        answer
    }
}

/// A command on its way through the writer.
pub(crate) trait Job: Send {
    /// An error undoes what it wrote.
    fn run(&mut self, tx: &mut Tx) -> Result<(), Fault>;
    /// Called after the commit, or with the fault that lost the whole group.
    fn answer(self: Box<Self>, lost: Option<&Fault>);
}

struct Pending<C: Command> {
    command: C,
    answer: Result<C::Output, Fault>,
    to: oneshot::Sender<Result<C::Output, Fault>>,
}

impl<C: Command> Job for Pending<C> {
    fn run(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        self.answer = sqlite::complete(self.command.run(tx));
        self.answer.as_ref().map(|_| ()).map_err(Fault::clone)
    }

    fn answer(self: Box<Self>, lost: Option<&Fault>) {
        // The asker may be gone; what is stored is stored.
        let _ = self.to.send(match lost {
            Some(Fault::Unavailable(why) | Fault::Broken(why)) => Err(Fault::Unavailable(why.clone())),
            None => self.answer,
        });
    }
}

impl Db {
    /// Opens the database, creating and migrating it as needed, and starts its writer thread.
    pub fn open(url: &DatabaseUrl, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Db, OpenError> {
        let DatabaseUrl::Sqlite(path) = url else { return Err(OpenError::PostgresNotYet) };
        let failed = |reason: String| OpenError::Failed { path: path.clone(), reason };
        sqlite::check_path(path).map_err(failed)?;
        sqlite::check_version().map_err(failed)?;
        let mut conn = sqlite::open_writer(path, settings).map_err(failed)?;
        migrate::migrate(&mut conn, clock.now().as_micros()).map_err(failed)?;
        sqlite::statistics::seed(&mut conn).map_err(|e| failed(e.to_string()))?;
        let ids = Arc::new(IdGenerator::new(settings.node));
        let mut readers = Vec::new();
        for _ in 0..settings.readers.max(1) {
            let conn = sqlite::open_reader(path, settings).map_err(failed)?;
            readers.push(Tx { conn: Conn::Sqlite(conn), now: clock.now(), ids: ids.clone() });
        }
        let health = Arc::new(Health::default());
        let mut writer = Writer::new(conn, clock.clone(), ids, health.clone());
        writer.rise_above_stored_ids().map_err(|e| failed(e.to_string()))?;
        let (queue, waiting) = mpsc::channel(WAITING);
        let writer = std::thread::Builder::new()
            .name("lull-writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(|e| failed(e.to_string()))?;
        let free_readers = Arc::new(Semaphore::new(readers.len()));
        let readers = Mutex::new(readers);
        let (queue, writer) = (Some(queue), Some(writer));
        Ok(Db { shared: Arc::new(Shared { path: path.clone(), queue, writer, readers, free_readers, clock, health }) })
    }

    /// Runs a command in its own transaction and answers when it is durable.
    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, Fault> {
        let (to, answer) = oneshot::channel();
        let unanswered = Err(Fault::Broken("the command did not finish".to_owned()));
        let gone = || Fault::Unavailable("the database is closed".to_owned());
        let job = Box::new(Pending { command, answer: unanswered, to });
        self.shared.queue.as_ref().ok_or_else(gone)?.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Reads from one snapshot, on a thread that may wait for the disk.
    pub async fn read<T, F>(&self, query: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        let free = self.free_reader().await?;
        let shared = self.shared.clone();
        let reading = tokio::task::spawn_blocking(move || shared.read(free, query));
        reading.await.map_err(|e| Fault::Broken(e.to_string()))?
    }

    /// Reads a few rows by index where the caller stands: for what takes less time than waking a thread does.
    pub async fn glance<T, F>(&self, query: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        let free = self.free_reader().await?;
        self.shared.read(free, query)
    }

    async fn free_reader(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let free = self.shared.free_readers.clone().acquire_owned().await;
        free.map_err(|_| Fault::Unavailable("the database is closed".to_owned()))
    }

    pub fn health(&self) -> &Health {
        &self.shared.health
    }

    /// What stands for "now" in the database's eyes.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Makes this process the only one that serves the database. Held until the answer is dropped.
    pub fn lock_for_serving(&self) -> Result<std::fs::File, OpenError> {
        // A link is another name of the same database.
        let path = std::fs::canonicalize(&self.shared.path).unwrap_or_else(|_| self.shared.path.clone());
        let mut path = path.into_os_string();
        path.push("-serving");
        let failed = |e: std::io::Error| OpenError::Failed { path: path.clone().into(), reason: e.to_string() };
        let file = std::fs::File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::AlreadyServed { path: self.shared.path.clone() }),
            Err(std::fs::TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// Writes a consistent copy to a file that does not exist yet, while others go on writing.
    pub fn backup(&self, to: &Path) -> Result<(), String> {
        if to.exists() {
            return Err(format!("{} exists already: a backup never overwrites", to.display()));
        }
        sqlite::backup(&self.shared.path, to).inspect_err(|_| {
            let _ = std::fs::remove_file(to);
        })
    }

    /// What the database itself finds wrong with its file; empty when all is well.
    pub async fn integrity(&self) -> Result<Vec<String>, Fault> {
        self.read(|tx| Box::pin(async move { sqlite::integrity(tx) })).await
    }
}
