//! One node against two, real processes both times, closing what fell due at one moment.

use super::super::figures::{median, micros, ratios};
use super::super::report::{Goal, Report, Unit};
use super::super::seed::{self, Layout};
use super::super::server::Server;
use super::super::{Bench, machine};
use super::Database;
use super::sweep::count_closed;
use anyhow::Result;
use std::time::Duration;

/// What two nodes should be to one, where each node and its database session have a processor of their own.
const TWO_OVER_ONE: f64 = 1.3;
const PROCESSORS: usize = 4;
/// Looks at the runs, 20 ms apart, before it is given up.
const LOOKS: usize = 30_000;

/// When the first and the last batch began, by the database's clock, and how many cases were closed before the last.
const SPAN: &str = "
with span as (select min(closed_at) as first, max(closed_at) as last from closures)
select last - first, (select count(*) from closures where closed_at < last) from span";

struct Swept {
    rate: f64,
    /// Processor time for a close.
    nodes: f64,
    server: f64,
}

pub fn run(bench: &Bench, report: &mut Report, seeded: &Database, layout: Layout) -> Result<()> {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for pair in 0..bench.amounts.node_pairs {
        // Each goes first as often as the other.
        for nodes in if pair % 2 == 0 { [1, 2] } else { [2, 1] } {
            let swept = swept(bench, seeded, nodes)?;
            if nodes == 1 { one.push(swept) } else { two.push(swept) }
        }
    }
    let processors = machine::processors();
    report.heading(format!(
        "One node and two closing the same, {}; {} pairs\n({processors} processors for nodes and database, load {})",
        layout.in_words(),
        bench.amounts.node_pairs,
        machine::load()
    ));
    let of = |all: &[Swept], value: fn(&Swept) -> f64| all.iter().map(value).collect::<Vec<_>>();
    let (alone, together) = (of(&one, |swept| swept.rate), of(&two, |swept| swept.rate));
    report.figure("closes by one node", median(&alone), Unit::PerSecond, Goal::None);
    report.figure("closes by two nodes", median(&together), Unit::PerSecond, Goal::None);
    let (goal, what) = if processors >= PROCESSORS {
        (Goal::AtLeast(TWO_OVER_ONE), "two ÷ one".to_owned())
    } else {
        (Goal::None, format!("two ÷ one (≥ {TWO_OVER_ONE:.2} is for {PROCESSORS} processors)"))
    };
    report.figure(what, median(&ratios(&together, &alone)), Unit::Ratio, goal);
    for (who, all) in [("one node", &one), ("two nodes", &two)] {
        let nodes = median(&of(all, |swept| swept.nodes));
        let server = median(&of(all, |swept| swept.server));
        report.figure(format!("processor time of {who} for a close"), nodes, Unit::Micros, Goal::None);
        report.figure(format!("processor time of PostgreSQL for a close, {who}"), server, Unit::Micros, Goal::None);
    }
    Ok(())
}

fn swept(bench: &Bench, seeded: &Database, nodes: usize) -> Result<Swept> {
    let due = bench.amounts.cases / seed::DUE;
    let copy = seeded.copy("nodes")?;
    let url = copy.url();
    let servers = (0..nodes).map(|_| Server::start(&bench.lull, &url)).collect::<Result<Vec<_>>>()?;
    copy.rest()?;
    let cpu = || servers.iter().map(Server::cpu).sum::<Result<Duration>>();
    let before = (cpu()?, copy.cluster().cpu()?);
    seed::make_due_now(&copy)?;
    copy.wait_for(&format!("(select coalesce(sum(closed), 0) from runs) >= {due}"), LOOKS)?;
    let after = (cpu()?, copy.cluster().cpu()?);
    count_closed(&copy, due)?;
    let sql = copy.sql()?;
    let span = sql.rows(SPAN)?;
    let (took, closed) = span.first().map_or((0, 0), |row| (row.get::<_, i64>(0), row.get::<_, i64>(1)));
    let each = |total: Duration| micros(total) / due as f64;
    Ok(Swept {
        rate: closed as f64 / (took as f64 / 1e6),
        nodes: each(after.0 - before.0),
        server: each(after.1 - before.1),
    })
}
