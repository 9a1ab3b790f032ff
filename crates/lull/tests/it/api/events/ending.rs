//! A stream ends with the right to it, and with its node.

use super::{Nodes, Stream, event};
use crate::support::desk::id;
use crate::support::{Client, Desk};
use serde_json::json;

/// A session of a member, as the cookie that carries it.
fn session(desk: &Desk, agent: &str) -> String {
    let link = desk.post(&format!("/v1/agents/{agent}/sign-in-link"), &json!({})).expect(201);
    let signed_in = desk.anonymous().send("POST", link["path"].as_str().expect("a path"), &[], None);
    let cookie = signed_in.header("set-cookie").unwrap_or_else(|| panic!("no session: {}", signed_in.text()));
    cookie.split(';').next().expect("a cookie").to_owned()
}

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
    let cookie = session(desk, &member.id);
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
    let cookie = session(desk, &desk.owner_id());
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

#[test]
fn a_node_that_is_told_to_end_does_so_although_somebody_listens() {
    let mut nodes = Nodes::start();
    let stream = nodes.owner_listens();
    let server = nodes.second.as_mut().unwrap_or(&mut nodes.desk.server);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(stream.rest(), []);
}
