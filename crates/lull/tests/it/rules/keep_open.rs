//! A case that somebody keeps open is not due before that moment (X3).

use crate::support::{Desk, inbound, millis_after, moment};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

/// Keeps a case open until so many milliseconds from now, and gives that moment.
fn keep(desk: &Desk, case: i64, millis: i64) -> jiff::Timestamp {
    let until = millis_after(desk.now(), millis);
    let kept = desk.change(case, &json!({"keep_open_until": until.to_string(), "keep_open_reason": "on vacation"}));
    assert_eq!(moment(&kept["keep_open_until"]), until);
    until
}

#[test]
fn a_case_kept_open_closes_at_that_very_moment_and_not_before_x3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    let until = keep(&desk, case, 5 * HOUR);
    assert_eq!(moment(&desk.case(case)["closes_at"]), until);
    desk.advance_to(millis_after(until, -1));
    assert!(!desk.is_closed(case));
    desk.advance_to(until);
    assert_eq!(moment(&desk.case(case)["closed_at"]), until);
}

#[test]
fn silence_goes_on_counting_when_it_ends_before_the_threshold_does_x3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    let until = keep(&desk, case, HOUR);
    desk.advance_minutes(45);
    desk.writes_again("ada");
    let deadline = millis_after(desk.now(), HOUR);
    assert_eq!(moment(&desk.case(case)["closes_at"]), deadline);
    desk.advance_to(until);
    assert!(!desk.is_closed(case));
    desk.advance_to(millis_after(deadline, -1));
    assert!(!desk.is_closed(case));
    desk.advance_to(deadline);
    assert_eq!(moment(&desk.case(case)["closed_at"]), deadline);
}

#[test]
fn a_message_does_not_end_it_and_it_is_no_activity_c2_x3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    let active = desk.last_activity(case);
    desk.advance_minutes(10);
    let until = keep(&desk, case, 10 * HOUR);
    assert_eq!(desk.last_activity(case), active);
    desk.advance_minutes(30);
    desk.receive(&inbound(&desk.channel, "ada"));
    desk.advance_to(millis_after(until, -1));
    assert!(!desk.is_closed(case));
    desk.advance_to(until);
    assert!(desk.is_closed(case));
}

#[test]
fn ending_it_makes_the_case_due_by_its_silence_x3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    keep(&desk, case, 24 * HOUR);
    desk.advance_minutes(120);
    assert!(!desk.is_closed(case));
    desk.change(case, &json!({"keep_open_until": null}));
    desk.advance(0);
    assert!(desk.is_closed(case));
}

#[test]
fn what_was_not_covered_does_not_close_when_it_ends_a3_x3() {
    let desk = Desk::start();
    let case = desk.open_case();
    desk.advance_minutes(1);
    desk.auto_close(60);
    keep(&desk, case, HOUR);
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.advance(30 * 86_400);
    assert!(!desk.is_closed(case));
}

#[test]
fn moving_or_switching_on_does_not_end_it_x3() {
    let desk = Desk::start();
    let case = desk.open_case();
    let until = keep(&desk, case, 10 * HOUR);
    desk.auto_close(60);
    let queue = desk.queue("manual", &[]);
    desk.change(case, &json!({"queue": queue}));
    desk.advance_to(millis_after(until, -1));
    assert!(!desk.is_closed(case));
    desk.advance_to(until);
    assert!(desk.is_closed(case));
}

#[test]
fn who_and_why_stand_with_the_case_the_feed_and_the_audit_trail_x3_t2() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    let case = desk.open_case();
    let until = millis_after(desk.now(), HOUR);
    let body = json!({"keep_open_until": until.to_string(), "keep_open_reason": "Waits for a part"});
    let kept = ada.change(case, &body);
    assert_eq!((&kept["keep_open_by"], &kept["keep_open_reason"]), (&json!(ada.id), &json!("Waits for a part")));
    let entries = desk.feed_of(case, "keep_open_changed");
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["actor"]["id"], json!(ada.id));
    let data = json!({"until": kept["keep_open_until"], "reason": "Waits for a part", "old": null});
    assert_eq!(entries[0]["data"], data);
    let audit = desk.audit_of("CASE_UPDATED").pop().expect("an entry");
    assert_eq!(audit["old"], json!({"keep_open_until": null, "keep_open_reason": null}));
    let new = json!({"keep_open_until": kept["keep_open_until"], "keep_open_reason": "Waits for a part"});
    assert_eq!(audit["new"], new);
    // The same again changes nothing; ending it is a change of its own.
    assert_eq!(ada.change(case, &body)["version"], kept["version"]);
    let ended = desk.change(case, &json!({"keep_open_until": null}));
    let nulls = ["keep_open_until", "keep_open_reason", "keep_open_by"].map(|field| &ended[field]);
    assert_eq!(nulls, [&Value::Null; 3]);
    assert_eq!(desk.feed_of(case, "keep_open_changed")[1]["data"]["old"], kept["keep_open_until"]);
}

#[test]
fn a_moment_that_makes_no_sense_is_refused_by_field_x3() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}");
    let patch = |body: Value| desk.patch(&path, &body);
    let at = |days: i64| json!(millis_after(desk.now(), days * 24 * HOUR).to_string());
    patch(json!({"keep_open_until": at(0)})).refuses("keep_open_until", "out_of_range");
    patch(json!({"keep_open_until": at(-1)})).refuses("keep_open_until", "out_of_range");
    patch(json!({"keep_open_until": at(367)})).refuses("keep_open_until", "out_of_range");
    patch(json!({"keep_open_until": "tomorrow"})).refuses("keep_open_until", "invalid_time");
    patch(json!({"keep_open_reason": "x"})).refuses("keep_open_reason", "not_available");
    patch(json!({"keep_open_until": at(1), "keep_open_reason": "x".repeat(501)}))
        .refuses("keep_open_reason", "too_long");
    patch(json!({"keep_open_until": at(1), "status": "closed"})).refuses("keep_open_until", "not_available");
    assert_eq!(desk.case(case)["version"], 1);
    patch(json!({"keep_open_until": at(366)})).expect(200);
    desk.close(case);
    patch(json!({"keep_open_until": at(1)})).refuses("keep_open_until", "not_available");
    patch(json!({"keep_open_until": null})).expect(200);
    patch(json!({"keep_open_until": at(1), "status": "open"})).expect(200);
}

#[test]
fn closing_by_hand_ends_it_so_that_a_reopened_case_starts_without_x3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    keep(&desk, case, 48 * HOUR);
    let closed = desk.close(case);
    assert_eq!(closed["keep_open_until"], Value::Null);
    desk.writes_again("ada");
    let deadline = millis_after(desk.now(), HOUR);
    assert_eq!(moment(&desk.case(case)["closes_at"]), deadline);
    desk.advance_to(deadline);
    assert!(desk.is_closed(case));
}
