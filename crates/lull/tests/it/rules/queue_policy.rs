//! A queue's own policy: every field may be overridden, an empty one inherits (X1), under the rules A1–A5 and R1.

use crate::support::policy::{ALL, closing_after, policy};
use crate::support::{Desk, millis_after, moment};
use serde_json::{Value, json};

/// A queue, a channel into it, and the path of its overrides.
fn queue_of(desk: &Desk) -> (String, String, String) {
    let queue = desk.queue("manual", &[]);
    let channel = desk.channel_into(&queue, "x");
    let path = format!("/v1/queues/{queue}/lifecycle");
    (queue, channel, path)
}

#[test]
fn a_queue_starts_without_overrides_and_can_be_set_read_and_reset_a1() {
    let desk = Desk::start();
    let (_, _, path) = queue_of(&desk);
    let empty = desk.get(&path).expect(200);
    for pointer in [
        "/auto_close/enabled",
        "/auto_close/threshold_minutes",
        "/auto_close/statuses",
        "/auto_reopen/enabled",
        "/auto_reopen/window_minutes",
    ] {
        assert!(empty.pointer(pointer).is_none_or(Value::is_null), "{pointer} inherits: {empty}");
    }
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": 120}})).expect(200);
    let held = desk.get(&path).expect(200);
    assert_eq!(held["auto_close"]["threshold_minutes"], 120);
    assert!(held.pointer("/auto_close/enabled").is_none_or(Value::is_null), "{held}");
    desk.delete(&path).expect(204);
    assert!(desk.get(&path).expect(200).pointer("/auto_close/threshold_minutes").is_none_or(Value::is_null));
}

#[test]
fn overrides_are_not_undone_by_accident_x1() {
    let desk = Desk::start();
    let (_, _, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"enabled": false, "threshold_minutes": 120}})).expect(200);
    let held = desk.get(&path).expect(200);
    let json = [("content-type", "application/json")];
    for headers in [&[][..], &json] {
        assert_eq!(desk.send("PUT", &path, headers, Some(b"")).expect(400)["code"], "malformed_json", "no body at all");
    }
    let stale = [("if-match", "\"0\"")];
    assert_eq!(desk.send("DELETE", &path, &stale, None).expect(409)["code"], "version_conflict");
    assert_eq!(desk.get(&path).expect(200), held);
    let current = format!("\"{}\"", held["version"]);
    desk.send("DELETE", &path, &[("if-match", &current)], None).expect(204);
}

#[test]
fn a_queues_threshold_holds_for_its_cases_alone_a4() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": 120}})).expect(200);
    let (slow, quick) = (desk.case_on(&channel, "ada"), desk.open_case());
    assert_eq!(moment(&desk.case(slow)["closes_at"]), millis_after(desk.now(), 120 * 60_000));
    desk.advance_minutes(60);
    assert!(desk.is_closed(quick) && !desk.is_closed(slow));
    desk.advance_minutes(60);
    assert!(desk.is_closed(slow));
    assert_eq!(desk.feed_of(slow, "case_auto_closed")[0]["data"]["threshold_minutes"], 120);
}

#[test]
fn a_null_field_inherits_and_follows_the_workspace_a5() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": null, "statuses": ["open"]}, "auto_reopen": {"window_minutes": null}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    assert_eq!(moment(&desk.case(case)["closes_at"]), millis_after(desk.now(), 60 * 60_000));
    desk.auto_close(90);
    assert_eq!(moment(&desk.case(case)["closes_at"]), millis_after(desk.now(), 90 * 60_000));
    desk.status(case, "on_hold");
    assert_eq!(desk.case(case)["closes_at"], Value::Null, "its own statuses hold");
}

#[test]
fn the_workspaces_settings_are_not_reached_under_the_id_of_no_queue_x1() {
    let desk = Desk::start();
    let before = desk.auto_close(90);
    let nobodys = "/v1/queues/que_0000000000000/lifecycle";
    desk.get(nobodys).problem(404, "not_found");
    desk.put(nobodys, &json!({"auto_close": {"enabled": false}})).problem(404, "not_found");
    desk.delete(nobodys).problem(404, "not_found");
    assert_eq!(desk.get("/v1/settings/lifecycle").expect(200), before);
}

#[test]
fn a_queue_can_be_left_out_a4() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"enabled": false}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.advance(30 * 86_400);
    assert!(!desk.is_closed(case));
}

#[test]
fn a_queue_can_close_alone_and_covers_from_its_own_moment_a3() {
    let desk = Desk::start();
    let (_, channel, path) = queue_of(&desk);
    let old = desk.case_on(&channel, "old");
    desk.advance_minutes(5);
    let document = json!({"auto_close": {"enabled": true, "threshold_minutes": 60, "statuses": ALL}});
    desk.put(&path, &document).expect(200);
    let (new, elsewhere) = (desk.case_on(&channel, "new"), desk.open_case());
    desk.advance(86_400);
    assert!(desk.is_closed(new));
    assert!(!desk.is_closed(old), "it saw no activity since the queue's switch");
    assert!(!desk.is_closed(elsewhere), "the workspace's switch is off");
}

#[test]
fn a_case_moved_to_another_queue_follows_that_queues_policy_a4_c2() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (queue, _, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": 180}})).expect(200);
    let case = desk.open_case();
    let activity = desk.last_activity(case);
    desk.change(case, &json!({"queue": queue}));
    desk.advance_minutes(120);
    assert!(!desk.is_closed(case));
    assert_eq!(moment(&desk.case(case)["closes_at"]), millis_after(activity, 180 * 60_000));
    desk.change(case, &json!({"queue": desk.general}));
    desk.run_due();
    assert!(desk.is_closed(case), "in its new queue it has been due for an hour");
}

