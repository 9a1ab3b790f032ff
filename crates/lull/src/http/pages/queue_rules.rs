//! Settings → Rules of queues: what differs from the workspace's case lifecycle in a queue (X1).

use askama::Template;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon, Status};
use super::settings::Unit;
use super::settings_preview::PreviewPanel;

#[derive(Debug, Clone, Template)]
#[template(path = "queue_rules.html")]
pub struct QueueRulesPage {
    pub layout: Layout,
    pub rows: Vec<QueueRow>,
}

#[derive(Debug, Clone)]
pub struct QueueRow {
    pub name: String,
    pub url: String,
    /// Whether anything differs here.
    pub own: bool,
    /// What holds there, in a sentence each.
    pub close: String,
    pub reopen: String,
}

#[derive(Debug, Clone, Template)]
#[template(path = "queue_rule.html")]
pub struct QueueRulePage {
    pub layout: Layout,
    pub url: String,
    pub queue: String,
    /// Why this person cannot save it, if they cannot.
    pub refusal: Option<String>,
    pub version: i64,
    pub own: bool,
    pub conflict: bool,
    pub form: QueueForm,
    pub preview: Option<PreviewPanel>,
}

/// As typed; what is empty inherits.
#[derive(Debug, Clone, Default)]
pub struct QueueForm {
    pub switch: Vec<Choice>,
    pub threshold: String,
    pub unit: Unit,
    pub threshold_error: Option<String>,
    pub statuses: Vec<(Status, bool)>,
    pub reopen: Vec<Choice>,
    pub window: String,
    pub window_unit: Unit,
    pub window_error: Option<String>,
}
