//! Undoing a run of auto close (X8): what it closed and nobody touched since comes back.
//!
//! Whoever asks gets the first batch done with the asking; what is left the engine goes on with, batch by batch, on
//! whatever node. A batch looks at each case again, so a person who was quicker wins, and each case is settled once.
//! A case comes back in the status it had, to the assignee it has (to its queue if they left), as by a change of status of the person who asked: so
//! its inactivity clock starts again (C3), or the next run would close it at once. Nobody is told case by case: at the
//! end each assignee, or each member of the queue, hears once how many came back (R9).

use super::traces::of_setting;
use super::{Answer, Caller, Refusal, notices};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::closure::{Actor, Undone};
use domain::feed::FeedEvent;
use domain::id::{CaseId, RunId, WorkspaceId};
use domain::notice::Notice;
use domain::permission::Permission;
use serde_json::json;
use store::notifications::{self, News};
use store::runs::{self, Run};
use store::undo::{self, Met, Undo};
use store::{Command, Fault, Tx, audit, feed, outbox};

/// Cases of one transaction: it holds the only writer of a SQLite desk meanwhile.
pub const BATCH: i64 = 500;

/// Asks for the undoing of a run and does the first batch. Asking again changes nothing, unless cases of the run are
/// still to be looked at.
#[derive(Debug, Clone)]
pub struct UndoRun {
    pub caller: Caller,
    pub run: RunId,
}

impl Command for UndoRun {
    type Output = Result<(Run, Undo), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<(Run, Undo)> {
        accept!(self.caller.require(Permission::ManageCaseSettings));
        let ws = self.caller.workspace;
        let Some(run) = runs::get(tx, ws, self.run).await? else { refuse!(Refusal::NotFound) };
        // The row comes first and is held to the end: of two who ask at once, the second one finds what the first did.
        let is_new = undo::ask(tx, &self.asked(tx)).await?;
        let Some(known) = undo::get(tx, ws, self.run).await? else { refuse!(Refusal::NotFound) };
        let asked = if known.finished_at.is_some() && undo::is_open(tx, ws, self.run).await? {
            // The run closed more after it was undone: it was still at work on another node.
            Undo { finished_at: None, done_to: CaseId(0), ..known }
        } else {
            known
        };
        let undo = match asked.finished_at {
            None => batch(tx, asked).await?,
            Some(_) => asked,
        };
        if is_new {
            let new = Some(json!({"closed": run.closed, "started_at": run.started_at.to_string()}));
            let object = ("run", self.run.to_string());
            of_setting(tx, &self.caller, AuditEvent::RunUndone, object, None, new).await?;
        }
        Ok(Ok((run, undo)))
    }
}

impl UndoRun {
    fn asked(&self, tx: &Tx) -> Undo {
        Undo {
            workspace: self.caller.workspace,
            run: self.run,
            asked_at: tx.now(),
            asked_by: self.caller.actor.agent(),
            asked_by_name: self.caller.name.clone(),
            done_to: CaseId(0),
            reopened: 0,
            left: 0,
            finished_at: None,
        }
    }
}

/// The next batch of an undoing that is under way.
#[derive(Debug, Clone, Copy)]
pub struct UndoNext {
    pub workspace: WorkspaceId,
    pub run: RunId,
}

impl Command for UndoNext {
    /// Whether it is finished.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        match undo::get(tx, self.workspace, self.run).await? {
            Some(undo) if undo.finished_at.is_none() => Ok(batch(tx, undo).await?.finished_at.is_some()),
            _ => Ok(true),
        }
    }
}

async fn batch(tx: &mut Tx, mut undo: Undo) -> Result<Undo, Fault> {
    let (ws, run) = (undo.workspace, undo.run);
    let met = undo::next(tx, ws, run, undo.done_to, BATCH).await?;
    let back: Vec<Met> = met.iter().filter(|met| met.fate == Undone::Reopened).copied().collect();
    if !back.is_empty() {
        undo::reopen(tx, ws, &back).await?;
        leave_traces(tx, &undo, &back).await?;
    }
    undo::settle(tx, ws, run, &met).await?;
    undo.reopened += back.len() as i64;
    undo.left += (met.len() - back.len()) as i64;
    undo.done_to = met.last().map_or(undo.done_to, |last| last.case);
    if (met.len() as i64) == BATCH {
        // The next batch goes on from here.
    } else if undo::is_open(tx, ws, run).await? {
        undo.done_to = CaseId(0);
    } else {
        undo.finished_at = Some(tx.now());
        tell(tx, &undo).await?;
    }
    undo::put(tx, &undo).await?;
    Ok(undo)
}

fn actor(undo: &Undo) -> Actor {
    undo.asked_by.map_or(Actor::Api, Actor::Agent)
}

/// Feed, audit and outbox of the cases that come back, by sets.
async fn leave_traces(tx: &mut Tx, undo: &Undo, back: &[Met]) -> Result<(), Fault> {
    let ws = undo.workspace;
    let (mut feed_rows, mut audit_rows, mut outbox_rows) = (Vec::new(), Vec::new(), Vec::new());
    let mut unassigned = Vec::new();
    for met in back {
        let (status, closed_at) = (met.status_before.as_str(), met.closed_at.to_string());
        let data = json!({"status": status, "closed_at": closed_at, "undone_run": undo.run.to_string()});
        feed_rows.push(json!([met.case.0, tx.new_id(), data.to_string()]));
        let mut old = json!({"status": "closed"});
        let mut new = json!({"status": status, "undone_run": undo.run.to_string()});
        if let Some(agent) = met.assignee.filter(|_| met.left_behind) {
            let from = agent.to_string();
            unassigned.push(json!([met.case.0, tx.new_id(), json!({"from": from, "to": null}).to_string()]));
            (old["assignee"], new["assignee"]) = (json!(from), json!(null));
        }
        audit_rows.push((met.number, old.to_string(), new.to_string()));
        outbox_rows.push(json!([tx.new_id(), met.number, json!({"version": met.version + 1}).to_string()]));
    }
    feed::insert_many_by(tx, ws, actor(undo), FeedEvent::CaseReopened, &json!(feed_rows).to_string()).await?;
    if !unassigned.is_empty() {
        feed::insert_many_by(tx, ws, actor(undo), FeedEvent::Unassigned, &json!(unassigned).to_string()).await?;
    }
    let by = (actor(undo), undo.asked_by_name.as_deref());
    audit::append_many_by(tx, ws, by, AuditEvent::CaseReopened, &audit_rows).await?;
    outbox::insert_many(tx, ws, "case.reopened", &json!(outbox_rows).to_string()).await
}

/// Tells whom the cases went back to, once each: the assignee, or else the queue's members.
async fn tell(tx: &mut Tx, undo: &Undo) -> Result<(), Fault> {
    let by = actor(undo);
    for (assignee, queue, cases, number) in undo::came_back(tx, undo.workspace, undo.run).await? {
        let data = json!({"by": notices::whose(by), "cases": cases, "undone_run": undo.run.to_string()}).to_string();
        let news = News { notice: Notice::Reopened, case_number: number, cases, by: by.agent(), data: &data };
        match assignee {
            Some(agent) => notifications::tell(tx, undo.workspace, agent, &news).await?,
            None => notifications::tell_members(tx, undo.workspace, queue, &news).await?,
        }
    }
    Ok(())
}
