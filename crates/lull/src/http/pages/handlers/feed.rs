//! The feed of a case as sentences. The entry's data hold ids and words; a person reads names.

use super::super::format::duration;
use super::case::Facts;
use super::words;
use domain::case::{CaseType, Priority, Status};
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{AgentId, QueueId};
use domain::time::Timestamp;
use serde_json::Value;
use store::feed::FeedEntry;

/// Whoever tells what happened: they know everybody's name.
pub struct Telling<'a> {
    facts: &'a Facts,
}

impl<'a> Telling<'a> {
    pub fn of(facts: &'a Facts) -> Self {
        Telling { facts }
    }

    /// What happened; `None` for what stands in the conversation as itself.
    pub fn sentence(&self, entry: &FeedEntry) -> Option<String> {
        let data = Data::of(entry);
        let by = self.actor(entry.actor);
        Some(match entry.event {
            FeedEvent::MessageReceived | FeedEvent::MessageSent | FeedEvent::CommentAdded => return None,
            FeedEvent::CaseCreated => match entry.actor {
                Actor::Customer => format!("Case opened by a message from {by}"),
                _ => format!("Case opened by {by}"),
            },
            FeedEvent::StatusChanged => format!("Status set to {} by {by}", data.status("to")),
            FeedEvent::CaseClosed => format!("Closed by {by}"),
            FeedEvent::CaseAutoClosed => {
                format!("Closed by Lull after {} without activity", data.minutes("threshold_minutes"))
            }
            FeedEvent::CaseReopened => format!("Reopened by {by}"),
            FeedEvent::CaseAutoReopened => self.reopened(&data),
            FeedEvent::Assigned => self.assigned(entry.actor, &data),
            FeedEvent::Unassigned => match entry.actor {
                Actor::Engine => "Unassigned".to_owned(),
                _ => format!("Unassigned by {by}"),
            },
            FeedEvent::QueueChanged => {
                format!("Moved from {} to {} by {by}", self.queue(&data, "from"), self.queue(&data, "to"))
            }
            FeedEvent::PriorityChanged => {
                let word = data.text("to").parse::<Priority>().map_or("?", |p| words::priority(p).word());
                format!("Priority set to {word} by {by}")
            }
            FeedEvent::TypeChanged => {
                let word = data.text("to").parse::<CaseType>().map_or("?", words::kind);
                format!("Type set to {word} by {by}")
            }
            FeedEvent::TitleChanged => format!("Title changed by {by}"),
            FeedEvent::TagsChanged => format!("Tags changed by {by}{}", tag_changes(&data)),
            FeedEvent::FollowUpCreated => match (data.number("follow_up"), data.number("follow_up_of")) {
                (Some(next), _) if next != self.facts.case().number => format!("Continued in case {next}"),
                (_, Some(old)) => format!("Follow-up of case {old}"),
                _ => entry.event.text().to_owned(),
            },
            FeedEvent::KeepOpenChanged => match data.time("until") {
                Some(until) => format!("Kept open until {} by {by}", self.facts.moments.words(until)),
                None => format!("No longer kept open, by {by}"),
            },
            FeedEvent::Warned => entry.event.text().to_owned(),
        })
    }

    /// What was behind it: the policy that applied, and to whose credit.
    pub fn detail(&self, entry: &FeedEntry) -> Option<String> {
        let data = Data::of(entry);
        let credit = || match data.agent("credited_agent") {
            Some(agent) => format!("Credited to {}.", self.facts.names.agent(agent)),
            None => "Credited to nobody: it was unassigned.".to_owned(),
        };
        match entry.event {
            FeedEvent::CaseAutoClosed => {
                let silent = data.time("last_activity_at").map(|at| self.facts.moments.words(at)).unwrap_or_default();
                let threshold = data.minutes("threshold_minutes");
                Some(format!("Policy: {threshold} without activity. Last activity: {silent}. {}", credit()))
            }
            FeedEvent::CaseClosed => Some(credit()),
            FeedEvent::KeepOpenChanged => Some(data.text("reason")).filter(|why| !why.is_empty()).map(str::to_owned),
            FeedEvent::CaseAutoReopened => {
                let closed = data.time("closed_at").map(|at| self.facts.moments.words(at)).unwrap_or_default();
                let window = data.minutes("window_minutes");
                Some(format!("Closed {closed}. Policy: a message within {window} of the close reopens the case."))
            }
            _ => None,
        }
    }

