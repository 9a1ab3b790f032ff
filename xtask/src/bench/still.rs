//! A desk on which nothing is due: what a tick of the engine costs, how fast the server starts, what memory it holds.

use super::Bench;
use super::databases::Database;
use super::figures::{median, micros};
use super::opened::Opened;
use super::postgres::trips;
use super::report::{Goal, Report, Unit, count};
use super::server::Server;
use anyhow::Result;
use lull::clock::Stopwatch;
use lull::desk::Desk;
use lull::engine::tasks::auto_close;

/// Ticks of one desk before it is the other's turn, so that both meet the same weather.
const BLOCK: usize = 100;
/// A tick may take so many times as long with many cases as with few.
const EQUAL: f64 = 2.0;

/// How long a tick may take, in microseconds: with PostgreSQL it asks another process.
pub const SQLITE: Goal = Goal::AtMost(50.0);
pub const POSTGRES: Goal = Goal::AtMost(1_000.0);

/// The auto-close task's run when nothing is due, with few cases and with many.
pub fn idle_ticks(bench: &Bench, report: &mut Report, with_few: &Database, with_many: &Database) -> Result<()> {
    let ticks = bench.amounts.ticks;
    let desks = [Opened::new(&with_few.url())?, Opened::new(&with_many.url())?];
    let mut waits = [Vec::new(), Vec::new()];
    for _ in 0..ticks.div_ceil(BLOCK) {
        for (opened, waits) in desks.iter().zip(&mut waits) {
            waits.extend(opened.run(block(opened.desk.clone()))?);
        }
    }
    // The first block of each fills the caches.
    let [few, many] = waits.map(|waits| median(&waits[BLOCK..]));
    let amounts = &bench.amounts;
    report.heading(format!("One tick of auto close with nothing due; median of {}", count(ticks)));
    report.figure(format!("with {} open cases", count(amounts.few_cases)), few, Unit::Micros, bench.tick);
    report.figure(format!("with {} open cases", count(amounts.cases)), many, Unit::Micros, bench.tick);
    report.figure("the slower ÷ the faster", few.max(many) / few.min(many), Unit::Ratio, Goal::AtMost(EQUAL));
    drop(desks);
    if let Database::Postgres(many) = with_many {
        report.figure("round trips of a tick", trips::of_a_tick(many)?, Unit::Times, Goal::None);
    }
    Ok(())
}

async fn block(desk: Desk) -> Result<Vec<f64>> {
    let mut waits = Vec::with_capacity(BLOCK);
    for _ in 0..BLOCK {
        let watch = Stopwatch::start();
        auto_close::run(&desk).await?;
        waits.push(micros(watch.elapsed()));
    }
    Ok(waits)
}

/// From spawning the server to `listening on`, its database known to the system's cache.
pub fn starts(bench: &Bench, report: &mut Report, many: &Database) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..bench.amounts.starts {
        let server = Server::start(&bench.lull, &many.url())?;
        times.push(server.started_in.as_secs_f64() * 1e3);
        bench.remember(format!("the server, started with {} open cases", count(bench.amounts.cases)), server.memory()?);
    }
    report.heading(format!("Start-up with {} open cases; median of {}", count(bench.amounts.cases), times.len()));
    report.figure("from spawn to `listening on`", median(&times), Unit::Millis, Goal::AtMost(1_000.0));
    Ok(())
}

/// What the other measurements saw on their way.
pub fn memory(bench: &Bench, report: &mut Report) {
    if bench.memory.borrow().is_empty() {
        return;
    }
    report.heading("Resident memory");
    for (what, memory) in bench.memory.borrow().iter() {
        report.figure(what, memory.whole, Unit::Mebibytes, Goal::None);
        report.figure("  of it not mapped from files", memory.own, Unit::Mebibytes, Goal::None);
    }
}
