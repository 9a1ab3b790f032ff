//! Refusals in the shape of RFC 9457, with all invalid fields at once.

use crate::support::{Desk, inbound};
use serde_json::json;

#[test]
fn without_a_valid_token_every_resource_answers_401() {
    let desk = Desk::start();
    let paths = [
        "/v1/cases",
        "/v1/cases/1",
        "/v1/customers",
        "/v1/workspace",
        "/v1/agents",
        "/v1/queues",
        "/v1/channels",
        "/v1/settings/lifecycle",
        "/v1/audit-log",
        "/v1/audit-log/checkpoint",
        "/v1/notifications",
        "/v1/tokens",
        "/v1/auto-close/runs",
        "/v1/test-clock",
    ];
    for path in paths {
        let answer = desk.anonymous().get(path);
        answer.problem(401, "unauthenticated");
        desk.as_token("nonsense").get(path).problem(401, "unauthenticated");
    }
    desk.anonymous().post("/v1/messages", inbound(&desk.channel, "ada").body()).problem(401, "unauthenticated");
    for header in ["", "Bearer", "Bearer ", "Basic b3duZXI6cGFzcw==", "Bearer a b"] {
        let answer = desk.anonymous().send("GET", "/v1/cases", &[("authorization", header)], None);
        answer.problem(401, "unauthenticated");
    }
    assert_eq!(desk.all("/v1/cases").len(), 0);
}

#[test]
fn a_401_comes_before_any_look_at_the_body() {
    let desk = Desk::start();
    let headers = [("content-type", "application/json")];
    desk.anonymous().send("POST", "/v1/messages", &headers, Some(b"{")).problem(401, "unauthenticated");
}

#[test]
fn what_is_not_there_is_404_as_a_problem() {
    let desk = Desk::start();
    let paths = [
        "/v1/cases/1",
        "/v1/cases/0",
        "/v1/cases/-1",
        "/v1/cases/99999999999999999999999",
        "/v1/cases/abc",
        "/v1/cases/1/messages",
        "/v1/cases/1/activity",
        "/v1/customers/cus_0000000000000",
        "/v1/customers/nonsense",
        "/v1/queues/que_1/lifecycle",
        "/v1/nothing",
        "/v1",
        "/v2/cases",
    ];
    for path in paths {
        desk.get(path).problem(404, "not_found");
    }
    desk.patch("/v1/cases/1", &json!({"status": "closed"})).problem(404, "not_found");
    desk.patch("/v1/agents/agt_0000000000000", &json!({"name": "Ada"})).problem(404, "not_found");
    desk.patch("/v1/queues/que_0000000000000", &json!({"name": "Ada"})).problem(404, "not_found");
    desk.patch("/v1/channels/chn_0000000000000", &json!({"name": "Ada"})).problem(404, "not_found");
    desk.put("/v1/agents/agt_0000000000000/availability", &json!({"availability": "online"})).problem(404, "not_found");
    desk.post("/v1/notifications/ntf_0000000000000/read", &json!({})).problem(404, "not_found");
    desk.delete("/v1/tokens/tok_0000000000000").problem(404, "not_found");
}

#[test]
fn a_method_that_a_path_does_not_have_is_405() {
    let desk = Desk::start();
    for (method, path) in [
        ("DELETE", "/v1/cases"),
        ("PUT", "/v1/messages"),
        ("POST", "/v1/customers"),
        ("PATCH", "/v1/settings/lifecycle"),
    ] {
        let answer = desk.with_json(method, path, &[], &json!({}));
        answer.problem_of(405);
    }
}

#[test]
fn unknown_fields_are_refused_never_ignored_everywhere() {
    let desk = Desk::start();
    let case = desk.open_case();
    let ada = desk.member("Ada", "agent");
    let queue = format!("/v1/queues/{}", desk.general);
    let mut message = inbound(&desk.channel, "ada").body().clone();
    message["colour"] = json!("blue");
    desk.post("/v1/messages", &message).refuses("colour", "unknown_field");
    let mut message = inbound(&desk.channel, "ada").body().clone();
    message["customer"]["colour"] = json!("blue");
    desk.post("/v1/messages", &message).refuses("customer.colour", "unknown_field");
    for (method, path) in [
        ("PATCH", format!("/v1/cases/{case}")),
        ("POST", format!("/v1/cases/{case}/messages")),
        ("POST", format!("/v1/cases/{case}/comments")),
        ("POST", "/v1/cases".into()),
        ("PATCH", "/v1/workspace".into()),
        ("POST", "/v1/agents".into()),
        ("PATCH", format!("/v1/agents/{}", ada.id)),
        ("PUT", format!("/v1/agents/{}/availability", ada.id)),
        ("POST", "/v1/queues".into()),
        ("PATCH", queue.clone()),
        ("POST", "/v1/channels".into()),
        ("PATCH", format!("/v1/channels/{}", desk.channel)),
        ("PUT", "/v1/settings/lifecycle".into()),
        ("PUT", format!("{queue}/lifecycle")),
        ("POST", "/v1/tokens".into()),
        ("POST", "/v1/test-clock/advance".into()),
    ] {
        desk.with_json(method, &path, &[], &json!({"colour": "blue"})).refuses("colour", "unknown_field");
    }
    assert_eq!(desk.all("/v1/cases").len(), 1);
}

#[test]
fn unknown_parameters_are_refused_on_every_list() {
    let desk = Desk::start();
    let case = desk.open_case();
    for path in [
        "/v1/cases",
        "/v1/customers",
        "/v1/agents",
        "/v1/queues",
        "/v1/channels",
        "/v1/tokens",
        "/v1/notifications",
        "/v1/audit-log",
        "/v1/auto-close/runs",
    ] {
        desk.get(&format!("{path}?colour=blue")).refuses("colour", "unknown_parameter");
    }
    desk.get(&format!("/v1/cases/{case}/messages?colour=blue")).refuses("colour", "unknown_parameter");
    desk.get(&format!("/v1/cases/{case}/activity?colour=blue")).refuses("colour", "unknown_parameter");
}

