//! A server of one's own: it can be stopped, killed and started again, and goes with its owner.

use crate::cluster;
use crate::postmaster::{Failure, Postmaster};
use crate::programs::Programs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Between finding a free port and taking it, somebody else may take it.
const PORT_ATTEMPTS: usize = 10;

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether what was committed outlives the server's process: on for drills and benchmarks, off to be quick.
    pub durable: bool,
    /// Lines of `postgresql.conf`: name and value as it would stand there.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// A server that keeps its word.
    pub fn durable() -> Options {
        Options { durable: true, ..Options::default() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Options {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Connections are ended and everything is written out.
    Fast,
    /// As a crash of its process: the next start recovers from the log.
    Immediate,
}

/// A server in a temporary folder. Dropped, it is stopped and its folder removed.
#[derive(Debug)]
pub struct Server {
    pub(crate) programs: Programs,
    port: u16,
    arguments: Vec<String>,
    running: Option<Postmaster>,
    folder: TempDir,
}

impl Server {
    pub fn start(options: &Options) -> Result<Server, String> {
        let programs = Programs::find()?;
        Server::prepared(programs, options, &[], |programs, data| cluster::make(programs, data, options.durable))
    }

    /// A server over the files that `make` puts into place.
    pub(crate) fn prepared(
        programs: Programs,
        options: &Options,
        arguments: &[&str],
        make: impl FnOnce(&Programs, &Path) -> Result<(), String>,
    ) -> Result<Server, String> {
        let folder = TempDir::with_prefix("scratch-postgres-").map_err(|e| format!("a temporary folder: {e}"))?;
        programs.hand_over(folder.path())?;
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut server = Server { programs, port: 0, arguments, running: None, folder };
        make(&server.programs, &server.data())?;
        cluster::set(&server.data(), options.settings.iter().map(|(name, value)| (&**name, &**value)))?;
        for _ in 0..PORT_ATTEMPTS {
            server.port = cluster::free_port()?;
            match server.launch() {
                Err(Failure::PortTaken) => (),
                Err(Failure::Other(why)) => return Err(why),
                Ok(()) => return Ok(server),
            }
        }
        Err(format!("{PORT_ATTEMPTS} free ports were taken before the server could take them"))
    }

    fn launch(&mut self) -> Result<(), Failure> {
        let fixed = ["listen_addresses=127.0.0.1", "unix_socket_directories="].map(str::to_owned);
        let mut arguments = vec!["-p".to_owned(), self.port.to_string()];
        arguments.extend(fixed.into_iter().chain(self.arguments.iter().cloned()).flat_map(|s| ["-c".to_owned(), s]));
        self.running = Some(Postmaster::start(&self.programs, &self.data(), &self.log(), &arguments)?);
        Ok(())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `postgres://lull@127.0.0.1:PORT/DATABASE`
    pub fn url(&self, database: &str) -> String {
        cluster::url(self.port, database)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server itself says.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The process to look at or to signal; none while it is stopped.
    pub fn postmaster_pid(&self) -> Option<u32> {
        self.running.as_ref().map(Postmaster::pid)
    }

    pub fn create_database(&self, name: &str) -> Result<(), String> {
        self.psql("postgres", &format!("create database \"{name}\"")).map(drop)
    }

    /// Also while somebody is connected to it.
    pub fn drop_database(&self, name: &str) -> Result<(), String> {
        self.psql("postgres", &format!("drop database if exists \"{name}\" with (force)")).map(drop)
    }

    /// Runs statements, one a line ending in `;`, each in a transaction of its own; the rows, columns parted by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        cluster::psql(&self.programs, &self.url(database), sql)
    }

    /// Stops the server and waits for the end of its last process.
    pub fn stop(&mut self, mode: Mode) -> Result<(), String> {
        let running = self.running.take().ok_or("the server is stopped already")?;
        running.end(match mode {
            Mode::Fast => "INT",
            Mode::Immediate => "QUIT",
        })
    }

    /// SIGKILL to all its processes at one moment.
    pub fn kill(&mut self) -> Result<(), String> {
        self.running.take().ok_or("the server is stopped already")?.kill()
    }

    /// Starts a stopped or killed server over the same files on the same port, and waits until it accepts connections.
    pub fn start_again(&mut self) -> Result<(), String> {
        if self.running.is_some() {
            return Err("the server runs already".to_owned());
        }
        self.launch().map_err(|failure| match failure {
            Failure::PortTaken => format!("port {} was taken while the server was stopped", self.port),
            Failure::Other(why) => why,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            // The folder goes in any case.
            let _ = running.end("QUIT");
        }
    }
}
