//! Taking a message in: it starts a case, joins one, brings one back, or follows one up (R1–R9, C5, C6).

use super::reopen::AutoReopened;
use super::traces::{self, CaseTrace};
use super::{Answer, Caller, Invalid, notices, reopen, route};
use crate::refuse;
use crate::views::{self, CaseView};
use domain::audit::AuditEvent;
use domain::case::{CaseType, Priority, Status, WaitingOn, title_from};
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{AgentId, CaseId, ChannelId, CustomerId, MessageId};
use domain::lifecycle::{Outcome, Thread, receive};
use domain::message::{Delivery, Direction, Happening, is_activity};
use domain::time::Timestamp;
use serde_json::json;
use store::cases::{self, Case};
use store::channels::{self, Channel};
use store::customers::{self, Customer};
use store::messages::{self, Message};
use store::policies::{self, InForce};
use store::{Command, Fault, Tx, agents, closures, feed, locks, workspaces};

/// A message as a network or its connector tells it.
#[derive(Debug, Clone)]
pub struct ReceiveMessage {
    pub caller: Caller,
    pub channel: ChannelId,
    pub external_id: String,
    pub direction: Direction,
    pub customer: Sender,
    /// The network's thread key; empty is the one thread of customer and channel.
    pub conversation: String,
    pub text: String,
    pub sent_at: Option<Timestamp>,
    pub automatic: bool,
    pub author: Option<AgentId>,
    /// Imported history keeps its own time (C5); `None` is now.
    pub history_at: Option<Timestamp>,
}

/// The customer's side of the conversation, whichever way the message went.
#[derive(Debug, Clone)]
pub struct Sender {
    pub external_id: String,
    pub name: Option<String>,
    pub handle: Option<String>,
    /// What a customer is called who is not known yet and has no handle.
    pub fallback_handle: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Created,
    Appended,
    Reopened,
    FollowUp,
    Duplicate,
}

