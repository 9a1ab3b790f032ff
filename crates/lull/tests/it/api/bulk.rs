//! Changes of many cases: a result for each, one undo, nothing done twice.

use crate::support::Desk;
use serde_json::{Value, json};

fn change(desk: &Desk, numbers: &[i64], changes: Value) -> Value {
    desk.post("/v1/cases/bulk", &json!({"numbers": numbers, "changes": changes})).expect(200)
}

fn outcomes(answer: &Value, field: &str) -> Vec<(i64, Option<String>)> {
    let results = answer["results"].as_array().expect("results");
    let of = |result: &Value| (result["number"].as_i64().expect("a number"), result[field].as_str().map(str::to_owned));
    results.iter().map(of).collect()
}

fn said(all: &[(i64, &str)]) -> Vec<(i64, Option<String>)> {
    all.iter().map(|(number, word)| (*number, Some((*word).to_owned()))).collect()
}

fn undo(desk: &Desk, answer: &Value) -> Value {
    desk.post(&format!("/v1/cases/bulk/{}/undo", answer["id"].as_str().expect("an id")), &json!({})).expect(200)
}

#[test]
fn each_case_is_changed_with_its_own_traces_and_has_its_own_result() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let (one, two) = (desk.case_of("ada"), desk.case_of("bob"));
    desk.patch(&format!("/v1/cases/{two}"), &json!({"tags": ["old", "vip"], "assignee": ada.id})).expect(200);
    let done = change(
        &desk,
        &[two, one, 999],
        json!({"assignee": ada.id, "add_tags": ["VIP", "new"], "remove_tags": ["old"], "priority": "high", "type": "question"}),
    );
    assert_eq!(outcomes(&done, "outcome"), said(&[(one, "changed"), (two, "changed"), (999, "refused")]));
    assert_eq!((&done["changed"], &done["refused"]), (&json!(2), &json!(1)));
    assert!(done["results"][2]["why"].as_str().expect("why").contains("no such case"));
    for (case, tags) in [(one, json!(["vip", "new"])), (two, json!(["vip", "new"]))] {
        let shown = desk.case(case);
        assert_eq!((&shown["tags"], &shown["priority"], &shown["type"]), (&tags, &json!("high"), &json!("question")));
        assert_eq!(shown["assignee"], json!(ada.id));
        assert_eq!(desk.feed_of(case, "priority_changed").len(), 1);
    }
    let again = change(&desk, &[one, two], json!({"priority": "high"}));
    assert_eq!(outcomes(&again, "outcome"), said(&[(one, "unchanged"), (two, "unchanged")]));
}

#[test]
fn an_undo_gives_back_what_nobody_touched_since_and_says_what_it_left() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let (one, two, three) = (desk.case_of("ada"), desk.case_of("bob"), desk.case_of("eve"));
    desk.patch(&format!("/v1/cases/{one}"), &json!({"status": "in_progress", "tags": ["kept"]})).expect(200);
    let done = change(&desk, &[one, two, three], json!({"status": "closed", "assignee": ada.id, "add_tags": ["done"]}));
    assert_eq!(
        desk.case(one)["closure"]["credited_agent"],
        json!(ada.id),
        "the close credits whom it is assigned to (M1)"
    );
    desk.writes_again("eve");
    let undone = undo(&desk, &done);
    assert_eq!(outcomes(&undone, "undone"), said(&[(one, "restored"), (two, "restored"), (three, "changed_since")]));
    let shown = desk.case(one);
    assert_eq!(
        (&shown["status"], &shown["assignee"], &shown["tags"]),
        (&json!("in_progress"), &json!(null), &json!(["kept"]))
    );
    assert_eq!(desk.case(three)["tags"], json!(["done"]), "what a customer reopened stays as it is");
    let version = desk.case(one)["version"].clone();
    assert_eq!(undo(&desk, &done)["results"], undone["results"], "a second undo does nothing");
    assert_eq!(desk.case(one)["version"], version);
    assert_eq!(
        desk.get(&format!("/v1/cases/bulk/{}", done["id"].as_str().expect("an id"))).expect(200)["results"],
        undone["results"]
    );
}

#[test]
fn a_case_moved_to_another_queue_comes_back_to_its_own() {
    let desk = Desk::start();
    let queue = desk.queue("manual", &[]);
    let case = desk.case_of("ada");
    let done = change(&desk, &[case], json!({"queue": queue}));
    assert_eq!(desk.case(case)["queue"], json!(queue));
    undo(&desk, &done);
    assert_eq!(desk.case(case)["queue"], json!(desk.general));
}

