//! The small parts every page is made of: a moment, a status, a choice in a list, an icon.
//!
//! Each writes its own escaped HTML and is therefore marked `HtmlSafe`; a template prints it with plain `{{ }}`.

use askama::Template;
use askama::filters::HtmlSafe;
use std::fmt;

use super::format;

/// A point in time as a page shows it: relative words, with the exact moment behind them.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(source = r#"<time datetime="{{ iso }}" title="{{ absolute }}">{{ relative }}</time>"#, ext = "html")]
pub struct Moment {
    /// In words and in the workspace's zone: `22 Nov 2026, 14:00`.
    pub absolute: String,
    /// RFC 3339, for machines.
    pub iso: String,
    /// Seen from now: `5 h ago`.
    pub relative: String,
}

impl HtmlSafe for Moment {}

impl Moment {
    /// `now` and `then` in microseconds; the two texts are already in the workspace's zone.
    pub fn new(absolute: impl Into<String>, iso: impl Into<String>, now: i64, then: i64) -> Self {
        Self { absolute: absolute.into(), iso: iso.into(), relative: format::relative(now, then) }
    }

    /// The exact moment as the visible text.
    pub fn exact(&self) -> Exact<'_> {
        Exact { moment: self }
    }
}

/// A moment whose visible text is the exact one.
#[derive(Template)]
#[template(source = r#"<time datetime="{{ moment.iso }}">{{ moment.absolute }}</time>"#, ext = "html")]
pub struct Exact<'a> {
    moment: &'a Moment,
}

impl HtmlSafe for Exact<'_> {}

/// The status of a case, always a shape and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Open,
    InProgress,
    OnHold,
    Closed,
}

impl Status {
    pub const ALL: [Status; 4] = [Status::Open, Status::InProgress, Status::OnHold, Status::Closed];

    /// The name in the API, in forms and in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::InProgress => "in_progress",
            Status::OnHold => "on_hold",
            Status::Closed => "closed",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Status::Open => "Open",
            Status::InProgress => "In progress",
            Status::OnHold => "On hold",
            Status::Closed => "Closed",
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Status::Open => Icon::Open,
            Status::InProgress => Icon::InProgress,
            Status::OnHold => Icon::OnHold,
            Status::Closed => Icon::Closed,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<span class="status" data-is="{}">{}{}</span>"#, self.key(), self.icon(), self.word())
    }
}

impl HtmlSafe for Status {}

/// One entry of a select or of a row of choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self { value: value.into(), label: label.into(), selected }
    }
}

/// Line drawings of 16 by 16, in the colour of the text. Readers skip them: a word always stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Open,
    InProgress,
    OnHold,
    Closed,
    Inbox,
    Reports,
    Audit,
    Settings,
    Clock,
    Play,
    Pause,
    Search,
    Filter,
    Menu,
    From,
    To,
    Note,
    Warning,
    Done,
    Bell,
    Person,
}

impl Icon {
    fn paths(self) -> &'static str {
        match self {
            Icon::Open => r#"<circle cx="8" cy="8" r="5.5"/>"#,
            Icon::InProgress => {
                r#"<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>"#
            }
            Icon::OnHold => r#"<path d="M5.5 3v10M10.5 3v10" stroke-width="2.5"/>"#,
            Icon::Closed => r#"<path d="M3 8.5l3.5 3.5L13 4.5" stroke-width="2"/>"#,
            Icon::Inbox => r#"<path d="M2 9l2-6h8l2 6v4H2zM2 9h3.5l1 2h3l1-2H14"/>"#,
            Icon::Reports => r#"<path d="M2 14h12M4 11V7M8 11V3M12 11V5.5" stroke-width="2"/>"#,
            Icon::Audit => r#"<path d="M4 2h8v12H4zM6 5.5h4M6 8h4M6 10.5h2"/>"#,
            Icon::Settings => {
                r#"<path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6"/><circle cx="10" cy="4.5" r="2"/><circle cx="6" cy="11.5" r="2"/>"#
            }
            Icon::Clock => r#"<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>"#,
            Icon::Play => r#"<path d="M5 3l8 5-8 5z" fill="currentColor"/>"#,
            Icon::Pause => r#"<path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2.5"/>"#,
            Icon::Search => r#"<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5L14 14"/>"#,
            Icon::Filter => r#"<path d="M2 4h12M4.5 8h7M7 12h2"/>"#,
            Icon::Menu => r#"<path d="M2 4h12M2 8h12M2 12h12"/>"#,
            Icon::From => r#"<path d="M13 8H3M7 4L3 8l4 4"/>"#,
            Icon::To => r#"<path d="M3 8h10M9 4l4 4-4 4"/>"#,
            Icon::Note => r#"<path d="M3 2.5h10v7L9.5 13.5H3zM9.5 13.5v-4H13"/>"#,
            Icon::Warning => r#"<path d="M8 2L14.5 13.5h-13zM8 6.5v3M8 11.2v.3"/>"#,
            Icon::Person => r#"<circle cx="8" cy="5" r="2.5"/><path d="M3 13.5a5 5 0 0 1 10 0"/>"#,
            Icon::Bell => r#"<path d="M3.5 11.5V7a4.5 4.5 0 0 1 9 0v4.5l1 1h-11zM6.5 14h3"/>"#,
            Icon::Done => r#"<circle cx="8" cy="8" r="6.5"/><path d="M5 8.2l2.2 2.2L11 6"/>"#,
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>"#, self.paths())
    }
}

impl HtmlSafe for Icon {}
