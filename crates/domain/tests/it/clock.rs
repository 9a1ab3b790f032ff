//! What moves the inactivity clock: C1 to C4 and C6. Which moment dates a message is the act's to keep and is proved
//! there; no rule of the domain takes a sender's claim as an argument.

use crate::{HOUR, micros, on};
use domain::case::Status;
use domain::lifecycle::{Facts, Next, next};
use domain::message::{Direction, Happening, is_activity};
use domain::time::Timestamp;

fn message(direction: Direction, automatic: bool) -> Happening {
    Happening::Message { direction, automatic }
}

/// The time of the latest activity, as a person would read it off a list of what happened.
fn last_activity(history: &[(i64, Happening)]) -> Timestamp {
    let moments = history.iter().filter(|(_, what)| is_activity(*what)).map(|(when, _)| *when);
    micros(moments.max().expect("every case begins with its creation"))
}

#[test]
fn messages_status_changes_and_the_creation_move_the_clock_c1() {
    for happening in [
        Happening::Created,
        Happening::StatusChanged,
        message(Direction::Inbound, false),
        message(Direction::Outbound, false),
    ] {
        assert!(is_activity(happening), "{happening:?}");
    }
}

#[test]
fn notes_tags_assignments_properties_reads_and_settings_leave_the_clock_alone_c2() {
    for happening in [
        Happening::Comment,
        Happening::TagsChanged,
        Happening::AssignmentChanged,
        Happening::QueueChanged,
        Happening::TypeChanged,
        Happening::PriorityChanged,
        Happening::TitleChanged,
        Happening::Read,
        Happening::Notification,
        Happening::PolicyEdited,
    ] {
        assert!(!is_activity(happening), "{happening:?}");
    }
}

/// C3: a status change carries no actor into the question, so nobody's change can count less.
#[test]
fn a_status_change_moves_the_clock_whoever_made_it_c3() {
    let history = [(0, Happening::Created), (5 * HOUR, Happening::StatusChanged), (6 * HOUR, Happening::Comment)];
    assert_eq!(last_activity(&history), micros(5 * HOUR));
}

#[test]
fn the_engines_own_acts_leave_the_clock_alone_c4() {
    let history = [(0, Happening::Created), (HOUR, Happening::EngineAct), (2 * HOUR, Happening::EngineAct)];
    assert_eq!(last_activity(&history), micros(0));
}

#[test]
fn an_automatic_message_is_not_activity_in_either_direction_c6() {
    for direction in Direction::ALL {
        assert!(!is_activity(message(*direction, true)), "{direction}");
    }
}

#[test]
fn two_auto_responders_cannot_keep_a_case_alive_r6() {
    let mut history = vec![(0, Happening::Created)];
    for turn in 1..200 {
        let direction = if turn % 2 == 0 { Direction::Inbound } else { Direction::Outbound };
        history.push((turn * HOUR / 2, message(direction, true)));
    }
    let facts = Facts { status: Status::Open, last_activity_at: last_activity(&history), keep_open_until: None };
    assert_eq!(next(facts, on(micros(0), 60), micros(HOUR)), Next::Due { since: micros(HOUR) });
}

#[test]
fn one_human_word_between_automatic_ones_keeps_the_case_open_c6() {
    let automatic = message(Direction::Inbound, true);
    let human = message(Direction::Inbound, false);
    let history = [(0, Happening::Created), (HOUR / 4, automatic), (HOUR / 2, human), (HOUR, automatic)];
    let facts = Facts { status: Status::Open, last_activity_at: last_activity(&history), keep_open_until: None };
    let until = micros(HOUR / 2 + HOUR);
    assert_eq!(next(facts, on(micros(0), 60), micros(HOUR)), Next::Waits { until });
}
