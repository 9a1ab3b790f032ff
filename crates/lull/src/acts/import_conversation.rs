//! Taking in one conversation of a file: history, with its own times (C5), all of it or nothing.

use super::receive_message::{ReceiveMessage, Sender, Taken};
use super::{Answer, Caller, Refusal, traces};
use domain::audit::AuditEvent;
use domain::id::{ChannelId, WorkspaceId};
use domain::message::{Direction, Network};
use domain::time::Timestamp;
use store::channels::{self, Channel};
use store::{Command, Tx, locks, queues};

#[derive(Debug, Clone)]
pub struct ImportConversation {
    pub workspace: WorkspaceId,
    pub conversation: String,
    /// The channel's name; made when it is not there.
    pub brand: String,
    pub network: Network,
    pub messages: Vec<HistoricMessage>,
}

#[derive(Debug, Clone)]
pub struct HistoricMessage {
    pub direction: Direction,
    pub author: String,
    pub at: Timestamp,
    pub external_id: String,
    pub text: String,
}

/// How many messages were new, and how many were there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub cases: u64,
    pub messages: u64,
    pub duplicates: u64,
}

impl Command for ImportConversation {
    type Output = Result<Imported, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Imported> {
        let ws = self.workspace;
        locks::hold_settings(tx, ws).await?;
        let channel = match channels::by_name(tx, ws, &self.brand).await? {
            Some(channel) => channel,
            None => {
                let queue = queues::first(tx, ws).await?.id;
                let (id, created_at) = (ChannelId(tx.new_id()), tx.now());
                let channel = Channel { id, name: self.brand.clone(), network: self.network, queue, created_at };
                channels::insert(tx, ws, &channel).await?;
                let object = ("channel", channel.id.to_string());
                let new = Some(super::channels::audit(&channel));
                traces::of_setting(tx, &Caller::engine(ws), AuditEvent::ChannelCreated, object, None, new).await?;
                channel
            }
        };
        // The thread belongs to whoever wrote first; others who joined in are quoted in it.
        let customer = self.messages.iter().find(|m| m.direction == Direction::Inbound).or(self.messages.first());
        let customer = customer.map_or_else(String::new, |m| m.author.clone());
        let mut imported = Imported::default();
        for message in &self.messages {
            let act = ReceiveMessage {
                caller: Caller::engine(ws),
                channel: channel.id,
                external_id: message.external_id.clone(),
                direction: message.direction,
                customer: Sender {
                    external_id: customer.clone(),
                    name: None,
                    handle: None,
                    fallback_handle: Some(format!("@{}", customer.trim_start_matches('@'))),
                },
                conversation: self.conversation.clone(),
                text: message.text.clone(),
                sent_at: Some(message.at),
                automatic: false,
                author: None,
                history_at: Some(message.at),
            };
            match act.run(tx).await? {
                // Nothing of this conversation was refused for what it says: references are our own.
                Err(refusal) => {
                    return Err(store::Fault::Broken(format!("an imported message was refused: {refusal:?}")));
                }
                Ok(received) if received.taken == Taken::Duplicate => imported.duplicates += 1,
                Ok(received) => {
                    imported.messages += 1;
                    imported.cases += u64::from(matches!(received.taken, Taken::Created | Taken::FollowUp));
                }
            }
        }
        Ok(Ok(imported))
    }
}

/// Notes that a file was taken in, and how much of it; each case and message has an entry of its own besides.
#[derive(Debug, Clone)]
pub struct RecordImport {
    pub workspace: WorkspaceId,
    pub conversations: u64,
    pub refused: u64,
    pub imported: Imported,
}

impl Command for RecordImport {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), store::Fault> {
        let Imported { cases, messages, duplicates } = self.imported;
        let new = serde_json::json!({"conversations": self.conversations, "refused_lines": self.refused, "cases": cases,
            "messages": messages, "duplicates": duplicates});
        let object = ("workspace", self.workspace.to_string());
        let caller = Caller::engine(self.workspace);
        traces::of_setting(tx, &caller, AuditEvent::DataImported, object, None, Some(new)).await
    }
}
