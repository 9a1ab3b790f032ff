//! What holds for one case after workspace, queue and plan had their say: A2's suspension, R1's defaults, X1.

use crate::{HOUR, config, micros, window};
use domain::case::Status;
use domain::permission::Plan;
use domain::policy::{CloseRule, OutOfRange, Overrides, Policy, StatusSet, Threshold, Window};
use domain::time::Timestamp;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn switched_on() -> Policy {
    Policy { enabled: true, enabled_at: Some(micros(7 * HOUR)), ..Policy::default() }
}

#[test]
fn a_lowered_plan_suspends_and_a_raised_one_acts_with_the_old_enabled_at_a2() {
    let policy = switched_on();
    let before = policy.effective(Plan::Advanced, None);
    assert!(matches!(before.close, CloseRule::On { enabled_at, .. } if enabled_at == micros(7 * HOUR)));
    for lowered in [Plan::Standard, Plan::Professional] {
        assert_eq!(policy.effective(lowered, None).close, CloseRule::Suspended);
    }
    assert_eq!(policy.effective(Plan::Advanced, None), before);
}

#[test]
fn what_is_switched_off_is_off_and_not_suspended_on_a_low_plan_a2() {
    let policy = Policy { enabled: false, ..switched_on() };
    for plan in Plan::ALL {
        assert_eq!(policy.effective(*plan, None).close, CloseRule::Off, "{plan}");
    }
}

#[test]
fn reopening_is_on_with_four_days_by_default_on_every_plan_r1() {
    for plan in Plan::ALL {
        assert_eq!(Policy::default().effective(*plan, None).reopen, Some(window(4 * 24 * 60)), "{plan}");
    }
}

#[test]
fn a_window_is_from_one_hour_to_ninety_days_both_inclusive_r1() {
    let refused = Err(OutOfRange { least: 60, most: 90 * 24 * 60 });
    for minutes in [i64::MIN, -1, 0, 59, 129_601, i64::from(u32::MAX) + 61, i64::MAX] {
        assert_eq!(Window::from_minutes(minutes), refused, "{minutes}");
    }
    for minutes in [60, 5_760, 129_600] {
        assert_eq!(Window::from_minutes(minutes).map(|w| i64::from(w.minutes())), Ok(minutes));
    }
}

#[test]
fn a_queue_that_says_nothing_inherits_everything_x1() {
    let policy = switched_on();
    assert_eq!(policy.effective(Plan::Advanced, Some(&Overrides::default())), policy.effective(Plan::Advanced, None));
}

/// X1: a queue's `enabled_at` counts only beside its own switch.
#[test]
fn a_queue_with_its_own_switch_has_its_own_enabled_at_x1() {
    let own = Overrides { enabled: Some(true), enabled_at: Some(micros(9 * HOUR)), ..Overrides::default() };
    let rule = switched_on().effective(Plan::Advanced, Some(&own)).close;
    assert!(matches!(rule, CloseRule::On { enabled_at, .. } if enabled_at == micros(9 * HOUR)));
}

/// A3: what a queue's own "off" left uncovered does not fall due because the queue inherits again.
#[test]
fn a_queue_that_inherits_again_is_covered_from_the_later_moment_x1_a3() {
    for (own, expected) in [(None, 7), (Some(6), 7), (Some(9), 9)] {
        let left = Overrides { enabled_at: own.map(|h| micros(h * HOUR)), ..Overrides::default() };
        let rule = switched_on().effective(Plan::Advanced, Some(&left)).close;
        assert!(matches!(rule, CloseRule::On { enabled_at, .. } if enabled_at == micros(expected * HOUR)), "{own:?}");
    }
}

#[test]
fn a_queue_can_be_off_in_a_workspace_that_is_on_and_on_in_one_that_is_off_x1() {
    let off = Overrides { enabled: Some(false), ..Overrides::default() };
    assert_eq!(switched_on().effective(Plan::Advanced, Some(&off)).close, CloseRule::Off);
    let on = Overrides { enabled: Some(true), enabled_at: Some(micros(1)), ..Overrides::default() };
    assert!(matches!(Policy::default().effective(Plan::Advanced, Some(&on)).close, CloseRule::On { .. }));
    assert_eq!(Policy::default().effective(Plan::Standard, Some(&on)).close, CloseRule::Suspended);
}

/// A3: without a moment of switching on, nothing is covered, so nothing may close.
#[test]
fn a_switch_without_its_moment_closes_nothing_a3() {
    let policy = Policy { enabled_at: None, ..switched_on() };
    assert_eq!(policy.effective(Plan::Advanced, None).close, CloseRule::Off);
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..1_000_000_i64).prop_map(Timestamp::from_millis)
}

fn any_threshold() -> impl Strategy<Value = Threshold> {
    (60_i64..=30_240).prop_map(crate::threshold)
}

fn any_window() -> impl Strategy<Value = Window> {
    (60_i64..=129_600).prop_map(window)
}

fn any_statuses() -> impl Strategy<Value = StatusSet> {
    subsequence(vec![Status::Open, Status::InProgress, Status::OnHold], 1..=3)
        .prop_map(|s| StatusSet::new(s).expect("a subset"))
}

prop_compose! {
    fn policies()(
        enabled in any::<bool>(), enabled_at in moment(), threshold in any_threshold(),
        statuses in any_statuses(), reopen_enabled in any::<bool>(), window in any_window(),
    ) -> Policy {
        Policy { enabled, enabled_at: Some(enabled_at), threshold, statuses, reopen_enabled, window }
    }
}

prop_compose! {
    fn overrides()(
        switch in option::of((any::<bool>(), moment())), threshold in option::of(any_threshold()),
        statuses in option::of(any_statuses()), reopen_enabled in option::of(any::<bool>()), window in option::of(any_window()),
    ) -> Overrides {
        let (enabled, enabled_at) = switch.unzip();
        Overrides { enabled, enabled_at, threshold, statuses, reopen_enabled, window }
    }
}

/// The queue's fields laid over the workspace's, one by one.
fn overlaid(mut policy: Policy, own: &Overrides) -> Policy {
    if let Some(enabled) = own.enabled {
        policy.enabled = enabled;
        policy.enabled_at = own.enabled_at;
    }
    if let Some(threshold) = own.threshold {
        policy.threshold = threshold;
    }
    if let Some(statuses) = own.statuses {
        policy.statuses = statuses;
    }
    if let Some(reopen_enabled) = own.reopen_enabled {
        policy.reopen_enabled = reopen_enabled;
    }
    if let Some(window) = own.window {
        policy.window = window;
    }
    policy
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_empty_field_inherits_and_each_given_one_holds_x1(
        policy in policies(), own in overrides(), plan in select(Plan::ALL),
    ) {
        let seen = policy.effective(plan, Some(&own));
        let merged = overlaid(policy, &own);
        let paid = [Plan::Advanced, Plan::Enterprise].contains(&plan);
        let close = match (merged.enabled, paid) {
            (false, _) => CloseRule::Off,
            (true, false) => CloseRule::Suspended,
            (true, true) => CloseRule::On {
                enabled_at: merged.enabled_at.expect("drawn with its moment"),
                threshold: merged.threshold,
                statuses: merged.statuses,
            },
        };
        prop_assert_eq!(seen.close, close);
        prop_assert_eq!(seen.reopen, if merged.reopen_enabled { Some(merged.window) } else { None });
    }
}
