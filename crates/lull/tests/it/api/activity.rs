//! The activity feed and comments of a case.

use crate::support::{Desk, moment};
use serde_json::{Value, json};

#[test]
fn a_feed_entry_has_the_shape_of_the_contract() {
    let desk = Desk::start();
    let case = desk.open_case();
    for entry in desk.feed(case) {
        let mut fields: Vec<&str> = entry.as_object().expect("an object").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["actor", "at", "data", "event", "id", "text"], "{entry}");
        assert!(
            ["agent", "api", "engine", "customer"].contains(&entry["actor"]["kind"].as_str().unwrap_or_default()),
            "{entry}"
        );
    }
}

#[test]
fn the_feed_is_oldest_first_and_holds_the_whole_story() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    let case = desk.case_of("bea");
    desk.advance(1);
    desk.assign(case, &ada.id);
    desk.advance(1);
    ada.reply(case, "On Friday.");
    ada.comment(case, "Ask the shop.");
    desk.advance_minutes(60);
    desk.writes_again("bea");
    ada.close(case);
    let story = desk.events(case);
    let at = |event: &str| {
        story.iter().position(|held| held == event).unwrap_or_else(|| panic!("{event} is missing: {story:?}"))
    };
    let order = [
        "case_created",
        "assigned",
        "message_sent",
        "comment_added",
        "case_auto_closed",
        "case_auto_reopened",
        "case_closed",
    ]
    .map(at);
    assert!(order.is_sorted(), "{story:?}");
    let times: Vec<_> = desk.feed(case).iter().map(|entry| moment(&entry["at"])).collect();
    assert!(times.is_sorted());
    assert!(story.contains(&"message_received".to_owned()), "{story:?}");
}

#[test]
fn the_customers_message_is_the_customers_act() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    desk.advance(1);
    desk.writes_again("ada");
    let entry = desk.feed_of(case, "message_received").pop().expect("an entry");
    assert_eq!(entry["actor"]["kind"], "customer");
}

#[test]
fn a_comment_is_kept_with_its_author_and_never_among_the_messages() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    let comment = ada.comment(case, "Only for us.");
    let mut fields: Vec<&str> = comment.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["at", "author", "id", "mentions", "text"]);
    assert_eq!(comment["author"], ada.id.as_str());
    assert_eq!(moment(&comment["at"]), desk.now());
    assert!(comment["id"].as_str().is_some_and(|id| id.starts_with("cmt_")), "{comment}");
    assert!(!desk.messages(case).iter().any(|message| message["text"] == "Only for us."));
    let entry = desk.feed_of(case, "comment_added").pop().expect("an entry");
    assert_eq!(entry["actor"], json!({"kind": "agent", "id": ada.id}));
    assert_eq!(desk.api("agent").comment(case, "By a program.")["author"], Value::Null);
}

#[test]
fn an_empty_comment_is_refused() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    desk.post(&path, &json!({"text": "\n \t"})).refuses("text", "blank");
    desk.post(&path, &json!({})).refuses("text", "required");
    desk.post(&path, &json!({"text": null})).refuses_field("text");
    desk.post("/v1/cases/999/comments", &json!({"text": "Hello"})).problem(404, "not_found");
    assert_eq!(desk.feed_of(case, "comment_added").len(), 0);
}
