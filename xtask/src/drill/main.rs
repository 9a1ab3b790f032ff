//! The drills behind `cargo xtask drill`: two nodes of the desk, one PostgreSQL, and everything that can go wrong at once.
//!
//! They see the desk as others do, over HTTP; only what is to fall due at a given moment is put into the tables, and what
//! happened is read from them. Whether that was right, `checker` says, which knows nothing but the rules.

mod acknowledged;
mod beats;
mod checker;
mod connection;
mod dice;
mod failover;
mod history;
mod kill;
mod load;
mod node;
mod pace;
mod place;
mod race;
mod report;
mod seed;
mod verdict;
#[path = "../bench/wire.rs"]
#[allow(dead_code, reason = "the benchmark's client; only its requests and its reading of heads are needed here")]
mod wire;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Drills the desk; `cargo xtask drill` builds and starts this")]
struct Arguments {
    /// The program under test.
    #[arg(long)]
    lull: PathBuf,
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    Race {
        #[arg(long)]
        races: u64,
    },
    Kill {
        #[arg(long)]
        kills: u64,
        #[arg(long)]
        stops: u64,
    },
    Failover,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every goal was met.
fn run(arguments: &Arguments) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let lull = &arguments.lull;
    let report = runtime.block_on(async {
        match arguments.drill {
            Drill::Race { races } => race::run(lull, races).await,
            Drill::Kill { kills, stops } => kill::run(lull, kills, stops).await,
            Drill::Failover => failover::run(lull).await,
        }
    })?;
    print!("{report}");
    Ok(report.met())
}
