//! Workspace, tokens and customers.

use crate::support::desk::id;
use crate::support::{Desk, inbound};
use serde_json::{Value, json};

#[test]
fn the_workspace_can_be_read_and_renamed() {
    let desk = Desk::start();
    let held = desk.get("/v1/workspace").expect(200);
    assert_eq!((&held["name"], &held["plan"]), (&json!("First Desk"), &json!("advanced")));
    assert!(held["time_zone"].is_string(), "{held}");
    let changed = desk.patch("/v1/workspace", &json!({"name": "Renamed", "time_zone": "Europe/Berlin"})).expect(200);
    assert_eq!(
        (&changed["name"], &changed["time_zone"], &changed["plan"]),
        (&json!("Renamed"), &json!("Europe/Berlin"), &json!("advanced"))
    );
    assert_eq!(desk.get("/v1/workspace").expect(200), changed);
}

#[test]
fn an_unknown_time_zone_is_refused() {
    let desk = Desk::start();
    for zone in ["Mars/Olympus", "", "../../etc/passwd", "Europe", "Europe/Berlin\u{0}"] {
        desk.patch("/v1/workspace", &json!({"time_zone": zone})).refuses_field("time_zone");
    }
    desk.patch("/v1/workspace", &json!({"time_zone": "Mars/Olympus"})).refuses("time_zone", "unknown_value");
    desk.patch("/v1/workspace", &json!({"name": " "})).refuses("name", "blank");
    desk.patch("/v1/workspace", &json!({"plan": null})).refuses_field("plan");
    assert_eq!(desk.get("/v1/workspace").expect(200)["name"], "First Desk");
}

#[test]
fn a_token_is_shown_once() {
    let desk = Desk::start();
    let made = desk.post("/v1/tokens", &json!({"name": "connector", "role": "agent", "agent": null})).expect(201);
    let token = made["token"].as_str().expect("shown once").to_owned();
    assert!(token.len() >= 24 && !token.contains(char::is_whitespace), "hard to guess: {} characters", token.len());
    desk.as_token(&token).get("/v1/cases").expect(200);
    let list = desk.get("/v1/tokens").expect(200);
    assert!(!list.to_string().contains(&token));
    let held = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|held| held["id"] == made["id"])
        .expect("it is listed")
        .clone();
    assert_eq!((&held["name"], &held["role"], &held["agent"]), (&json!("connector"), &json!("agent"), &Value::Null));
}

#[test]
fn a_revoked_token_is_refused_at_once() {
    let desk = Desk::start();
    let made = desk.post("/v1/tokens", &json!({"name": "connector", "role": "agent", "agent": null})).expect(201);
    let client = desk.as_token(made["token"].as_str().expect("a token"));
    client.get("/v1/cases").expect(200);
    desk.delete(&format!("/v1/tokens/{}", id(&made))).expect(204);
    client.get("/v1/cases").problem(401, "unauthenticated");
    client.post("/v1/messages", inbound(&desk.channel, "ada").body()).problem(401, "unauthenticated");
    desk.delete(&format!("/v1/tokens/{}", id(&made))).problem(404, "not_found");
    desk.get("/v1/cases").expect(200);
}

#[test]
fn wrong_tokens_are_refused_by_field() {
    let desk = Desk::start();
    let answer = desk.post("/v1/tokens", &json!({"name": " ", "role": "god", "agent": "agt_0000000000000"}));
    answer.refuses("name", "blank");
    answer.refuses("role", "unknown_value");
    answer.refuses("agent", "not_found");
    let answer = desk.post("/v1/tokens", &json!({}));
    answer.refuses("name", "required");
    answer.refuses("role", "required");
}

#[test]
fn a_token_that_acts_as_a_member_acts_in_their_name() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    let case = desk.open_case();
    ada.change(case, &json!({"priority": "high"}));
    desk.api("agent").change(case, &json!({"priority": "low"}));
    let actors: Vec<Value> =
        desk.feed_of(case, "priority_changed").iter().map(|entry| entry["actor"].clone()).collect();
    assert_eq!(actors, [json!({"kind": "agent", "id": ada.id}), json!({"kind": "api", "id": null})]);
}

#[test]
fn customers_are_listed_and_shown_with_their_cases() {
    let desk = Desk::start();
    let person = json!({"external_id": "u_1", "name": "Ada", "handle": "@ada"});
    let first = desk.receive(&inbound(&desk.channel, "x").with("customer", person.clone()).conversation("one"));
    let second = desk.receive(&inbound(&desk.channel, "x").with("customer", person).conversation("two"));
    desk.case_of("bea");
    assert_eq!(desk.all("/v1/customers").len(), 2);
    let customer = first["case"]["customer"]["id"].as_str().expect("an id");
    assert!(customer.starts_with("cus_"));
    let held = desk.get(&format!("/v1/customers/{customer}")).expect(200);
    assert_eq!((&held["id"], &held["name"], &held["handle"]), (&json!(customer), &json!("Ada"), &json!("@ada")));
    let cases = held["cases"].as_array().unwrap_or_else(|| panic!("a customer has cases: {held}"));
    let numbers: Vec<&Value> = cases.iter().map(|case| case.get("number").unwrap_or(case)).collect();
    assert_eq!(numbers.len(), 2);
    for case in [&first, &second] {
        assert!(numbers.contains(&&case["case"]["number"]), "{held}");
    }
}

#[test]
fn a_customer_without_name_or_handle_is_welcome() {
    let desk = Desk::start();
    let answer = desk.receive(
        &inbound(&desk.channel, "x").with("customer", json!({"external_id": "u_1", "name": null, "handle": null})),
    );
    assert_eq!(answer["case"]["customer"]["name"], Value::Null);
    assert_eq!(answer["case"]["customer"]["handle"], Value::Null);
}
