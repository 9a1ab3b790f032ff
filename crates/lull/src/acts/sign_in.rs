//! Signing in and out of the pages.

use super::{Answer, Caller, Refusal};
use super::{password, traces};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::closure::Actor;
use domain::id::AgentId;
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use serde_json::json;
use store::{Command, Tx, agents, auth, locks};

/// How long a person stays signed in.
pub const SESSION: Span = Span::days(14);
/// The same on a desk that goes by a test clock, where two weeks may pass within a minute.
pub const SESSION_BY_TEST_CLOCK: Span = Span::days(36_525);
/// How long a sign-in link works.
pub const LINK: Span = Span::hours(24);

/// Starts a session for somebody whose password was right.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub email: String,
    pub session_hash: String,
    pub lasts: Span,
    pub address: Option<String>,
}

impl Command for SignIn {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let agent = agents::by_email(tx, &self.email).await?.filter(|a| a.active);
        let Some(agent) = agent else { refuse!(Refusal::NotFound) };
        let expires_at = tx.now().plus(self.lasts);
        start(tx, &agent, (&self.session_hash, expires_at), self.address.clone(), "password").await?;
        Ok(Ok(()))
    }
}

/// Starts a session with a one-time link, and uses the link up.
#[derive(Debug, Clone)]
pub struct SignInByLink {
    pub link_hash: String,
    pub session_hash: String,
    pub lasts: Span,
    pub address: Option<String>,
    /// The password they chose, so that they need no link the next time.
    pub password_hash: Option<String>,
}

impl Command for SignInByLink {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        let Some((ws, agent)) = auth::use_link(tx, &self.link_hash).await? else { refuse!(Refusal::NotFound) };
        if self.password_hash.is_some() {
            locks::change_settings(tx, ws).await?;
        }
        let agent = agents::get(tx, ws, agent).await?.filter(|a| a.active);
        let Some(agent) = agent else { refuse!(Refusal::NotFound) };
        let expires_at = tx.now().plus(self.lasts);
        start(tx, &agent, (&self.session_hash, expires_at), self.address.clone(), "link").await?;
        if let Some(password_hash) = &self.password_hash {
            let caller = as_agent(&agent, self.address.clone());
            password::put(tx, &caller, agent, password_hash, &self.session_hash).await?;
        }
        Ok(Ok(()))
    }
}

async fn start(
    tx: &mut Tx,
    agent: &agents::Agent,
    (session_hash, expires_at): (&str, Timestamp),
    address: Option<String>,
    how: &str,
) -> Result<(), store::Fault> {
    auth::insert_session(tx, agent.workspace, agent.id, session_hash, expires_at).await?;
    let caller = as_agent(agent, address);
    let object = ("agent", agent.id.to_string());
    traces::of_setting(tx, &caller, AuditEvent::SignedIn, object, None, Some(json!({"by": how}))).await
}

fn as_agent(agent: &agents::Agent, address: Option<String>) -> Caller {
    Caller {
        workspace: agent.workspace,
        actor: Actor::Agent(agent.id),
        name: Some(agent.name.clone()),
        role: agent.role,
        address,
    }
}

/// Notes a wrong password for a known address.
#[derive(Debug, Clone)]
pub struct SignInFailed {
    pub email: String,
    pub address: Option<String>,
}

impl Command for SignInFailed {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), store::Fault> {
        let Some(agent) = agents::by_email(tx, &self.email).await? else { return Ok(()) };
        // Whoever tried is not known to be the agent.
        let caller = Caller { actor: Actor::Api, name: None, ..as_agent(&agent, self.address.clone()) };
        let object = ("agent", agent.id.to_string());
        traces::of_setting(tx, &caller, AuditEvent::SignInFailed, object, None, None).await
    }
}

#[derive(Debug, Clone)]
pub struct SignOut {
    pub caller: Caller,
    pub session_hash: String,
}

impl Command for SignOut {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), store::Fault> {
        auth::delete_session(tx, &self.session_hash).await?;
        let id = self.caller.actor.agent().map_or_else(String::new, |a| a.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::SignedOut, ("agent", id), None, None).await
    }
}

/// A one-time link that signs a member in.
#[derive(Debug, Clone)]
pub struct CreateSignInLink {
    pub caller: Caller,
    pub agent: AgentId,
    pub hash: String,
}

impl Command for CreateSignInLink {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        let agent = agents::get(tx, ws, self.agent).await?.filter(|a| a.active);
        let Some(agent) = agent else { refuse!(Refusal::NotFound) };
        if !self.caller.role.may_grant(agent.role) {
            accept!(self.caller.require(Permission::ManageWorkspace));
        }
        let expires_at = tx.now().plus(LINK);
        auth::insert_link(tx, ws, agent.id, &self.hash, expires_at).await?;
        let object = ("agent", agent.id.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::SignInLinkCreated, object, None, None).await?;
        Ok(Ok(()))
    }
}
