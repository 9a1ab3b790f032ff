//! Two nodes, and at every beat of their auto close a wave of cases that have just fallen due, at each of which a message
//! or a change of status arrives in the same instant.
//!
//! Whether the close or the request comes first is left to them; either is right, if the rules hold. A wave tunes the
//! next one: its requests come a little earlier or later when one side wins too often, and are fewer or more, so that
//! the machine keeps up.

mod attempt;
mod score;

use super::beats::Beats;
use super::dice::Dice;
use super::pace::{Clock, Watch};
use super::place::{self, Place};
use super::report::{Report, thousands};
use super::seed::Seeder;
use super::verdict;
use anyhow::{Result, anyhow};
use attempt::{Attempt, Outcome};
use score::Score;
use scratch_postgres::{Options, Server};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// A wave is put into the tables this long before its beat.
const LEAD: i64 = 280_000;
/// Its cases fall due this long before the beat, over this many milliseconds.
const DUE_BEFORE: i64 = 40_000;
const DUE_OVER: i64 = 20;
/// Requests arrive within this of the moment aimed at.
const SPREAD: i64 = 50_000;
const LEAST: usize = 20;
const MOST: usize = 2_000;
const FIRST: usize = 40;
/// How far the moment aimed at moves after a wave in which one side always won, and from the beat at most.
const GAIN: f64 = 120_000.0;
const FARTHEST: i64 = 400_000;
/// Waves whose answers take longer are too large; those that take less than half of it may grow.
const PATIENCE: Duration = Duration::from_millis(220);
/// A drill in which one side wins nearly always is no race.
const LEAST_SHARE: f64 = 0.10;
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What one wave learns from the last.
#[derive(Debug, Clone, Copy)]
struct Tuning {
    count: usize,
    /// From the beat to the middle of the requests.
    shift: i64,
}

impl Tuning {
    fn learn(&mut self, wave: &Score) {
        let lead_of_closes = (wave.share_of_closes() - 0.5) * 2.0;
        self.shift = (self.shift - (lead_of_closes * GAIN) as i64).clamp(-FARTHEST, FARTHEST);
        let slowest = wave.wait(0.95);
        if slowest > PATIENCE {
            self.count = (self.count * 17 / 20).max(LEAST);
        } else if slowest < PATIENCE / 2 {
            self.count = (self.count * 23 / 20 + 1).min(MOST);
        }
    }
}

pub async fn run(lull: &Path, races: u64) -> Result<Report> {
    let server = Server::start(&Options::durable().with("track_commit_timestamp", "on")).map_err(|why| anyhow!(why))?;
    server.create_database("lull").map_err(|why| anyhow!(why))?;
    let place = Place::open(lull, &server.url("lull")).await?;
    let mut database = place::connect(&place.url).await?;
    let watch = Watch::start();
    let score = all_waves(&place, &mut database, races).await;
    let score = score.map_err(|error| error.context(place.last_lines()))?;
    let took = watch.elapsed();
    let mut report = Report::default();
    report
        .heading(format!("Race: {} requests at the moment their cases fall due, two nodes", thousands(score.races())));
    report.figure("seconds", took.as_secs());
    report.figure("races a second", (score.races() as f64 / took.as_secs_f64()) as u64);
    tell(&score, &database, &mut report).await?;
    report.collisions(&server.log());
    verdict::pass(&place, &database, &score.acknowledged, &mut report).await?;
    if !report.met() {
        report.note(place.last_lines());
    }
    Ok(report)
}

async fn all_waves(place: &Place, database: &mut Client, races: u64) -> Result<Score> {
    let clock = Clock::of(database).await?;
    let mut seeder = Seeder::new(place.layout.clone(), clock.now());
    let (mut tuning, mut score, mut dice) = (Tuning { count: FIRST, shift: 0 }, Score::default(), Dice::new(1));
    let mut told = Watch::start();
    for node in &place.nodes {
        node.pool.warm(LEAST).await?;
    }
    for turn in 0.. {
        let left = races.saturating_sub(score.races());
        if left == 0 {
            break;
        }
        let count = tuning.count.min(usize::try_from(left).unwrap_or(MOST));
        let aim = Aim { turn, count, shift: tuning.shift };
        let wave = wave(place, database, &mut seeder, &mut dice, aim).await?;
        tuning.learn(&wave);
        score.add(wave);
        if told.elapsed() > TELL_EVERY {
            println!("  {} of {} races: {}", thousands(score.races()), thousands(races), score.summary());
            told = Watch::start();
        }
    }
    Ok(score)
}

struct Aim {
    turn: usize,
    count: usize,
    shift: i64,
}

async fn wave(place: &Place, database: &mut Client, seeder: &mut Seeder, dice: &mut Dice, aim: Aim) -> Result<Score> {
    let clock = Clock::of(database).await?;
    let beat = Beats::read(database, clock.now()).await?.next(clock.now() + LEAD, aim.turn);
    let cases = seeder.put(database, aim.count, beat - DUE_BEFORE, DUE_OVER).await?;
    let pools: Arc<[_]> = place.nodes.iter().map(|node| node.pool.clone()).collect();
    let mut tasks = JoinSet::new();
    for case in cases {
        let attempt = Attempt::draw(&case, &place.token, dice);
        let moment = beat + aim.shift + dice.around(SPREAD);
        let pools = pools.clone();
        tasks.spawn(async move {
            clock.until(moment).await;
            attempt.make(&pools).await
        });
    }
    let mut score = Score::default();
    while let Some(outcome) = tasks.join_next().await {
        let outcome: Outcome = outcome?;
        score.take(outcome);
    }
    Ok(score)
}

async fn tell(score: &Score, database: &Client, report: &mut Report) -> Result<()> {
    let share = score.share_of_closes();
    let fair = (LEAST_SHARE..=1.0 - LEAST_SHARE).contains(&share);
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    report.goal("the close came first", percent(share), "10 to 90 %", fair);
    report.goal("the message or change came first", percent(1.0 - share), "10 to 90 %", fair);
    let sql = "select count(*), count(*) filter (where reopened_at - closed_at < 50000) from closures where reason = 'inactivity'";
    let row = database.query_one(sql, &[]).await?;
    let (closed, close): (i64, i64) = (row.get(0), row.get(1));
    report.figure("closes undone within 50 ms", percent(close as f64 / (closed as f64).max(1.0)));
    let met: i64 = database.query_one("select coalesce(sum(skipped), 0)::bigint from runs", &[]).await?.get(0);
    report.figure("met by a sweep, saved by what came first", met);
    let waits = [0.5, 0.99].map(|part| format!("{} ms", score.wait(part).as_millis()));
    report.figure("wait for an answer, half and 99 of 100", waits.join(", "));
    report.figure("of them to both nodes at once", thousands(score.duels));
    report.none_of("messages to both nodes that both or neither took", &score.unsettled);
    report.none_of("answers other than 2xx", &score.refused);
    Ok(())
}
