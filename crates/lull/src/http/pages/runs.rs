//! The log of runs of auto close: what each looked at and closed, its cases, and undoing it (X8).

use askama::Template;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Icon, Moment, Status};

#[derive(Debug, Clone, Template)]
#[template(path = "runs.html")]
pub struct RunsPage {
    pub layout: Layout,
    /// What is wrong with auto close right now, if anything.
    pub alarm: Option<String>,
    /// `16 Nov 2026, 14:00 – 23 Nov 2026, 14:00`.
    pub period: String,
    pub zone: String,
    pub rows: Vec<RunRow>,
    pub newest_url: Option<String>,
    pub older_url: String,
}

/// One run, or all runs of a minute, an hour or a day.
#[derive(Debug, Clone)]
pub struct RunRow {
    pub url: String,
    pub at: String,
    pub iso: String,
    /// `12 runs`; empty for a single one.
    pub runs: String,
    pub looked_at: String,
    pub closed: String,
    pub skipped: String,
    pub failed: String,
    pub has_failed: bool,
    /// `undone`, `being undone`; empty otherwise.
    pub undo: String,
}

#[derive(Debug, Clone, Template)]
#[template(path = "run.html")]
pub struct RunPage {
    pub layout: Layout,
    pub id: String,
    pub started: Moment,
    pub closed: String,
    /// `3 left open, because something newer came first`; what there is to say besides what was closed.
    pub besides: Vec<String>,
    /// `General: after 24 h without activity, 12 cases`.
    pub rules: Vec<String>,
    pub failures: Vec<(i64, String)>,
    pub undo: Option<UndoState>,
    pub can_undo: bool,
    pub rows: Vec<RunCase>,
    pub first_url: Option<String>,
    pub next_url: Option<String>,
}

#[derive(Debug, Clone)]
pub struct UndoState {
    pub running: bool,
    pub who: String,
    pub when: Moment,
    pub reopened: String,
    pub left: String,
    pub total: String,
}

#[derive(Debug, Clone)]
pub struct RunCase {
    pub number: i64,
    pub title: String,
    pub queue: String,
    pub before: Status,
    pub silent_since: Moment,
    /// What is to be said of it now: `reopened by the undo`, `reopened since`; empty for what just stays closed.
    pub now: String,
}

#[derive(Debug, Clone, Template)]
#[template(path = "run_undo.html")]
pub struct UndoPage {
    pub layout: Layout,
    pub id: String,
    pub started: Moment,
    /// How many come back; `0` leaves nothing to confirm.
    pub back: String,
    pub any: bool,
    /// How many stay as they are, and why.
    pub stay: Vec<(String, &'static str)>,
}
