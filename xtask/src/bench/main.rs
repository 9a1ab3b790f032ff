//! The measurements behind `cargo xtask bench`: each figure of the desk beside its goal and the raw database's.
//!
//! Absolute figures are the machine's; the ratios are the desk's. What is compared is measured in turns in one run.
//! docs/benchmark.md says what each line means.

mod chain;
mod databases;
mod duckdb;
mod figures;
mod machine;
mod manager;
mod messages;
mod mix;
mod opened;
mod postgres;
mod replay;
mod report;
mod reports;
mod seed;
mod server;
mod still;
mod sweep;
mod wire;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use databases::{Database, Databases};
use lull::clock::Stopwatch;
use messages::{Amounts as Messages, Goals};
use postgres::Cluster;
use report::{Goal, Report, count};
use seed::Layout;
use server::Memory;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

#[derive(Parser)]
#[command(about = "Measures the desk; `cargo xtask bench` builds and starts this")]
struct Arguments {
    /// The release build of the `lull` program.
    #[arg(long)]
    lull: PathBuf,
    /// Below which databases of this kind the desk is measured.
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    database: Kind,
    /// Small numbers that only show that the benchmark itself works.
    #[arg(long)]
    quick: bool,
    /// Only the measurements whose name holds this: messages, toggle, chain, trips, still, sweep, nodes, manager, reports.
    #[arg(long, default_value = "")]
    only: String,
    /// Closures of the reports' year.
    #[arg(long)]
    closures: Option<usize>,
    /// A Python with the package duckdb; without one it is left out.
    #[arg(long)]
    duckdb: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

/// How much is measured.
struct Amounts {
    messages: Messages,
    few_cases: usize,
    cases: usize,
    ticks: usize,
    starts: usize,
    /// Sweeps by the desk and by raw statements, and pairs of sweeps by one node and by two: on PostgreSQL, where copies
    /// of a database can be had at will.
    sweeps: usize,
    node_pairs: usize,
    closures: usize,
}

const WHOLE: Amounts = Amounts {
    messages: Messages { threads: 2_000, round: 5_000, rounds: 3, sessions: 3, short_round: 2_500, pairs: 12 },
    few_cases: 10_000,
    cases: 1_000_000,
    ticks: 3_000,
    starts: 5,
    sweeps: 3,
    node_pairs: 3,
    closures: 1_000_000,
};

const QUICK: Amounts = Amounts {
    messages: Messages { threads: 100, round: 400, rounds: 2, sessions: 1, short_round: 200, pairs: 2 },
    few_cases: 500,
    cases: 5_000,
    ticks: 300,
    starts: 2,
    sweeps: 2,
    node_pairs: 1,
    closures: 5_000,
};

/// What every measurement is handed.
struct Bench {
    lull: PathBuf,
    duckdb: Option<PathBuf>,
    amounts: Amounts,
    goals: Goals,
    /// Of an idle tick.
    tick: Goal,
    texts: Vec<String>,
    databases: Databases,
    memory: RefCell<Vec<(String, Memory)>>,
}

impl Bench {
    fn new(arguments: &Arguments) -> Result<Bench> {
        let databases = match arguments.database {
            Kind::Sqlite => {
                // Beside the program: a temporary folder may lie in memory, where a commit costs nothing.
                let target = arguments.lull.parent().context("the program lies in a folder")?;
                Databases::Sqlite(tempfile::Builder::new().prefix("bench-").tempdir_in(target)?)
            }
            Kind::Postgres => Databases::Postgres(Cluster::start()?),
        };
        let (goals, tick) = match arguments.database {
            Kind::Sqlite => (messages::SQLITE, still::SQLITE),
            Kind::Postgres => (messages::POSTGRES, still::POSTGRES),
        };
        let amounts = if arguments.quick { QUICK } else { WHOLE };
        Ok(Bench {
            lull: arguments.lull.clone(),
            duckdb: arguments.duckdb.clone(),
            amounts: Amounts { closures: arguments.closures.unwrap_or(amounts.closures), ..amounts },
            goals,
            tick,
            texts: mix::texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?,
            databases,
            memory: RefCell::default(),
        })
    }

