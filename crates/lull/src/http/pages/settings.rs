//! Settings → Inbox and reviews → Case settings: auto close and auto reopen.

use askama::Template;

use super::format;
use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Icon, Moment, Status};
use super::settings_preview::PreviewPanel;

#[derive(Debug, Clone, Template)]
#[template(path = "settings_cases.html")]
pub struct CaseSettingsPage {
    pub layout: Layout,
    pub access: Access,
    /// The policy's version; both forms carry it, so that a stale save is refused.
    pub version: i64,
    /// Set when a save was refused because somebody saved before: who and what, in a sentence.
    pub conflict: Option<String>,
    pub auto_close: AutoCloseForm,
    pub auto_reopen: AutoReopenForm,
    /// The saved rule in one sentence; see [`rule_sentence`].
    pub rule: String,
    pub reopen_rule: String,
    pub effect: Effect,
    pub last_change: Option<(String, Moment)>,
    /// What the form would do; `None` for who cannot save it.
    pub preview: Option<PreviewPanel>,
}

/// Whether this person can change the settings, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Edits,
    /// The person lacks the permission `manage_case_settings`.
    NoPermission,
    /// The workspace's plan lacks it; carries the plan's name.
    NoPlan(String),
}

/// What the saved auto close does at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Off,
    InEffect {
        since: Moment,
    },
    /// On, but the plan suspends it; the settings are kept.
    Suspended {
        plan: String,
        since: Moment,
    },
}

/// The form as it is to be shown: the saved values, or what was typed when a save was refused.
#[derive(Debug, Clone, Default)]
pub struct AutoCloseForm {
    pub enabled: bool,
    /// As typed; a refused text comes back unchanged.
    pub threshold: String,
    pub unit: Unit,
    pub open: bool,
    pub in_progress: bool,
    pub on_hold: bool,
    pub threshold_error: Option<String>,
    pub statuses_error: Option<String>,
    /// The threshold is not the saved one but comes from the advisor.
    pub suggested: bool,
}

impl AutoCloseForm {
    /// The statuses to tick, each with whether it is ticked.
    fn statuses(&self) -> [(Status, bool); 3] {
        [(Status::Open, self.open), (Status::InProgress, self.in_progress), (Status::OnHold, self.on_hold)]
    }
}

#[derive(Debug, Clone, Default)]
pub struct AutoReopenForm {
    pub enabled: bool,
    pub window: String,
    pub unit: Unit,
    pub window_error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    Minutes,
    #[default]
    Hours,
    Days,
}

impl Unit {
    pub const ALL: [Unit; 3] = [Unit::Hours, Unit::Days, Unit::Minutes];

    pub fn key(self) -> &'static str {
        match self {
            Unit::Minutes => "minutes",
            Unit::Hours => "hours",
            Unit::Days => "days",
        }
    }

    pub fn minutes(self) -> u32 {
        match self {
            Unit::Minutes => 1,
            Unit::Hours => 60,
            Unit::Days => 24 * 60,
        }
    }

    pub fn from_key(key: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.key() == key)
    }

    /// The number and unit a person would type for this many minutes: 1,440 is 24 hours, 2,880 is 2 days.
    pub fn split(minutes: u32) -> (u32, Unit) {
        let days = Unit::Days.minutes();
        if minutes >= 2 * days && minutes.is_multiple_of(days) {
            (minutes / days, Unit::Days)
        } else if minutes.is_multiple_of(60) {
            (minutes / 60, Unit::Hours)
        } else {
            (minutes, Unit::Minutes)
        }
    }
}

/// What auto close does, in one sentence and its limit in a second.
///
/// `enabled_at` is the moment of the last switch-on in words, in the workspace's zone.
pub fn rule_sentence(threshold_minutes: u32, statuses: &[Status], enabled_at: &str) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.word()).collect();
    format!(
        "A case silent for {} in {} closes by itself. Cases whose last activity was before {enabled_at} are left alone until they see new activity.",
        format::duration(threshold_minutes),
        format::any_of(&names),
    )
}

/// What auto reopen does, in a sentence.
pub fn reopen_sentence(window_minutes: u32) -> String {
    format!(
        "A customer who writes within {} after a close reopens the case, and it goes back to the agent who last worked on it if they are online and have room. A later message starts a new case linked to the old one.",
        format::duration(window_minutes)
    )
}

impl CaseSettingsPage {
    fn edits(&self) -> bool {
        self.access == Access::Edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_one_sentence_a_manager_can_check() {
        let said = rule_sentence(1440, &[Status::Open, Status::OnHold], "22 Nov 2026, 14:00");
        assert_eq!(
            said,
            "A case silent for 24 h in Open or On hold closes by itself. \
             Cases whose last activity was before 22 Nov 2026, 14:00 are left alone until they see new activity."
        );
    }

    #[test]
    fn minutes_split_into_what_a_person_would_type_and_back() {
        for (minutes, number, unit) in [
            (60, 1, Unit::Hours),
            (90, 90, Unit::Minutes),
            (1440, 24, Unit::Hours),
            (2880, 2, Unit::Days),
            (30_240, 21, Unit::Days),
        ] {
            assert_eq!(Unit::split(minutes), (number, unit));
            assert_eq!(number * unit.minutes(), minutes);
            assert_eq!(Unit::from_key(unit.key()), Some(unit));
        }
        assert_eq!(Unit::from_key("weeks"), None);
    }
}
