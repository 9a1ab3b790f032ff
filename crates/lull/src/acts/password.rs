//! A member's own password: a first one, another one, or one chosen anew with a sign-in link.

use super::{Answer, Caller, Refusal, traces};
use crate::refuse;
use domain::audit::AuditEvent;
use serde_json::json;
use store::agents::{self, Agent};
use store::{Command, Fault, Tx, auth, locks};

/// Whoever asks has shown that they know the old one, if there is one.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    pub caller: Caller,
    pub password_hash: String,
    /// The session that goes on.
    pub session_hash: String,
}

impl Command for ChangePassword {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let ws = self.caller.workspace;
        let Some(id) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        locks::change_settings(tx, ws).await?;
        let Some(agent) = agents::get(tx, ws, id).await?.filter(|a| a.active) else { refuse!(Refusal::NotFound) };
        put(tx, &self.caller, agent, &self.password_hash, &self.session_hash).await?;
        Ok(Ok(()))
    }
}

/// Stores it, and ends what was begun under the old one: every other session, every link. Who calls this has locked the
/// workspace's settings before reading the agent.
pub async fn put(
    tx: &mut Tx,
    caller: &Caller,
    mut agent: Agent,
    password_hash: &str,
    session_hash: &str,
) -> Result<(), Fault> {
    agent.password_hash = Some(password_hash.to_owned());
    agents::update(tx, &agent).await?;
    auth::keep_session_alone(tx, agent.workspace, agent.id, session_hash).await?;
    let object = ("agent", agent.id.to_string());
    let new = Some(json!({"password": "changed"}));
    traces::of_setting(tx, caller, AuditEvent::UserUpdated, object, None, new).await
}
