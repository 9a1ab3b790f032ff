//! Load, capacity, and how a queue assigns by its own rule (R3, R4).

use crate::support::{Desk, Member, inbound};
use serde_json::{Value, json};

/// Whether a case that `agent` had comes back to them now. Leaves no load behind.
fn gets_one_back(desk: &Desk, agent: &Member) -> bool {
    let customer = crate::support::message::unique("back");
    let case = desk.closed_case(&customer, Some(&agent.id));
    desk.writes_again(&customer);
    let back = desk.case(case)["assignee"] == agent.id.as_str();
    desk.close(case);
    back
}

#[test]
fn only_open_and_in_progress_cases_are_load_r4() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", Some(1));
    let case = desk.open_case();
    desk.assign(case, &ada.id);
    for (status, is_load) in
        [("open", true), ("in_progress", true), ("on_hold", false), ("closed", false), ("open", true)]
    {
        desk.status(case, status);
        assert_eq!(gets_one_back(&desk, &ada), !is_load, "{status}");
    }
    desk.change(case, &json!({"assignee": null}));
    assert!(gets_one_back(&desk, &ada), "a case of nobody is nobody's load");
}

#[test]
fn an_empty_capacity_means_no_limit_r4() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    for _ in 0..25 {
        desk.assign(desk.open_case(), &ada.id);
    }
    assert!(gets_one_back(&desk, &ada));
}

#[test]
fn manual_assignment_ignores_capacity_and_counts_r4() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", Some(1));
    let cases: Vec<i64> = (0..3).map(|_| desk.open_case()).collect();
    for case in &cases {
        assert_eq!(desk.assign(*case, &ada.id)["assignee"], ada.id.as_str());
    }
    for case in &cases {
        assert!(!gets_one_back(&desk, &ada), "still at or over capacity");
        desk.close(*case);
    }
    assert!(gets_one_back(&desk, &ada));
}

#[test]
fn a_changed_capacity_holds_at_once_r4() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", Some(1));
    desk.assign(desk.open_case(), &ada.id);
    for (capacity, room) in [(json!(1), false), (json!(2), true), (json!(1), false), (Value::Null, true)] {
        desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"capacity": capacity})).expect(200);
        assert_eq!(gets_one_back(&desk, &ada), room, "{capacity}");
    }
}

#[test]
fn round_robin_takes_its_members_in_turn_r3() {
    let desk = Desk::start();
    let members = [desk.agent("Ada", None), desk.agent("Bea", None), desk.agent("Cem", None)];
    let queue = desk.queue("round_robin", &[&members[0], &members[1], &members[2]]);
    let channel = desk.channel_into(&queue, "x");
    let given: Vec<Value> =
        (0..9).map(|turn| desk.case(desk.case_on(&channel, &format!("c{turn}")))["assignee"].clone()).collect();
    for round in given.chunks(3) {
        for member in &members {
            assert_eq!(round.iter().filter(|who| **who == member.id.as_str()).count(), 1, "{given:?}");
        }
    }
}

#[test]
fn automatic_assignment_passes_over_who_is_away_full_gone_or_not_asked_r3_r4() {
    for assignment in ["round_robin", "most_capacity"] {
        let desk = Desk::start();
        let names = ["Away", "Full", "Gone", "Manual", "Here"];
        let members: Vec<Member> = names.iter().map(|name| desk.agent(name, Some(10))).collect();
        let queue = desk.queue(assignment, &members.iter().collect::<Vec<_>>());
        let channel = desk.channel_into(&queue, "x");
        desk.available(&members[0], "away");
        desk.patch(&format!("/v1/agents/{}", members[1].id), &json!({"capacity": 1})).expect(200);
        desk.assign(desk.open_case(), &members[1].id);
        desk.patch(&format!("/v1/agents/{}", members[2].id), &json!({"active": false})).expect(200);
        desk.patch(&format!("/v1/agents/{}", members[3].id), &json!({"auto_assign": false})).expect(200);
        let _stranger = desk.agent("Stranger", Some(100));
        for turn in 0..4 {
            let case = desk.case_on(&channel, &format!("c{turn}"));
            assert_eq!(desk.case(case)["assignee"], members[4].id.as_str(), "{assignment}");
        }
    }
}

#[test]
fn most_capacity_asks_who_has_the_most_room_left_r3_r4() {
    let desk = Desk::start();
    let (small, large) = (desk.agent("Small", Some(2)), desk.agent("Large", Some(5)));
    let queue = desk.queue("most_capacity", &[&small, &large]);
    let channel = desk.channel_into(&queue, "x");
    let given = |turn: usize| desk.case(desk.case_on(&channel, &format!("c{turn}")))["assignee"].clone();
    for turn in 0..3 {
        assert_eq!(given(turn), large.id.as_str(), "room {} against 2", 5 - turn);
    }
    let rest: Vec<Value> = (3..7).map(given).collect();
    let to = |member: &Member| rest.iter().filter(|who| **who == member.id.as_str()).count();
    assert_eq!((to(&small), to(&large)), (2, 2), "both fill up: {rest:?}");
    assert_eq!(given(7), Value::Null, "both are full");
}

#[test]
fn automatic_assignment_never_goes_over_a_capacity_even_under_load_r4() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", Some(3)), desk.agent("Bea", Some(3)));
    let queue = desk.queue("round_robin", &[&ada, &bea]);
    let channel = desk.channel_into(&queue, "x");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (client, channel) = (desk.owner().clone(), channel.clone());
            scope.spawn(move || {
                for turn in 0..5 {
                    client.receive(&inbound(&channel, &format!("c{thread}-{turn}")));
                }
            });
        }
    });
    let count = |filter: &str| desk.all(&format!("/v1/cases?queue={queue}&assignee={filter}")).len();
    assert_eq!((count(&ada.id), count(&bea.id), count("none")), (3, 3, 14));
}

#[test]
fn a_manual_queue_assigns_nothing_r3() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let queue = desk.queue("manual", &[&ada]);
    let case = desk.case_on(&desk.channel_into(&queue, "x"), "one");
    assert_eq!(desk.case(case)["assignee"], Value::Null);
}

#[test]
fn an_availability_change_is_in_the_audit_trail_t2() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let before = desk.audit_of("USER_STATUS_CHANGED").len();
    ada.put(&format!("/v1/agents/{}/availability", ada.id), &json!({"availability": "away"})).expect(200);
    let entries = desk.audit_of("USER_STATUS_CHANGED");
    assert_eq!(entries.len(), before + 1);
    let entry = entries.last().expect("an entry");
    assert!(entry["old"].to_string().contains("online") && entry["new"].to_string().contains("away"), "{entry}");
    assert_eq!(entry["actor"], json!({"kind": "agent", "id": ada.id}));
}
