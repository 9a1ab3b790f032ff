//! Messages over HTTP: how many a second are acknowledged, against raw inserts of the same rows, and with auto close on
//! against off.

use super::figures::{median, micros, percentile, rate, ratios};
use super::mix::{self, Mix};
use super::report::{Goal, Report, Unit, count};
use super::server::{self, Memory, Server};
use super::{Bench, replay, wire};
use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// Requests under way at any moment.
const IN_FLIGHT: usize = 64;

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
struct Loaded {
    server: Server,
    mix: Mix,
    token: String,
    database: PathBuf,
    idle: Memory,
}

/// One timed round.
struct Round {
    rate: f64,
    waits: Vec<f64>,
    client: Duration,
    server: Duration,
    took: Duration,
}

impl Round {
    fn client_share(&self) -> f64 {
        self.client.as_secs_f64() / self.took.as_secs_f64() * 100.0
    }
}

impl Loaded {
    fn start(bench: &Bench, name: &str, threads: usize) -> Result<Loaded> {
        let database = bench.file(name);
        let token = server::prepare(&bench.lull, &database)?;
        let server = Server::start(&bench.lull, &database)?;
        let idle = server.memory()?;
        let channel = json!({"name": "Bench", "network": "x"}).to_string();
        let channel = server.call(&token, "POST", "/v1/channels", &channel)?;
        let channel = channel["id"].as_str().unwrap_or_default().to_owned();
        let mix = Mix::new(bench.texts.clone(), channel, token.clone(), threads);
        Ok(Loaded { server, mix, token, database, idle })
    }

    fn open_threads(&mut self) -> Result<()> {
        let opening = self.mix.opening();
        wire::load(self.server.address, opening, IN_FLIGHT)?;
        Ok(())
    }

    fn round(&mut self, count: usize) -> Result<Round> {
        let requests = self.mix.take(count);
        let (client, server) = (server::own_cpu()?, self.server.cpu()?);
        let load = wire::load(self.server.address, requests, IN_FLIGHT)?;
        Ok(Round {
            rate: rate(count, load.took),
            waits: load.waits.iter().map(|wait| wait.as_secs_f64() * 1e3).collect(),
            client: server::own_cpu()? - client,
            server: self.server.cpu()? - server,
            took: load.took,
        })
    }

    fn auto_close(&self, enabled: bool) -> Result<()> {
        let document = json!({
            "auto_close": {"enabled": enabled, "threshold_minutes": 60, "statuses": ["open", "in_progress", "on_hold"]},
            "auto_reopen": {"enabled": true, "window_minutes": 5760},
        });
        self.server.call(&self.token, "PUT", "/v1/settings/lifecycle", &document.to_string())?;
        Ok(())
    }
}

/// Acknowledged messages a second, how long each waits, and the ratio to raw inserts.
pub fn against_raw_inserts(bench: &Bench, report: &mut Report) -> Result<()> {
    let amounts = bench.amounts.messages;
    let (mut rates, mut raw_rates, mut session_ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut waits, mut rounds, mut memory) = (Vec::new(), Vec::new(), None);
    for session in 0..amounts.sessions {
        let mut loaded = Loaded::start(bench, &format!("messages-{session}"), amounts.threads)?;
        loaded.open_threads()?;
        let mut here = Vec::new();
        for _ in 0..amounts.rounds {
            let round = loaded.round(amounts.round)?;
            here.push(round.rate);
            waits.extend(&round.waits);
            rounds.push(round);
        }
        memory = Some((loaded.idle, loaded.server.memory()?));
        let database = loaded.database.clone();
        drop(loaded);
        let raw = replay::rates(&database, &bench.file("raw"), amounts.threads, amounts.round)?;
        session_ratios.push(median(&here) / median(&raw));
        rates.extend(here);
        raw_rates.extend(raw);
        server::remove(&database);
    }
    let middle = |of: fn(&Round) -> f64| median(&rounds.iter().map(of).collect::<Vec<_>>());
    report.heading(format!(
        "Messages over HTTP, {IN_FLIGHT} in flight; {} rounds of {}\n({})",
        rates.len(),
        count(amounts.round),
        mix::DESCRIPTION
    ));
    report.figure("acknowledged messages", median(&rates), Unit::PerSecond, Goal::AtLeast(5_000.0));
    report.figure("wait for the answer, half of the messages", percentile(&waits, 0.5), Unit::Millis, Goal::None);
    report.figure(
        "wait for the answer, 99 of 100 messages (p99)",
        percentile(&waits, 0.99),
        Unit::Millis,
        Goal::AtMost(50.0),
    );
    report.figure("raw inserts of the same rows, messages", median(&raw_rates), Unit::PerSecond, Goal::None);
    report.figure("acknowledged ÷ raw", median(&session_ratios), Unit::Ratio, Goal::AtLeast(0.35));
    let server = middle(|round| micros(round.server) / round.waits.len() as f64);
    let client = middle(|round| micros(round.client) / round.waits.len() as f64);
    report.figure("processor time of the server for a message", server, Unit::Micros, Goal::None);
    report.figure("processor time of the load client for a message", client, Unit::Micros, Goal::None);
    report.figure("of one core, the load client", middle(Round::client_share), Unit::Percent, Goal::None);
    if let Some((idle, loaded)) = memory {
        bench.remember("the server, idle after its start", idle);
        bench.remember("the server, after the load above", loaded);
    }
    Ok(())
}

/// Two servers with the same history, one with auto close on from its start, loaded in turns.
pub fn with_auto_close(bench: &Bench, report: &mut Report) -> Result<()> {
    let amounts = bench.amounts.messages;
    let mut on = Loaded::start(bench, "on", amounts.threads)?;
    let mut off = Loaded::start(bench, "off", amounts.threads)?;
    on.auto_close(true)?;
    off.auto_close(false)?;
    for loaded in [&mut on, &mut off] {
        loaded.open_threads()?;
        loaded.round(amounts.short_round)?;
    }
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for pair in 0..amounts.pairs {
        // Each goes first as often as the other.
        if pair % 2 == 0 {
            with.push(on.round(amounts.short_round)?.rate);
            without.push(off.round(amounts.short_round)?.rate);
        } else {
            without.push(off.round(amounts.short_round)?.rate);
            with.push(on.round(amounts.short_round)?.rate);
        }
    }
    report.heading(format!(
        "What auto close costs a message; {} pairs of rounds of {}",
        amounts.pairs,
        count(amounts.short_round)
    ));
    report.figure("acknowledged messages with auto close on", median(&with), Unit::PerSecond, Goal::None);
    report.figure("acknowledged messages with auto close off", median(&without), Unit::PerSecond, Goal::None);
    report.figure("on ÷ off", median(&ratios(&with, &without)), Unit::Ratio, Goal::AtLeast(0.97));
    for loaded in [on, off] {
        let database = loaded.database.clone();
        drop(loaded);
        server::remove(&database);
    }
    Ok(())
}
