//! What a message does to the newest case of its thread: R2, R5, R6 and R8.

use crate::{DAY, HOUR, MILLI, config, micros, window};
use domain::lifecycle::{Outcome, Thread, receive};
use domain::message::Direction::{self, Inbound, Outbound};
use domain::policy::{CloseRule, Effective};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const FOUR_DAYS: i64 = 4 * 24 * 60;

fn reopening(minutes: Option<i64>) -> Effective {
    Effective { close: CloseRule::Off, reopen: minutes.map(window) }
}

/// A customer's own message, `after` microseconds after the close.
fn answer(after: i64, minutes: Option<i64>) -> Outcome {
    let closed_at = 1_000 * DAY;
    let thread = Thread::Closed { at: micros(closed_at) };
    receive(thread, Inbound, false, &reopening(minutes), micros(closed_at + after))
}

#[test]
fn a_message_at_the_edge_of_the_window_reopens_r2() {
    assert_eq!(answer(4 * DAY, Some(FOUR_DAYS)), Outcome::Reopen);
    assert_eq!(answer(HOUR, Some(60)), Outcome::Reopen);
    assert_eq!(answer(90 * DAY, Some(129_600)), Outcome::Reopen);
}

#[test]
fn a_message_inside_the_window_reopens_r2() {
    for after in [0, 1, MILLI, HOUR, 4 * DAY - 1] {
        assert_eq!(answer(after, Some(FOUR_DAYS)), Outcome::Reopen, "{after} µs after");
    }
}

/// R2: the window has no lower edge; a clock that stepped back must not turn an answer into a stranger's case.
#[test]
fn a_message_dated_before_the_close_by_a_clock_that_stepped_back_reopens_r2() {
    assert_eq!(answer(-DAY, Some(FOUR_DAYS)), Outcome::Reopen);
}

#[test]
fn a_message_after_the_window_starts_a_linked_case_r5() {
    for after in [4 * DAY + 1, 4 * DAY + MILLI, 1_000 * DAY] {
        assert_eq!(answer(after, Some(FOUR_DAYS)), Outcome::FollowUp, "{after} µs after");
    }
}

#[test]
fn a_message_while_auto_reopen_is_off_starts_a_linked_case_r5() {
    assert_eq!(answer(0, None), Outcome::FollowUp);
    assert_eq!(answer(-DAY, None), Outcome::FollowUp);
}

#[test]
fn an_automatic_message_neither_reopens_nor_starts_a_case_r6() {
    let closed = Thread::Closed { at: micros(0) };
    for policy in [reopening(None), reopening(Some(FOUR_DAYS))] {
        for now in [micros(0), micros(4 * DAY), micros(400 * DAY)] {
            for direction in Direction::ALL {
                assert_eq!(receive(closed, *direction, true, &policy, now), Outcome::Append, "{direction} at {now}");
                assert_eq!(
                    receive(Thread::Empty, *direction, true, &policy, now),
                    Outcome::Keep,
                    "{direction} at {now}"
                );
            }
        }
    }
}

#[test]
fn an_outbound_message_leaves_a_closed_case_closed_r8() {
    let closed = Thread::Closed { at: micros(0) };
    for policy in [reopening(None), reopening(Some(FOUR_DAYS))] {
        for now in [micros(0), micros(4 * DAY), micros(400 * DAY)] {
            assert_eq!(receive(closed, Outbound, false, &policy, now), Outcome::Append, "at {now}");
        }
    }
}

#[test]
fn a_first_message_starts_a_case_and_the_next_one_joins_it_r5() {
    for direction in Direction::ALL {
        let policy = reopening(Some(FOUR_DAYS));
        assert_eq!(receive(Thread::Empty, *direction, false, &policy, micros(0)), Outcome::Create);
        for automatic in [false, true] {
            assert_eq!(receive(Thread::Live, *direction, automatic, &policy, micros(0)), Outcome::Append);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_closed_case_reopens_exactly_for_a_customers_own_word_in_time_r2(
        direction in select(Direction::ALL),
        automatic in prop_oneof![3 => Just(false), 1 => Just(true)],
        minutes in option::weighted(0.8, 60_i64..=129_600),
        closed_at in crate::YEAR_1..crate::YEAR_9999,
        beside in prop_oneof![Just(0), Just(1), Just(-1), -100 * DAY..100 * DAY],
    ) {
        let now = closed_at + minutes.unwrap_or(60) * 60_000_000 + beside;
        let seen = receive(Thread::Closed { at: micros(closed_at) }, direction, automatic, &reopening(minutes), micros(now));

        let own_word = direction == Inbound && !automatic;
        let in_time = minutes.is_some_and(|m| i128::from(now) - i128::from(closed_at) <= i128::from(m) * 60_000_000);
        prop_assert_eq!(seen == Outcome::Reopen, own_word && in_time);
        prop_assert_eq!(seen == Outcome::FollowUp, own_word && !in_time);
        prop_assert_eq!(seen == Outcome::Append, !own_word);
    }
}
