//! Channels: connecting a profile, and saying where its new cases go.

use super::traces;
use super::{Answer, Caller, Invalid, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::{ChannelId, QueueId};
use domain::message::Network;
use domain::permission::Permission;
use serde_json::{Value, json};
use store::channels::{self, Channel};
use store::{Command, Tx, locks, queues};

#[derive(Debug, Clone)]
pub struct CreateChannel {
    pub caller: Caller,
    pub name: String,
    pub network: Network,
    /// `None`: the workspace's first queue.
    pub queue: Option<QueueId>,
}

impl Command for CreateChannel {
    type Output = Result<Channel, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Channel> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let mut invalid = Vec::new();
        let queue = match self.queue {
            Some(id) => queues::get(tx, ws, id).await?,
            None => Some(queues::first(tx, ws).await?),
        };
        if queue.is_none() {
            invalid.push(Invalid::not_found("queue", "queue"));
        }
        if channels::by_name(tx, ws, &self.name).await?.is_some() {
            invalid.push(taken());
        }
        let Some(queue) = queue.filter(|_| invalid.is_empty()) else { refuse!(Refusal::Invalid(invalid)) };
        let channel = Channel {
            id: ChannelId(tx.new_id()),
            name: self.name.clone(),
            network: self.network,
            queue: queue.id,
            created_at: tx.now(),
        };
        channels::insert(tx, ws, &channel).await?;
        let object = ("channel", channel.id.to_string());
        let new = Some(audit(&channel));
        traces::of_setting(tx, &self.caller, AuditEvent::ChannelCreated, object, None, new).await?;
        Ok(Ok(channel))
    }
}

/// A channel's network is what it is; name and queue can change.
#[derive(Debug, Clone)]
pub struct ChangeChannel {
    pub caller: Caller,
    pub channel: ChannelId,
    pub name: Option<String>,
    pub queue: Option<QueueId>,
}

impl Command for ChangeChannel {
    type Output = Result<Channel, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Channel> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let Some(before) = channels::get(tx, ws, self.channel).await? else { refuse!(Refusal::NotFound) };
        let mut channel = before.clone();
        let mut invalid = Vec::new();
        if let Some(queue) = self.queue {
            if queues::get(tx, ws, queue).await?.is_none() {
                invalid.push(Invalid::not_found("queue", "queue"));
            }
            channel.queue = queue;
        }
        if let Some(name) = self.name.as_ref().filter(|n| **n != before.name) {
            if channels::by_name(tx, ws, name).await?.is_some() {
                invalid.push(taken());
            }
            channel.name.clone_from(name);
        }
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        if channel != before {
            channels::update(tx, ws, &channel).await?;
            let object = ("channel", channel.id.to_string());
            let (old, new) = (Some(audit(&before)), Some(audit(&channel)));
            traces::of_setting(tx, &self.caller, AuditEvent::ChannelUpdated, object, old, new).await?;
        }
        Ok(Ok(channel))
    }
}

pub fn taken() -> Invalid {
    Invalid::new("name", "duplicate", "another channel has this name")
}

pub fn audit(channel: &Channel) -> Value {
    json!({"name": channel.name, "network": channel.network.as_str(), "queue": channel.queue.to_string()})
}
