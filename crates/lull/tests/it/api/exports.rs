//! `/v1/exports/…` and the audit log as files: what is in them, who may have them, and what they do to the desk.

use crate::support::desk::Place;
use crate::support::{Client, Desk, encode, history, inbound, outbound, written};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

const SAID: &str = "She said: \"no\", twice;\r\n=HYPERLINK(\"http://evil.test\")\n👩‍👩‍👧‍👦 مرحبا";

/// The rows of a CSV answer by column.
fn csv(client: &Client, path: &str) -> Vec<BTreeMap<String, String>> {
    let answer = client.send("GET", path, &[("accept", "text/csv")], None);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let name = path.split(['/', '?']).nth(3).unwrap_or("audit-log");
    let file = format!("attachment; filename=\"{}.csv\"", if path.contains("/exports/") { name } else { "audit-log" });
    assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
    let text = answer.text();
    assert!(text.ends_with("\r\n"), "every record ends with CRLF");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn json_lines(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.send("GET", path, &[("accept", "application/x-ndjson")], None);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    answer.text().lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn messages_come_with_every_word_and_their_case_in_both_forms() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = desk.case_of("eve");
    desk.receive(&inbound(&desk.channel, "eve").text(SAID));
    desk.receive(&outbound(&desk.channel, "eve").text("+49 30 1234").author(&ada.id));
    let rows = json_lines(&desk, "/v1/exports/messages");
    assert_eq!(rows.len(), 3);
    let said = &rows[1];
    assert_eq!(
        (&said["case"], &said["text"], &said["customer_name"]),
        (&json!(case), &json!(SAID), &json!("Customer eve"))
    );
    assert_eq!((&rows[2]["author_name"], &rows[2]["automatic"]), (&json!("Ada"), &json!(false)));
    let rows = csv(&desk, "/v1/exports/messages");
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[1]["case"].as_str(), rows[1]["text"].as_str()), (case.to_string().as_str(), SAID));
    assert_eq!(rows[2]["text"], "'+49 30 1234", "nothing a spreadsheet would run");
    assert_eq!(rows[0]["customer_handle"], "'@eve");
}

#[test]
fn cases_and_closures_come_with_the_names_of_what_they_belong_to() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    let by_hand = desk.closed_case("eve", Some(&ada.id));
    let silent = desk.case_of("bob");
    desk.advance_minutes(60);
    let open = desk.case_of("cyd");
    let cases = json_lines(&desk, "/v1/exports/cases");
    let numbers: Vec<_> = cases.iter().map(|case| case["number"].as_i64()).collect();
    assert_eq!(numbers, [Some(by_hand), Some(silent), Some(open)]);
    assert_eq!((&cases[0]["assignee_name"], &cases[0]["queue_name"]), (&json!("Ada"), &json!("General")));
    let closures = csv(&desk, "/v1/exports/closures");
    let told: Vec<_> = closures
        .iter()
        .map(|c| (c["case"].as_str(), c["reason"].as_str(), c["credited_agent_name"].as_str()))
        .collect();
    let (by_hand, silent) = (by_hand.to_string(), silent.to_string());
    assert_eq!(told, [(by_hand.as_str(), "manual", "Ada"), (silent.as_str(), "inactivity", "")]);
    assert_eq!(
        (closures[1]["handle_time_seconds"].as_str(), closures[1]["threshold_minutes"].as_str()),
        ("3600", "60")
    );
}

#[test]
fn an_export_takes_only_what_its_filters_leave() {
    let desk = Desk::start();
    desk.auto_close(60);
    let first = desk.now();
    let early = desk.closed_case("eve", None);
    desk.advance_minutes(120);
    let later = desk.now();
    let late = desk.case_of("bob");
    desk.advance_minutes(60);
    let other = desk.channel_into(&desk.general, "email");
    let mail = desk.case_on(&other, "cyd");
    let asked = |path: &str, field: &str| -> Vec<i64> {
        json_lines(&desk, path).iter().map(|row| row[field].as_i64().expect("a number")).collect()
    };
    let (from, to) = (encode(&written(later)), encode(&written(first)));
    for (path, expected) in [
        (format!("/v1/exports/cases?from={from}"), vec![late, mail]),
        (format!("/v1/exports/cases?to={from}"), vec![early]),
        (format!("/v1/exports/cases?from={to}&to={to}"), vec![]),
        ("/v1/exports/cases?status=closed".to_owned(), vec![early, late]),
        ("/v1/exports/cases?network=email".to_owned(), vec![mail]),
        (format!("/v1/exports/cases?channel={other}"), vec![mail]),
        ("/v1/exports/cases?type=lead".to_owned(), vec![]),
    ] {
        assert_eq!(asked(&path, "number"), expected, "{path}");
    }
    assert_eq!(asked("/v1/exports/closures?closed_reason=inactivity", "case"), [late]);
    assert_eq!(asked(&format!("/v1/exports/closures?from={from}"), "case"), [late]);
    assert_eq!(asked(&format!("/v1/exports/messages?from={from}"), "case"), [late, mail]);
    assert_eq!(asked("/v1/exports/messages?direction=outbound", "case"), [] as [i64; 0]);
    let recorded = desk.audit_of("DATA_EXPORTED");
    assert_eq!(recorded.len(), 11);
    assert_eq!(recorded[4]["new"], json!({"what": "cases", "format": "jsonl", "filters": {"network": "email"}}));
}

