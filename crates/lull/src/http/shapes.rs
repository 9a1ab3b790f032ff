//! How things look over the wire: one struct per shape of `docs/spec/api.md`.

use crate::acts::change_policy::PolicyView;
use crate::acts::queues::Staffed;
use crate::acts::receive_message::Received;
use crate::views::CaseView;
use domain::closure::Actor;
use domain::policy::{CloseRule, Overrides};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use store::agents::Agent;
use store::audit::AuditEntry;
use store::auth::Token;
use store::channels::Channel;
use store::closures::Closure;
use store::customers::Customer;
use store::feed::FeedEntry;
use store::messages::{Comment, Message};
use store::notifications::Notification;
use store::runs::Run;
use store::workspaces::Workspace;
use utoipa::ToSchema;

/// A time as text, RFC 3339 in UTC with milliseconds.
fn time(t: domain::time::Timestamp) -> String {
    t.to_string()
}

fn maybe<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|v| v.to_string())
}

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
    keep_open_until: Option<String>,
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
}

impl From<Comment> for CommentBody {
    fn from(c: Comment) -> Self {
        CommentBody { id: c.id.to_string(), text: c.text, author: maybe(c.author), at: time(c.at) }
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

/// Stored JSON as it is, not parsed again.
fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).unwrap_or_else(|_| RawValue::NULL.to_owned())
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

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceBody {
    id: String,
    name: String,
    /// An IANA name such as `Europe/Berlin`.
    time_zone: String,
    /// `standard`, `professional`, `advanced` or `enterprise`.
    plan: &'static str,
    created_at: String,
}

impl From<Workspace> for WorkspaceBody {
    fn from(w: Workspace) -> Self {
        WorkspaceBody {
            id: w.id.to_string(),
            name: w.name,
            time_zone: w.time_zone,
            plan: w.plan.as_str(),
            created_at: time(w.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub struct AgentBody {
    id: String,
    name: String,
    email: String,
    /// `owner`, `care_manager`, `agent` or `viewer`.
    role: &'static str,
    /// Null is no limit.
    capacity: Option<i64>,
    auto_assign: bool,
    active: bool,
    /// `online`, `away` or `offline`.
    availability: &'static str,
    created_at: String,
}

impl From<Agent> for AgentBody {
    fn from(a: Agent) -> Self {
        AgentBody {
            id: a.id.to_string(),
            name: a.name,
            email: a.email,
            role: a.role.as_str(),
            capacity: a.capacity,
            auto_assign: a.auto_assign,
            active: a.active,
            availability: a.availability.as_str(),
            created_at: time(a.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct QueueBody {
    id: String,
    name: String,
    /// `manual`, `round_robin` or `most_capacity`.
    assignment: &'static str,
    members: Vec<String>,
    created_at: String,
}

impl From<Staffed> for QueueBody {
    fn from((queue, members): Staffed) -> Self {
        QueueBody {
            id: queue.id.to_string(),
            name: queue.name,
            assignment: queue.assignment.as_str(),
            members: members.iter().map(ToString::to_string).collect(),
            created_at: time(queue.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelBody {
    id: String,
    name: String,
    network: &'static str,
    /// Where its new cases go.
    queue: String,
    created_at: String,
}

impl From<Channel> for ChannelBody {
    fn from(c: Channel) -> Self {
        ChannelBody {
            id: c.id.to_string(),
            name: c.name,
            network: c.network.as_str(),
            queue: c.queue.to_string(),
            created_at: time(c.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerBody {
    id: String,
    external_id: String,
    name: Option<String>,
    handle: Option<String>,
    created_at: String,
    /// Numbers of their cases, newest first.
    cases: Vec<i64>,
}

impl CustomerBody {
    pub fn new(c: Customer, cases: Vec<i64>) -> Self {
        CustomerBody {
            id: c.id.to_string(),
            external_id: c.external_id,
            name: c.name,
            handle: c.handle,
            created_at: time(c.created_at),
            cases,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody {
    id: String,
    name: String,
    role: &'static str,
    /// The agent it acts as; null is nobody.
    agent: Option<String>,
    created_at: String,
    created_by: Option<String>,
    /// Only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl From<Token> for TokenBody {
    fn from(t: Token) -> Self {
        TokenBody {
            id: t.id.to_string(),
            name: t.name,
            role: t.role.as_str(),
            agent: maybe(t.agent),
            created_at: time(t.created_at),
            created_by: maybe(t.created_by),
            token: None,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationBody {
    id: String,
    at: String,
    /// `case_assigned`, `case_reopened` or `case_closed`.
    event: String,
    case: Option<i64>,
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    read_at: Option<String>,
}

impl From<Notification> for NotificationBody {
    fn from(n: Notification) -> Self {
        NotificationBody {
            id: n.id.to_string(),
            at: time(n.at),
            event: n.event,
            case: n.case_number,
            data: raw(n.data),
            read_at: maybe(n.read_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRun)]
pub struct RunBody {
    id: String,
    started_at: String,
    finished_at: String,
    closed: i64,
    /// Looked at and left open, because something newer came first.
    skipped: i64,
    failed: i64,
}

impl From<Run> for RunBody {
    fn from(r: Run) -> Self {
        RunBody {
            id: r.id.to_string(),
            started_at: time(r.started_at),
            finished_at: time(r.finished_at),
            closed: r.closed,
            skipped: r.skipped,
            failed: r.failed,
        }
    }
}

/// The settings of auto close; in a queue's overrides a null inherits.
#[derive(Debug, Serialize, ToSchema)]
pub struct AutoCloseBody {
    enabled: Option<bool>,
    /// 60 (1 hour) to 30 240 (21 days).
    threshold_minutes: Option<u32>,
    statuses: Option<Vec<&'static str>>,
    skip_when_customer_waits: bool,
    exempt_tags: Vec<String>,
    #[schema(value_type = Option<Object>)]
    warning: Value,
    #[schema(value_type = Option<Object>)]
    closing_message: Value,
    #[schema(value_type = Option<Object>)]
    business_hours: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AutoReopenBody {
    enabled: Option<bool>,
    /// 60 (1 hour) to 129 600 (90 days), counted from the closing.
    window_minutes: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LifecycleSettings)]
pub struct LifecycleBody {
    auto_close: AutoCloseBody,
    auto_reopen: AutoReopenBody,
    /// The last switch from off to on: only cases with activity since then are covered.
    enabled_at: Option<String>,
    /// Whether auto close acts now: switched on, and included in the plan (it is suspended where only the plan is lower).
    in_effect: bool,
    version: i64,
}

impl LifecycleBody {
    pub fn workspace(view: &PolicyView) -> Self {
        Self::new(view, Overrides::from(view.workspace), view.workspace.enabled_at)
    }

    pub fn queue(view: &PolicyView) -> Self {
        let own = view.stored.as_ref().map(|row| row.settings).unwrap_or_default();
        let enabled_at = match view.in_force.effective.close {
            CloseRule::On { enabled_at, .. } => Some(enabled_at),
            CloseRule::Off | CloseRule::Suspended => own.enabled_at,
        };
        Self::new(view, own, enabled_at)
    }

    fn new(view: &PolicyView, settings: Overrides, enabled_at: Option<domain::time::Timestamp>) -> Self {
        LifecycleBody {
            auto_close: AutoCloseBody {
                enabled: settings.enabled,
                threshold_minutes: settings.threshold.map(|t| t.minutes()),
                statuses: settings.statuses.map(|s| s.iter().map(|s| s.as_str()).collect()),
                skip_when_customer_waits: false,
                exempt_tags: Vec::new(),
                warning: Value::Null,
                closing_message: Value::Null,
                business_hours: Value::Null,
            },
            auto_reopen: AutoReopenBody {
                enabled: settings.reopen_enabled,
                window_minutes: settings.window.map(|w| w.minutes()),
            },
            enabled_at: maybe(enabled_at),
            in_effect: matches!(view.in_force.effective.close, CloseRule::On { .. }),
            version: view.stored.as_ref().map_or(0, |row| row.version),
        }
    }
}
