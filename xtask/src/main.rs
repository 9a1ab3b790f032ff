//! What CI does, anyone can do: `cargo xtask ci` runs every check in order, and its parts can be called by name.
//!
//! The checks need cargo alone. A tool that is missing besides (PostgreSQL, Node.js, Chromium, cargo-deny) is a visible skip on a
//! developer's machine and a failure where `CI=true`, so that a green CI has checked everything.

mod bench;
mod browser;
mod ci;
mod desk;
mod drill;
mod oracle;
mod postgresql;
mod python;
mod step;
mod tidy;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What CI does, anyone can do", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything: format, tidy, clippy, licences, tests, pages in a browser, drills.
    Ci,
    /// The invariants of ARCHITECTURE.md that can be read off the text of the repository.
    Tidy,
    /// How fast the desk is on this machine, each figure beside its goal (docs/benchmark.md).
    Bench(bench::Bench),
    /// Several nodes and one PostgreSQL under races, kills and a failover (docs/scaling.md).
    Drill(drill::Drill),
    /// The survival curve of reply gaps against another implementation (docs/advisor.md).
    Oracle {
        /// Write the committed answers anew.
        #[arg(long)]
        write: bool,
    },
    /// The pages in headless Chromium: accessibility, console errors, security policy.
    Browser {
        /// Run these files of xtask/browser alone, such as `case` for case.test.mjs.
        only: Vec<String>,
    },
    /// Pictures of the main pages, light and dark, wide and on a phone, in docs/screenshots/.
    Screenshots,
    /// What Lighthouse says of the main pages, and how fast and how heavy every page is (docs/pages.md).
    Lighthouse,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Ci => ci::run(),
        Task::Tidy => tidy::run(),
        Task::Bench(bench) => bench::run(&bench),
        Task::Drill(drill) => drill::run(&drill).map(step::Outcome::announce),
        Task::Oracle { write } => oracle::run(write).map(step::Outcome::announce),
        Task::Browser { only } => browser::run(&only).map(step::Outcome::announce),
        Task::Screenshots => browser::screenshots().map(step::Outcome::announce),
        Task::Lighthouse => browser::lighthouse().map(step::Outcome::announce),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
