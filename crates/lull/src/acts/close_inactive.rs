//! Closing a batch of silent cases (A4, A6–A8, M1): the engine's act.
//!
//! The batch is a set of cases the sweep has met. The policy is read again inside the transaction and every case is
//! asked again in the statements that write, so a message, a status change or a policy edit that committed first wins.

use super::Caller;
use domain::audit::AuditEvent;
use domain::feed::FeedEvent;
use domain::id::{CaseId, QueueId, RunId, WorkspaceId};
use domain::policy::{CloseRule, Threshold};
use domain::time::Timestamp;
use serde_json::json;
use store::sweep::{self, Closed, Rule};
use store::{Command, Fault, Tx, audit, feed, locks, outbox, policies, queues, runs, workspaces};
use tokio::sync::watch;

/// A workspace has few queues; this only bounds the read.
const QUEUES: i64 = 10_000;

#[derive(Debug, Clone)]
pub struct CloseInactive {
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub run_started_at: Timestamp,
    pub cases: Vec<CaseId>,
    pub turn: Turn,
}

/// A batch's place among those of its run. Where batches overlap, one finds and marks its cases while the one before writes
/// and commits its traces; they are numbered and stand oldest first all the same (A6).
#[derive(Debug, Clone)]
pub struct Turn {
    /// Says whether the batch before has marked its cases; closed when it has ended, however it did.
    before: watch::Receiver<bool>,
    own: watch::Sender<bool>,
}

impl Turn {
    pub fn first() -> Turn {
        let (_, before) = watch::channel(true);
        Turn { before, own: watch::Sender::new(false) }
    }

    pub fn next(&self) -> Turn {
        Turn { before: self.own.subscribe(), own: watch::Sender::new(false) }
    }

    /// Waits until the batch before has written something: transactions are numbered as they begin to write, and the events
    /// of the outbox stand by that number.
    pub async fn to_mark(&self) {
        // An error says that the batch before is gone.
        let _ = self.before.clone().wait_for(|marked| *marked).await;
    }

    async fn to_leave_traces(&self) {
        let mut before = self.before.clone();
        while before.changed().await.is_ok() {}
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Batch {
    pub closed: u64,
    /// Met, but not due any more when it came to writing: re-armed. Not those that another node closed first.
    pub skipped: u64,
}

impl Command for CloseInactive {
    type Output = Batch;

    async fn run(&self, tx: &mut Tx) -> Result<Batch, Fault> {
        let ws = self.workspace;
        locks::hold_settings(tx, ws).await?;
        let ids = json!(self.cases.iter().map(|id| id.0).collect::<Vec<_>>()).to_string();
        let mut closed = Vec::new();
        for rule in rules(tx, ws).await? {
            let batch = sweep::close(tx, ws, &rule, &ids, self.run).await?;
            closed.extend(batch.into_iter().map(|case| Silenced { threshold: rule.threshold, case }));
        }
        let mut skipped = 0;
        if closed.len() < self.cases.len() {
            skipped = sweep::rearm(tx, ws, &ids).await?;
        }
        self.turn.own.send_replace(true);
        if !closed.is_empty() {
            // A statement answers in the order it met the rows.
            closed.sort_unstable_by_key(|one| (one.due(), one.case.id));
            self.turn.to_leave_traces().await;
            leave_traces(tx, &Caller::engine(ws), &closed).await?;
            runs::add(tx, ws, self.run, self.run_started_at, closed.len() as i64, skipped as i64, 0).await?;
        }
        Ok(Batch { closed: closed.len() as u64, skipped })
    }
}

/// A case and the threshold that it was silent for.
struct Silenced {
    threshold: Threshold,
    case: Closed,
}

impl Silenced {
    fn due(&self) -> Timestamp {
        self.case.last_activity_at.plus(self.threshold.span())
    }
}

/// The distinct rules in effect, each with the queues it holds in.
async fn rules(tx: &mut Tx, ws: WorkspaceId) -> Result<Vec<Rule>, Fault> {
    let plan = workspaces::get(tx, ws).await?.plan;
    let rows = policies::all(tx, ws).await?;
    let queues: Vec<QueueId> = queues::list(tx, ws, None, QUEUES).await?.into_iter().map(|q| q.id).collect();
    let mut rules: Vec<Rule> = Vec::new();
    for queue in queues {
        let CloseRule::On { enabled_at, threshold, statuses } = policies::resolve(plan, &rows, queue).effective.close
        else {
            continue;
        };
        let same = |r: &&mut Rule| (r.enabled_at, r.threshold, r.statuses) == (enabled_at, threshold, statuses);
        match rules.iter_mut().find(same) {
            Some(rule) => rule.queues.push(queue),
            None => rules.push(Rule { enabled_at, threshold, statuses, queues: vec![queue] }),
        }
    }
    Ok(rules)
}

/// Feed, audit and outbox of the closed cases, by sets (T1, T2, A8). Nobody is notified (A10).
async fn leave_traces(tx: &mut Tx, engine: &Caller, closed: &[Silenced]) -> Result<(), Fault> {
    let ws = engine.workspace;
    let (mut feed_rows, mut audit_rows, mut outbox_rows) = (Vec::new(), Vec::new(), Vec::new());
    for Silenced { threshold, case } in closed {
        let data = json!({
            "threshold_minutes": threshold.minutes(),
            "last_activity_at": case.last_activity_at.to_string(),
            "credited_agent": case.credited_agent.map(|a| a.to_string()),
        });
        feed_rows.push(json!([case.id.0, tx.new_id(), data.to_string()]));
        let mut new = data;
        new["status"] = json!("closed");
        new["reason"] = json!("inactivity");
        let old = json!({"status": case.status_before.as_str()});
        audit_rows.push((case.number, old.to_string(), new.to_string()));
        outbox_rows.push(json!([tx.new_id(), case.number, r#"{"reason":"inactivity"}"#]));
    }
    feed::insert_many(tx, ws, FeedEvent::CaseAutoClosed, &json!(feed_rows).to_string()).await?;
    audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &audit_rows).await?;
    outbox::insert_many(tx, ws, "case.closed", &json!(outbox_rows).to_string()).await
}
