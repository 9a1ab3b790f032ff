//! The audit page: who did what and when, newest first, with the raw entry behind each sentence.

use askama::Template;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon};

#[derive(Debug, Clone, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    pub layout: Layout,
    pub filters: Filters,
    pub rows: Vec<Row>,
    /// The zone of the times, such as `Europe/Berlin`.
    pub zone: String,
    /// The page from the newest entry on, unless this is it.
    pub newest_url: Option<String>,
    pub older_url: Option<String>,
    /// Said when looking stopped before the trail's beginning: how many entries were looked through.
    pub looked_through: Option<String>,
    pub csv_url: String,
    pub json_lines_url: String,
}

/// The filter form. It is a GET form: everything it sets stands in the address.
#[derive(Debug, Clone)]
pub struct Filters {
    pub q: String,
    pub events: Vec<Choice>,
    pub actors: Vec<Choice>,
    pub objects: Vec<Choice>,
    pub id: String,
    pub from: String,
    pub to: String,
    /// Where *Clear* leads; `None` when no filter is set.
    pub clear_url: Option<String>,
}

impl Filters {
    /// Name, label and entries of each select, in the order of the form.
    fn selects(&self) -> [(&'static str, &'static str, &[Choice]); 3] {
        [("event", "Event", &self.events), ("actor", "By", &self.actors), ("object", "About", &self.objects)]
    }
}

/// One entry.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub seq: String,
    /// To the second, in the workspace's zone, with the zone: `22 Nov 2026, 14:00:05 CET`.
    pub at: String,
    /// RFC 3339, for machines.
    pub iso: String,
    /// `Ann changed the threshold from 24 h to 48 h`.
    pub sentence: String,
    /// Where what it is about can be seen.
    pub url: Option<String>,
    /// `CASE_SETTINGS_UPDATED`.
    pub event: String,
    /// As they are stored.
    pub actor: String,
    pub object: String,
    pub old: Option<String>,
    pub new: Option<String>,
    pub address: Option<String>,
    pub hash: String,
}
