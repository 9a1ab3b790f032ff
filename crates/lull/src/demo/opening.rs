//! Setting the demo up: a workspace with its team, queues, channels and settings, and two ways in.

use super::material::Conversation;
use super::team::{OWNER, PATIENT, QUEUES, TEAM, Who, queue_of};
use crate::acts::agents::{ChangeAvailability, CreateAgent};
use crate::acts::change_policy::ChangePolicy;
use crate::acts::channels::CreateChannel;
use crate::acts::queues::CreateQueue;
use crate::acts::tokens::CreateToken;
use crate::acts::workspaces::CreateOwner;
use crate::acts::{Answer, Caller, Refusal};
use crate::random::Secret;
use anyhow::anyhow;
use domain::closure::Actor;
use domain::id::{AgentId, ChannelId, QueueId, WorkspaceId};
use domain::permission::{Plan, Role};
use domain::policy::{Overrides, Policy, Threshold, Window};
use domain::routing::Availability;
use std::collections::HashMap;
use store::policies::WORKSPACE;
use store::{Command, Db, Tx, auth};

/// Most questions are settled within hours here: who is silent for longer has got what they needed.
pub const THRESHOLD: u32 = 8 * 60;
/// In the queue of the patient.
pub const PATIENT_THRESHOLD: u32 = 3 * 24 * 60;
pub const WINDOW: u32 = 12 * 60;

/// Who and what the script refers to.
pub struct Cast {
    pub workspace: WorkspaceId,
    /// In the order of [`TEAM`].
    agents: Vec<AgentId>,
    channels: HashMap<String, ChannelId>,
}

impl Cast {
    /// Somebody of the team, acting.
    pub fn caller(&self, who: Who) -> Caller {
        let person = &TEAM[who];
        let (actor, name) = (Actor::Agent(self.agents[who]), Some(person.name.to_owned()));
        Caller { workspace: self.workspace, actor, name, role: person.role, address: None }
    }

    pub fn agent(&self, who: Who) -> AgentId {
        self.agents[who]
    }

    /// Who of the team this is; members made since have no part in the script.
    pub fn who(&self, agent: AgentId) -> Option<Who> {
        self.agents.iter().position(|known| *known == agent)
    }

    pub fn channel(&self, brand: &str) -> Option<ChannelId> {
        self.channels.get(brand).copied()
    }
}

/// The demo's ways in.
pub struct Access {
    link: Secret,
    token: Secret,
}

impl Access {
    pub fn print(&self, base: &str) {
        println!("sign in: {base}/sign-in/{}", self.link.reveal());
        println!("API token: {}", self.token.reveal());
        println!(
            "play: use the clock's bar on any page, or POST /v1/test-clock/advance with {{\"by_seconds\": 86400}}"
        );
    }
}

/// Everything that is there before the first customer writes.
pub async fn open(db: &Db, conversations: &[Conversation]) -> anyhow::Result<(Cast, Access)> {
    let (workspace, agents) = team(db).await?;
    let mut cast = Cast { workspace, agents, channels: HashMap::new() };
    let queues = queues(db, &cast).await?;
    let patient = queues.iter().find(|(name, _)| *name == PATIENT).map(|(_, id)| *id);
    settings(db, &cast, patient).await?;
    for conversation in conversations {
        if cast.channel(&conversation.brand).is_some() {
            continue;
        }
        let plan = queue_of(&conversation.brand);
        let queue = queues.iter().find(|(name, _)| *name == plan.name).map(|(_, id)| *id);
        let (caller, name) = (cast.caller(OWNER), conversation.brand.clone());
        let act = CreateChannel { caller, name, network: conversation.network, queue };
        let channel = done(db.write(act).await?)?;
        cast.channels.insert(channel.name, channel.id);
    }
    let caller = cast.caller(OWNER);
    let here = ChangeAvailability { caller, agent: cast.agent(OWNER), availability: Availability::Online };
    done(db.write(here).await?)?;
    let access = access(db, &cast).await?;
    Ok((cast, access))
}

