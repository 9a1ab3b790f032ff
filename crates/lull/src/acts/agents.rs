//! Members: adding, changing, and their availability.

use super::{Answer, Caller, Invalid, Refusal};
use super::{route, traces};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::AgentId;
use domain::permission::{Denied, Permission, Role};
use domain::routing::Availability;
use serde_json::{Map, Value, json};
use store::agents::{self, Agent};
use store::{Command, Fault, Tx, auth, locks, queues};

#[derive(Debug, Clone)]
pub struct CreateAgent {
    pub caller: Caller,
    pub name: String,
    /// Lower case.
    pub email: String,
    pub role: Role,
    pub capacity: Option<i64>,
    pub auto_assign: bool,
    pub password_hash: Option<String>,
}

impl Command for CreateAgent {
    type Output = Result<Agent, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Agent> {
        accept!(self.caller.require(Permission::ManageTeam));
        if !self.caller.role.may_grant(self.role) {
            refuse!(Refusal::Denied(Denied::Permission(Permission::ManageWorkspace)))
        }
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        if agents::by_email(tx, &self.email).await?.is_some() {
            refuse!(taken())
        }
        let agent = Agent {
            workspace: ws,
            id: AgentId(tx.new_id()),
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role,
            capacity: self.capacity,
            auto_assign: self.auto_assign,
            active: true,
            availability: Availability::Offline,
            theme: "system".to_owned(),
            letter_keys: true,
            password_hash: self.password_hash.clone(),
            created_at: tx.now(),
        };
        agents::insert(tx, &agent).await?;
        let mut joined = Vec::new();
        if agent.role != Role::Viewer {
            let first = queues::first(tx, ws).await?;
            queues::add_member(tx, ws, first.id, agent.id).await?;
            joined.push(first.id.to_string());
        }
        let new = json!({"name": agent.name, "role": agent.role.as_str(), "capacity": agent.capacity,
            "auto_assign": agent.auto_assign, "queues": joined});
        let object = ("agent", agent.id.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::UserCreated, object, None, Some(new)).await?;
        Ok(Ok(agent))
    }
}

pub fn taken() -> Invalid {
    Invalid::new("email", "duplicate", "somebody already has this e-mail address")
}

/// `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct AgentChanges {
    pub name: Option<String>,
    pub email: Option<String>,
    pub role: Option<Role>,
    pub capacity: Option<Option<i64>>,
    pub auto_assign: Option<bool>,
    pub active: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct ChangeAgent {
    pub caller: Caller,
    pub agent: AgentId,
    pub changes: AgentChanges,
}

impl Command for ChangeAgent {
    type Output = Result<Agent, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Agent> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let Some(before) = agents::get(tx, ws, self.agent).await? else { refuse!(Refusal::NotFound) };
        let changes = &self.changes;
        // Nobody changes somebody above them, nor raises anybody above themselves.
        let reaches =
            self.caller.role.may_grant(before.role) && changes.role.is_none_or(|r| self.caller.role.may_grant(r));
        if !reaches {
            refuse!(Refusal::Denied(Denied::Permission(Permission::ManageWorkspace)))
        }
        let mut after = before.clone();
        after.name = changes.name.clone().unwrap_or(after.name);
        after.email = changes.email.clone().unwrap_or(after.email);
        after.role = changes.role.unwrap_or(after.role);
        after.capacity = changes.capacity.unwrap_or(after.capacity);
        after.auto_assign = changes.auto_assign.unwrap_or(after.auto_assign);
        after.active = changes.active.unwrap_or(after.active);
        let mut invalid = Vec::new();
        if after.email != before.email && agents::by_email(tx, &after.email).await?.is_some() {
            invalid.push(taken());
        }
        if before.role == Role::Owner && before.active && !(after.role == Role::Owner && after.active) {
            let field = if after.role == Role::Owner { "active" } else { "role" };
            invalid.extend(ends_ownership(tx, &before, field).await?);
        }
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        if after == before {
            return Ok(Ok(after));
        }
        let leaves = after.role == Role::Viewer || !after.active;
        if leaves {
            after.availability = Availability::Offline;
        }
        agents::update(tx, &after).await?;
        if (before.role, before.active) != (after.role, after.active) {
            // Whoever holds a session or link of theirs got it under the old rights.
            auth::forget_agent(tx, ws, after.id).await?;
        }
        let left = if leaves { queues::remove_member_everywhere(tx, ws, after.id).await? } else { Vec::new() };
        let rights = (before.role, before.active) != (after.role, after.active);
        let event = if rights { AuditEvent::UserPermissionsChanged } else { AuditEvent::UserUpdated };
        let (mut old, mut new) = difference(&before, &after);
        if !left.is_empty() {
            old["queues"] = left.iter().map(ToString::to_string).collect();
            new["queues"] = json!([]);
        }
        let object = ("agent", after.id.to_string());
        traces::of_setting(tx, &self.caller, event, object, Some(old), Some(new)).await?;
        if after.takes_cases() {
            route::fill_for(tx, ws, after.id, None).await?;
        }
        Ok(Ok(after))
    }
}