#[test]
fn cases_are_kept_open_together_and_the_undo_ends_that() {
    let desk = Desk::start();
    let cases = [desk.case_of("ada"), desk.case_of("bob")];
    let until = format!("{:.3}", desk.now() + jiff::SignedDuration::from_hours(10));
    let done = change(&desk, &cases, json!({"keep_open_until": until, "keep_open_reason": "parts are on order"}));
    assert_eq!(desk.case(cases[1])["keep_open_until"], json!(until));
    undo(&desk, &done);
    assert_eq!(desk.case(cases[1])["keep_open_until"], json!(null));
    let closed = desk.closed_case("eve", None);
    let refused = change(&desk, &[closed], json!({"keep_open_until": until}));
    assert_eq!(outcomes(&refused, "outcome"), said(&[(closed, "refused")]));
}

#[test]
fn a_filter_takes_what_matches_and_says_where_to_go_on() {
    let desk = Desk::start();
    let cases: Vec<i64> = ["ada", "bob", "eve"].iter().map(|name| desk.case_of(name)).collect();
    let body =
        json!({"filter": {"status": "open", "assignee": "none"}, "after": cases[0], "changes": {"priority": "low"}});
    let done = desk.post("/v1/cases/bulk", &body).expect(200);
    assert_eq!(outcomes(&done, "outcome"), said(&[(cases[1], "changed"), (cases[2], "changed")]));
    assert_eq!(done["next_after"], json!(null));
    let none = json!({"filter": {"status": "closed"}, "changes": {"priority": "low"}});
    assert_eq!(desk.post("/v1/cases/bulk", &none).expect(200)["results"], json!([]));
}

#[test]
fn bad_input_is_named_by_field_and_nothing_is_done() {
    let desk = Desk::start();
    let case = desk.open_case();
    let post = |body: Value| desk.post("/v1/cases/bulk", &body);
    post(json!({"numbers": [case], "changes": {}})).refuses("changes", "required");
    post(json!({"numbers": [case]})).refuses("changes", "required");
    post(json!({"changes": {"priority": "low"}})).refuses("numbers", "required");
    post(json!({"numbers": [case], "filter": {}, "changes": {"priority": "low"}})).refuses("filter", "duplicate");
    post(json!({"numbers": ["x"], "changes": {"priority": "low"}})).refuses("numbers.0", "wrong_type");
    post(json!({"numbers": vec![1; 1001], "changes": {"priority": "low"}})).refuses("numbers", "too_long");
    post(json!({"filter": {"stauts": "open"}, "changes": {"priority": "low"}}))
        .refuses("filter.stauts", "unknown_parameter");
    post(json!({"filter": {"status": "opne"}, "changes": {"priority": "low"}}))
        .refuses("filter.status", "unknown_value");
    post(json!({"numbers": [case], "changes": {"priority": "loud"}})).refuses("changes.priority", "unknown_value");
    post(json!({"numbers": [case], "changes": {"title": "x"}})).refuses("changes.title", "unknown_field");
    let nobody = "agt_0000000000000";
    post(json!({"numbers": [case], "changes": {"assignee": nobody}})).refuses("changes.assignee", "not_found");
    assert_eq!(desk.case(case)["version"], json!(1));
}

#[test]
fn the_same_key_acts_once() {
    let desk = Desk::start();
    let case = desk.open_case();
    let body = json!({"numbers": [case], "changes": {"priority": "low"}});
    let post = |body: &Value| desk.with_json("POST", "/v1/cases/bulk", &[("idempotency-key", "k")], body);
    let first = post(&body).expect(200);
    desk.patch(&format!("/v1/cases/{case}"), &json!({"priority": "high"})).expect(200);
    assert_eq!(post(&body).expect(200), first);
    assert_eq!(desk.case(case)["priority"], json!("high"));
    post(&json!({"numbers": [case], "changes": {"priority": "none"}})).problem(409, "idempotency_conflict");
}

#[test]
fn many_cases_take_many_steps_and_one_undo() {
    let desk = Desk::start();
    let cases: Vec<i64> = (0..60).map(|n| desk.case_of(&format!("customer {n}"))).collect();
    let done = change(&desk, &cases, json!({"add_tags": ["sweep"]}));
    assert_eq!(done["changed"], json!(60));
    let undone = undo(&desk, &done);
    assert!(undone["results"].as_array().expect("results").iter().all(|result| result["undone"] == "restored"));
    assert_eq!(desk.all("/v1/cases?tag=sweep").len(), 0);
}

