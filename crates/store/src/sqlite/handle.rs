//! The handle to a SQLite database: its writer thread, its readers, its file.

use super::{WAITING, Writer};
use crate::db::{BoxFuture, Clock, Command, Health, OpenError, Settings};
use crate::tx::Conn;
use crate::{Fault, Tx, migrate, sqlite};
use domain::id::IdGenerator;
use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// The handle to a SQLite file.
pub(crate) struct Sqlite {
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
            Some(Fault::Unavailable(why) | Fault::Unsettled(why) | Fault::Raced(why) | Fault::Broken(why)) => {
                Err(Fault::Unavailable(why.clone()))
            }
            None => self.answer,
        });
    }
}

impl Sqlite {
    pub fn open(path: &Path, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Sqlite, String> {
        sqlite::check_path(path)?;
        sqlite::check_version()?;
        let mut conn = sqlite::open_writer(path, settings)?;
        migrate::migrate(&mut conn, clock.now().as_micros())?;
        sqlite::statistics::seed(&mut conn).map_err(|e| e.to_string())?;
        let ids = Arc::new(IdGenerator::new(settings.node));
        let mut readers = Vec::new();
        for _ in 0..settings.readers.max(1) {
            let conn = sqlite::open_reader(path, settings)?;
            readers.push(Tx::new(Conn::Sqlite(conn), clock.now(), ids.clone()));
        }
        let health = Arc::new(Health::default());
        let mut writer = Writer::new(conn, clock.clone(), ids, health.clone());
        writer.tx.mails = settings.mails;
        writer.rise_above_stored_ids().map_err(|e| e.to_string())?;
        let (queue, waiting) = mpsc::channel(WAITING);
        let writer = std::thread::Builder::new()
            .name("lull-writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(|e| e.to_string())?;
        let free_readers = Arc::new(Semaphore::new(readers.len()));
        let readers = Mutex::new(readers);
        let (queue, writer, path) = (Some(queue), Some(writer), path.to_owned());
        Ok(Sqlite { shared: Arc::new(Shared { path, queue, writer, readers, free_readers, clock, health }) })
    }

    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, Fault> {
        let (to, answer) = oneshot::channel();
        let unanswered = Err(Fault::Broken("the command did not finish".to_owned()));
        let gone = || Fault::Unavailable("the database is closed".to_owned());
        let job = Box::new(Pending { command, answer: unanswered, to });
        self.shared.queue.as_ref().ok_or_else(gone)?.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Reads on a thread that may wait for the disk.
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

    pub async fn glance<T, F>(&self, query: F) -> Result<T, Fault>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>>,
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

    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

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

    pub fn backup(&self, to: &Path) -> Result<(), String> {
        sqlite::backup(&self.shared.path, to).inspect_err(|_| {
            let _ = std::fs::remove_file(to);
        })
    }
}
