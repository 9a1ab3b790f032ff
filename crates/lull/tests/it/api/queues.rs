//! Queues.

use crate::support::Desk;
use crate::support::desk::id;
use serde_json::{Value, json};

#[test]
fn a_workspace_starts_with_one_queue_named_general() {
    let desk = Desk::start();
    let queues = desk.all("/v1/queues");
    assert_eq!(queues.len(), 1);
    assert_eq!(queues[0]["name"], "General");
    assert!(id(&queues[0]).starts_with("que_"));
}

#[test]
fn a_queue_is_created_listed_and_changed() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada", "agent"), desk.member("Bea", "agent"));
    let made = desk
        .post("/v1/queues", &json!({"name": "Orders", "assignment": "round_robin", "members": [ada.id]}))
        .expect(201);
    assert_eq!(
        (&made["name"], &made["assignment"], &made["members"]),
        (&json!("Orders"), &json!("round_robin"), &json!([ada.id]))
    );
    assert!(desk.all("/v1/queues").contains(&made));
    let path = format!("/v1/queues/{}", id(&made));
    assert_eq!(desk.patch(&path, &json!({"name": "Parcels"})).expect(200)["members"], json!([ada.id]));
    assert_eq!(desk.patch(&path, &json!({"assignment": "most_capacity"})).expect(200)["name"], "Parcels");
    let members = desk.patch(&path, &json!({"members": [bea.id]})).expect(200)["members"].clone();
    assert_eq!(members, json!([bea.id]));
    assert_eq!(desk.patch(&path, &json!({"members": []})).expect(200)["members"], json!([]));
}

#[test]
fn wrong_queues_are_refused_by_field() {
    let desk = Desk::start();
    let viewer = desk.member("Vic", "viewer");
    let post = |body: Value| desk.post("/v1/queues", &body);
    let answer = post(json!({"name": "", "assignment": "lottery", "members": ["agt_0000000000000"]}));
    answer.refuses("name", "blank");
    answer.refuses("assignment", "unknown_value");
    answer.refuses_field("members");
    post(json!({})).refuses("name", "required");
    post(json!({"name": "General", "assignment": "manual", "members": []})).refuses("name", "duplicate");
    post(json!({"name": "Twice", "assignment": "manual", "members": [desk.owner_id(), desk.owner_id()]}))
        .refuses_field("members");
    post(json!({"name": "Type", "assignment": "manual", "members": viewer.id})).refuses("members", "wrong_type");
    assert_eq!(desk.all("/v1/queues").len(), 1);
}
