//! A stream ends with the right to it, and with its node.

use super::{Nodes, Stream, event};
use crate::support::Client;
use crate::support::desk::{Place, id};
use crate::support::process::{Server, binary, forget_settings};
use serde_json::json;

#[test]
fn a_revoked_token_ends_its_stream_before_it_hears_more_on_whichever_node() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let made = desk.post("/v1/tokens", &json!({"name": "ears", "role": "owner", "agent": null})).expect(201);
    let mut stream = nodes.listens(made["token"].as_str().expect("a secret"));
    let mut other = nodes.owner_listens();
    stream.skip_to("workspace.updated");
    let case = desk.open_case();
    assert_eq!(stream.names(1), [event("case.created", case)]);
    assert_eq!(desk.delete(&format!("/v1/tokens/{}", id(&made))).status, 204);
    desk.open_case();
    assert_eq!(stream.rest(), []);
    assert_eq!(other.names(3)[1], ("token.revoked".to_owned(), None), "others go on");
}

#[test]
fn a_member_who_is_not_active_any_more_hears_nothing_more() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let member = desk.member("Ada", "agent");
    let cookie = desk.session(&member.id);
    let mut page = Stream::open(nodes.ear(), "/events", &[("cookie", &cookie)]);
    page.start();
    let stream = nodes.listens(member.token());
    page.skip_to("workspace.updated");
    desk.patch(&format!("/v1/agents/{}", member.id), &json!({"active": false})).expect(200);
    assert_eq!((stream.rest(), page.rest()), (vec![], vec![]));
}

#[test]
fn a_page_listens_by_its_session_until_it_is_signed_out() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let cookie = desk.session(&desk.owner_id());
    // Compressed, words would wait until there are enough of them.
    let headers = [("cookie", cookie.as_str()), ("accept-encoding", "gzip")];
    let mut stream = Stream::open(nodes.ear(), "/events", &headers);
    assert!(!stream.head.contains("content-encoding"), "{}", stream.head);
    stream.start();
    let case = desk.open_case();
    let heard = stream.skip_to("case.created");
    assert_eq!(
        (heard.name, &heard.data["event"], &heard.data["case_number"]),
        (None, &json!("case.created"), &json!(case))
    );
    let browser = Client::new(desk.base(), None);
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(browser.send("POST", "/sign-out", &headers, None).status, 303);
    assert_eq!(stream.rest(), []);
    let refused = browser.send("GET", "/events", &[("cookie", &cookie)], None);
    refused.problem(401, "unauthenticated");
    browser.get("/events").problem(401, "unauthenticated");
}

/// A server that may have so many files open.
fn with_open_files(database: &str, files: usize) -> Server {
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", &format!("ulimit -n {files} && exec \"$@\""), "sh", binary()]);
    limited.args(["serve", "--database", database, "--listen", "127.0.0.1:0", "--test-clock"]);
    forget_settings(&mut limited);
    Server::spawn(limited).expect("it starts")
}

#[test]
fn a_node_takes_as_many_listeners_as_leave_room_for_everybody_else() {
    let place = Place::new();
    let server = with_open_files(&place.database(), 120);
    let client = Client::new(server.base(), Some(&place.token));
    let authorization = format!("Bearer {}", place.token);
    let listen = || Stream::open(server.base(), "/v1/events", &[("authorization", &authorization)]);
    let mut streams: Vec<Stream> = (0..60).map(|_| listen()).collect();
    let refused = client.get("/v1/events");
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("5"));
    client.get("/v1/cases").expect(200);
    drop(streams.pop());
    // The node learns of it when it looks at the connection.
    let free = (0..1_000).any(|_| client.send("HEAD", "/v1/events", &[], None).status == 200);
    assert!(free, "the place of who left is free");
}

#[test]
fn a_node_that_is_told_to_end_does_so_although_somebody_listens() {
    let mut nodes = Nodes::start();
    let stream = nodes.owner_listens();
    let server = nodes.second.as_mut().unwrap_or(&mut nodes.desk.server);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(stream.rest(), []);
}
