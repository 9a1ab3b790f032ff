//! Lists: `limit`, `cursor`, and an order that is stable while others write.

use crate::support::cases::number;
use crate::support::{Desk, encode, inbound};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A desk with this many cases, a second apart.
fn desk_with(cases: usize) -> Desk {
    let desk = Desk::start();
    for _ in 0..cases {
        desk.open_case();
        desk.advance(1);
    }
    desk
}

fn numbers(page: &Value) -> Vec<i64> {
    page["data"].as_array().expect("a list").iter().map(number).collect()
}

#[test]
fn every_list_has_data_and_a_cursor_that_may_be_null() {
    let desk = desk_with(1);
    desk.auto_close(60);
    for path in [
        "/v1/cases",
        "/v1/customers",
        "/v1/agents",
        "/v1/queues",
        "/v1/channels",
        "/v1/tokens",
        "/v1/notifications",
        "/v1/audit-log",
        "/v1/auto-close/runs",
        "/v1/cases/1/messages",
        "/v1/cases/1/activity",
    ] {
        let list = desk.get(path).expect(200);
        let mut fields: Vec<&str> = list.as_object().expect("an object").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["data", "next_cursor"], "{path}");
        assert!(list["data"].is_array() && list["next_cursor"].is_null(), "{path}: {list}");
    }
}

#[test]
fn a_limit_is_between_one_and_a_hundred_and_fifty_when_not_said() {
    let desk = desk_with(120);
    assert_eq!(numbers(&desk.get("/v1/cases").expect(200)).len(), 50);
    for limit in [1, 2, 99, 100] {
        assert_eq!(numbers(&desk.get(&format!("/v1/cases?limit={limit}")).expect(200)).len(), limit);
    }
    for limit in ["0", "101", "-1", "99999999999999999999", "ten", "1.5"] {
        desk.get(&format!("/v1/cases?limit={limit}")).refuses_field("limit");
    }
}

#[test]
fn pages_joined_are_the_whole_list_each_entry_once() {
    let desk = desk_with(23);
    let whole: Vec<i64> = numbers(&desk.get("/v1/cases?limit=100").expect(200));
    assert_eq!(whole, (1..=23).rev().collect::<Vec<_>>(), "the latest activity first");
    for limit in [1, 2, 7, 22, 23, 24] {
        let joined: Vec<i64> = desk.all(&format!("/v1/cases?limit={limit}")).iter().map(number).collect();
        assert_eq!(joined, whole, "limit {limit}");
    }
}

#[test]
fn a_last_page_that_is_just_full_ends_the_list() {
    let desk = desk_with(4);
    let first = desk.get("/v1/cases?limit=2").expect(200);
    let cursor = encode(first["next_cursor"].as_str().expect("there is more"));
    let second = desk.get(&format!("/v1/cases?limit=2&cursor={cursor}")).expect(200);
    assert_eq!(numbers(&second), [2, 1]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[test]
fn entries_of_one_moment_are_neither_lost_nor_doubled_across_pages() {
    let desk = Desk::start();
    for _ in 0..30 {
        desk.open_case();
    }
    for sort in ["last_activity_at", "-last_activity_at", "created_at", "-created_at", "closes_at", "-closes_at"] {
        let seen: Vec<i64> = desk.all(&format!("/v1/cases?limit=7&sort={sort}")).iter().map(number).collect();
        assert_eq!(seen.len(), 30, "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 30, "{sort}");
    }
}

#[test]
fn a_list_is_stable_while_new_entries_come_in() {
    for sort in ["-last_activity_at", "last_activity_at", "-created_at", "number", "-number"] {
        let desk = desk_with(12);
        let before: BTreeSet<i64> = (1..=12).collect();
        let mut seen: Vec<i64> = Vec::new();
        let mut next = None::<String>;
        for _ in 0..40 {
            let cursor = next.as_deref().map(|cursor| format!("&cursor={}", encode(cursor))).unwrap_or_default();
            let page = desk.get(&format!("/v1/cases?limit=5&sort={sort}{cursor}")).expect(200);
            seen.extend(numbers(&page).into_iter().filter(|number| before.contains(number)));
            next = page["next_cursor"].as_str().map(str::to_owned);
            if next.is_none() {
                break;
            }
            desk.open_case();
            desk.advance(1);
        }
        assert_eq!(seen.len(), 12, "{sort}: {seen:?}");
        assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), before, "{sort}");
    }
}

#[test]
fn every_list_pages_completely() {
    let desk = Desk::start();
    for turn in 0..5 {
        let queue = desk.queue("manual", &[]);
        desk.channel_into(&queue, "email");
        desk.member(&format!("Agent {turn}"), "agent");
        desk.open_case();
    }
    let case = desk.case_of("talker");
    for _ in 0..5 {
        desk.reply(case, "Hello");
        desk.comment(case, "Note");
    }
    for path in [
        "/v1/customers",
        "/v1/agents",
        "/v1/queues",
        "/v1/channels",
        "/v1/tokens",
        "/v1/audit-log",
        &format!("/v1/cases/{case}/messages"),
        &format!("/v1/cases/{case}/activity"),
    ] {
        let whole = desk.get(&format!("{path}?limit=100")).expect(200)["data"].clone();
        let whole = whole.as_array().expect("a list");
        assert!(whole.len() > 4, "{path}: {}", whole.len());
        assert_eq!(desk.all(&format!("{path}?limit=2")), *whole, "{path}");
    }
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let desk = desk_with(3);
    let cursor = |path: &str| encode(desk.get(path).expect(200)["next_cursor"].as_str().expect("there is more"));
    let customers = cursor("/v1/customers?limit=1");
    let cases = cursor("/v1/cases?limit=1");
    let audit = cursor("/v1/audit-log?limit=1");
    for foreign in [&customers, &audit] {
        desk.get(&format!("/v1/cases?cursor={foreign}")).refuses("cursor", "invalid_cursor");
    }
    desk.get(&format!("/v1/customers?cursor={cases}")).refuses("cursor", "invalid_cursor");
    desk.get(&format!("/v1/cases?sort=number&cursor={cases}")).refuses("cursor", "invalid_cursor");
}

#[test]
fn a_made_up_cursor_is_refused() {
    let desk = desk_with(3);
    for cursor in ["nonsense", "0", "null", "%00", "..", "eyJhIjoxfQ", "é", &"A".repeat(5_000)] {
        let answer = desk.get(&format!("/v1/cases?cursor={}", encode(cursor)));
        answer.refuses("cursor", "invalid_cursor");
    }
}

#[test]
fn a_cursor_keeps_working_after_a_restart() {
    let mut desk = desk_with(6);
    let first = desk.get("/v1/cases?limit=3").expect(200);
    desk.restart(&["--test-clock"]);
    let cursor = encode(first["next_cursor"].as_str().expect("there is more"));
    assert_eq!(numbers(&desk.get(&format!("/v1/cases?limit=3&cursor={cursor}")).expect(200)), [3, 2, 1]);
}

#[test]
fn a_conversation_is_listed_oldest_first() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    for turn in 0..10 {
        desk.receive(&inbound(&desk.channel, "ada").text(&format!("Message {turn}")));
    }
    let texts: Vec<Value> = desk.messages(case).iter().skip(1).map(|message| message["text"].clone()).collect();
    assert_eq!(texts, (0..10).map(|turn| json!(format!("Message {turn}"))).collect::<Vec<_>>());
    assert_eq!(desk.feed(case)[0]["event"], "case_created");
}
