//! The pictures of the reports: which there are, and what is drawn in each.

use super::super::reports::Picture;
use super::moments::Moments;
use super::reports_address::Address;
use super::reports_findings as findings;
use crate::charts::{self, Bar, Bins, Drawing, Frame, Paint, Series, Size, Slots, Unit};
use crate::reports::{Group, Inbound, Report, Slot};
use domain::metrics::{Bucket, CLASSES, Counts, LONGER};

/// How closings are painted, and what each is called.
pub const REASONS: [(Paint, &str); 3] =
    [(Paint::People, "By people"), (Paint::Inactivity, "By inactivity"), (Paint::Api, "By API")];

/// A picture by what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ClosedOverTime,
    OpenedAndClosed,
    CompletionRate,
    HandleTime,
    ReopenRate,
    Inbound,
    Compared,
}

impl Kind {
    /// The pictures of the overview, in their order on the page.
    pub const OVERVIEW: [Kind; 6] = [
        Kind::ClosedOverTime,
        Kind::OpenedAndClosed,
        Kind::CompletionRate,
        Kind::HandleTime,
        Kind::ReopenRate,
        Kind::Inbound,
    ];

    /// The name of its files, and its id on the page.
    pub fn key(self) -> &'static str {
        match self {
            Kind::ClosedOverTime => "closed-over-time",
            Kind::OpenedAndClosed => "opened-and-closed",
            Kind::CompletionRate => "completion-rate",
            Kind::HandleTime => "handle-time",
            Kind::ReopenRate => "reopen-rate",
            Kind::Inbound => "inbound-by-hour",
            Kind::Compared => "compared",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Kind::ClosedOverTime => "Closed over time",
            Kind::OpenedAndClosed => "Opened and closed",
            Kind::CompletionRate => "Completion rate",
            Kind::HandleTime => "Handle time, with and without the idle tail",
            Kind::ReopenRate => "Reopen rate",
            Kind::Inbound => "Messages of customers by weekday and hour",
            Kind::Compared => "Closed, compared",
        }
    }

    fn is_full(self) -> bool {
        matches!(self, Kind::ClosedOverTime | Kind::Inbound | Kind::Compared)
    }
}

/// Everything the pictures of a page are drawn from.
#[derive(Debug, Clone)]
pub struct Material {
    pub report: Report,
    pub moments: Moments,
    pub bucket: Bucket,
    /// Closings by classes of handle time, and of the same without the idle tail.
    pub handle: Vec<Group>,
    pub active: Vec<Group>,
    pub inbound: Inbound,
    /// Whether the report is of one closing reason; messages have none.
    pub by_reason: bool,
    /// The word for the groups compared: `Agent`.
    pub group_word: &'static str,
}

/// A picture with its sentence, its table and its files; `path` is the folder of the page's files.
pub fn picture(kind: Kind, material: &Material, address: &Address, path: &str) -> Picture {
    let sizes: &[Size] =
        if kind.is_full() { &[Size::Full, Size::Narrow, Size::Paper] } else { &[Size::Half, Size::Narrow] };
    let file = |form: &str| address.under(&format!("{path}/{}.{form}", kind.key()));
    Picture {
        key: kind.key(),
        title: kind.title(),
        finding: findings::finding(kind, material),
        note: findings::note(kind, material),
        drawings: sizes.iter().map(|size| draw(kind, material, *size)).collect(),
        full: kind.is_full(),
        svg_url: file("svg"),
        png_url: file("png"),
        table: findings::table(kind, material),
    }
}

