//! The first act at a fresh desk: its workspace, owner, queue and channel, all at once and by one person only.

use super::channels::CreateChannel;
use super::queues::ChangeQueue;
use super::workspaces::{ChangeWorkspace, CreateOwner};
use super::{Answer, Caller, Refusal};
use crate::{accept, refuse};
use domain::closure::Actor;
use domain::message::Network;
use domain::permission::Role;
use store::agents::Agent;
use store::{Command, Tx, locks, queues, workspaces};

#[derive(Debug, Clone)]
pub struct SetUp {
    pub owner: CreateOwner,
    pub time_zone: String,
    pub queue: String,
    pub channel: String,
    pub network: Network,
    pub address: Option<String>,
}

impl Command for SetUp {
    type Output = Result<Agent, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Agent> {
        // Of two who press the button at once one waits here, and then finds the other's workspace.
        locks::accounts(tx).await?;
        if !workspaces::all(tx).await?.is_empty() {
            refuse!(Refusal::NotFound)
        }
        let owner = accept!(self.owner.run(tx).await?);
        let caller = Caller {
            workspace: owner.workspace,
            actor: Actor::Agent(owner.id),
            name: Some(owner.name.clone()),
            role: Role::Owner,
            address: self.address.clone(),
        };
        let time_zone = Some(self.time_zone.clone());
        let zone = ChangeWorkspace { caller: caller.clone(), name: None, time_zone, plan: None };
        accept!(zone.run(tx).await?);
        let first = queues::first(tx, owner.workspace).await?;
        if first.name != self.queue {
            let name = Some(self.queue.clone());
            let (caller, queue) = (caller.clone(), first.id);
            let act = ChangeQueue { caller, queue, name, assignment: None, members: None, if_was: None };
            accept!(act.run(tx).await?);
        }
        let (name, network) = (self.channel.clone(), self.network);
        accept!(CreateChannel { caller, name, network, queue: Some(first.id) }.run(tx).await?);
        Ok(Ok(owner))
    }
}
