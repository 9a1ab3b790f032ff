//! Cases that wait for somebody, and everything that lets one be given away (R3, R4).

use crate::support::cases::number;
use crate::support::{Desk, Member, inbound};
use serde_json::{Value, json};

/// What is done about a case while another agent looks on.
type Act = fn(&Desk, i64, &Member);

/// A desk with a queue that takes turns, and its channel.
fn desk_with(assignment: &str, members: impl Fn(&Desk) -> Vec<Member>) -> (Desk, Vec<Member>, String, String) {
    let desk = Desk::start();
    let members = members(&desk);
    let queue = desk.queue(assignment, &members.iter().collect::<Vec<_>>());
    let channel = desk.channel_into(&queue, "x");
    (desk, members, queue, channel)
}

/// The agents who have these cases, null for nobody.
fn had_by(desk: &Desk, cases: &[i64]) -> Vec<Value> {
    cases.iter().map(|case| desk.case(*case)["assignee"].clone()).collect()
}

fn arrive(desk: &Desk, channel: &str, count: usize) -> Vec<i64> {
    (0..count).map(|_| desk.case_on(channel, &crate::support::message::unique("customer"))).collect()
}

#[test]
fn who_comes_online_gets_what_waits_the_oldest_first_and_no_more_than_fits_r3_r4() {
    for assignment in ["round_robin", "most_capacity"] {
        let (desk, members, _, channel) =
            desk_with(assignment, |desk| vec![desk.member_with("Ada", "agent", json!(2))]);
        let cases = arrive(&desk, &channel, 3);
        assert_eq!(had_by(&desk, &cases), [Value::Null, Value::Null, Value::Null]);
        desk.available(&members[0], "away");
        assert_eq!(had_by(&desk, &cases), [Value::Null, Value::Null, Value::Null]);
        desk.available(&members[0], "online");
        let ada = json!(members[0].id);
        assert_eq!(had_by(&desk, &cases), [ada.clone(), ada, Value::Null], "{assignment}");
        desk.run_due();
        assert_eq!(desk.case(cases[2])["assignee"], Value::Null, "the engine knows their room too");
    }
}

#[test]
fn being_given_a_case_leaves_every_trace_and_is_no_activity_c2_r3() {
    let (desk, members, _, channel) = desk_with("round_robin", |desk| vec![desk.member("Ada", "agent")]);
    let case = arrive(&desk, &channel, 1)[0];
    let before = (desk.case(case), desk.audit_of("CASE_UPDATED").len());
    desk.advance_minutes(5);
    desk.available(&members[0], "online");
    let after = desk.case(case);
    assert_eq!(after["assignee"], members[0].id.as_str());
    assert_eq!(after["last_activity_at"], before.0["last_activity_at"]);
    assert!(after["version"].as_i64() > before.0["version"].as_i64());
    let entry = desk.feed_of(case, "assigned").pop().expect("it stands in the feed");
    assert_eq!(entry["actor"], json!({"kind": "engine", "id": null}));
    assert_eq!(entry["data"], json!({"from": null, "to": members[0].id}));
    let audit = desk.audit_of("CASE_UPDATED");
    assert_eq!(audit.len(), before.1 + 1);
    let entry = audit.last().expect("an entry");
    assert_eq!(entry["actor"]["kind"], "engine");
    assert_eq!((&entry["old"], &entry["new"]), (&json!({"assignee": null}), &json!({"assignee": members[0].id})));
    let notes = members[0].all("/v1/notifications");
    assert_eq!(notes.len(), 1);
    assert_eq!((&notes[0]["event"], &notes[0]["case"]), (&json!("case_assigned"), &json!(case)));
}

#[test]
fn room_that_an_act_makes_is_filled_at_once_r4() {
    let done: [(&str, Act); 5] = [
        ("closed", |desk, case, _| drop(desk.close(case))),
        ("on hold", |desk, case, _| drop(desk.status(case, "on_hold"))),
        ("given to somebody else", |desk, case, other| drop(desk.assign(case, &other.id))),
        ("a larger capacity", |desk, case, _| {
            let ada = desk.case(case)["assignee"].as_str().expect("an agent").to_owned();
            desk.patch(&format!("/v1/agents/{ada}"), &json!({"capacity": 2})).expect(200);
        }),
        ("no limit", |desk, case, _| {
            let ada = desk.case(case)["assignee"].as_str().expect("an agent").to_owned();
            desk.patch(&format!("/v1/agents/{ada}"), &json!({"capacity": null})).expect(200);
        }),
    ];
    for (what, does) in done {
        let (desk, members, _, channel) = desk_with("round_robin", |desk| vec![desk.agent("Ada", Some(1))]);
        let other = desk.member("Other", "agent");
        let cases = arrive(&desk, &channel, 2);
        assert_eq!(had_by(&desk, &cases), [json!(members[0].id), Value::Null]);
        does(&desk, cases[0], &other);
        assert_eq!(desk.case(cases[1])["assignee"], members[0].id.as_str(), "{what}");
    }
}

