//! One case: the conversation, the two ways to write, and everything about the case beside it.

use askama::Template;
use askama::filters::HtmlSafe;

use super::inbox::Closes;
use super::layout::{CaseLink, Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon, Moment, Status};
use super::thread::{Event, Thread};

#[derive(Debug, Clone, Template)]
#[template(path = "case.html")]
pub struct CasePage {
    pub layout: Layout,
    pub number: u64,
    pub title: String,
    pub status: Status,
    /// As a person calls it: `X`, `E-mail`.
    pub network: String,
    pub channel: String,
    /// Back to the list the person came from.
    pub inbox_url: String,
    pub access: Access,
    pub thread: Thread,
    pub composer: Composer,
    pub live: LivePanel,
    pub company: Company,
    pub keep: KeepForm,
    pub properties: Properties,
    pub customer: Customer,
    /// The closed case this one follows.
    pub follow_up_of: Option<CaseLink>,
    pub follow_ups: Vec<CaseLink>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Works,
    /// A viewer: everything is shown, nothing can be changed.
    Reads,
}

/// Two forms on different paper. Texts are what a refused send or a kept draft brings back.
#[derive(Debug, Clone, Default)]
pub struct Composer {
    pub customer: String,
    /// Id of the latest message the person saw; empty when there is none.
    pub seen: String,
    pub reply_text: String,
    pub reply_error: Option<String>,
    /// Set when a message came after `seen`: who wrote it. The text is kept, and sending again means it.
    pub newer_from: Option<String>,
    pub note_text: String,
    pub note_error: Option<String>,
    /// Names of the canned replies this case is offered.
    pub canned: Vec<String>,
    /// As typed, where there is none of that name.
    pub canned_name: String,
    pub canned_error: Option<String>,
    /// Who can be mentioned in a note.
    pub members: Vec<String>,
    /// Tells one press of a button from the next: the same form twice acts once.
    pub once: String,
}

/// Status, assignee, closure and clock. Also a fragment of its own: it refetches itself, so that what a
/// person acts on, and the version their buttons carry, is never older than a few seconds.
#[derive(Debug, Clone, Template)]
#[template(path = "case_live.html")]
pub struct LivePanel {
    pub number: u64,
    pub version: i64,
    pub access: Access,
    pub status: Status,
    /// Agents a case can go to; the value of *nobody* is empty.
    pub assignees: Vec<Choice>,
    /// `None` is unassigned.
    pub assignee: Option<String>,
    pub assigned_to_me: bool,
    pub closure: Option<Closure>,
    pub clock: Clock,
    /// Seconds between two refetches; 0 means never.
    pub refresh_seconds: u32,
    /// Of the fragment's own address.
    pub query: String,
    /// What happened, newest first, where it is to stand apart from the conversation.
    pub activity: Option<Vec<Event>>,
    /// In the answer to a refetch, which then also renews the status in the page's head, and who is here.
    pub company: Option<Company>,
}

impl HtmlSafe for LivePanel {}

/// Who else is at the case. One line above the composer, in room that is kept for it: nothing moves when somebody comes.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "case_company.html")]
pub struct Company {
    /// `Bea is writing a reply`.
    pub typing: Vec<String>,
    /// `Cem and Dan are here`.
    pub here: Option<String>,
    /// Who began to write and has not sent it: `Eve has begun a reply`, and when they last went on with it.
    pub begun: Vec<(String, Moment)>,
    /// What the page says when it is closed.
    pub leave_url: Option<String>,
    /// Part of an answer to the live panel, which puts it in its place.
    pub refetched: bool,
}

impl HtmlSafe for Company {}

#[cfg(test)]
impl Company {
    pub fn sample() -> Company {
        use super::samples::{MARKUP, hours};
        Company {
            typing: vec![format!("{MARKUP} is writing a reply")],
            here: Some("Ben Sato and Eve are here".to_owned()),
            begun: vec![("Dan has begun an internal note".to_owned(), hours(-1))],
            leave_url: Some("/cases/17/leave?since=1".to_owned()),
            refetched: false,
        }
    }
}

/// The inactivity clock of the case.
#[derive(Debug, Clone)]
pub struct Clock {
    pub last_activity: Moment,
    /// `Message from Ada`, `Status set to On hold by Ann`.
    pub last_activity_what: String,
    pub closes: Closes,
    /// The rule that applies, in one sentence; empty when none does.
    pub rule: String,
    /// Somebody keeps the case open.
    pub kept: Option<Kept>,
}

/// Until when a case is kept open, by whom and why (X3).
#[derive(Debug, Clone)]
pub struct Kept {
    pub until: Moment,
    pub who: String,
    /// Empty when nobody said.
    pub why: String,
}

/// The form that keeps a case open. It stands beside the live panel, so that nothing overwrites what is typed.
#[derive(Debug, Clone, Default)]
pub struct KeepForm {
    pub kept: bool,
    /// What the form was made over, in microseconds; 0: nothing.
    pub was: i64,
    /// As a field for date and time holds it: `2026-11-24T09:30`.
    pub until: String,
    pub min: String,
    pub max: String,
    pub reason: String,
    pub zone: String,
    pub error: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Properties {
    pub queues: Vec<Choice>,
    pub types: Vec<Choice>,
    pub priorities: Vec<Choice>,
    pub title: String,
    /// As typed, separated by commas.
    pub tags: String,
    /// Tags the workspace knows.
    pub known_tags: Vec<String>,
    /// A fingerprint of what the form was filled from: a form gone stale is refused, not lost.
    pub was: String,
    pub errors: PropertyErrors,
    pub created: Moment,
}

impl Properties {
    /// Name, label and entries of the two selects that stand side by side.
    fn pair(&self) -> [(&'static str, &'static str, &[Choice]); 2] {
        [("type", "Type", &self.types), ("priority", "Priority", &self.priorities)]
    }
}

/// What is wrong with a field, beside the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PropertyErrors {
    pub queue: Option<String>,
    pub title: Option<String>,
    pub tags: Option<String>,
    /// What belongs to no single field: the case changed meanwhile.
    pub form: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Customer {
    pub name: String,
    pub handle: String,
    pub other_cases: Vec<CaseLink>,
    /// The inbox filtered to this customer, when there are more than shown.
    pub more_url: Option<String>,
}

/// How the case was closed.
#[derive(Debug, Clone)]
pub struct Closure {
    pub at: Moment,
    /// `After 24 h without activity`, `By hand`, `Through the API`.
    pub reason: String,
    /// A person, or `Lull`.
    pub by: String,
    /// `None`: nobody was assigned, so nobody is credited.
    pub credited: Option<String>,
    /// Until when a message from the customer reopens it; `None` when it would start a new case.
    pub reopens_until: Option<Moment>,
}

#[cfg(test)]
impl Closure {
    pub fn sample() -> Closure {
        use super::samples::hours;
        Closure {
            at: hours(-2),
            reason: "After 24 h without activity".to_owned(),
            by: "Lull".to_owned(),
            credited: None,
            reopens_until: Some(hours(94)),
        }
    }
}

impl CasePage {
    fn works(&self) -> bool {
        self.access == Access::Works
    }

    fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }
}

impl LivePanel {
    fn works(&self) -> bool {
        self.access == Access::Works
    }

    fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }

    /// The statuses the case can be set to by a button; closing and reopening have words of their own.
    fn other_statuses(&self) -> Vec<Status> {
        let working = [Status::Open, Status::InProgress, Status::OnHold];
        working.into_iter().filter(|status| *status != self.status).collect()
    }
}
