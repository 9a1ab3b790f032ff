//! One change to many cases, some at a time, and its undo.
//!
//! Each case's change is the same act as a single one, with its own feed entry, audit entry and event; people are told once
//! for all cases of a step. What became of each case is noted with its former values in the same transaction, so a step
//! can be repeated, and an undo too: whoever finds the act under way goes on with it.

use super::change_case::{ChangeCase, Changes};
use super::notices::Together;
use super::once::{self, Found, Key, Rendered};
use super::{Answer, Caller, Refusal};
use crate::accept;
use domain::case::{CaseType, Priority, Status, TAGS, normal_tags};
use domain::closure::Actor;
use domain::id::{AgentId, BulkId, QueueId, WorkspaceId};
use domain::permission::Permission;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};
use store::bulk::{self, Act, Done};
use store::cases::{self, Case};
use store::{Command, Fault, Tx, locks};

/// Cases changed in one transaction: few enough that nobody else waits noticeably.
pub const STEP: usize = 25;

/// What is to become of each case; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkChanges {
    pub status: Option<Status>,
    pub assignee: Option<Option<AgentId>>,
    pub queue: Option<QueueId>,
    pub kind: Option<CaseType>,
    pub priority: Option<Priority>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub keep_open_until: Option<Option<Timestamp>>,
    pub keep_open_reason: Option<String>,
}

impl BulkChanges {
    pub fn is_empty(&self) -> bool {
        *self == BulkChanges::default()
    }

    /// For the record of the act.
    fn words(&self) -> String {
        let id = |id: Option<AgentId>| json!(id.map(|id| id.to_string()));
        let mut all = Map::new();
        let mut add = |name: &str, value: Option<Value>| value.map(|value| all.insert(name.to_owned(), value));
        add("status", self.status.map(|status| json!(status.as_str())));
        add("assignee", self.assignee.map(id));
        add("queue", self.queue.map(|queue| json!(queue.to_string())));
        add("type", self.kind.map(|kind| json!(kind.as_str())));
        add("priority", self.priority.map(|priority| json!(priority.as_str())));
        add("add_tags", Some(json!(self.add_tags)).filter(|_| !self.add_tags.is_empty()));
        add("remove_tags", Some(json!(self.remove_tags)).filter(|_| !self.remove_tags.is_empty()));
        add("keep_open_until", self.keep_open_until.map(|until| json!(until.map(|t| t.to_string()))));
        Value::Object(all).to_string()
    }

    /// The change of one case.
    fn of(&self, case: &Case) -> Changes {
        let tags = normal_tags(
            case.tags.iter().filter(|tag| !self.remove_tags.contains(tag)).chain(&self.add_tags).map(String::as_str),
        );
        Changes {
            status: self.status,
            assignee: self.assignee,
            queue: self.queue,
            kind: self.kind,
            priority: self.priority,
            title: None,
            tags: Some(tags).filter(|tags| *tags != case.tags),
            keep_open_until: self.keep_open_until,
            keep_open_reason: self.keep_open_reason.clone(),
        }
    }
}

/// Begins an act on these cases, or finds the one that the same key began before: that one goes on, with its own cases.
#[derive(Debug, Clone)]
pub struct Begin {
    pub caller: Caller,
    pub key: Option<Key>,
    pub numbers: Vec<i64>,
    pub next_after: Option<i64>,
    pub changes: BulkChanges,
}

/// An act that is to be done to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub act: BulkId,
    pub numbers: Vec<i64>,
    /// Where the next act goes on, if these are not all.
    pub next_after: Option<i64>,
}

impl Plan {
    fn words(&self) -> String {
        json!([self.act.0, self.numbers, self.next_after]).to_string()
    }

    fn parse(words: &str) -> Result<Plan, Fault> {
        let parsed: Result<(i64, Vec<i64>, Option<i64>), _> = serde_json::from_str(words);
        let (act, numbers, next_after) = parsed.map_err(|e| Fault::Broken(format!("an act under way: {e}")))?;
        Ok(Plan { act: BulkId(act), numbers, next_after })
    }
}

#[derive(Debug)]
pub enum Begun {
    ToDo(Plan),
    Answered(Rendered),
}

