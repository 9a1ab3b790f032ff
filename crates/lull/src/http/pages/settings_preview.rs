//! What a draft of the settings would do, beside the form (X7), and the list of the cases it would close.

use askama::Template;
use askama::filters::HtmlSafe;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Icon, Moment, Status};

/// The panel beside the form. Also a fragment of its own: it follows what is typed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "settings_preview.html")]
pub struct PreviewPanel {
    /// Whether what is typed differs from what is saved.
    pub draft: bool,
    /// Why what is typed cannot be previewed.
    pub problem: Option<String>,
    /// The rule in one sentence.
    pub sentence: String,
    /// What saving would change: what, from, to.
    pub changes: Vec<(&'static str, String, String)>,
    /// Cases that the next run would close: as a number and in words.
    pub closes: i64,
    pub closes_words: String,
    pub waiting: String,
    pub soon: String,
    pub oldest: Option<Moment>,
    /// How many are left out, and why.
    pub left: Vec<(String, &'static str)>,
    /// By queue and status: queue, status, would close, of how many open.
    pub groups: Vec<(String, Status, String, String)>,
    pub sample: Vec<PreviewCase>,
    /// All cases that would close.
    pub list_url: Option<String>,
    /// So many that saving asks for a tick.
    pub asks: bool,
    /// Saving was refused because the tick is missing.
    pub unsure: bool,
    /// True in the answer to a refetch, which then also renews the save button.
    pub refetched: bool,
}

impl HtmlSafe for PreviewPanel {}

#[derive(Debug, Clone)]
pub struct PreviewCase {
    pub number: i64,
    pub title: String,
    pub customer: String,
    pub queue: String,
    pub status: Status,
    pub silent_since: Moment,
    pub waits_on_us: bool,
}

/// The cases a draft would close, page by page.
#[derive(Debug, Clone, Template)]
#[template(path = "settings_closing.html")]
pub struct ClosingPage {
    pub layout: Layout,
    pub sentence: String,
    pub total: String,
    pub rows: Vec<PreviewCase>,
    /// The form with the draft in it.
    pub back_url: String,
    pub first_url: Option<String>,
    pub next_url: Option<String>,
}
