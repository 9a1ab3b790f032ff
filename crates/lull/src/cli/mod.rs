//! The command line.
//!
//! Exit codes: 0 done, 1 could not be done (the reason is on standard error), 2 the command itself is wrong.

mod audit;
mod audit_verify;
mod backup;
mod check;
mod copy;
mod create_owner;
mod export;
pub mod import;
mod mailing;
mod rebuild_reports;
mod serve;
mod token;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;
use std::sync::Arc;
use store::{Clock, DatabaseUrl, Db, Settings};

/// A self-hosted customer-care case desk whose cases look after themselves.
#[derive(Parser)]
#[command(name = "lull", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and API
    Serve(serve::Serve),
    /// Make a workspace and its owner, or another owner
    CreateOwner(create_owner::CreateOwner),
    /// Make an API token that acts as a member, and print it alone
    Token(token::Token),
    /// Take conversations in from a JSON Lines file
    Import(import::Import),
    /// Write cases, closures, messages or the audit trail to a file, as CSV or JSON Lines
    Export(export::Export),
    /// Write a consistent copy of the database, also while it is served
    Backup(backup::Backup),
    /// Move a desk from SQLite to PostgreSQL
    Copy(copy::Copy),
    /// Count the figures of reports anew from what happened
    RebuildReports(rebuild_reports::RebuildReports),
    /// Check configuration, database and integrity
    Check(check::Check),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
}

/// Connections of a process beside the server's.
const SIDE_CONNECTIONS: usize = 8;

/// Where the database is.
#[derive(Args, Debug, Clone)]
struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(long, env = "LULL_DATABASE", hide_env_values = true, default_value = "sqlite:./lull.db", value_name = "URL")]
    database: String,
}

impl Database {
    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        Ok(self.database.parse()?)
    }

    /// Opens the database from a process beside the server's.
    async fn open(&self) -> anyhow::Result<Db> {
        let clock: Arc<dyn Clock> = Arc::new(crate::clock::SystemClock::default());
        let settings = Settings {
            node: crate::random::side_node(),
            readers: 1,
            connections: SIDE_CONNECTIONS,
            // It reads much once, or little: what is mapped would only add to its memory.
            mmap_bytes: 0,
            ..Settings::default()
        };
        Ok(Db::open(&self.url()?, &settings, clock).await?)
    }

    /// Opens a database that must be there: looking at one must not make one.
    async fn open_existing(&self) -> anyhow::Result<Db> {
        if let DatabaseUrl::Sqlite(path) = self.url()?
            && !path.exists()
        {
            anyhow::bail!("there is no database at {}", path.display());
        }
        self.open().await
    }
}

/// Which workspace a command means, where there are several.
#[derive(Args, Debug, Clone)]
struct InWorkspace {
    /// The workspace's name; needed only if there are several
    #[arg(long, env = "LULL_WORKSPACE", value_name = "NAME")]
    workspace: Option<String>,
}

impl InWorkspace {
    async fn find(&self, db: &Db) -> anyhow::Result<store::workspaces::Workspace> {
        let all = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?;
        match &self.workspace {
            Some(name) => {
                let mut named = all.into_iter().filter(|w| w.name == *name || w.id.to_string() == *name);
                let found = named.next().ok_or_else(|| anyhow::anyhow!("there is no workspace named {name}"))?;
                if named.next().is_some() {
                    anyhow::bail!("several workspaces are named {name}: say which by its id (`wsp_…`)");
                }
                Ok(found)
            }
            None if all.len() > 1 => anyhow::bail!("there are several workspaces: say which with --workspace NAME"),
            None => {
                let only = all.into_iter().next();
                only.ok_or_else(|| anyhow::anyhow!("there is no workspace yet: make one with `lull create-owner`"))
            }
        }
    }
}

/// Names what a refusal found wrong, for a person at a terminal.
fn refused(refusal: crate::acts::Refusal) -> anyhow::Error {
    use crate::acts::Refusal;
    match refusal {
        Refusal::Invalid(faults) => {
            let lines: Vec<String> = faults.iter().map(|f| format!("{}: {}", f.field, f.message)).collect();
            anyhow::anyhow!(lines.join("; "))
        }
        Refusal::NotFound => anyhow::anyhow!("it is not there"),
        other => anyhow::anyhow!("refused: {other:?}"),
    }
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            match cli.command {
                Command::Serve(serve) => serve.run().await,
                Command::CreateOwner(create) => create.run().await,
                Command::Token(token) => token.run().await,
                Command::Import(import) => import.run().await,
                Command::Export(export) => export.run().await,
                Command::Backup(backup) => backup.run().await,
                Command::Copy(copy) => copy.run().await,
                Command::RebuildReports(rebuild) => rebuild.run().await,
                Command::Check(check) => check.run().await,
                Command::Audit(audit) => audit.run().await,
            }
        }),
        Err(e) => Err(e.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lull: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs go to standard error; `LULL_LOG` says how much (`info` by default). They hold no customer's words, addresses or
/// tokens (T4).
fn start_log() {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("LULL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
