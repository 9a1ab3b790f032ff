//! Cases: their shape, creation by hand, and every change with its entry in the feed.

use crate::support::cases::number;
use crate::support::{Desk, inbound, moment};
use serde_json::{Value, json};

fn by_hand(desk: &Desk) -> Value {
    json!({"channel": desk.channel, "customer": {"external_id": "ada", "name": "Ada", "handle": "@ada"}, "title": "By telephone"})
}

#[test]
fn a_case_has_exactly_the_fields_of_the_contract() {
    let desk = Desk::start();
    let customer = json!({"external_id": "u_1", "name": "Ada", "handle": "@ada"});
    let case = desk.receive(&inbound(&desk.channel, "x").with("customer", customer))["case"].clone();
    let mut fields: Vec<&str> = case.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = [
        "assignee",
        "channel",
        "closed_at",
        "closes_at",
        "closure",
        "created_at",
        "customer",
        "first_reply_at",
        "follow_up_of",
        "follow_ups",
        "keep_open_until",
        "last_activity_at",
        "last_inbound_at",
        "last_outbound_at",
        "network",
        "number",
        "priority",
        "queue",
        "reopen_count",
        "status",
        "tags",
        "title",
        "type",
        "version",
        "waiting_on",
    ];
    for field in expected {
        assert!(fields.contains(&field), "{field} is missing in {case}");
    }
    assert_eq!(case["number"], 1);
    assert_eq!(case["status"], "open");
    assert_eq!(case["type"], "general");
    assert_eq!(case["priority"], "medium");
    assert_eq!(case["title"], "When can I pre-order?");
    assert_eq!(case["queue"], desk.general.as_str());
    assert_eq!(case["network"], "x");
    assert_eq!(case["customer"]["name"], "Ada");
    assert_eq!(case["customer"]["handle"], "@ada");
    assert_eq!(case["waiting_on"], "us");
    assert_eq!((&case["tags"], &case["follow_ups"], &case["reopen_count"]), (&json!([]), &json!([]), &json!(0)));
    for null in [
        "assignee",
        "last_outbound_at",
        "first_reply_at",
        "closes_at",
        "closed_at",
        "closure",
        "follow_up_of",
        "keep_open_until",
    ] {
        assert_eq!(case[null], Value::Null, "{null}");
    }
}

#[test]
fn a_case_can_be_created_by_hand() {
    let desk = Desk::start();
    let case = desk.post("/v1/cases", &by_hand(&desk)).expect(201);
    assert_eq!(case["title"], "By telephone");
    assert_eq!(case["status"], "open");
    assert_eq!(case["waiting_on"], Value::Null);
    assert_eq!(desk.case(number(&case)), case);
    assert_eq!(desk.events(number(&case)), ["case_created"]);
    let mut body = by_hand(&desk);
    let queue = desk.queue("manual", &[]);
    body["queue"] = json!(queue);
    body["priority"] = json!("high");
    body["type"] = json!("lead");
    let second = desk.post("/v1/cases", &body).expect(201);
    assert_eq!(
        (second["queue"].as_str(), second["priority"].as_str(), second["type"].as_str()),
        (Some(queue.as_str()), Some("high"), Some("lead"))
    );
    assert_eq!(second["number"], 2);
    assert_eq!(second["customer"]["id"], case["customer"]["id"], "the same customer");
}

#[test]
fn a_case_created_by_hand_with_nothing_in_it_is_refused_by_field() {
    let desk = Desk::start();
    let answer = desk.post("/v1/cases", &json!({}));
    answer.refuses("channel", "required");
    answer.refuses("customer", "required");
    let mut body = by_hand(&desk);
    body["priority"] = json!("urgent");
    body["type"] = json!("complaint");
    let answer = desk.post("/v1/cases", &body);
    answer.refuses("priority", "unknown_value");
    answer.refuses("type", "unknown_value");
    assert_eq!(desk.all("/v1/cases").len(), 0);
}

