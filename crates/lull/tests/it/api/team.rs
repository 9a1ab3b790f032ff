//! Members: creation, changes, availability.

use crate::support::Desk;
use crate::support::desk::id;
use serde_json::{Value, json};

fn ada() -> Value {
    json!({"name": "Ada", "email": "ada@desk.test", "role": "agent", "capacity": 5, "auto_assign": true})
}

#[test]
fn a_new_member_is_active_offline_and_in_the_queue_general() {
    let desk = Desk::start();
    let made = desk.post("/v1/agents", &ada()).expect(201);
    assert!(id(&made).starts_with("agt_"));
    for (field, value) in [
        ("name", json!("Ada")),
        ("email", json!("ada@desk.test")),
        ("role", json!("agent")),
        ("capacity", json!(5)),
        ("auto_assign", json!(true)),
        ("active", json!(true)),
        ("availability", json!("offline")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert!(desk.all("/v1/agents").contains(&made));
    let members = desk.all("/v1/queues")[0]["members"].clone();
    assert!(members.as_array().expect("members").contains(&made["id"]), "{members}");
    let viewer = desk.member("Vic", "viewer");
    assert!(!desk.all("/v1/queues")[0]["members"].to_string().contains(&viewer.id), "a viewer works no cases");
}

#[test]
fn a_new_member_needs_name_email_and_role_alone() {
    let desk = Desk::start();
    let made = desk.post("/v1/agents", &json!({"name": "Ada", "email": "ada@desk.test", "role": "agent"})).expect(201);
    assert_eq!(made["capacity"], Value::Null, "no limit unless one is set");
    let answer = desk.post("/v1/agents", &json!({}));
    for field in ["name", "email", "role"] {
        answer.refuses(field, "required");
    }
}

#[test]
fn wrong_members_are_refused_by_field() {
    let desk = Desk::start();
    let with = |field: &str, value: Value| {
        let mut body = ada();
        body[field] = value;
        desk.post("/v1/agents", &body)
    };
    with("role", json!("admin")).refuses("role", "unknown_value");
    with("name", json!(" ")).refuses("name", "blank");
    with("name", json!("x".repeat(10_000))).refuses("name", "too_long");
    with("capacity", json!(-1)).refuses("capacity", "out_of_range");
    with("capacity", json!("five")).refuses("capacity", "wrong_type");
    with("capacity", json!(1.5)).refuses("capacity", "wrong_type");
    with("auto_assign", json!("yes")).refuses("auto_assign", "wrong_type");
    for email in ["", "ada", "@", "ada@", "@desk.test", "a b@desk.test"] {
        with("email", json!(email)).refuses_field("email");
    }
    assert_eq!(desk.all("/v1/agents").len(), 1);
}

#[test]
fn an_email_belongs_to_one_member() {
    let desk = Desk::start();
    desk.post("/v1/agents", &ada()).expect(201);
    desk.post("/v1/agents", &ada()).refuses("email", "duplicate");
    let bea = desk.member("Bea", "agent");
    desk.patch(&format!("/v1/agents/{}", bea.id), &json!({"email": "ada@desk.test"})).refuses("email", "duplicate");
    assert_eq!(desk.all("/v1/agents").len(), 3);
}

#[test]
fn each_field_of_a_member_can_be_changed_alone() {
    let desk = Desk::start();
    let made = desk.post("/v1/agents", &ada()).expect(201);
    let path = format!("/v1/agents/{}", id(&made));
    let changes = [
        ("name", json!("Ada L.")),
        ("email", json!("ada.l@desk.test")),
        ("role", json!("care_manager")),
        ("capacity", json!(null)),
        ("capacity", json!(3)),
        ("auto_assign", json!(false)),
        ("active", json!(false)),
        ("active", json!(true)),
    ];
    let mut expected = made;
    for (field, value) in changes {
        expected[field] = value.clone();
        let held = desk.patch(&path, &json!({field: value})).expect(200);
        for known in ["name", "email", "role", "capacity", "auto_assign", "active"] {
            assert_eq!(held[known], expected[known], "{known} after {field}");
        }
    }
    desk.patch(&path, &json!({"role": "admin", "name": ""})).refuses("name", "blank");
}

#[test]
fn the_last_owner_stays_and_the_field_that_would_end_that_is_named() {
    let desk = Desk::start();
    let path = format!("/v1/agents/{}", desk.owner_id());
    desk.patch(&path, &json!({"active": false})).refuses("active", "last_owner");
    desk.patch(&path, &json!({"role": "agent"})).refuses("role", "last_owner");
    desk.member("Bea", "owner");
    desk.patch(&path, &json!({"active": false})).expect(200);
}

#[test]
fn availability_is_one_of_three() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    let path = format!("/v1/agents/{}/availability", ada.id);
    for availability in ["online", "away", "offline"] {
        desk.put(&path, &json!({"availability": availability})).expect(200);
        let held = desk.all("/v1/agents").into_iter().find(|agent| agent["id"] == ada.id.as_str()).expect("Ada");
        assert_eq!(held["availability"], availability);
    }
    desk.put(&path, &json!({"availability": "asleep"})).refuses("availability", "unknown_value");
    desk.put(&path, &json!({})).refuses("availability", "required");
}

#[test]
fn no_answer_holds_a_password() {
    let desk = Desk::start();
    let text = desk.get("/v1/agents").text();
    assert!(!text.contains("password") && !text.contains("argon2"), "{text}");
}
