//! Section 5 by hand: one life, its phases and what they add to which period.

use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::id::{AgentId, CaseId, ChannelId, QueueId};
use domain::message::Network;
use domain::metrics::{
    Before, Bucket, Calendar, Counts, Dimension, Frozen, History, POINTS, Period, Phase, Under, phases,
};
use domain::time::{Span, TimeZoneName, Timestamp};

fn under(agent: Option<i64>, tags: &[&str]) -> Under {
    Under {
        agent: agent.map(AgentId),
        queue: QueueId(1),
        channel: ChannelId(1),
        network: Network::X,
        kind: CaseType::General,
        priority: Priority::Medium,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    }
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_micros(0).plus(Span::hours(1_000 + hour))
}

/// Created at 0, given to agent 7 at 1, closed for silence at 10 after last activity at 4, reopened at 12 and given to
/// agent 8 at 13, closed by hand at 20 to the credit of 8. First answered at 2.
fn life() -> History {
    let frozen = |opened, closed, last, reopened: Option<i64>, reason, agent| Frozen {
        opened_at: at(opened),
        closed_at: at(closed),
        last_activity_at: at(last),
        reopened_at: reopened.map(at),
        reason,
        under: under(Some(agent), &[]),
    };
    History {
        case: CaseId(1),
        number: 1,
        created_at: at(0),
        first_reply_at: Some(at(2)),
        now: under(Some(8), &[]),
        changes: vec![(at(1), Before::Assignee(None)), (at(13), Before::Assignee(Some(AgentId(7))))],
        closures: vec![
            frozen(0, 10, 4, Some(12), ClosingReason::Inactivity, 7),
            frozen(12, 20, 20, None, ClosingReason::Manual, 8),
        ],
    }
}

fn counted(phases: &[Phase], from: i64, to: i64) -> Counts {
    let mut counts = Counts::ZERO;
    for change in phases.iter().flat_map(Phase::changes) {
        counts.add(&change, at(from).as_micros(), at(to).as_micros());
    }
    counts
}

#[test]
fn a_life_is_a_row_of_phases_without_a_gap_m1() {
    let phases = phases(&life());
    let seen: Vec<_> = phases
        .iter()
        .map(|phase| (phase.since, phase.until, phase.under.agent.map(|a| a.0), phase.closing.is_some()))
        .collect();
    assert_eq!(
        seen,
        [
            (at(0), Some(at(1)), None, false),
            (at(1), Some(at(10)), Some(7), false),
            (at(10), Some(at(12)), Some(7), true),
            (at(12), Some(at(13)), Some(7), false),
            (at(13), Some(at(20)), Some(8), false),
            (at(20), None, Some(8), true),
        ]
    );
}

#[test]
fn figures_of_a_period_follow_the_definitions_m2_to_m9() {
    let phases = phases(&life());
    let first = counted(&phases, 0, 11);
    assert_eq!((first.opened, first.closed(), first.settled), (1, 1, 1));
    assert_eq!(first.completion_rate(), Some(1.0));
    assert_eq!(first.average_handle_seconds(), Some(36_000.0));
    assert_eq!(first.average_active_seconds(), Some(14_400.0), "an inactivity closure counts until its last activity");
    assert_eq!((first.reopened, first.reopen_rate()), (0, Some(1.0)), "reopened later, after the period");
    assert_eq!(first.average_reply_seconds(), Some(7_200.0));
    let reopened = counted(&phases, 0, 13);
    assert_eq!((reopened.opened, reopened.settled, reopened.reopened), (1, 0, 1));
    let later = counted(&phases, 11, 21);
    assert_eq!((later.opened, later.settled, later.closed_manual, later.reopened), (0, 0, 1, 1));
    assert_eq!(later.average_handle_seconds(), Some(28_800.0), "from the reopening");
    assert_eq!((later.completion_rate(), later.average_reply_seconds()), (None, None), "of nothing there is no share");
}

#[test]
fn the_ends_of_a_period_are_from_included_and_to_not() {
    let phases = phases(&life());
    assert_eq!(counted(&phases, 10, 11).closed(), 1);
    assert_eq!(counted(&phases, 9, 10).closed(), 0);
    assert_eq!(counted(&phases, -1, 0).opened, 0);
    assert_eq!(counted(&phases, 0, 1).opened, 1);
    assert_eq!((counted(&phases, 0, 2).replied, counted(&phases, 0, 3).replied), (0, 1));
}

