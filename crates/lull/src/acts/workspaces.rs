//! Workspaces: making one with its owner, and changing its name, time zone and plan.

use super::agents::CreateAgent;
use super::traces;
use super::{Answer, Caller, Invalid, Refusal};
use crate::accept;
use domain::audit::AuditEvent;
use domain::id::{QueueId, WorkspaceId};
use domain::permission::{Permission, Plan, Role};
use domain::routing::Assignment;
use serde_json::{Value, json};
use store::agents::Agent;
use store::queues::{self, FIRST_QUEUE, Queue};
use store::workspaces::{self, Workspace};
use store::{Command, Tx, locks};

/// A new workspace with its first queue and its owner; an existing name gets another owner.
#[derive(Debug, Clone)]
pub struct CreateOwner {
    pub workspace: String,
    pub plan: Option<Plan>,
    pub name: String,
    pub email: String,
    pub password_hash: String,
}

impl Command for CreateOwner {
    type Output = Result<Agent, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Agent> {
        locks::accounts(tx).await?;
        // The address first: a refusal must leave nothing behind, and the workspace is written before its owner.
        if store::agents::by_email(tx, &self.email).await?.is_some() {
            return Ok(Err(Invalid::new("email", "duplicate", "somebody already has this e-mail address").into()));
        }
        let id = match workspaces::by_name(tx, &self.workspace).await?.as_slice() {
            [known] => known.id,
            [] => self.start(tx).await?,
            _ => {
                let message = "several workspaces have this name: rename one first";
                return Ok(Err(Invalid::new("workspace", "duplicate", message).into()));
            }
        };
        let act = CreateAgent {
            caller: Caller::engine(id),
            name: self.name.clone(),
            email: self.email.clone(),
            role: Role::Owner,
            capacity: None,
            auto_assign: true,
            password_hash: Some(self.password_hash.clone()),
        };
        act.run(tx).await
    }
}

impl CreateOwner {
    async fn start(&self, tx: &mut Tx) -> Result<WorkspaceId, store::Fault> {
        let workspace = Workspace {
            id: WorkspaceId(tx.new_id()),
            name: self.workspace.clone(),
            time_zone: "UTC".to_owned(),
            plan: self.plan.unwrap_or_default(),
            created_at: tx.now(),
        };
        workspaces::insert(tx, &workspace).await?;
        let queue = Queue {
            id: QueueId(tx.new_id()),
            name: FIRST_QUEUE.to_owned(),
            assignment: Assignment::Manual,
            last_assigned: None,
            created_at: tx.now(),
        };
        queues::insert(tx, workspace.id, &queue).await?;
        let object = ("workspace", workspace.id.to_string());
        let caller = Caller::engine(workspace.id);
        let new = Some(audit(&workspace));
        traces::of_setting(tx, &caller, AuditEvent::WorkspaceCreated, object, None, new).await?;
        let object = ("queue", queue.id.to_string());
        let new = Some(super::queues::audit(&queue, &[]));
        traces::of_setting(tx, &caller, AuditEvent::QueueCreated, object, None, new).await?;
        Ok(workspace.id)
    }
}

#[derive(Debug, Clone)]
pub struct ChangeWorkspace {
    pub caller: Caller,
    pub name: Option<String>,
    pub time_zone: Option<String>,
    pub plan: Option<Plan>,
}

impl Command for ChangeWorkspace {
    type Output = Result<Workspace, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Workspace> {
        accept!(self.caller.require(Permission::ManageWorkspace));
        locks::change_settings(tx, self.caller.workspace).await?;
        let before = workspaces::get(tx, self.caller.workspace).await?;
        let mut after = before.clone();
        after.name = self.name.clone().unwrap_or(after.name);
        after.time_zone = self.time_zone.clone().unwrap_or(after.time_zone);
        after.plan = self.plan.unwrap_or(after.plan);
        if after != before {
            workspaces::update(tx, &after).await?;
            let object = ("workspace", after.id.to_string());
            let (old, new) = (Some(audit(&before)), Some(audit(&after)));
            traces::of_setting(tx, &self.caller, AuditEvent::WorkspaceUpdated, object, old, new).await?;
        }
        Ok(Ok(after))
    }
}

fn audit(workspace: &Workspace) -> Value {
    json!({"name": workspace.name, "time_zone": workspace.time_zone, "plan": workspace.plan.as_str()})
}
