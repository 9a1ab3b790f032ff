//! Messages over HTTP: how many a second are acknowledged, against raw inserts of the same rows, and with auto close on
//! against off.

use super::databases::{Database, File};
use super::figures::{median, micros, percentile, rate, ratios};
use super::mix::{self, Mix};
use super::report::{Goal, Report, Unit, count};
use super::server::{self, Memory, Server};
use super::{Bench, postgres, replay, wire};
use anyhow::Result;
use serde_json::json;
use std::time::Duration;

/// What is asked of one kind of database.
#[derive(Debug, Clone, Copy)]
pub struct Goals {
    /// Requests under way at any moment, each measured by itself.
    pub in_flight: &'static [usize],
    pub rate: Goal,
    pub slowest: Goal,
    pub over_raw: Goal,
    pub on_over_off: Goal,
}

pub const SQLITE: Goals = Goals {
    in_flight: &[64],
    rate: Goal::AtLeast(5_000.0),
    slowest: Goal::AtMost(50.0),
    over_raw: Goal::AtLeast(0.35),
    on_over_off: Goal::AtLeast(0.97),
};

pub const POSTGRES: Goals = Goals {
    in_flight: &[16, 256],
    rate: Goal::None,
    slowest: Goal::None,
    over_raw: Goal::None,
    on_over_off: Goal::AtLeast(0.95),
};

/// Requests under way while threads are opened, which is not timed.
const OPENING: usize = 64;
/// Bytes of log with auto close on may exceed those with it off by so much: steadier than time.
const LOG_ON_OVER_OFF: Goal = Goal::AtMost(1.05);

/// How many messages are sent.
#[derive(Debug, Clone, Copy)]
pub struct Amounts {
    /// Threads that are there before anything is timed.
    pub threads: usize,
    /// Messages of one timed round against raw inserts, and rounds on one server.
    pub round: usize,
    pub rounds: usize,
    /// Servers, each on a fresh database and each with raw inserts of its rows after it.
    pub sessions: usize,
    /// Messages of one round with auto close on or off, and pairs of rounds.
    pub short_round: usize,
    pub pairs: usize,
}

/// A server with threads to write to, and the messages for it.
pub struct Loaded {
    server: Server,
    mix: Mix,
    token: String,
    idle: Memory,
    // After the server that uses it.
    pub database: Database,
}

/// One timed round.
pub struct Round {
    pub rate: f64,
    pub in_flight: usize,
    waits: Vec<f64>,
    took: Duration,
    client: Duration,
    server: Duration,
    /// Of the database's own server, if it has one.
    database: Option<Duration>,
    log: Option<f64>,
}

impl Round {
    fn client_share(&self) -> f64 {
        self.client.as_secs_f64() / self.took.as_secs_f64() * 100.0
    }

    fn for_each(&self, total: Duration) -> f64 {
        micros(total) / self.waits.len() as f64
    }

    /// Processor time of the server for a message.
    pub fn server_micros(&self) -> f64 {
        self.for_each(self.server)
    }

    /// Bytes of log for a message.
    pub fn log(&self) -> f64 {
        self.log.unwrap_or(f64::NAN) / self.waits.len() as f64
    }
}

impl Loaded {
    pub fn start(bench: &Bench, name: &str) -> Result<Loaded> {
        let database = bench.databases.create(name)?;
        Loaded::start_on(bench, database, |_| Ok(()))
    }

    /// With something changed in the database before the server sees it.
    pub fn start_on(
        bench: &Bench,
        database: Database,
        prepare: impl FnOnce(&Database) -> Result<()>,
    ) -> Result<Loaded> {
        let token = server::prepare(&bench.lull, &database.url())?;
        prepare(&database)?;
        let server = Server::start(&bench.lull, &database.url())?;
        let idle = server.memory()?;
        let channel = make_channel(&server, &token)?;
        let mix = Mix::new(bench.texts.clone(), channel, token.clone(), bench.amounts.messages.threads);
        Ok(Loaded { server, mix, token, idle, database })
    }

    /// Ends the server; what it left.
    pub fn into_database(self) -> Database {
        self.database
    }

    pub fn open_threads(&mut self) -> Result<()> {
        let opening = self.mix.opening();
        wire::load(self.server.address, opening, OPENING)?;
        self.database.rest()
    }

