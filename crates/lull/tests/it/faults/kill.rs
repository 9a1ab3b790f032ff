//! `kill -9` at any moment loses nothing that was answered with 2xx (A8).

use crate::support::desk::Place;
use crate::support::process::{Server, lull, run};
use crate::support::{Client, Desk, inbound};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::channel;

const ROUNDS: usize = 22;
const THREADS: usize = 4;
/// More than any round needs; a client that is never cut off must still stop.
const MOST: usize = 5_000;

/// What the clients of one round know: what was acknowledged, and what was sent without an answer.
#[derive(Default)]
struct Told {
    acknowledged: Vec<String>,
    unanswered: Vec<String>,
}

/// Posts messages from several threads and kills the server once `acknowledgements` of them were answered.
fn load_and_kill(server: &mut Server, token: &str, channel_id: &str, round: usize, acknowledgements: usize) -> Told {
    let (acknowledge, acknowledged) = channel();
    let base = server.base().to_owned();
    let mut told = Told::default();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (client, acknowledge) = (Client::new(&base, Some(token)), acknowledge.clone());
                scope.spawn(move || {
                    for turn in 0..MOST {
                        let id = format!("r{round}-t{thread}-{turn}");
                        let message =
                            inbound(channel_id, &format!("c{round}-{}", turn % 3)).with("external_id", id.clone());
                        let body = message.body().to_string();
                        match client.try_send(
                            "POST",
                            "/v1/messages",
                            &[("content-type", "application/json")],
                            Some(body.as_bytes()),
                        ) {
                            Ok(answer) if answer.status == 201 => drop(acknowledge.send(id)),
                            Ok(answer) => {
                                panic!("a sound server takes every message: {} {}", answer.status, answer.text())
                            }
                            Err(_) => return Some(id),
                        }
                    }
                    None
                })
            })
            .collect();
        drop(acknowledge);
        told.acknowledged.extend(acknowledged.iter().take(acknowledgements));
        server.kill();
        told.acknowledged.extend(acknowledged.iter());
        told.unanswered.extend(clients.into_iter().filter_map(|client| client.join().expect("a client")));
    });
    told
}

/// How often each external id is stored.
fn stored(client: &Client) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for case in client.all("/v1/cases?limit=100") {
        for message in client.messages(case["number"].as_i64().expect("a number")) {
            *counts.entry(message["external_id"].as_str().expect("an id").to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

#[test]
fn killing_a_loaded_server_loses_and_doubles_nothing_that_was_acknowledged_a8_r7() {
    let desk = Place::new().open(&[]);
    let (channel_id, token) = (desk.channel.clone(), desk.token().to_owned());
    let Desk { place, mut server, .. } = desk;
    let (mut acknowledged, mut unanswered) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Another number each round, so that the kill falls into another moment.
        let told = load_and_kill(&mut server, &token, &channel_id, round, 5 + round * 37 % 151);
        assert!(!told.acknowledged.is_empty(), "round {round} was under load");
        acknowledged.extend(told.acknowledged);
        unanswered.extend(told.unanswered);
        server = Server::start(&place.database(), &[]);
    }
    let client = Client::new(server.base(), Some(&token));
    let held = stored(&client);
    let lost: Vec<&String> = acknowledged.iter().filter(|id| held.get(*id) != Some(&1)).collect();
    assert!(lost.is_empty(), "of {} acknowledged, not there exactly once: {lost:?}", acknowledged.len());
    assert!(held.values().all(|count| *count == 1), "nothing is stored twice");
    // What was not answered may or may not be there; sending it again settles it.
    for id in &unanswered {
        let customer = format!("c{}", id.trim_start_matches('r').split('-').next().expect("a round"));
        let message = inbound(&channel_id, &format!("{customer}-again")).with("external_id", id.clone());
        let answer = client.post("/v1/messages", message.body());
        let expected = if held.contains_key(id) { 200 } else { 201 };
        assert_eq!(answer.status, expected, "{id}: {}", answer.text());
    }
    server.kill();
    run(lull(&["check", "--database", &place.database()]), "").succeeded();
    run(lull(&["audit", "verify", "--database", &place.database()]), "").succeeded();
}

/// A case is closed with its whole trace, or not at all.
fn assert_whole(client: &Client, case: &Value, audited: &BTreeSet<String>) {
    let number = case["number"].as_i64().expect("a number");
    let closed = case["status"] == "closed";
    assert_eq!(!case["closure"].is_null(), closed, "{case}");
    assert_eq!(client.feed_of(number, "case_auto_closed").len(), usize::from(closed), "{case}");
    assert_eq!(audited.contains(&number.to_string()), closed, "{case}");
}

#[test]
fn a_kill_in_the_middle_of_a_run_leaves_every_case_whole_a8() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let (channel_id, token) = (desk.channel.clone(), desk.token().to_owned());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (client, channel_id) = (desk.as_token(&token), &channel_id);
            scope.spawn(move || {
                (0..300).for_each(|turn| drop(client.receive(&inbound(channel_id, &format!("c{thread}-{turn}")))))
            });
        }
    });
    desk.advance_minutes(120);
    desk.auto_close(60);
    let Desk { place, mut server, .. } = desk;
    let base = server.base().to_owned();
    std::thread::scope(|scope| {
        let advance = Client::new(&base, Some(&token));
        scope.spawn(move || {
            let body = json!({"by_seconds": 0}).to_string();
            // It is cut off by the kill, or was quicker; either way what it did must be whole.
            let _ = advance.try_send(
                "POST",
                "/v1/test-clock/advance",
                &[("content-type", "application/json")],
                Some(body.as_bytes()),
            );
        });
        let watcher = Client::new(&base, Some(&token));
        for _ in 0..2_000 {
            if !watcher.get("/v1/cases?status=closed&limit=1").expect(200)["data"]
                .as_array()
                .expect("a list")
                .is_empty()
            {
                break;
            }
        }
        server.kill();
    });
    let server = Server::start(&place.database(), &["--test-clock"]);
    let client = Client::new(server.base(), Some(&token));
    let entries = client.audit_of("CASE_AUTO_CLOSED");
    let audited: BTreeSet<String> =
        entries.iter().map(|entry| entry["object"]["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(audited.len(), entries.len());
    let cases = client.all("/v1/cases?limit=100");
    assert_eq!(cases.len(), 1_200);
    cases.iter().for_each(|case| assert_whole(&client, case, &audited));
    drop(server);
    run(lull(&["audit", "verify", "--database", &place.database()]), "").succeeded();
}
