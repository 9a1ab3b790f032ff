//! A process of the desk: started, killed, started again.

use super::connection::{Answer, Pool};
use super::wire;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A debug build under load takes a while.
const START: Duration = Duration::from_secs(60);
/// How much of a node's log an error shows, and of each line.
const LAST_LINES: usize = 12;
const LINE: usize = 240;
const OWNER: &str = "owner@example.org";

/// A command of the program, free of settings for a desk of the developer's own.
fn lull(program: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).args(["--database", database]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LULL_")) {
        command.env_remove(name);
    }
    command.env("LULL_LOG", "warn");
    command
}

/// Runs a command to its end and answers what it said on its standard output.
pub fn finish(program: &Path, database: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = lull(program, database, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("{} could not be started", program.display()))?;
    // A command that reads no input closes the pipe; that is its right.
    let _ = child.stdin.take().context("a pipe was asked for")?.write_all(input.as_bytes());
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`lull {}` ended with {}: {}", arguments.join(" "), output.status, said.trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Makes a workspace and answers a token that may do everything there.
pub fn make_workspace(program: &Path, database: &str) -> Result<String> {
    let member = ["create-owner", "--workspace", "Drill", "--email", OWNER, "--name", "Owner", "--password-stdin"];
    finish(program, database, &member, "a password for the drill\n")?;
    finish(program, database, &["token", "--email", OWNER, "--name", "drill"], "")
}

/// A running `lull serve`, which ends with this.
pub struct Node {
    program: PathBuf,
    database: String,
    log: PathBuf,
    process: Process,
    pub pool: Arc<Pool>,
}

/// A child process that is killed when it is dropped.
struct Process(Child);

impl Process {
    fn end(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// A process that was started and has not yet said where it listens.
struct Starting {
    process: Process,
    address: Receiver<SocketAddr>,
}

impl Starting {
    fn spawn(program: &Path, database: &str, log: &Path) -> Result<Starting> {
        let errors = File::options().create(true).append(true).open(log)?;
        let mut serve = lull(program, database, &["serve", "--listen", "127.0.0.1:0"]);
        let mut child =
            serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().context("lull serve")?;
        let (found, address) = channel();
        let output = child.stdout.take().context("a pipe was asked for")?;
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            let _ = output.read_line(&mut line);
            if let Some(address) = line.trim().strip_prefix("listening on http://").and_then(|a| a.parse().ok()) {
                let _ = found.send(address);
            }
            // The pipe stays open for as long as the node may write to it.
            let _ = output.read_to_end(&mut Vec::new());
        });
        Ok(Starting { process: Process(child), address })
    }

    fn wait(self, log: &Path) -> Result<(Process, SocketAddr)> {
        match self.address.recv_timeout(START) {
            Ok(address) => Ok((self.process, address)),
            Err(_) => bail!("a node did not start; it said:\n{}", last_lines(log)),
        }
    }
}

impl Node {
    /// Starts several nodes at one moment, so that their beats fall close together and they meet over the same cases.
    pub fn start_together(program: &Path, database: &str, folder: &Path, count: usize) -> Result<Vec<Node>> {
        let logs: Vec<PathBuf> = (0..count).map(|n| folder.join(format!("node-{n}.log"))).collect();
        let starting: Vec<Starting> =
            logs.iter().map(|log| Starting::spawn(program, database, log)).collect::<Result<_>>()?;
        let started = starting.into_iter().zip(logs).map(|(starting, log)| {
            let (process, address) = starting.wait(&log)?;
            let pool = Arc::new(Pool::new(address));
            Ok(Node { program: program.to_owned(), database: database.to_owned(), log, process, pool })
        });
        started.collect()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.end();
    }

    /// Starts it again, on another port.
    pub fn start_again(&mut self) -> Result<()> {
        let (process, address) = Starting::spawn(&self.program, &self.database, &self.log)?.wait(&self.log)?;
        self.process = process;
        self.pool.moved(address);
        Ok(())
    }

    pub fn is_alive(&mut self) -> bool {
        self.process.0.try_wait().is_ok_and(|ended| ended.is_none())
    }

    pub fn last_lines(&self) -> String {
        last_lines(&self.log)
    }

    /// A call of the API that must succeed; its answer.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer: Answer = self.pool.send(&wire::request(method, path, token, &body)).await?;
        if !answer.is_success() {
            bail!("{method} {path} was answered {}: {}", answer.status, answer.text());
        }
        Ok(answer.json())
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<String> = text.lines().map(|line| line.chars().take(LINE).collect()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
