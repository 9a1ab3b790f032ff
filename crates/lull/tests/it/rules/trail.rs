//! The audit trail: what is in it, in which shape, for whose eyes (T2, T3).

use crate::support::desk::Place;
use crate::support::policy::{ALL, closing_after, policy};
use crate::support::{Desk, moment};
use serde_json::{Value, json};

#[test]
fn every_settings_change_is_recorded_with_old_and_new_values_t2() {
    let desk = Desk::start();
    let owner = desk.owner_id();
    desk.auto_close(60);
    desk.advance(60);
    desk.set_policy(&closing_after(90, &["open"]));
    desk.set_policy(&policy());
    let entries = desk.audit_of("CASE_SETTINGS_UPDATED");
    assert_eq!(entries.len(), 3);
    let closing = |entry: &Value, side: &str| entry[side]["auto_close"].clone();
    assert_eq!(closing(&entries[0], "old")["enabled"], false);
    assert_eq!(closing(&entries[0], "new")["threshold_minutes"], 60);
    assert_eq!(closing(&entries[1], "old")["threshold_minutes"], 60);
    assert_eq!(closing(&entries[1], "new")["threshold_minutes"], 90);
    assert_eq!(closing(&entries[1], "new")["statuses"], json!(["open"]));
    assert_eq!(closing(&entries[2], "new")["enabled"], false);
    for entry in &entries {
        assert_eq!(entry["actor"], json!({"kind": "agent", "id": owner}), "{entry}");
    }
    assert_eq!(moment(&entries[2]["at"]), desk.now());
}

#[test]
fn an_audit_entry_has_the_shape_of_the_contract_t2() {
    let desk = Desk::start();
    desk.auto_close(60);
    let entry = desk.audit_of("CASE_SETTINGS_UPDATED").pop().expect("an entry");
    let mut fields: Vec<&str> = entry.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["actor", "actor_name", "address", "at", "event", "hash", "id", "new", "object", "old", "seq"]);
    assert!(entry["object"]["kind"].is_string() && entry["object"]["id"].is_string(), "{entry}");
}

#[test]
fn the_sequence_has_no_gap_and_no_hash_twice_t3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    for _ in 0..5 {
        desk.assign(desk.open_case(), &ada.id);
    }
    desk.advance(86_400);
    let trail = desk.audit();
    let first = trail[0]["seq"].as_i64().expect("a seq");
    for (offset, entry) in trail.iter().enumerate() {
        assert_eq!(entry["seq"], first + offset as i64);
    }
    let mut hashes: Vec<String> = trail.iter().map(|entry| entry["hash"].to_string()).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), trail.len());
}

#[test]
fn each_workspace_has_a_chain_of_its_own_t3() {
    let place = crate::support::desk::Place::new();
    let second = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    let other = desk.as_token(&second);
    let before = other.audit();
    desk.auto_close(60);
    assert_eq!(other.audit(), before, "what happens here is not seen there");
    other.put("/v1/settings/lifecycle", &closing_after(60, &ALL)).expect(200);
    assert_eq!(other.audit().len(), before.len() + 1);
}

#[test]
fn who_may_not_read_the_trail_is_refused_t2() {
    let desk = Desk::start();
    for role in ["agent", "viewer"] {
        desk.member("Ada", role).get("/v1/audit-log").problem(403, "permission_required");
        desk.member("Ada", role).get("/v1/audit-log/checkpoint").problem(403, "permission_required");
    }
    desk.member("Mia", "care_manager").get("/v1/audit-log").expect(200);
}

#[test]
fn nobody_can_write_to_the_trail_through_the_api_t3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let before = desk.audit();
    let entry = before[0]["id"].as_str().expect("an id");
    for (method, path) in [
        ("POST", "/v1/audit-log".to_owned()),
        ("DELETE", "/v1/audit-log".to_owned()),
        ("DELETE", format!("/v1/audit-log/{entry}")),
        ("PATCH", format!("/v1/audit-log/{entry}")),
    ] {
        let answer = desk.with_json(method, &path, &[], &json!({}));
        assert!([404, 405].contains(&answer.status), "{method} {path}: {}", answer.status);
    }
    assert_eq!(desk.audit(), before);
}

#[test]
fn changes_of_members_and_their_rights_are_in_the_trail_t2() {
    let desk = Desk::start();
    let before = desk.audit().len();
    let ada = desk.member("Ada", "agent");
    let made = desk.audit().len();
    assert!(made > before, "a new member or token is a change of permissions");
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"role": "care_manager"})).expect(200);
    let entries = desk.audit();
    assert_eq!(entries.len(), made + 1);
    let last = entries.last().expect("an entry");
    assert!(last["old"].to_string().contains("agent") && last["new"].to_string().contains("care_manager"), "{last}");
}

#[test]
fn the_trail_holds_no_token_t2_t4() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    let trail = desk.get("/v1/audit-log?limit=100").text();
    for token in [desk.token(), ada.token()] {
        assert!(!trail.contains(token));
    }
}

#[test]
fn the_checkpoint_names_the_head_of_the_chain_t3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let head = desk.audit().pop().expect("an entry");
    let checkpoint = desk.get("/v1/audit-log/checkpoint").expect(200);
    assert_eq!(checkpoint["seq"], head["seq"], "{checkpoint}");
    assert_eq!(checkpoint["hash"], head["hash"], "{checkpoint}");
}

/// Who the trail says made a queue, where a request came with such a header.
fn address_of_origin(more: &[&str], forwarded: &str) -> Value {
    let desk = Place::new().open(&[&["--test-clock"], more].concat());
    let body = json!({"name": "Returns"}).to_string();
    let headers = [("content-type", "application/json"), ("x-forwarded-for", forwarded)];
    desk.send("POST", "/v1/queues", &headers, Some(body.as_bytes())).expect(201);
    desk.audit_of("QUEUE_CREATED").pop().expect("an entry")["address"].clone()
}

#[test]
fn the_address_of_origin_is_whom_a_trusted_proxy_was_asked_by_t2() {
    let said = "198.51.100.1, 192.0.2.7";
    assert_eq!(address_of_origin(&[], said), "127.0.0.1", "nobody is believed");
    assert_eq!(address_of_origin(&["--trusted-proxies", "10.0.0.0/8"], said), "127.0.0.1", "it is not ours");
    assert_eq!(address_of_origin(&["--trusted-proxies", "127.0.0.1"], said), "192.0.2.7");
}
