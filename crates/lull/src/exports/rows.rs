//! What an exported row holds, column by column. Names stand beside ids: a file is read without the desk at hand.

use super::table::Cell;
use domain::id::{AgentId, ChannelId, QueueId};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use store::audit::AuditEntry;
use store::cases::Case;
use store::exports::{Closed, Person, Said};
use store::{Fault, Tx};

/// Members, queues and channels read for one export; a workspace has fewer.
const MOST: i64 = 10_000;

/// What the ids of a workspace are called.
#[derive(Debug, Default)]
pub struct Names {
    agents: HashMap<AgentId, String>,
    queues: HashMap<QueueId, String>,
    channels: HashMap<ChannelId, String>,
}

impl Names {
    pub async fn read(tx: &mut Tx, ws: domain::id::WorkspaceId) -> Result<Names, Fault> {
        let agents = store::agents::list(tx, ws, None, MOST).await?;
        let queues = store::queues::list(tx, ws, None, MOST).await?;
        let channels = store::channels::list(tx, ws, None, MOST).await?;
        Ok(Names {
            agents: agents.into_iter().map(|agent| (agent.id, agent.name)).collect(),
            queues: queues.into_iter().map(|queue| (queue.id, queue.name)).collect(),
            channels: channels.into_iter().map(|channel| (channel.id, channel.name)).collect(),
        })
    }

    fn agent(&self, id: Option<AgentId>) -> [Cell; 2] {
        [id.map(|id| id.to_string()).into(), id.and_then(|id| self.agents.get(&id)).cloned().into()]
    }

    fn queue(&self, id: QueueId) -> [Cell; 2] {
        [id.to_string().into(), self.queues.get(&id).cloned().into()]
    }

    fn channel(&self, id: ChannelId) -> [Cell; 2] {
        [id.to_string().into(), self.channels.get(&id).cloned().into()]
    }
}

pub const CASES: &[&str] = &[
    "number",
    "status",
    "type",
    "priority",
    "title",
    "queue",
    "queue_name",
    "assignee",
    "assignee_name",
    "channel",
    "channel_name",
    "network",
    "customer",
    "customer_external_id",
    "customer_name",
    "customer_handle",
    "tags",
    "created_at",
    "last_activity_at",
    "last_inbound_at",
    "last_outbound_at",
    "first_reply_at",
    "opened_at",
    "closed_at",
    "reopen_count",
    "follow_up_of",
    "keep_open_until",
];

pub fn case(names: &Names, case: Case, customer: Person) -> Vec<Cell> {
    let mut row = vec![
        case.number.into(),
        case.status.as_str().into(),
        case.kind.as_str().into(),
        case.priority.as_str().into(),
        case.title.into(),
    ];
    row.extend(names.queue(case.queue));
    row.extend(names.agent(case.assignee));
    row.extend(names.channel(case.channel));
    row.push(case.network.as_str().into());
    row.push(case.customer.to_string().into());
    row.extend([customer.external_id.into(), customer.name.into(), customer.handle.into(), Cell::List(case.tags)]);
    row.extend([
        case.created_at.into(),
        case.last_activity_at.into(),
        case.last_inbound_at.into(),
        case.last_outbound_at.into(),
        case.first_reply_at.into(),
        case.opened_at.into(),
        case.closed_at.into(),
        case.reopen_count.into(),
        case.follow_up_of.into(),
        case.keep_open_until.into(),
    ]);
    row
}

pub const CLOSURES: &[&str] = &[
    "case",
    "period",
    "closed_at",
    "reason",
    "closed_by",
    "closed_by_name",
    "credited_agent",
    "credited_agent_name",
    "assignee",
    "assignee_name",
    "status_before",
    "queue",
    "queue_name",
    "channel",
    "channel_name",
    "network",
    "type",
    "priority",
    "tags",
    "case_created_at",
    "opened_at",
    "last_activity_at",
    "handle_time_seconds",
    "threshold_minutes",
    "reopened_at",
];

pub fn closure(names: &Names, closed: Closed) -> Vec<Cell> {
    let mut row =
        vec![closed.number.into(), closed.period.into(), closed.closed_at.into(), closed.reason.as_str().into()];
    row.extend(names.agent(closed.closed_by));
    row.extend(names.agent(closed.credited_agent));
    row.extend(names.agent(closed.assignee));
    row.push(closed.status_before.as_str().into());
    row.extend(names.queue(closed.queue));
    row.extend(names.channel(closed.channel));
    row.extend([
        closed.network.as_str().into(),
        closed.kind.as_str().into(),
        closed.priority.as_str().into(),
        Cell::List(closed.tags),
        closed.case_created_at.into(),
        closed.opened_at.into(),
        closed.last_activity_at.into(),
        seconds(closed.opened_at, closed.closed_at),
        closed.threshold_minutes.into(),
        closed.reopened_at.into(),
    ]);
    row
}

fn seconds(from: Timestamp, to: Timestamp) -> Cell {
    (to.since(from).as_micros() / 1_000_000).into()
}

pub const MESSAGES: &[&str] = &[
    "case",
    "id",
    "received_at",
    "sent_at",
    "direction",
    "author",
    "author_name",
    "customer",
    "customer_external_id",
    "customer_name",
    "customer_handle",
    "channel",
    "channel_name",
    "automatic",
    "delivery",
    "external_id",
    "text",
];

pub fn message(names: &Names, said: Said) -> Vec<Cell> {
    let Said { message, number, customer } = said;
    let mut row = vec![
        number.into(),
        message.id.to_string().into(),
        message.received_at.into(),
        message.sent_at.into(),
        message.direction.as_str().into(),
    ];
    row.extend(names.agent(message.author));
    row.push(message.customer.to_string().into());
    row.extend([customer.external_id.into(), customer.name.into(), customer.handle.into()]);
    row.extend(names.channel(message.channel));
    row.extend([
        message.automatic.into(),
        message.delivery.as_str().into(),
        message.external_id.into(),
        message.text.into(),
    ]);
    row
}

/// The stored fields, as they are hashed.
pub const AUDIT_LOG: &[&str] =
    &["seq", "at", "event", "actor", "object_kind", "object_id", "old", "new", "address", "hash"];

pub fn entry(entry: AuditEntry) -> Vec<Cell> {
    let json = |text: Option<String>| text.map_or(Cell::Empty, Cell::Json);
    vec![
        entry.seq.into(),
        entry.at.into(),
        entry.event.into(),
        Cell::Json(entry.actor),
        entry.object_kind.into(),
        entry.object_id.into(),
        json(entry.old),
        json(entry.new),
        entry.address.into(),
        entry.hash.into(),
    ]
}

/// An entry in the shape that the API's list has.
pub const AUDIT_LINES: &[&str] =
    &["id", "seq", "at", "event", "actor", "actor_name", "object", "old", "new", "address", "hash"];

pub fn entry_line(entry: AuditEntry) -> Vec<Cell> {
    let json = |text: Option<String>| text.map_or(Cell::Empty, Cell::Json);
    let actor: Value = serde_json::from_str(&entry.actor).unwrap_or_default();
    let name = actor["name"].as_str().map(str::to_owned);
    vec![
        format!("aud_{}", entry.seq).into(),
        entry.seq.into(),
        entry.at.into(),
        entry.event.into(),
        Cell::Json(json!({"kind": actor["kind"], "id": actor["id"]}).to_string()),
        name.into(),
        Cell::Json(json!({"kind": entry.object_kind, "id": entry.object_id}).to_string()),
        json(entry.old),
        json(entry.new),
        entry.address.into(),
        entry.hash.into(),
    ]
}
