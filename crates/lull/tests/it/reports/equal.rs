//! The reports equal the reference for two hundred random histories: reopenings, reassignments, agents who left, imported
//! history, time zones and daylight saving; and once more after everything was counted anew.

use super::place::{Dice, House, Place, TAGS, ZONES};
use super::reference::{self, Figures, mean};
use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::id::WorkspaceId;
use domain::message::Network;
use domain::metrics::{Bucket, Calendar, Counts, Dimension, Period};
use domain::time::{Span, TimeZoneName, Timestamp};
use jiff::tz::TimeZone;
use lull::reports::{self, KeepPair, Query, Report, StartAnew};
use store::reports::{Figure, Pair, Selection};

/// Histories of one test; eight tests make two hundred.
const HISTORIES: usize = 25;
const STEPS: usize = 70;
/// Reports looked at for each history.
const REPORTS: usize = 24;

/// The breakdowns that the definitions name; the spread of handle times has a test of its own.
const BY: [Dimension; 8] = [
    Dimension::Agent,
    Dimension::Queue,
    Dimension::Channel,
    Dimension::Network,
    Dimension::Type,
    Dimension::Priority,
    Dimension::Tag,
    Dimension::ClosedReason,
];

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() < 1e-6 * b.abs().max(1.0),
        _ => false,
    }
}

fn ratio(part: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

#[track_caller]
fn assert_equal(counts: Counts, figures: &Figures, of: &dyn std::fmt::Debug) {
    let reason = |reason| figures.closed.get(&reason).copied().unwrap_or_default();
    assert_eq!(counts.opened, figures.opened, "M2 of {of:?}");
    assert_eq!(counts.closed(), figures.total_closed(), "M3 of {of:?}");
    assert_eq!(counts.closed_manual, reason(ClosingReason::Manual), "M10 of {of:?}");
    assert_eq!(counts.closed_api, reason(ClosingReason::Api), "M10 of {of:?}");
    assert_eq!(counts.closed_inactivity, reason(ClosingReason::Inactivity), "M10 of {of:?}");
    assert_eq!(counts.settled, figures.same_period_closed, "M4 of {of:?}");
    assert!(close(counts.completion_rate(), ratio(figures.same_period_closed, figures.opened)), "M5 of {of:?}");
    assert!(close(counts.average_handle_seconds(), mean(&figures.handle_times)), "M6 of {of:?}");
    assert!(close(counts.average_active_seconds(), mean(&figures.active_times)), "M7 of {of:?}");
    assert_eq!(counts.reopened, figures.reopened, "M8 of {of:?}");
    assert!(close(counts.reopen_rate(), ratio(figures.later_reopened, figures.total_closed())), "M8 of {of:?}");
    assert!(close(counts.average_reply_seconds(), mean(&figures.reply_times)), "M9 of {of:?}: {counts:?} {figures:?}");
}

/// A report that somebody could ask for: often from midnight to midnight, sometimes to the very moment of something.
fn query(place: &Place<'_>, calendar: &Calendar, dice: &mut Dice) -> Query {
    let now = place.house.desk.db.now();
    let moments: Vec<_> = place.lives.values().map(|life| life.created_at).chain([now]).collect();
    let moment = |dice: &mut Dice| {
        let at = dice.of(&moments).minus(Span::hours(dice.below(60) as i64));
        match dice.below(4) {
            0 => dice.of(&moments),
            1 => at,
            _ => calendar.midnight(calendar.day(at) + dice.below(3) as i64),
        }
    };
    let (one, other) = (moment(dice), moment(dice));
    let (from, mut to) = (one.min(other), one.max(other));
    if from == to {
        to = to.plus(Span::days(1));
    }
    let bucket = [None, None, Some(Bucket::Hour), Some(Bucket::Day), Some(Bucket::Week), Some(Bucket::Month)];
    let group_by = if dice.below(3) == 0 { None } else { Some(dice.of(&BY)) };
    let mut query =
        Query { period: Period { from, to }, group_by, bucket: dice.of(&bucket), selection: Selection::default() };
    for _ in 0..[0, 0, 1, 1, 2][dice.below(5)] {
        narrow(place, &mut query.selection, dice);
    }
    query
}

fn narrow(place: &Place<'_>, selection: &mut Selection, dice: &mut Dice) {
    match dice.below(8) {
        0 => selection.agent = Some(if dice.below(4) == 0 { None } else { Some(dice.of(&place.agents)) }),
        1 => selection.queue = Some(dice.of(&place.queues)),
        2 => selection.channel = Some(dice.of(&place.channels)),
        3 => selection.network = Some(dice.of(&[Network::X, Network::Email])),
        4 => selection.kind = Some(dice.of(CaseType::ALL)),
        5 => selection.priority = Some(dice.of(Priority::ALL)),
        6 => selection.tag = Some(dice.of(&TAGS).to_owned()),
        _ => selection.reason = Some(dice.of(ClosingReason::ALL)),
    }
}

fn check(place: &Place<'_>, query: &Query, report: &Report) {
    let of = |period, by| reference::figures(place.lives.values(), period, &query.selection, by);
    let total = of(query.period, None).remove(&None).unwrap_or_default();
    assert_equal(report.totals, &total, &(place.zone, query));
    if let Some(by) = query.group_by {
        let groups = of(query.period, Some(by));
        let expected: Vec<_> = groups.iter().filter(|(_, figures)| !figures.is_nothing()).collect();
        assert_eq!(report.groups.len(), expected.len(), "{query:?}: {:?}", report.groups);
        for (key, figures) in expected {
            let group = report.groups.iter().find(|group| group.key == *key).unwrap_or_else(|| panic!("{key:?}"));
            assert_equal(group.counts, figures, &(place.zone, query, key));
        }
    }
    if let Some(bucket) = query.bucket {
        check_edges(place.zone, query.period, bucket, report);
        for slot in &report.series {
            let figures = of(Period { from: slot.from, to: slot.to }, None).remove(&None).unwrap_or_default();
            assert_equal(slot.counts, &figures, &(place.zone, query, slot.from));
        }
    }
}

/// What all moments of a bucket have in common, as local clocks and calendars show it.
fn label(zone: &TimeZone, at: Timestamp, bucket: Bucket) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).expect("within the calendar").to_zoned(zone.clone());
    match bucket {
        Bucket::Hour => at.strftime("%Y-%m-%d %H %z").to_string(),
        Bucket::Day => at.strftime("%Y-%m-%d").to_string(),
        Bucket::Week => at.strftime("%G-%V").to_string(),
        Bucket::Month => at.strftime("%Y-%m").to_string(),
    }
}

