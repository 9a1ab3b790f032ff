//! Two workspaces in one database: nothing of one is visible from the other, by list, by id or by reference.

use crate::support::desk::{Place, id};
use crate::support::{Client, Desk, inbound, outbound};
use serde_json::{Value, json};

/// A desk in which things happened, and a client of another workspace in the same database.
fn neighbours() -> (Desk, Client) {
    let place = Place::new();
    let token = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    let other = desk.as_token(&token);
    (desk, other)
}

#[test]
fn lists_show_the_own_workspace_alone() {
    let (desk, other) = neighbours();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    desk.queue("manual", &[&ada]);
    let case = desk.closed_case("bea", Some(&ada.id));
    desk.writes_again("bea");
    desk.advance_minutes(60);
    assert!(desk.is_closed(case));
    for (path, own) in [
        ("/v1/cases", 0),
        ("/v1/customers", 0),
        ("/v1/channels", 0),
        ("/v1/agents", 1),
        ("/v1/queues", 1),
        ("/v1/notifications", 0),
        ("/v1/auto-close/runs", 0),
    ] {
        assert_eq!(other.all(path).len(), own, "{path}");
    }
    assert!(!other.audit().iter().any(|entry| entry["event"] == "CASE_AUTO_CLOSED"));
    assert_eq!(other.get("/v1/workspace").expect(200)["name"], "Second Desk");
    assert_eq!(other.settings_enabled(), json!(false));
}

impl Client {
    fn settings_enabled(&self) -> Value {
        self.get("/v1/settings/lifecycle").expect(200)["auto_close"]["enabled"].clone()
    }
}

#[test]
fn what_belongs_to_another_workspace_is_404_for_every_method() {
    let (desk, other) = neighbours();
    let ada = desk.agent("Ada", None);
    let case = desk.closed_case("bea", Some(&ada.id));
    desk.writes_again("bea");
    let customer = desk.case(case)["customer"]["id"].as_str().expect("an id").to_owned();
    let notification = id(ada.all("/v1/notifications").first().expect("a reopened case is told"));
    let token = id(&desk.post("/v1/tokens", &json!({"name": "spare", "role": "agent", "agent": null})).expect(201));
    let (queue, channel) = (&desk.general, &desk.channel);
    let asked = [
        ("GET", format!("/v1/cases/{case}"), json!(null)),
        ("PATCH", format!("/v1/cases/{case}"), json!({"status": "closed"})),
        ("GET", format!("/v1/cases/{case}/messages"), json!(null)),
        ("POST", format!("/v1/cases/{case}/messages"), json!({"text": "Hello"})),
        ("POST", format!("/v1/cases/{case}/comments"), json!({"text": "Hello"})),
        ("GET", format!("/v1/cases/{case}/activity"), json!(null)),
        ("GET", format!("/v1/customers/{customer}"), json!(null)),
        ("PATCH", format!("/v1/agents/{}", ada.id), json!({"name": "Eve"})),
        ("PUT", format!("/v1/agents/{}/availability", ada.id), json!({"availability": "offline"})),
        ("PATCH", format!("/v1/queues/{queue}"), json!({"name": "Stolen"})),
        ("GET", format!("/v1/queues/{queue}/lifecycle"), json!(null)),
        ("PUT", format!("/v1/queues/{queue}/lifecycle"), json!({"auto_close": {"threshold_minutes": 60}})),
        ("DELETE", format!("/v1/queues/{queue}/lifecycle"), json!(null)),
        ("PATCH", format!("/v1/channels/{channel}"), json!({"name": "Stolen"})),
        ("POST", format!("/v1/notifications/{notification}/read"), json!({})),
        ("DELETE", format!("/v1/tokens/{token}"), json!(null)),
    ];
    let before =
        (desk.case(case), desk.feed(case), desk.all("/v1/agents"), desk.all("/v1/queues"), desk.all("/v1/tokens"));
    for (method, path, body) in asked {
        let answer = if body.is_null() {
            other.send(method, &path, &[], None)
        } else {
            other.with_json(method, &path, &[], &body)
        };
        answer.problem(404, "not_found");
    }
    assert_eq!(
        (desk.case(case), desk.feed(case), desk.all("/v1/agents"), desk.all("/v1/queues"), desk.all("/v1/tokens")),
        before
    );
}

