//! The run log and the undoing of a run (X8).

use crate::support::{Desk, inbound, millis_after, moment};
use serde_json::{Value, json};

const RUNS: &str = "/v1/auto-close/runs";
const HOUR: i64 = 3_600_000;
/// The engine looks every second: so often somebody who asks without a pause may have to.
const LOOKS: usize = 200_000;

/// The id of the newest run.
fn newest(desk: &Desk) -> String {
    desk.all(RUNS)[0]["id"].as_str().expect("an id").to_owned()
}

fn undo(desk: &Desk, run: &str) -> Value {
    desk.post(&format!("{RUNS}/{run}/undo"), &json!({})).expect(200)
}

fn run(desk: &Desk, run: &str) -> Value {
    desk.get(&format!("{RUNS}/{run}?limit=100")).expect(200)
}

/// What became of a case of the run.
fn fate(details: &Value, case: i64) -> Value {
    let cases = details["cases"]["data"].as_array().expect("cases");
    cases.iter().find(|row| row["number"] == case).expect("the case")["undo"].clone()
}

#[test]
fn a_run_shows_its_cases_and_the_policy_that_applied_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases = [desk.case_of("ada"), desk.case_of("bea"), desk.case_of("cyd")];
    desk.advance_minutes(60);
    let id = newest(&desk);
    let first = desk.get(&format!("{RUNS}/{id}?limit=2")).expect(200);
    assert_eq!((&first["closed"], &first["looked_at"], &first["undo"]), (&json!(3), &json!(3), &Value::Null));
    let rules = json!([{"queue": desk.general, "threshold_minutes": 60, "closed": 3}]);
    assert_eq!((&first["rules"], &first["failures"]), (&rules, &json!([])));
    let cursor = first["cases"]["next_cursor"].as_str().expect("another page");
    let second = desk.get(&format!("{RUNS}/{id}?limit=2&cursor={cursor}")).expect(200);
    let rows = [first["cases"]["data"].as_array(), second["cases"]["data"].as_array()].map(|rows| rows.expect("rows"));
    let numbers: Vec<i64> = rows.iter().flat_map(|rows| rows.iter()).filter_map(|row| row["number"].as_i64()).collect();
    assert_eq!(numbers, cases);
    assert_eq!((&rows[1][0]["status_before"], &rows[1][0]["reopened_at"]), (&json!("open"), &Value::Null));
}

#[test]
fn undoing_a_run_brings_back_what_nobody_touched_since_x8() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    desk.auto_close(60);
    let [untouched, noted, back, again] = ["a", "b", "c", "d"].map(|name| desk.case_of(name));
    desk.assign(untouched, &ada.id);
    desk.status(untouched, "on_hold");
    desk.advance_minutes(60);
    let id = newest(&desk);
    desk.comment(noted, "Looked at.");
    desk.writes_again("c");
    desk.status(again, "open");
    desk.close(again);
    let undone = undo(&desk, &id);
    assert_eq!(undone["undo"]["state"], "done");
    assert_eq!((&undone["undo"]["reopened"], &undone["undo"]["left"]), (&json!(1), &json!(3)));
    let case = desk.case(untouched);
    assert_eq!((&case["status"], &case["assignee"]), (&json!("on_hold"), &json!(ada.id)));
    assert_eq!((&case["closure"], &case["reopen_count"]), (&Value::Null, &json!(1)));
    assert!(desk.is_closed(noted) && desk.is_closed(again) && !desk.is_closed(back));
    let details = run(&desk, &id);
    let fates = [untouched, noted, back, again].map(|case| fate(&details, case));
    assert_eq!(fates, ["reopened", "changed", "reopened_already", "closed_again"].map(|word| json!(word)));
}

#[test]
fn an_undone_case_waits_the_whole_threshold_again_c3_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance_minutes(90);
    undo(&desk, &newest(&desk));
    let deadline = millis_after(desk.now(), HOUR);
    assert_eq!(moment(&desk.case(case)["closes_at"]), deadline);
    desk.advance_to(millis_after(deadline, -1));
    assert!(!desk.is_closed(case));
    desk.advance_to(deadline);
    assert!(desk.is_closed(case));
}

#[test]
fn an_undo_leaves_traces_and_tells_each_person_once_r9_t2_x8() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    desk.auto_close(60);
    let cases = [desk.case_of("a"), desk.case_of("b")];
    cases.iter().for_each(|case| drop(desk.assign(*case, &ada.id)));
    desk.advance_minutes(60);
    let id = newest(&desk);
    let before = ada.all("/v1/notifications?limit=100").len();
    undo(&desk, &id);
    for case in cases {
        let entries = desk.feed_of(case, "case_reopened");
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0]["actor"]["kind"], &entries[0]["data"]["undone_run"]), (&json!("agent"), &json!(id)));
    }
    assert_eq!(desk.audit_of("CASE_REOPENED").len(), 2);
    let asked = desk.audit_of("RUN_UNDONE");
    assert_eq!((asked.len(), &asked[0]["object"]), (1, &json!({"kind": "run", "id": id})));
    assert_eq!(ada.all("/v1/notifications?limit=100").len(), before + 1, "one for both cases");
    let report = desk.get("/v1/reports/cases?from=2025-01-01&to=2031-01-01").expect(200);
    assert_eq!(report["totals"]["cases_reopened"], 2);
}

