//! Who may do what: owner, care manager, agent, viewer.

use crate::support::policy::policy;
use crate::support::{Client, Desk, inbound};
use serde_json::{Value, json};

const ROLES: [&str; 4] = ["viewer", "agent", "care_manager", "owner"];

/// One act and the least role that may do it.
struct Act {
    method: &'static str,
    path: String,
    body: Value,
    least: &'static str,
}

fn act(least: &'static str, method: &'static str, path: impl Into<String>, body: Value) -> Act {
    Act { method, path: path.into(), body, least }
}

/// Every act of the API that changes or shows something, in a form that succeeds however often it is done.
fn acts(desk: &Desk, case: i64, agent: &str) -> Vec<Act> {
    let unique = crate::support::message::unique;
    let none = Value::Null;
    let canned = desk.post("/v1/canned-replies", &json!({"name": unique("c"), "text": "Hi"})).expect(201);
    let canned = canned["id"].as_str().expect("an id");
    desk.patch(&format!("/v1/cases/{case}"), &json!({"tags": ["vip"]})).expect(200);
    let customer = json!({"external_id": "ada", "name": "Ada", "handle": "@ada"});
    let mut all: Vec<Act> = [
        "/v1/cases",
        "/v1/customers",
        "/v1/workspace",
        "/v1/agents",
        "/v1/queues",
        "/v1/channels",
        "/v1/canned-replies",
        "/v1/tags",
        "/v1/settings/lifecycle",
    ]
    .into_iter()
    .map(|path| act("viewer", "GET", path, Value::Null))
    .collect();
    for part in ["", "/messages", "/activity"] {
        all.push(act("viewer", "GET", format!("/v1/cases/{case}{part}"), none.clone()));
    }
    all.extend([
        act("agent", "POST", "/v1/messages", inbound(&desk.channel, "ada").body().clone()),
        act(
            "agent",
            "POST",
            "/v1/cases",
            json!({"channel": desk.channel, "customer": customer, "title": "By telephone"}),
        ),
        act("agent", "PATCH", format!("/v1/cases/{case}"), json!({"priority": "high"})),
        act("agent", "POST", "/v1/cases/bulk", json!({"numbers": [case], "changes": {"priority": "low"}})),
        act("viewer", "GET", "/v1/views", none.clone()),
        act("agent", "POST", "/v1/views", json!({"name": unique("View "), "query": "view=all", "shared": true})),
        act("agent", "POST", format!("/v1/cases/{case}/messages"), json!({"text": "Hello"})),
        act("agent", "POST", format!("/v1/cases/{case}/comments"), json!({"text": "Hello"})),
        act("agent", "POST", "/v1/canned-replies", json!({"name": unique("c"), "text": "Hello"})),
        act("agent", "PATCH", format!("/v1/canned-replies/{canned}"), json!({"text": unique("Hello ")})),
        act("care_manager", "PATCH", "/v1/tags/vip", json!({"name": "vip"})),
        act("care_manager", "PUT", "/v1/settings/lifecycle", policy()),
        act(
            "care_manager",
            "PUT",
            format!("/v1/queues/{}/lifecycle", desk.general),
            json!({"auto_close": {"threshold_minutes": 90}}),
        ),
        act("care_manager", "POST", "/v1/auto-close/preview", policy()),
        act("care_manager", "DELETE", format!("/v1/queues/{}/lifecycle", desk.general), none.clone()),
        act(
            "care_manager",
            "POST",
            "/v1/agents",
            json!({"name": "Neo", "email": format!("{}@desk.test", unique("neo")), "role": "agent"}),
        ),
        act("care_manager", "PATCH", format!("/v1/agents/{agent}"), json!({"name": unique("Name ")})),
        act(
            "care_manager",
            "POST",
            "/v1/queues",
            json!({"name": unique("Queue "), "assignment": "manual", "members": []}),
        ),
        act("care_manager", "PATCH", format!("/v1/queues/{}", desk.general), json!({"assignment": "manual"})),
        act(
            "care_manager",
            "POST",
            "/v1/channels",
            json!({"name": unique("Channel "), "network": "x", "queue": desk.general}),
        ),
        act("care_manager", "PATCH", format!("/v1/channels/{}", desk.channel), json!({"name": unique("Channel ")})),
        act("care_manager", "GET", "/v1/audit-log", none.clone()),
        act("care_manager", "GET", "/v1/audit-log/checkpoint", none.clone()),
        act("care_manager", "GET", "/v1/exports/cases", none.clone()),
        act("care_manager", "GET", "/v1/exports/closures", none.clone()),
        act("care_manager", "GET", "/v1/exports/messages", none.clone()),
        act("owner", "PATCH", "/v1/workspace", json!({"name": "Renamed"})),
        act("owner", "GET", "/v1/tokens", none),
        act("owner", "POST", "/v1/tokens", json!({"name": unique("token "), "role": "viewer", "agent": null})),
    ]);
    all
}