#[test]
fn nothing_of_another_workspace_can_be_referred_to() {
    let (desk, other) = neighbours();
    let ada = desk.agent("Ada", None);
    let queue = id(&other.all("/v1/queues")[0]);
    let channel =
        id(&other.post("/v1/channels", &json!({"name": "Theirs", "network": "x", "queue": queue})).expect(201));
    other.post("/v1/messages", inbound(&desk.channel, "eve").body()).refuses("channel", "not_found");
    let authored = outbound(&channel, "eve").author(&ada.id);
    other.post("/v1/messages", authored.body()).refuses("author", "not_found");
    let case = other.receive(&inbound(&channel, "eve"))["case"]["number"].as_i64().expect("a number");
    let answer = other.patch(&format!("/v1/cases/{case}"), &json!({"assignee": ada.id, "queue": desk.general}));
    answer.refuses("assignee", "not_found");
    answer.refuses("queue", "not_found");
    other.patch(&format!("/v1/queues/{queue}"), &json!({"members": [ada.id]})).refuses_field("members");
    other.patch(&format!("/v1/channels/{channel}"), &json!({"queue": desk.general})).refuses("queue", "not_found");
    other.post("/v1/tokens", &json!({"name": "spy", "role": "agent", "agent": ada.id})).refuses("agent", "not_found");
    assert_eq!(desk.all("/v1/cases").len(), 0);
}

#[test]
fn numbers_and_external_ids_of_two_workspaces_do_not_meet() {
    let (desk, other) = neighbours();
    let queue = id(&other.all("/v1/queues")[0]);
    let channel =
        id(&other.post("/v1/channels", &json!({"name": "Theirs", "network": "x", "queue": queue})).expect(201));
    let here = desk.receive(&inbound(&desk.channel, "eve").with("external_id", "same"));
    let there = other.receive(&inbound(&channel, "eve").with("external_id", "same"));
    assert_eq!((here["outcome"].as_str(), there["outcome"].as_str()), (Some("created"), Some("created")));
    assert_eq!((&here["case"]["number"], &there["case"]["number"]), (&json!(1), &json!(1)));
    assert_ne!(here["case"]["customer"]["id"], there["case"]["customer"]["id"]);
}

#[test]
fn a_cursor_carried_to_another_workspace_shows_nothing_foreign() {
    let (desk, other) = neighbours();
    for _ in 0..3 {
        desk.open_case();
    }
    let cursor = desk.get("/v1/cases?limit=1").expect(200)["next_cursor"].as_str().expect("there is more").to_owned();
    let answer = other.get(&format!("/v1/cases?cursor={}", crate::support::encode(&cursor)));
    assert!(answer.status == 422 || answer.json()["data"] == json!([]), "{}", answer.text());
}

#[test]
fn each_workspace_closes_by_its_own_policy_a6() {
    let (desk, other) = neighbours();
    let queue = id(&other.all("/v1/queues")[0]);
    let channel =
        id(&other.post("/v1/channels", &json!({"name": "Theirs", "network": "x", "queue": queue})).expect(201));
    desk.auto_close(60);
    other.put("/v1/settings/lifecycle", &crate::support::policy::closing_after(120, &["open"])).expect(200);
    let here = desk.open_case();
    let there = other.receive(&inbound(&channel, "eve"))["case"]["number"].as_i64().expect("a number");
    desk.advance_minutes(60);
    assert!(desk.is_closed(here));
    assert_eq!(other.case(there)["status"], "open");
    desk.advance_minutes(60);
    assert_eq!(other.case(there)["status"], "closed");
}
