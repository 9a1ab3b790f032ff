//! The test clock: it stands still, goes forwards only, and runs each job at its own moment.

use crate::support::{Client, Desk, desk::Place, millis_after, moment, written};
use serde_json::json;
use std::time::Duration;

const ADVANCE: &str = "/v1/test-clock/advance";

#[test]
fn the_clock_stands_still_until_it_is_advanced() {
    let desk = Desk::start();
    let now = desk.now();
    desk.open_case();
    desk.auto_close(60);
    assert_eq!(desk.now(), now);
    desk.advance(3600);
    assert_eq!(desk.now(), millis_after(now, 3_600_000));
    let to = millis_after(now, 3_600_001);
    desk.advance_to(to);
    assert_eq!(desk.now(), to);
}

#[test]
fn the_answer_of_an_advance_says_what_time_it_is_now() {
    let desk = Desk::start();
    let to = millis_after(desk.now(), 5_000);
    let answer = desk.post(ADVANCE, &json!({"by_seconds": 5})).expect(200);
    assert_eq!(moment(&answer["now"]), to);
}

#[test]
fn the_clock_never_goes_back_a9() {
    let desk = Desk::start();
    let now = desk.now();
    for seconds in [-1, -3600, i64::MIN] {
        desk.post(ADVANCE, &json!({"by_seconds": seconds})).refuses_field("by_seconds");
    }
    for earlier in [1, 1_000, 86_400_000] {
        let to = written(millis_after(now, -earlier));
        desk.post(ADVANCE, &json!({"to": to})).refuses_field("to");
    }
    desk.post(ADVANCE, &json!({"to": "0001-01-01T00:00:00Z"})).refuses_field("to");
    assert_eq!(desk.now(), now);
}

#[test]
fn nonsense_is_refused_and_leaves_the_clock_where_it_is() {
    let desk = Desk::start();
    let now = desk.now();
    for body in [
        json!({}),
        json!({"by_seconds": 1, "to": written(millis_after(now, 1_000))}),
        json!({"by_seconds": "1"}),
        json!({"by_seconds": 1.5}),
        json!({"to": "tomorrow"}),
        json!({"to": 7}),
        json!({"by_seconds": i64::MAX}),
        json!({"by_seconds": 1_000_000_000_000_i64}),
        json!({"by_hours": 1}),
    ] {
        desk.post(ADVANCE, &body).problem(422, "invalid");
    }
    assert_eq!(desk.now(), now);
}

#[test]
fn without_the_option_there_is_no_test_clock() {
    let desk = Place::new().open(&[]);
    desk.get("/v1/test-clock").problem(404, "not_found");
    desk.post(ADVANCE, &json!({"by_seconds": 1})).problem(404, "not_found");
}

#[test]
fn a_year_over_a_quiet_desk_is_quick() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance(86_400);
    assert!(desk.is_closed(case));
    // Far above the milliseconds it takes and far below a tick for every second of a year.
    let hasty = Client::with_patience(desk.base(), Some(desk.token()), Duration::from_secs(5));
    for _ in 0..3 {
        hasty.post(ADVANCE, &json!({"by_seconds": 365 * 86_400})).expect(200);
    }
}

#[test]
fn two_cases_with_different_deadlines_close_each_at_its_own_in_one_jump_a6() {
    let desk = Desk::start();
    desk.auto_close(60);
    let first = desk.open_case();
    desk.advance_to(millis_after(desk.now(), 1_234_567));
    let second = desk.open_case();
    let due = [first, second].map(|case| moment(&desk.case(case)["closes_at"]));
    desk.advance(30 * 86_400);
    assert_eq!([first, second].map(|case| moment(&desk.case(case)["closed_at"])), due);
}

#[test]
fn the_clock_does_not_run_by_itself_while_something_is_due() {
    let desk = Desk::start();
    desk.auto_close(120);
    let case = desk.open_case();
    desk.advance_minutes(90);
    desk.auto_close(60);
    for _ in 0..20 {
        assert!(!desk.is_closed(case), "no job runs outside an advance");
    }
    desk.run_due();
    assert!(desk.is_closed(case));
}

#[test]
fn the_clock_starts_at_the_real_time() {
    let desk = Desk::start();
    let answer = desk.get("/v1/test-clock");
    let date = answer.header("date").expect("an HTTP answer is dated").to_owned();
    let real = jiff::fmt::rfc2822::parse(&date).expect("a date").timestamp();
    assert!(desk.now().duration_since(real).as_secs().abs() < 600, "{} at {date}", desk.now());
}
