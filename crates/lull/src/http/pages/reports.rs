//! Reports: overview, agents, queues, channels and tags; and the cases behind a figure.

use askama::Template;
use askama::filters::HtmlSafe;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon, Moment, Status};
use crate::charts::Drawing;

/// The report pages, as tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Agents,
    Queues,
    Channels,
    Tags,
}

impl Tab {
    pub const ALL: [Tab; 5] = [Tab::Overview, Tab::Agents, Tab::Queues, Tab::Channels, Tab::Tags];

    /// The address, without its query.
    pub fn path(self) -> &'static str {
        match self {
            Tab::Overview => "/reports",
            Tab::Agents => "/reports/agents",
            Tab::Queues => "/reports/queues",
            Tab::Channels => "/reports/channels",
            Tab::Tags => "/reports/tags",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Agents => "Agents",
            Tab::Queues => "Queues",
            Tab::Channels => "Channels",
            Tab::Tags => "Tags",
        }
    }
}

#[derive(Debug, Clone, Template)]
#[template(path = "reports.html")]
pub struct ReportsPage {
    pub layout: Layout,
    pub tab: Tab,
    pub tabs: Vec<TabLink>,
    pub picker: Picker,
    /// The figures; with a faulty address there are none.
    pub report: Option<Report>,
}

#[derive(Debug, Clone)]
pub struct TabLink {
    pub label: &'static str,
    pub url: String,
    pub current: bool,
}

/// What the address asks for, as a form.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    pub action: String,
    pub periods: Vec<Choice>,
    /// Of a custom period, as typed or as `2026-11-01`.
    pub first: String,
    pub last: String,
    /// What is wrong with them.
    pub dates_error: Option<String>,
    pub compares: Vec<Choice>,
    pub buckets: Vec<Choice>,
    /// Name, label, choices.
    pub filters: Vec<(&'static str, &'static str, Vec<Choice>)>,
    pub tag: String,
    /// What the form must not lose: name and value.
    pub kept: Vec<(&'static str, String)>,
    /// The filters that are set, each with the address without it.
    pub set: Vec<SetFilter>,
    /// The address without any of them.
    pub clear_url: String,
}

/// A filter that is set: `Queue`, `Returns`.
#[derive(Debug, Clone)]
pub struct SetFilter {
    pub label: &'static str,
    pub value: String,
    pub without_url: String,
}

/// Everything that was counted.
#[derive(Debug, Clone)]
pub struct Report {
    /// `17–23 Nov 2026`.
    pub period: String,
    /// `10–16 Nov 2026`, if there is something to compare with.
    pub compared: Option<String>,
    pub zone: String,
    pub as_of: Moment,
    /// Nothing was opened or closed in the period.
    pub empty: Option<Empty>,
    pub figures: Vec<Figure>,
    pub pictures: Vec<Picture>,
    pub groups: Option<GroupTable>,
    pub csv_url: String,
}

/// Why there is nothing to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// Nothing in the period at all.
    Quiet,
    /// Nothing that the filters let through.
    FilteredOut,
}

/// A headline figure.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    pub label: &'static str,
    pub value: String,
    /// What it is made of: `By people 120`.
    pub parts: Vec<(String, String)>,
    pub change: Option<Change>,
    pub definition: &'static str,
    /// Which date puts a case into the period.
    pub dated_by: &'static str,
    /// The cases behind it, and how the link is called.
    pub cases: Option<(String, String)>,
}

/// A figure against the period compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub way: Way,
    /// `12 more (3.8 %)`.
    pub words: String,
    /// What it was.
    pub before: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
    Same,
}

impl Way {
    fn mark(self) -> &'static str {
        match self {
            Way::Up => "▲",
            Way::Down => "▼",
            Way::Same => "=",
        }
    }
}

/// A chart with what it says and the table of its values.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Part of the address of its files, and its id on the page.
    pub key: &'static str,
    pub title: &'static str,
    /// The finding, in a sentence.
    pub finding: String,
    /// What has to be known to read it, if anything.
    pub note: Option<String>,
    /// For the page's width, for a phone, and for paper where the first is too wide for it.
    pub drawings: Vec<Drawing>,
    /// Over the whole width of the page.
    pub full: bool,
    pub svg_url: String,
    pub png_url: String,
    pub table: Table,
}

impl Picture {
    fn svg(&self) -> Svg<'_> {
        Svg { drawings: &self.drawings }
    }
}

/// The drawings of a picture; the stylesheet shows the one that fits.
pub struct Svg<'a> {
    drawings: &'a [Drawing],
}

impl std::fmt::Display for Svg<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let classes = ["wide", "narrow", "paper"];
        self.drawings.iter().zip(classes).try_for_each(|(drawing, class)| f.write_str(&drawing.inline(class)))
    }
}

impl HtmlSafe for Svg<'_> {}

/// Rows of words under headings; the first column names the row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The groups of a report, sortable by address.
#[derive(Debug, Clone)]
pub struct GroupTable {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<GroupRow>,
    /// Of all cases together, where that is something else than the sum of the rows.
    pub totals: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub label: &'static str,
    /// Sorted by it; the other way round if it is already.
    pub url: String,
    /// `ascending` or `descending` where the rows are sorted by this column.
    pub sorted: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub struct GroupRow {
    pub name: String,
    /// The overview of this group alone.
    pub url: Option<String>,
    pub cells: Vec<String>,
}

/// The cases behind a figure.
#[derive(Debug, Clone, Template)]
#[template(path = "reports_cases.html")]
pub struct CasesPage {
    pub layout: Layout,
    /// Back to the report.
    pub back_url: String,
    pub label: &'static str,
    pub definition: &'static str,
    pub dated_by: &'static str,
    pub period: String,
    pub filters: Vec<SetFilter>,
    /// `51–100 of 1,203 cases`.
    pub range: String,
    pub rows: Vec<CaseRow>,
    pub first_url: Option<String>,
    pub older_url: Option<String>,
}

#[derive(Debug, Clone)]
pub struct CaseRow {
    pub number: i64,
    pub title: String,
    pub customer: String,
    pub status: Status,
    pub queue: String,
    /// Who had it, or who got the credit.
    pub agent: String,
    /// The moment that puts it into the period.
    pub at: Moment,
    /// Of a closure: `by inactivity`, and how long it took.
    pub closed: String,
    pub took: String,
}
