//! Nothing changes without an entry: every route of the API that writes is walked, and the audit trail grew (T2).

use crate::support::desk::id;
use crate::support::message::unique;
use crate::support::policy::{closing_after, policy};
use crate::support::{Desk, inbound};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Routes that write and leave no entry, and why.
const WITHOUT: [(&str, &str, &str); 5] = [
    ("post", "/v1/auto-close/preview", "it writes nothing"),
    ("post", "/v1/notifications/{}/read", "who has read what concerns nobody else"),
    ("post", "/v1/notifications/read", "who has read what concerns nobody else"),
    ("put", "/v1/notifications/preferences", "what one wants to be told of concerns nobody else"),
    (
        "post",
        "/v1/test-clock/advance",
        "a desk by a test clock is none in earnest; what then happens has entries of its own",
    ),
];

struct Write {
    method: &'static str,
    route: &'static str,
    path: String,
    body: Value,
    event: &'static str,
    object: &'static str,
}

fn write(
    method: &'static str,
    route: &'static str,
    named: &str,
    body: Value,
    (event, object): (&'static str, &'static str),
) -> Write {
    Write { method, route, path: route.replace("{}", named), body, event, object }
}

/// Every route in a form that changes something, in an order in which each can.
fn writes(desk: &Desk) -> Vec<Write> {
    desk.auto_close(60);
    desk.open_case();
    desk.advance_minutes(60);
    let run = id(&desk.all("/v1/auto-close/runs")[0]);
    desk.set_policy(&policy());
    let ada = desk.member("Ada", "agent");
    let case = desk.open_case().to_string();
    let queue = desk.queue("manual", &[]);
    let token = id(&desk.post("/v1/tokens", &json!({"name": "old", "role": "viewer", "agent": null})).expect(201));
    let view = id(&desk.post("/v1/views", &json!({"name": "Old", "query": "view=all"})).expect(201));
    let other = desk.open_case();
    let bulk = json!({"numbers": [other], "changes": {"priority": "critical"}});
    let act = id(&desk.post("/v1/cases/bulk", &bulk).expect(200));
    let canned = id(&desk.post("/v1/canned-replies", &json!({"name": "thanks", "text": "Thanks!"})).expect(201));
    // Known, and of no case any more.
    desk.patch(&format!("/v1/cases/{case}"), &json!({"tags": ["unused"]})).expect(200);
    desk.patch(&format!("/v1/cases/{case}"), &json!({"tags": []})).expect(200);
    let threshold = json!({"auto_close": {"threshold_minutes": 90}});
    let none = Value::Null;
    let customer = json!({"external_id": "eve", "name": "Eve", "handle": "@eve"});
    let email = format!("{}@desk.test", unique("neo"));
    vec![
        write("post", "/v1/messages", "", inbound(&desk.channel, "bob").body().clone(), ("CASE_CREATED", "case")),
        write("post", "/v1/messages", "", inbound(&desk.channel, "bob").body().clone(), ("MESSAGE_RECEIVED", "case")),
        write(
            "post",
            "/v1/cases",
            "",
            json!({"channel": desk.channel, "customer": customer, "title": "By telephone"}),
            ("CASE_CREATED", "case"),
        ),
        write("patch", "/v1/cases/{}", &case, json!({"assignee": ada.id}), ("CASE_UPDATED", "case")),
        write(
            "post",
            "/v1/cases/bulk",
            "",
            json!({"numbers": [case.parse::<i64>().expect("a number")], "changes": {"priority": "low"}}),
            ("CASE_UPDATED", "case"),
        ),
        write("post", "/v1/cases/bulk/{}/undo", &act, none.clone(), ("CASE_UPDATED", "case")),
        write(
            "post",
            "/v1/views",
            "",
            json!({"name": "Lamps", "query": "view=all&q=lamp", "shared": true}),
            ("VIEW_CREATED", "view"),
        ),
        write("patch", "/v1/views/{}", &view, json!({"name": "Parcels"}), ("VIEW_UPDATED", "view")),
        write("delete", "/v1/views/{}", &view, none.clone(), ("VIEW_DELETED", "view")),
        write("post", "/v1/cases/{}/messages", &case, json!({"text": "Hello"}), ("MESSAGE_SENT", "case")),
        write("post", "/v1/cases/{}/comments", &case, json!({"text": "Hello"}), ("COMMENT_ADDED", "case")),
        write("patch", "/v1/cases/{}", &case, json!({"status": "closed"}), ("CASE_CLOSED", "case")),
        write("patch", "/v1/cases/{}", &case, json!({"status": "open"}), ("CASE_REOPENED", "case")),
        write("post", "/v1/auto-close/runs/{}/undo", &run, json!({}), ("RUN_UNDONE", "run")),
        write("patch", "/v1/workspace", "", json!({"time_zone": "Europe/Berlin"}), ("WORKSPACE_UPDATED", "workspace")),
        write(
            "post",
            "/v1/agents",
            "",
            json!({"name": "Neo", "email": email, "role": "agent"}),
            ("USER_CREATED", "agent"),
        ),
        write("patch", "/v1/agents/{}", &ada.id, json!({"name": "Ada L"}), ("USER_UPDATED", "agent")),
        write(
            "put",
            "/v1/agents/{}/availability",
            &ada.id,
            json!({"availability": "online"}),
            ("USER_STATUS_CHANGED", "agent"),
        ),
        write("post", "/v1/agents/{}/sign-in-link", &ada.id, none.clone(), ("SIGN_IN_LINK_CREATED", "agent")),
        write("patch", "/v1/agents/{}", &ada.id, json!({"active": false}), ("USER_PERMISSIONS_CHANGED", "agent")),
        write(
            "post",
            "/v1/queues",
            "",
            json!({"name": unique("Queue "), "assignment": "manual", "members": []}),
            ("QUEUE_CREATED", "queue"),
        ),
        write("patch", "/v1/queues/{}", &queue, json!({"name": unique("Queue ")}), ("QUEUE_UPDATED", "queue")),
        write("put", "/v1/queues/{}/lifecycle", &queue, threshold, ("CASE_SETTINGS_UPDATED", "queue")),
        write("delete", "/v1/queues/{}/lifecycle", &queue, none.clone(), ("CASE_SETTINGS_UPDATED", "queue")),
        write(
            "put",
            "/v1/settings/lifecycle",
            "",
            closing_after(90, &["open"]),
            ("CASE_SETTINGS_UPDATED", "workspace"),
        ),
        write(
            "post",
            "/v1/channels",
            "",
            json!({"name": unique("Channel "), "network": "x", "queue": desk.general}),
            ("CHANNEL_CREATED", "channel"),
        ),
        write("patch", "/v1/channels/{}", &desk.channel, json!({"queue": queue}), ("CHANNEL_UPDATED", "channel")),
        write(
            "post",
            "/v1/canned-replies",
            "",
            json!({"name": unique("c"), "text": "Hi"}),
            ("CANNED_REPLY_CREATED", "canned_reply"),
        ),
        write(
            "patch",
            "/v1/canned-replies/{}",
            &canned,
            json!({"text": "Hello"}),
            ("CANNED_REPLY_UPDATED", "canned_reply"),
        ),
        write("delete", "/v1/canned-replies/{}", &canned, none.clone(), ("CANNED_REPLY_DELETED", "canned_reply")),
        write("patch", "/v1/tags/{}", "unused", json!({"name": "useful"}), ("TAG_RENAMED", "tag")),
        write("delete", "/v1/tags/{}", "useful", none.clone(), ("TAG_DELETED", "tag")),
        write(
            "post",
            "/v1/tokens",
            "",
            json!({"name": "new", "role": "viewer", "agent": null}),
            ("TOKEN_CREATED", "token"),
        ),
        write("delete", "/v1/tokens/{}", &token, none.clone(), ("TOKEN_REVOKED", "token")),
        // Reads, and yet acts: data leaves the desk.
        write("get", "/v1/exports/cases", "", none.clone(), ("DATA_EXPORTED", "workspace")),
        write("get", "/v1/exports/closures", "", none.clone(), ("DATA_EXPORTED", "workspace")),
        write("get", "/v1/exports/messages", "", none, ("DATA_EXPORTED", "workspace")),
    ]
}

