//! What the audit trail's chain costs a message on SQLite, where every entry is chained as it is written: the very entries of a
//! run are written again, chained and unchained in turns, and the difference is held against what the server spent on a
//! message in that run. The product has no switch that would leave the chain out.

use super::databases::Database;
use super::figures::{median, micros};
use super::messages::Loaded;
use super::opened::Opened;
use super::report::{Goal, Report, Unit, count};
use super::{Bench, server};
use anyhow::{Context, Result};
use domain::audit::AuditEvent;
use domain::closure::Actor;
use domain::id::{AgentId, WorkspaceId};
use std::sync::Arc;
use std::time::Duration;
use store::audit::{self, AuditEntry, Filter, New};
use store::{Command, Fault, Tx, params};

const IN_FLIGHT: usize = 64;
/// Entries of one transaction, as many as the writer groups at most.
const GROUP: usize = 256;
/// How often all entries are written each way: the system counts processor time in hundredths of a second.
const TURNS: usize = 6;
/// Of the server's processor time for a message.
const GOAL: Goal = Goal::AtMost(10.0);

const UNGUARD: &str =
    "drop trigger audit_is_not_changed; drop trigger audit_is_not_removed; drop trigger audit_is_not_replaced";
const INSERT: &str = "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As the desk does it: the head is read, the entry hashed, the head written.
    Chained,
    /// The same row with a hash that was there before.
    Unchained,
}

struct Append {
    way: Way,
    entries: Arc<Vec<AuditEntry>>,
    from: usize,
    to: usize,
    /// What is added to the entries' numbers in this turn.
    above: i64,
}

impl Command for Append {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let ws = WorkspaceId(1);
        for (place, entry) in self.entries[self.from..self.to].iter().enumerate() {
            // The server makes this text too.
            let actor = Actor::Agent(AgentId(1));
            match self.way {
                Way::Chained => {
                    let new = New {
                        event: AuditEvent::MessageReceived,
                        actor,
                        actor_name: Some("Owner"),
                        object_kind: "case",
                        object_id: entry.object_id.clone(),
                        old: entry.old.clone(),
                        new: entry.new.clone(),
                        address: entry.address.as_deref(),
                    };
                    audit::append(tx, ws, &new).await?;
                }
                Way::Unchained => {
                    let (seq, at) = (self.above + (self.from + place) as i64 + 1, tx.now());
                    let (event, actor) =
                        (AuditEvent::MessageReceived.as_str(), audit::actor_json(actor, Some("Owner")));
                    let AuditEntry { object_id, old, new, address, hash, .. } = entry.clone();
                    let row = params![ws, seq, at, event, actor, "case", object_id, old, new, address, hash];
                    tx.put(INSERT, row).await?;
                }
            }
        }
        Ok(())
    }
}

pub fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let amounts = bench.amounts.messages;
    let mut loaded = Loaded::start(bench, "chain")?;
    loaded.open_threads()?;
    let mut spent = Vec::new();
    for _ in 0..amounts.rounds {
        spent.push(loaded.round(bench, amounts.round, IN_FLIGHT)?.server_micros());
    }
    let messages = amounts.rounds * amounts.round;
    let left = loaded.into_database();
    let entries = Arc::new(newest(&left, messages)?);
    let per_message = entries.len() as f64 / messages as f64;
    let chained = Opened::new(&bench.databases.create("chained")?.url())?;
    let unchained = Opened::new(&bench.databases.create("unchained")?.url())?;
    let bare = bench.databases.create("unguarded")?;
    let unguarded = Opened::new(&bare.url())?;
    if let Database::Sqlite(file) = &bare {
        file.open()?.execute_batch(UNGUARD)?;
    }
    let mut times = [Duration::ZERO; 3];
    for turn in 0..TURNS {
        for (place, (opened, way)) in
            [(&chained, Way::Chained), (&unchained, Way::Unchained), (&unguarded, Way::Unchained)]
                .into_iter()
                .enumerate()
        {
            times[place] += write(opened, way, &entries, turn)?;
        }
    }
    let each = |time: Duration| micros(time) / (entries.len() * TURNS) as f64;
    let [chained, unchained, unguarded] = times.map(each);
    let server = median(&spent);
    report.heading(format!(
        "What chaining the audit trail costs a message, {IN_FLIGHT} in flight; {} entries, {TURNS} times each way",
        count(entries.len())
    ));
    report.figure("processor time of the server for a message", server, Unit::Micros, Goal::None);
    report.figure("writing an entry as the desk does", chained, Unit::Micros, Goal::None);
    report.figure("  of that, chaining it", chained - unchained, Unit::Micros, Goal::None);
    report.figure("  of that, guarding those before it", unchained - unguarded, Unit::Micros, Goal::None);
    let share = (chained - unguarded) * per_message / server * 100.0;
    report.figure("chain and guard ÷ server, of a message's processor time", share, Unit::Percent, GOAL);
    Ok(())
}

/// The newest entries about cases: those of the messages.
fn newest(left: &Database, messages: usize) -> Result<Vec<AuditEntry>> {
    let opened = Opened::new(&left.url())?;
    let db = opened.desk.db.clone();
    opened.run(async move {
        let all = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?;
        let ws = all.first().context("the bench has a workspace")?.id;
        let entries = db.read(move |tx| {
            Box::pin(async move {
                let last = audit::head(tx, ws).await?.map_or(0, |head| head.0);
                audit::window(tx, ws, &Filter::default(), last - messages as i64, last).await
            })
        });
        Ok(entries.await?.into_iter().filter(|entry| entry.object_kind == "case").collect())
    })
}

/// The processor time that writing all entries takes.
fn write(opened: &Opened, way: Way, entries: &Arc<Vec<AuditEntry>>, turn: usize) -> Result<Duration> {
    let (db, entries) = (opened.desk.db.clone(), entries.clone());
    let before = server::own_cpu()?;
    opened.run(async move {
        for from in (0..entries.len()).step_by(GROUP) {
            let (to, above) = ((from + GROUP).min(entries.len()), (turn * entries.len()) as i64);
            db.write(Append { way, entries: entries.clone(), from, to, above }).await?;
        }
        Ok(())
    })?;
    Ok(server::own_cpu()? - before)
}
