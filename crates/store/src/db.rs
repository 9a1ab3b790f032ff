//! The database handle: runs commands durably, reads from snapshots, says whether it can be written.

use crate::postgres::Postgres;
use crate::sqlite::handle::Sqlite;
use crate::{Fault, Tx, integrity};
use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The one authority for time with SQLite. With PostgreSQL the database's own clock is (A9), and this one only bridges the
/// time between two looks at it.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Whether this clock counts whatever the database's says: a clock that tests and the demo move.
    fn overrides_database(&self) -> bool {
        false
    }
}

/// One transaction. It may run twice, so it borrows itself; it may await nothing but its `Tx`. A refusal that wrote
/// nothing is part of the output, not an error; an error undoes everything the command wrote.
pub trait Command: Send + Sync + 'static {
    type Output: Send + 'static;
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Fault>> + Send;
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // The rest of the address may hold a password.
            DatabaseUrl::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// An address whose kind of database Lull does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown database `{0}`: use `sqlite:PATH`, such as sqlite:./lull.db, or `postgres://USER:PASSWORD@HOST/DATABASE`"
)]
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
    /// SQLite: read-only connections.
    pub readers: usize,
    /// SQLite: how much of the file each of them may map into memory.
    pub mmap_bytes: u64,
    /// SQLite: tells processes that share a database apart in their ids. With PostgreSQL each takes a free number itself.
    pub node: u8,
    /// PostgreSQL: connections.
    pub connections: usize,
    /// Whether an answer means that the disk has it. Off only for a database that is thrown away with its process.
    pub durable: bool,
    /// Whether this process's desk sends e-mail: what tells of something then leaves a mail to send.
    pub mails: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { readers: 4, mmap_bytes: 256 << 20, node: 0, connections: 16, durable: true, mails: false }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{0}")]
    Postgres(String),
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
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

/// The right to serve a database, for as long as it is held.
#[derive(Debug)]
pub struct Serving {
    _lock: Option<std::fs::File>,
}

impl Db {
    /// Opens the database, creating and migrating it as needed. With SQLite this starts its writer thread; with PostgreSQL
    /// the handle belongs to the runtime it was opened in.
    pub async fn open(url: &DatabaseUrl, settings: &Settings, clock: Arc<dyn Clock>) -> Result<Db, OpenError> {
        let backend = match url {
            DatabaseUrl::Sqlite(path) => {
                let failed = |reason| OpenError::Failed { path: path.clone(), reason };
                Backend::Sqlite(Arc::new(Sqlite::open(path, settings, clock).map_err(failed)?))
            }
            DatabaseUrl::Postgres(url) => {
                Backend::Postgres(Arc::new(Postgres::open(url, settings, clock).await.map_err(OpenError::Postgres)?))
            }
        };
        Ok(Db { backend })
    }

    /// Runs a command in its own transaction and answers when it is durable.
    pub async fn write<C: Command>(&self, command: C) -> Result<C::Output, Fault> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(command).await,
            Backend::Postgres(postgres) => {
                // In a task of its own: an asker who goes away undoes nothing.
                let postgres = postgres.clone();
                let done = tokio::spawn(async move { postgres.write(&command).await });
                done.await.unwrap_or_else(|_| {
                    tracing::error!("a command panicked; it was undone");
                    Err(Fault::Broken("a command panicked".to_owned()))
                })
            }
        }
    }

    /// Reads from one snapshot.
    pub async fn read<T, F>(&self, query: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(query).await,
            Backend::Postgres(postgres) => postgres.read(false, query).await,
        }
    }

    /// Reads a few rows by index where the caller stands, at the exact moment: for what the engine does all the time, and
    /// what takes less time than waking a thread does.
    pub async fn glance<T, F>(&self, query: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.glance(query).await,
            Backend::Postgres(postgres) => postgres.read(true, query).await,
        }
    }

    pub fn health(&self) -> &Health {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.health(),
            Backend::Postgres(postgres) => postgres.health(),
        }
    }

    /// What stands for "now" in the database's eyes: with SQLite exactly, with PostgreSQL as this process reckons it. A
    /// command asks its `Tx`.
    pub fn now(&self) -> Timestamp {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.now(),
            Backend::Postgres(postgres) => postgres.now(),
        }
    }

    /// Whether other nodes may be writing to the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Which database this is, for people: its file, or its server and name without the password.
    pub fn described(&self) -> String {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.path().display().to_string(),
            Backend::Postgres(postgres) => format!("PostgreSQL, {}", postgres.shown()),
        }
    }

    /// Makes this process the only one that serves the database, where it must be. Held until the answer is dropped.
    pub fn lock_for_serving(&self) -> Result<Serving, OpenError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => Ok(Serving { _lock: Some(sqlite.lock_for_serving()?) }),
            // As many nodes as there are.
            Backend::Postgres(_) => Ok(Serving { _lock: None }),
        }
    }

    /// To be called every now and then: takes back what belongs to this process and was lost with a connection.
    pub async fn tend(&self) {
        if let Backend::Postgres(postgres) = &self.backend {
            // What cannot be had now is tried again with the next command.
            let _ = postgres.keep_node().await;
        }
    }

    /// Writes a consistent copy to a file that does not exist yet, while others go on writing.
    pub fn backup(&self, to: &Path) -> Result<(), String> {
        if to.exists() {
            return Err(format!("{} exists already: a backup never overwrites", to.display()));
        }
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.backup(to),
            Backend::Postgres(_) => Err("PostgreSQL has backups of its own, which also go back to any moment: \
                                         use pg_dump or pg_basebackup, as docs/postgresql.md shows"
                .to_owned()),
        }
    }

    /// What is wrong with the stored data; empty when all is well.
    pub async fn integrity(&self) -> Result<Vec<String>, Fault> {
        self.read(|tx| Box::pin(async move { integrity::faults(tx).await })).await
    }
}
