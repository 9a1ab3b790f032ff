//! The HTTP API of `docs/spec/api.md`: parse, act, render. No rule lives here.

pub mod advice;
pub mod agents;
pub mod audit;
pub mod auto_close;
pub mod bulk;
pub mod canned;
pub mod cases;
pub mod channels;
pub mod conversation;
pub mod customers;
pub mod events;
pub mod exports;
pub mod lifecycle;
pub mod messages;
pub mod notifications;
pub mod preview;
pub mod queues;
pub mod reports;
pub mod saved_views;
pub mod tags;
pub mod test_clock;
pub mod tokens;
pub mod workspace;

use super::fields;
use domain::id::{AgentId, ChannelId, QueueId};

/// A path's segment that must be a case number; anything else is not there.
fn case_number(segment: &str) -> Result<i64, super::problem::Problem> {
    segment.parse().map_err(|_| super::problem::Problem::not_found())
}

fn agent(text: &str) -> Result<AgentId, (&'static str, String)> {
    fields::id(AgentId::parse, "agent")(text)
}

fn queue(text: &str) -> Result<QueueId, (&'static str, String)> {
    fields::id(QueueId::parse, "queue")(text)
}

fn channel(text: &str) -> Result<ChannelId, (&'static str, String)> {
    fields::id(ChannelId::parse, "channel")(text)
}