fn check_edges(zone: &str, period: Period, bucket: Bucket, report: &Report) {
    let zone = TimeZone::get(zone).expect("a zone");
    let (first, last) = (report.series.first().expect("a bucket"), report.series.last().expect("a bucket"));
    assert_eq!((first.from, last.to), (period.from, period.to));
    for slot in &report.series {
        let end = slot.to.minus(Span::from_micros(1));
        assert_eq!(label(&zone, slot.from, bucket), label(&zone, end, bucket), "one {bucket} in {slot:?}");
    }
    for pair in report.series.windows(2) {
        assert_eq!(pair[0].to, pair[1].from, "no moment is missed and none counted twice");
        let (one, next) = (label(&zone, pair[0].from, bucket), label(&zone, pair[1].from, bucket));
        assert_ne!(one, next, "a new {bucket} begins");
    }
}

/// As many cases stand behind a figure as it says.
async fn check_behind(place: &Place<'_>, query: &Query, report: &Report) {
    let totals = report.totals;
    let figures = [
        (Figure::Opened, totals.opened),
        (Figure::Closed, totals.closed()),
        (Figure::SamePeriodClosed, totals.settled),
        (Figure::Reopened, totals.reopened),
        (Figure::Undone, totals.undone),
        (Figure::Replied, totals.replied),
    ];
    for (figure, expected) in figures {
        let (mut found, mut after) = (0, None);
        loop {
            let desk = &place.house.desk;
            let page = reports::behind(desk, place.workspace, figure, query.period, query.selection.clone(), after, 3);
            let page = page.await.expect("a page");
            found += page.len() as i64;
            after = page.last().map(|(at, _)| *at);
            if page.len() < 3 {
                break;
            }
        }
        assert_eq!(found, expected, "{figure:?} of {query:?}");
    }
}

