//! Nodes killed with `kill -9`, and the database server stopped at once, under a load that goes on.

use super::beats::Beats;
use super::dice::Dice;
use super::load::Load;
use super::pace::{Clock, Watch};
use super::place::{self, Place};
use super::report::Report;
use super::seed::Seeder;
use super::verdict;
use anyhow::{Context, Result, anyhow};
use scratch_postgres::{Mode, Options, Server};
use std::path::Path;
use std::time::Duration;
use tokio_postgres::Client;

/// Cases that fall due for each blow: some at once, most just before the nodes next look.
const DUE: usize = 300;
const DUE_OVER_MILLIS: i64 = 900;
/// Every other blow comes after so many acknowledgements, drawn anew each time.
const LEAST_LOAD: u64 = 20;
const MOST_LOAD: u64 = 200;
/// The others fall into a sweep: within this many microseconds after it begins.
const INTO_SWEEP: u64 = 60_000;
/// Cases are put into the tables this long before they are met.
const LEAD: i64 = 300_000;
/// What the other node must acknowledge while one is down.
const ALONE: u64 = 20;
/// How soon a node serves again once the server is back.
const BACK_WITHIN: Duration = Duration::from_secs(30);

struct Drill {
    place: Place,
    server: Server,
    seeder: Seeder,
    load: Load,
    dice: Dice,
    /// What each node was found to do wrong.
    faults: Vec<String>,
    /// From the server's return to the first 2xx, of each node and stop.
    back: Vec<Duration>,
}

pub async fn run(lull: &Path, kills: u64, stops: u64) -> Result<Report> {
    let server = Server::start(&Options::durable().with("track_commit_timestamp", "on")).map_err(|why| anyhow!(why))?;
    server.create_database("lull").map_err(|why| anyhow!(why))?;
    let place = Place::open(lull, &server.url("lull")).await?;
    let mut database = place::connect(&place.url).await?;
    let seeder = Seeder::new(place.layout.clone(), Clock::of(&database).await?.now());
    let load = Load::start(&place);
    let mut drill = Drill { place, server, seeder, load, dice: Dice::new(2), faults: Vec::new(), back: Vec::new() };
    let watch = Watch::start();
    for round in 0..kills {
        let done = drill.kill_a_node(&mut database, round).await;
        done.with_context(|| format!("kill {round} of a node\n{}", drill.place.last_lines()))?;
    }
    for round in 0..stops {
        let done = drill.stop_the_server(&mut database, round).await;
        database = done.with_context(|| format!("stop {round} of the server\n{}", drill.place.last_lines()))?;
    }
    let took = watch.elapsed();
    drill.conclude(&database, kills, stops, took).await
}

impl Drill {
    /// Cases fall due, load is on, and it is time for the next blow: every time another moment.
    async fn under_load(&mut self, database: &mut Client, round: u64) -> Result<()> {
        let clock = Clock::of(database).await?;
        let turn = usize::try_from(round / 2).unwrap_or(0);
        let beat = Beats::read(database, clock.now()).await?.next(clock.now() + LEAD, turn);
        let cases = self.seeder.put(database, DUE, beat - DUE_OVER_MILLIS * 1_000, DUE_OVER_MILLIS).await?;
        self.load.also_to(cases);
        if round.is_multiple_of(2) {
            return self.load.await_acknowledged(LEAST_LOAD + self.dice.below(MOST_LOAD - LEAST_LOAD)).await;
        }
        clock.until(beat + i64::try_from(self.dice.below(INTO_SWEEP))?).await;
        Ok(())
    }

    async fn kill_a_node(&mut self, database: &mut Client, round: u64) -> Result<()> {
        self.under_load(database, round).await?;
        let node = (round / 2 % self.place.nodes.len() as u64) as usize;
        self.place.nodes[node].kill();
        self.load.await_acknowledged(ALONE).await.context("while the other node was alone")?;
        self.place.nodes[node].start_again()?;
        self.load.until_served(node).await?;
        Ok(())
    }

    /// Stops the server at once and starts it again; the nodes live on. Answers a connection to it.
    async fn stop_the_server(&mut self, database: &mut Client, round: u64) -> Result<Client> {
        self.under_load(database, round).await?;
        self.server.stop(Mode::Immediate).map_err(|why| anyhow!(why))?;
        for node in 0..self.place.nodes.len() {
            match self.load.probe(node).await {
                Ok(answer) if answer.status == 503 => (),
                Ok(answer) => self.faults.push(format!("node {node} answered {} without a server", answer.status)),
                Err(error) => self.faults.push(format!("node {node} did not answer without a server: {error:#}")),
            }
        }
        self.server.start_again().map_err(|why| anyhow!(why))?;
        for node in 0..self.place.nodes.len() {
            self.back.push(self.load.until_served(node).await?);
            if !self.place.nodes[node].is_alive() {
                self.faults.push(format!("node {node} ended with the server"));
            }
        }
        place::connect(&self.place.url).await
    }

    async fn conclude(self, database: &Client, kills: u64, stops: u64, took: Duration) -> Result<Report> {
        let told = self.load.finish().await?;
        let mut report = Report::default();
        report.heading(format!("Kill: {kills} × kill -9 of a node, {stops} immediate stops of the server, under load"));
        report.figure("seconds", took.as_secs());
        told.report(&mut report);
        if stops > 0 {
            let slowest = self.back.iter().max().copied().unwrap_or_default();
            let goal = format!("≤ {} s", BACK_WITHIN.as_secs());
            let shown = format!("{:.2} s", slowest.as_secs_f64());
            report.goal("from the server's return to a node's 2xx, slowest", shown, &goal, slowest <= BACK_WITHIN);
            report.none_of("nodes that did not wait for the server with 503", &self.faults);
        }
        report.collisions(&self.server.log());
        verdict::pass(&self.place, database, &told.acknowledged, &mut report).await?;
        if !report.met() {
            report.note(self.place.last_lines());
        }
        Ok(report)
    }
}
