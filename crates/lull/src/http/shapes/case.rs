//! Cases, what is said about them, and their traces.

use super::{maybe, raw, time};
use crate::acts::receive_message::Received;
use crate::views::CaseView;
use domain::closure::Actor;
use serde::Serialize;
use serde_json::value::RawValue;
use store::audit::AuditEntry;
use store::closures::Closure;
use store::feed::FeedEntry;
use store::messages::{Comment, Message};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub struct CaseBody {
    number: i64,
    version: i64,
    /// `open`, `in_progress`, `on_hold` or `closed`.
    status: &'static str,
    /// `general`, `support`, `question`, `feedback` or `lead`.
    r#type: &'static str,
    /// `critical`, `high`, `medium`, `low` or `none`.
    priority: &'static str,
    title: String,
    queue: String,
    assignee: Option<String>,
    channel: String,
    network: &'static str,
    customer: CustomerRef,
    tags: Vec<String>,
    created_at: String,
    updated_at: String,
    /// The latest message or change of status: what the inactivity clock counts from.
    last_activity_at: String,
    last_inbound_at: Option<String>,
    last_outbound_at: Option<String>,
    first_reply_at: Option<String>,
    /// `us` or `customer`; null while closed or before the first message.
    waiting_on: Option<&'static str>,
    waiting_since: Option<String>,
    /// When the case closes by itself if nothing more happens; null while it will not.
    closes_at: Option<String>,
    closed_at: Option<String>,
    closure: Option<ClosureBody>,
    reopen_count: i64,
    follow_up_of: Option<i64>,
    follow_ups: Vec<i64>,
    /// Auto close leaves the case alone until then; once past, it has no effect.
    keep_open_until: Option<String>,
    keep_open_reason: Option<String>,
    /// The agent who keeps it open; null for a program.
    keep_open_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerRef {
    id: String,
    name: Option<String>,
    handle: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Closure)]
pub struct ClosureBody {
    closed_at: String,
    /// `inactivity`, `manual` or `api`.
    reason: &'static str,
    closed_by: Option<String>,
    credited_agent: Option<String>,
    /// The threshold an inactivity closure followed.
    threshold_minutes: Option<i64>,
}

impl From<Closure> for ClosureBody {
    fn from(c: Closure) -> Self {
        ClosureBody {
            closed_at: time(c.closed_at),
            reason: c.reason.as_str(),
            closed_by: maybe(c.closed_by),
            credited_agent: maybe(c.credited_agent),
            threshold_minutes: c.threshold_minutes,
        }
    }
}