fn done<T>(answer: Result<T, Refusal>) -> anyhow::Result<T> {
    answer.map_err(|refusal| anyhow!("the demo could not be set up: {refusal:?}"))
}

async fn team(db: &Db) -> anyhow::Result<(WorkspaceId, Vec<AgentId>)> {
    let first = &TEAM[OWNER];
    let act = CreateOwner {
        workspace: "Demo".to_owned(),
        plan: Some(Plan::Advanced),
        name: first.name.to_owned(),
        email: first.email.to_owned(),
        // No password leads to this: the link does.
        password_hash: String::new(),
    };
    let owner = done(db.write(act).await?)?;
    let mut agents = vec![owner.id];
    for person in &TEAM[1..] {
        let act = CreateAgent {
            caller: Caller::engine(owner.workspace),
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            role: person.role,
            capacity: person.capacity,
            auto_assign: person.role == Role::Agent,
            password_hash: None,
        };
        agents.push(done(db.write(act).await?)?.id);
    }
    Ok((owner.workspace, agents))
}

async fn queues(db: &Db, cast: &Cast) -> anyhow::Result<Vec<(&'static str, QueueId)>> {
    let ws = cast.workspace;
    let first = db.read(move |tx| Box::pin(async move { store::queues::first(tx, ws).await })).await?;
    let mut queues = vec![(QUEUES[0].name, first.id)];
    let members: Vec<AgentId> =
        (0..TEAM.len()).filter(|who| TEAM[*who].role == Role::Agent).map(|who| cast.agent(who)).collect();
    for plan in &QUEUES[1..] {
        let (caller, name, members) = (cast.caller(OWNER), plan.name.to_owned(), members.clone());
        let act = CreateQueue { caller, name, assignment: plan.assignment, members };
        let (queue, _) = done(db.write(act).await?)?;
        queues.push((plan.name, queue.id));
    }
    Ok(queues)
}

async fn settings(db: &Db, cast: &Cast, patient: Option<QueueId>) -> anyhow::Result<()> {
    let threshold = |minutes: u32| Threshold::from_minutes(minutes.into()).unwrap_or_default();
    let policy = Policy {
        enabled: true,
        threshold: threshold(THRESHOLD),
        window: Window::from_minutes(WINDOW.into()).unwrap_or_default(),
        ..Policy::default()
    };
    let workspace = (WORKSPACE, Overrides::from(policy));
    let own = Overrides { threshold: Some(threshold(PATIENT_THRESHOLD)), ..Overrides::default() };
    for (queue, settings) in [Some(workspace), patient.map(|queue| (queue, own))].into_iter().flatten() {
        let act = ChangePolicy { caller: cast.caller(OWNER), queue, settings: Some(settings), if_version: None };
        done(db.write(act).await?)?;
    }
    Ok(())
}

async fn access(db: &Db, cast: &Cast) -> anyhow::Result<Access> {
    let access = Access { link: Secret::new("link"), token: Secret::new("lull") };
    let (caller, agent) = (cast.caller(OWNER), Some(cast.agent(OWNER)));
    let token = CreateToken { caller, name: "demo".to_owned(), role: None, agent, hash: access.token.hash() };
    done(db.write(token).await?)?;
    let link = StandingLink { workspace: cast.workspace, agent: cast.agent(OWNER), hash: access.link.hash() };
    done(db.write(link).await?)?;
    Ok(access)
}

/// A link that still works after weeks were played, and as often as somebody wants.
struct StandingLink {
    workspace: WorkspaceId,
    agent: AgentId,
    hash: String,
}

impl Command for StandingLink {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        auth::insert_link(tx, self.workspace, self.agent, &self.hash, auth::NEVER).await?;
        Ok(Ok(()))
    }
}
