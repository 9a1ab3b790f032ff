//! Notifications are the caller's own.

use crate::support::cases::number;
use crate::support::desk::id;
use crate::support::{Desk, inbound};
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

#[test]
fn unread_ones_can_be_counted_listed_and_all_read_at_once() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    for _ in 0..3 {
        desk.assign(desk.open_case(), &ada.id);
    }
    desk.assign(desk.open_case(), &bea.id);
    let unread = |who: &crate::support::Member| who.get("/v1/notifications/count").expect(200)["unread"].clone();
    assert_eq!((unread(&ada), unread(&bea)), (json!(3), json!(1)));
    let second = id(&ada.all("/v1/notifications")[1]);
    ada.post(&format!("/v1/notifications/{second}/read"), &json!({})).expect(200);
    assert_eq!(unread(&ada), 2);
    let listed = |filter: &str| ada.all(&format!("/v1/notifications?unread={filter}&limit=1")).len();
    assert_eq!((listed("true"), listed("false")), (2, 3));
    ada.get("/v1/notifications?unread=perhaps").refuses("unread", "wrong_type");
    assert_eq!(ada.post("/v1/notifications/read", &json!({})).expect(200), json!({"read": 2}));
    assert_eq!((unread(&ada), unread(&bea)), (json!(0), json!(1)), "one's own alone");
    assert_eq!(ada.post("/v1/notifications/read", &json!({})).expect(200), json!({"read": 0}));
    let nobody = desk.api("owner");
    assert_eq!(nobody.get("/v1/notifications/count").expect(200), json!({"unread": 0}));
    nobody.post("/v1/notifications/read", &json!({})).problem(404, "not_found");
}

#[test]
fn everybody_says_for_themselves_what_they_want_to_be_told_of() {
    const PATH: &str = "/v1/notifications/preferences";
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let at_first = ada.get(PATH).expect(200);
    assert_eq!(at_first["case_assigned"], json!({"in_page": true, "email": true}));
    assert_eq!(at_first["case_created"], json!({"in_page": false, "email": false}));
    let case = desk.open_case();
    assert_eq!((ada.notified(case), bea.notified(case)), (0, 0));
    let body =
        json!({"case_created": {"in_page": true, "email": false}, "case_assigned": {"in_page": false, "email": false}});
    let saved = ada.put(PATH, &body).expect(200);
    assert_eq!(saved, ada.get(PATH).expect(200));
    assert_eq!(saved["mentioned"], at_first["mentioned"], "what is not named stays");
    assert_eq!(bea.get(PATH).expect(200), at_first);
    let case = desk.open_case();
    assert_eq!((ada.notified(case), bea.notified(case)), (1, 0), "a new case in one's queue, for who asked");
    desk.assign(case, &ada.id);
    assert_eq!(ada.notified(case), 1, "and not what one does not want");
    let own = number(&ada.receive(&inbound(&desk.channel, "own"))["case"]);
    assert_eq!(ada.notified(own), 1, "a message is the customer's act, whoever's token brought it");
    let wrong = ada.put(PATH, &json!({"case_created": {"in_page": "yes"}, "mentioned": 1, "holidays": {}}));
    for (field, code) in [
        ("case_created.in_page", "wrong_type"),
        ("case_created.email", "required"),
        ("mentioned", "wrong_type"),
        ("holidays", "unknown_field"),
    ] {
        wrong.refuses(field, code);
    }
    desk.api("owner").get(PATH).problem(404, "not_found");
    desk.api("owner").put(PATH, &json!({})).problem(404, "not_found");
}

#[test]
fn a_customers_answer_is_told_to_who_has_the_case() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    desk.writes_again("one");
    assert_eq!((ada.notified(case), bea.notified(case)), (0, 0), "nobody has it");
    desk.assign(case, &ada.id);
    let before = ada.notified(case);
    desk.writes_again("one");
    assert_eq!((ada.notified(case), bea.notified(case)), (before + 1, 0));
    assert_eq!(ada.all("/v1/notifications")[0]["event"], "message_received");
    let automatic = inbound(&desk.channel, "one").with("automatic", true);
    desk.receive(&automatic);
    assert_eq!(ada.notified(case), before + 1, "an automatic answer is no news");
}

#[test]
fn who_is_named_in_a_comment_is_told() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.open_case();
    ada.comment(case, "@Bea can you look? @Ada knows it");
    assert_eq!((ada.notified(case), bea.notified(case)), (0, 1));
    assert_eq!(bea.all("/v1/notifications")[0]["event"], "mentioned");
}
