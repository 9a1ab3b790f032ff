//! The benchmark's own arithmetic and reading, tested here because the benchmark is a target without a test harness.
#![allow(dead_code, reason = "only what can be wrong unnoticed is tested")]

mod figures;
#[path = "postgres/frames.rs"]
mod frames;
mod report;
mod wire;

use figures::{median, percentile, rate, ratios};
use frames::Frames;
use report::{Goal, Report, Unit};
use std::time::Duration;
use wire::Head;

#[test]
fn the_median_is_the_middle_of_the_sorted_values() {
    assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
    assert_eq!(median(&[9.0, 1.0, 5.0, 7.0]), 6.0);
    assert!(median(&[]).is_nan());
}

#[test]
fn a_percentile_is_a_measured_value() {
    let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
    assert_eq!(percentile(&values, 0.99), 198.0);
    assert_eq!(percentile(&values, 0.5), 100.0);
    assert_eq!(percentile(&[3.0], 0.99), 3.0);
    assert!(percentile(&[], 0.5).is_nan());
}

#[test]
fn ratios_pair_what_was_measured_together() {
    assert_eq!(ratios(&[4.0, 9.0], &[2.0, 3.0]), [2.0, 3.0]);
    assert_eq!(rate(10, Duration::from_millis(500)), 20.0);
}

#[test]
fn a_goal_is_met_at_its_bound_and_never_by_what_was_not_measured() {
    assert_eq!(Goal::AtLeast(5.0).met(5.0), Some(true));
    assert_eq!(Goal::AtLeast(5.0).met(4.9), Some(false));
    assert_eq!(Goal::AtMost(5.0).met(5.0), Some(true));
    assert_eq!(Goal::AtMost(5.0).met(5.1), Some(false));
    assert_eq!(Goal::AtMost(5.0).met(f64::NAN), Some(false));
    assert_eq!(Goal::None.met(5.0), None);
}

#[test]
fn each_figure_stands_beside_its_goal_with_its_thousands_apart() {
    let mut report = Report::default();
    report.figure("messages", 4_999.4, Unit::PerSecond, Goal::AtLeast(5_000.0));
    report.figure("closes", 1_234_567.0, Unit::PerSecond, Goal::None);
    report.figure("tick", 999.0, Unit::Micros, Goal::AtMost(999.0));
    let text = report.to_string();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[1], ["messages", "4,999/s", "≥", "5,000/s", "NO"]);
    assert_eq!(lines[2], ["closes", "1,234,567/s"]);
    assert_eq!(lines[3], ["tick", "999.0", "µs", "≤", "999.0", "µs", "yes"]);
}

#[test]
fn a_head_is_read_once_it_is_whole() {
    let answer = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"a\":\"b\"}";
    let end = answer.len() - 9;
    assert_eq!(wire::head(answer).unwrap(), Some(Head { status: 201, body: end, length: 9 }));
    assert_eq!(wire::head(&answer[..end - 1]).unwrap(), None);
    assert!(wire::head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
}

#[test]
fn a_request_says_how_long_its_body_is() {
    let request = String::from_utf8(wire::request("POST", "/x", "secret", "{\"ä\":1}")).unwrap();
    assert!(request.starts_with("POST /x HTTP/1.1\r\n") && request.contains("\r\ncontent-length: 8\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"ä\":1}"));
}

#[test]
fn statements_are_counted_in_whatever_pieces_they_arrive() {
    let frame = |kind: &str, body: &[u8]| {
        let length = u32::try_from(body.len() + 4).unwrap();
        [kind.as_bytes(), &length.to_be_bytes(), body].concat()
    };
    // Its body is not to be taken for frames.
    let startup = frame("", b"Q\0\0\0\x04E\0\0\0\x04");
    let prepare = [frame("P", b"s1\0select 1\0\0\0"), frame("D", b"Ss1\0"), frame("S", b"")].concat();
    let run = [frame("B", b"EQ\0"), frame("E", b"\0\0\0\0\0"), frame("S", b"")].concat();
    let all =
        [startup, frame("Q", b"begin\0"), prepare, run.clone(), run, frame("Q", b"commit\0"), frame("X", b"")].concat();
    for size in 1..=all.len() {
        let mut frames = Frames::default();
        assert_eq!(all.chunks(size).map(|piece| frames.statements(piece)).sum::<u64>(), 4, "in pieces of {size}");
    }
}
