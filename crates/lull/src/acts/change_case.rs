//! Changing a case by hand: status, assignee, queue, type, priority, title, tags, keep open until.
//!
//! Fields apply in one order whatever the request's: what a case is and who has it first, its status last, so that a
//! close credits the assignee it ends up with (M1).

use super::traces::{self, CaseTrace};
use super::{Answer, Caller, Invalid, Refusal, notices, reopen, route};
use crate::views::{self, CaseView};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::case::{CaseType, Priority, Status};
use domain::closure::{Actor, credit, reason};
use domain::feed::FeedEvent;
use domain::id::{AgentId, QueueId};
use domain::lifecycle::{CannotKeep, may_keep_open};
use domain::notice::Notice;
use domain::permission::{Permission, Role};
use domain::time::Timestamp;
use serde_json::{Map, Value, json};
use store::cases::{self, Case};
use store::closures::{self, Closure};
use store::{Command, Fault, Tx, agents, feed, locks, queues};

/// What is to become of a case; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub status: Option<Status>,
    pub assignee: Option<Option<AgentId>>,
    pub queue: Option<QueueId>,
    pub kind: Option<CaseType>,
    pub priority: Option<Priority>,
    pub title: Option<String>,
    pub tags: Option<Vec<String>>,
    /// Auto close leaves the case alone until then; `Some(None)` ends that (X3).
    pub keep_open_until: Option<Option<Timestamp>>,
    /// Why, said together with the moment: a new moment without a reason has none.
    pub keep_open_reason: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ChangeCase {
    pub caller: Caller,
    pub number: i64,
    pub changes: Changes,
    /// The version the change was decided on.
    pub if_version: Option<i64>,
    /// Nobody is told: whoever changes many cases tells each person once for all of them.
    pub quiet: bool,
}

/// What a status change was, for the traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Closed,
    Reopened,
    Moved,
}

impl Command for ChangeCase {
    type Output = Result<CaseView, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<CaseView> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        locks::hold_settings(tx, ws).await?;
        let Some(before) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        if self.if_version.is_some_and(|version| version != before.version) {
            refuse!(Refusal::VersionConflict { current: before.version })
        }
        let invalid = self.check(tx, before.status).await?;
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        let mut work = Work { act: self, before: &before, case: before.clone(), old: Map::new(), new: Map::new() };
        work.words(tx).await?;
        work.place(tx).await?;
        let turn = work.status(tx).await?;
        work.finish(tx, turn).await
    }
}

impl ChangeCase {
    /// Every reference that leads nowhere, and a moment until which no case can be kept open.
    async fn check(&self, tx: &mut Tx, status: Status) -> Result<Vec<Invalid>, Fault> {
        let ws = self.caller.workspace;
        let mut invalid = Vec::new();
        if let Some(Some(agent)) = self.changes.assignee {
            invalid.extend(check_assignee(tx, ws, agent).await?);
        }
        if let Some(queue) = self.changes.queue
            && queues::get(tx, ws, queue).await?.is_none()
        {
            invalid.push(Invalid::not_found("queue", "queue"));
        }
        let until = self.changes.keep_open_until.flatten();
        let status = self.changes.status.unwrap_or(status);
        invalid.extend(until.and_then(|until| may_keep_open(status, until, tx.now()).err()).map(cannot_keep));
        if until.is_none() && self.changes.keep_open_reason.is_some() {
            let message = "say until when, too: the reason belongs to keep_open_until";
            invalid.push(Invalid::new("keep_open_reason", "not_available", message));
        }
        Ok(invalid)
    }
}

pub fn cannot_keep(why: CannotKeep) -> Invalid {
    let (code, message) = match why {
        CannotKeep::NotAhead => ("out_of_range", "this must lie in the future"),
        CannotKeep::TooFar => ("out_of_range", "a case can be kept open for 366 days at most"),
        CannotKeep::Closed => ("not_available", "a closed case is not kept open: reopen it first"),
    };
    Invalid::new("keep_open_until", code, message)
}

/// Why an agent cannot be given a case, if they cannot.
pub async fn check_assignee(
    tx: &mut Tx,
    ws: domain::id::WorkspaceId,
    agent: AgentId,
) -> Result<Option<Invalid>, Fault> {
    Ok(match agents::get(tx, ws, agent).await? {
        None => Some(Invalid::not_found("assignee", "agent")),
        Some(agent) if !agent.active => Some(Invalid::new("assignee", "inactive", "this agent is not active any more")),
        Some(agent) if agent.role == Role::Viewer => {
            Some(Invalid::new("assignee", "inactive", "a viewer does not work cases"))
        }
        Some(_) => None,
    })
}

