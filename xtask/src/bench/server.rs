//! The server under measurement: the release program on a database, and what the system says about its process.

use super::wire;
use anyhow::{Context, Result, bail};
use lull::clock::Stopwatch;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const OWNER: &str = "owner@example.org";
/// The unit in which Linux counts a process's processor time, the same on every machine it runs on.
const TICKS_PER_SECOND: u32 = 100;

/// A running `lull serve`; it ends when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From spawning the process to its `listening on`.
    pub started_in: Duration,
    /// The pipe stays open as long as the server may write to it.
    _output: BufReader<ChildStdout>,
}

/// Resident memory in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub whole: f64,
    /// Without the mapped pages of the program and the database.
    pub own: f64,
}

fn lull(program: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(["--database", database]);
    // Whatever is set for a desk of the developer's own must not change what is measured.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LULL_")) {
        command.env_remove(name);
    }
    command.env("LULL_LOG", "warn");
    command
}

/// Makes a workspace in a new database and answers a token that may do everything there.
pub fn prepare(program: &Path, database: &str) -> Result<String> {
    let member = ["--workspace", "Bench", "--email", OWNER, "--name", "Owner", "--password-stdin"];
    let mut create = lull(program, database, &[&["create-owner"], &member[..]].concat());
    let mut child = create.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("lull create-owner")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(b"a password for the benchmark\n")?;
    }
    if !child.wait()?.success() {
        bail!("lull create-owner failed");
    }
    let output = lull(program, database, &["token", "--email", OWNER, "--name", "bench"]).output()?;
    if !output.status.success() {
        bail!("lull token failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

impl Server {
    pub fn start(program: &Path, database: &str) -> Result<Server> {
        let mut command = lull(program, database, &["serve", "--listen", "127.0.0.1:0"]);
        let watch = Stopwatch::start();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("lull serve")?;
        let mut output = BufReader::new(child.stdout.take().context("a pipe was asked for")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let started_in = watch.elapsed();
        let Some(address) = line.trim().strip_prefix("listening on http://").and_then(|a| a.parse().ok()) else {
            let _ = child.kill();
            bail!("lull serve did not start: {:?} {line}", child.wait());
        };
        Ok(Server { child, address, started_in, _output: output })
    }

    /// A call of the API that must succeed; its answer.
    pub fn call(&self, token: &str, method: &str, path: &str, body: &str) -> Result<Value> {
        let (status, answer) = wire::call(self.address, &wire::request(method, path, token, body))?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} was answered {status}: {answer}");
        }
        Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
    }

    pub fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(&path).with_context(|| format!("{path}: memory is read on Linux only"))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            kibibytes.map(|k| k / 1024.0).with_context(|| format!("{path} has no {name}"))
        };
        Ok(Memory { whole: field("VmRSS")?, own: field("RssAnon")? })
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Result<Duration> {
        cpu(self.child.id(), Children::Apart)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time this program used so far: in a round, that of the load client.
pub fn own_cpu() -> Result<Duration> {
    cpu(std::process::id(), Children::Apart)
}

/// Processor time of a process and of all its children, also those that have ended.
pub fn cpu_of_family(parent: u32) -> Result<Duration> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = std::fs::read_to_string(&path).with_context(|| format!("{path}: a server's processes"))?;
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    // One that ends meanwhile is counted with those of its parent that have.
    let alive: Duration = children.filter_map(|child| cpu(child, Children::Apart).ok()).sum();
    Ok(cpu(parent, Children::Ended)? + alive)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Children {
    Apart,
    /// With the time of those that have ended.
    Ended,
}

fn cpu(process: u32, children: Children) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("{path}: processor time is read on Linux only"))?;
    // The program's name, in parentheses, may hold anything; user and system time are the 12th and 13th after it, those of
    // ended children the two after these.
    let fields = text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect::<Vec<_>>()).unwrap_or_default();
    let last = if children == Children::Ended { 14 } else { 12 };
    let times = fields.get(11..=last).with_context(|| format!("{path} has no times"))?;
    let ticks = times.iter().map(|ticks| ticks.parse::<u32>()).sum::<Result<u32, _>>()?;
    Ok(Duration::from_secs(1) * ticks / TICKS_PER_SECOND)
}
