//! Who is credited with a closing, and that it stays so (M1); the three closing reasons (M10).

use crate::support::Desk;
use serde_json::{Value, json};

#[track_caller]
fn assert_closure(desk: &Desk, case: i64, reason: &str, closed_by: Option<&str>, credited: Option<&str>) {
    let closure = &desk.case(case)["closure"];
    assert_eq!(closure["reason"], reason, "{closure}");
    assert_eq!(closure["closed_by"], json!(closed_by), "{closure}");
    assert_eq!(closure["credited_agent"], json!(credited), "{closure}");
    let event = if reason == "inactivity" { "case_auto_closed" } else { "case_closed" };
    let entry = desk.feed_of(case, event).pop().expect("its entry in the feed");
    assert_eq!(entry["data"]["credited_agent"], json!(credited), "the feed says the same: {entry}");
}

#[test]
fn the_assignee_at_the_moment_of_an_auto_close_gets_the_credit_m1() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (ada, bea) = (desk.agent("Ada", None), desk.member("Bea", "agent"));
    let (kept, passed_on, nobodys, given_back) =
        (desk.open_case(), desk.open_case(), desk.open_case(), desk.open_case());
    for case in [kept, passed_on, given_back] {
        desk.assign(case, &ada.id);
    }
    ada.reply(given_back, "One moment.");
    desk.assign(passed_on, &bea.id);
    desk.change(given_back, &json!({"assignee": null}));
    desk.advance_minutes(60);
    assert_closure(&desk, kept, "inactivity", None, Some(&ada.id));
    assert_closure(&desk, passed_on, "inactivity", None, Some(&bea.id));
    assert_closure(&desk, nobodys, "inactivity", None, None);
    assert_closure(&desk, given_back, "inactivity", None, None);
}

#[test]
fn a_manual_close_credits_the_assignee_else_the_one_who_closed_m1() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let (others, own, nobodys) = (desk.open_case(), desk.open_case(), desk.open_case());
    desk.assign(others, &ada.id);
    desk.assign(own, &bea.id);
    for case in [others, own, nobodys] {
        bea.close(case);
    }
    assert_closure(&desk, others, "manual", Some(&bea.id), Some(&ada.id));
    assert_closure(&desk, own, "manual", Some(&bea.id), Some(&bea.id));
    assert_closure(&desk, nobodys, "manual", Some(&bea.id), Some(&bea.id));
}

#[test]
fn a_close_by_a_token_that_acts_as_nobody_has_the_reason_api_m1() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let program = desk.api("agent");
    let (assigned, nobodys) = (desk.open_case(), desk.open_case());
    desk.assign(assigned, &ada.id);
    program.close(assigned);
    program.close(nobodys);
    assert_closure(&desk, assigned, "api", None, Some(&ada.id));
    assert_closure(&desk, nobodys, "api", None, None);
    let actor = &desk.feed_of(nobodys, "case_closed")[0]["actor"];
    assert_eq!(*actor, json!({"kind": "api", "id": null}));
}

#[test]
fn a_close_by_the_owners_own_token_is_a_persons_m1() {
    let desk = Desk::start();
    let owner = desk.owner_id();
    let case = desk.open_case();
    desk.close(case);
    assert_closure(&desk, case, "manual", Some(&owner), Some(&owner));
}

#[test]
fn later_reassignment_does_not_rewrite_the_closure_m1() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let (auto, manual) = (desk.open_case(), desk.open_case());
    desk.assign(auto, &ada.id);
    desk.assign(manual, &ada.id);
    bea.close(manual);
    desk.advance_minutes(60);
    let before = [auto, manual].map(|case| desk.case(case)["closure"].clone());
    for case in [auto, manual] {
        desk.assign(case, &bea.id);
        desk.change(case, &json!({"priority": "critical", "type": "lead", "queue": desk.queue("manual", &[])}));
        desk.change(case, &json!({"assignee": null}));
    }
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false, "name": "Renamed"})).expect(200);
    assert_eq!([auto, manual].map(|case| desk.case(case)["closure"].clone()), before);
    assert_eq!(desk.feed_of(auto, "case_auto_closed")[0]["data"]["credited_agent"], ada.id.as_str());
}

#[test]
fn each_closing_has_a_credit_of_its_own_m1() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.closed_case("one", Some(&ada.id));
    desk.status(case, "open");
    desk.assign(case, &bea.id);
    desk.close(case);
    let credits: Vec<Value> =
        desk.feed_of(case, "case_closed").iter().map(|entry| entry["data"]["credited_agent"].clone()).collect();
    assert_eq!(credits, [json!(ada.id), json!(bea.id)]);
}

#[test]
fn cases_are_told_apart_by_closing_reason_m10() {
    let desk = Desk::start();
    desk.auto_close(60);
    let (auto, manual, program) = (desk.open_case(), desk.open_case(), desk.open_case());
    desk.close(manual);
    desk.api("agent").close(program);
    desk.advance_minutes(60);
    for (reason, case) in [("inactivity", auto), ("manual", manual), ("api", program)] {
        let found = desk.all(&format!("/v1/cases?closed_reason={reason}"));
        assert_eq!(found.iter().map(|case| case["number"].clone()).collect::<Vec<_>>(), [json!(case)], "{reason}");
    }
}

#[test]
fn a_close_that_also_moves_the_case_credits_nobody_of_the_new_queue_m1() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let queue = desk.queue("round_robin", &[&ada]);
    let case = desk.open_case();
    let closed = desk.patch(&format!("/v1/cases/{case}"), &json!({"queue": queue, "status": "closed"})).expect(200);
    assert_eq!(closed["assignee"], serde_json::Value::Null);
    assert_eq!(closed["closure"]["credited_agent"], desk.owner_id());
}