impl From<CaseView> for CaseBody {
    fn from(view: CaseView) -> Self {
        let case = view.case;
        // Nobody waits on a closed case.
        let open = !case.status.is_closed();
        CaseBody {
            number: case.number,
            version: case.version,
            status: case.status.as_str(),
            r#type: case.kind.as_str(),
            priority: case.priority.as_str(),
            title: case.title,
            queue: case.queue.to_string(),
            assignee: maybe(case.assignee),
            channel: case.channel.to_string(),
            network: case.network.as_str(),
            customer: CustomerRef {
                id: case.customer.to_string(),
                name: view.customer_name,
                handle: view.customer_handle,
            },
            tags: case.tags,
            created_at: time(case.created_at),
            updated_at: time(case.updated_at),
            last_activity_at: time(case.last_activity_at),
            last_inbound_at: maybe(case.last_inbound_at),
            last_outbound_at: maybe(case.last_outbound_at),
            first_reply_at: maybe(case.first_reply_at),
            waiting_on: case.waiting_on.filter(|_| open).map(|w| w.as_str()),
            waiting_since: maybe(case.waiting_since.filter(|_| open)),
            closes_at: maybe(view.closes_at),
            closed_at: maybe(case.closed_at),
            closure: view.closure.map(ClosureBody::from),
            reopen_count: case.reopen_count,
            follow_up_of: case.follow_up_of,
            follow_ups: view.follow_ups,
            keep_open_until: maybe(case.keep_open_until),
            keep_open_reason: case.keep_open_reason,
            keep_open_by: maybe(case.keep_open_by),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageBody {
    id: String,
    external_id: Option<String>,
    /// `inbound` or `outbound`.
    direction: &'static str,
    text: String,
    /// The agent who wrote it; null for the customer, a program or a person unknown here.
    author: Option<String>,
    automatic: bool,
    sent_at: Option<String>,
    received_at: String,
    /// `received`, `recorded`, `queued`, `sent` or `failed`.
    delivery: &'static str,
}

impl From<Message> for MessageBody {
    fn from(m: Message) -> Self {
        MessageBody {
            id: m.id.to_string(),
            external_id: m.external_id,
            direction: m.direction.as_str(),
            text: m.text,
            author: maybe(m.author),
            automatic: m.automatic,
            sent_at: maybe(m.sent_at),
            received_at: time(m.received_at),
            delivery: m.delivery.as_str(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedMessage)]
pub struct ReceivedBody {
    message: MessageBody,
    /// Null for an automatic message in a thread that has no case.
    case: Option<CaseBody>,
    /// `created`, `appended`, `reopened`, `follow_up` or `duplicate`.
    outcome: &'static str,
}

impl From<Received> for ReceivedBody {
    fn from(r: Received) -> Self {
        ReceivedBody { message: r.message.into(), case: r.case.map(CaseBody::from), outcome: r.taken.as_str() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub struct CommentBody {
    id: String,
    text: String,
    author: Option<String>,
    at: String,
    /// The members it speaks of by `@name`.
    mentions: Vec<String>,
}

impl From<Comment> for CommentBody {
    fn from(c: Comment) -> Self {
        CommentBody {
            id: c.id.to_string(),
            text: c.text,
            author: maybe(c.author),
            at: time(c.at),
            mentions: c.mentions.iter().map(ToString::to_string).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ActorBody {
    /// `agent`, `api`, `engine` or `customer`.
    kind: String,
    id: Option<String>,
}

impl From<Actor> for ActorBody {
    fn from(actor: Actor) -> Self {
        ActorBody { kind: actor.kind().to_owned(), id: maybe(actor.agent()) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Activity)]
pub struct ActivityBody {
    id: String,
    at: String,
    actor: ActorBody,
    event: &'static str,
    text: &'static str,
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl From<FeedEntry> for ActivityBody {
    fn from(e: FeedEntry) -> Self {
        ActivityBody {
            id: e.id.to_string(),
            at: time(e.at),
            actor: e.actor.into(),
            event: e.event.as_str(),
            text: e.event.text(),
            data: raw(e.data),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditBody {
    id: String,
    pub seq: i64,
    at: String,
    event: String,
    actor: ActorBody,
    /// As it was then: a name may change later.
    actor_name: Option<String>,
    object: ObjectBody,
    #[schema(value_type = Option<Object>)]
    old: Option<Box<RawValue>>,
    #[schema(value_type = Option<Object>)]
    new: Option<Box<RawValue>>,
    address: Option<String>,
    /// SHA-256 over this entry and the hash before it.
    hash: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectBody {
    kind: String,
    id: String,
}

/// The actor as stored: kind, id and the name it had.
#[derive(Default, serde::Deserialize)]
struct StoredActor {
    kind: String,
    id: Option<String>,
    name: Option<String>,
}

impl From<AuditEntry> for AuditBody {
    fn from(e: AuditEntry) -> Self {
        let actor: StoredActor = serde_json::from_str(&e.actor).unwrap_or_default();
        AuditBody {
            id: format!("aud_{}", e.seq),
            seq: e.seq,
            at: time(e.at),
            event: e.event,
            actor: ActorBody { kind: actor.kind, id: actor.id },
            actor_name: actor.name,
            object: ObjectBody { kind: e.object_kind, id: e.object_id },
            old: e.old.map(raw),
            new: e.new.map(raw),
            address: e.address,
            hash: e.hash,
        }
    }
}
