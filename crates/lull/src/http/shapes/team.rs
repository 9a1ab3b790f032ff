//! The workspace, its members, queues, channels, customers, tokens and notifications.

use super::{maybe, raw, time};
use crate::acts::notice_settings::Wishes;
use crate::acts::queues::Staffed;
use domain::notice::{Notice, Wanted};
use serde::Serialize;
use serde_json::value::RawValue;
use store::agents::Agent;
use store::auth::Token;
use store::canned::CannedReply;
use store::channels::Channel;
use store::customers::Customer;
use store::notifications::Notification;
use store::tags::Tag;
use store::workspaces::Workspace;
use utoipa::ToSchema;

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
#[schema(as = CannedReply)]
pub struct CannedReplyBody {
    id: String,
    version: i64,
    name: String,
    text: String,
    /// Offered in this queue alone; null: everywhere.
    queue: Option<String>,
    updated_at: String,
    /// Null: a program.
    updated_by: Option<String>,
}

impl From<CannedReply> for CannedReplyBody {
    fn from(c: CannedReply) -> Self {
        CannedReplyBody {
            id: c.id.to_string(),
            version: c.version,
            name: c.name,
            text: c.text,
            queue: c.queue.map(|queue| queue.to_string()),
            updated_at: time(c.updated_at),
            updated_by: c.updated_by.map(|agent| agent.to_string()),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Tags {
    pub data: Vec<TagBody>,
    /// Always null: all tags are listed at once.
    pub next_cursor: Option<String>,
    /// There are more open cases than are counted, so the numbers are the least there can be.
    pub at_least: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagBody {
    name: String,
    open_cases: i64,
    /// What cases get in its place while it is being renamed; empty while it is being removed; else null.
    becomes: Option<String>,
}

impl TagBody {
    pub fn new(open_cases: i64, tag: Tag) -> Self {
        TagBody { name: tag.name, open_cases, becomes: tag.becomes }
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
    /// `case_created`, `case_assigned`, `case_reopened`, `message_received`, `mentioned` or `case_closed`.
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

/// Where a person wants to hear of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreference)]
pub struct WishBody {
    in_page: bool,
    email: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreferences)]
pub struct WishesBody {
    /// A new case waits in one of my queues.
    case_created: WishBody,
    /// A case was given to me.
    case_assigned: WishBody,
    /// A case came back to me, or to my queue.
    case_reopened: WishBody,
    /// The customer wrote in a case I have.
    message_received: WishBody,
    /// Somebody named me in a comment.
    mentioned: WishBody,
    /// Somebody else closed a case I have.
    case_closed: WishBody,
}

impl From<Wishes> for WishesBody {
    fn from(wishes: Wishes) -> Self {
        let of = |notice: Notice| {
            let chosen = wishes.iter().find(|(known, _)| *known == notice).map(|(_, wanted)| *wanted);
            let Wanted { in_page, email } = chosen.unwrap_or_else(|| notice.wanted_at_first());
            WishBody { in_page, email }
        };
        WishesBody {
            case_created: of(Notice::NewCase),
            case_assigned: of(Notice::Assigned),
            case_reopened: of(Notice::Reopened),
            message_received: of(Notice::Replied),
            mentioned: of(Notice::Mentioned),
            case_closed: of(Notice::Closed),
        }
    }
}
