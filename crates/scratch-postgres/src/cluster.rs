//! A cluster's files: making them, their settings, and the port their server listens on.

use crate::programs::{Programs, finish};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

/// The one role of a scratch server.
pub const USER: &str = "lull";
/// Below the ports that systems give to outgoing connections and to `:0`, so that a stopped server finds its own again.
const FIRST_PORT: u16 = 15_500;
const PORTS: u16 = 15_000;

/// Connections there are room for at least, and for each core: a test has a pool or two, and each core runs one.
const CONNECTIONS: usize = 200;
const CONNECTIONS_PER_CORE: usize = 40;
const ALWAYS: [(&str, &str); 3] = [("jit", "off"), ("log_line_prefix", "'%m [%p] '"), ("timezone", "'UTC'")];
/// What a power cut would take, nobody misses.
const FORGETFUL: [(&str, &str); 3] = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];

/// Makes a new cluster in `data`, whose parent belongs to the account of the programs.
pub fn make(programs: &Programs, data: &Path, durable: bool) -> Result<(), String> {
    let mut initdb = programs.owning("initdb");
    initdb.arg("-D").arg(data).args(["-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    finish(&mut initdb)?;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let connections = CONNECTIONS.max(cores * CONNECTIONS_PER_CORE).to_string();
    set(data, ALWAYS.into_iter().chain([("max_connections", connections.as_str())]))?;
    if durable { Ok(()) } else { set(data, FORGETFUL) }
}

/// Appends settings; the last one of a name counts.
pub fn set<'a>(data: &Path, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), String> {
    let path = data.join("postgresql.conf");
    let failed = |e| format!("{}: {e}", path.display());
    let mut file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
    for (name, value) in settings {
        writeln!(file, "{name} = {value}").map_err(failed)?;
    }
    Ok(())
}

/// A port that is free at this moment. Where the search begins differs from process to process.
pub fn free_port() -> Result<u16, String> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id().wrapping_mul(7);
    for _ in 0..PORTS {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = start.wrapping_add(step) % u32::from(PORTS);
        let port = FIRST_PORT + u16::try_from(offset).expect("smaller than the number of ports");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(format!("no port from {FIRST_PORT} to {} is free", FIRST_PORT + PORTS - 1))
}

/// The address of a database on a local port.
pub fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

/// Runs statements with `psql`, each in a transaction of its own; the rows, columns parted by `|`.
pub fn psql(programs: &Programs, url: &str, sql: &str) -> Result<String, String> {
    let mut psql = programs.plain("psql");
    psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--dbname", url]);
    psql.args(sql.split(";\n").filter(|one| !one.trim().is_empty()).flat_map(|one| ["--command", one]));
    finish(&mut psql)
}
