//! How often a node waits for PostgreSQL: what a network between them costs it.

use super::super::Bench;
use super::super::figures::{median, micros};
use super::super::messages;
use super::super::mix::Mix;
use super::super::opened::Opened;
use super::super::report::{Goal, Report, Unit, count};
use super::super::server::{self, Server};
use super::super::wire;
use super::proxy::{Counts, Line};
use super::{Cluster, Database};
use anyhow::{Context, Result};
use lull::clock::Stopwatch;
use lull::engine::tasks::auto_close;
use std::rc::Rc;

/// Messages of each kind, one at a time; the median leaves out those during which a task of the engine was at work.
const MESSAGES: usize = 60;
const TICKS: u64 = 50;
const COMMITS: usize = 300;

/// What one message asks of PostgreSQL.
pub fn of_a_message(bench: &Bench, cluster: &Rc<Cluster>, report: &mut Report) -> Result<()> {
    let database = cluster.create("trips")?;
    let token = server::prepare(&bench.lull, &database.url())?;
    let line = Line::to(cluster)?;
    let server = Server::start(&bench.lull, &database.url_through(line.port))?;
    let channel = messages::make_channel(&server, &token)?;
    messages::set_auto_close(&server, &token, true)?;
    let mut mix = Mix::new(bench.texts.clone(), channel, token, MESSAGES);
    let opening = asked(&server, &line, mix.opening())?;
    let joining = mix.take(MESSAGES).into_iter().enumerate().filter(|(n, _)| !Mix::starts_case(MESSAGES + n));
    let joining = asked(&server, &line, joining.map(|(_, request)| request).collect())?;
    report.heading(format!("What a message asks of PostgreSQL, one at a time; median of {}", count(joining.len())));
    for (what, asked) in [("joins a case", joining), ("starts a case", opening)] {
        let middle = |of: fn(&Counts) -> u64| median(&asked.iter().map(|counts| of(counts) as f64).collect::<Vec<_>>());
        report.figure(format!("round trips of a message that {what}"), middle(|c| c.turns), Unit::Times, Goal::None);
        let statements = middle(|counts| counts.statements);
        report.figure("  statements, `begin` and `commit` among them", statements, Unit::Times, Goal::None);
    }
    report.figure("one row inserted and committed, alone", commit(&database)?, Unit::Micros, Goal::None);
    Ok(())
}

fn asked(server: &Server, line: &Line, requests: Vec<Vec<u8>>) -> Result<Vec<Counts>> {
    let mut asked = Vec::new();
    for request in requests {
        let before = line.counts();
        wire::load(server.address, vec![request], 1)?;
        let after = line.counts();
        asked.push(Counts { turns: after.turns - before.turns, statements: after.statements - before.statements });
    }
    Ok(asked)
}

/// The smallest durable transaction: what the disk and one round trip take.
fn commit(database: &Database) -> Result<f64> {
    let sql = database.sql()?;
    sql.batch("create table probe (n bigint)")?;
    let statement = sql.run(async { Ok(sql.client().prepare("insert into probe values (1)").await?) })?;
    let mut waits = Vec::new();
    for _ in 0..COMMITS {
        let watch = Stopwatch::start();
        sql.run(async { Ok(sql.client().execute(&statement, &[]).await?) })?;
        waits.push(micros(watch.elapsed()));
    }
    Ok(median(&waits))
}

/// Round trips of one tick of auto close with nothing due.
pub fn of_a_tick(database: &Database) -> Result<f64> {
    let line = Line::to(database.cluster())?;
    let opened = Opened::new(&database.url_through(line.port))?;
    let tick = || {
        let desk = opened.desk.clone();
        opened.run(async move { Ok(auto_close::run(&desk).await?) }).context("a tick")
    };
    // The first prepares its statements.
    tick()?;
    let before = line.counts();
    for _ in 0..TICKS {
        tick()?;
    }
    Ok((line.counts().turns - before.turns) as f64 / TICKS as f64)
}
