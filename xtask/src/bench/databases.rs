//! Where this run keeps its databases: files of SQLite, or databases of a PostgreSQL server of its own. Whatever is
//! measured on both is asked through this.

use super::postgres::{self, Cluster};
use anyhow::Result;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use tempfile::TempDir;

/// All databases of the run.
pub enum Databases {
    Sqlite(TempDir),
    Postgres(Rc<Cluster>),
}

/// One database, which goes when this does. Whatever uses it must end before.
pub enum Database {
    Sqlite(File),
    Postgres(postgres::Database),
}

/// A database file of SQLite.
pub struct File(PathBuf);

impl Databases {
    /// Room for a database: an empty one, or a file yet to be made.
    pub fn create(&self, name: &str) -> Result<Database> {
        Ok(match self {
            Databases::Sqlite(folder) => Database::Sqlite(File::new(folder.path(), name)),
            Databases::Postgres(cluster) => Database::Postgres(cluster.create(name)?),
        })
    }

    /// What runs beside the desk and how it is set up, in one line.
    pub fn describe(&self) -> Result<String> {
        Ok(match self {
            Databases::Sqlite(_) => format!("SQLite {}", rusqlite::version()),
            Databases::Postgres(cluster) => cluster.describe()?,
        })
    }

    /// Processor time the database server has used so far; SQLite has none of its own.
    pub fn cpu(&self) -> Result<Option<Duration>> {
        match self {
            Databases::Sqlite(_) => Ok(None),
            Databases::Postgres(cluster) => cluster.cpu().map(Some),
        }
    }

    /// Bytes the database server has written to its log so far.
    pub fn log(&self) -> Result<Option<i64>> {
        match self {
            Databases::Sqlite(_) => Ok(None),
            Databases::Postgres(cluster) => cluster.log().map(Some),
        }
    }
}

impl Database {
    /// The address as the desk takes it.
    pub fn url(&self) -> String {
        match self {
            Database::Sqlite(file) => format!("sqlite:{}", file.path().display()),
            Database::Postgres(database) => database.url(),
        }
    }

    /// Waits until the desk's tasks have done what the load left to them, so that it is not done in another's time.
    pub fn rest(&self) -> Result<()> {
        match self {
            Database::Sqlite(_) => Ok(()),
            Database::Postgres(database) => database.rest(),
        }
    }
}

impl File {
    pub fn new(folder: &Path, name: &str) -> File {
        let file = File(folder.join(format!("{name}.db")));
        file.remove();
        file
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A copy beside it; its log must have been written back.
    pub fn copy(&self, name: &str) -> Result<File> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        let copy = File::new(folder, name);
        std::fs::copy(&self.0, &copy.0)?;
        Ok(copy)
    }

    pub fn open(&self) -> Result<Connection> {
        Ok(Connection::open(&self.0)?)
    }

    /// Removes the file with what SQLite and the server keep beside it.
    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-serving"] {
            let mut path = self.0.as_os_str().to_owned();
            path.push(suffix);
            let _ = std::fs::remove_file(PathBuf::from(path));
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}