#[test]
fn each_change_is_one_entry_in_the_feed_with_its_author() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    let queue = desk.queue("manual", &[]);
    let changes = [
        (json!({"status": "in_progress"}), "status_changed"),
        (json!({"assignee": ada.id}), "assigned"),
        (json!({"assignee": null}), "unassigned"),
        (json!({"queue": queue}), "queue_changed"),
        (json!({"priority": "critical"}), "priority_changed"),
        (json!({"type": "question"}), "type_changed"),
        (json!({"title": "Renamed"}), "title_changed"),
        (json!({"tags": ["b", "a"]}), "tags_changed"),
        (json!({"status": "closed"}), "case_closed"),
        (json!({"status": "open"}), "case_reopened"),
    ];
    for (change, event) in changes {
        let before = desk.events(case);
        ada.change(case, &change);
        let entries = desk.feed(case);
        assert_eq!(entries.len(), before.len() + 1, "{change}");
        let last = entries.last().expect("an entry");
        assert_eq!(last["event"], event, "{change}");
        assert_eq!(last["actor"], json!({"kind": "agent", "id": ada.id}), "{change}");
        assert_eq!(moment(&last["at"]), desk.now());
        assert!(last["text"].as_str().is_some_and(|text| !text.is_empty()), "{last}");
        desk.advance(1);
    }
}

#[test]
fn a_change_to_the_value_it_has_leaves_no_entry_and_no_new_version() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    desk.change(case, &json!({"assignee": ada.id, "tags": ["a"]}));
    let (held, feed) = (desk.case(case), desk.feed(case));
    for field in ["status", "assignee", "queue", "type", "priority", "title", "tags"] {
        desk.change(case, &json!({field: held[field]}));
    }
    desk.change(case, &json!({}));
    assert_eq!(desk.feed(case), feed);
    assert_eq!(desk.case(case), held);
}

#[test]
fn several_changes_in_one_are_all_made_or_none() {
    let desk = Desk::start();
    let case = desk.open_case();
    let held = desk.change(case, &json!({"status": "on_hold", "priority": "high", "title": "Both"}));
    assert_eq!(
        (held["status"].as_str(), held["priority"].as_str(), held["title"].as_str()),
        (Some("on_hold"), Some("high"), Some("Both"))
    );
    let before = (desk.case(case), desk.feed(case));
    let answer = desk.patch(
        &format!("/v1/cases/{case}"),
        &json!({"status": "closed", "priority": "urgent", "title": "", "assignee": "agt_0000000000000"}),
    );
    answer.refuses("priority", "unknown_value");
    answer.refuses("title", "blank");
    answer.refuses("assignee", "not_found");
    assert_eq!((desk.case(case), desk.feed(case)), before);
}

#[test]
fn wrong_values_are_refused_by_field() {
    let desk = Desk::start();
    let case = desk.open_case();
    let patch = |body: Value| desk.patch(&format!("/v1/cases/{case}"), &body);
    patch(json!({"status": "asleep"})).refuses("status", "unknown_value");
    patch(json!({"status": 1})).refuses("status", "wrong_type");
    patch(json!({"status": null})).refuses_field("status");
    patch(json!({"type": "complaint"})).refuses("type", "unknown_value");
    patch(json!({"title": "  "})).refuses("title", "blank");
    patch(json!({"queue": null})).refuses_field("queue");
    patch(json!({"tags": "vip"})).refuses("tags", "wrong_type");
    assert_eq!(patch(json!({"tags": ["a", " A "]})).expect(200)["tags"], json!(["a"]));
    patch(json!({"tags": [""]})).refuses_field("tags");
    patch(json!({"number": 7})).refuses("number", "unknown_field");
    patch(json!({"last_activity_at": "2020-01-01T00:00:00.000Z"})).refuses("last_activity_at", "unknown_field");
    patch(json!({"closed_at": null})).refuses("closed_at", "unknown_field");
}

#[test]
fn an_agent_who_left_cannot_be_assigned() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false})).expect(200);
    desk.patch(&format!("/v1/cases/{case}"), &json!({"assignee": ada.id})).refuses("assignee", "inactive");
}

#[test]
fn waiting_on_follows_the_latest_message_that_a_person_wrote() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    let waits = || desk.case(case)["waiting_on"].clone();
    assert_eq!(waits(), "us");
    desk.reply(case, "Hello");
    assert_eq!(waits(), "customer");
    desk.comment(case, "Note");
    assert_eq!(waits(), "customer");
    desk.writes_again("ada");
    assert_eq!(waits(), "us");
    desk.close(case);
    assert_eq!(waits(), Value::Null);
    desk.status(case, "open");
    assert_eq!(waits(), "us");
}

#[test]
fn first_reply_at_is_the_first_reply_and_stays() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    desk.advance(60);
    ada.reply(case, "First");
    let first = desk.now();
    desk.advance(60);
    ada.reply(case, "Second");
    let held = desk.case(case);
    assert_eq!(moment(&held["first_reply_at"]), first);
    assert_eq!(moment(&held["last_outbound_at"]), desk.now());
}