#[test]
fn a_message_with_everything_wrong_names_every_field() {
    let desk = Desk::start();
    let body = json!({
        "channel": "chn_0000000000000", "external_id": "", "direction": "sideways", "customer": {"external_id": 7, "name": "a\u{0}b"},
        "text": "a\u{0}b", "sent_at": "yesterday", "automatic": "no", "author": "agt_0000000000000", "extra": 1,
    });
    let answer = desk.post("/v1/messages", &body);
    answer.refuses("direction", "unknown_value");
    answer.refuses("customer.external_id", "wrong_type");
    answer.refuses("customer.name", "invalid_text");
    answer.refuses("text", "invalid_text");
    answer.refuses("sent_at", "invalid_time");
    answer.refuses("automatic", "wrong_type");
    answer.refuses("extra", "unknown_field");
    answer.refuses("external_id", "blank");
    assert_eq!(desk.all("/v1/cases").len() + desk.all("/v1/customers").len(), 0, "nothing is half-written");
}

#[test]
fn what_only_the_database_knows_is_named_with_everything_else() {
    let desk = Desk::start();
    let case = desk.open_case();
    let (viewer, ada) = (desk.member("Vic", "viewer"), desk.member("Ada", "agent"));
    let email =
        desk.all("/v1/agents").into_iter().find(|agent| agent["id"] == ada.id.as_str()).expect("Ada")["email"].clone();
    desk.post("/v1/canned-replies", &json!({"name": "Hours", "text": "x"})).expect(201);
    let past = "2000-01-01T00:00:00.000Z";
    let (path, que) = (format!("/v1/cases/{case}"), "que_0000000000000");
    let refused = |answer: &crate::support::client::Answer, faults: &[(&str, &str)]| {
        faults.iter().for_each(|(field, code)| answer.refuses(field, code));
    };
    let wrong = json!({"priority": "zz", "keep_open_until": past, "assignee": viewer.id, "queue": que});
    let faults = [
        ("priority", "unknown_value"),
        ("keep_open_until", "out_of_range"),
        ("assignee", "inactive"),
        ("queue", "not_found"),
    ];
    refused(&desk.patch(&path, &wrong), &faults);
    let new = json!({"channel": desk.channel, "customer": {"external_id": "u"}, "title": "", "assignee": viewer.id});
    refused(&desk.post("/v1/cases", &new), &[("title", "blank"), ("assignee", "inactive")]);
    let bulk =
        json!({"numbers": [case], "changes": {"priority": "zz", "assignee": viewer.id, "keep_open_until": past}});
    let faults = ["priority", "assignee", "keep_open_until"].map(|field| format!("changes.{field}"));
    let answer = desk.post("/v1/cases/bulk", &bulk);
    faults.iter().for_each(|field| answer.refuses_field(field));
    let faults = [("name", "blank"), ("email", "duplicate")];
    refused(&desk.post("/v1/agents", &json!({"name": "", "email": email, "role": "agent"})), &faults);
    refused(&desk.patch(&format!("/v1/agents/{}", viewer.id), &json!({"name": "", "email": email})), &faults);
    let owner = format!("/v1/agents/{}", desk.owner_id());
    refused(
        &desk.patch(&owner, &json!({"active": false, "email": email})),
        &[("active", "last_owner"), ("email", "duplicate")],
    );
    let faults = [("name", "duplicate"), ("assignment", "unknown_value")];
    refused(&desk.post("/v1/queues", &json!({"name": "General", "assignment": "zz"})), &faults);
    let channel = desk.all("/v1/channels").remove(0)["name"].clone();
    let faults = [("name", "duplicate"), ("network", "unknown_value")];
    refused(&desk.post("/v1/channels", &json!({"name": channel, "network": "zz"})), &faults);
    let faults = [("name", "duplicate"), ("queue", "not_found")];
    refused(&desk.post("/v1/canned-replies", &json!({"name": "Hours", "text": "x", "queue": que})), &faults);
    // Whoever has a name may keep it.
    let own = desk.patch(&format!("/v1/queues/{}", desk.general), &json!({"name": "General", "assignment": "zz"}));
    assert_eq!(own.invalid(), [("assignment".to_owned(), "unknown_value".to_owned())]);
}

#[test]
fn an_empty_message_names_every_required_field() {
    let desk = Desk::start();
    let answer = desk.post("/v1/messages", &json!({}));
    for field in ["channel", "external_id", "direction", "customer", "text"] {
        answer.refuses(field, "required");
    }
    let mut body = inbound(&desk.channel, "ada").body().clone();
    body["customer"] = json!({"name": "Ada"});
    desk.post("/v1/messages", &body).refuses("customer.external_id", "required");
}

#[test]
fn references_to_what_is_not_there_are_refused_by_field() {
    let desk = Desk::start();
    let case = desk.open_case();
    desk.post("/v1/messages", inbound("chn_0000000000000", "ada").body()).refuses("channel", "not_found");
    desk.post("/v1/messages", inbound("nonsense", "ada").body()).refuses("channel", "not_found");
    let path = format!("/v1/cases/{case}");
    let answer = desk.patch(&path, &json!({"assignee": "agt_0000000000000", "queue": "que_0000000000000"}));
    answer.refuses("assignee", "not_found");
    answer.refuses("queue", "not_found");
    let authored = crate::support::outbound(&desk.channel, "ada").author("agt_0000000000000");
    desk.post("/v1/messages", authored.body()).refuses("author", "not_found");
}
