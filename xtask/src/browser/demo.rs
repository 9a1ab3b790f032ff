//! A running `lull serve --demo`: started on a free port, read until it is ready, ended when dropped.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;

/// What is the present: a working day in the afternoon, so that there is something to see, and the same each time.
const NOW: &str = "2026-11-18T14:30:00Z";
/// A debug build reads the demo's conversations in a few seconds; a machine under load takes longer.
const READY_WITHIN: Duration = Duration::from_secs(120);

pub struct Demo {
    process: Child,
    /// `http://HOST:PORT`
    pub address: String,
    pub sign_in: String,
    pub token: Option<String>,
    pub log: PathBuf,
    /// The folder it works in, so that nothing is left in the repository.
    _home: TempDir,
}

impl Demo {
    /// Starts the program and waits until it has said where it listens and how to sign in.
    pub fn start(program: &Path, log_folder: &Path) -> Result<Demo> {
        let home = TempDir::new()?;
        let log = log_folder.join("lull.log");
        let errors = File::create(&log)?;
        let mut process = Command::new(program)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
            .args(["--demo-now", NOW])
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let output = process.stdout.take().context("the server has no standard output")?;
        let lines = follow(output, File::options().append(true).open(&log)?);
        match wait(&lines) {
            Ok(words) => {
                let (address, sign_in) = (words.address.unwrap_or_default(), words.sign_in.unwrap_or_default());
                Ok(Demo { process, address, sign_in, token: words.token, log, _home: home })
            }
            Err(error) => {
                end(&mut process);
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                Err(error.context(format!("`lull serve --demo` did not become ready; it said:\n{said}")))
            }
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn end(process: &mut Child) {
    // It may have ended by itself, which is as good.
    let _ = process.kill();
    let _ = process.wait();
}

/// Copies the output into the log and passes its lines on, for as long as the server lives.
fn follow(output: impl std::io::Read + Send + 'static, mut log: File) -> Receiver<String> {
    let (to, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(log, "{line}");
            // Once the server is ready nobody listens any more; the log still does.
            let _ = to.send(line);
        }
    });
    lines
}

fn wait(lines: &Receiver<String>) -> Result<Words> {
    let mut words = Words::default();
    while !words.complete() {
        match lines.recv_timeout(READY_WITHIN) {
            Ok(line) => words.hear(&line),
            Err(RecvTimeoutError::Timeout) => bail!("nothing was said for {} s", READY_WITHIN.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("it ended"),
        }
    }
    Ok(words)
}

/// What the demo says on its standard output.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    address: Option<String>,
    sign_in: Option<String>,
    token: Option<String>,
}

impl Words {
    fn complete(&self) -> bool {
        self.address.is_some() && self.sign_in.is_some() && self.token.is_some()
    }

    /// `listening on http://HOST:PORT`; the sign-in link is any other address with a path; the token ends its line.
    fn hear(&mut self, line: &str) {
        let link = line.split_whitespace().find(|word| word.starts_with("http://"));
        match link {
            Some(link) if line.contains("listening on") => self.address = Some(link.trim_end_matches('/').to_owned()),
            Some(link) if link.splitn(4, '/').nth(3).is_some_and(|path| !path.is_empty()) => {
                self.sign_in.get_or_insert_with(|| link.to_owned());
            }
            None if line.to_lowercase().contains("token") => {
                self.token = line.split_whitespace().next_back().map(str::to_owned);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_demo_are_understood_in_any_order() {
        let lines = [
            "Lull demo",
            "sign in: http://127.0.0.1:4000/sign-in/abc",
            "API token: tok_secret",
            "listening on http://127.0.0.1:4000",
        ];
        let mut backwards = lines;
        backwards.reverse();
        for order in [lines, backwards] {
            let mut words = Words::default();
            order.iter().for_each(|line| words.hear(line));
            assert_eq!(words.address.as_deref(), Some("http://127.0.0.1:4000"));
            assert_eq!(words.sign_in.as_deref(), Some("http://127.0.0.1:4000/sign-in/abc"));
            assert_eq!(words.token.as_deref(), Some("tok_secret"));
        }
    }

    #[test]
    fn a_server_that_ends_before_it_is_ready_is_an_error() {
        let (to, lines) = channel();
        to.send("listening on http://127.0.0.1:4000".to_owned()).unwrap();
        drop(to);
        assert_eq!(wait(&lines).unwrap_err().to_string(), "it ended");
    }
}
