//! What an auto close leaves behind: status, closure, feed, audit, and no notification (A8, A10, T1, T2).

use crate::support::{Desk, moment};
use serde_json::{Value, json};

/// A desk on which one case of Ada's closed by itself an hour after its creation.
fn closed_by_itself() -> (Desk, i64, Value) {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    desk.assign(case, &ada.id);
    desk.advance_minutes(75);
    let held = desk.case(case);
    assert_eq!(held["status"], "closed");
    assert_eq!(held["assignee"], ada.id.as_str(), "a closed case keeps its assignee");
    (desk, case, held)
}

#[test]
fn the_closure_says_when_why_by_whom_and_credited_to_whom_a8_m1() {
    let (_desk, _, case) = closed_by_itself();
    let expected = json!({"closed_at": case["closed_at"], "reason": "inactivity", "closed_by": null, "credited_agent": case["assignee"]});
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(case["closure"][field], *value, "{field} of {}", case["closure"]);
    }
    assert_eq!(case["waiting_on"], Value::Null);
    assert_eq!(case["closes_at"], Value::Null);
}

#[test]
fn the_feed_says_that_it_was_closed_due_to_inactivity_and_by_which_policy_t1() {
    let (desk, number, case) = closed_by_itself();
    let entries = desk.feed_of(number, "case_auto_closed");
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert!(entry["id"].as_str().is_some_and(|id| id.starts_with("act_")), "{entry}");
    assert_eq!(entry["at"], case["closed_at"]);
    assert_eq!(entry["actor"], json!({"kind": "engine", "id": null}));
    assert_eq!(entry["text"], "Closed due to inactivity");
    assert_eq!(entry["data"]["threshold_minutes"], 60);
    assert_eq!(entry["data"]["last_activity_at"], case["last_activity_at"]);
    assert_eq!(entry["data"]["credited_agent"], case["assignee"]);
    let events = desk.events(number);
    assert!(!events.contains(&"status_changed".to_owned()), "a close is one entry: {events:?}");
    assert!(!events.contains(&"case_closed".to_owned()), "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("case_auto_closed"), "the feed is oldest first");
}

#[test]
fn the_feed_names_the_threshold_that_applied_then_not_the_one_of_today_t1() {
    let (desk, number, _) = closed_by_itself();
    desk.auto_close(600);
    assert_eq!(desk.feed_of(number, "case_auto_closed")[0]["data"]["threshold_minutes"], 60);
}

#[test]
fn an_auto_close_is_in_the_audit_trail_t2() {
    let (desk, number, case) = closed_by_itself();
    let entries = desk.audit_of("CASE_AUTO_CLOSED");
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry["at"], case["closed_at"]);
    assert_eq!(entry["actor"]["kind"], "engine");
    assert_eq!(entry["object"], json!({"kind": "case", "id": number.to_string()}));
    assert_eq!(entry["address"], Value::Null, "the engine has no address");
    assert!(entry["hash"].as_str().is_some_and(|hash| !hash.is_empty()));
}

#[test]
fn status_closure_feed_audit_and_version_change_together_a8() {
    let desk = Desk::start();
    desk.auto_close(60);
    let number = desk.open_case();
    let before = desk.case(number);
    desk.advance_minutes(59);
    assert_eq!(desk.case(number), before, "nothing of it is there early");
    assert_eq!(desk.feed_of(number, "case_auto_closed").len() + desk.audit_of("CASE_AUTO_CLOSED").len(), 0);
    desk.advance_minutes(1);
    let after = desk.case(number);
    assert!(after["version"].as_i64() > before["version"].as_i64(), "a reader's ETag goes stale");
    assert_eq!(desk.feed_of(number, "case_auto_closed").len(), 1);
    assert_eq!(desk.audit_of("CASE_AUTO_CLOSED").len(), 1);
    assert_eq!(moment(&after["closed_at"]), desk.now());
}

#[test]
fn nobody_is_notified_of_an_auto_close_a10() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (ada, manager) = (desk.agent("Ada", None), desk.member("Mia", "care_manager"));
    let (assigned, unassigned) = (desk.open_case(), desk.open_case());
    desk.assign(assigned, &ada.id);
    let count = || [desk.owner(), &ada.client, &manager.client].map(|who| who.all("/v1/notifications?limit=100").len());
    let before = count();
    desk.advance_minutes(600);
    assert!(desk.is_closed(assigned) && desk.is_closed(unassigned));
    assert_eq!(count(), before);
}

#[test]
fn a_close_by_somebody_else_does_notify_the_assignee_a10() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let (case, own) = (desk.open_case(), desk.open_case());
    desk.assign(case, &ada.id);
    desk.assign(own, &ada.id);
    let before = ada.notified(case);
    bea.close(case);
    assert_eq!(ada.notified(case), before + 1);
    let before = ada.notified(own);
    ada.close(own);
    assert_eq!(ada.notified(own), before, "nobody is told of what they did themselves");
}
