//! The measurements behind `cargo xtask bench`: each figure of the desk beside its goal and the raw database's.
//!
//! Absolute figures are the machine's; the ratios are the desk's. What is compared is measured in turns in one run.
//! docs/benchmark.md says what each line means.

mod figures;
mod messages;
mod mix;
mod replay;
mod report;
mod seed;
mod server;
mod still;
mod sweep;
mod wire;

use anyhow::{Context, Result};
use clap::Parser;
use lull::clock::{Stopwatch, SystemClock};
use lull::desk::Desk;
use lull::engine::Engine;
use messages::Amounts as Messages;
use metrics_exporter_prometheus::PrometheusBuilder;
use report::Report;
use seed::Layout;
use server::Memory;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{DatabaseUrl, Db, Settings};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[derive(Parser)]
#[command(about = "Measures the desk; `cargo xtask bench` builds and starts this")]
struct Arguments {
    /// The release build of the `lull` program.
    #[arg(long)]
    lull: PathBuf,
    /// Small numbers that only show that the benchmark itself works.
    #[arg(long)]
    quick: bool,
    /// Only the measurements whose name holds this: messages, toggle, still, sweep.
    #[arg(long, default_value = "")]
    only: String,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How much is measured.
struct Amounts {
    messages: Messages,
    few_cases: usize,
    cases: usize,
    ticks: usize,
    starts: usize,
}

const WHOLE: Amounts = Amounts {
    messages: Messages { threads: 2_000, round: 5_000, rounds: 3, sessions: 3, short_round: 2_500, pairs: 12 },
    few_cases: 10_000,
    cases: 1_000_000,
    ticks: 3_000,
    starts: 5,
};

const QUICK: Amounts = Amounts {
    messages: Messages { threads: 100, round: 400, rounds: 2, sessions: 1, short_round: 200, pairs: 2 },
    few_cases: 500,
    cases: 5_000,
    ticks: 300,
    starts: 2,
};

/// What every measurement is handed.
struct Bench {
    lull: PathBuf,
    amounts: Amounts,
    texts: Vec<String>,
    folder: TempDir,
    memory: RefCell<Vec<(String, Memory)>>,
}

impl Bench {
    /// The path of a database of this run.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
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

/// A database opened in this process as the server opens it.
struct Opened {
    runtime: Runtime,
    desk: Desk,
}

impl Opened {
    fn new(database: &Path) -> Result<Opened> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let clock = Arc::new(SystemClock::default());
        let db = Db::open(&DatabaseUrl::Sqlite(database.to_owned()), &Settings::default(), clock)?;
        // Not installed: the recorder would be the whole process's, and is not part of what is measured here.
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let desk = Desk::new(db, None, Engine::new(Duration::from_secs(1)), metrics, None);
        Ok(Opened { runtime, desk })
    }

    /// Runs work as a task of its own, as the engine does.
    fn run<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        self.runtime.block_on(self.runtime.spawn(work))?
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let watch = Stopwatch::start();
    // Beside the program: a temporary folder may lie in memory, where a commit costs nothing.
    let target = arguments.lull.parent().context("the program lies in a folder")?;
    let bench = Bench {
        lull: arguments.lull.clone(),
        amounts: if arguments.quick { QUICK } else { WHOLE },
        texts: mix::texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?,
        folder: tempfile::Builder::new().prefix("bench-").tempdir_in(target)?,
        memory: RefCell::default(),
    };
    let report = measure(&bench, &arguments.only)?;
    let machine = std::thread::available_parallelism().map_or(0, usize::from);
    println!("\nLull {}, {machine} processors, SQLite {}", env!("CARGO_PKG_VERSION"), rusqlite::version());
    if arguments.quick {
        println!("--quick: these numbers are too small to mean anything; they show that the benchmark works");
    }
    println!("\n{report}\nmeasured in {:.0} s", watch.elapsed().as_secs_f64());
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
    if wanted("still") || wanted("sweep") {
        cases(bench, &mut report, wanted("still"), wanted("sweep"))?;
    }
    still::memory(bench, &mut report);
    Ok(report)
}

/// What is measured on databases of many cases.
fn cases(bench: &Bench, report: &mut Report, still: bool, sweep: bool) -> Result<()> {
    for layout in [Layout::Scattered, Layout::Together] {
        // A name of its own: a connection that is still closing must not meet the next file.
        let many = bench.file(&format!("many-{layout:?}"));
        say("making a database of open cases");
        seed::fill(&bench.lull, &many, bench.amounts.cases, layout)?;
        if still && layout == Layout::Scattered {
            let few = bench.file("few");
            seed::fill(&bench.lull, &few, bench.amounts.few_cases, layout)?;
            say("idle ticks, starts");
            still::idle_ticks(bench, report, &few, &many)?;
            still::starts(bench, report, &many)?;
        }
        if sweep {
            say("closing what is due");
            sweep::run(bench, report, &many, layout)?;
        }
        server::remove(&many);
    }
    Ok(())
}

/// Progress, beside the report.
fn say(what: &str) {
    eprintln!("measuring: {what}");
}
