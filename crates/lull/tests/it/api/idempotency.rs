//! `Idempotency-Key`: the same key and body get the first answer for a day; another body is a conflict.

use crate::support::{Answer, Client, Desk, inbound};
use serde_json::{Value, json};

fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client.with_json("POST", path, &[("idempotency-key", key)], body)
}

#[test]
fn the_same_key_and_body_get_the_first_answer_and_act_once() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    let first = keyed(&desk, &path, "key-1", &json!({"text": "Once."})).expect(201);
    desk.advance(3600);
    let second = keyed(&desk, &path, "key-1", &json!({"text": "Once."})).expect(201);
    assert_eq!(first, second);
    assert_eq!(desk.feed_of(case, "comment_added").len(), 1);
}

#[test]
fn the_same_key_with_another_body_is_409_and_changes_nothing() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    keyed(&desk, &path, "key-1", &json!({"text": "Once."})).expect(201);
    keyed(&desk, &path, "key-1", &json!({"text": "Twice."})).problem(409, "idempotency_conflict");
    assert_eq!(desk.feed_of(case, "comment_added").len(), 1);
    keyed(&desk, &path, "key-1", &json!({"text": "Once."})).expect(201);
    keyed(&desk, &path, "key-2", &json!({"text": "Once."})).expect(201);
    assert_eq!(desk.feed_of(case, "comment_added").len(), 2);
}

#[test]
fn every_post_takes_a_key() {
    let desk = Desk::start();
    let case = desk.open_case();
    let customer = json!({"external_id": "bea", "name": "Bea", "handle": "@bea"});
    let posts = [
        ("/v1/messages".to_owned(), inbound(&desk.channel, "ada").body().clone()),
        ("/v1/cases".to_owned(), json!({"channel": desk.channel, "customer": customer, "title": "By telephone"})),
        (format!("/v1/cases/{case}/messages"), json!({"text": "Hello"})),
        (format!("/v1/cases/{case}/comments"), json!({"text": "Hello"})),
        ("/v1/agents".to_owned(), json!({"name": "Ada", "email": "ada@desk.test", "role": "agent"})),
        ("/v1/queues".to_owned(), json!({"name": "Second", "assignment": "manual", "members": []})),
        ("/v1/channels".to_owned(), json!({"name": "Second", "network": "x", "queue": desk.general})),
    ];
    for (turn, (path, body)) in posts.iter().enumerate() {
        let key = format!("key-{turn}");
        let first = keyed(&desk, path, &key, body).expect(201);
        assert_eq!(keyed(&desk, path, &key, body).expect(201), first, "{path}");
        let mut other = body.clone();
        let field = ["name", "title", "text"].into_iter().find(|field| body.get(field).is_some()).expect("one of them");
        other[field] = json!("something else");
        assert_eq!(keyed(&desk, path, &key, &other).status, 409, "{path}");
    }
    assert_eq!(desk.messages(case).len(), 2);
    assert_eq!(desk.all("/v1/queues").len(), 2);
}

#[test]
fn a_keyed_message_keeps_the_answer_of_its_first_delivery() {
    let desk = Desk::start();
    let message = inbound(&desk.channel, "ada");
    let first = keyed(&desk, "/v1/messages", "key", message.body()).expect(201);
    let again = keyed(&desk, "/v1/messages", "key", message.body()).expect(201);
    assert_eq!(again, first, "created, not duplicate: it is the first answer");
    assert_eq!(desk.post("/v1/messages", message.body()).expect(200)["outcome"], "duplicate");
}

#[test]
fn after_a_day_a_key_is_free_again() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    keyed(&desk, &path, "key", &json!({"text": "Once."})).expect(201);
    desk.advance(86_400 - 1);
    keyed(&desk, &path, "key", &json!({"text": "Other."})).problem(409, "idempotency_conflict");
    desk.advance(2);
    keyed(&desk, &path, "key", &json!({"text": "Other."})).expect(201);
    assert_eq!(desk.feed_of(case, "comment_added").len(), 2);
}

#[test]
fn a_key_used_by_many_at_once_acts_once_and_all_get_the_same_answer() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    for round in 0..5 {
        let key = format!("key-{round}");
        let answers: Vec<Value> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let (client, path, key) = (desk.as_token(desk.token()), &path, &key);
                    scope.spawn(move || keyed(&client, path, key, &json!({"text": "Once."})).expect(201))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("a sender")).collect()
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(desk.feed_of(case, "comment_added").len(), round + 1);
    }
}

#[test]
fn two_workspaces_may_use_the_same_key() {
    let place = crate::support::desk::Place::new();
    let second = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    let body = json!({"name": "Night shift", "assignment": "manual", "members": []});
    let here = keyed(&desk, "/v1/queues", "key", &body).expect(201);
    let there = keyed(&desk.as_token(&second), "/v1/queues", "key", &body).expect(201);
    assert_ne!(here["id"], there["id"]);
}

#[test]
fn an_endless_or_empty_key_is_refused_not_a_500() {
    let desk = Desk::start();
    let case = desk.open_case();
    let path = format!("/v1/cases/{case}/comments");
    let answer = keyed(&desk, &path, &"k".repeat(5_000), &json!({"text": "Once."}));
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert!(keyed(&desk, &path, "", &json!({"text": "Once."})).status < 500);
}

#[test]
fn a_key_survives_a_restart() {
    let mut desk = Desk::start();
    let body = json!({"name": "Night shift", "assignment": "manual", "members": []});
    let first = keyed(&desk, "/v1/queues", "key", &body).expect(201);
    desk.restart(&["--test-clock"]);
    assert_eq!(keyed(&desk, "/v1/queues", "key", &body).expect(201), first);
}