    pub fn round(&mut self, bench: &Bench, count: usize, in_flight: usize) -> Result<Round> {
        let requests = self.mix.take(count);
        let databases = &bench.databases;
        let (server, database, log) = (self.server.cpu()?, databases.cpu()?, databases.log()?);
        let client = server::own_cpu()?;
        let load = wire::load(self.server.address, requests, in_flight)?;
        let client = server::own_cpu()? - client;
        // What the load left to the desk's tasks belongs to its messages, and not to the time of the next round.
        self.database.rest()?;
        Ok(Round {
            rate: rate(count, load.took),
            in_flight,
            waits: load.waits.iter().map(|wait| wait.as_secs_f64() * 1e3).collect(),
            took: load.took,
            client,
            server: self.server.cpu()? - server,
            database: databases.cpu()?.zip(database).map(|(now, before)| now - before),
            log: databases.log()?.zip(log).map(|(now, before)| (now - before) as f64),
        })
    }

    pub fn auto_close(&self, enabled: bool) -> Result<()> {
        set_auto_close(&self.server, &self.token, enabled)
    }
}

/// A channel for the messages; its id.
pub fn make_channel(server: &Server, token: &str) -> Result<String> {
    let channel = json!({"name": "Bench", "network": "x"}).to_string();
    let channel = server.call(token, "POST", "/v1/channels", &channel)?;
    Ok(channel["id"].as_str().unwrap_or_default().to_owned())
}

/// With a threshold at which nothing falls due while it is measured.
pub fn set_auto_close(server: &Server, token: &str, enabled: bool) -> Result<()> {
    let document = json!({
        "auto_close": {"enabled": enabled, "threshold_minutes": 60, "statuses": ["open", "in_progress", "on_hold"]},
        "auto_reopen": {"enabled": true, "window_minutes": 5760},
    });
    server.call(token, "PUT", "/v1/settings/lifecycle", &document.to_string())?;
    Ok(())
}

/// Acknowledged messages a second, how long each waits, and the ratio to raw inserts.
pub fn against_raw_inserts(bench: &Bench, report: &mut Report) -> Result<()> {
    let amounts = bench.amounts.messages;
    let in_flight = bench.goals.in_flight;
    let (mut rounds, mut raw_rates) = (Vec::new(), Vec::new());
    let mut session_ratios = vec![Vec::new(); in_flight.len()];
    for session in 0..amounts.sessions {
        let mut loaded = Loaded::start(bench, &format!("messages-{session}"))?;
        loaded.open_threads()?;
        let mut here: Vec<Round> = Vec::new();
        for _ in 0..amounts.rounds {
            for in_flight in in_flight {
                here.push(loaded.round(bench, amounts.round, *in_flight)?);
            }
        }
        bench.remember("the server, idle after its start", loaded.idle);
        bench.remember("the server, after the load above", loaded.server.memory()?);
        let database = loaded.into_database();
        let raw = match &database {
            Database::Sqlite(file) => {
                let raw = File::new(file.path().parent().unwrap_or(file.path()), "raw");
                replay::rates(file, &raw, amounts.threads, amounts.round)?
            }
            Database::Postgres(database) => {
                postgres::replay::rates(&bench.lull, database, amounts.threads, amounts.round)?
            }
        };
        for (in_flight, ratios) in in_flight.iter().zip(&mut session_ratios) {
            ratios.push(median_of(&here, *in_flight, |round| round.rate) / median(&raw));
        }
        rounds.extend(here);
        raw_rates.extend(raw);
    }
    for (in_flight, ratios) in in_flight.iter().zip(&session_ratios) {
        tell_round(bench, report, &rounds, *in_flight);
        report.figure("raw inserts of the same rows, messages", median(&raw_rates), Unit::PerSecond, Goal::None);
        report.figure("acknowledged ÷ raw", median(ratios), Unit::Ratio, bench.goals.over_raw);
        tell_processors(report, &rounds, *in_flight);
    }
    Ok(())
}

fn median_of(rounds: &[Round], in_flight: usize, of: impl Fn(&Round) -> f64) -> f64 {
    median(&rounds.iter().filter(|round| round.in_flight == in_flight).map(of).collect::<Vec<_>>())
}

