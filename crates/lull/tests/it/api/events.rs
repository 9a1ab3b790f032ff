//! `GET /v1/events`: what happens is told at once, on whichever node, to whom it concerns, and never lost or doubled.

mod ending;
mod resuming;
mod stream;

use crate::support::cases::number;
use crate::support::desk::{Place, on_postgres};
use crate::support::message::unique;
use crate::support::process::Server;
use crate::support::{Client, Desk, inbound};
use serde_json::json;
use stream::Stream;

/// A desk where one does things, and where another listens: two nodes on PostgreSQL, one on SQLite.
struct Nodes {
    desk: Desk,
    second: Option<Server>,
}

impl Nodes {
    #[track_caller]
    fn start() -> Nodes {
        Nodes::over(Desk::start())
    }

    #[track_caller]
    fn over(desk: Desk) -> Nodes {
        let second = on_postgres().then(|| Server::start(&desk.place.database(), &["--test-clock"]));
        Nodes { desk, second }
    }

    /// Where to listen.
    fn ear(&self) -> &str {
        self.second.as_ref().map_or_else(|| self.desk.base(), Server::base)
    }

    #[track_caller]
    fn listen(&self, token: &str, headers: &[(&str, &str)]) -> Stream {
        let authorization = format!("Bearer {token}");
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend_from_slice(headers);
        Stream::open(self.ear(), "/v1/events", &all)
    }

    /// A listener who has heard all that happened before. What was committed a moment ago is told once more to who begins
    /// now, if a transaction under way held it back; so something happens that marks the moment.
    #[track_caller]
    fn listens(&self, token: &str) -> Stream {
        let mut stream = self.listen(token, &[]);
        stream.start();
        self.desk.patch("/v1/workspace", &json!({"name": unique("Desk ")})).expect(200);
        stream.skip_to("workspace.updated");
        stream
    }

    #[track_caller]
    fn owner_listens(&self) -> Stream {
        self.listens(self.desk.token())
    }
}

fn event(name: &str, case: i64) -> (String, Option<i64>) {
    (name.to_owned(), Some(case))
}

#[test]
fn a_message_taken_in_at_one_node_is_told_at_another_in_the_shape_of_the_contract() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    desk.open_case();
    let mut stream = nodes.owner_listens();
    let head = stream.head.clone();
    for line in ["content-type: text/event-stream\r\n", "cache-control: no-store\r\n", "x-accel-buffering: no\r\n"] {
        assert!(head.contains(line), "{head}");
    }
    let case = desk.case_of("one");
    desk.writes_again("one");
    let heard = [stream.next(), stream.next()];
    let names = heard.each_ref().map(|event| event.name.as_deref().expect("events have names here"));
    assert_eq!(names, ["case.created", "message.received"]);
    for event in &heard {
        let data = event.data.as_object().expect("an object");
        assert_eq!(data.keys().map(String::as_str).collect::<Vec<_>>(), ["at", "case_number", "data", "event"]);
        assert_eq!(Some(event.data["event"].as_str().expect("a name")), event.name.as_deref());
        assert_eq!(event.data["case_number"], case);
        assert_eq!(event.data["at"], desk.case(case)["created_at"]);
        assert!(event.data["data"].is_object());
        assert!(!event.data.to_string().contains("pre-order"), "what the customer wrote is fetched, not told");
        assert!(event.id.starts_with("evt_"));
    }
    assert_ne!(heard[0].id, heard[1].id);
}

#[test]
fn each_change_is_told_in_its_order() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let agent = desk.agent("Ada", None);
    let case = desk.case_of("one");
    let mut stream = nodes.owner_listens();
    desk.reply(case, "Soon.");
    desk.comment(case, "She is cross.");
    desk.assign(case, &agent.id);
    desk.close(case);
    desk.writes_again("one");
    desk.writes_again("one");
    let names = ["message.sent", "comment.added", "case.updated", "case.closed", "case.reopened", "message.received"];
    assert_eq!(stream.names(names.len()), names.map(|name| event(name, case)));
}

#[test]
fn a_run_that_closes_many_cases_tells_of_each() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    desk.auto_close(60);
    let mut cases: Vec<i64> = (0..30).map(|_| desk.open_case()).collect();
    let mut stream = nodes.owner_listens();
    desk.advance_minutes(60);
    let heard = stream.names(cases.len());
    assert!(heard.iter().all(|(name, _)| name == "case.closed"), "{heard:?}");
    let mut closed: Vec<i64> = heard.iter().filter_map(|(_, case)| *case).collect();
    closed.sort_unstable();
    cases.sort_unstable();
    assert_eq!(closed, cases);
}

#[test]
fn another_workspace_hears_nothing_of_it() {
    let place = Place::new();
    let token = Desk::second_workspace(&place);
    let nodes = Nodes::over(place.open(&["--test-clock"]));
    let second = Client::new(nodes.desk.base(), Some(&token));
    let mut stream = nodes.listen(&token, &[]);
    stream.start();
    nodes.desk.open_case();
    let body = json!({"name": "Ours", "network": "x", "queue": null});
    let channel = second.post("/v1/channels", &body);
    let channel = match channel.status {
        201 => channel.json()["id"].as_str().expect("an id").to_owned(),
        _ => panic!("{}", channel.text()),
    };
    let case = number(&second.receive(&inbound(&channel, "own"))["case"]);
    stream.skip_to("channel.created");
    assert_eq!(stream.names(1), [event("case.created", case)]);
}

#[test]
fn a_viewer_hears_of_cases_and_settings_but_not_of_tokens_and_sign_ins() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let mut viewer = nodes.listens(&desk.token_for("viewer", None));
    let mut owner = nodes.owner_listens();
    viewer.skip_to("workspace.updated");
    desk.token_for("agent", None);
    desk.auto_close(60);
    let case = desk.open_case();
    let settings = ("case.settings_updated".to_owned(), None);
    let seen = [settings, event("case.created", case)];
    assert_eq!(viewer.names(2), seen);
    assert_eq!(owner.names(1), [("token.created".to_owned(), None)]);
    assert_eq!(owner.names(2), seen);
}

#[test]
fn who_may_not_listen_or_asks_for_nonsense_is_refused_with_a_problem() {
    let desk = Desk::start();
    desk.anonymous().get("/v1/events").problem(401, "unauthenticated");
    desk.as_token("tok_wrong").get("/v1/events").problem(401, "unauthenticated");
    desk.get("/v1/events?since=1").refuses("since", "unknown_parameter");
    for id in ["1", "evt_", "evt_01", "msg_0000000000001", "evt_zzzzzzzzzzzzz", "é"] {
        let answer = desk.send("GET", "/v1/events", &[("last-event-id", id)], None);
        answer.refuses("Last-Event-ID", "invalid_cursor");
    }
    desk.post("/v1/events", &json!({})).problem(405, "method_not_allowed");
}
