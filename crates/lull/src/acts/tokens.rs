//! API tokens: made once, shown once, stored as a hash.

use super::traces;
use super::{Answer, Caller, Invalid, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::{AgentId, TokenId};
use domain::permission::{Denied, Permission, Role};
use serde_json::json;
use store::auth::{self, Token};
use store::{Command, Tx, agents, locks};

#[derive(Debug, Clone)]
pub struct CreateToken {
    pub caller: Caller,
    pub name: String,
    /// `None`: the role of the agent it acts as.
    pub role: Option<Role>,
    pub agent: Option<AgentId>,
    /// Of the secret, which is made outside so that a command may run twice.
    pub hash: String,
}

impl Command for CreateToken {
    type Output = Result<Token, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Token> {
        accept!(self.caller.require(Permission::ManageTokens));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let agent_role = match self.agent {
            None => None,
            Some(id) => match agents::get(tx, ws, id).await? {
                None => refuse!(Invalid::not_found("agent", "agent")),
                Some(agent) if !agent.active => {
                    refuse!(Invalid::new("agent", "inactive", "this agent is not active any more"))
                }
                Some(agent) => Some(agent.role),
            },
        };
        let Some(role) = self.role.or(agent_role) else {
            refuse!(Invalid::new("role", "required", "give a role, or an agent whose role it takes"))
        };
        if !self.caller.role.may_grant(role) {
            refuse!(Refusal::Denied(Denied::Permission(Permission::ManageWorkspace)))
        }
        let token = Token {
            id: TokenId(tx.new_id()),
            name: self.name.clone(),
            role,
            agent: self.agent,
            created_at: tx.now(),
            created_by: self.caller.actor.agent(),
        };
        auth::insert_token(tx, ws, &token, &self.hash).await?;
        let new = json!({"name": token.name, "role": role.as_str(), "agent": token.agent.map(|a| a.to_string())});
        let object = ("token", token.id.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::TokenCreated, object, None, Some(new)).await?;
        Ok(Ok(token))
    }
}

#[derive(Debug, Clone)]
pub struct RevokeToken {
    pub caller: Caller,
    pub token: TokenId,
}

impl Command for RevokeToken {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::ManageTokens));
        let Some((name, role)) = auth::delete_token(tx, self.caller.workspace, self.token).await? else {
            refuse!(Refusal::NotFound)
        };
        let old = json!({"name": name, "role": role.as_str()});
        let object = ("token", self.token.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::TokenRevoked, object, Some(old), None).await?;
        Ok(Ok(()))
    }
}
