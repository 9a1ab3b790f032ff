//! Times from the edges of the calendar and beyond, and the one way times are written.

use crate::support::{Desk, encode, inbound, millis_after, written};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

#[test]
fn a_message_from_the_year_one_or_9999_is_refused() {
    let desk = Desk::start();
    for at in [
        "0001-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "1989-12-31T23:59:59.999Z",
        "-000001-01-01T00:00:00Z",
        "2999-01-01T00:00:00Z",
    ] {
        let answer = desk.post("/v1/messages", inbound(&desk.channel, "ada").with("sent_at", at).body());
        answer.refuses_field("sent_at");
    }
    for at in ["0001-01-01T00:00:00.000Z", "9999-12-29T23:59:59.999Z"] {
        let answer = desk.post("/v1/messages", inbound(&desk.channel, "ada").with("sent_at", at).body());
        answer.refuses("sent_at", "out_of_range");
    }
    assert_eq!(desk.all("/v1/cases").len(), 0);
}

#[test]
fn the_bounds_of_sent_at_are_1990_and_a_day_ahead_of_the_desks_clock() {
    let desk = Desk::start();
    let ahead = |millis: i64| written(millis_after(desk.now(), millis));
    for at in ["1990-01-01T00:00:00.000Z".to_owned(), ahead(DAY - 1)] {
        desk.receive(&inbound(&desk.channel, "ada").with("sent_at", at));
    }
    let answer = desk.post("/v1/messages", inbound(&desk.channel, "ada").with("sent_at", ahead(DAY + 1)).body());
    answer.refuses("sent_at", "out_of_range");
    desk.advance(2);
    desk.receive(&inbound(&desk.channel, "ada").with("sent_at", ahead(DAY - 1)));
}

#[test]
fn what_is_no_time_is_refused_as_such() {
    let desk = Desk::start();
    for at in [
        "yesterday",
        "",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "2026-01-01T25:00:00Z",
        "1700000000",
        "2026-01-01T00:00:00",
    ] {
        desk.post("/v1/messages", inbound(&desk.channel, "ada").with("sent_at", at).body())
            .refuses("sent_at", "invalid_time");
    }
    for at in [json!(1_700_000_000), json!(true), json!([])] {
        desk.post("/v1/messages", inbound(&desk.channel, "ada").with("sent_at", at).body())
            .refuses("sent_at", "wrong_type");
    }
    for parameter in ["updated_after", "closing_before"] {
        desk.get(&format!("/v1/cases?{parameter}=yesterday")).refuses(parameter, "invalid_time");
    }
}

#[test]
fn a_time_with_another_offset_or_precision_is_the_same_moment_in_utc() {
    let desk = Desk::start();
    for (sent, shown) in [
        ("2020-06-01T12:00:00+02:00", "2020-06-01T10:00:00.000Z"),
        ("2020-06-01T12:00:00Z", "2020-06-01T12:00:00.000Z"),
        ("2020-06-01T12:00:00.5-11:30", "2020-06-01T23:30:00.500Z"),
    ] {
        let answer = desk.receive(&inbound(&desk.channel, "ada").with("sent_at", sent));
        assert_eq!(answer["message"]["sent_at"], shown);
    }
}

/// Every string in an answer that looks like a time.
fn times(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() > 18 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T' => {
            found.push(text.clone())
        }
        Value::Array(items) => items.iter().for_each(|item| times(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| times(field, found)),
        _ => {}
    }
}

#[test]
fn every_time_is_written_in_utc_with_milliseconds() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.comment(case, "One.");
    desk.advance_minutes(90);
    let mut found = Vec::new();
    for path in [
        "/v1/cases",
        "/v1/settings/lifecycle",
        "/v1/audit-log",
        "/v1/test-clock",
        "/v1/customers",
        "/v1/tokens",
        "/v1/agents",
        "/v1/auto-close/runs",
        &format!("/v1/cases/{case}/activity"),
        &format!("/v1/cases/{case}/messages"),
    ] {
        times(&desk.get(path).expect(200), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    for time in found {
        let whole =
            time.len() == "2026-11-22T15:14:03.120Z".len() && time.ends_with('Z') && time.as_bytes()[19] == b'.';
        assert!(whole, "{time}");
    }
}

#[test]
fn filters_take_any_moment_of_the_calendar_without_a_500() {
    let desk = Desk::start();
    desk.open_case();
    for at in ["0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z", "1969-12-31T23:59:59.999Z"] {
        for parameter in ["updated_after", "closing_before"] {
            assert!(desk.get(&format!("/v1/cases?{parameter}={}", encode(at))).status < 500, "{parameter} {at}");
        }
    }
}
