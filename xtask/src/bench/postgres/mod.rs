//! A PostgreSQL server of the benchmark's own, and what can be asked of it.

pub mod chain;
mod frames;
pub mod nodes;
pub mod pipeline;
mod proxy;
pub mod replay;
pub mod sql;
pub mod sweep;
pub mod traces;
pub mod trips;

use super::server;
use anyhow::{Context, Result, anyhow, ensure};
use lull::clock::pause;
use scratch_postgres::{Options, Server};
use sql::Sql;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// What a server for this load would be given; everything else is as PostgreSQL comes, and what was committed is on the
/// disk. The log is not to be recycled in the middle of a measurement.
const SETTINGS: [(&str, &str); 3] =
    [("shared_buffers", "1GB"), ("max_wal_size", "8GB"), ("checkpoint_timeout", "30min")];
/// How often it is looked whether the desk's tasks are done, and how many times at most.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: usize = 3_000;

/// The server, alone on its port, with its own files.
pub struct Cluster {
    runtime: Arc<Runtime>,
    sql: Sql,
    // After the connection to it.
    server: Server,
}

/// One of its databases, dropped with this.
pub struct Database {
    cluster: Rc<Cluster>,
    name: String,
}

impl Cluster {
    pub fn start() -> Result<Rc<Cluster>> {
        let options = SETTINGS.iter().fold(Options::durable(), |options, (name, value)| options.with(name, value));
        let server = Server::start(&options).map_err(|why| anyhow!(why))?;
        let runtime = Arc::new(tokio::runtime::Builder::new_multi_thread().enable_all().build()?);
        let sql = Sql::open(&runtime, &server.url("postgres"))?;
        Ok(Rc::new(Cluster { runtime, sql, server }))
    }

    pub fn create(self: &Rc<Self>, name: &str) -> Result<Database> {
        self.sql.batch(&format!("drop database if exists \"{name}\" with (force)"))?;
        self.sql.batch(&format!("create database \"{name}\""))?;
        Ok(Database { cluster: self.clone(), name: name.to_owned() })
    }

    pub fn describe(&self) -> Result<String> {
        let version = scratch_postgres::installed().map_err(|why| anyhow!(why))?;
        let version = version.trim_start_matches("postgres (PostgreSQL) ");
        let setting = |name: &str| self.sql.text(&format!("select current_setting('{name}')"));
        let mut settings = vec![format!("fsync={}", setting("fsync")?)];
        for (name, _) in SETTINGS {
            settings.push(format!("{name}={}", setting(name)?));
        }
        let files = self.kind_of_files();
        Ok(format!("PostgreSQL {version}\non the same machine, its files on {files}; {}", settings.join(" ")))
    }

    /// A file system in memory would make commits cost nothing.
    fn kind_of_files(&self) -> String {
        let stat = Command::new("stat").args(["-f", "-c", "%T"]).arg(self.server.data()).output();
        stat.map_or("an unknown file system".to_owned(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    }

    pub fn cpu(&self) -> Result<Duration> {
        let pid = self.server.postmaster_pid().context("the server runs")?;
        server::cpu_of_family(pid)
    }

    pub fn log(&self) -> Result<i64> {
        self.sql.number("select cast(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bigint)")
    }

    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    pub fn port(&self) -> u16 {
        self.server.port()
    }
}

impl Database {
    pub fn url(&self) -> String {
        self.cluster.server.url(&self.name)
    }

    /// The same database by another port of this machine.
    pub fn url_through(&self, port: u16) -> String {
        let own = format!(":{}/", self.cluster.port());
        format!("{}?sslmode=disable", self.url().replace(&own, &format!(":{port}/")))
    }

    pub fn cluster(&self) -> &Rc<Cluster> {
        &self.cluster
    }

    /// A connection beside the desk's.
    pub fn sql(&self) -> Result<Sql> {
        Sql::open(&self.cluster.runtime, &self.url())
    }

    /// A copy of its files, to be had while nobody is connected to it.
    pub fn copy(&self, name: &str) -> Result<Database> {
        self.cluster.sql.batch(&format!("drop database if exists \"{name}\" with (force)"))?;
        let copy = format!("create database \"{name}\" template \"{}\" strategy file_copy", self.name);
        self.cluster.sql.batch(&copy)?;
        Ok(Database { cluster: self.cluster.clone(), name: name.to_owned() })
    }

    pub fn rest(&self) -> Result<()> {
        self.wait_for("not exists (select 1 from audit_pending)", LOOKS)
    }

    /// Waits until a condition holds, looking every 20 ms.
    pub fn wait_for(&self, condition: &str, looks: usize) -> Result<()> {
        let sql = self.sql()?;
        for _ in 0..looks {
            if sql.number(&format!("select cast(cast({condition} as int) as bigint)"))? == 1 {
                return Ok(());
            }
            self.cluster.runtime.block_on(pause(LOOK));
        }
        ensure!(false, "this did not come true in {:?}: {condition}", LOOK * u32::try_from(looks)?);
        Ok(())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The whole server goes soon, and its files with it.
        let _ = self.cluster.sql.batch(&format!("drop database if exists \"{}\" with (force)", self.name));
    }
}
