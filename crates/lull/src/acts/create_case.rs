//! Starting a case by hand.

use super::change_case::check_assignee;
use super::receive_message::{Sender, find_customer, new_case, scope};
use super::traces::{self, CaseTrace};
use super::{Answer, Caller, Invalid, Refusal, notices, route};
use crate::views::{self, CaseView};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::case::{CaseType, Priority};
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{AgentId, ChannelId, QueueId};
use domain::permission::Permission;
use serde_json::json;
use store::{Command, Tx, cases, channels, feed, locks, queues, workspaces};

#[derive(Debug, Clone)]
pub struct CreateCase {
    pub caller: Caller,
    pub channel: ChannelId,
    pub customer: Sender,
    pub conversation: String,
    pub title: String,
    pub kind: CaseType,
    pub priority: Priority,
    /// `None`: the channel's queue.
    pub queue: Option<QueueId>,
    pub assignee: Option<AgentId>,
    pub tags: Vec<String>,
}

impl Command for CreateCase {
    type Output = Result<CaseView, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<CaseView> {
        accept!(self.caller.require(Permission::WorkCases));
        let (ws, actor) = (self.caller.workspace, self.caller.actor);
        locks::hold_settings(tx, ws).await?;
        let mut invalid = Vec::new();
        let channel = channels::get(tx, ws, self.channel).await?;
        if channel.is_none() {
            invalid.push(Invalid::not_found("channel", "channel"));
        }
        if let Some(queue) = self.queue
            && queues::get(tx, ws, queue).await?.is_none()
        {
            invalid.push(Invalid::not_found("queue", "queue"));
        }
        if let Some(agent) = self.assignee {
            invalid.extend(check_assignee(tx, ws, agent).await?);
        }
        let Some(channel) = channel.filter(|_| invalid.is_empty()) else { refuse!(Refusal::Invalid(invalid)) };

        locks::threads(tx, ws, &scope(&channel), &self.customer.external_id).await?;
        let customer = find_customer(tx, ws, &channel, &self.customer).await?;
        let now = tx.now();
        let mut case = new_case(tx, ws, &channel, customer.id, now);
        case.thread.clone_from(&self.conversation);
        case.title.clone_from(&self.title);
        case.kind = self.kind;
        case.priority = self.priority;
        case.tags.clone_from(&self.tags);
        case.queue = self.queue.unwrap_or(channel.queue);
        case.assignee = self.assignee;
        let policy = views::in_force(tx, &case).await?;
        case.active_at(now, policy.arm_from);
        let by = if self.assignee.is_some() { actor } else { Actor::Engine };
        route::choose(tx, &mut case).await?;
        case.number = workspaces::next_case_number(tx, ws).await?;
        cases::insert(tx, &case).await?;
        feed::insert(tx, ws, case.id, actor, FeedEvent::CaseCreated, "{}").await?;
        if case.assignee.is_some() {
            route::assigned(tx, &case, by, None).await?;
        }
        notices::created(tx, &case, actor, by).await?;
        let new = json!({"status": case.status.as_str(), "queue": case.queue.to_string(),
            "channel": channel.id.to_string(), "assignee": case.assignee.map(|a| a.to_string())});
        let trace = CaseTrace { audit: AuditEvent::CaseCreated, outbox: "case.created", old: None, new: Some(new) };
        traces::of_case(tx, &self.caller, &case, trace).await?;
        Ok(Ok(views::new_case(case, &customer, policy.effective.close)))
    }
}
