//! Health, metrics, and the generated OpenAPI document.

use crate::support::{Desk, desk::Place};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every method and path of the contract that is built so far, parameters without their names.
const CONTRACT: [(&str, &str); 48] = [
    ("post", "/v1/messages"),
    ("get", "/v1/cases"),
    ("post", "/v1/cases"),
    ("get", "/v1/cases/{}"),
    ("patch", "/v1/cases/{}"),
    ("get", "/v1/cases/{}/messages"),
    ("post", "/v1/cases/{}/messages"),
    ("post", "/v1/cases/{}/comments"),
    ("get", "/v1/cases/{}/activity"),
    ("get", "/v1/customers"),
    ("get", "/v1/customers/{}"),
    ("get", "/v1/workspace"),
    ("patch", "/v1/workspace"),
    ("get", "/v1/agents"),
    ("post", "/v1/agents"),
    ("patch", "/v1/agents/{}"),
    ("put", "/v1/agents/{}/availability"),
    ("get", "/v1/queues"),
    ("post", "/v1/queues"),
    ("patch", "/v1/queues/{}"),
    ("get", "/v1/channels"),
    ("post", "/v1/channels"),
    ("patch", "/v1/channels/{}"),
    ("get", "/v1/settings/lifecycle"),
    ("put", "/v1/settings/lifecycle"),
    ("get", "/v1/queues/{}/lifecycle"),
    ("put", "/v1/queues/{}/lifecycle"),
    ("delete", "/v1/queues/{}/lifecycle"),
    ("post", "/v1/auto-close/preview"),
    ("get", "/v1/auto-close/runs"),
    ("get", "/v1/auto-close/runs/{}"),
    ("post", "/v1/auto-close/runs/{}/undo"),
    ("get", "/v1/audit-log"),
    ("get", "/v1/audit-log/checkpoint"),
    ("get", "/v1/exports/cases"),
    ("get", "/v1/exports/closures"),
    ("get", "/v1/exports/messages"),
    ("get", "/v1/notifications"),
    ("post", "/v1/notifications/{}/read"),
    ("get", "/v1/events"),
    ("get", "/v1/tokens"),
    ("post", "/v1/tokens"),
    ("delete", "/v1/tokens/{}"),
    ("get", "/v1/test-clock"),
    ("post", "/v1/test-clock/advance"),
    ("get", "/livez"),
    ("get", "/readyz"),
    ("get", "/metrics"),
];

fn without_names(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_openapi_document_is_3_1_and_names_every_path_of_the_contract() {
    let desk = Desk::start();
    let document = desk.get("/v1/openapi.json").expect(200);
    let version = document["openapi"].as_str().expect("a version");
    assert!(version.starts_with("3.1."), "{version}");
    let mut held = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            held.insert((method.clone(), without_names(path)));
        }
    }
    for (method, path) in CONTRACT {
        assert!(held.contains(&(method.to_owned(), path.to_owned())), "{method} {path} is missing");
    }
}

#[test]
fn every_reference_in_the_openapi_document_leads_somewhere() {
    let desk = Desk::start();
    let document = desk.get("/v1/openapi.json").expect(200);
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty(), "answers have schemas");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leaves the document"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.push(reference.clone());
            }
            fields.values().for_each(|field| collect(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[test]
fn the_documented_paths_exist() {
    let desk = Desk::start();
    let document = desk.get("/v1/openapi.json").expect(200);
    for (path, item) in document["paths"].as_object().expect("paths") {
        if item.get("get").is_some() && !path.contains('{') {
            // The body of a stream does not end.
            let method = if path == "/v1/events" { "HEAD" } else { "GET" };
            assert_eq!(desk.send(method, path, &[], None).status, 200, "{path} is documented");
        }
    }
}

#[test]
fn health_and_metrics_need_no_token() {
    let desk = Desk::start();
    let stranger = desk.anonymous();
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(stranger.get(path).status, 200, "{path}");
    }
}

#[test]
fn metrics_are_prometheus_text_and_count_what_happens() {
    let desk = Desk::start();
    desk.auto_close(60);
    for _ in 0..3 {
        desk.open_case();
    }
    desk.advance_minutes(60);
    let answer = desk.anonymous().get("/metrics");
    assert!(
        answer.header("content-type").unwrap_or_default().starts_with("text/plain"),
        "{:?}",
        answer.header("content-type")
    );
    let text = answer.text();
    let samples = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    for line in samples {
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?} is no sample"));
        assert!(!name.is_empty() && (value.parse::<f64>().is_ok() || value == "NaN"), "{line:?}");
        count += 1;
    }
    assert!(count > 3, "{text}");
}

#[test]
fn a_server_without_the_test_clock_is_ready_too() {
    let desk = Place::new().open(&[]);
    assert_eq!(desk.anonymous().get("/readyz").status, 200);
    desk.open_case();
}