#[test]
fn an_agent_counts_what_they_have_or_are_credited_with_at_the_end_m11() {
    let phases = phases(&life());
    let of = |agent: Option<&str>, to| {
        let group: Vec<_> =
            phases.iter().filter(|p| p.groups(Dimension::Agent) == [agent.map(str::to_owned)]).cloned().collect();
        let counts = counted(&group, 0, to);
        (counts.opened, counts.settled)
    };
    assert_eq!((of(None, 1), of(Some("7"), 1)), ((1, 0), (0, 0)));
    assert_eq!((of(None, 11), of(Some("7"), 11)), ((0, 0), (1, 1)));
    assert_eq!((of(Some("7"), 30), of(Some("8"), 30)), ((0, 0), (1, 1)));
}

#[test]
fn a_closing_counts_however_soon_it_was_undone() {
    let mut history = life();
    history.closures.truncate(1);
    history.closures[0].reopened_at = Some(at(10));
    let phases = phases(&history);
    let counts = counted(&phases, 0, 30);
    assert_eq!((counts.closed(), counts.reopened, counts.settled, counts.opened), (1, 1, 0, 1));
}

#[test]
fn a_case_with_two_tags_is_in_both_groups_and_one_without_in_none() {
    let mut history = life();
    history.closures.clear();
    history.now = under(None, &["a", "b"]);
    history.changes = vec![(at(5), Before::Tags(Vec::new()))];
    let phases = phases(&history);
    assert_eq!(phases[0].groups(Dimension::Tag), [None]);
    assert_eq!(phases[1].groups(Dimension::Tag), [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn handle_times_fall_into_classes() {
    let phases = phases(&life());
    let class = |place: usize, dimension| phases[place].groups(dimension);
    assert_eq!(class(0, Dimension::HandleTime), [None], "what is open has none");
    assert_eq!(class(2, Dimension::HandleTime), [Some("43200".to_owned())]);
    assert_eq!(
        class(2, Dimension::HandleTimeWithoutIdleTail),
        [Some("14400".to_owned())],
        "a bound belongs to its class"
    );
}

fn calendar(zone: &str) -> Calendar {
    Calendar::new(&TimeZoneName::parse(zone).expect("a zone"))
}

fn period(from: &str, to: &str) -> Period {
    let parse = |text| Timestamp::parse(text).expect("a time");
    Period { from: parse(from), to: parse(to) }
}

#[test]
fn days_are_as_long_as_the_zone_makes_them() {
    let berlin = calendar("Europe/Berlin");
    let period = period("2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z");
    let edges = berlin.edges(period, Bucket::Day).expect("few");
    let hours: Vec<_> = edges.windows(2).map(|day| day[1].since(day[0]).as_micros() / 3_600_000_000).collect();
    assert_eq!(hours, [23, 24]);
    assert_eq!(berlin.edges(period, Bucket::Hour).expect("few").len(), 48);
    assert_eq!(berlin.days(period), Some((20_541, 20_543)));
    assert_eq!(calendar("UTC").days(period), None);
}

#[test]
fn weeks_begin_on_monday_and_a_cut_bucket_keeps_its_ends() {
    let utc = calendar("UTC");
    // A Wednesday to a Tuesday.
    let edges = utc.edges(period("2026-07-29T10:00:00Z", "2026-08-11T09:00:00Z"), Bucket::Week).expect("few");
    let edges: Vec<_> = edges.iter().map(ToString::to_string).collect();
    assert_eq!(
        edges,
        [
            "2026-07-29T10:00:00.000Z",
            "2026-08-03T00:00:00.000Z",
            "2026-08-10T00:00:00.000Z",
            "2026-08-11T09:00:00.000Z"
        ]
    );
    let months = utc.edges(period("2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z"), Bucket::Month).expect("few");
    assert_eq!(months.len(), 3);
}

#[test]
fn a_series_of_too_many_points_is_none() {
    let utc = calendar("UTC");
    let from = Timestamp::from_millis(0);
    let period = |hours| Period { from, to: from.plus(Span::hours(hours)) };
    assert_eq!(utc.edges(period(POINTS as i64), Bucket::Hour).map(|edges| edges.len()), Some(POINTS + 1));
    assert_eq!(utc.edges(period(POINTS as i64 + 1), Bucket::Hour), None);
}

#[test]
fn dates_are_read_to_the_letter() {
    let santiago = calendar("America/Santiago");
    // Clocks are put forward at midnight: the day begins at one.
    assert_eq!(santiago.read_date("2026-09-06").map(|t| t.to_string()).as_deref(), Some("2026-09-06T04:00:00.000Z"));
    for wrong in ["2026-9-06", "2026-09-31", "20260906", "2026-09-06T00:00", "+026-09-06", ""] {
        assert_eq!(santiago.read_date(wrong), None, "{wrong}");
    }
}
