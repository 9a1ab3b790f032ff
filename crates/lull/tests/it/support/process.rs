//! Starts the binary, waits for it within bounds and ends it by its handle, never by its name.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Generous, since the machine may be building something else at the same time; a healthy start takes milliseconds.
const START: Duration = Duration::from_secs(60);
/// The longest one command of the command line may take.
const RUN: Duration = Duration::from_secs(120);

/// The path of the program under test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_lull")
}

/// A command of the program, free of settings that the surrounding environment may hold.
pub fn lull(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments);
    forget_settings(&mut command);
    command
}

/// Removes every setting of the program from a command's environment.
pub fn forget_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LULL_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
}

/// What a command left behind when it ended.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "the command failed: {self:?}");
        self
    }

    /// A refusal: a non-zero exit code, words on standard error, and no panic.
    #[track_caller]
    pub fn refused(self) -> Self {
        let code = self.code.unwrap_or_else(|| panic!("the command was ended by a signal: {self:?}"));
        assert_ne!(code, 0, "the command should have been refused: {self:?}");
        assert!(!self.stderr.trim().is_empty(), "a refusal says why: {self:?}");
        assert!(!self.stderr.contains("panicked at"), "a refusal is not a panic: {self:?}");
        self
    }

    /// Everything it said, wherever it said it.
    pub fn said(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end, giving it `input`.
#[track_caller]
pub fn run(mut command: Command, input: &str) -> Finished {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    // A command that does not read its input closes the pipe; that is its right.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let (done, ended) = channel();
    let stdout = swallow(child.stdout.take().expect("a pipe"), done.clone());
    let stderr = swallow(child.stderr.take().expect("a pipe"), done);
    for _ in 0..2 {
        if let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(RUN) {
            let _ = child.kill();
            panic!("the command did not end in {RUN:?}: {command:?}");
        }
    }
    let code = child.wait().expect("the command can be waited for").code();
    Finished { code, stdout: stdout.join().expect("read"), stderr: stderr.join().expect("read") }
}

fn swallow(mut from: impl Read + Send + 'static, done: std::sync::mpsc::Sender<()>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        let _ = done.send(());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A running server; dropped, it is killed.
pub struct Server {
    child: Child,
    base: String,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts `serve` on a port that the system picks, with the test clock.
    #[track_caller]
    pub fn start(database: &str, more: &[&str]) -> Self {
        let mut arguments = vec!["serve", "--database", database, "--listen", "127.0.0.1:0"];
        arguments.extend_from_slice(more);
        Self::spawn(lull(&arguments)).unwrap_or_else(|finished| panic!("the server did not start: {finished:?}"))
    }

    /// Starts a server by any command and waits until it says where it listens, or gives back how it ended.
    pub fn spawn(mut command: Command) -> Result<Self, Finished> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (found, listening) = channel();
        let stdout: ChildStdout = child.stdout.take().expect("a pipe");
        let stderr: ChildStderr = child.stderr.take().expect("a pipe");
        let out = Arc::clone(&output);
        let err = Arc::clone(&output);
        let readers = vec![
            std::thread::spawn(move || read_lines(stdout, &out, |line| announce(line, &found))),
            std::thread::spawn(move || read_lines(stderr, &err, |_| ())),
        ];
        let mut server = Self { child, base: String::new(), output, readers };
        match wait_for_address(&listening) {
            Ok(base) => {
                server.base = base;
                Ok(server)
            }
            Err(RecvTimeoutError::Timeout) => panic!("no `listening on` within {START:?}: {}", server.said()),
            Err(RecvTimeoutError::Disconnected) => {
                let code = server.child.wait().expect("the server can be waited for").code();
                server.join();
                Err(Finished { code, stdout: String::new(), stderr: server.said() })
            }
        }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// All it has printed so far, on both streams.
    pub fn said(&self) -> String {
        self.output.lock().expect("no reader panics").clone()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("the server can be asked").is_none()
    }

    /// Asks it to end, as a service manager does, and waits until it has; gives its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.id().to_string()).status().expect("`kill` runs");
        assert!(asked.success(), "it was there to be asked");
        let code = self.child.wait().expect("the server can be waited for").code();
        self.join();
        code
    }

    /// `kill -9`, and waits until it is gone; gives all that it said.
    pub fn kill(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.join();
        self.said()
    }

    fn join(&mut self) {
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader ends with its pipe");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(from: impl Read, into: &Mutex<String>, mut see: impl FnMut(&str)) {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        into.lock().expect("no reader panics").push_str(&text);
        see(&text);
        line.clear();
    }
}

fn announce(line: &str, found: &std::sync::mpsc::Sender<String>) {
    if let Some((_, address)) = line.split_once("listening on ") {
        let _ = found.send(address.trim().trim_end_matches('/').to_owned());
    }
}

fn wait_for_address(listening: &Receiver<String>) -> Result<String, RecvTimeoutError> {
    let base = listening.recv_timeout(START)?;
    assert!(base.starts_with("http://"), "`listening on` is followed by the address: {base:?}");
    Ok(base)
}
