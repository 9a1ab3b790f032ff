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
    /// What the bar for ticked cases offers; `None` for who may only look.
    pub bulk: Option<BulkBar>,
    /// Rows of one line.
    pub compact: bool,
    /// The saved view that is shown, if it is one.
    pub saved: Option<Saved>,
}

/// The saved view that a list is.
#[derive(Debug, Clone)]
pub struct Saved {
    pub id: String,
    pub name: String,
    pub shared: bool,
    pub can_change: bool,
}

/// What can be done with the ticked cases.
#[derive(Debug, Clone)]
pub struct BulkBar {
    /// Tells one press of a button from the next: the same form twice acts once.
    pub once: String,
    /// The list's query, for *all that match*.
    pub query: String,
    /// How many match, in words, where that is more than the page shows.
    pub all: Option<String>,
    pub assignees: Vec<Choice>,
    pub queues: Vec<Choice>,
    pub statuses: Vec<Choice>,
    pub priorities: Vec<Choice>,
    /// A moment and its words.
    pub keep: Vec<Choice>,
}

impl BulkBar {
    /// Key, label, field and entries of each menu.
    fn menus(&self) -> [(&'static str, &'static str, &'static str, &[Choice]); 5] {
        [
            ("assign", "Assign", "assignee", &self.assignees),
            ("status", "Status", "status", &self.statuses),
            ("priority", "Priority", "priority", &self.priorities),
            ("queue", "Queue", "queue", &self.queues),
            ("keep", "Keep open", "keep", &self.keep),
        ]
    }
}

/// The views, beside the list or above it.
#[derive(Debug, Clone, Template)]
#[template(path = "views.html")]
pub struct Views {
    pub groups: Vec<ViewGroup>,
    /// Part of an answer to the list, which puts it in its place.
    pub refetched: bool,
}

impl HtmlSafe for Views {}

#[derive(Debug, Clone)]
pub struct ViewGroup {
    /// Empty: the desk's own views.
    pub label: &'static str,
    pub views: Vec<View>,
}

/// A filter that is set, and the list without it.
#[derive(Debug, Clone)]
pub struct Chip {
    pub label: String,
    pub url: String,
}

/// What became of an act on many cases.
#[derive(Debug, Clone, Template)]
#[template(path = "bulk.html")]
pub struct BulkPage {
    pub layout: Layout,
    pub title: String,
    /// In a sentence.
    pub summary: String,
    pub lines: Vec<BulkLine>,
    pub back: String,
    /// The address of the undo, while there is something to undo.
    pub undo: Option<String>,
}

#[derive(Debug, Clone)]
pub struct BulkLine {
    pub number: u64,
    pub outcome: String,
    pub why: String,
}

/// Asks once more before all cases of a list are changed.
#[derive(Debug, Clone, Template)]
#[template(path = "bulk_confirm.html")]
pub struct BulkConfirm {
    pub layout: Layout,
    pub title: String,
    pub count: String,
    pub sentence: String,
    pub fields: Vec<(String, String)>,
    pub back: String,
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
    pub priorities: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub networks: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub tag: String,
    /// What is set.
    pub chips: Vec<Chip>,
    /// Where *Clear* leads: the view without filters. `None` when no filter is set.
    pub clear_url: Option<String>,
}

impl Filters {
    /// Name, label and entries of each select, in the order of the form.
    fn selects(&self) -> [(&'static str, &'static str, &[Choice]); 8] {
        [
            ("queue", "Queue", &self.queues),
            ("status", "Status", &self.statuses),
            ("assignee", "Assignee", &self.assignees),
            ("priority", "Priority", &self.priorities),
            ("type", "Type", &self.kinds),
            ("channel", "Channel", &self.channels),
            ("network", "Network", &self.networks),
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
    pub views: Views,
    /// The list's query without a page, for a saved view.
    pub query: String,
    pub can_change: bool,
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
    /// The reader typed something here and has not sent it.
    pub draft: bool,
    /// Somebody else wrote since the reader last looked.
    pub unread: bool,
    /// Who else is there: `Bea is writing`, `Bea and Cem are here`.
    pub company: Option<String>,
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

/// The different reasons for an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Empty {
    /// Nothing among the cases looked through for words that nearly every case says; the next page looks on.
    LookOn,
    /// The desk has no case yet.
    NothingYet {
        /// For who sets the desk up: the page that says how cases come in.
        sets_up: bool,
    },
    /// A filter or a search hides all.
    FilteredOut {
        clear_url: String,
        /// The same among all cases, where the view shows only some of them.
        everywhere: Option<String>,
    },
    /// The view is done; the next case to close by itself, if any, as words and address.
    AllDone { next_close: Option<(Moment, String)> },
}
