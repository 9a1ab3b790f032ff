//! Notifications are the caller's own.

use crate::support::Desk;
use crate::support::desk::id;
use serde_json::{Value, json};

#[test]
fn a_notification_is_seen_by_its_owner_alone_and_can_be_read() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.closed_case("one", Some(&ada.id));
    let before = ada.all("/v1/notifications").len();
    desk.writes_again("one");
    assert!(ada.notified(case) > 0);
    assert_eq!(bea.notified(case), 0);
    let notes = ada.all("/v1/notifications");
    assert!(notes.len() > before);
    let note = id(&notes[0]);
    let path = format!("/v1/notifications/{note}/read");
    bea.post(&path, &json!({})).problem(404, "not_found");
    let unread =
        ada.all("/v1/notifications").into_iter().find(|held| held["id"] == note.as_str()).expect("it is there");
    assert!(ada.post(&path, &json!({})).status < 300);
    let read =
        ada.all("/v1/notifications").into_iter().find(|held| held["id"] == note.as_str()).expect("it is still there");
    assert_ne!(unread, read, "it shows that it was read");
    assert!(ada.post(&path, &json!({})).status < 300, "reading twice is no error");
}

#[test]
fn a_token_that_acts_as_nobody_has_no_notifications() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    desk.closed_case("one", Some(&ada.id));
    desk.writes_again("one");
    let answer = desk.api("owner").get("/v1/notifications");
    assert!(answer.status == 403 || answer.json()["data"] == json!([]), "{}", answer.text());
}

#[test]
fn what_one_did_oneself_is_no_news() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    let before: Vec<Value> = ada.all("/v1/notifications");
    ada.assign(case, &ada.id);
    ada.comment(case, "Mine.");
    ada.close(case);
    ada.status(case, "open");
    assert_eq!(ada.all("/v1/notifications"), before);
}
