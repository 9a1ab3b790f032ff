//! The survival curve of reply gaps (X9): by hand, by another implementation, and by its definition written twice.

use crate::config;
use domain::survival::{Curve, Gap, GapEnd, Step};
use domain::time::Span;
use proptest::prelude::*;

fn reply(length: i64) -> Gap {
    Gap { length: Span::from_micros(length), end: GapEnd::Reply }
}

fn censored(length: i64) -> Gap {
    Gap { length: Span::from_micros(length), end: GapEnd::Censored }
}

/// The steps as (length, at risk, events, survival).
fn steps(gaps: &[Gap]) -> Vec<(i64, u64, u64, f64)> {
    let told = |step: &Step| (step.after.as_micros(), step.at_risk, step.events, step.survival);
    Curve::of(gaps.to_vec()).steps.iter().map(told).collect()
}

fn assert_steps(gaps: &[Gap], expected: &[(i64, u64, u64, f64)]) {
    let seen = steps(gaps);
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for (our, hand) in seen.iter().zip(expected) {
        assert_eq!((our.0, our.1, our.2), (hand.0, hand.1, hand.2));
        assert!((our.3 - hand.3).abs() < 1e-15, "{our:?} is not {hand:?}");
    }
}

#[test]
fn a_curve_computed_by_hand_comes_out_x9() {
    // 5 of 6, then 4 of 5; the gap censored at 4 leaves 2 at risk, of which one: 5/6 · 4/5 · 1/2.
    let gaps = [reply(5), censored(9), reply(1), censored(4), reply(2), censored(4)];
    assert_steps(&gaps, &[(1, 6, 1, 5.0 / 6.0), (2, 5, 1, 4.0 / 6.0), (5, 2, 1, 2.0 / 6.0)]);
}

#[test]
fn replies_at_one_length_are_one_step_and_the_last_can_end_the_curve_x9() {
    assert_steps(&[reply(3), reply(3), reply(7), reply(3), reply(7)], &[(3, 5, 3, 0.4), (7, 2, 2, 0.0)]);
}

#[test]
fn a_gap_censored_when_another_is_answered_was_still_at_risk_x9() {
    assert_steps(&[censored(3), reply(3), censored(3), reply(8)], &[(3, 4, 1, 0.75), (8, 1, 1, 0.0)]);
    assert_steps(&[reply(3), censored(3)], &[(3, 2, 1, 0.5)]);
}

#[test]
fn gaps_of_no_length_count_like_others_x9() {
    assert_steps(&[reply(0), censored(0), reply(2)], &[(0, 3, 1, 2.0 / 3.0), (2, 1, 1, 0.0)]);
}

#[test]
fn a_curve_without_replies_never_falls_x9() {
    for gaps in [vec![], vec![censored(0), censored(5), censored(5)]] {
        let curve = Curve::of(gaps.clone());
        assert_eq!((curve.gaps, curve.replies, curve.steps.len()), (gaps.len() as u64, 0, 0));
        assert_eq!(curve.at(Span::days(21)).to_bits(), 1.0_f64.to_bits());
        assert!(curve.thinned(500).is_empty());
    }
}

#[test]
fn the_curve_is_read_between_its_steps_x9() {
    let curve = Curve::of(vec![reply(10), reply(20), censored(30), reply(40)]);
    let at = |length| curve.at(Span::from_micros(length));
    let seen = [0, 9, 10, 19, 20, 39, 40, i64::MAX].map(at);
    assert_eq!(seen, [1.0, 1.0, 0.75, 0.75, 0.5, 0.5, 0.0, 0.0]);
}

/// What lifelines says; `cargo xtask oracle` holds it against lifelines itself.
const ORACLE: &str = include_str!("survival.oracle.txt");

#[test]
fn the_curve_is_the_one_another_implementation_computes_x9() {
    let (mut compared, mut sets) = (0, 0);
    for set in ORACLE.split("set ").skip(1) {
        let (name, lines) = set.split_once('\n').expect("a name and lines");
        let rows: Vec<Vec<&str>> = lines.lines().map(|line| line.split(' ').collect()).collect();
        let number = |text: &str| text.parse::<i64>().expect("a whole number");
        let gaps: Vec<Gap> = rows
            .iter()
            .filter(|row| row[0] == "gap")
            .map(|row| if row[2] == "reply" { reply(number(row[1])) } else { censored(number(row[1])) })
            .collect();
        let theirs: Vec<_> = rows.iter().filter(|row| row[0] == "step").collect();
        let ours = steps(&gaps);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (our, their) in ours.iter().zip(theirs) {
            let counts = (number(their[1]), number(their[2]) as u64, number(their[3]) as u64);
            assert_eq!((our.0, our.1, our.2), counts, "{name}");
            let survival: f64 = their[4].parse().expect("a number");
            assert!((our.3 - survival).abs() <= 1e-9, "{name}: {our:?} is not {survival}");
            compared += 1;
        }
        sets += 1;
    }
    assert!(sets >= 10 && compared > 100, "{sets} sets, {compared} steps");
}

fn gaps() -> impl Strategy<Value = Vec<Gap>> {
    // Few lengths, so that most meet.
    let length = prop_oneof![0_i64..8, 0_i64..2_000];
    prop::collection::vec((length, any::<bool>()), 0..200)
        .prop_map(|all| all.into_iter().map(|(n, replied)| if replied { reply(n) } else { censored(n) }).collect())
}

/// S(t) from its definition alone, by counting through all gaps for every length.
fn by_definition(gaps: &[Gap], length: Span) -> f64 {
    let mut answered: Vec<Span> = gaps.iter().filter(|gap| gap.end == GapEnd::Reply).map(|gap| gap.length).collect();
    answered.sort_unstable();
    answered.dedup();
    let factor = |at: &Span| {
        let lasted = gaps.iter().filter(|gap| gap.length >= *at).count() as f64;
        let ended = gaps.iter().filter(|gap| gap.length == *at && gap.end == GapEnd::Reply).count() as f64;
        1.0 - ended / lasted
    };
    answered.iter().filter(|at| **at <= length).map(factor).product()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_curve_is_its_definition_everywhere_x9(gaps in gaps(), length in 0_i64..2_100) {
        let length = Span::from_micros(length);
        let (ours, theirs) = (Curve::of(gaps.clone()).at(length), by_definition(&gaps, length));
        prop_assert!((ours - theirs).abs() < 1e-12, "{} is not {}", ours, theirs);
    }

    #[test]
    fn the_order_of_the_gaps_says_nothing_x9(gaps in gaps()) {
        let backwards: Vec<Gap> = gaps.iter().rev().copied().collect();
        prop_assert_eq!(Curve::of(gaps), Curve::of(backwards));
    }

    #[test]
    fn a_thinned_curve_keeps_its_values_its_ends_and_its_shape_x9(gaps in gaps(), most in 4_usize..40) {
        let curve = Curve::of(gaps);
        let thinned = curve.thinned(most);
        prop_assert!(thinned.len() <= most.max(4));
        prop_assert!(thinned.iter().all(|step| curve.steps.contains(step)), "every point is one of the curve's");
        prop_assert!(thinned.is_sorted_by(|a, b| a.after < b.after));
        prop_assert_eq!((thinned.first(), thinned.last()), (curve.steps.first(), curve.steps.last()));
        let shape = Curve { steps: thinned, ..curve.clone() };
        for step in &curve.steps {
            let apart = shape.at(step.after) - step.survival;
            prop_assert!((0.0..=1.0 / (most - 3) as f64).contains(&apart), "{} off at {:?}", apart, step);
        }
    }
}
