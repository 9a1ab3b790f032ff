//! `POST /v1/messages` and replies: shapes, threads, and where a new case goes.

use crate::support::cases::number;
use crate::support::{Desk, inbound, moment, outbound};
use serde_json::{Value, json};

#[test]
fn a_message_comes_back_in_the_shape_of_the_contract() {
    let desk = Desk::start();
    let answer = desk.receive(&inbound(&desk.channel, "ada").with("external_id", "991712597505445888"));
    let mut parts: Vec<&str> = answer.as_object().expect("an object").keys().map(String::as_str).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["case", "message", "outcome"]);
    let message = &answer["message"];
    for field in ["id", "external_id", "direction", "text", "author", "automatic", "sent_at", "received_at", "delivery"]
    {
        assert!(message.get(field).is_some(), "{field} is missing in {message}");
    }
    assert!(message["id"].as_str().is_some_and(|id| id.starts_with("msg_")), "{message}");
    assert_eq!(message["external_id"], "991712597505445888");
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["author"], Value::Null);
    assert_eq!(message["automatic"], false);
    assert_eq!(message["sent_at"], "2018-05-02T16:14:43.031Z");
    assert_eq!(moment(&message["received_at"]), desk.now());
    assert_eq!(json!(desk.messages(number(&answer["case"]))), json!([message]));
}

#[test]
fn only_what_matters_is_required_of_a_message() {
    let desk = Desk::start();
    let mut message = inbound(&desk.channel, "ada").with("customer", json!({"external_id": "u_1"}));
    for optional in ["automatic", "author", "sent_at"] {
        message = message.without(optional);
    }
    let answer = desk.receive(&message);
    assert_eq!(answer["message"]["automatic"], false);
    assert_eq!(answer["outcome"], "created");
}

#[test]
fn messages_of_a_thread_gather_in_its_newest_case() {
    let desk = Desk::start();
    let thread = |key: &str| inbound(&desk.channel, "ada").conversation(key);
    let first = number(&desk.receive(&thread("a"))["case"]);
    let second = number(&desk.receive(&thread("b"))["case"]);
    assert_ne!(first, second);
    for (key, case) in [("a", first), ("b", second), ("a", first)] {
        let answer = desk.receive(&thread(key));
        assert_eq!((answer["outcome"].as_str(), number(&answer["case"])), (Some("appended"), case));
    }
    let reply = desk.receive(&outbound(&desk.channel, "ada").conversation("b"));
    assert_eq!(number(&reply["case"]), second);
}

#[test]
fn a_new_case_goes_to_the_queue_of_its_channel_and_an_old_one_stays() {
    let desk = Desk::start();
    let (one, other) = (desk.queue("manual", &[]), desk.queue("manual", &[]));
    let channel = desk.channel_into(&one, "instagram");
    let case = desk.case_on(&channel, "ada");
    assert_eq!(desk.case(case)["queue"], one.as_str());
    assert_eq!(desk.case(case)["network"], "instagram");
    desk.patch(&format!("/v1/channels/{channel}"), &json!({"queue": other})).expect(200);
    assert_eq!(desk.case(case)["queue"], one.as_str());
    assert_eq!(desk.case(desk.case_on(&channel, "bea"))["queue"], other.as_str());
}

#[test]
fn a_reply_is_outbound_by_its_author() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.open_case();
    let reply = ada.reply(case, "On Friday.");
    assert_eq!(reply["direction"], "outbound");
    assert_eq!(reply["author"], ada.id.as_str());
    assert_eq!(reply["text"], "On Friday.");
    assert_eq!(desk.messages(case).last(), Some(&reply));
    let anonymous = desk.api("agent").reply(case, "Sent by a program.");
    assert_eq!(anonymous["author"], Value::Null);
    assert_eq!(desk.feed_of(case, "message_sent").len(), 2);
    desk.post(&format!("/v1/cases/{case}/messages"), &json!({"text": " "})).refuses("text", "blank");
    desk.post(&format!("/v1/cases/{case}/messages"), &json!({})).refuses("text", "required");
    desk.post(&format!("/v1/cases/{case}/messages"), &json!({"text": 7})).refuses("text", "wrong_type");
}

#[test]
fn a_reply_sent_elsewhere_is_recorded_with_its_author() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.case_of("ada");
    let answer = desk.receive(&outbound(&desk.channel, "ada").author(&ada.id));
    assert_eq!(answer["outcome"], "appended");
    assert_eq!(answer["message"]["author"], ada.id.as_str());
    assert_eq!(desk.messages(case).len(), 2);
}

#[test]
fn a_customers_message_has_no_author() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    desk.post("/v1/messages", inbound(&desk.channel, "ada").author(&ada.id).body()).refuses("author", "not_outbound");
    desk.receive(&inbound(&desk.channel, "ada").with("author", Value::Null));
}

#[test]
fn an_outbound_message_with_no_thread_opens_a_case_that_waits_on_the_customer() {
    let desk = Desk::start();
    let answer = desk.receive(&outbound(&desk.channel, "ada"));
    assert_eq!(answer["outcome"], "created");
    assert_eq!(answer["case"]["waiting_on"], "customer");
    assert_eq!(desk.writes_again("ada")["outcome"], "appended");
}

#[test]
fn every_network_of_the_contract_is_known() {
    let desk = Desk::start();
    for network in [
        "instagram",
        "facebook",
        "x",
        "tiktok",
        "threads",
        "whatsapp",
        "linkedin",
        "youtube",
        "pinterest",
        "bluesky",
        "email",
        "web",
        "other",
    ] {
        let channel = desk.channel_into(&desk.general, network);
        assert_eq!(desk.case(desk.case_on(&channel, "ada"))["network"], network);
    }
}
