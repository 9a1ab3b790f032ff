//! The database goes away and comes back: 503 with `Retry-After`, no lost acknowledgement, no restart.

use crate::support::desk::{OWNER, create_owner, token};
use crate::support::process::{Server, lull};
use crate::support::{Client, inbound};
use scratch_postgres::{Mode, Options};
use serde_json::json;

/// More requests than the desk may need to find its database again.
const TRIES: usize = 3_000;

#[test]
fn a_desk_whose_database_is_away_says_so_and_recovers_by_itself() {
    let mut postgres = scratch_postgres::Server::start(&Options::durable()).expect("a server");
    postgres.create_database("desk").expect("a database");
    let database = postgres.url("desk");
    create_owner(&database, "First Desk", OWNER, &[]).succeeded();
    let token = token(&database, OWNER);
    let mut server = Server::start(&database, &[]);
    let client = Client::new(server.base(), Some(&token));
    let channel = client.post("/v1/channels", &json!({"name": "X", "network": "x"})).expect(201);
    let channel = channel["id"].as_str().expect("an id");
    let message = |n: usize| inbound(channel, "ada").with("external_id", format!("m{n}"));
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        client.receive(&message(round));
        acknowledged.push(round);
        postgres.stop(Mode::Immediate).expect("stopped");
        for _ in 0..5 {
            let refused = client.post("/v1/messages", message(1_000 + round).body());
            refused.problem(503, "unavailable");
            assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
            assert_eq!(client.get("/readyz").status, 503);
            assert_eq!(client.get("/livez").status, 200, "the process itself is well");
        }
        postgres.start_again().expect("back");
        let back = (0..TRIES).any(|_| client.get("/readyz").status == 200);
        assert!(back, "ready again without a restart: {}", server.said());
        let again = client.post("/v1/messages", message(1_000 + round).body());
        assert!([200, 201].contains(&again.status), "{}", again.text());
        acknowledged.push(1_000 + round);
    }
    let stored: Vec<String> =
        client.messages(1).iter().map(|m| m["external_id"].as_str().expect("an id").to_owned()).collect();
    let expected: Vec<String> = acknowledged.iter().map(|n| format!("m{n}")).collect();
    assert_eq!(stored, expected, "each once, in the order of their acknowledgement");
    assert!(server.is_alive());
}

#[test]
fn a_server_that_is_not_there_at_the_start_is_named_and_the_password_is_not() {
    let address = "postgres://desk:zzsecret@127.0.0.1:9/desk";
    for arguments in [
        &["serve", "--database", address, "--listen", "127.0.0.1:0"][..],
        &["check", "--database", address],
        &["token", "--database", address, "--email", OWNER, "--name", "t"],
    ] {
        let refused = crate::support::process::run(lull(arguments), "").refused();
        assert!(refused.stderr.contains("127.0.0.1:9"), "{refused:?}");
        assert!(!refused.said().contains("zzsecret"), "{refused:?}");
    }
}