fn rank(role: &str) -> usize {
    ROLES.iter().position(|held| *held == role).expect("a role")
}

#[track_caller]
fn assert_rights(desk: &Desk, role: &str, client: &Client) {
    let case = desk.open_case();
    let somebody = desk.member("Somebody", "agent");
    for act in acts(desk, case, &somebody.id) {
        let answer = match &act.body {
            Value::Null => client.send(act.method, &act.path, &[], None),
            body => client.with_json(act.method, &act.path, &[], body),
        };
        if rank(role) >= rank(act.least) {
            assert!(answer.status < 300, "{role} may {} {}: {}", act.method, act.path, answer.text());
        } else {
            answer.problem(403, "permission_required");
        }
    }
}

#[test]
fn each_role_may_do_what_it_may_through_a_token_that_acts_as_a_member() {
    let desk = Desk::start();
    for role in ROLES {
        let member = desk.member("Member", role);
        assert_rights(&desk, role, &member);
    }
}

#[test]
fn each_role_may_do_the_same_through_a_token_that_acts_as_nobody() {
    let desk = Desk::start();
    for role in ROLES {
        assert_rights(&desk, role, &desk.api(role));
    }
}

#[test]
fn permission_is_checked_before_the_body() {
    let desk = Desk::start();
    let viewer = desk.member("Vic", "viewer");
    viewer.post("/v1/messages", &json!({"nonsense": true})).problem(403, "permission_required");
    viewer.put("/v1/settings/lifecycle", &json!({})).problem(403, "permission_required");
}

#[test]
fn a_viewer_changes_nothing_at_all() {
    let desk = Desk::start();
    let case = desk.open_case();
    let viewer = desk.member("Vic", "viewer");
    let before = (desk.case(case), desk.feed(case), desk.audit());
    viewer
        .patch(&format!("/v1/cases/{case}"), &json!({"status": "closed", "assignee": viewer.id}))
        .problem(403, "permission_required");
    viewer.post(&format!("/v1/cases/{case}/messages"), &json!({"text": "Hello"})).problem(403, "permission_required");
    viewer.post("/v1/messages", inbound(&desk.channel, "eve").body()).problem(403, "permission_required");
    assert_eq!((desk.case(case), desk.feed(case), desk.audit()), before);
}

#[test]
fn an_agent_sets_their_own_availability_and_nobody_elses() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada", "agent"), desk.member("Bea", "agent"));
    let path = |id: &str| format!("/v1/agents/{id}/availability");
    ada.put(&path(&ada.id), &json!({"availability": "online"})).expect(200);
    ada.put(&path(&bea.id), &json!({"availability": "online"})).problem(403, "permission_required");
    desk.put(&path(&bea.id), &json!({"availability": "away"})).expect(200);
}

#[test]
fn a_members_new_role_holds_for_the_tokens_that_act_as_them_a2() {
    let desk = Desk::start();
    let mia = desk.member("Mia", "care_manager");
    mia.put("/v1/settings/lifecycle", &policy()).expect(200);
    desk.patch(&format!("/v1/agents/{}", mia.id), &json!({"role": "viewer"})).expect(200);
    mia.put("/v1/settings/lifecycle", &policy()).problem(403, "permission_required");
}

#[test]
fn a_member_who_left_can_do_nothing_any_more() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    ada.get("/v1/cases").expect(200);
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false})).expect(200);
    ada.get("/v1/cases").problem(401, "unauthenticated");
}
