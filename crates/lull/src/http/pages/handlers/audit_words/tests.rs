//! Entries as they are stored, and what a person reads.

use super::*;
use domain::time::Timestamp;

const ANN: &str = r#"{"id":"agt_0000000000001","kind":"agent","name":"Ann"}"#;
const ENGINE: &str = r#"{"id":null,"kind":"engine","name":null}"#;
const PROGRAM: &str = r#"{"id":null,"kind":"api","name":null}"#;

fn told(event: &str, actor: &str, object: (&str, &str), old: &str, new: &str) -> String {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let entry = AuditEntry {
        seq: 1,
        at: Timestamp::from_millis(0),
        event: event.to_owned(),
        actor: actor.to_owned(),
        object_kind: object.0.to_owned(),
        object_id: object.1.to_owned(),
        old: given(old),
        new: given(new),
        address: None,
        hash: String::new(),
    };
    sentence(&entry, &Names::default())
}

#[test]
fn settings_are_told_by_what_changed() {
    let settings = |enabled: bool, at: &str, minutes: u32| {
        format!(
            r#"{{"auto_close":{{"enabled":{enabled},"enabled_at":{at},"threshold_minutes":{minutes},"statuses":["open"]}},"auto_reopen":{{"enabled":true,"window_minutes":5760}}}}"#
        )
    };
    let workspace = ("workspace", "wsp_1");
    let change = |old: &str, new: &str| told("CASE_SETTINGS_UPDATED", ANN, workspace, old, new);
    let (before, after) = (settings(true, "null", 1440), settings(true, "null", 2880));
    assert_eq!(change(&before, &after), "Ann changed the threshold from 24 h to 2 days");
    let on = settings(true, "\"2026-01-01T00:00:00.000Z\"", 1440);
    assert_eq!(change(&settings(false, "null", 1440), &on), "Ann changed auto close from off to on");
    assert_eq!(change(&on, &on), "Ann saved the settings");
    let queue = r#"{"auto_close":{"enabled":null,"threshold_minutes":90,"statuses":null}}"#;
    assert_eq!(
        told("CASE_SETTINGS_UPDATED", ANN, ("queue", "que_1"), "", queue),
        "Ann changed the threshold for the queue que 1 from the workspace's to 90 min"
    );
}

#[test]
fn acts_on_cases_are_told_with_who_did_them() {
    let case = ("case", "17");
    for (event, actor, old, new, expected) in [
        ("CASE_CREATED", PROGRAM, "", "{}", "A program opened case 17"),
        (
            "CASE_AUTO_CLOSED",
            ENGINE,
            "",
            r#"{"threshold_minutes":60}"#,
            "Lull closed case 17 after 1 h without activity",
        ),
        ("CASE_AUTO_REOPENED", ENGINE, "", "{}", "Lull reopened case 17: the customer wrote again"),
        (
            "CASE_UPDATED",
            ANN,
            r#"{"priority":"low"}"#,
            r#"{"priority":"high"}"#,
            "Ann changed the priority of case 17 from low to high",
        ),
        ("CASE_UPDATED", ANN, r#"{"title":"changed"}"#, r#"{"title":"changed"}"#, "Ann changed the title of case 17"),
        (
            "CASE_UPDATED",
            ANN,
            r#"{"assignee":null}"#,
            r#"{"assignee":"agt_0000000000002"}"#,
            "Ann changed the assignee of case 17 from nobody to a former member",
        ),
        ("COMMENT_ADDED", ANN, "", "{}", "Ann added an internal note to case 17"),
        ("CASE_DANCED", ANN, "", "{}", "Ann: case danced, case 17"),
    ] {
        assert_eq!(told(event, actor, case, old, new), expected);
    }
    let many =
        told("CASE_UPDATED", ANN, case, r#"{"a":1,"b":1,"c":1,"d":1,"e":1}"#, r#"{"a":2,"b":2,"c":2,"d":2,"e":2}"#);
    assert_eq!(many, "Ann changed the a of case 17 from 1 to 2, the b from 1 to 2, the c from 1 to 2 and 2 more");
}

#[test]
fn acts_on_everything_else_are_told_too() {
    for (event, object, old, new, expected) in [
        (
            "USER_CREATED",
            ("agent", "agt_0000000000002"),
            "",
            r#"{"name":"Bea","role":"care_manager"}"#,
            "Ann added Bea as care manager",
        ),
        (
            "USER_STATUS_CHANGED",
            ("agent", "agt_0000000000002"),
            r#"{"availability":"online"}"#,
            r#"{"availability":"away"}"#,
            "Ann changed the availability of a former member from online to away",
        ),
        ("SIGNED_IN", ("agent", "agt_0000000000001"), "", r#"{"by":"password"}"#, "Ann signed in by password"),
        ("SIGN_IN_FAILED", ("agent", "agt_0000000000001"), "", "", "Somebody failed to sign in as a former member"),
        ("TOKEN_CREATED", ("token", "tok_1"), "", r#"{"name":"CI"}"#, "Ann made the token “CI”"),
        ("TOKEN_REVOKED", ("token", "tok_1"), r#"{"name":"CI"}"#, "", "Ann revoked the token “CI”"),
        ("QUEUE_CREATED", ("queue", "que_1"), "", r#"{"name":"VIP"}"#, "Ann made the queue VIP"),
        (
            "DATA_EXPORTED",
            ("workspace", "wsp_1"),
            "",
            r#"{"what":"messages","format":"csv"}"#,
            "Ann exported the messages as CSV",
        ),
        (
            "AUDIT_EXPORTED",
            ("workspace", "wsp_1"),
            "",
            r#"{"format":"jsonl"}"#,
            "Ann exported the audit trail as JSON Lines",
        ),
    ] {
        assert_eq!(told(event, ANN, object, old, new), expected);
    }
}

/// No event is left to the words for those of a newer version.
#[test]
fn every_event_has_a_sentence_of_its_own() {
    for event in AuditEvent::ALL {
        let sentence = told(event.as_str(), ANN, ("case", "17"), r#"{"x":1}"#, r#"{"x":2}"#);
        assert!(!sentence.starts_with("Ann: ") && !sentence.contains("null"), "{event}: {sentence}");
    }
    assert!(told("CASE_DANCED", ANN, ("case", "17"), "", "").starts_with("Ann: "), "which would show here");
}
