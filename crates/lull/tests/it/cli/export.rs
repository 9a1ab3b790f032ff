//! `lull export`: a whole file or none, in bounded memory, recorded.

use crate::support::desk::Place;
use crate::support::process::{Finished, binary, forget_settings, lull, run};
use crate::support::{Client, Desk, history};
use serde_json::{Value, json};
use std::process::Command;

fn export(place: &Place, arguments: &[&str]) -> Finished {
    run(lull(&[&["export", "--database", &place.database()][..], arguments].concat()), "")
}

fn files(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.dir()).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.retain(|name| !name.starts_with("lull.db"));
    names.sort();
    names
}

/// A place where four conversations of three messages were taken in.
fn with_history() -> Place {
    let place = Place::new();
    history::import(&place.database(), place.dir(), 4, 3, "Where is \"it\"?\n=1+1");
    place
}

#[test]
fn an_export_is_a_file_that_is_there_when_it_is_whole() {
    let place = with_history();
    let file = place.dir().join("messages.csv");
    std::fs::write(&file, "an older one").expect("written");
    let finished = export(&place, &["messages", "--output", &file.display().to_string()]).succeeded();
    assert!(finished.stdout.contains("12 messages in "), "{finished:?}");
    let rows: Vec<Vec<String>> =
        csv::Reader::from_path(&file).expect("a file").deserialize().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 12);
    assert!(rows.iter().all(|row| row.last().is_some_and(|text| text == "Where is \"it\"?\n=1+1")));
    assert_eq!(files(&place), ["messages.csv"], "no unfinished file is left");
}

#[test]
fn the_format_is_said_or_follows_from_the_name() {
    let place = with_history();
    let lines = |finished: &Finished| finished.stdout.lines().count();
    assert_eq!(lines(&export(&place, &["cases"]).succeeded()), 5, "CSV on standard output, with its head");
    let finished = export(&place, &["cases", "--format", "jsonl"]).succeeded();
    let number = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["number"].as_i64();
    // All of one moment: which is first is their ids' to say.
    let numbers: std::collections::BTreeSet<_> = finished.stdout.lines().filter_map(number).collect();
    assert_eq!(numbers, (1..=4).collect());
    let file = place.dir().join("cases.jsonl");
    export(&place, &["cases", "--output", &file.display().to_string()]).succeeded();
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), finished.stdout);
    assert_eq!(lines(&export(&place, &["closures"]).succeeded()), 1, "none yet");
    assert_eq!(
        lines(&export(&place, &["messages", "--format", "jsonl", "--to", "2018-05-02T00:00:01Z"]).succeeded()),
        4
    );
    assert_eq!(
        lines(&export(&place, &["messages", "--format", "jsonl", "--from", "2018-05-03T00:00:00Z"]).succeeded()),
        0
    );
}

#[test]
fn each_export_is_in_the_trail_and_a_refused_one_leaves_neither_file_nor_entry_t2() {
    let place = with_history();
    let file = place.dir().join("out.csv").display().to_string();
    for wrong in [
        &["moons", "--output", &file][..],
        &["cases", "--format", "xlsx", "--output", &file],
        &["cases", "--from", "yesterday", "--output", &file],
        &["cases", "--from", "2026-02-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z", "--output", &file],
        &["cases", "--workspace", "Nobody's", "--output", &file],
        &["cases", "--output", "/nowhere/at/all.csv"],
    ] {
        export(&place, wrong).refused();
    }
    assert!(files(&place).is_empty(), "{:?}", files(&place));
    export(&place, &["audit-log", "--format", "jsonl"]).succeeded();
    export(&place, &["cases", "--to", "2030-01-01T00:00:00Z"]).succeeded();
    let desk: Desk = place.open(&["--test-clock"]);
    let client: &Client = desk.owner();
    assert_eq!(client.audit_of("AUDIT_EXPORTED").len(), 1);
    let recorded = client.audit_of("DATA_EXPORTED");
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0]["actor"]["kind"], "engine");
    let filters = json!({"to": "2030-01-01T00:00:00.000Z"});
    assert_eq!(recorded[0]["new"], json!({"what": "cases", "format": "csv", "filters": filters}));
}

/// Many times more data than the process may hold.
#[test]
fn an_export_of_any_length_takes_the_memory_of_a_page() {
    const KIBIBYTES: usize = 64 << 10;
    let place = Place::new();
    history::import(&place.database(), place.dir(), 42, 500, &"Where is it? ".repeat(500));
    let file = place.dir().join("messages.jsonl");
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -d {KIBIBYTES} && exec \"$@\""), "sh", binary()]);
    limited.args(["export", "messages", "--database", &place.database(), "--output", &file.display().to_string()]);
    forget_settings(&mut limited);
    run(limited, "").succeeded();
    let written = std::fs::metadata(&file).expect("a file").len();
    assert!(written > 2 * 1_024 * KIBIBYTES as u64, "{written} bytes are not many times the memory");
}