#[test]
fn an_undo_can_be_asked_for_again_and_changes_nothing_more_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    desk.advance_minutes(60);
    let id = newest(&desk);
    let first = undo(&desk, &id);
    desk.close(case);
    assert_eq!(undo(&desk, &id), first);
    assert!(desk.is_closed(case), "closed by hand since, so it stays");
    assert_eq!(desk.audit_of("RUN_UNDONE").len(), 1);
    desk.post(&format!("{RUNS}/run_0000000000000/undo"), &json!({})).problem(404, "not_found");
}

#[test]
fn a_large_run_is_undone_by_the_engine_batch_by_batch_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases: Vec<i64> = (0..510).map(|n| desk.case_on(&desk.channel, &format!("customer {n}"))).collect();
    desk.advance_minutes(60);
    let runs: Vec<Value> = desk.all(RUNS);
    let large = runs.iter().find(|run| run["closed"].as_i64() > Some(500));
    // The clock stands still while they are made, so they are due together.
    let id = large.expect("one run closed them all")["id"].as_str().expect("an id").to_owned();
    let asked = desk.post(&format!("{RUNS}/{id}/undo"), &json!({})).expect(202);
    assert_eq!((&asked["undo"]["state"], &asked["undo"]["reopened"]), (&json!("running"), &json!(500)));
    // The engine goes on by itself, while the clock stands still too.
    let done = (0..LOOKS).map(|_| run(&desk, &id)).find(|run| run["undo"]["state"] == "done").expect("an end");
    assert_eq!((&done["undo"]["state"], &done["undo"]["reopened"]), (&json!("done"), &json!(510)));
    assert!(cases.iter().step_by(100).all(|case| !desk.is_closed(*case)));
}

#[test]
fn a_message_that_comes_with_the_undo_is_answered_as_ever_r2_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    desk.advance_minutes(60);
    undo(&desk, &newest(&desk));
    let answer = desk.receive(&inbound(&desk.channel, "ada"));
    assert_eq!((&answer["outcome"], &answer["case"]["number"]), (&json!("appended"), &json!(case)));
}

#[test]
fn an_automatic_message_or_a_renamed_tag_does_not_keep_a_case_from_coming_back_c6_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let [answered, tagged] = ["ada", "bea"].map(|customer| desk.case_of(customer));
    desk.change(tagged, &json!({"tags": ["old"]}));
    desk.advance_minutes(60);
    let id = newest(&desk);
    desk.receive(&inbound(&desk.channel, "ada").automatic());
    desk.patch("/v1/tags/old", &json!({"name": "new"})).expect(200);
    let renamed = (0..LOOKS).any(|_| desk.case(tagged)["tags"] == json!(["new"]));
    assert!(renamed, "the engine renames it");
    let undone = undo(&desk, &id);
    assert_eq!((&undone["undo"]["reopened"], &undone["undo"]["left"]), (&json!(2), &json!(0)));
    assert!(!desk.is_closed(answered) && !desk.is_closed(tagged));
}

#[test]
fn what_a_person_did_is_not_hidden_by_an_automatic_message_after_it_x8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    desk.advance_minutes(60);
    let id = newest(&desk);
    desk.comment(case, "Looked at.");
    desk.receive(&inbound(&desk.channel, "ada").automatic());
    assert_eq!(undo(&desk, &id)["undo"]["left"], 1);
    assert!(desk.is_closed(case));
}

#[test]
fn a_case_of_somebody_who_left_comes_back_to_its_queue_r9_x8() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada", "agent"), desk.member("Bea", "agent"));
    let queue = desk.queue("manual", &[&ada, &bea]);
    let channel = desk.channel_into(&queue, "x");
    desk.auto_close(60);
    let cases = [desk.case_on(&channel, "one"), desk.case_on(&channel, "two")];
    cases.iter().for_each(|case| drop(desk.assign(*case, &ada.id)));
    desk.advance_minutes(60);
    let id = newest(&desk);
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false})).expect(200);
    let reopened = |bea: &crate::support::Member| {
        let told = bea.all("/v1/notifications?limit=100");
        told.iter().filter(|note| note["event"] == "case_reopened").count()
    };
    undo(&desk, &id);
    for case in cases {
        assert_eq!((&desk.case(case)["assignee"], desk.is_closed(case)), (&Value::Null, false));
        assert_eq!(desk.feed_of(case, "unassigned").len(), 1);
    }
    assert_eq!(reopened(&bea), 1, "one for both");
}

#[test]
fn a_case_that_is_reopened_by_hand_does_not_go_back_to_somebody_who_left_r9() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada", "agent"), desk.member("Bea", "agent"));
    let queue = desk.queue("manual", &[&ada, &bea]);
    let case = desk.case_on(&desk.channel_into(&queue, "x"), "one");
    desk.assign(case, &ada.id);
    desk.close(case);
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"role": "viewer"})).expect(200);
    desk.status(case, "open");
    assert_eq!((&desk.case(case)["assignee"], desk.feed_of(case, "unassigned").len()), (&Value::Null, 1));
    let told = bea.all("/v1/notifications?limit=100");
    let back: Vec<_> = told.iter().filter(|note| note["event"] == "case_reopened").collect();
    assert_eq!(back.len(), 1, "{told:?}");
}
