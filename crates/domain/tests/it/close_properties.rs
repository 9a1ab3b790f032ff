//! The formula of A3 and A4, written a second time in 128-bit arithmetic, against the rule (A3, A4, A5, A9, X10).

use crate::{DAY, HOUR, MILLI, YEAR_1, YEAR_9999, config, micros};
use domain::case::Status;
use domain::lifecycle::{Facts, Next, closes_at, next};
use domain::permission::Plan;
use domain::policy::{Policy, StatusSet, Threshold, enabled_at_after};
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Everything A4 asks, as plain values.
#[derive(Debug, Clone)]
struct World {
    enabled: bool,
    enabled_at: i64,
    plan: Plan,
    statuses: Vec<Status>,
    minutes: i64,
    status: Status,
    last: i64,
    keep_open_until: Option<i64>,
    now: i64,
}

impl World {
    fn facts(&self) -> Facts {
        Facts {
            status: self.status,
            last_activity_at: micros(self.last),
            keep_open_until: self.keep_open_until.map(micros),
        }
    }

    fn policy(&self) -> Policy {
        Policy {
            enabled: self.enabled,
            enabled_at: Some(micros(self.enabled_at)),
            threshold: Threshold::from_minutes(self.minutes).expect("drawn within bounds"),
            statuses: StatusSet::new(self.statuses.iter().copied()).expect("drawn from what may be chosen"),
            ..Policy::default()
        }
    }

    fn answer(&self) -> Next {
        next(self.facts(), self.policy().effective(self.plan, None).close, micros(self.now))
    }

    fn is_due(&self) -> bool {
        matches!(self.answer(), Next::Due { .. })
    }

    /// A4 and X3 as the rules state them.
    fn should_be_due(&self) -> bool {
        let in_effect = self.enabled && [Plan::Advanced, Plan::Enterprise].contains(&self.plan);
        let covered = self.last >= self.enabled_at;
        let silent_long_enough = self.deadline() <= i128::from(self.now);
        in_effect && self.statuses.contains(&self.status) && covered && silent_long_enough
    }

    fn deadline(&self) -> i128 {
        let silent = i128::from(self.last) + i128::from(self.minutes) * 60 * 1_000_000;
        self.keep_open_until.map_or(silent, |until| silent.max(until.into()))
    }
}

fn minutes() -> impl Strategy<Value = i64> {
    prop_oneof![Just(60), Just(30_240), 60_i64..=30_240]
}

fn selectable() -> impl Strategy<Value = Vec<Status>> {
    subsequence(vec![Status::Open, Status::InProgress, Status::OnHold], 1..=3)
}

/// Distances that land on the edges about as often as beside them.
fn distance() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(1), Just(-1), Just(MILLI), Just(-MILLI), -HOUR..HOUR, -30 * DAY..30 * DAY]
}

prop_compose! {
    fn world()(
        // On most of the time, so that most worlds reach the arithmetic.
        enabled in prop_oneof![4 => Just(true), 1 => Just(false)],
        plan in prop_oneof![4 => Just(Plan::Advanced), 1 => select(Plan::ALL)],
        statuses in selectable(),
        status in select(Status::ALL),
        minutes in minutes(),
        last in prop_oneof![YEAR_1..YEAR_9999, 1_500_000_000_000_000_i64..1_900_000_000_000_000],
        before in distance(),
        after in distance(),
        kept in prop::option::weighted(0.4, distance()),
    ) -> World {
        let silent = last + minutes * 60_000_000;
        let keep_open_until = kept.map(|kept| silent + kept);
        let now = keep_open_until.unwrap_or(silent).max(silent) + after;
        World { enabled, enabled_at: last - before, plan, statuses, minutes, status, last, keep_open_until, now }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_case_is_due_exactly_when_the_formula_says_so_a4(world in world()) {
        prop_assert_eq!(world.is_due(), world.should_be_due());
    }

    #[test]
    fn nothing_is_due_before_last_activity_and_threshold_have_passed_a9(
        mut world in world(), back in 1_i64..10_000 * DAY,
    ) {
        world.now = i64::try_from(world.deadline()).expect("years 1 to 9999") - back;
        prop_assert!(!world.is_due());
    }

    #[test]
    fn what_is_due_stays_due_while_time_goes_on_a4(mut world in world(), later in 0_i64..10_000 * DAY) {
        let was_due = world.is_due();
        world.now += later;
        prop_assert!(!was_due || world.is_due());
    }

    #[test]
    fn the_answer_names_the_deadline_and_closes_at_is_the_same_x10(world in world()) {
        let deadline = match world.answer() {
            Next::Due { since } => Some(since),
            Next::Waits { until } => Some(until),
            Next::NotCovered(_) => None,
        };
        if let Some(deadline) = deadline {
            prop_assert_eq!(i128::from(deadline.as_micros()), world.deadline());
        }
        let rule = world.policy().effective(world.plan, None).close;
        prop_assert_eq!(closes_at(world.facts(), rule), deadline);
    }

    #[test]
    fn raising_the_threshold_never_makes_another_case_due_a5(world in world(), raised in minutes()) {
        let mut longer = world.clone();
        longer.minutes = raised.max(world.minutes);
        prop_assert!(world.is_due() || !longer.is_due());
    }

    #[test]
    fn newer_activity_never_hastens_a_covered_close_a3(world in world(), newer in 0_i64..30 * DAY) {
        let mut active = world.clone();
        active.last += newer;
        // Activity can bring a case under cover; once it is, more of it only puts the close off.
        prop_assume!(world.last >= world.enabled_at);
        prop_assert!(world.is_due() || !active.is_due());
    }

    #[test]
    fn switching_off_and_on_again_starts_over_a3(
        world in world(), off_at in 0_i64..30 * DAY, pause in 0_i64..30 * DAY,
    ) {
        let off_at = world.last + 1 + off_at;
        let on_again = micros(off_at + pause);
        let before = Some(micros(world.enabled_at));
        let kept = enabled_at_after(true, before, false, micros(off_at));
        let again = enabled_at_after(false, kept, true, on_again);
        prop_assert_eq!(again, Some(on_again));

        let policy = Policy { enabled: true, enabled_at: again, ..world.policy() };
        let rule = policy.effective(Plan::Enterprise, None).close;
        let silent = Facts { status: world.statuses[0], last_activity_at: micros(world.last), keep_open_until: None };
        prop_assert!(matches!(next(silent, rule, micros(YEAR_9999)), Next::NotCovered(_)), "silent since before");
        let active = Facts { last_activity_at: on_again, ..silent };
        prop_assert!(!matches!(next(active, rule, on_again), Next::NotCovered(_)), "active since");
    }

    #[test]
    fn only_the_switch_from_off_to_on_moves_enabled_at_a3(
        switches in prop::collection::vec((any::<bool>(), 0_i64..DAY), 0..40),
    ) {
        let (mut enabled, mut enabled_at, mut now) = (false, None, 0);
        let mut history = vec![(0, false)];
        for (wanted, later) in switches {
            now += later;
            enabled_at = enabled_at_after(enabled, enabled_at, wanted, micros(now));
            enabled = wanted;
            history.push((now, wanted));
        }
        let mut rises = history.windows(2).filter(|pair| !pair[0].1 && pair[1].1).map(|pair| pair[1].0);
        prop_assert_eq!(enabled_at.map(Timestamp::as_micros), rises.next_back());
    }
}