#[test]
fn an_act_of_another_workspace_is_not_there() {
    let place = crate::support::desk::Place::new();
    let token = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    let case = desk.open_case();
    let done = change(&desk, &[case], json!({"priority": "low"}));
    let (other, path) = (desk.as_token(&token), format!("/v1/cases/bulk/{}", done["id"].as_str().expect("an id")));
    other.get(&path).problem(404, "not_found");
    other.post(&format!("{path}/undo"), &json!({})).problem(404, "not_found");
    other.get("/v1/cases/bulk/blk_nonsense").problem(404, "not_found");
    assert_eq!(desk.case(case)["priority"], json!("low"));
}

#[test]
fn a_view_is_its_makers_own_until_it_is_shared() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada", "agent"), desk.member("Bea", "agent"));
    let made = ada.post("/v1/views", &json!({"name": "Lamps", "query": "view=all&q=lamp"})).expect(201);
    assert_eq!((&made["shared"], &made["created_by"]), (&json!(false), &json!(ada.id)));
    let path = format!("/v1/views/{}", made["id"].as_str().expect("an id"));
    assert_eq!((ada.all("/v1/views").len(), bea.all("/v1/views").len()), (1, 0));
    bea.patch(&path, &json!({"name": "Mine"})).problem(404, "not_found");
    ada.patch(&path, &json!({"shared": true, "name": "All lamps"})).expect(200);
    assert_eq!(bea.all("/v1/views")[0]["name"], "All lamps");
    bea.delete(&path).problem(403, "permission_required");
    desk.delete(&path).expect(204);
    assert_eq!(ada.all("/v1/views").len(), 0);
    ada.post("/v1/views", &json!({"name": " ", "query": ""})).refuses("name", "blank");
    desk.api("agent").post("/v1/views", &json!({"name": "x", "query": "view=all"})).refuses("shared", "required");
}

#[test]
fn the_undo_of_a_reopening_leaves_the_case_open_and_closes_nothing_for_anybodys_credit_m3() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let (was_closed, was_open) = (desk.closed_case("ada", Some(&ada.id)), desk.case_of("bob"));
    let closed = || {
        let report = desk.get("/v1/reports/cases?from=2025-01-01&to=2031-01-01").expect(200);
        report["totals"]["total_cases_closed"].clone()
    };
    assert_eq!(closed(), 1);
    let done = change(&desk, &[was_closed, was_open], json!({"status": "in_progress"}));
    let undone = undo(&desk, &done);
    assert_eq!(outcomes(&undone, "undone"), said(&[(was_closed, "refused"), (was_open, "restored")]));
    assert_eq!(desk.case(was_closed)["status"], "in_progress", "what is open again stays open");
    assert_eq!((closed(), desk.feed_of(was_closed, "case_closed").len()), (json!(1), 1));
}

#[test]
fn an_act_whose_asker_went_away_is_done_to_its_end_and_found_under_its_key() {
    let desk = Desk::start();
    let cases: Vec<i64> = (0..150).map(|n| desk.case_of(&format!("customer {n}"))).collect();
    for round in 0..4 {
        let body = json!({"numbers": cases, "changes": {"add_tags": [format!("tag{round}")]}}).to_string();
        let (path, key) = ("/v1/cases/bulk", format!("key{round}"));
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: desk.test\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             idempotency-key: {key}\r\ncontent-length: {}\r\n\r\n{body}",
            desk.token(),
            body.len()
        );
        // It has begun when the first case has the tag.
        let begun = || desk.case(cases[0])["tags"] == json!([format!("tag{round}")]);
        crate::support::raw::send_and_leave(desk.base(), request.as_bytes(), begun);
        let done = desk.send(
            "POST",
            path,
            &[("content-type", "application/json"), ("idempotency-key", &key)],
            Some(body.as_bytes()),
        );
        let done = done.expect(200);
        assert_eq!((&done["changed"], done["results"].as_array().map(Vec::len)), (&json!(150), Some(150)));
        let undone = undo(&desk, &done);
        assert!(undone["results"].as_array().expect("results").iter().all(|result| result["undone"] == "restored"));
        assert!(desk.all(&format!("/v1/cases?tag=tag{round}")).is_empty());
    }
}
