//! The desk's words as a person reads them.

use super::super::inbox::Priority;
use super::super::layout::{Availability, Theme};
use super::super::parts::Status;
use domain::case::{self, CaseType};
use domain::id::{AgentId, QueueId};
use domain::message::Network;
use domain::permission::{Plan, Role};
use domain::routing;
use std::collections::HashMap;
use store::agents::Agent;
use store::queues::Queue;

pub fn status(status: case::Status) -> Status {
    match status {
        case::Status::Open => Status::Open,
        case::Status::InProgress => Status::InProgress,
        case::Status::OnHold => Status::OnHold,
        case::Status::Closed => Status::Closed,
    }
}

pub fn priority(priority: case::Priority) -> Priority {
    match priority {
        case::Priority::Critical => Priority::Critical,
        case::Priority::High => Priority::High,
        case::Priority::Medium => Priority::Medium,
        case::Priority::Low => Priority::Low,
        case::Priority::None => Priority::None,
    }
}

pub fn kind(kind: CaseType) -> &'static str {
    match kind {
        CaseType::General => "General",
        CaseType::Support => "Support",
        CaseType::Question => "Question",
        CaseType::Feedback => "Feedback",
        CaseType::Lead => "Lead",
    }
}

pub fn availability(availability: routing::Availability) -> Availability {
    match availability {
        routing::Availability::Online => Availability::Online,
        routing::Availability::Away => Availability::Away,
        routing::Availability::Offline => Availability::Offline,
    }
}

pub fn theme(stored: &str) -> Theme {
    Theme::ALL.into_iter().find(|theme| theme.key() == stored).unwrap_or_default()
}

pub fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::CareManager => "Care manager",
        Role::Agent => "Agent",
        Role::Viewer => "Viewer",
    }
}

pub fn plan(plan: Plan) -> &'static str {
    match plan {
        Plan::Standard => "Standard",
        Plan::Professional => "Professional",
        Plan::Advanced => "Advanced",
        Plan::Enterprise => "Enterprise",
    }
}

pub fn network(network: Network) -> &'static str {
    match network {
        Network::Instagram => "Instagram",
        Network::Facebook => "Facebook",
        Network::X => "X",
        Network::Tiktok => "TikTok",
        Network::Threads => "Threads",
        Network::Whatsapp => "WhatsApp",
        Network::Linkedin => "LinkedIn",
        Network::Youtube => "YouTube",
        Network::Pinterest => "Pinterest",
        Network::Bluesky => "Bluesky",
        Network::Email => "E-mail",
        Network::Web => "Web",
        Network::Other => "Other",
    }
}

/// What a customer is called: by name, else by handle.
pub fn customer(name: Option<&str>, handle: Option<&str>) -> String {
    let named = [name, handle].into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    named.unwrap_or("Unknown customer").to_owned()
}

/// The names of a workspace's members and queues.
#[derive(Debug, Default)]
pub struct Names {
    agents: HashMap<AgentId, String>,
    queues: HashMap<QueueId, String>,
}

impl Names {
    pub fn new(agents: &[Agent], queues: &[Queue]) -> Self {
        Names {
            agents: agents.iter().map(|a| (a.id, a.name.clone())).collect(),
            queues: queues.iter().map(|q| (q.id, q.name.clone())).collect(),
        }
    }

    pub fn agent(&self, id: AgentId) -> &str {
        self.agents.get(&id).map_or("a former member", String::as_str)
    }

    pub fn queue(&self, id: QueueId) -> &str {
        self.queues.get(&id).map_or("a former queue", String::as_str)
    }
}