impl Command for Begin {
    type Output = Result<Begun, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Begun> {
        accept!(self.caller.require(Permission::WorkCases));
        if let Some(key) = &self.key {
            match once::look_up(tx, key).await? {
                Ok(Found::Nothing) => {}
                Ok(Found::UnderWay(words)) => return Ok(Ok(Begun::ToDo(Plan::parse(&words)?))),
                Ok(Found::Answered(rendered)) => return Ok(Ok(Begun::Answered(rendered))),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let (id, at, agent) = (BulkId(tx.new_id()), tx.now(), self.caller.actor.agent());
        bulk::insert(tx, self.caller.workspace, &Act { id, at, agent, changes: self.changes.words() }).await?;
        let plan = Plan { act: id, numbers: self.numbers.clone(), next_after: self.next_after };
        if let Some(key) = &self.key {
            once::keep_under_way(tx, key, plan.words()).await?;
        }
        Ok(Ok(Begun::ToDo(plan)))
    }
}

/// Takes the act and a step's cases before the first of them is changed, in the order of locks: settings, the act, its
/// cases, and only then what changing a case may take (who has room for it). `false`: there is no such act.
async fn hold(tx: &mut Tx, ws: WorkspaceId, act: BulkId, numbers: &[i64]) -> Result<bool, Fault> {
    locks::hold_settings(tx, ws).await?;
    if bulk::get(tx, ws, act).await?.is_none() {
        return Ok(false);
    }
    cases::hold(tx, ws, &json!(numbers).to_string()).await?;
    Ok(true)
}

/// Some of an act's cases: those that it has not come to yet.
#[derive(Debug, Clone)]
pub struct BulkStep {
    pub caller: Caller,
    pub act: BulkId,
    /// At most [`STEP`].
    pub numbers: Vec<i64>,
    pub changes: BulkChanges,
}

impl Command for BulkStep {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        if !hold(tx, ws, self.act, &self.numbers).await? {
            return Ok(Err(Refusal::NotFound));
        }
        let met = bulk::met(tx, ws, self.act, &json!(self.numbers).to_string()).await?;
        let mut news = Together::default();
        for number in self.numbers.iter().filter(|number| !met.contains(number)) {
            let done = self.one(tx, *number, &mut news).await?;
            bulk::note(tx, ws, self.act, &done).await?;
        }
        news.tell(tx, ws).await?;
        Ok(Ok(()))
    }
}

impl BulkStep {
    async fn one(&self, tx: &mut Tx, number: i64, news: &mut Together) -> Result<Done, Fault> {
        let refused = |refusal: &Refusal, version| Done {
            number,
            outcome: "refused".to_owned(),
            why: Some(words(refusal)),
            former: "{}".to_owned(),
            version,
            undone: None,
        };
        let Some(before) = cases::by_number(tx, self.caller.workspace, number).await? else {
            return Ok(refused(&Refusal::NotFound, 0));
        };
        let changes = self.changes.of(&before);
        if changes.tags.as_ref().is_some_and(|tags| tags.len() > TAGS) {
            let message = format!("a case can have at most {TAGS} tags");
            return Ok(refused(&super::Invalid::new("add_tags", "too_long", message).into(), before.version));
        }
        let act = ChangeCase { caller: self.caller.clone(), number, changes, if_version: None, quiet: true };
        let after = match act.run(tx).await? {
            Ok(view) => view.case,
            Err(refusal) => return Ok(refused(&refusal, before.version)),
        };
        let by = self.caller.actor;
        news.take(&before, &after, by, if self.changes.assignee.is_some() { by } else { Actor::Engine });
        let outcome = if after.version == before.version { "unchanged" } else { "changed" };
        Ok(Done {
            number,
            outcome: outcome.to_owned(),
            why: None,
            former: former(&before, &after).to_string(),
            version: after.version,
            undone: None,
        })
    }
}

/// A refusal in a line, for the list of results.
pub fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(all) => all.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("; "),
        Refusal::NotFound => "there is no such case".to_owned(),
        Refusal::VersionConflict { .. } => "somebody changed it meanwhile".to_owned(),
        Refusal::Denied(_) => "your role does not allow it".to_owned(),
        Refusal::IdempotencyConflict => "the key was used for something else".to_owned(),
    }
}

