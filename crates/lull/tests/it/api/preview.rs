//! `POST /v1/auto-close/preview`: what the next run would do under a draft (X7).

use crate::support::policy::{closing_after, policy, set};
use crate::support::{Desk, millis_after};
use serde_json::{Value, json};

const PREVIEW: &str = "/v1/auto-close/preview";
const HOUR: i64 = 3_600_000;

/// A desk under a long threshold, with cases silent for 3, 2 and 1 hours and one that was silent before the switch-on.
fn desk() -> (Desk, [i64; 4]) {
    let desk = Desk::start();
    let old = desk.case_of("old");
    desk.advance_minutes(1);
    desk.auto_close(30_240);
    let first = desk.case_of("first");
    desk.advance_minutes(60);
    let second = desk.case_of("second");
    desk.reply(second, "We look into it.");
    desk.advance_minutes(60);
    let third = desk.case_of("third");
    desk.advance_minutes(60);
    (desk, [old, first, second, third])
}

fn numbers(preview: &Value) -> Vec<i64> {
    let cases = preview["cases"]["data"].as_array().expect("cases");
    cases.iter().map(|case| case["number"].as_i64().expect("a number")).collect()
}

#[test]
fn a_draft_says_what_closes_what_waits_on_us_and_what_stays_uncovered_x7() {
    let (desk, [old, first, second, third]) = desk();
    let before = (desk.audit(), desk.case(first));
    let said = desk.post(PREVIEW, &closing_after(120, &["open"])).expect(200);
    assert_eq!((&said["would_close"], &said["waiting_on_us"]), (&json!(2), &json!(1)));
    assert_eq!(numbers(&said), [first, second], "the longest silent first");
    assert_eq!((&said["not_covered"], &said["closes_within_24_hours"]), (&json!(1), &json!(3)));
    assert_eq!(said["oldest_activity_at"], desk.case(first)["last_activity_at"]);
    assert_eq!(said["in_effect"], true);
    let group = &said["groups"][0];
    assert_eq!((&group["queue"], &group["status"], &group["open"]), (&json!(desk.general), &json!("open"), &json!(4)));
    assert_eq!((desk.audit(), desk.case(first)), before, "nothing is written");
    // Saved, the next run does just that.
    desk.set_policy(&closing_after(120, &["open"]));
    desk.advance(0);
    let closed = [old, first, second, third].map(|case| desk.is_closed(case));
    assert_eq!(closed, [false, true, true, false]);
}

#[test]
fn a_draft_that_switches_on_covers_nothing_that_is_there_a3_x7() {
    let desk = Desk::start();
    desk.open_case();
    desk.advance(30 * 86_400);
    let said = desk.post(PREVIEW, &closing_after(60, &["open"])).expect(200);
    assert_eq!((&said["would_close"], &said["not_covered"]), (&json!(0), &json!(1)));
    let off = desk.post(PREVIEW, &policy()).expect(200);
    assert_eq!((&off["in_effect"], &off["off"], &off["would_close"]), (&json!(false), &json!(1), &json!(0)));
    assert_eq!(off["groups"][0]["left_out"], "off");
}

#[test]
fn kept_open_and_unselected_cases_are_left_out_and_said_so_x3_x7() {
    let (desk, [_, first, second, _]) = desk();
    let until = millis_after(desk.now(), 48 * HOUR).to_string();
    desk.change(first, &json!({"keep_open_until": until}));
    desk.status(second, "on_hold");
    let said = desk.post(PREVIEW, &closing_after(120, &["open"])).expect(200);
    assert_eq!((&said["would_close"], &said["kept_open"]), (&json!(0), &json!(1)));
    assert_eq!(said["status_not_selected"], 1);
}

#[test]
fn a_queues_draft_speaks_of_that_queue_alone_x1_x7() {
    let (desk, [_, first, second, third]) = desk();
    let queue = desk.queue("manual", &[]);
    desk.change(third, &json!({"queue": queue}));
    let draft = json!({"queue": queue, "auto_close": {"threshold_minutes": 60}});
    assert_eq!(numbers(&desk.post(PREVIEW, &draft).expect(200)), [third]);
    let draft = json!({"queue": desk.general, "auto_close": {"threshold_minutes": 120}});
    let said = desk.post(PREVIEW, &draft).expect(200);
    assert_eq!(numbers(&said), [first, second]);
    desk.put(&format!("/v1/queues/{}/lifecycle", desk.general), &json!({"auto_close": {"threshold_minutes": 120}}))
        .expect(200);
    desk.advance(0);
    assert_eq!([first, second, third].map(|case| desk.is_closed(case)), [true, true, false]);
}

#[test]
fn the_cases_of_a_preview_come_in_pages_x7() {
    let (desk, [_, first, second, third]) = desk();
    let mut draft = closing_after(60, &["open"]);
    draft["limit"] = json!(2);
    let page = desk.post(PREVIEW, &draft).expect(200);
    assert_eq!(numbers(&page), [first, second]);
    let mut next = draft.clone();
    next["cursor"] = page["cases"]["next_cursor"].clone();
    let page = desk.post(PREVIEW, &next).expect(200);
    assert_eq!((numbers(&page), &page["cases"]["next_cursor"]), (vec![third], &Value::Null));
    let other = set(next, "/auto_close/threshold_minutes", json!(120));
    desk.post(PREVIEW, &other).refuses("cursor", "invalid_cursor");
}

#[test]
fn a_bad_draft_is_refused_as_saving_it_is_x7() {
    let desk = Desk::start();
    for bad in [
        set(policy(), "/auto_close/threshold_minutes", json!(59)),
        set(policy(), "/auto_close/statuses", json!([])),
        set(policy(), "/auto_close/warning", json!({})),
        json!({}),
        json!({"auto_close": {"enabled": "yes"}, "nonsense": 1}),
    ] {
        let said = desk.post(PREVIEW, &bad).problem(422, "invalid");
        let saved = desk.put("/v1/settings/lifecycle", &bad).problem(422, "invalid");
        assert_eq!(said["errors"], saved["errors"], "{bad}");
    }
    desk.post(PREVIEW, &json!({"queue": "que_0000000000000"})).refuses("queue", "not_found");
    desk.post(PREVIEW, &set(policy(), "/limit", json!(101))).refuses("limit", "out_of_range");
}

#[test]
fn whoever_could_not_save_it_cannot_preview_it_a2_x7() {
    let desk = Desk::start();
    desk.member("Ada", "agent").post(PREVIEW, &policy()).problem(403, "permission_required");
    desk.member("Cara", "care_manager").post(PREVIEW, &policy()).expect(200);
    desk.patch("/v1/workspace", &json!({"plan": "professional"})).expect(200);
    desk.post(PREVIEW, &policy()).problem(403, "plan_required");
}
