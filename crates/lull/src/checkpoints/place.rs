//! Where checkpoints are kept: a file that only grows, or a webhook. Best on another machine than the database, since who
//! can rewrite the trail could rewrite a file beside it too.

use super::Written;
use crate::clock;
use domain::id::WorkspaceId;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// Longest wait for a webhook's answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Waits between two tries of a webhook; the next beat of the task tries again after them.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

#[derive(Clone)]
pub enum Place {
    File(PathBuf),
    Webhook(Webhook),
}

#[derive(Clone)]
pub struct Webhook {
    url: String,
    agent: ureq::Agent,
}

/// An address may hold a password or a token (T4).
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File(file) => write!(f, "{}", file.display()),
            Place::Webhook(_) => f.write_str("a webhook"),
        }
    }
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        match given.split_once("://") {
            Some(("http" | "https", rest)) if !rest.is_empty() => {
                let uri: ureq::http::Uri = given.parse().map_err(|_| "this is no address of a webhook".to_owned())?;
                uri.host().ok_or_else(|| "this address names no host".to_owned())?;
                Ok(Place::Webhook(Webhook { url: given.to_owned(), agent: agent() }))
            }
            // The rest of an address may hold a password.
            Some((scheme, _)) => {
                Err(format!("unknown place `{scheme}`: give a file, or a webhook at http:// or https://"))
            }
            None if given.trim().is_empty() => Err("give a file or the address of a webhook".to_owned()),
            None => Ok(Place::File(given.into())),
        }
    }
}

/// Trusts whom the machine trusts; a redirect would lead a checkpoint elsewhere.
fn agent() -> ureq::Agent {
    let certificates = rustls_native_certs::load_native_certs().certs;
    let roots: RootCerts = certificates.iter().map(|found| Certificate::from_der(found.as_ref()).to_owned()).into();
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(roots)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("lull/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

impl Place {
    /// Finds out now rather than within the hour that a file cannot be written.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Place::File(file) => open(file).map(|_| ()).map_err(|e| format!("cannot write {}: {e}", file.display())),
            Place::Webhook(_) => Ok(()),
        }
    }

    /// The newest entry of each workspace that is kept there already, as far as one can look.
    pub fn known(&self) -> HashMap<WorkspaceId, i64> {
        let Place::File(file) = self else { return HashMap::new() };
        let Ok(file) = std::fs::File::open(file) else { return HashMap::new() };
        let mut known: HashMap<WorkspaceId, i64> = HashMap::new();
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            if let Ok(checkpoint) = Written::parse(&line).and_then(|written| written.checkpoint()) {
                let seq = known.entry(checkpoint.workspace).or_default();
                *seq = checkpoint.seq.max(*seq);
            }
        }
        known
    }

    /// Takes a checkpoint there; when this answers well, it is kept. `tries` is how often a webhook is asked, at most.
    pub async fn take(&self, checkpoint: &Written, tries: usize) -> Result<(), String> {
        let line = serde_json::to_string(checkpoint).map_err(|e| e.to_string())?;
        let mut last = String::new();
        for turn in 0..tries.clamp(1, PAUSES.len() + 1) {
            if let Some(pause) = turn.checked_sub(1).and_then(|before| PAUSES.get(before)) {
                clock::pause(*pause).await;
            }
            let (place, line) = (self.clone(), line.clone());
            let taken = tokio::task::spawn_blocking(move || place.take_once(&line)).await;
            match taken.map_err(|e| e.to_string()).and_then(|taken| taken) {
                Ok(()) => return Ok(()),
                Err(why) => last = why,
            }
            if matches!(self, Place::File(_)) {
                break;
            }
        }
        Err(last)
    }

    fn take_once(&self, line: &str) -> Result<(), String> {
        match self {
            Place::File(file) => append(file, line).map_err(|e| format!("cannot write {}: {e}", file.display())),
            Place::Webhook(Webhook { url, agent }) => {
                let sent = agent.post(url).header("content-type", "application/json").send(line);
                let status = sent.map_err(|e| format!("the webhook was not reached: {e}"))?.status();
                if status.is_success() { Ok(()) } else { Err(format!("the webhook answered {status}")) }
            }
        }
    }
}

fn open(file: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::options().read(true).append(true).create(true).open(file)
}

/// One line, on the disk when this returns. A line that a power cut tore is ended first, so that it spoils no other.
fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut file = open(file)?;
    let torn = file.seek(SeekFrom::End(0))? > 0 && {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        last != *b"\n"
    };
    let start = if torn { "\n" } else { "" };
    file.write_all(format!("{start}{line}\n").as_bytes())?;
    file.sync_all()
}
