//! The same message twice, and several messages at once (R7), in any order.

use crate::support::cases::number;
use crate::support::policy::{policy, set};
use crate::support::{Answer, Client, Desk, Message, inbound, outbound};
use serde_json::json;

const THREADS: usize = 8;

/// Sends what `message` gives for each of eight threads, all at the same time.
fn at_once(client: &Client, message: impl Fn(usize) -> Message) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|turn| {
                let (client, body, barrier) = (client.as_token(client.token()), message(turn), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    client.post("/v1/messages", body.body())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a sender")).collect()
    })
}

fn outcomes(answers: &[Answer]) -> Vec<(u16, String)> {
    let mut all: Vec<_> = answers
        .iter()
        .map(|answer| (answer.status, answer.json()["outcome"].as_str().unwrap_or_default().to_owned()))
        .collect();
    all.sort();
    all
}

#[test]
fn the_same_message_delivered_twice_is_one_message_r7() {
    let desk = Desk::start();
    let message = inbound(&desk.channel, "ada");
    let first = desk.receive(&message);
    desk.advance(60);
    let before = desk.case(number(&first["case"]));
    let second = desk.post("/v1/messages", message.body()).expect(200);
    assert_eq!(second["outcome"], "duplicate");
    assert_eq!(second["message"]["id"], first["message"]["id"]);
    assert_eq!(second["case"]["number"], first["case"]["number"]);
    let case = number(&first["case"]);
    assert_eq!(desk.case(case), before, "a duplicate is no activity and changes nothing");
    assert_eq!(desk.messages(case).len(), 1);
    assert_eq!(
        desk.feed_of(case, "message_received").len() + desk.feed_of(case, "case_created").len(),
        desk.feed(case).len()
    );
}

#[test]
fn a_duplicate_with_other_words_is_still_the_first_message_r7() {
    let desk = Desk::start();
    let message = inbound(&desk.channel, "ada").text("The first words");
    let case = number(&desk.receive(&message)["case"]);
    let again = message.clone().text("Other words").with("sent_at", "2019-01-01T00:00:00.000Z");
    assert_eq!(desk.post("/v1/messages", again.body()).expect(200)["message"]["text"], "The first words");
    assert_eq!(desk.messages(case)[0]["text"], "The first words");
}

#[test]
fn the_same_external_id_on_another_channel_is_another_message_r7() {
    let desk = Desk::start();
    let other = desk.channel_into(&desk.general, "email");
    desk.receive(&inbound(&desk.channel, "ada").with("external_id", "same"));
    assert_eq!(desk.receive(&inbound(&other, "ada").with("external_id", "same"))["outcome"], "created");
}

#[test]
fn an_outbound_duplicate_is_recognised_too_r7() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    let sent = outbound(&desk.channel, "ada");
    desk.receive(&sent);
    assert_eq!(desk.post("/v1/messages", sent.body()).expect(200)["outcome"], "duplicate");
    assert_eq!(desk.messages(case).len(), 2);
}

#[test]
fn an_old_message_delivered_again_does_not_reopen_the_case_r7() {
    let desk = Desk::start();
    let message = inbound(&desk.channel, "ada");
    let case = number(&desk.receive(&message)["case"]);
    desk.close(case);
    desk.advance(60);
    assert_eq!(desk.post("/v1/messages", message.body()).expect(200)["outcome"], "duplicate");
    assert!(desk.is_closed(case));
    desk.advance(30 * 86_400);
    assert_eq!(desk.post("/v1/messages", message.body()).expect(200)["outcome"], "duplicate");
    assert_eq!(desk.all("/v1/cases").len(), 1, "nor does it start a follow-up");
}

#[test]
fn the_message_that_reopened_does_not_reopen_twice_r7_r9() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let message = inbound(&desk.channel, "ada");
    assert_eq!(desk.receive(&message)["outcome"], "reopened");
    desk.close(case);
    assert_eq!(desk.post("/v1/messages", message.body()).expect(200)["outcome"], "duplicate");
    let held = desk.case(case);
    assert_eq!((held["status"].as_str(), &held["reopen_count"]), (Some("closed"), &json!(1)));
}

#[test]
fn of_many_deliveries_at_once_exactly_one_is_new_r7() {
    let desk = Desk::start();
    for round in 0..5 {
        let message = inbound(&desk.channel, &format!("c{round}"));
        let answers = at_once(desk.owner(), |_| message.clone());
        let mut expected = vec![(200, "duplicate".to_owned()); THREADS - 1];
        expected.push((201, "created".to_owned()));
        assert_eq!(outcomes(&answers), expected);
        let cases: Vec<i64> = answers.iter().map(|answer| number(&answer.json()["case"])).collect();
        assert!(cases.iter().all(|case| *case == cases[0]), "all answers name the one case: {cases:?}");
        assert_eq!(desk.messages(cases[0]).len(), 1);
    }
    assert_eq!(desk.all("/v1/cases").len(), 5);
}

#[test]
fn of_many_first_messages_at_once_exactly_one_creates_the_case_r7() {
    let desk = Desk::start();
    let answers = at_once(desk.owner(), |_| inbound(&desk.channel, "ada"));
    let mut expected = vec![(201, "appended".to_owned()); THREADS - 1];
    expected.push((201, "created".to_owned()));
    assert_eq!(outcomes(&answers), expected);
    assert_eq!(desk.all("/v1/customers").len(), 1, "one customer, too");
}

#[test]
fn of_many_messages_at_once_exactly_one_reopens_r2_r7() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let answers = at_once(desk.owner(), |_| inbound(&desk.channel, "ada"));
    let mut expected = vec![(201, "appended".to_owned()); THREADS - 1];
    expected.push((201, "reopened".to_owned()));
    assert_eq!(outcomes(&answers), expected);
    assert_eq!(desk.case(case)["reopen_count"], 1);
    assert_eq!(desk.feed_of(case, "case_auto_reopened").len(), 1);
    assert_eq!(desk.messages(case).len(), THREADS + 1);
}

#[test]
fn of_many_messages_at_once_exactly_one_starts_the_follow_up_r5_r7() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    desk.set_policy(&set(policy(), "/auto_reopen/enabled", json!(false)));
    let answers = at_once(desk.owner(), |_| inbound(&desk.channel, "ada"));
    let mut expected = vec![(201, "appended".to_owned()); THREADS - 1];
    expected.push((201, "follow_up".to_owned()));
    assert_eq!(outcomes(&answers), expected);
    assert_eq!(desk.case(case)["follow_ups"].as_array().map(Vec::len), Some(1));
}

#[test]
fn case_numbers_run_from_one_without_a_gap_even_when_made_at_once_r7() {
    let desk = Desk::start();
    let answers = at_once(desk.owner(), |turn| inbound(&desk.channel, &format!("c{turn}")));
    let mut numbers: Vec<i64> = answers.iter().map(|answer| number(&answer.json()["case"])).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=THREADS as i64).collect::<Vec<_>>());
}
