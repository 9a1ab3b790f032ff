//! Closing against people who act at the same moment (A7, A9).

use crate::support::cases::number;
use crate::support::{Desk, inbound, millis_after, moment};
use serde_json::{Value, json};

const CASES: usize = 120;

#[test]
fn a_message_racing_a_close_either_comes_first_or_reopens_never_neither_a7() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let cases: Vec<i64> = (0..CASES).map(|turn| desk.case_of(&format!("racer{turn}"))).collect();
    desk.advance_minutes(120);
    desk.auto_close(60);
    let answers = std::thread::scope(|scope| {
        let closing = scope.spawn(|| desk.run_due());
        let writers: Vec<_> = (0..3)
            .map(|part| {
                let (client, channel) = (desk.owner().clone(), desk.channel.clone());
                scope.spawn(move || {
                    let mine = (0..CASES).filter(|turn| turn % 3 == part);
                    mine.map(|turn| client.receive(&inbound(&channel, &format!("racer{turn}")))).collect::<Vec<Value>>()
                })
            })
            .collect();
        let answers: Vec<Value> = writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect();
        closing.join().expect("the clock");
        answers
    });
    for answer in &answers {
        let held = desk.case(number(&answer["case"]));
        let closings = desk.feed_of(number(&answer["case"]), "case_auto_closed").len();
        match answer["outcome"].as_str() {
            Some("appended") => assert_eq!(closings, 0, "a message that came first wins: {held}"),
            Some("reopened") => assert_eq!(closings, 1, "{held}"),
            other => panic!("unexpected outcome {other:?}: {answer}"),
        }
        assert_eq!(held["status"], "open", "after its message no case is due: {held}");
        assert_eq!(held["reopen_count"], closings);
    }
    assert_eq!(answers.len(), cases.len());
}

#[test]
fn two_runs_at_once_close_each_case_once_a7() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let cases: Vec<i64> = (0..CASES).map(|_| desk.open_case()).collect();
    desk.advance_minutes(120);
    desk.auto_close(60);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let client = desk.owner().clone();
            scope.spawn(move || {
                client.post("/v1/test-clock/advance", &json!({"by_seconds": 0})).expect(200);
            });
        }
    });
    for case in &cases {
        assert_eq!(desk.feed_of(*case, "case_auto_closed").len(), 1);
    }
    assert_eq!(desk.audit_of("CASE_AUTO_CLOSED").len(), cases.len());
}

#[test]
fn a_status_change_at_the_deadline_that_came_first_wins_a7() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance_to(millis_after(moment(&desk.case(case)["closes_at"]), -1));
    desk.status(case, "in_progress");
    desk.advance_to(millis_after(desk.now(), 1));
    assert_eq!(desk.case(case)["status"], "in_progress");
}