#[test]
fn a_case_moved_into_a_queue_that_was_switched_on_later_is_still_found_a3_a6() {
    let desk = Desk::start();
    let (queue, _, path) = queue_of(&desk);
    let case = desk.case_of("ada");
    desk.advance_minutes(5);
    desk.put(&path, &json!({"auto_close": {"enabled": true, "threshold_minutes": 60, "statuses": ALL}})).expect(200);
    desk.change(case, &json!({"queue": queue}));
    desk.advance_minutes(600);
    assert!(!desk.is_closed(case), "silent since before the switch");
    desk.writes_again("ada");
    desk.advance_minutes(60);
    assert!(desk.is_closed(case), "its new activity is covered");
}

#[test]
fn resetting_a_queue_lets_the_workspace_policy_act_at_the_next_run_a5() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": 30_240}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    desk.advance_minutes(600);
    assert!(!desk.is_closed(case));
    desk.delete(&path).expect(204);
    desk.run_due();
    assert!(desk.is_closed(case));
}

#[test]
fn a_queues_reopen_window_holds_for_its_cases_r1_r5() {
    let desk = Desk::start();
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_reopen": {"window_minutes": 60}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    desk.close(case);
    desk.advance_minutes(61);
    let answer = desk.receive(&crate::support::inbound(&channel, "ada"));
    assert_eq!(answer["outcome"], "follow_up");
    let other = desk.closed_case("ada", None);
    desk.advance_minutes(61);
    assert_eq!(desk.writes_again("ada")["outcome"], "reopened");
    assert_eq!(desk.case(other)["status"], "open");
}

#[test]
fn overrides_keep_the_bounds_of_the_rules_a1_r1() {
    let desk = Desk::start();
    let (_, _, path) = queue_of(&desk);
    let put = |body: Value| desk.put(&path, &body);
    put(json!({"auto_close": {"threshold_minutes": 59}})).refuses("auto_close.threshold_minutes", "out_of_range");
    put(json!({"auto_close": {"threshold_minutes": 30_241}})).refuses("auto_close.threshold_minutes", "out_of_range");
    put(json!({"auto_close": {"statuses": []}})).refuses_field("auto_close.statuses");
    put(json!({"auto_close": {"statuses": ["closed"]}})).refuses_field("auto_close.statuses");
    put(json!({"auto_reopen": {"window_minutes": 129_601}})).refuses("auto_reopen.window_minutes", "out_of_range");
    put(json!({"auto_close": {"colour": 1}})).refuses("auto_close.colour", "unknown_field");
    put(json!({"colour": 1})).refuses("colour", "unknown_field");
}

#[test]
fn overrides_need_the_same_permission_and_plan_and_leave_a_trace_a2_t2() {
    let desk = Desk::start();
    let (_, _, path) = queue_of(&desk);
    let body = json!({"auto_close": {"threshold_minutes": 90}});
    let agent = desk.member("Ada", "agent");
    agent.get(&path).expect(200);
    agent.put(&path, &body).problem(403, "permission_required");
    agent.delete(&path).problem(403, "permission_required");
    let before = desk.audit_of("CASE_SETTINGS_UPDATED").len();
    desk.put(&path, &body).expect(200);
    desk.delete(&path).expect(204);
    assert_eq!(desk.audit_of("CASE_SETTINGS_UPDATED").len(), before + 2);
    desk.plan("standard");
    desk.put(&path, &body).problem(403, "plan_required");
    desk.get("/v1/queues/que_0000000000000/lifecycle").problem(404, "not_found");
}

#[test]
fn a_lowered_plan_suspends_a_queues_own_policy_too_a2() {
    let desk = Desk::start();
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"enabled": true, "threshold_minutes": 60, "statuses": ALL}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    desk.plan("standard");
    desk.advance(86_400);
    assert!(!desk.is_closed(case));
    desk.plan("advanced");
    desk.run_due();
    assert!(desk.is_closed(case));
}

#[test]
fn switching_the_workspace_off_and_on_starts_an_inheriting_queue_over_a3() {
    let desk = Desk::start();
    desk.set_policy(&closing_after(60, &ALL));
    let (_, channel, path) = queue_of(&desk);
    desk.put(&path, &json!({"auto_close": {"threshold_minutes": 120}})).expect(200);
    let case = desk.case_on(&channel, "ada");
    desk.advance_minutes(5);
    desk.set_policy(&policy());
    desk.auto_close(60);
    desk.advance(86_400);
    assert!(!desk.is_closed(case), "off and on again uncovered it");
}

#[test]
fn what_an_off_queue_left_uncovered_stays_so_however_it_is_switched_on_again_a3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (_, channel, path) = queue_of(&desk);
    let enabled = |enabled: Value| desk.put(&path, &json!({"auto_close": {"enabled": enabled}})).expect(200);
    enabled(json!(false));
    let case = desk.case_on(&channel, "ada");
    desk.advance_minutes(3 * 24 * 60);
    for switch in [Value::Null, json!(true), Value::Null] {
        enabled(switch.clone());
        desk.advance_minutes(120);
        assert!(!desk.is_closed(case), "after {switch}");
    }
    desk.delete(&path).expect(204);
    desk.advance_minutes(120);
    assert!(!desk.is_closed(case));
}
