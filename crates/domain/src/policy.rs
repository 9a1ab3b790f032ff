//! The settings that auto close and auto reopen follow, and how a queue's overrides meet the workspace's.

use crate::case::Status;
use crate::permission::Plan;
use crate::time::{Span, Timestamp};

/// How long a case must be silent before it closes: 1 hour to 21 days (A1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u32);

/// How long after its closing a case reopens when the customer answers: 1 hour to 90 days (R1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(u32);

/// A number of minutes outside its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange {
    pub least: u32,
    pub most: u32,
}

macro_rules! minutes {
    ($name:ident, $least:literal, $most:literal) => {
        impl $name {
            pub const LEAST: u32 = $least;
            pub const MOST: u32 = $most;

            pub const fn from_minutes(minutes: i64) -> Result<Self, OutOfRange> {
                if minutes < Self::LEAST as i64 || minutes > Self::MOST as i64 {
                    return Err(OutOfRange { least: Self::LEAST, most: Self::MOST });
                }
                Ok($name(minutes as u32))
            }

            pub const fn minutes(self) -> u32 {
                self.0
            }

            pub const fn span(self) -> Span {
                Span::minutes(self.0 as i64)
            }
        }
    };
}
minutes!(Threshold, 60, 30_240);
minutes!(Window, 60, 129_600);

impl Default for Threshold {
    /// A day: what the form offers before anybody chose.
    fn default() -> Self {
        Threshold(1_440)
    }
}

impl Default for Window {
    /// Four days (R1).
    fn default() -> Self {
        Window(5_760)
    }
}

/// Which statuses auto close looks at: never empty, never `closed` (A1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusSet(u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadStatusSet {
    Empty,
    /// A closed case cannot close.
    Closed,
    Duplicate(Status),
}

const SELECTABLE: [Status; 3] = [Status::Open, Status::InProgress, Status::OnHold];

impl StatusSet {
    pub const ALL: StatusSet = StatusSet(0b111);

    pub fn new(statuses: impl IntoIterator<Item = Status>) -> Result<Self, BadStatusSet> {
        let mut bits = 0;
        for status in statuses {
            let Some(place) = SELECTABLE.iter().position(|s| *s == status) else {
                return Err(BadStatusSet::Closed);
            };
            if bits & (1 << place) != 0 {
                return Err(BadStatusSet::Duplicate(status));
            }
            bits |= 1 << place;
        }
        if bits == 0 { Err(BadStatusSet::Empty) } else { Ok(StatusSet(bits)) }
    }

    pub fn contains(self, status: Status) -> bool {
        self.iter().any(|s| s == status)
    }

    /// In the order open, in progress, on hold.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        SELECTABLE.into_iter().enumerate().filter(move |(place, _)| self.0 & (1 << place) != 0).map(|(_, s)| s)
    }
}

/// A workspace's settings, as the care manager left them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub enabled: bool,
    /// The moment of the last switch from off to on (A3); `None` before the first.
    pub enabled_at: Option<Timestamp>,
    pub threshold: Threshold,
    pub statuses: StatusSet,
    pub reopen_enabled: bool,
    pub window: Window,
}

/// Off, a day, every status; reopening on, four days.
impl Default for Policy {
    fn default() -> Self {
        Policy {
            enabled: false,
            enabled_at: None,
            threshold: Threshold::default(),
            statuses: StatusSet::ALL,
            reopen_enabled: true,
            window: Window::default(),
        }
    }
}

/// A queue's own settings: what is empty inherits from the workspace (X1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overrides {
    pub enabled: Option<bool>,
    /// When this queue last went from off to on by its own switch; while it inherits, a lower bound.
    pub enabled_at: Option<Timestamp>,
    pub threshold: Option<Threshold>,
    pub statuses: Option<StatusSet>,
    pub reopen_enabled: Option<bool>,
    pub window: Option<Window>,
}

/// Every field said, nothing inherited.
impl From<Policy> for Overrides {
    fn from(policy: Policy) -> Self {
        Overrides {
            enabled: Some(policy.enabled),
            enabled_at: policy.enabled_at,
            threshold: Some(policy.threshold),
            statuses: Some(policy.statuses),
            reopen_enabled: Some(policy.reopen_enabled),
            window: Some(policy.window),
        }
    }
}

/// The settings that hold for one case, after plan and queue had their say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    pub close: CloseRule,
    /// `None` while auto reopen is off.
    pub reopen: Option<Window>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseRule {
    Off,
    /// Switched on, but the workspace's plan does not include it any more (A2).
    Suspended,
    On {
        enabled_at: Timestamp,
        threshold: Threshold,
        statuses: StatusSet,
    },
}

impl Policy {
    /// What holds for a case in a queue with these overrides.
    pub fn effective(&self, plan: Plan, overrides: Option<&Overrides>) -> Effective {
        let none = Overrides::default();
        let own = overrides.unwrap_or(&none);
        let enabled = own.enabled.unwrap_or(self.enabled);
        // A queue that inherits again after its own "off" starts over at that moment, not at the workspace's.
        let enabled_at = if own.enabled.is_some() { own.enabled_at } else { self.enabled_at.max(own.enabled_at) };
        let close = match enabled_at {
            Some(enabled_at) if enabled && plan.includes_auto_close() => CloseRule::On {
                enabled_at,
                threshold: own.threshold.unwrap_or(self.threshold),
                statuses: own.statuses.unwrap_or(self.statuses),
            },
            Some(_) if enabled => CloseRule::Suspended,
            _ => CloseRule::Off,
        };
        let reopen = own.reopen_enabled.unwrap_or(self.reopen_enabled);
        Effective { close, reopen: reopen.then_some(own.window.unwrap_or(self.window)) }
    }
}

/// The `enabled_at` after a change of the switch at `now`: only off → on starts over (A3).
pub fn enabled_at_after(
    was_enabled: bool,
    enabled_at: Option<Timestamp>,
    enabled: bool,
    now: Timestamp,
) -> Option<Timestamp> {
    if enabled && !was_enabled { Some(now) } else { enabled_at }
}
