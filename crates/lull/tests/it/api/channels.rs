//! Channels.

use crate::support::Desk;
use crate::support::desk::id;
use serde_json::{Value, json};

#[test]
fn a_channel_is_created_listed_and_changed() {
    let desk = Desk::start();
    let made =
        desk.post("/v1/channels", &json!({"name": "Shop", "network": "instagram", "queue": desk.general})).expect(201);
    assert!(id(&made).starts_with("chn_"));
    assert_eq!(
        (&made["name"], &made["network"], &made["queue"]),
        (&json!("Shop"), &json!("instagram"), &json!(desk.general))
    );
    assert!(desk.all("/v1/channels").contains(&made));
    let path = format!("/v1/channels/{}", id(&made));
    assert_eq!(desk.patch(&path, &json!({"name": "Store"})).expect(200)["network"], "instagram");
    let queue = desk.queue("manual", &[]);
    let held = desk.patch(&path, &json!({"queue": queue})).expect(200);
    assert_eq!((&held["name"], &held["queue"]), (&json!("Store"), &json!(queue)));
}

#[test]
fn wrong_channels_are_refused_by_field() {
    let desk = Desk::start();
    let post = |body: Value| desk.post("/v1/channels", &body);
    let answer = post(json!({"name": "", "network": "fax", "queue": "que_0000000000000"}));
    answer.refuses("name", "blank");
    answer.refuses("network", "unknown_value");
    answer.refuses("queue", "not_found");
    let answer = post(json!({}));
    answer.refuses("name", "required");
    answer.refuses("network", "required");
    let path = format!("/v1/channels/{}", desk.channel);
    desk.patch(&path, &json!({"queue": "que_0000000000000"})).refuses("queue", "not_found");
    assert_eq!(desk.all("/v1/channels").len(), 1);
}
