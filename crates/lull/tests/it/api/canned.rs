//! Canned replies.

use crate::support::Desk;
use crate::support::desk::id;
use serde_json::{Value, json};

const PATH: &str = "/v1/canned-replies";

#[test]
fn a_canned_reply_is_made_listed_changed_and_deleted() {
    let desk = Desk::start();
    let body = json!({"name": "thanks", "text": "Thank you, {customer_first_name}!", "queue": null});
    let made = desk.post(PATH, &body).expect(201);
    assert!(id(&made).starts_with("can_"));
    assert_eq!((&made["name"], &made["text"], &made["queue"]), (&body["name"], &body["text"], &Value::Null));
    assert_eq!((&made["version"], &made["updated_by"]), (&json!(1), &json!(desk.owner_id())));
    assert_eq!(desk.all(PATH), std::slice::from_ref(&made));
    let path = format!("{PATH}/{}", id(&made));
    let queue = desk.queue("manual", &[]);
    let changed = desk.patch(&path, &json!({"queue": queue, "name": "many thanks"})).expect(200);
    assert_eq!(
        (&changed["name"], &changed["queue"], &changed["version"]),
        (&json!("many thanks"), &json!(queue), &json!(2))
    );
    assert_eq!(changed["text"], body["text"], "what is not named stays");
    assert_eq!(desk.patch(&path, &json!({"queue": null})).expect(200)["queue"], Value::Null);
    assert_eq!(desk.get(&path).expect(200)["version"], 3);
    desk.delete(&path).expect(204);
    desk.get(&path).problem(404, "not_found");
    assert!(desk.all(PATH).is_empty());
}

#[test]
fn wrong_canned_replies_are_refused_with_every_fault() {
    let desk = Desk::start();
    desk.post(PATH, &json!({"name": "thanks", "text": "Thanks"})).expect(201);
    let answer =
        desk.post(PATH, &json!({"name": "thanks", "text": "Hi {name}, {customer_nam}", "queue": "que_0000000000000"}));
    answer.refuses("name", "duplicate");
    answer.refuses("text", "unknown_placeholder");
    answer.refuses("queue", "not_found");
    let answer = desk.post(PATH, &json!({"name": " ", "text": "", "colour": "red"}));
    answer.refuses("name", "blank");
    answer.refuses("text", "blank");
    answer.refuses("colour", "unknown_field");
    desk.post(PATH, &json!({"name": "x".repeat(61), "text": "x"})).refuses("name", "too_long");
    desk.post(PATH, &json!({"name": "braces", "text": "{ } {} {not a placeholder}"})).expect(201);
}

#[test]
fn a_change_decided_on_an_older_version_is_refused() {
    let desk = Desk::start();
    let path = format!("{PATH}/{}", id(&desk.post(PATH, &json!({"name": "thanks", "text": "Thanks"})).expect(201)));
    let change = |text: &str| desk.with_json("PATCH", &path, &[("if-match", "\"1\"")], &json!({"text": text}));
    change("Thank you").expect(200);
    change("Thanks a lot").problem(409, "version_conflict");
    assert_eq!(desk.get(&path).expect(200)["text"], "Thank you");
}

#[test]
fn another_workspaces_canned_reply_is_not_there() {
    let (desk, other) = (Desk::start(), Desk::start());
    let path = format!("{PATH}/{}", id(&other.post(PATH, &json!({"name": "theirs", "text": "x"})).expect(201)));
    desk.get(&path).problem(404, "not_found");
    desk.patch(&path, &json!({"text": "y"})).problem(404, "not_found");
    desk.delete(&path).problem(404, "not_found");
}