async fn histories(seed: u64) {
    let house = House::new().await;
    let mut asked = Vec::new();
    for history in 0..HISTORIES {
        let mut dice = Dice::new(seed * 1_000 + history as u64);
        let zone = ZONES[(seed as usize + history) % ZONES.len()];
        let mut place = Place::new(&house, &format!("w{seed}-{history}"), zone).await;
        let calendar = Calendar::new(&TimeZoneName::parse(zone).expect("a zone"));
        // Pairs of dimensions are kept from the start, or from somewhere in the middle, or not at all.
        let kept_from = dice.below(STEPS + STEPS / 2);
        for step in 0..STEPS {
            if step == kept_from {
                keep_pairs(&house, place.workspace, &mut dice).await;
            }
            place.step(&mut dice).await;
        }
        for _ in 0..REPORTS {
            let query = query(&place, &calendar, &mut dice);
            let report = match reports::read(&house.desk, place.workspace, query.clone()).await {
                // Years of hours: refused, as it says.
                Err(reports::Refused::TooManyPoints) => continue,
                report => report.expect("a report"),
            };
            check(&place, &query, &report);
            check_behind(&place, &query, &report).await;
            asked.push((place.workspace, query));
        }
    }
    // What came later in other histories of the house swept here too: all is read again before it is counted anew.
    let kept = answers(&house, &asked).await;
    house.desk.db.write(StartAnew).await.expect("stored");
    assert!(kept == answers(&house, &asked).await, "counted anew, everything is as it was kept up");
    for (workspace, query) in &asked {
        let calendar = reports::calendar(&house.desk, *workspace).await.expect("a calendar");
        if let Some(pair) = reports::pair_of(query, &calendar, house.desk.db.now()) {
            house.desk.db.write(KeepPair { workspace: *workspace, pair }).await.expect("stored");
        }
    }
    reports::add_to_pairs(&house.desk).await.expect("added");
    assert!(kept == answers(&house, &asked).await, "with every pair's sums everything is as it was");
}

/// About half of all pairs.
async fn keep_pairs(house: &House, workspace: WorkspaceId, dice: &mut Dice) {
    reports::catch_up(&house.desk).await.expect("counted");
    for of in BY {
        for by in BY.into_iter().filter(|_| dice.below(2) == 0) {
            house.desk.db.write(KeepPair { workspace, pair: Pair { of, by } }).await.expect("stored");
        }
    }
    reports::add_to_pairs(&house.desk).await.expect("added");
}

async fn answers(house: &House, asked: &[(WorkspaceId, Query)]) -> Vec<Report> {
    let mut answers = Vec::new();
    for (workspace, query) in asked {
        answers.push(reports::read(&house.desk, *workspace, query.clone()).await.expect("a report"));
    }
    answers
}

macro_rules! histories {
    ($($name:ident: $seed:literal),+) => { $(
        #[tokio::test]
        async fn $name() {
            histories($seed).await;
        }
    )+ };
}

histories! {
    reports_equal_the_definitions_over_random_histories_1_m2_to_m11: 1,
    reports_equal_the_definitions_over_random_histories_2_m2_to_m11: 2,
    reports_equal_the_definitions_over_random_histories_3_m2_to_m11: 3,
    reports_equal_the_definitions_over_random_histories_4_m2_to_m11: 4,
    reports_equal_the_definitions_over_random_histories_5_m2_to_m11: 5,
    reports_equal_the_definitions_over_random_histories_6_m2_to_m11: 6,
    reports_equal_the_definitions_over_random_histories_7_m2_to_m11: 7,
    reports_equal_the_definitions_over_random_histories_8_m2_to_m11: 8
}