    /// The same as activity, for what moves the clock; `None` for what does not.
    pub fn activity(&self, entry: &FeedEntry) -> Option<String> {
        let by = self.actor(entry.actor);
        match entry.event {
            FeedEvent::MessageReceived | FeedEvent::MessageSent if Data::of(entry).is_true("automatic") => None,
            FeedEvent::MessageReceived => Some(format!("Message from {by}")),
            FeedEvent::MessageSent => Some(format!("Reply by {by}")),
            FeedEvent::CaseCreated | FeedEvent::StatusChanged | FeedEvent::CaseClosed | FeedEvent::CaseReopened => {
                self.sentence(entry)
            }
            _ => None,
        }
    }

    fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Agent(agent) => self.facts.names.agent(agent).to_owned(),
            Actor::Api => "a program".to_owned(),
            Actor::Engine => "Lull".to_owned(),
            Actor::Customer => self.facts.customer(),
        }
    }

    fn queue(&self, data: &Data, field: &str) -> String {
        QueueId::parse(data.text(field)).map_or_else(|| "?".to_owned(), |id| self.facts.names.queue(id).to_owned())
    }

    fn assigned(&self, actor: Actor, data: &Data) -> String {
        let Some(to) = data.agent("to") else { return FeedEvent::Assigned.text().to_owned() };
        let name = self.facts.names.agent(to);
        match actor {
            Actor::Engine => format!("Assigned to {name} by the queue's rule"),
            Actor::Agent(agent) if agent == to => format!("{name} took the case"),
            _ => format!("Assigned to {name} by {}", self.actor(actor)),
        }
    }

    fn reopened(&self, data: &Data) -> String {
        let name = |agent: AgentId| self.facts.names.agent(agent);
        let customer = self.facts.customer();
        let obstacle = match data.text("not_returned_because") {
            "inactive" => "is no longer active",
            "full" => "has no room",
            "away" => "is away",
            "offline" => "is offline",
            _ => "could not take it",
        };
        let after = match (data.agent("assignee"), data.agent("previous_agent")) {
            (Some(agent), _) if data.is_true("returned") => format!("back to {}", name(agent)),
            (Some(agent), Some(before)) => format!("{} {obstacle}, so now with {}", name(before), name(agent)),
            (Some(agent), None) => format!("now with {}", name(agent)),
            (None, Some(before)) => format!("{} {obstacle}, so it waits unassigned in its queue", name(before)),
            (None, None) => "it waits unassigned in its queue".to_owned(),
        };
        format!("Reopened by Lull: {customer} wrote within {}; {after}", data.minutes("window_minutes"))
    }
}

/// `: added refund; removed vip`.
fn tag_changes(data: &Data) -> String {
    let (before, after) = (data.texts("from"), data.texts("to"));
    let only_in = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|tag| !other.contains(tag)).cloned().collect()
    };
    let (added, removed) = (only_in(&after, &before), only_in(&before, &after));
    let parts = [("added", added), ("removed", removed)];
    let said: Vec<String> = parts
        .iter()
        .filter(|(_, tags)| !tags.is_empty())
        .map(|(did, tags)| format!("{did} {}", tags.join(", ")))
        .collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join("; ")) }
}

/// An entry's data, read leniently: an old entry may lack what a new one has.
struct Data(Value);

impl Data {
    fn of(entry: &FeedEntry) -> Self {
        Data(serde_json::from_str(&entry.data).unwrap_or_default())
    }

    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or("")
    }

    fn texts(&self, field: &str) -> Vec<String> {
        let list = self.0[field].as_array().into_iter().flatten();
        list.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }

    fn number(&self, field: &str) -> Option<i64> {
        self.0[field].as_i64()
    }

    fn is_true(&self, field: &str) -> bool {
        self.0[field].as_bool() == Some(true)
    }

    fn agent(&self, field: &str) -> Option<AgentId> {
        AgentId::parse(self.text(field))
    }

    fn time(&self, field: &str) -> Option<Timestamp> {
        Timestamp::parse(self.text(field)).ok()
    }

    fn minutes(&self, field: &str) -> String {
        let minutes = self.number(field).and_then(|minutes| u32::try_from(minutes).ok());
        minutes.map_or_else(|| "a time".to_owned(), duration)
    }

    fn status(&self, field: &str) -> &'static str {
        self.text(field).parse::<Status>().map_or("?", |status| words::status(status).word())
    }
}
