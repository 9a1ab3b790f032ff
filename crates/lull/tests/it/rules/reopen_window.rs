//! When an inbound message reopens a case and when it starts a new one (R1, R2, R5, R6).

use crate::support::cases::number;
use crate::support::policy::{policy, set};
use crate::support::{Desk, Message, inbound, millis_after, moment};
use serde_json::{Value, json};

const WINDOW: i64 = 4 * 86_400_000;

fn window(desk: &Desk, minutes: i64) {
    desk.set_policy(&set(policy(), "/auto_reopen/window_minutes", json!(minutes)));
}

#[test]
fn a_reply_inside_the_window_reopens_the_case_r2() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    desk.advance_minutes(30);
    let answer = desk.writes_again("ada");
    assert_eq!(answer["outcome"], "reopened");
    assert_eq!(number(&answer["case"]), case);
    let held = desk.case(case);
    assert_eq!(held, answer["case"], "the answer shows the case as it is");
    assert_eq!(held["status"], "open");
    assert_eq!(held["closed_at"], Value::Null);
    assert_eq!(held["closure"], Value::Null);
    assert_eq!(held["reopen_count"], 1);
    assert_eq!(held["waiting_on"], "us");
    assert_eq!(moment(&held["last_activity_at"]), desk.now());
    assert_eq!(desk.messages(case).len(), 2);
}

#[test]
fn a_reply_at_the_very_end_of_the_window_reopens_and_a_millisecond_later_does_not_r2_r5() {
    let desk = Desk::start();
    let (first, second) = (desk.closed_case("first", None), desk.closed_case("second", None));
    let end = millis_after(moment(&desk.case(first)["closed_at"]), WINDOW);
    desk.advance_to(end);
    assert_eq!(desk.writes_again("first")["outcome"], "reopened");
    desk.advance_to(millis_after(end, 1));
    let answer = desk.writes_again("second");
    assert_eq!(answer["outcome"], "follow_up");
    assert_ne!(number(&answer["case"]), second);
    assert!(desk.is_closed(second));
}

#[test]
fn the_shortest_and_the_longest_window_are_exact_r1_r2() {
    for minutes in [60, 129_600] {
        let desk = Desk::start();
        window(&desk, minutes);
        desk.closed_case("in", None);
        desk.closed_case("out", None);
        let end = millis_after(desk.now(), minutes * 60_000);
        desk.advance_to(end);
        assert_eq!(desk.writes_again("in")["outcome"], "reopened", "{minutes}");
        desk.advance_to(millis_after(end, 1));
        assert_eq!(desk.writes_again("out")["outcome"], "follow_up", "{minutes}");
    }
}

#[test]
fn it_does_not_matter_how_the_case_was_closed_r2() {
    let desk = Desk::start();
    let agent = desk.agent("Ada", None);
    let (by_agent, by_api) = (desk.case_of("agent"), desk.case_of("api"));
    agent.close(by_agent);
    desk.api("agent").close(by_api);
    desk.auto_close(60);
    let by_engine = desk.case_of("engine");
    desk.advance_minutes(60);
    let reasons = [by_agent, by_api, by_engine].map(|case| desk.case(case)["closure"]["reason"].clone());
    assert_eq!(reasons, [json!("manual"), json!("api"), json!("inactivity")]);
    for customer in ["agent", "api", "engine"] {
        assert_eq!(desk.writes_again(customer)["outcome"], "reopened", "closed by {customer}");
    }
}

#[test]
fn a_case_closed_from_any_status_reopens_as_open_r2() {
    let desk = Desk::start();
    for status in ["open", "in_progress", "on_hold"] {
        let case = desk.case_of(status);
        desk.status(case, status);
        desk.close(case);
        desk.writes_again(status);
        assert_eq!(desk.case(case)["status"], "open");
    }
}

#[test]
fn while_auto_reopen_is_off_a_reply_starts_a_new_case_r5() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    desk.set_policy(&set(policy(), "/auto_reopen/enabled", json!(false)));
    let answer = desk.writes_again("ada");
    assert_eq!(answer["outcome"], "follow_up");
    assert!(desk.is_closed(case));
}

#[test]
fn the_window_in_force_when_the_message_comes_decides_r1_r2() {
    let desk = Desk::start();
    desk.closed_case("longer", None);
    desk.closed_case("shorter", None);
    desk.advance(5 * 86_400);
    window(&desk, 10_080);
    assert_eq!(desk.writes_again("longer")["outcome"], "reopened");
    window(&desk, 60);
    assert_eq!(desk.writes_again("shorter")["outcome"], "follow_up");
}

#[test]
fn the_window_counts_from_the_latest_closing_r1() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    for _ in 0..4 {
        desk.advance(3 * 86_400);
        assert_eq!(desk.writes_again("ada")["outcome"], "reopened");
        desk.close(case);
    }
    assert_eq!(desk.case(case)["reopen_count"], 4);
}

