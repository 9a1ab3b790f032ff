//! What the chaining of the audit trail costs: the desk with it and without, and the chaining alone.

use super::super::figures::{median, micros, rate, ratios};
use super::super::messages::{Loaded, Round, in_turns};
use super::super::opened::Opened;
use super::super::report::{Goal, Report, Unit, count};
use super::super::{Bench, databases::Database, server};
use super::Cluster;
use anyhow::{Result, bail};
use lull::clock::Stopwatch;
use lull::engine::tasks::chain_audit;
use std::rc::Rc;

/// With both the desk is as busy as it can be.
const IN_FLIGHT: usize = 256;
/// Through this view entries go to the table as before, and nobody sees that they are there to be chained.
const HIDE: &str = "alter table audit_pending rename to audit_hidden; \
                    create view audit_pending as select * from audit_hidden where false";
const SHOW: &str = "drop view audit_pending; alter table audit_hidden rename to audit_pending";

pub fn run(bench: &Bench, cluster: &Rc<Cluster>, report: &mut Report) -> Result<()> {
    let mut with = Loaded::start(bench, "chained")?;
    let hidden = Database::Postgres(cluster.create("unchained")?);
    let mut without = Loaded::start_on(bench, hidden, |database| hand(database, HIDE))?;
    for loaded in [&with, &without] {
        loaded.auto_close(true)?;
    }
    let (chained, unchained) = in_turns(bench, &mut with, &mut without, IN_FLIGHT)?;
    drop(with);
    let rates = |rounds: &[Round]| rounds.iter().map(|round| round.rate).collect::<Vec<_>>();
    let logs = |rounds: &[Round]| rounds.iter().map(Round::log).collect::<Vec<_>>();
    let amounts = bench.amounts.messages;
    let (pairs, size) = (amounts.pairs, count(amounts.short_round));
    report.heading(format!(
        "What chaining the audit trail costs a message, {IN_FLIGHT} in flight; {pairs} pairs of rounds of {size}"
    ));
    let (rates, bare) = (rates(&chained), rates(&unchained));
    report.figure("acknowledged messages with the chaining task", median(&rates), Unit::PerSecond, Goal::None);
    report.figure("acknowledged messages without it", median(&bare), Unit::PerSecond, Goal::None);
    report.figure("with ÷ without", median(&ratios(&rates, &bare)), Unit::Ratio, Goal::None);
    let (logs, bare) = (logs(&chained), logs(&unchained));
    report.figure("log for a message with the chaining task", median(&logs), Unit::Bytes, Goal::None);
    report.figure("log for a message without it", median(&bare), Unit::Bytes, Goal::None);
    alone(bench, without, report)
}

/// Chains in one go what the server without the task left.
fn alone(bench: &Bench, left: Loaded, report: &mut Report) -> Result<()> {
    let database = left.into_database();
    hand(&database, SHOW)?;
    let Database::Postgres(postgres) = &database else { bail!("the trail is chained by a task on PostgreSQL only") };
    let sql = postgres.sql()?;
    let pending = usize::try_from(sql.number("select count(*) from audit_pending")?)?;
    let opened = Opened::new(&database.url())?;
    let (node, server) = (server::own_cpu()?, bench.databases.cpu()?);
    let desk = opened.desk.clone();
    let took = opened.run(async move {
        let watch = Stopwatch::start();
        chain_audit::run(&desk).await?;
        Ok(watch.elapsed())
    })?;
    let (node, server) = (server::own_cpu()? - node, bench.databases.cpu()?.zip(server).map(|(now, then)| now - then));
    report.figure(
        format!("chaining alone, {} entries", count(pending)),
        rate(pending, took),
        Unit::PerSecond,
        Goal::None,
    );
    let each = |total: std::time::Duration| micros(total) / pending as f64;
    report.figure("  time for an entry", each(took), Unit::Micros, Goal::None);
    report.figure("  processor time of the server for an entry", each(node), Unit::Micros, Goal::None);
    let server = each(server.unwrap_or_default());
    report.figure("  processor time of PostgreSQL for an entry", server, Unit::Micros, Goal::None);
    Ok(())
}

fn hand(database: &Database, sql: &str) -> Result<()> {
    match database {
        Database::Sqlite(_) => Ok(()),
        Database::Postgres(postgres) => postgres.sql()?.batch(sql),
    }
}