#[test]
fn the_format_is_the_addresss_or_the_headers_and_json_lines_without_either() {
    let desk = Desk::start();
    desk.open_case();
    let kind = |path: &str, accept: &str| {
        let answer = desk.send("GET", path, &[("accept", accept)], None);
        answer.header("content-type").expect("a type").to_owned()
    };
    assert_eq!(kind("/v1/exports/cases", "*/*"), "application/x-ndjson");
    assert_eq!(kind("/v1/exports/cases", "text/csv, */*"), "text/csv; charset=utf-8");
    assert_eq!(kind("/v1/exports/cases?format=csv", "application/x-ndjson"), "text/csv; charset=utf-8");
    assert_eq!(kind("/v1/exports/cases?format=jsonl", "text/csv"), "application/x-ndjson");
}

#[test]
fn a_bad_export_names_every_fault_and_is_not_recorded() {
    let desk = Desk::start();
    let path = "/v1/exports/cases?format=xlsx&from=yesterday&status=gone&colour=red";
    let named: Vec<String> = desk.get(path).invalid().into_iter().map(|(field, _)| field).collect();
    for field in ["format", "from", "status", "colour"] {
        assert!(named.iter().any(|held| held == field), "{field}: {named:?}");
    }
    desk.get("/v1/exports/closures?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z").refuses("from", "out_of_range");
    desk.get("/v1/exports/everything").problem(404, "not_found");
    assert!(desk.audit_of("DATA_EXPORTED").is_empty());
}

#[test]
fn the_audit_log_is_exported_oldest_first_and_whole_and_that_is_recorded_t2() {
    let desk = Desk::start();
    desk.auto_close(60);
    let before = desk.audit();
    let lines = json_lines(&desk, "/v1/audit-log");
    assert_eq!(lines, before, "the same entries in the same shape, oldest first, without the export's own");
    let rows = csv(&desk, "/v1/audit-log?event=CASE_SETTINGS_UPDATED");
    assert_eq!(rows.len(), 1);
    let old: Value = serde_json::from_str(&rows[0]["old"]).expect("a JSON text");
    assert_eq!(old["auto_close"]["enabled"], false);
    let recorded = desk.audit_of("AUDIT_EXPORTED");
    assert_eq!(recorded.len(), 2);
    assert_eq!(recorded[1]["new"]["filters"], json!({"event": "CASE_SETTINGS_UPDATED"}));
}

#[test]
fn an_export_holds_nothing_of_another_workspace() {
    let place = Place::new();
    let second = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    desk.closed_case("eve", None);
    let other = desk.as_token(&second);
    for what in ["cases", "closures", "messages"] {
        assert!(json_lines(&other, &format!("/v1/exports/{what}")).is_empty(), "{what}");
        assert_eq!(json_lines(&desk, &format!("/v1/exports/{what}")).len(), 1, "{what}");
    }
}

/// Somebody asks for a large export, takes a little and goes; more often than there are connections for readers.
#[test]
fn a_client_that_hangs_up_in_the_middle_costs_the_desk_nothing() {
    let place = Place::new();
    history::import(&place.database(), place.dir(), 6, 500, &"Where is it? ".repeat(400));
    let desk = place.open(&["--test-clock"]);
    let address = desk.base().trim_start_matches("http://").to_owned();
    let request = format!(
        "GET /v1/exports/messages HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\r\n",
        desk.token()
    );
    for _ in 0..12 {
        let mut stream = TcpStream::connect(&address).expect("the server accepts");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut begun = [0; 4_096];
        stream.read_exact(&mut begun).expect("the beginning");
        assert!(begun.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begun[..80]));
    }
    assert_eq!(desk.audit_of("DATA_EXPORTED").len(), 12);
    let rows = json_lines(&desk, "/v1/exports/messages");
    assert_eq!(rows.len(), 3_000, "and the next one is whole");
}