fn tell_round(bench: &Bench, report: &mut Report, rounds: &[Round], in_flight: usize) {
    let these = || rounds.iter().filter(|round| round.in_flight == in_flight);
    report.heading(format!(
        "Messages over HTTP, {in_flight} in flight; {} rounds of {}\n({})",
        these().count(),
        count(bench.amounts.messages.round),
        mix::DESCRIPTION
    ));
    let goals = bench.goals;
    let waits: Vec<f64> = these().flat_map(|round| round.waits.iter().copied()).collect();
    let middle = median_of(rounds, in_flight, |round| round.rate);
    report.figure("acknowledged messages", middle, Unit::PerSecond, goals.rate);
    report.figure("wait for the answer, half of the messages", percentile(&waits, 0.5), Unit::Millis, Goal::None);
    let slowest = percentile(&waits, 0.99);
    report.figure("wait for the answer, 99 of 100 messages (p99)", slowest, Unit::Millis, goals.slowest);
}

fn tell_processors(report: &mut Report, rounds: &[Round], in_flight: usize) {
    let middle = |of: &dyn Fn(&Round) -> f64| median_of(rounds, in_flight, of);
    let server = middle(&|round| round.for_each(round.server));
    let client = middle(&|round| round.for_each(round.client));
    report.figure("processor time of the server for a message", server, Unit::Micros, Goal::None);
    if rounds.iter().all(|round| round.database.is_some()) {
        let database = middle(&|round| round.for_each(round.database.unwrap_or_default()));
        report.figure("processor time of PostgreSQL for a message", database, Unit::Micros, Goal::None);
        report.figure("written to PostgreSQL's log for a message", middle(&Round::log), Unit::Bytes, Goal::None);
    }
    report.figure("processor time of the load client for a message", client, Unit::Micros, Goal::None);
    report.figure("of one core, the load client", middle(&Round::client_share), Unit::Percent, Goal::None);
}

/// Two servers with the same history, one with auto close on from its start, loaded in turns.
pub fn with_auto_close(bench: &Bench, report: &mut Report) -> Result<()> {
    let amounts = bench.amounts.messages;
    let mut on = Loaded::start(bench, "on")?;
    let mut off = Loaded::start(bench, "off")?;
    on.auto_close(true)?;
    off.auto_close(false)?;
    for in_flight in bench.goals.in_flight {
        let (with, without) = in_turns(bench, &mut on, &mut off, *in_flight)?;
        let several = if bench.goals.in_flight.len() > 1 { format!(", {in_flight} in flight") } else { String::new() };
        let (pairs, size) = (amounts.pairs, count(amounts.short_round));
        report.heading(format!("What auto close costs a message{several}; {pairs} pairs of rounds of {size}"));
        let rates = |rounds: &[Round]| rounds.iter().map(|round| round.rate).collect::<Vec<_>>();
        let (on, off) = (rates(&with), rates(&without));
        report.figure("acknowledged messages with auto close on", median(&on), Unit::PerSecond, Goal::None);
        report.figure("acknowledged messages with auto close off", median(&off), Unit::PerSecond, Goal::None);
        report.figure("on ÷ off", median(&ratios(&on, &off)), Unit::Ratio, bench.goals.on_over_off);
        if with.iter().all(|round| round.log.is_some()) {
            let logs = |rounds: &[Round]| rounds.iter().map(Round::log).collect::<Vec<_>>();
            let (on, off) = (logs(&with), logs(&without));
            report.figure("log for a message with auto close on", median(&on), Unit::Bytes, Goal::None);
            report.figure("log for a message with auto close off", median(&off), Unit::Bytes, Goal::None);
            report.figure("log, on ÷ off", median(&ratios(&on, &off)), Unit::Ratio, LOG_ON_OVER_OFF);
        }
    }
    Ok(())
}

/// Rounds of two servers in pairs, after one of each that is not counted.
pub fn in_turns(
    bench: &Bench,
    one: &mut Loaded,
    other: &mut Loaded,
    in_flight: usize,
) -> Result<(Vec<Round>, Vec<Round>)> {
    let amounts = bench.amounts.messages;
    for loaded in [&mut *one, &mut *other] {
        if loaded.mix.is_new() {
            loaded.open_threads()?;
        }
        loaded.round(bench, amounts.short_round, in_flight)?;
    }
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    for pair in 0..amounts.pairs {
        // Each goes first as often as the other.
        if pair % 2 == 0 {
            of_one.push(one.round(bench, amounts.short_round, in_flight)?);
            of_other.push(other.round(bench, amounts.short_round, in_flight)?);
        } else {
            of_other.push(other.round(bench, amounts.short_round, in_flight)?);
            of_one.push(one.round(bench, amounts.short_round, in_flight)?);
        }
    }
    Ok((of_one, of_other))
}
