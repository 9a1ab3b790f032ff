//! Closing what is due on PostgreSQL: the desk's own sweep against raw statements over lists that write the same rows in
//! the same batches, each on its own copy of one database, in turns.

use super::super::figures::{median, micros, rate, ratios};
use super::super::report::{Goal, Report, Unit};
use super::super::seed::{self, Layout};
use super::super::{Bench, server, sweep};
use super::Database;
use super::traces::{self, Traces};
use anyhow::{Result, ensure};
use lull::clock::Stopwatch;
use std::time::Duration;

/// What closing all that is due took.
struct Took {
    time: Duration,
    client: Duration,
    server: Duration,
    log: f64,
}

/// Closes a second by the desk and by raw statements, for one layout.
pub fn run(bench: &Bench, report: &mut Report, seeded: &Database, layout: Layout) -> Result<()> {
    let due = bench.amounts.cases / seed::DUE;
    let (mut by_desk, mut by_raw) = (Vec::new(), Vec::new());
    let (took, mut traces) = desk(seeded, due)?;
    by_desk.push(took);
    by_raw.push(raw(seeded, &traces, due)?);
    for round in 1..bench.amounts.sweeps {
        // Each goes first as often as the other.
        if round % 2 == 1 {
            by_raw.push(raw(seeded, &traces, due)?);
        }
        let (took, newest) = desk(seeded, due)?;
        by_desk.push(took);
        traces = newest;
        if round % 2 == 0 {
            by_raw.push(raw(seeded, &traces, due)?);
        }
    }
    sweep::heading(report, due, bench.amounts.cases, layout);
    let rates = |all: &[Took]| all.iter().map(|took| rate(due, took.time)).collect::<Vec<_>>();
    let (desk, raw) = (rates(&by_desk), rates(&by_raw));
    report.figure("closes by the desk", median(&desk), Unit::PerSecond, Goal::None);
    report.figure("closes by raw statements, all rows the desk writes", median(&raw), Unit::PerSecond, Goal::None);
    report.figure("desk ÷ raw, same rows", median(&ratios(&desk, &raw)), Unit::Ratio, Goal::AtLeast(0.8));
    report.figure("cases in a batch of either", median(&traces.sizes), Unit::Times, Goal::None);
    for (who, all) in [("the desk", by_desk), ("raw", by_raw)] {
        let each =
            |of: &dyn Fn(&Took) -> f64| median(&all.iter().map(|took| of(took) / due as f64).collect::<Vec<_>>());
        let (client, server) = (each(&|took| micros(took.client)), each(&|took| micros(took.server)));
        report.figure(format!("processor time for a close, {who}"), client, Unit::Micros, Goal::None);
        report.figure(format!("processor time of PostgreSQL for a close, {who}"), server, Unit::Micros, Goal::None);
        report.figure(format!("log for a close, {who}"), each(&|took| took.log), Unit::Bytes, Goal::None);
    }
    Ok(())
}

/// The auto-close task as the engine runs it, and what it wrote.
fn desk(seeded: &Database, due: usize) -> Result<(Took, Traces)> {
    let copy = seeded.copy("desk")?;
    seed::make_due_now(&copy)?;
    let took = measured(&copy, || sweep::desk(&copy.url()))?;
    count_closed(&copy, due)?;
    Ok((took, traces::read(&copy.sql()?)?))
}

/// The same rows by raw statements, over one connection.
fn raw(seeded: &Database, traces: &Traces, due: usize) -> Result<Took> {
    let copy = seeded.copy("raw")?;
    seed::make_due_now(&copy)?;
    let sql = copy.sql()?;
    let statements = sql.run(traces::prepare(sql.client()))?;
    let took = measured(&copy, || {
        let watch = Stopwatch::start();
        sql.run(traces::write(sql.client(), &statements, traces))?;
        Ok(watch.elapsed())
    })?;
    count_closed(&copy, due)?;
    Ok(took)
}

fn measured(copy: &Database, work: impl FnOnce() -> Result<Duration>) -> Result<Took> {
    let cluster = copy.cluster();
    let (client, server, log) = (server::own_cpu()?, cluster.cpu()?, cluster.log()?);
    let time = work()?;
    Ok(Took {
        time,
        client: server::own_cpu()? - client,
        server: cluster.cpu()? - server,
        log: (cluster.log()? - log) as f64,
    })
}

pub fn count_closed(database: &Database, due: usize) -> Result<()> {
    let closed = database.sql()?.number("select count(*) from closures")?;
    ensure!(closed == i64::try_from(due)?, "{closed} cases were closed, not {due}");
    Ok(())
}