struct Work<'a> {
    act: &'a ChangeCase,
    before: &'a Case,
    case: Case,
    /// What the audit entry shows as changed.
    old: Map<String, Value>,
    new: Map<String, Value>,
}

impl Work<'_> {
    fn note(&mut self, field: &str, old: Value, new: Value) {
        self.old.insert(field.to_owned(), old);
        self.new.insert(field.to_owned(), new);
    }

    /// The status the case ends up with.
    fn status_after(&self) -> Status {
        self.act.changes.status.unwrap_or(self.case.status)
    }

    async fn feed(&self, tx: &mut Tx, event: FeedEvent, data: Value) -> Result<(), Fault> {
        feed::insert(tx, self.case.workspace, self.case.id, self.act.caller.actor, event, &data.to_string()).await
    }

    /// Type, priority, title, tags, keep open until.
    async fn words(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        let changes = &self.act.changes;
        let mut changed = Vec::new();
        if let Some(kind) = changes.kind.filter(|k| *k != self.case.kind) {
            changed.push((FeedEvent::TypeChanged, "type", json!(self.case.kind.as_str()), json!(kind.as_str())));
            self.case.kind = kind;
        }
        if let Some(priority) = changes.priority.filter(|p| *p != self.case.priority) {
            let (old, new) = (json!(self.case.priority.as_str()), json!(priority.as_str()));
            changed.push((FeedEvent::PriorityChanged, "priority", old, new));
            self.case.priority = priority;
        }
        if let Some(title) = changes.title.as_ref().filter(|t| **t != self.case.title) {
            // The words themselves stay with the case: feed and audit only say that they changed.
            changed.push((FeedEvent::TitleChanged, "title", json!("changed"), json!("changed")));
            self.case.title.clone_from(title);
        }
        if let Some(tags) = changes.tags.as_ref().filter(|t| **t != self.case.tags) {
            changed.push((FeedEvent::TagsChanged, "tags", json!(self.case.tags), json!(tags)));
            self.case.tags.clone_from(tags);
        }
        for (event, field, old, new) in changed {
            self.feed(tx, event, json!({"from": old, "to": new})).await?;
            self.note(field, old, new);
        }
        match changes.keep_open_until {
            Some(until) => self.keep_open(tx, until, changes.keep_open_reason.clone()).await,
            None => Ok(()),
        }
    }

    /// Keeps the case open until a moment, or no longer (X3). Not activity (C2).
    async fn keep_open(&mut self, tx: &mut Tx, until: Option<Timestamp>, reason: Option<String>) -> Result<(), Fault> {
        if (until, &reason) == (self.case.keep_open_until, &self.case.keep_open_reason) {
            return Ok(());
        }
        let text = |t: Option<Timestamp>| json!(t.map(|t| t.to_string()));
        let old = text(self.case.keep_open_until);
        let data = json!({"until": text(until), "reason": reason, "old": old});
        self.feed(tx, FeedEvent::KeepOpenChanged, data).await?;
        self.note("keep_open_until", old, text(until));
        self.note("keep_open_reason", json!(self.case.keep_open_reason), json!(reason));
        self.case.keep_open_by = until.and_then(|_| self.act.caller.actor.agent());
        (self.case.keep_open_until, self.case.keep_open_reason) = (until, reason);
        if !self.case.status.is_closed() {
            self.case.rearm(tx.now());
        }
        Ok(())
    }

    async fn tell(&self, tx: &mut Tx, agent: AgentId, by: Actor, notice: Notice) -> Result<(), Fault> {
        if self.act.quiet { Ok(()) } else { notices::tell(tx, &self.case, agent, by, notice).await }
    }

    /// Whether the case is work again and whoever has it left, or only looks on: nobody would hear of it (R9).
    async fn left_behind(&self, tx: &mut Tx) -> Result<bool, Fault> {
        let comes_back = self.before.status.is_closed() && !self.status_after().is_closed();
        match self.case.assignee.filter(|_| comes_back) {
            Some(agent) => Ok(check_assignee(tx, self.case.workspace, agent).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Queue and assignee.
    async fn place(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        let mut by = self.act.caller.actor;
        let before = self.case.assignee;
        if let Some(queue) = self.act.changes.queue.filter(|q| *q != self.case.queue) {
            let (old, new) = (json!(self.case.queue.to_string()), json!(queue.to_string()));
            self.case.queue = queue;
            // Another policy may hold there, with another `enabled_at`: the old bound could hide the case from it.
            self.case.rearm(tx.now());
            self.feed(tx, FeedEvent::QueueChanged, json!({"from": old, "to": new})).await?;
            self.note("queue", old, new);
        }
        if self.left_behind(tx).await? {
            self.case.assignee = None;
        }
        if let Some(assignee) = self.act.changes.assignee {
            self.case.assignee = assignee;
        } else if self.arrives() && route::choose(tx, &mut self.case).await?.is_some() {
            by = Actor::Engine;
        }
        if self.case.assignee == before {
            return Ok(());
        }
        let id = |agent: Option<AgentId>| json!(agent.map(|a| a.to_string()));
        self.note("assignee", id(before), id(self.case.assignee));
        route::assigned(tx, &self.case, by, before).await?;
        if let Some(agent) = self.case.assignee {
            self.tell(tx, agent, by, Notice::Assigned).await?;
        }
        Ok(())
    }

    /// Whether the case comes to wait in its queue by this change: it moved there, or is work again.
    fn arrives(&self) -> bool {
        let moved = self.case.queue != self.before.queue;
        self.status_after().counts_as_load() && (moved || !self.before.status.counts_as_load())
    }

    /// Whose room this change made: the agent who had the case as load and has not any more (R4).
    fn made_room(&self) -> Option<AgentId> {
        let load = |case: &Case| case.assignee.filter(|_| case.status.counts_as_load());
        load(self.before).filter(|agent| load(&self.case) != Some(*agent))
    }

    async fn status(&mut self, tx: &mut Tx) -> Result<Option<Turn>, Fault> {
        let Some(status) = self.act.changes.status.filter(|s| *s != self.case.status) else { return Ok(None) };
        let was = self.case.status;
        let turn = if status.is_closed() {
            self.close(tx).await?;
            Turn::Closed
        } else if was.is_closed() {
            let data = reopen::by_hand(tx, &mut self.case, status).await?;
            self.feed(tx, FeedEvent::CaseReopened, data).await?;
            if !self.act.quiet {
                notices::reopened(tx, &self.case, self.act.caller.actor).await?;
            }
            Turn::Reopened
        } else {
            self.case.status = status;
            let data = json!({"from": was.as_str(), "to": status.as_str()});
            self.feed(tx, FeedEvent::StatusChanged, data).await?;
            Turn::Moved
        };
        self.note("status", json!(was.as_str()), json!(status.as_str()));
        // A change of status is activity, whoever made it (C1, C3).
        let arm_from = views::in_force(tx, &self.case).await?.arm_from;
        let now = tx.now();
        self.case.active_at(now, arm_from);
        Ok(Some(turn))
    }

    async fn close(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        let actor = self.act.caller.actor;
        if self.case.keep_open_until.is_some_and(|until| until > tx.now()) {
            // Whoever closes the case is done with what it was kept open for: a reopening starts without it.
            self.keep_open(tx, None, None).await?;
        }
        let credited = credit(self.case.assignee, actor);
        let closure = Closure {
            closed_at: tx.now(),
            reason: reason(actor),
            closed_by: actor.agent(),
            credited_agent: credited,
            threshold_minutes: None,
            reopened_at: None,
        };
        closures::insert(tx, &self.case, self.case.status, &closure).await?;
        self.case.status = Status::Closed;
        self.case.closed_at = Some(closure.closed_at);
        let credited = credited.map(|a| a.to_string());
        self.note("credited_agent", Value::Null, json!(credited));
        let data = json!({"reason": closure.reason.as_str(), "credited_agent": credited});
        self.feed(tx, FeedEvent::CaseClosed, data).await?;
        if let Some(agent) = self.case.assignee {
            self.tell(tx, agent, actor, Notice::Closed).await?;
        }
        Ok(())
    }

    async fn finish(mut self, tx: &mut Tx, turn: Option<Turn>) -> Answer<CaseView> {
        if self.new.is_empty() {
            // Nothing changed: the version stays, and no trace claims otherwise.
            return Ok(Ok(views::of_case(tx, self.case).await?));
        }
        cases::save(tx, self.before, &mut self.case).await?;
        let (audit, outbox) = match turn {
            Some(Turn::Closed) => (AuditEvent::CaseClosed, "case.closed"),
            Some(Turn::Reopened) => (AuditEvent::CaseReopened, "case.reopened"),
            Some(Turn::Moved) | None => (AuditEvent::CaseUpdated, "case.updated"),
        };
        let made_room = self.made_room();
        let trace = CaseTrace { audit, outbox, old: Some(self.old.into()), new: Some(self.new.into()) };
        traces::of_case(tx, &self.act.caller, &self.case, trace).await?;
        if let Some(agent) = made_room {
            route::fill_for(tx, self.case.workspace, agent, Some(self.case.id)).await?;
        }
        Ok(Ok(views::of_case(tx, self.case).await?))
    }
}