/// Every operation of the document that is no read, its parameters without their names.
fn writing_routes(desk: &Desk) -> BTreeSet<(String, String)> {
    let document = desk.get("/v1/openapi.json").expect(200);
    let paths = document["paths"].as_object().expect("paths");
    let without_names = |path: &str| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let of_path = |(path, methods): (&String, &Value)| {
        let methods: Vec<String> = methods.as_object().expect("methods").keys().cloned().collect();
        let route = without_names(path);
        methods.into_iter().map(move |method| (method, route.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).filter(|(method, _)| method != "get").collect()
}

#[test]
fn every_route_that_writes_leaves_an_entry_with_actor_object_and_address_t2() {
    let desk = Desk::start();
    let owner = desk.owner_id();
    let mut walked = BTreeSet::new();
    for Write { method, route, path, body, event, object } in writes(&desk) {
        let before = desk.audit().len();
        let answer = match &body {
            Value::Null => desk.send(&method.to_uppercase(), &path, &[], None),
            body => desk.with_json(&method.to_uppercase(), &path, &[], body),
        };
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        let trail = desk.audit();
        assert!(trail.len() > before, "{method} {route} left no entry");
        let entry = trail.last().expect("an entry");
        assert_eq!((entry["event"].as_str(), entry["object"]["kind"].as_str()), (Some(event), Some(object)), "{entry}");
        assert_eq!(entry["actor"], json!({"kind": "agent", "id": owner}), "{entry}");
        assert_eq!((entry["actor_name"].as_str(), entry["address"].as_str()), (Some("Olive Owner"), Some("127.0.0.1")));
        let made = event.ends_with("_CREATED") || event.ends_with("_EXPORTED") || event.ends_with("_ADDED");
        if event.ends_with("_UPDATED") || event.ends_with("_CHANGED") {
            assert!(entry["old"].is_object() || entry["new"].is_object(), "{entry}");
            assert_ne!(entry["old"], entry["new"], "{entry}");
        } else if made && event != "SIGN_IN_LINK_CREATED" {
            assert!(entry["old"].is_null() && entry["new"].is_object(), "{entry}");
        }
        walked.insert((method.to_owned(), route.to_owned()));
    }
    let excused = WITHOUT.iter().map(|(method, route, _)| ((*method).to_owned(), (*route).to_owned()));
    let known: BTreeSet<_> = walked.into_iter().chain(excused).collect();
    let unknown: Vec<_> = writing_routes(&desk).into_iter().filter(|route| !known.contains(route)).collect();
    assert!(unknown.is_empty(), "these write, and nobody looked whether they leave an entry: {unknown:?}");
}

#[test]
fn the_engines_acts_have_entries_of_their_own_t2() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    desk.advance_minutes(60);
    desk.writes_again("ada");
    for event in ["CASE_AUTO_CLOSED", "CASE_AUTO_REOPENED"] {
        let entries = desk.audit_of(event);
        assert_eq!(entries.len(), 1, "{event}");
        assert_eq!(entries[0]["actor"]["kind"], "engine");
        assert_eq!(entries[0]["object"], json!({"kind": "case", "id": case.to_string()}));
        assert!(entries[0]["old"].is_object() && entries[0]["new"].is_object());
    }
}
