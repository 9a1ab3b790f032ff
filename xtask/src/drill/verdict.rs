//! The last part of every drill: let the desk come to rest, then hold all that is stored against the rules.

use super::acknowledged;
use super::checker::{self, Policy, Tally};
use super::history::{self, Traces};
use super::node;
use super::pace::{self, Clock};
use super::place::{MINUTE, Place, THRESHOLD_MINUTES, WINDOW_MINUTES};
use super::report::{Report, thousands};
use anyhow::{Result, bail};
use std::time::Duration;
use tokio_postgres::Client;

const POLICY: Policy = Policy { threshold: THRESHOLD_MINUTES * MINUTE, window: WINDOW_MINUTES * MINUTE };
/// How long the nodes may take to close what is due once nothing more arrives; they look every second.
const REST: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Violations kept in full; all are counted.
const KEPT: usize = 1_000;

/// Waits until nothing that was due at this moment is open any more, and answers the moment.
pub async fn settle(database: &Client) -> Result<i64> {
    let settled = Clock::of(database).await?.now();
    let sql = "select count(*) from cases where status <> 'closed' and last_activity_at <= $1";
    let cutoff = settled - POLICY.threshold;
    for _ in 0..REST.as_millis() / LOOK_EVERY.as_millis() {
        if database.query_one(sql, &[&cutoff]).await?.get::<_, i64>(0) == 0 {
            return Ok(settled);
        }
        pace::pause(LOOK_EVERY).await;
    }
    // The checker names those that are left.
    Ok(settled)
}

/// Checks every case and every acknowledged message, and has the desk verify its own trail.
pub async fn pass(place: &Place, database: &Client, acknowledged: &[String], report: &mut Report) -> Result<()> {
    let settled = settle(database).await?;
    history::await_trail(database).await?;
    let (tally, violations) = check_all(database, settled).await?;
    report.heading("What the history checker found in the tables");
    report.figure("cases", thousands(tally.cases));
    report.figure("messages of theirs", thousands(tally.messages));
    report.figure("closed for silence", thousands(tally.changes.closed_for_silence));
    report.figure("closed by hand", thousands(tally.changes.closed_by_hand));
    report.figure("reopened by a message", thousands(tally.changes.reopened_by_message));
    report.figure("reopened by hand", thousands(tally.changes.reopened_by_hand));
    if tally.violations > violations.len() as u64 {
        report.note(format!("  {} violations in all; the first {KEPT} are told apart", thousands(tally.violations)));
    }
    for (what, part) in KINDS {
        let of_kind: Vec<String> = violations.iter().filter(|line| line.contains(part)).cloned().collect();
        report.none_of(what, &of_kind);
    }
    let others: Vec<String> =
        violations.into_iter().filter(|line| !KINDS.iter().any(|(_, part)| line.contains(part))).collect();
    report.none_of("closure, feed, audit, outbox, case not of one mind", &others);
    let found = acknowledged::look_up(database, acknowledged).await?;
    report.figure("acknowledged messages looked up", thousands(found.acknowledged as u64));
    report.none_of("acknowledged messages lost", &found.lost);
    report.none_of("acknowledged messages doubled", &found.doubled);
    let verified = node::finish(&place.program, &place.url, &["audit", "verify"], "");
    let failed: Vec<String> = verified.err().into_iter().map(|error| format!("{error:#}")).collect();
    report.none_of("faults in the audit trail's chain", &failed);
    Ok(())
}

/// The rules that a drill is about, by the checker's words.
const KINDS: [(&str, &str); 4] = [
    ("cases closed after a committed message or change", "committed first"),
    ("cases closed twice in one open period", "closed twice"),
    ("cases reopened twice for one closure", "reopened twice"),
    ("due cases that nobody closed", "nobody closed it"),
];

async fn check_all(database: &Client, settled: i64) -> Result<(Tally, Vec<String>)> {
    let traces = Traces::read(database).await?;
    let (mut tally, mut violations) = (Tally::default(), Vec::new());
    let mut after = 0;
    while let Some((last, cases)) = history::chunk(database, &traces, after).await? {
        for case in &cases {
            let found = checker::check(case, POLICY, settled, &mut tally);
            let room = KEPT.saturating_sub(violations.len());
            violations.extend(found.into_iter().take(room));
        }
        after = last;
    }
    if tally.cases == 0 {
        bail!("there are no cases to check");
    }
    Ok((tally, violations))
}
