//! Queues: adding and changing them and their members.

use super::{Answer, Caller, Invalid, Refusal};
use super::{route, traces};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::permission::{Permission, Role};
use domain::routing::Assignment;
use serde_json::{Value, json};
use store::queues::{self, Queue};
use store::{Command, Fault, Tx, agents, locks};

/// A queue with its members.
pub type Staffed = (Queue, Vec<AgentId>);

#[derive(Debug, Clone)]
pub struct CreateQueue {
    pub caller: Caller,
    pub name: String,
    pub assignment: Assignment,
    pub members: Vec<AgentId>,
}

impl Command for CreateQueue {
    type Output = Result<Staffed, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Staffed> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let mut invalid = check_members(tx, ws, &self.members).await?;
        if queues::by_name(tx, ws, &self.name).await?.is_some() {
            invalid.push(taken());
        }
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        let queue = Queue {
            id: QueueId(tx.new_id()),
            name: self.name.clone(),
            assignment: self.assignment,
            last_assigned: None,
            created_at: tx.now(),
        };
        queues::insert(tx, ws, &queue).await?;
        queues::set_members(tx, ws, queue.id, &self.members).await?;
        let members = queues::members(tx, ws, queue.id).await?;
        let new = audit(&queue, &members);
        let object = ("queue", queue.id.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::QueueCreated, object, None, Some(new)).await?;
        Ok(Ok((queue, members)))
    }
}

#[derive(Debug, Clone)]
pub struct ChangeQueue {
    pub caller: Caller,
    pub queue: QueueId,
    pub name: Option<String>,
    pub assignment: Option<Assignment>,
    pub members: Option<Vec<AgentId>>,
    /// What the change was decided on: another name, rule or members by now refuse it. `None` does not ask.
    pub if_was: Option<Staffed>,
}

impl Command for ChangeQueue {
    type Output = Result<Staffed, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Staffed> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let Some(before) = queues::get(tx, ws, self.queue).await? else { refuse!(Refusal::NotFound) };
        let members_before = queues::members(tx, ws, before.id).await?;
        if self.if_was.as_ref().is_some_and(|(was, members)| audit(was, members) != audit(&before, &members_before)) {
            refuse!(Refusal::VersionConflict { current: 0 })
        }
        let mut invalid = match &self.members {
            Some(members) => check_members(tx, ws, members).await?,
            None => Vec::new(),
        };
        let mut queue = before.clone();
        queue.assignment = self.assignment.unwrap_or(queue.assignment);
        if let Some(name) = self.name.as_ref().filter(|n| **n != before.name) {
            if queues::by_name(tx, ws, name).await?.is_some() {
                invalid.push(taken());
            }
            queue.name.clone_from(name);
        }
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        queues::update(tx, ws, &queue).await?;
        if let Some(members) = &self.members {
            queues::set_members(tx, ws, queue.id, members).await?;
        }
        let members = queues::members(tx, ws, queue.id).await?;
        let (old, new) = (audit(&before, &members_before), audit(&queue, &members));
        if old != new {
            let object = ("queue", queue.id.to_string());
            traces::of_setting(tx, &self.caller, AuditEvent::QueueUpdated, object, Some(old), Some(new)).await?;
            // It may have begun to hand out cases, or somebody joined who can take one.
            if queue.assignment != Assignment::Manual {
                route::fill(tx, ws, &[queue.id], None).await?;
            }
        }
        Ok(Ok((queue, members)))
    }
}

pub fn taken() -> Invalid {
    Invalid::new("name", "duplicate", "another queue has this name")
}

pub fn audit(queue: &Queue, members: &[AgentId]) -> Value {
    let members: Vec<String> = members.iter().map(AgentId::to_string).collect();
    json!({"name": queue.name, "assignment": queue.assignment.as_str(), "members": members})
}

async fn check_members(tx: &mut Tx, ws: WorkspaceId, members: &[AgentId]) -> Result<Vec<Invalid>, Fault> {
    let mut invalid = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let field = format!("members.{index}");
        if members[..index].contains(member) {
            invalid.push(Invalid::new(field, "duplicate", "this agent stands twice"));
            continue;
        }
        match agents::get(tx, ws, *member).await? {
            None => invalid.push(Invalid::not_found(&field, "agent")),
            Some(a) if !a.active => invalid.push(Invalid::new(field, "inactive", "this agent is not active any more")),
            Some(a) if a.role == Role::Viewer => {
                invalid.push(Invalid::new(field, "inactive", "a viewer does not work cases"));
            }
            Some(_) => {}
        }
    }
    Ok(invalid)
}
