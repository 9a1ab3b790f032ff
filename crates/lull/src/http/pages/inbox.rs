//! The inbox: saved views, filters, and the live list of cases.

use askama::Template;
use askama::filters::HtmlSafe;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon, Moment, Status};

#[derive(Debug, Clone, Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    pub layout: Layout,
    pub filters: Filters,
    pub list: CaseList,
}

/// The filter form. It is a GET form: everything it sets stands in the address.
#[derive(Debug, Clone)]
pub struct Filters {
    /// The key of the current view, carried along as a hidden field.
    pub view: String,
    pub q: String,
    /// The customer the list is narrowed to, carried along as a hidden field; empty for none.
    pub customer: String,
    pub queues: Vec<Choice>,
    pub statuses: Vec<Choice>,
    pub assignees: Vec<Choice>,
    pub sorts: Vec<Choice>,
    /// Where *Clear* leads: the view without filters. `None` when no filter is set.
    pub clear_url: Option<String>,
}

impl Filters {
    /// Name, label and entries of each select, in the order of the form.
    fn selects(&self) -> [(&'static str, &'static str, &[Choice]); 4] {
        [
            ("queue", "Queue", &self.queues),
            ("status", "Status", &self.statuses),
            ("assignee", "Assignee", &self.assignees),
            ("sort", "Sort by", &self.sorts),
        ]
    }
}

/// The part that refetches itself: views with counts, rows, pages.
#[derive(Debug, Clone, Template)]
#[template(path = "case_list.html")]
pub struct CaseList {
    /// The address of this fragment with the whole query, for example `/inbox/list?view=mine`.
    pub refresh_url: String,
    /// Seconds between two refetches; 0 means never.
    pub refresh_seconds: u32,
    pub views: Vec<View>,
    pub rows: Vec<Row>,
    /// What is shown of how much: `1–50 of 1,203`.
    pub range: String,
    pub newer_url: Option<String>,
    pub older_url: Option<String>,
    /// Why there are no rows; not looked at when there are some.
    pub empty: Empty,
}

impl HtmlSafe for CaseList {}

/// A saved view: a named address with a count.
#[derive(Debug, Clone)]
pub struct View {
    pub key: String,
    pub label: String,
    pub url: String,
    /// In words: `1,203`, or `5,000+` from where counting stopped.
    pub count: String,
    pub current: bool,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub number: u64,
    pub customer: String,
    pub title: String,
    /// One line of the latest message, without greeting or quote.
    pub preview: String,
    pub spoke: Spoke,
    pub waiting: Waiting,
    /// `None` is unassigned.
    pub assignee: Option<String>,
    pub assigned_to_me: bool,
    pub queue: String,
    pub status: Status,
    /// As a person calls it: `X`, `E-mail`.
    pub network: String,
    pub priority: Priority,
    pub tags: Vec<String>,
    pub closes: Closes,
    /// What the list is sorted by, in words and as a moment: `Last activity`, `5 h ago`.
    pub time_label: String,
    pub time: Moment,
}

impl Row {
    fn has_badges(&self) -> bool {
        self.priority.is_worth_a_badge() || !self.tags.is_empty()
    }
}

/// Who spoke last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoke {
    Nobody,
    Customer,
    /// A machine on the customer's side: an auto-reply, a bounce.
    CustomerMachine,
    You,
    Agent(String),
    /// A reply that was sent elsewhere, by nobody we know.
    Us,
}

impl Spoke {
    fn words(&self) -> String {
        match self {
            Spoke::Nobody => "No message yet".to_owned(),
            Spoke::Customer => "Customer wrote".to_owned(),
            Spoke::CustomerMachine => "Automatic answer".to_owned(),
            Spoke::You => "You replied".to_owned(),
            Spoke::Agent(name) => format!("{name} replied"),
            Spoke::Us => "We replied".to_owned(),
        }
    }

    fn icon(&self) -> Option<Icon> {
        match self {
            Spoke::Nobody => None,
            Spoke::Customer | Spoke::CustomerMachine => Some(Icon::From),
            Spoke::You | Spoke::Agent(_) | Spoke::Us => Some(Icon::To),
        }
    }
}

/// Whose turn it is, and for how long (`5 h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    Nobody,
    OnUs(String),
    OnCustomer(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    Critical,
    High,
    Medium,
    Low,
    None,
}

impl Priority {
    pub const ALL: [Priority; 5] =
        [Priority::Critical, Priority::High, Priority::Medium, Priority::Low, Priority::None];

    pub fn key(self) -> &'static str {
        match self {
            Priority::Critical => "critical",
            Priority::High => "high",
            Priority::Medium => "medium",
            Priority::Low => "low",
            Priority::None => "none",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Priority::Critical => "Critical",
            Priority::High => "High",
            Priority::Medium => "Medium",
            Priority::Low => "Low",
            Priority::None => "None",
        }
    }

    /// Medium is what nearly every case has, and *none* says nothing: only the rest is worth a badge.
    fn is_worth_a_badge(self) -> bool {
        !matches!(self, Priority::Medium | Priority::None)
    }
}

/// When the case closes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closes {
    /// `soon` turns it amber.
    At { moment: Moment, soon: bool },
    /// With the reason, in a few words: `auto close is off`.
    WillNot { reason: String },
    /// It is closed already: when, and how (`by inactivity`, `by Ann`).
    Closed { moment: Moment, how: String },
}

/// Three different reasons for an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Empty {
    /// The desk has no case yet.
    NothingYet,
    /// A filter or a search hides all.
    FilteredOut { clear_url: String },
    /// The view is done; the next case to close by itself, if any, as words and address.
    AllDone { next_close: Option<(Moment, String)> },
}
