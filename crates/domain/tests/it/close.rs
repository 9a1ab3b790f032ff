//! When a case closes by itself: A1, A3, A4, A5, A9 and X10, at their edges.

use crate::{HOUR, MILLI, MINUTE, at, micros, on, on_for, threshold};
use domain::case::Status::{self, Closed, InProgress, OnHold, Open};
use domain::lifecycle::{Facts, Next, WhyNot, closes_at, next};
use domain::policy::{BadStatusSet, CloseRule, OutOfRange, Policy, StatusSet, Threshold};
use domain::time::Timestamp;

fn silent_since(status: Status, last_activity_at: Timestamp) -> Facts {
    Facts { status, last_activity_at, keep_open_until: None }
}

fn is_due(facts: Facts, rule: CloseRule, now: Timestamp) -> bool {
    matches!(next(facts, rule, now), Next::Due { .. })
}

#[test]
fn auto_close_is_off_until_somebody_switches_it_on_a1() {
    let policy = Policy::default();
    assert!(!policy.enabled);
    assert_eq!(policy.enabled_at, None);
    let rule = policy.effective(domain::permission::Plan::Enterprise, None).close;
    let facts = silent_since(Open, micros(0));
    assert_eq!(next(facts, rule, at("9999-01-01T00:00:00Z")), Next::NotCovered(WhyNot::SwitchedOff));
    assert_eq!(closes_at(facts, rule), None);
}

#[test]
fn a_threshold_is_from_one_hour_to_twenty_one_days_both_inclusive_a1() {
    let refused = Err(OutOfRange { least: 60, most: 30_240 });
    for minutes in [i64::MIN, -60, 0, 1, 59, 30_241, i64::from(u32::MAX) + 61, i64::MAX] {
        assert_eq!(Threshold::from_minutes(minutes), refused, "{minutes}");
    }
    for minutes in [60, 61, 1_440, 30_239, 30_240] {
        let threshold = Threshold::from_minutes(minutes).expect("within bounds");
        assert_eq!(i64::from(threshold.minutes()), minutes);
        assert_eq!(threshold.span().as_micros(), minutes * MINUTE);
    }
    assert_eq!(Threshold::MOST, 21 * 24 * 60);
}

#[test]
fn the_statuses_are_a_non_empty_subset_without_closed_or_doubles_a1() {
    assert_eq!(StatusSet::new([]), Err(BadStatusSet::Empty));
    assert_eq!(StatusSet::new([Closed]), Err(BadStatusSet::Closed));
    assert_eq!(StatusSet::new([Open, Closed]), Err(BadStatusSet::Closed));
    assert_eq!(StatusSet::new([OnHold, Open, OnHold]), Err(BadStatusSet::Duplicate(OnHold)));
    assert_eq!(StatusSet::new([OnHold, InProgress, Open]), Ok(StatusSet::ALL));
}

#[test]
fn every_allowed_subset_contains_exactly_what_was_chosen_a1() {
    for chosen in 1..8_usize {
        let wanted: Vec<Status> = [Open, InProgress, OnHold]
            .into_iter()
            .enumerate()
            .filter(|(i, _)| chosen & (1 << i) != 0)
            .map(|(_, s)| s)
            .collect();
        let set = StatusSet::new(wanted.iter().rev().copied()).expect("an allowed subset");
        assert_eq!(set.iter().collect::<Vec<_>>(), wanted);
        for status in Status::ALL {
            assert_eq!(set.contains(*status), wanted.contains(status), "{status} in {wanted:?}");
        }
    }
}

#[test]
fn a_case_silent_since_before_the_switch_on_is_not_covered_a3() {
    let enabled_at = micros(1_000 * HOUR);
    let rule = on(enabled_at, 60);
    let long_after = micros(100_000 * HOUR);
    let before = silent_since(Open, micros(1_000 * HOUR - 1));
    assert_eq!(next(before, rule, long_after), Next::NotCovered(WhyNot::SilentSinceBefore { enabled_at }));
    assert_eq!(closes_at(before, rule), None);
}

#[test]
fn a_case_active_at_the_very_moment_of_the_switch_on_is_covered_a3() {
    let enabled_at = micros(1_000 * HOUR);
    assert!(is_due(silent_since(Open, enabled_at), on(enabled_at, 60), micros(1_001 * HOUR)));
}

