//! One server for all test processes of a checkout.
//!
//! Whoever comes first starts it; a watchdog stops it and removes its files once nobody has used it for some seconds.
//! Three locked files keep them apart, and stay, since removing a file somebody waits for would part them:
//! `starting` is held while looking whether it runs, `users` is shared by all who use it and taken by the watchdog to
//! stop it, `watching` is the watchdog's. The system drops a lock with the process that held it, however that ended.

use crate::cluster;
use crate::programs::{Programs, finish};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Names a server that somebody else started: `postgres://lull@127.0.0.1:PORT/postgres`.
pub const GIVEN: &str = "LULL_TEST_POSTGRES";
const PORT_ATTEMPTS: usize = 10;
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=";

/// Looks every three seconds whether it can have the users' lock, and then nobody is there.
const WATCHDOG: &str = r#"
while sleep 3; do
  flock --nonblock --exclusive "$1/users" sh -c "$2"' "$0/server/data" stop --mode immediate; rm -rf "$0/server"' "$1" && exit
done"#;

/// The address of the shared server's own database; the lock on its use is this process's until it ends.
pub fn address() -> Result<String, String> {
    static ADDRESS: OnceLock<Result<(String, Option<File>), String>> = OnceLock::new();
    let found = ADDRESS.get_or_init(|| match std::env::var(GIVEN) {
        Ok(url) if !url.is_empty() => Ok((url, None)),
        _ => Place::new()?.join().map(|(port, lock)| (cluster::url(port, "postgres"), Some(lock))),
    });
    found.as_ref().map(|(url, _)| url.clone()).map_err(Clone::clone)
}

struct Place {
    programs: Programs,
    folder: PathBuf,
}

impl Place {
    /// One folder for each checkout and user.
    fn new() -> Result<Place, String> {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
        let user = tempfile::tempfile().and_then(|file| file.metadata()).map_err(|e| format!("a file: {e}"))?.uid();
        let name = format!("scratch-postgres-{:016x}-{user}", hasher.finish());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Place { programs: Programs::find()?, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn lock_file(&self, name: &str) -> Result<File, String> {
        let path = self.path(name);
        File::options().create(true).append(true).open(&path).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Becomes a user of the server, which runs then, and answers its port.
    fn join(&self) -> Result<(u16, File), String> {
        let failed = |e| format!("{}: {e}", self.folder.display());
        let starting = self.lock_file("starting")?;
        starting.lock().map_err(failed)?;
        let users = self.lock_file("users")?;
        // Waits while the watchdog is removing the server; from here on it does not begin to.
        users.lock_shared().map_err(failed)?;
        let port = match self.running_port() {
            Some(port) => port,
            None => self.start()?,
        };
        self.watch()?;
        Ok((port, users))
    }

    fn running_port(&self) -> Option<u16> {
        let port = std::fs::read_to_string(self.path("server/port")).ok()?.trim().parse().ok()?;
        let mut status = self.programs.owning("pg_ctl");
        status.arg("status").arg("-D").arg(self.path("server/data"));
        finish(&mut status).ok()?;
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok().map(|_| port)
    }

    fn start(&self) -> Result<u16, String> {
        let (server, data) = (self.path("server"), self.path("server/data"));
        let failed = |e| format!("{}: {e}", server.display());
        // What a server that was killed left behind.
        if server.exists() {
            std::fs::remove_dir_all(&server).map_err(failed)?;
        }
        std::fs::create_dir(&server).map_err(failed)?;
        self.programs.hand_over(&server)?;
        cluster::make(&self.programs, &data, false)?;
        for attempt in 1.. {
            let port = cluster::free_port()?;
            let mut start = self.programs.owning("pg_ctl");
            start.arg("start").arg("--wait").arg("-D").arg(&data).arg("--log").arg(server.join("log"));
            match finish(start.arg("--options").arg(format!("-p {port} {SETTINGS}"))) {
                Ok(_) => {
                    std::fs::write(server.join("port"), port.to_string()).map_err(failed)?;
                    return Ok(port);
                }
                Err(why) if attempt == PORT_ATTEMPTS => {
                    let log = std::fs::read_to_string(server.join("log")).unwrap_or_default();
                    return Err(format!("{why}\n{log}"));
                }
                Err(_) => (),
            }
        }
        unreachable!("the last attempt returns")
    }

    /// Starts the watchdog if there is none, in a session of its own, so that it outlives this process.
    fn watch(&self) -> Result<(), String> {
        if self.lock_file("watching")?.try_lock().is_err() {
            return Ok(());
        }
        let stop = format!("{} -D", self.programs.shell("pg_ctl"));
        let mut watchdog = Command::new("setsid");
        watchdog.args(["--fork", "flock", "--nonblock"]).arg(self.path("watching"));
        watchdog.args(["sh", "-c", WATCHDOG, "watchdog"]).arg(&self.folder).arg(stop);
        watchdog.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match watchdog.status() {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("the watchdog that stops the shared server could not be started: {other:?}")),
        }
    }
}