pub fn draw(kind: Kind, material: &Material, size: Size) -> Drawing {
    let frame = Frame { id: kind.key(), size };
    let slots = Slots { labels: material.report.series.iter().map(|slot| material.short(slot)).collect() };
    let series = |name: &str, of: fn(Counts) -> Option<f64>| Series {
        name: name.to_owned(),
        values: material.report.series.iter().map(|slot| of(slot.counts)).collect(),
    };
    match kind {
        Kind::ClosedOverTime => {
            let of: [fn(Counts) -> Option<f64>; 3] = [
                |counts| Some(counts.closed_manual as f64),
                |counts| Some(counts.closed_inactivity as f64),
                |counts| Some(counts.closed_api as f64),
            ];
            let stack: Vec<_> =
                REASONS.into_iter().zip(of).map(|((paint, name), of)| (paint, series(name, of))).collect();
            charts::columns(frame, &slots, &stack)
        }
        Kind::OpenedAndClosed => {
            let opened = series("Opened", |counts| Some(counts.opened as f64));
            let closed = series("Closed", |counts| Some(counts.closed() as f64));
            charts::lines(frame, &slots, Unit::Count, &[opened, closed])
        }
        Kind::CompletionRate => charts::lines(frame, &slots, Unit::Share, &[series("", Counts::completion_rate)]),
        Kind::ReopenRate => charts::lines(frame, &slots, Unit::Share, &[series("", Counts::reopen_rate)]),
        Kind::HandleTime => charts::histogram(frame, &bins(material)),
        Kind::Inbound => charts::heat(frame, &material.inbound.hours),
        Kind::Compared => charts::compare(frame, &REASONS, &bars(&material.report.groups)),
    }
}

/// Both spreads of handle times, with the classes in which nothing is.
fn bins(material: &Material) -> Bins {
    let values = |groups: &[Group]| classes(groups).into_iter().map(|(_, closed)| Some(closed as f64)).collect();
    let series = |name: &str, groups| Series { name: name.to_owned(), values: values(groups) };
    Bins {
        bins: Slots { labels: classes(&[]).into_iter().map(|(bound, _)| findings::bound(bound)).collect() },
        pair: [
            (Paint::Inactivity, series("With the idle tail", &material.handle)),
            (Paint::People, series("Without the idle tail", &material.active)),
        ],
    }
}

/// Every class of handle times by its bound in seconds (the last has none), with how many closings lie in it.
pub fn classes(groups: &[Group]) -> Vec<(Option<i64>, i64)> {
    let of = |key: &str| groups.iter().find(|group| group.key.as_deref() == Some(key)).map_or(0, |g| g.counts.closed());
    let bounded = CLASSES.into_iter().map(|bound| (Some(bound), of(&bound.to_string())));
    bounded.chain([(None, of(LONGER))]).collect()
}

fn bars(groups: &[Group]) -> Vec<Bar> {
    let mut closed: Vec<&Group> = groups.iter().filter(|group| group.counts.closed() > 0).collect();
    closed.sort_by_key(|group| std::cmp::Reverse(group.counts.closed()));
    let bar = |group: &&Group| {
        let Counts { closed_manual, closed_inactivity, closed_api, .. } = group.counts;
        Bar {
            name: group.name.clone(),
            parts: [closed_manual, closed_inactivity, closed_api].map(|part| part as f64).to_vec(),
        }
    };
    closed.iter().map(bar).collect()
}

impl Material {
    /// The name of a slot under an axis.
    fn short(&self, slot: &Slot) -> String {
        let one_day = self.moments.zoned(self.report.period.from).date()
            == self.moments.zoned(self.report.period.to.minus(domain::time::Span::millis(1))).date();
        let form = match self.bucket {
            Bucket::Hour if one_day => "%H:00",
            Bucket::Hour => "%-d %b %H:00",
            Bucket::Day | Bucket::Week => "%-d %b",
            Bucket::Month => "%b %Y",
        };
        self.moments.written(slot.from, form)
    }

    /// The name of a slot in a sentence or a table.
    pub fn long(&self, slot: &Slot) -> String {
        let form = match self.bucket {
            Bucket::Hour => "%-d %b, %H:00",
            Bucket::Day => "%a %-d %b",
            Bucket::Week => "Week of %-d %b",
            Bucket::Month => "%B %Y",
        };
        self.moments.written(slot.from, form)
    }
}