#[test]
fn a_case_is_due_at_its_deadline_and_not_a_microsecond_sooner_a4() {
    let last = at("2026-11-22T15:14:03.120Z");
    let deadline = at("2026-11-22T16:14:03.120Z");
    let rule = on(last, 60);
    let facts = silent_since(Open, last);
    for (off, due) in
        [(-HOUR, false), (-MILLI, false), (-1, false), (0, true), (1, true), (MILLI, true), (1_000 * HOUR, true)]
    {
        let expected = if due { Next::Due { since: deadline } } else { Next::Waits { until: deadline } };
        assert_eq!(next(facts, rule, micros(deadline.as_micros() + off)), expected, "{off} µs from the deadline");
    }
}

#[test]
fn only_the_selected_statuses_close_a4() {
    let late = micros(1_000 * HOUR);
    for selected in [Open, InProgress, OnHold] {
        let rule = on_for(micros(0), 60, &[selected]);
        for status in [Open, InProgress, OnHold] {
            let expected = if status == selected {
                Next::Due { since: micros(HOUR) }
            } else {
                Next::NotCovered(WhyNot::StatusNotSelected)
            };
            assert_eq!(
                next(silent_since(status, micros(0)), rule, late),
                expected,
                "{status} with {selected} selected"
            );
        }
    }
}

#[test]
fn a_closed_case_is_never_due_whatever_the_policy_a5() {
    for rule in [CloseRule::Off, CloseRule::Suspended, on(micros(0), 60), on(micros(0), 30_240)] {
        let answer = next(silent_since(Closed, micros(0)), rule, micros(100_000 * HOUR));
        assert_eq!(answer, Next::NotCovered(WhyNot::AlreadyClosed));
    }
}

#[test]
fn a_suspended_policy_closes_nothing_and_says_why_a2() {
    let facts = silent_since(Open, micros(0));
    assert_eq!(next(facts, CloseRule::Suspended, micros(100_000 * HOUR)), Next::NotCovered(WhyNot::SuspendedByPlan));
    assert_eq!(closes_at(facts, CloseRule::Suspended), None);
}

#[test]
fn lowering_the_threshold_makes_a_waiting_case_due_and_raising_it_lets_it_wait_a5() {
    let facts = silent_since(InProgress, micros(0));
    let now = micros(5 * HOUR);
    assert!(!is_due(facts, on(micros(0), 24 * 60), now));
    assert!(is_due(facts, on(micros(0), 5 * 60), now));
    assert!(!is_due(facts, on(micros(0), 5 * 60 + 1), now));
}

/// A9: an hour is an hour, on the night it is skipped and on the night it comes twice.
#[test]
fn daylight_saving_neither_hastens_nor_delays_a_close_a9() {
    let nights = [
        // Berlin, spring: 01:30 and one hour on is 03:30 on the wall.
        ("2026-03-29T01:30:00+01:00", "2026-03-29T03:29:59.999+02:00", "2026-03-29T03:30:00+02:00"),
        // Berlin, autumn: 02:30 comes twice; the second is the deadline.
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:29:59.999+01:00", "2026-10-25T02:30:00+01:00"),
        // New York, autumn.
        ("2026-11-01T01:10:00-04:00", "2026-11-01T01:09:59.999-05:00", "2026-11-01T01:10:00-05:00"),
    ];
    for (last, still_waits, due) in nights {
        let facts = silent_since(Open, at(last));
        let rule = on(at("2026-01-01T00:00:00Z"), 60);
        assert!(!is_due(facts, rule, at(still_waits)), "{still_waits}");
        assert!(is_due(facts, rule, at(due)), "{due}");
    }
}

#[test]
fn a_clock_that_stepped_back_before_the_last_activity_only_makes_a_case_wait_a9() {
    let last = at("2026-11-22T15:00:00Z");
    let until = at("2026-11-22T16:00:00Z");
    for now in ["2026-11-22T14:59:59.999Z", "2026-11-21T00:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"] {
        assert_eq!(next(silent_since(Open, last), on(last, 60), at(now)), Next::Waits { until }, "{now}");
    }
}

#[test]
fn the_ends_of_time_neither_wrap_nor_panic_a9() {
    let rule = on(micros(i64::MIN), 30_240);
    for last in [i64::MIN, 0, i64::MAX - 1] {
        assert!(!is_due(silent_since(Open, micros(last)), rule, micros(last)), "{last}");
        assert!(closes_at(silent_since(Open, micros(last)), rule).is_some_and(|closes| closes > micros(last)));
    }
}

#[test]
fn closes_at_is_the_exact_moment_the_engine_acts_x10() {
    let facts = silent_since(OnHold, at("2026-02-28T23:59:59.999Z"));
    let rule = on(at("2026-01-01T00:00:00Z"), 1_440);
    assert_eq!(closes_at(facts, rule).map(|t| t.to_string()).as_deref(), Some("2026-03-01T23:59:59.999Z"));
    assert_eq!(threshold(1_440), Threshold::default());
}
