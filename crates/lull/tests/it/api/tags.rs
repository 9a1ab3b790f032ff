//! Tags across cases: what there is, renaming, merging, removing.

use crate::support::Desk;
use serde_json::{Value, json};

fn tag(desk: &Desk, case: i64, tags: &[&str]) {
    desk.patch(&format!("/v1/cases/{case}"), &json!({"tags": tags})).expect(200);
}

fn tags_of(desk: &Desk, case: i64) -> Value {
    desk.case(case)["tags"].clone()
}

fn listed(desk: &Desk) -> Vec<(String, i64)> {
    let tags = desk.get("/v1/tags").expect(200);
    assert_eq!(tags["at_least"], false);
    let each = tags["data"].as_array().expect("a list").iter();
    each.map(|tag| (tag["name"].as_str().expect("a name").to_owned(), tag["open_cases"].as_i64().expect("a number")))
        .collect()
}

fn pair(name: &str, cases: i64) -> (String, i64) {
    (name.to_owned(), cases)
}

#[test]
fn tags_are_listed_with_the_open_cases_that_have_them() {
    let desk = Desk::start();
    assert!(listed(&desk).is_empty());
    let (one, two) = (desk.case_of("ada"), desk.case_of("bob"));
    tag(&desk, one, &["vip", "refund"]);
    tag(&desk, two, &["vip"]);
    assert_eq!(listed(&desk), [pair("refund", 1), pair("vip", 2)]);
    desk.patch(&format!("/v1/cases/{two}"), &json!({"status": "closed"})).expect(200);
    assert_eq!(listed(&desk), [pair("refund", 1), pair("vip", 1)]);
}

#[test]
fn a_renamed_tag_changes_in_every_case_open_or_closed_and_leaves_traces_in_each() {
    let desk = Desk::start();
    let cases = ["ada", "bob", "cyd"].map(|customer| desk.case_of(customer));
    tag(&desk, cases[0], &["refund", "vip"]);
    tag(&desk, cases[1], &["vip"]);
    desk.patch(&format!("/v1/cases/{}", cases[1]), &json!({"status": "closed"})).expect(200);
    let closed = desk.case(cases[1])["last_activity_at"].clone();
    desk.patch("/v1/tags/vip", &json!({"name": "Gold member"})).expect(200);
    assert_eq!(tags_of(&desk, cases[0]), json!(["refund", "gold member"]));
    assert_eq!(tags_of(&desk, cases[1]), json!(["gold member"]));
    assert_eq!(tags_of(&desk, cases[2]), json!([]));
    assert_eq!(desk.case(cases[1])["last_activity_at"], closed, "a tag moves no clock (C2)");
    assert_eq!(listed(&desk), [pair("gold member", 1), pair("refund", 1)]);
    let told = desk.feed(cases[1]).last().cloned().expect("an entry");
    assert_eq!((&told["event"], &told["actor"]["id"]), (&json!("tags_changed"), &json!(desk.owner_id())));
    assert_eq!(desk.audit_of("TAG_RENAMED").len(), 1);
}

#[test]
fn a_tag_renamed_to_another_is_merged_with_it_and_stands_once() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    tag(&desk, case, &["refund", "refunds", "vip"]);
    desk.patch("/v1/tags/refunds", &json!({"name": "refund"})).expect(200);
    assert_eq!(tags_of(&desk, case), json!(["refund", "vip"]));
    assert_eq!(listed(&desk), [pair("refund", 1), pair("vip", 1)]);
}

#[test]
fn a_removed_tag_leaves_every_case_and_the_list() {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    tag(&desk, case, &["a/b c", "vip"]);
    desk.delete("/v1/tags/a%2Fb%20c").expect(204);
    assert_eq!(tags_of(&desk, case), json!(["vip"]));
    assert_eq!(listed(&desk), [pair("vip", 1)]);
    desk.delete("/v1/tags/a%2Fb%20c").problem(404, "not_found");
}

#[test]
fn more_cases_than_one_batch_holds_are_all_renamed() {
    let desk = Desk::start();
    let cases: Vec<i64> = (0..95).map(|n| desk.case_of(&format!("customer {n}"))).collect();
    for case in &cases {
        tag(&desk, *case, &["old"]);
    }
    desk.patch("/v1/tags/old", &json!({"name": "new"})).expect(200);
    assert_eq!(listed(&desk), [pair("new", 95)]);
}

#[test]
fn a_wrong_name_is_refused() {
    let desk = Desk::start();
    tag(&desk, desk.case_of("ada"), &["vip"]);
    for (name, code) in [(" ", "blank"), ("a,b", "invalid_text")] {
        desk.patch("/v1/tags/vip", &json!({"name": name})).refuses("name", code);
    }
    desk.patch("/v1/tags/vip", &json!({"name": "x".repeat(200)})).refuses("name", "too_long");
    desk.patch("/v1/tags/nobody", &json!({"name": "x"})).problem(404, "not_found");
}

#[test]
fn a_note_names_the_members_it_mentions_and_tells_them() {
    let desk = Desk::start();
    let (ada, bea) = (desk.member("Ada Byron", "agent"), desk.member("Bea", "agent"));
    let case = desk.case_of("eve");
    let note = json!({"text": "@ada byron please look; @Bea too, @Nobody not. bea@desk.test"});
    let made = desk.post(&format!("/v1/cases/{case}/comments"), &note).expect(201);
    assert_eq!(made["mentions"], json!([ada.id, bea.id]));
    assert_eq!(desk.all(&format!("/v1/cases/{case}/comments"))[0]["mentions"], made["mentions"]);
    let told = ada.all("/v1/notifications");
    assert_eq!((told.len(), &told[0]["event"]), (1, &json!("mentioned")), "{told:?}");
}
