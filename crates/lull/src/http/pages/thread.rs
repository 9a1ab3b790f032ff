//! The conversation of a case: messages, notes, and what happened in between, in one order.

use askama::Template;
use askama::filters::HtmlSafe;

use super::folded::{Folded, Mark};
use super::parts::{Icon, Moment};

/// The conversation. Also a fragment of its own: it refetches itself, and what is new is appended.
#[derive(Debug, Clone, Template)]
#[template(path = "thread.html")]
pub struct Thread {
    /// The address of this fragment with the whole query.
    pub refresh_url: String,
    /// Seconds between two refetches; 0 means never.
    pub refresh_seconds: u32,
    pub entries: Vec<Entry>,
    /// Id of the latest message, which a reply answers; empty when there is none.
    pub latest: String,
    /// Leads to the page with earlier entries, when there are any.
    pub earlier_url: Option<String>,
    /// Where what happened between the messages stands. What closes and reopens always stands in the conversation.
    pub events: Events,
    /// Leads to the same page with the events folded or shown.
    pub fold_url: String,
    /// Leads to the same page with the events in a list of their own, or in the conversation again.
    pub apart_url: String,
    /// Posts to reopen the case, where a person may.
    pub can_reopen: bool,
    pub number: u64,
    pub version: i64,
}

impl HtmlSafe for Thread {}

#[derive(Debug, Clone)]
pub enum Entry {
    /// The first entry of a day: `Monday 23 November 2026`.
    Day(String),
    Message(Message),
    Note(Note),
    Event(Event),
}

#[derive(Debug, Clone)]
pub struct Message {
    /// The message's id; the element carries it.
    pub id: String,
    pub direction: Direction,
    pub author: String,
    pub at: Moment,
    /// Written by a machine: shown, but no activity.
    pub automatic: bool,
    pub text: Folded,
    /// What became of an outbound message.
    pub delivery: Option<Delivery>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    fn key(self) -> &'static str {
        match self {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
        }
    }
}

/// What became of a message to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Queued,
    Sent,
    Failed,
}

impl Delivery {
    fn word(self) -> &'static str {
        match self {
            Delivery::Queued => "waiting to be sent",
            Delivery::Sent => "sent",
            Delivery::Failed => "not delivered",
        }
    }
}

/// An internal note; the customer never sees it.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: String,
    pub author: String,
    pub at: Moment,
    pub text: Folded,
}

/// Something that happened, as one sentence.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    pub kind: EventKind,
    pub at: Moment,
    /// `Closed by Lull after 24 h without activity`.
    pub text: String,
    /// What was behind it, on demand: the policy that applied, the last activity.
    pub detail: Option<String>,
    /// The closing that still stands offers to reopen.
    pub offers_reopen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Assignments, queues, tags and the like: folded away on demand.
    Quiet,
    /// A close; always shown.
    Closed,
    /// A reopen; always shown.
    Reopened,
}

/// Where the quiet events of a case are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Events {
    /// Between the messages.
    #[default]
    Among,
    Folded,
    /// In a list of their own beside the conversation.
    Apart,
}

impl Events {
    pub const ALL: [Events; 3] = [Events::Among, Events::Folded, Events::Apart];

    pub fn key(self) -> &'static str {
        match self {
            Events::Among => "among",
            Events::Folded => "folded",
            Events::Apart => "apart",
        }
    }
}

impl EventKind {
    fn icon(self) -> Option<Icon> {
        match self {
            EventKind::Quiet => None,
            EventKind::Closed => Some(Icon::Closed),
            EventKind::Reopened => Some(Icon::Open),
        }
    }
}

impl Thread {
    fn shows(&self, event: &Event) -> bool {
        self.events == Events::Among || event.kind != EventKind::Quiet
    }

    fn quiet_events(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| matches!(entry, Entry::Event(event) if event.kind == EventKind::Quiet))
            .count()
    }
}
