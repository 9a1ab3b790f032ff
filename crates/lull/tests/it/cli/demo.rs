//! `serve --demo`: a throw-away desk with one link, one token and a running story, through HTTP alone.

use crate::support::Client;
use crate::support::process::{Server, lull};
use serde_json::{Value, json};

/// Starts the demo in an empty directory and finds the token among the words it printed.
fn demo(dir: &tempfile::TempDir) -> (Server, Client) {
    let mut command = lull(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.current_dir(dir.path());
    let server = Server::spawn(command).expect("the demo starts");
    // The lines about the link and the token may follow the one about the address; both are printed within moments.
    for _ in 0..2_000 {
        let said = server.said();
        let words = said.split_whitespace().filter(|word| word.len() >= 24 && !word.contains("://"));
        for word in words.filter(|word| word.bytes().all(|byte| byte.is_ascii_graphic())) {
            let client = Client::new(server.base(), Some(word));
            if client.get("/v1/workspace").status == 200 {
                return (server, client);
            }
        }
        assert_eq!(Client::new(server.base(), None).get("/livez").status, 200);
    }
    panic!("no word of this is a token: {}", server.said());
}

#[test]
fn the_demo_prints_one_link_and_one_token_and_has_the_test_clock_on() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let (server, client) = demo(&dir);
    client.get("/v1/test-clock").expect(200);
    assert!(client.all("/v1/agents").len() > 1 && client.all("/v1/queues").len() > 1);
    assert!(!client.get("/v1/cases").expect(200)["data"].as_array().expect("a list").is_empty());
    let said = server.said();
    let link =
        said.split_whitespace().find(|word| word.starts_with(server.base()) && word.len() > server.base().len() + 10);
    let link = link.unwrap_or_else(|| panic!("a sign-in link: {said}"));
    let answer = client.anonymous().get(link.strip_prefix(server.base()).expect("its own address"));
    assert!(answer.status < 400, "{}", answer.status);
}

fn says(feed: &[Value], event: &str) -> bool {
    feed.iter().any(|entry| entry["event"] == event)
}

#[test]
fn playing_the_demo_shows_closes_both_kinds_of_reopen_and_a_follow_up_a6_r3_r5() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let (_server, client) = demo(&dir);
    for _ in 0..24 {
        client.post("/v1/test-clock/advance", &json!({"by_seconds": 3600})).expect(200);
    }
    let (mut closed, mut back, mut queued, mut followed) = (0, 0, 0, 0);
    for case in client.all("/v1/cases?limit=100") {
        let feed = client.feed(case["number"].as_i64().expect("a number"));
        closed += usize::from(says(&feed, "case_auto_closed"));
        followed += usize::from(!case["follow_up_of"].is_null());
        for reopen in feed.iter().filter(|entry| entry["event"] == "case_auto_reopened") {
            let lost = feed.iter().any(|entry| entry["event"] == "unassigned" && entry["at"] == reopen["at"]);
            queued += usize::from(lost);
            back += usize::from(!lost && !case["assignee"].is_null());
        }
    }
    assert!(closed > 0, "cases that closed by themselves");
    assert!(back > 0, "a reopen with the old agent back");
    assert!(queued > 0, "a reopen that goes to the queue");
    assert!(followed > 0, "a follow-up after the window");
}