    /// Keeps what a server's memory was, the latest of each kind.
    fn remember(&self, what: impl Into<String>, memory: Memory) {
        let what = what.into();
        let mut seen = self.memory.borrow_mut();
        match seen.iter_mut().find(|(name, _)| *name == what) {
            Some((_, latest)) => *latest = memory,
            None => seen.push((what, memory)),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let watch = Stopwatch::start();
    let load = machine::load();
    let bench = Bench::new(&arguments)?;
    let report = measure(&bench, &arguments.only)?;
    let (version, processors) = (env!("CARGO_PKG_VERSION"), machine::processors());
    println!("\nLull {version}, {processors} processors, {}", bench.databases.describe()?);
    if arguments.quick {
        println!("--quick: these numbers are too small to mean anything; they show that the benchmark works");
    }
    let (took, now) = (watch.elapsed().as_secs_f64(), machine::load());
    println!("\n{report}\nmeasured in {took:.0} s; load of the machine {load} before, {now} after");
    Ok(())
}

fn measure(bench: &Bench, only: &str) -> Result<Report> {
    let mut report = Report::default();
    let wanted = |name: &str| name.contains(only);
    if wanted("messages") {
        say("messages over HTTP and raw inserts");
        messages::against_raw_inserts(bench, &mut report)?;
    }
    if wanted("toggle") {
        say("messages with auto close on and off");
        messages::with_auto_close(bench, &mut report)?;
    }
    if wanted("chain") {
        say("messages with the audit trail chained and unchained");
        match &bench.databases {
            Databases::Sqlite(_) => chain::run(bench, &mut report)?,
            Databases::Postgres(cluster) => postgres::chain::run(bench, cluster, &mut report)?,
        }
    }
    if let Databases::Postgres(cluster) = &bench.databases
        && wanted("trips")
    {
        say("round trips");
        postgres::trips::of_a_message(bench, cluster, &mut report)?;
    }
    if ["still", "sweep", "nodes", "manager"].into_iter().any(wanted) {
        for layout in [Layout::Scattered, Layout::Together] {
            cases(bench, &mut report, layout, &wanted)?;
        }
    }
    if wanted("reports") {
        say("counting and reporting a year");
        reports::run(bench, &mut report, &bench.databases.create("year")?)?;
    }
    still::memory(bench, &mut report);
    Ok(report)
}

/// What is measured on databases of many cases.
fn cases(bench: &Bench, report: &mut Report, layout: Layout, wanted: &impl Fn(&str) -> bool) -> Result<()> {
    // A name of its own: a connection that is still closing must not meet the next file.
    let many = bench.databases.create(&format!("many-{layout:?}"))?;
    say(&format!("making a database of {} open cases", count(bench.amounts.cases)));
    seed::fill(&bench.lull, &many, bench.amounts.cases, layout)?;
    if wanted("still") && layout == Layout::Scattered {
        let few = bench.databases.create("few")?;
        seed::fill(&bench.lull, &few, bench.amounts.few_cases, layout)?;
        say("idle ticks, starts");
        still::idle_ticks(bench, report, &few, &many)?;
        still::starts(bench, report, &many)?;
    }
    if wanted("nodes")
        && let Database::Postgres(many) = &many
    {
        say("closing what is due by one node and by two");
        postgres::nodes::run(bench, report, many, layout)?;
    }
    if wanted("sweep") {
        say("closing what is due");
        match &many {
            Database::Sqlite(many) => sweep::run(bench, report, many, layout)?,
            Database::Postgres(many) => postgres::sweep::run(bench, report, many, layout)?,
        }
    }
    if wanted("manager") && layout == Layout::Scattered {
        let asked = bench.databases.create("asked")?;
        seed::fill(&bench.lull, &asked, bench.amounts.cases, layout)?;
        say("a preview, and a run taken back");
        manager::run(bench, report, &asked)?;
    }
    Ok(())
}

/// Progress, beside the report.
fn say(what: &str) {
    eprintln!("measuring: {what}");
}
