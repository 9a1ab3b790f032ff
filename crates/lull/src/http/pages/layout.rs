//! What surrounds every page: navigation, the person, the test clock's bar, the flash.

use askama::Template;
use askama::filters::HtmlSafe;

use super::parts::{Icon, Moment};
use super::shelves::Shelf;

/// Which entry of the navigation is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Inbox,
    Reports,
    Audit,
    Settings,
    Notifications,
}

/// The theme a person chose; kept with the person, so the first byte already has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub fn key(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    Online,
    Away,
    Offline,
}

impl Availability {
    pub const ALL: [Availability; 3] = [Availability::Online, Availability::Away, Availability::Offline];

    pub fn key(self) -> &'static str {
        match self {
            Availability::Online => "online",
            Availability::Away => "away",
            Availability::Offline => "offline",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Availability::Online => "Online",
            Availability::Away => "Away",
            Availability::Offline => "Offline",
        }
    }
}

/// What every page of a signed-in person carries.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Of the page, for the title of the tab.
    pub title: String,
    pub section: Section,
    pub workspace: String,
    pub agent_name: String,
    /// `Owner`, `Care manager`, `Agent` or `Viewer`.
    pub agent_role: String,
    pub theme: Theme,
    /// Whether single letters are keys for this person.
    pub letter_keys: bool,
    /// `None` for a viewer, who takes no cases.
    pub availability: Option<AvailabilitySwitch>,
    pub bell: Bell,
    /// The page's own address (path and query), where a form of the frame returns to.
    pub here: String,
    /// Changes with the embedded assets, so that they may be cached for ever.
    pub asset_version: String,
    /// Present when the desk runs on the test clock.
    pub clock: Option<ClockBar>,
    /// Whether this person may read the audit trail.
    pub audits: bool,
    /// What is wrong with auto close, for those who can do something about it.
    pub alarm: Option<String>,
    /// The settings pages, on one of them.
    pub shelves: Vec<Shelf>,
    pub flash: Option<Flash>,
}

/// The way to one's notifications, with how many are unread. Also a fragment of its own, which refetches itself.
#[derive(Debug, Clone, Template)]
#[template(path = "bell.html")]
pub struct Bell {
    pub unread: i64,
    /// Whether the page it stands on is the one it leads to.
    pub current: bool,
}

impl HtmlSafe for Bell {}

impl Bell {
    /// More than this are not counted out.
    pub const MOST: i64 = 99;

    fn count(&self) -> String {
        if self.unread > Bell::MOST { format!("{}+", Bell::MOST) } else { self.unread.to_string() }
    }
}

/// Three buttons, one of them pressed. Also a fragment of its own: the answer to the switch.
#[derive(Debug, Clone, Template)]
#[template(path = "availability.html")]
pub struct AvailabilitySwitch {
    pub current: Availability,
    pub here: String,
}

impl HtmlSafe for AvailabilitySwitch {}

/// The bar of the test clock. Also a fragment of its own, which refetches itself while the clock plays.
#[derive(Debug, Clone, Template)]
#[template(path = "clock_bar.html")]
pub struct ClockBar {
    /// `Mon 23 Nov 2026`, in the workspace's zone.
    pub date: String,
    /// `14:00:05`.
    pub time: String,
    pub iso: String,
    /// Desk seconds per real second while it plays.
    pub playing: Option<u32>,
    /// A viewer sees the clock and cannot move it.
    pub can_move: bool,
    pub here: String,
}

impl HtmlSafe for ClockBar {}

impl ClockBar {
    /// Desk seconds per real second, and how a person calls it.
    pub const SPEEDS: [(u32, &'static str); 3] = [(600, "10 min/s"), (3_600, "1 h/s"), (21_600, "6 h/s")];
    /// Jumps in seconds, and how a person calls them.
    pub const JUMPS: [(u32, &'static str); 2] = [(3_600, "+1 h"), (86_400, "+1 day")];

    fn speed_word(&self) -> String {
        let Some(speed) = self.playing else { return String::new() };
        let known = Self::SPEEDS.iter().find(|(seconds, _)| *seconds == speed);
        known.map_or_else(|| format!("{speed} s/s"), |(_, word)| (*word).to_owned())
    }

    /// Seconds between two looks at the bar: every second while it plays, seldom while it stands.
    fn refresh_seconds(&self) -> u32 {
        if self.playing.is_some() { 1 } else { 5 }
    }
}

/// One line about what just happened, with a way back where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
    pub undo: Option<Undo>,
    /// Where more about it stands, and what that is called.
    pub more: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}

impl Tone {
    pub fn key(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
        }
    }
}

/// A form of one button: the address it posts to and its hidden fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    pub action: String,
    pub fields: Vec<(String, String)>,
    pub label: String,
}

/// A link to another case, as lists of related cases show it.
#[derive(Debug, Clone)]
pub struct CaseLink {
    pub number: u64,
    pub title: String,
    pub status: super::parts::Status,
    pub last_activity: Moment,
}