impl Taken {
    pub const fn as_str(self) -> &'static str {
        match self {
            Taken::Created => "created",
            Taken::Appended => "appended",
            Taken::Reopened => "reopened",
            Taken::FollowUp => "follow_up",
            Taken::Duplicate => "duplicate",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Received {
    pub message: Message,
    /// `None`: an automatic message in a thread without a case (R6).
    pub case: Option<CaseView>,
    pub taken: Taken,
}

impl Command for ReceiveMessage {
    type Output = Result<Received, super::Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Received> {
        let ws = self.caller.workspace;
        locks::hold_settings(tx, ws).await?;
        let Some(channel) = channels::get(tx, ws, self.channel).await? else {
            refuse!(Invalid::not_found("channel", "channel"))
        };
        locks::threads(tx, ws, &scope(&channel), &self.customer.external_id).await?;
        if let Some(message) = messages::by_external_id(tx, ws, channel.id, &self.external_id).await? {
            let case = views::case_by_id(tx, ws, message.case).await?;
            return Ok(Ok(Received { message, case, taken: Taken::Duplicate }));
        }
        if let Some(author) = self.author
            && agents::get(tx, ws, author).await?.is_none()
        {
            refuse!(Invalid::not_found("author", "agent"))
        }
        let customer = self.customer(tx, &channel).await?;
        let newest = cases::newest_in_thread(tx, ws, channel.id, customer.id, &self.conversation).await?;
        let queue = newest.as_ref().map_or(channel.queue, |case| case.queue);
        let policy = policies::in_force(tx, ws, queue).await?;
        let at = self.history_at.unwrap_or(tx.now());
        let message = self.message(tx, &channel, customer.id, at);
        let received = match (self.outcome(newest.as_ref(), &policy, at), newest) {
            (Outcome::Append, Some(case)) => self.append(tx, case, message, &policy, &customer).await?,
            (Outcome::Reopen, Some(case)) => self.reopen(tx, case, message, &policy, &customer).await?,
            (Outcome::Keep, _) => self.keep(tx, message).await?,
            (_, followed) => self.create(tx, &channel, message, &policy, &customer, followed).await?,
        };
        Ok(Ok(received))
    }
}

impl ReceiveMessage {
    fn outcome(&self, newest: Option<&Case>, policy: &InForce, at: Timestamp) -> Outcome {
        let thread = match newest {
            None => Thread::Empty,
            Some(case) => match case.closed_at {
                None => Thread::Live,
                // History from before the closing belongs to what was closed.
                Some(closed_at) if self.history_at.is_some() && at <= closed_at => return Outcome::Append,
                Some(closed_at) => Thread::Closed { at: closed_at },
            },
        };
        receive(thread, self.direction, self.automatic, &policy.effective, at)
    }

    /// The customer, met before or new; a name or handle that changed is kept up.
    async fn customer(&self, tx: &mut Tx, channel: &Channel) -> Result<Customer, Fault> {
        find_customer(tx, self.caller.workspace, channel, &self.customer).await
    }

    fn message(&self, tx: &Tx, channel: &Channel, customer: CustomerId, at: Timestamp) -> Message {
        Message {
            case: CaseId(0),
            id: MessageId(tx.new_id()),
            channel: channel.id,
            customer,
            external_id: Some(self.external_id.clone()),
            direction: self.direction,
            text: self.text.clone(),
            author: self.author,
            automatic: self.automatic,
            sent_at: self.sent_at,
            received_at: at,
            delivery: match self.direction {
                Direction::Inbound => Delivery::Received,
                Direction::Outbound => Delivery::Recorded,
            },
        }
    }

    /// Who the feed names: the customer, or whoever answered them.
    fn speaker(&self) -> Actor {
        match (self.direction, self.author) {
            (Direction::Inbound, _) => Actor::Customer,
            (Direction::Outbound, Some(agent)) => Actor::Agent(agent),
            (Direction::Outbound, None) => self.caller.actor,
        }
    }

    async fn store(&self, tx: &mut Tx, case: &Case, message: &mut Message) -> Result<(), Fault> {
        message.case = case.id;
        messages::insert(tx, case.workspace, message).await?;
        record_message(tx, case, message, self.speaker()).await
    }

    async fn append(
        &self,
        tx: &mut Tx,
        before: Case,
        mut message: Message,
        policy: &InForce,
        customer: &Customer,
    ) -> Result<Received, Fault> {
        let mut case = before.clone();
        hear(&mut case, &message, policy.arm_from);
        cases::save(tx, &before, &mut case).await?;
        if self.automatic && before.status.is_closed() {
            // A machine's answer is nobody's work on the case (C6): the undo of a run still brings it back (X8).
            closures::follow(tx, &before, case.version).await?;
        }
        self.store(tx, &case, &mut message).await?;
        trace_message(tx, &self.caller, &case, &message).await?;
        if self.history_at.is_none() && self.direction == Direction::Inbound && !self.automatic {
            notices::customer_wrote(tx, &case).await?;
        }
        let case = views::case(tx, case, customer, policy.effective.close).await?;
        Ok(Received { message, case: Some(case), taken: Taken::Appended })
    }

    async fn reopen(
        &self,
        tx: &mut Tx,
        before: Case,
        mut message: Message,
        policy: &InForce,
        customer: &Customer,
    ) -> Result<Received, Fault> {
        let mut case = before.clone();
        // `Outcome::Reopen` exists only with a window.
        let window = policy.effective.reopen.unwrap_or_default();
        let reopened: AutoReopened = reopen::automatically(tx, &mut case, window).await?;
        hear(&mut case, &message, policy.arm_from);
        cases::save(tx, &before, &mut case).await?;
        self.store(tx, &case, &mut message).await?;
        reopen::record_automatic(tx, &case, &reopened).await?;
        let old = json!({"status": before.status.as_str(), "assignee": before.assignee.map(|a| a.to_string())});
        let mut new = reopened.audit();
        new["status"] = json!(case.status.as_str());
        new["message"] = json!(message.id.to_string());
        let trace =
            CaseTrace { audit: AuditEvent::CaseAutoReopened, outbox: "case.reopened", old: Some(old), new: Some(new) };
        traces::of_case(tx, &Caller { actor: Actor::Engine, name: None, ..self.caller.clone() }, &case, trace).await?;
        let case = views::case(tx, case, customer, policy.effective.close).await?;
        Ok(Received { message, case: Some(case), taken: Taken::Reopened })
    }

    async fn create(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        mut message: Message,
        policy: &InForce,
        customer: &Customer,
        followed: Option<Case>,
    ) -> Result<Received, Fault> {
        let ws = self.caller.workspace;
        let mut case = new_case(tx, ws, channel, customer.id, message.received_at);
        case.thread = self.conversation.clone();
        case.title = title_from(&self.text);
        case.follow_up_of = followed.as_ref().map(|f| f.number);
        // A follow-up starts where the channel's new cases start, under that queue's policy.
        let policy = if followed.as_ref().is_some_and(|f| f.queue != case.queue) {
            policies::in_force(tx, ws, case.queue).await?
        } else {
            *policy
        };
        hear(&mut case, &message, policy.arm_from);
        // Nobody is to be handed what happened long ago.
        let assigned = if self.history_at.is_none() { route::choose(tx, &mut case).await? } else { None };
        // Late: from here on other new cases of the workspace wait for this one's commit.
        case.number = workspaces::next_case_number(tx, ws).await?;
        cases::insert(tx, &case).await?;
        let data = json!({"message": message.id.to_string(), "follow_up_of": case.follow_up_of}).to_string();
        let speaker = self.speaker();
        feed::insert_at(tx, ws, case.id, message.received_at, speaker, FeedEvent::CaseCreated, &data).await?;
        self.store(tx, &case, &mut message).await?;
        if assigned.is_some() {
            route::assigned(tx, &case, Actor::Engine, None).await?;
        }
        if self.history_at.is_none() {
            notices::created(tx, &case, speaker, Actor::Engine).await?;
        }
        if let Some(old) = &followed {
            link_follow_up(tx, &self.caller, old, &case).await?;
        }
        let new = json!({"status": case.status.as_str(), "queue": case.queue.to_string(), "channel": channel.id.to_string(),
            "message": message.id.to_string(), "assignee": case.assignee.map(|a| a.to_string()), "follow_up_of": case.follow_up_of});
        let trace = CaseTrace { audit: AuditEvent::CaseCreated, outbox: "case.created", old: None, new: Some(new) };
        traces::of_case(tx, &self.caller, &case, trace).await?;
        let taken = if followed.is_some() { Taken::FollowUp } else { Taken::Created };
        let case = views::new_case(case, customer, policy.effective.close);
        Ok(Received { message, case: Some(case), taken })
    }

    /// Stores an automatic message that starts no case (R6).
    async fn keep(&self, tx: &mut Tx, message: Message) -> Result<Received, Fault> {
        messages::insert(tx, self.caller.workspace, &message).await?;
        let new = json!({"direction": self.direction.as_str(), "automatic": true, "case": null});
        traces::of_setting(
            tx,
            &self.caller,
            AuditEvent::MessageReceived,
            ("message", message.id.to_string()),
            None,
            Some(new),
        )
        .await?;
        Ok(Received { message, case: None, taken: Taken::Appended })
    }
}

/// Where a customer's id of this channel names one person.
pub fn scope(channel: &Channel) -> String {
    if channel.network.shares_customers() { channel.network.as_str().to_owned() } else { channel.id.to_string() }
}

/// The customer behind an id on a channel, met before or new; a name or handle that changed is kept up.
pub async fn find_customer(
    tx: &mut Tx,
    ws: domain::id::WorkspaceId,
    channel: &Channel,
    sender: &Sender,
) -> Result<Customer, Fault> {
    let scope = scope(channel);
    let Some(mut known) = customers::by_external_id(tx, ws, &scope, &sender.external_id).await? else {
        let customer = Customer {
            id: CustomerId(tx.new_id()),
            scope,
            external_id: sender.external_id.clone(),
            name: sender.name.clone(),
            handle: sender.handle.clone().or_else(|| sender.fallback_handle.clone()),
            created_at: tx.now(),
        };
        customers::insert(tx, ws, &customer).await?;
        return Ok(customer);
    };
    let name = sender.name.clone().or_else(|| known.name.clone());
    let handle = sender.handle.clone().or_else(|| known.handle.clone());
    if (&name, &handle) != (&known.name, &known.handle) {
        known.name = name;
        known.handle = handle;
        customers::rename(tx, ws, &known).await?;
    }
    Ok(known)
}

/// A case as it is before its first message is heard, and before it has a number.
pub fn new_case(
    tx: &Tx,
    workspace: domain::id::WorkspaceId,
    channel: &Channel,
    customer: CustomerId,
    at: Timestamp,
) -> Case {
    Case {
        workspace,
        id: CaseId(tx.new_id()),
        number: 0,
        version: 1,
        status: Status::Open,
        kind: CaseType::General,
        priority: Priority::Medium,
        title: String::new(),
        queue: channel.queue,
        assignee: None,
        channel: channel.id,
        network: channel.network,
        customer,
        thread: String::new(),
        tags: Vec::new(),
        created_at: at,
        updated_at: tx.now(),
        last_activity_at: at,
        armed_at: None,
        last_inbound_at: None,
        last_outbound_at: None,
        first_reply_at: None,
        waiting_on: None,
        waiting_since: None,
        opened_at: at,
        closed_at: None,
        reopen_count: 0,
        follow_up_of: None,
        last_reply_by: None,
        keep_open_until: None,
        keep_open_reason: None,
        keep_open_by: None,
    }
}

/// What a message changes about its case (C1, C6): the clock, who waits for whom, who answered first and last.
pub fn hear(case: &mut Case, message: &Message, arm_from: Option<Timestamp>) {
    let at = message.received_at;
    if !is_activity(Happening::Message { direction: message.direction, automatic: message.automatic }) {
        return;
    }
    case.active_at(at, arm_from);
    // Older history does not change who spoke last.
    let latest = at >= case.last_inbound_at.max(case.last_outbound_at).unwrap_or(at);
    let waiting_on = match message.direction {
        Direction::Inbound => {
            case.last_inbound_at = case.last_inbound_at.max(Some(at));
            WaitingOn::Us
        }
        Direction::Outbound => {
            case.last_outbound_at = case.last_outbound_at.max(Some(at));
            case.first_reply_at = Some(case.first_reply_at.map_or(at, |first| first.min(at)));
            if latest {
                case.last_reply_by = message.author.or(case.last_reply_by);
            }
            WaitingOn::Customer
        }
    };
    if latest && case.waiting_on != Some(waiting_on) {
        case.waiting_on = Some(waiting_on);
        case.waiting_since = Some(at);
    }
}

/// The feed entry of a message.
pub async fn record_message(tx: &mut Tx, case: &Case, message: &Message, speaker: Actor) -> Result<(), Fault> {
    let event = match message.direction {
        Direction::Inbound => FeedEvent::MessageReceived,
        Direction::Outbound => FeedEvent::MessageSent,
    };
    let data = json!({"message": message.id.to_string(), "automatic": message.automatic}).to_string();
    feed::insert_at(tx, case.workspace, case.id, message.received_at, speaker, event, &data).await
}

/// The audit entry and outbox row of a message that joined a case.
pub async fn trace_message(tx: &mut Tx, caller: &Caller, case: &Case, message: &Message) -> Result<(), Fault> {
    let (audit, outbox) = match message.direction {
        Direction::Inbound => (AuditEvent::MessageReceived, "message.received"),
        Direction::Outbound => (AuditEvent::MessageSent, "message.sent"),
    };
    let new = json!({"message": message.id.to_string(), "automatic": message.automatic});
    traces::of_case(tx, caller, case, CaseTrace { audit, outbox, old: None, new: Some(new) }).await
}

/// The feed entries that make a follow-up visible from both cases (R5).
async fn link_follow_up(tx: &mut Tx, caller: &Caller, old: &Case, new: &Case) -> Result<(), Fault> {
    let data = json!({"follow_up": new.number, "follow_up_of": old.number}).to_string();
    for case in [old.id, new.id] {
        feed::insert(tx, new.workspace, case, Actor::Engine, FeedEvent::FollowUpCreated, &data).await?;
    }
    let mut followed = old.clone();
    cases::save(tx, old, &mut followed).await?;
    let trace = CaseTrace {
        audit: AuditEvent::CaseUpdated,
        outbox: "case.updated",
        old: None,
        new: Some(json!({"follow_up": new.number})),
    };
    traces::of_case(tx, caller, &followed, trace).await
}
