//! `version`, `ETag` and `If-Match`: a change that is conditional on what its author saw.

use crate::support::{Answer, Client, Desk};
use serde_json::{Value, json};

fn change_if(client: &Client, case: i64, tag: &str, body: &Value) -> Answer {
    client.with_json("PATCH", &format!("/v1/cases/{case}"), &[("if-match", tag)], body)
}

fn tag(client: &Client, case: i64) -> String {
    let answer = client.get(&format!("/v1/cases/{case}"));
    answer.header("etag").expect("a case answer has an ETag").to_owned()
}

#[test]
fn a_case_answer_has_a_version_and_an_etag_that_grow_with_each_change() {
    let desk = Desk::start();
    let case = desk.open_case();
    let (mut version, mut seen) = (desk.case(case)["version"].as_i64().expect("a version"), vec![tag(&desk, case)]);
    let acts: [&dyn Fn(); 5] = [
        &|| drop(desk.change(case, &json!({"priority": "high"}))),
        &|| drop(desk.status(case, "on_hold")),
        &|| drop(desk.reply(case, "Hello")),
        &|| drop(desk.change(case, &json!({"tags": ["vip"]}))),
        &|| drop(desk.close(case)),
    ];
    for act in acts {
        act();
        let now = desk.case(case)["version"].as_i64().expect("a version");
        assert!(now > version, "{now} after {version}");
        version = now;
        let current = tag(&desk, case);
        assert!(!seen.contains(&current), "an ETag is used once");
        seen.push(current);
    }
}

#[test]
fn reading_changes_neither_version_nor_etag() {
    let desk = Desk::start();
    let case = desk.open_case();
    let before = tag(&desk, case);
    desk.messages(case);
    desk.feed(case);
    desk.all("/v1/cases");
    assert_eq!(tag(&desk, case), before);
}

#[test]
fn a_change_with_the_current_etag_is_made_and_answers_the_next() {
    let desk = Desk::start();
    let case = desk.open_case();
    let answer = change_if(&desk, case, &tag(&desk, case), &json!({"priority": "high"}));
    assert_eq!(answer.expect(200)["priority"], "high");
    assert_eq!(answer.header("etag"), Some(tag(&desk, case).as_str()));
}

#[test]
fn a_change_with_a_stale_etag_is_409_and_changes_nothing() {
    let desk = Desk::start();
    let case = desk.open_case();
    let stale = tag(&desk, case);
    desk.change(case, &json!({"priority": "low"}));
    let before = (desk.case(case), desk.feed(case));
    change_if(&desk, case, &stale, &json!({"status": "closed", "title": "New"})).problem(409, "version_conflict");
    assert_eq!((desk.case(case), desk.feed(case)), before);
    change_if(&desk, case, "\"nonsense\"", &json!({"priority": "high"})).problem(409, "version_conflict");
}

#[test]
fn a_star_matches_any_version() {
    let desk = Desk::start();
    let case = desk.open_case();
    change_if(&desk, case, "*", &json!({"priority": "high"})).expect(200);
}

#[test]
fn of_many_conditional_changes_at_once_exactly_one_is_made() {
    let desk = Desk::start();
    for _ in 0..5 {
        let case = desk.open_case();
        let seen = tag(&desk, case);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|turn| {
                    let (client, seen) = (desk.as_token(desk.token()), &seen);
                    scope.spawn(move || {
                        change_if(&client, case, seen, &json!({"title": format!("Title {turn}")})).status
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("a writer")).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        assert_eq!(desk.feed_of(case, "title_changed").len(), 1);
    }
}

#[test]
fn an_auto_close_makes_the_etag_of_an_open_page_stale_a7() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    let seen = tag(&desk, case);
    desk.advance_minutes(60);
    change_if(&desk, case, &seen, &json!({"status": "on_hold"})).problem(409, "version_conflict");
    assert!(desk.is_closed(case));
}