#[test]
fn a_follow_up_is_linked_and_visible_from_both_sides_r5() {
    let desk = Desk::start();
    let old = desk.closed_case("ada", None);
    desk.advance_to(millis_after(desk.now(), WINDOW + 1));
    let answer = desk.receive(&inbound(&desk.channel, "ada").text("It broke again"));
    let new = number(&answer["case"]);
    let (before, after) = (desk.case(old), desk.case(new));
    assert_eq!(after["follow_up_of"], old);
    assert_eq!(before["follow_ups"], json!([new]));
    assert_eq!(before["status"], "closed");
    assert_eq!(before["reopen_count"], 0);
    assert_eq!(after["status"], "open");
    assert_eq!(after["queue"], desk.general.as_str());
    assert_eq!(after["customer"]["id"], before["customer"]["id"]);
    assert_eq!(moment(&after["created_at"]), desk.now());
    assert_eq!(desk.messages(new).last().expect("its message")["text"], "It broke again");
    assert!(!desk.feed_of(old, "follow_up_created").is_empty() || !desk.feed_of(new, "follow_up_created").is_empty());
}

#[test]
fn after_a_follow_up_the_thread_goes_on_there_r5() {
    let desk = Desk::start();
    let first = desk.closed_case("ada", None);
    desk.advance_to(millis_after(desk.now(), WINDOW + 1));
    let second = number(&desk.writes_again("ada")["case"]);
    let answer = desk.writes_again("ada");
    assert_eq!((answer["outcome"].as_str(), number(&answer["case"])), (Some("appended"), second));
    desk.close(second);
    let answer = desk.writes_again("ada");
    assert_eq!((answer["outcome"].as_str(), number(&answer["case"])), (Some("reopened"), second));
    desk.close(second);
    desk.advance_to(millis_after(desk.now(), WINDOW + 1));
    let third = number(&desk.writes_again("ada")["case"]);
    assert_eq!(desk.case(third)["follow_up_of"], second);
    assert_eq!(desk.case(second)["follow_ups"], json!([third]));
    assert_eq!(desk.case(first)["follow_ups"], json!([second]));
}

#[test]
fn another_thread_of_the_same_customer_is_another_case_r5() {
    let desk = Desk::start();
    let say = |message: Message| desk.receive(&message);
    let thread = |key: &str| inbound(&desk.channel, "ada").conversation(key);
    let first = number(&say(thread("t1"))["case"]);
    desk.close(first);
    let second = say(thread("t2"));
    assert_eq!(second["outcome"], "created");
    assert_eq!(second["case"]["follow_up_of"], Value::Null);
    let third = say(inbound(&desk.channel, "ada"));
    assert_eq!(third["outcome"], "created", "no thread key is a thread of its own");
    assert_eq!(number(&say(thread("t1"))["case"]), first);
    assert_eq!(number(&say(thread("t2"))["case"]), number(&second["case"]));
    let elsewhere = desk.channel_into(&desk.general, "email");
    assert_eq!(say(inbound(&elsewhere, "ada"))["outcome"], "created", "another channel is another thread");
    assert_eq!(say(inbound(&desk.channel, "bea").conversation("t1"))["outcome"], "created", "another customer too");
}

#[test]
fn an_automatic_message_neither_reopens_nor_starts_a_case_r6() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    for after in [1, WINDOW] {
        desk.advance_to(millis_after(desk.now(), after));
        let answer = desk.receive(&inbound(&desk.channel, "ada").automatic());
        assert_eq!(answer["outcome"], "appended");
        assert_eq!(number(&answer["case"]), case);
    }
    assert!(desk.is_closed(case));
    assert_eq!(desk.case(case)["reopen_count"], 0);
    assert_eq!(desk.messages(case).len(), 3, "they are stored and shown");
    assert_eq!(desk.all("/v1/cases").len(), 1);
}

#[test]
fn an_automatic_message_without_a_thread_is_stored_without_a_case_r6() {
    let desk = Desk::start();
    let message = inbound(&desk.channel, "bounce").automatic();
    let answer = desk.receive(&message);
    assert_eq!(answer["case"], Value::Null);
    assert_eq!(answer["outcome"], "appended");
    assert_eq!(desk.all("/v1/cases").len(), 0);
    assert_eq!(desk.post("/v1/messages", message.body()).expect(200)["outcome"], "duplicate", "it was stored");
    assert_eq!(desk.writes_again("bounce")["outcome"], "created");
}

#[test]
fn two_auto_responders_cannot_keep_a_case_alive_r6() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    let deadline = moment(&desk.case(case)["closes_at"]);
    for _ in 0..20 {
        desk.receive(&inbound(&desk.channel, "ada").automatic());
        desk.advance_minutes(7);
    }
    let held = desk.case(case);
    assert_eq!(held["status"], "closed");
    assert_eq!(moment(&held["closed_at"]), deadline);
    assert_eq!(held["reopen_count"], 0);
}
