//! One run of a server's process: it is our child, its words go to a log, and its end is an event to wait for.

use crate::programs::{Programs, finish};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A start replays what an immediate stop left, which is seconds even for a long load.
const START: Duration = Duration::from_secs(120);
/// A fast stop writes everything out.
const STOP: Duration = Duration::from_secs(120);
/// How much of the log an error shows.
const LAST_LINES: usize = 12;

enum Event {
    Started(u32),
    Ready,
    Ended,
}

/// A server that accepts connections.
#[derive(Debug)]
pub struct Postmaster {
    pid: u32,
    events: Receiver<Event>,
}

/// Why a server did not start.
pub enum Failure {
    PortTaken,
    Other(String),
}

impl Postmaster {
    /// Starts the server and waits until it accepts connections.
    pub fn start(programs: &Programs, data: &Path, log: &Path, arguments: &[String]) -> Result<Postmaster, Failure> {
        let mut command = programs.owning_for_life("postgres");
        command.arg("-D").arg(data).args(arguments);
        let log_file = File::options().create(true).append(true).open(log);
        let log_file = log_file.map_err(|e| Failure::Other(format!("{}: {e}", log.display())))?;
        let begin = std::fs::metadata(log).map(|found| found.len()).unwrap_or_default();
        let (to, events) = channel();
        // The system takes the end of the thread that started a process for the end of its parent, so the thread stays.
        std::thread::spawn(move || live(command, log_file, &to));
        let Ok(Event::Started(pid)) = events.recv() else {
            return Err(Failure::Other("the server's process could not be started".to_owned()));
        };
        match events.recv_timeout(START) {
            Ok(Event::Ready) => Ok(Postmaster { pid, events }),
            Err(RecvTimeoutError::Timeout) => {
                kill_all(pid);
                Err(Failure::Other(format!("the server was not ready in {START:?}: {}", last_words(log, begin))))
            }
            _ => {
                let said = last_words(log, begin);
                Err(if said.contains("could not bind") { Failure::PortTaken } else { Failure::Other(said) })
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal that ends the server and waits until no process of it is left.
    pub fn end(self, signal: &str) -> Result<(), String> {
        send(signal, self.pid)?;
        if self.await_end() {
            return Ok(());
        }
        kill_all(self.pid);
        Err(format!("the server did not stop within {STOP:?} and was killed"))
    }

    /// `kill -9` of the server and all its processes at one moment, as a power cut would end them.
    pub fn kill(self) -> Result<(), String> {
        kill_all(self.pid);
        if self.await_end() { Ok(()) } else { Err("the server outlived SIGKILL".to_owned()) }
    }

    fn await_end(&self) -> bool {
        loop {
            match self.events.recv_timeout(STOP) {
                Ok(Event::Started(_) | Event::Ready) => (),
                Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}

/// Follows the process from its start to the end of its last child, which holds the pipe too.
fn live(mut command: Command, mut log: File, to: &Sender<Event>) {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return };
    let _ = to.send(Event::Started(child.id()));
    if let Some(words) = child.stderr.take() {
        for line in BufReader::new(words).split(b'\n').map_while(Result::ok) {
            let _ = log.write_all(&[&line[..], b"\n"].concat());
            if String::from_utf8_lossy(&line).contains("database system is ready to accept") {
                let _ = to.send(Event::Ready);
            }
        }
    }
    end(&mut child);
    let _ = to.send(Event::Ended);
}

fn end(child: &mut Child) {
    let _ = child.wait();
}

fn send(signal: &str, pid: u32) -> Result<(), String> {
    let mut kill = Command::new("sh");
    kill.arg("-c").arg(format!("kill -{signal} {pid}"));
    finish(&mut kill).map(drop)
}

/// Stops the postmaster first, so that it starts no further process while its children are listed.
fn kill_all(pid: u32) {
    let _ = send("STOP", pid);
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
        let _ = send("KILL", child);
    }
    let _ = send("KILL", pid);
}

fn last_words(log: &Path, begin: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let new = usize::try_from(begin).ok().and_then(|begin| bytes.get(begin..)).unwrap_or_default();
    let text = String::from_utf8_lossy(new).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