/// The values that differ, as they were.
fn former(before: &Case, after: &Case) -> Value {
    let mut all = Map::new();
    let mut note = |name: &str, differs: bool, value: Value| {
        if differs {
            all.insert(name.to_owned(), value);
        }
    };
    note("status", before.status != after.status, json!(before.status.as_str()));
    note("assignee", before.assignee != after.assignee, json!(before.assignee.map(|id| id.0)));
    note("queue", before.queue != after.queue, json!(before.queue.0));
    note("type", before.kind != after.kind, json!(before.kind.as_str()));
    note("priority", before.priority != after.priority, json!(before.priority.as_str()));
    note("tags", before.tags != after.tags, json!(before.tags));
    let kept = |case: &Case| (case.keep_open_until, case.keep_open_reason.clone());
    note(
        "keep_open",
        kept(before) != kept(after),
        json!({"until": before.keep_open_until.map(Timestamp::as_micros), "reason": before.keep_open_reason}),
    );
    Value::Object(all)
}

/// The change that brings former values back.
fn back(former: &str, now: Timestamp) -> Changes {
    let former: Value = serde_json::from_str(former).unwrap_or_default();
    let text = |name: &str| former.get(name).and_then(Value::as_str);
    let kept = former.get("keep_open");
    // A moment that has passed keeps nothing open any more.
    let until = kept.map(|kept| kept["until"].as_i64().map(Timestamp::from_micros).filter(|until| *until > now));
    let reason = kept.and_then(|kept| kept["reason"].as_str()).map(str::to_owned);
    Changes {
        status: text("status").and_then(|word| word.parse().ok()),
        assignee: former.get("assignee").map(|id| id.as_i64().map(AgentId)),
        queue: former.get("queue").and_then(Value::as_i64).map(QueueId),
        kind: text("type").and_then(|word| word.parse().ok()),
        priority: text("priority").and_then(|word| word.parse().ok()),
        title: None,
        tags: former
            .get("tags")
            .and_then(Value::as_array)
            .map(|tags| tags.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        keep_open_until: until,
        keep_open_reason: reason.filter(|_| until.flatten().is_some()),
    }
}

/// Takes back the next cases of an act that nobody has touched since. Answers the last number it looked at; `None` at the end.
#[derive(Debug, Clone)]
pub struct UndoStep {
    pub caller: Caller,
    pub act: BulkId,
    pub after: i64,
}

impl Command for UndoStep {
    type Output = Result<Option<i64>, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Option<i64>> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        let step = bulk::cases(tx, ws, self.act, self.after, STEP as i64).await?;
        let numbers: Vec<i64> = step.iter().map(|done| done.number).collect();
        if !hold(tx, ws, self.act, &numbers).await? {
            return Ok(Err(Refusal::NotFound));
        }
        // Read again now that nobody else can be taking them back.
        let step = bulk::cases(tx, ws, self.act, self.after, STEP as i64).await?;
        let mut news = Together::default();
        for done in step.iter().filter(|done| done.outcome == "changed" && done.undone.is_none()) {
            let how = self.one(tx, done, &mut news).await?;
            bulk::undone(tx, ws, self.act, done.number, how).await?;
        }
        news.tell(tx, ws).await?;
        Ok(Ok(step.last().map(|done| done.number)))
    }
}

impl UndoStep {
    async fn one(&self, tx: &mut Tx, done: &Done, news: &mut Together) -> Result<&'static str, Fault> {
        let changes = back(&done.former, tx.now());
        if changes.status == Some(Status::Closed) {
            // To close it again would be another closing, with its own credit and handle time: it stays open as it is.
            return Ok("refused");
        }
        let Some(before) = cases::by_number(tx, self.caller.workspace, done.number).await? else {
            return Ok("refused");
        };
        let gives = changes.assignee.is_some();
        let (number, if_version) = (done.number, Some(done.version));
        let act = ChangeCase { caller: self.caller.clone(), number, changes, if_version, quiet: true };
        Ok(match act.run(tx).await? {
            Ok(view) => {
                let by = self.caller.actor;
                news.take(&before, &view.case, by, if gives { by } else { Actor::Engine });
                "restored"
            }
            Err(Refusal::VersionConflict { .. }) => "changed_since",
            Err(_) => "refused",
        })
    }
}