#[test]
fn who_begins_to_take_part_or_joins_gets_what_waits_r3() {
    let (desk, _, queue, channel) = desk_with("manual", |desk| vec![desk.agent("Ada", None)]);
    let case = arrive(&desk, &channel, 1)[0];
    desk.run_due();
    assert_eq!(desk.case(case)["assignee"], Value::Null, "a manual queue assigns nothing");
    let bea = desk.agent("Bea", None);
    let path = format!("/v1/agents/{}", bea.id);
    desk.patch(&path, &json!({"auto_assign": false})).expect(200);
    desk.patch(&format!("/v1/queues/{queue}"), &json!({"members": [bea.id], "assignment": "round_robin"})).expect(200);
    assert_eq!(desk.case(case)["assignee"], Value::Null, "nobody takes part");
    desk.patch(&path, &json!({"auto_assign": true})).expect(200);
    assert_eq!(desk.case(case)["assignee"], bea.id.as_str());
    let (cem, case) = (desk.agent("Cem", None), arrive(&desk, &desk.channel, 1)[0]);
    desk.patch(&format!("/v1/queues/{}", desk.general), &json!({"assignment": "most_capacity"})).expect(200);
    let first = desk.case(case)["assignee"].clone();
    assert!(first.is_string(), "a queue that begins to assign gives away what waits");
    desk.patch(&format!("/v1/queues/{queue}"), &json!({"members": [cem.id]})).expect(200);
    let next = arrive(&desk, &channel, 1)[0];
    assert_eq!(desk.case(next)["assignee"], cem.id.as_str());
}

#[test]
fn a_case_that_moves_or_becomes_work_again_arrives_r3() {
    let (desk, members, queue, channel) = desk_with("round_robin", |desk| vec![desk.agent("Ada", None)]);
    let ada = members[0].id.as_str();
    let moved = desk.open_case();
    let answer = desk.change(moved, &json!({"queue": queue}));
    assert_eq!(answer["assignee"], ada);
    assert_eq!(desk.feed_of(moved, "assigned")[0]["actor"]["kind"], "engine", "the queue chose, not who moved it");
    let held = desk.open_case();
    desk.change(held, &json!({"status": "on_hold"}));
    assert_eq!(desk.change(held, &json!({"queue": queue}))["assignee"], Value::Null, "what is on hold is no work yet");
    assert_eq!(desk.status(held, "open")["assignee"], ada);
    desk.available(&members[0], "offline");
    let closed = arrive(&desk, &channel, 1)[0];
    desk.close(closed);
    desk.available(&members[0], "online");
    assert_eq!(desk.case(closed)["assignee"], Value::Null, "closed cases wait for nobody");
    assert_eq!(desk.status(closed, "open")["assignee"], ada);
}

/// Taking a case from somebody is not undone by the same act; the engine gives it away when nobody else does.
#[test]
fn a_case_taken_from_somebody_waits_like_any_other_r3() {
    let (desk, members, _, channel) =
        desk_with("round_robin", |desk| vec![desk.agent("Ada", None), desk.agent("Bea", None)]);
    let case = arrive(&desk, &channel, 1)[0];
    assert_eq!(desk.case(case)["assignee"], members[0].id.as_str());
    assert_eq!(desk.change(case, &json!({"assignee": null}))["assignee"], Value::Null);
    desk.run_due();
    assert_eq!(desk.case(case)["assignee"], members[1].id.as_str(), "the next in turn");
}

#[test]
fn room_that_the_engine_makes_by_closing_is_filled_by_the_engine_r4_a6() {
    let (desk, members, _, channel) = desk_with("round_robin", |desk| vec![desk.agent("Ada", Some(2))]);
    desk.auto_close(60);
    let first = arrive(&desk, &channel, 2);
    desk.advance_minutes(30);
    let later = arrive(&desk, &channel, 3);
    assert_eq!(had_by(&desk, &later), [Value::Null, Value::Null, Value::Null]);
    desk.advance_minutes(30);
    assert!(first.iter().all(|case| desk.is_closed(*case)));
    let ada = json!(members[0].id);
    assert_eq!(had_by(&desk, &later), [ada.clone(), ada, Value::Null]);
    let at = &desk.feed_of(later[0], "assigned")[0]["at"];
    assert_eq!(*at, desk.case(first[1])["closed_at"], "at the moment the room was there");
}

#[test]
fn more_than_one_act_gives_away_is_given_by_the_engine_r3() {
    let (desk, members, _, channel) = desk_with("most_capacity", |desk| vec![desk.member("Ada", "agent")]);
    let cases = arrive(&desk, &channel, 60);
    desk.available(&members[0], "online");
    let given = || had_by(&desk, &cases).iter().filter(|who| who.is_string()).count();
    let at_once = given();
    assert!((1..60).contains(&at_once), "one act gave {at_once}");
    assert!(had_by(&desk, &cases)[..at_once].iter().all(Value::is_string), "the oldest first");
    desk.run_due();
    assert_eq!(given(), 60);
}

#[test]
fn an_agent_of_two_queues_gets_the_oldest_of_both_r3_r4() {
    let desk = Desk::start();
    let ada = desk.member_with("Ada", "agent", json!(3));
    let channels = ["round_robin", "most_capacity"].map(|rule| desk.channel_into(&desk.queue(rule, &[&ada]), "x"));
    let cases: Vec<i64> = (0..6).map(|n| arrive(&desk, &channels[n % 2], 1)[0]).collect();
    desk.available(&ada, "online");
    let given: Vec<bool> = had_by(&desk, &cases).iter().map(Value::is_string).collect();
    assert_eq!(given, [true, true, true, false, false, false]);
}

#[test]
fn a_customers_answer_that_finds_nobody_waits_for_the_next_who_can_r3() {
    let (desk, members, _, channel) = desk_with("round_robin", |desk| vec![desk.agent("Ada", None)]);
    let case = desk.case_on(&channel, "one");
    desk.close(case);
    desk.available(&members[0], "away");
    let answer = desk.receive(&inbound(&channel, "one"));
    assert_eq!((&answer["outcome"], number(&answer["case"])), (&json!("reopened"), case));
    assert_eq!(answer["case"]["assignee"], Value::Null);
    desk.available(&members[0], "online");
    assert_eq!(desk.case(case)["assignee"], members[0].id.as_str());
}