/// What is wrong with it if nobody else owns the workspace: it could never be changed again.
async fn ends_ownership(tx: &mut Tx, leaving: &Agent, field: &str) -> Result<Option<Invalid>, Fault> {
    let members = agents::list(tx, leaving.workspace, None, i64::MAX).await?;
    let another = members.iter().any(|a| a.id != leaving.id && a.role == Role::Owner && a.active);
    Ok((!another).then(|| Invalid::new(field, "last_owner", "a workspace keeps at least one active owner")))
}

/// The fields that changed, old and new. Addresses stay out of the trail's values.
fn difference(before: &Agent, after: &Agent) -> (Value, Value) {
    let fields = |a: &Agent| {
        [
            ("name", json!(a.name)),
            ("role", json!(a.role.as_str())),
            ("capacity", json!(a.capacity)),
            ("auto_assign", json!(a.auto_assign)),
            ("active", json!(a.active)),
            ("availability", json!(a.availability.as_str())),
        ]
    };
    let (mut old, mut new) = (Map::new(), Map::new());
    for ((field, was), (_, is)) in fields(before).into_iter().zip(fields(after)) {
        if was != is {
            old.insert(field.to_owned(), was);
            new.insert(field.to_owned(), is);
        }
    }
    if before.email != after.email {
        new.insert("email".to_owned(), json!("changed"));
    }
    (old.into(), new.into())
}

/// Online, away or offline: one's own, or a member's by who manages the team.
#[derive(Debug, Clone)]
pub struct ChangeAvailability {
    pub caller: Caller,
    pub agent: AgentId,
    pub availability: Availability,
}

impl Command for ChangeAvailability {
    type Output = Result<Agent, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Agent> {
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let Some(mut agent) = agents::get(tx, ws, self.agent).await? else { refuse!(Refusal::NotFound) };
        if self.caller.actor.agent() != Some(self.agent) {
            accept!(self.caller.require(Permission::ManageTeam));
        }
        let was = agent.availability;
        if was == self.availability {
            return Ok(Ok(agent));
        }
        agent.availability = self.availability;
        agents::update(tx, &agent).await?;
        let word = |a: Availability| json!({"availability": a.as_str()});
        let object = ("agent", agent.id.to_string());
        let (old, new) = (Some(word(was)), Some(word(self.availability)));
        traces::of_setting(tx, &self.caller, AuditEvent::UserStatusChanged, object, old, new).await?;
        if agent.takes_cases() {
            route::fill_for(tx, ws, agent.id, None).await?;
        }
        Ok(Ok(agent))
    }
}

/// What a person likes; no trace, it concerns nobody else. `None` leaves it as it is.
#[derive(Debug, Clone)]
pub struct ChangeLikings {
    pub caller: Caller,
    pub theme: Option<String>,
    pub letter_keys: Option<bool>,
}

impl Command for ChangeLikings {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let Some(id) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        locks::change_settings(tx, self.caller.workspace).await?;
        let Some(mut agent) = agents::get(tx, self.caller.workspace, id).await? else { refuse!(Refusal::NotFound) };
        agent.theme = self.theme.clone().unwrap_or(agent.theme);
        agent.letter_keys = self.letter_keys.unwrap_or(agent.letter_keys);
        agents::update(tx, &agent).await?;
        Ok(Ok(()))
    }
}
