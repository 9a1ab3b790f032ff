//! To whom a reopened case goes (R3).

use crate::support::{Desk, Member, inbound, outbound};
use serde_json::{Value, json};

/// Closes a case of `customer` that `agent` had, lets the customer answer, and gives the case.
fn reopened(desk: &Desk, customer: &str, agent: &Member, meanwhile: impl FnOnce()) -> Value {
    let case = desk.closed_case(customer, Some(&agent.id));
    meanwhile();
    let answer = desk.writes_again(customer);
    assert_eq!(answer["outcome"], "reopened", "{answer}");
    desk.case(case)
}

#[track_caller]
fn assert_waits_in(case: &Value, queue: &str) {
    assert_eq!(case["assignee"], Value::Null, "{case}");
    assert_eq!(case["queue"], queue, "{case}");
    assert_eq!(case["status"], "open", "{case}");
}

#[test]
fn a_reopened_case_goes_back_to_the_agent_who_had_it_r3() {
    let desk = Desk::start();
    let (ada, _bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = reopened(&desk, "one", &ada, || ());
    assert_eq!(case["assignee"], ada.id.as_str());
}

#[test]
fn an_agent_who_is_away_or_offline_does_not_get_it_back_r3() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    for availability in ["away", "offline"] {
        let case = reopened(&desk, availability, &ada, || desk.available(&ada, availability));
        assert_waits_in(&case, &desk.general);
        desk.available(&ada, "online");
    }
}

#[test]
fn a_new_agent_is_offline_and_so_gets_nothing_back_r3() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    assert_waits_in(&reopened(&desk, "one", &ada, || ()), &desk.general);
}

#[test]
fn an_agent_who_left_does_not_get_it_back_r3() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = reopened(&desk, "one", &ada, || {
        desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false})).expect(200);
    });
    assert_waits_in(&case, &desk.general);
}

#[test]
fn an_agent_at_capacity_does_not_get_it_back_and_one_below_does_r3_r4() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", Some(2));
    let (first, second) = (desk.open_case(), desk.open_case());
    let case = reopened(&desk, "full", &ada, || {
        desk.assign(first, &ada.id);
        desk.assign(second, &ada.id);
    });
    assert_waits_in(&case, &desk.general);
    desk.close(second);
    let case = reopened(&desk, "room", &ada, || ());
    assert_eq!(case["assignee"], ada.id.as_str());
}

#[test]
fn without_an_assignee_the_last_agent_who_wrote_gets_it_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    bea.reply(case, "Let me see.");
    desk.advance(1);
    ada.reply(case, "On Friday.");
    desk.advance(1);
    desk.receive(&outbound(&desk.channel, "one"));
    desk.advance(1);
    desk.change(case, &json!({"assignee": null}));
    bea.close(case);
    desk.writes_again("one");
    assert_eq!(desk.case(case)["assignee"], ada.id.as_str(), "whoever closed it or wrote as nobody does not count");
}

#[test]
fn a_reply_sent_elsewhere_counts_for_its_author_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    ada.reply(case, "Let me see.");
    desk.advance(1);
    desk.receive(&outbound(&desk.channel, "one").author(&bea.id));
    desk.change(case, &json!({"assignee": null}));
    desk.close(case);
    desk.writes_again("one");
    assert_eq!(desk.case(case)["assignee"], bea.id.as_str());
}

#[test]
fn the_last_writer_must_be_there_too_and_nobody_before_them_is_asked_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    ada.reply(case, "Let me see.");
    desk.advance(1);
    bea.reply(case, "On Friday.");
    desk.change(case, &json!({"assignee": null}));
    desk.close(case);
    desk.available(&bea, "away");
    desk.writes_again("one");
    assert_waits_in(&desk.case(case), &desk.general);
}

#[test]
fn the_assignee_at_closing_outranks_the_last_writer_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    bea.reply(case, "On Friday.");
    desk.assign(case, &ada.id);
    desk.close(case);
    desk.writes_again("one");
    assert_eq!(desk.case(case)["assignee"], ada.id.as_str());
}

#[test]
fn who_had_it_at_closing_counts_even_if_it_was_reassigned_since_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.closed_case("one", Some(&ada.id));
    desk.assign(case, &bea.id);
    assert_eq!(desk.writes_again("one")["case"]["assignee"], ada.id.as_str());
}

#[test]
fn an_absent_assignee_is_not_replaced_by_the_last_writer_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.case_of("one");
    bea.reply(case, "On Friday.");
    desk.assign(case, &ada.id);
    desk.close(case);
    desk.available(&ada, "away");
    desk.writes_again("one");
    assert_waits_in(&desk.case(case), &desk.general);
}

#[test]
fn nobody_ever_worked_on_it_so_it_waits_in_its_queue_r3() {
    let desk = Desk::start();
    let _ada = desk.agent("Ada", None);
    let case = desk.closed_case("one", None);
    desk.writes_again("one");
    assert_waits_in(&desk.case(case), &desk.general);
}

#[test]
fn it_stays_in_the_queue_it_was_in_r3() {
    let desk = Desk::start();
    let queue = desk.queue("manual", &[]);
    let case = desk.case_of("one");
    desk.change(case, &json!({"queue": queue}));
    desk.close(case);
    desk.writes_again("one");
    assert_waits_in(&desk.case(case), &queue);
}

#[test]
fn an_auto_closed_case_comes_back_to_its_agent_too_r3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    let (stays, leaves) = (desk.case_of("stays"), desk.case_of("leaves"));
    desk.assign(stays, &ada.id);
    desk.assign(leaves, &ada.id);
    desk.advance_minutes(60);
    desk.writes_again("stays");
    desk.available(&ada, "away");
    desk.writes_again("leaves");
    assert_eq!(desk.case(stays)["assignee"], ada.id.as_str());
    assert_waits_in(&desk.case(leaves), &desk.general);
}

#[test]
fn an_automatic_queue_gives_a_returned_case_to_another_agent_r3() {
    for assignment in ["round_robin", "most_capacity"] {
        let desk = Desk::start();
        let (ada, bea) = (desk.agent("Ada", Some(5)), desk.agent("Bea", Some(5)));
        let queue = desk.queue(assignment, &[&ada, &bea]);
        let channel = desk.channel_into(&queue, "x");
        let case = desk.case_on(&channel, "one");
        desk.assign(case, &ada.id);
        desk.close(case);
        desk.available(&ada, "away");
        desk.receive(&inbound(&channel, "one"));
        assert_eq!(desk.case(case)["assignee"], bea.id.as_str(), "{assignment}");
    }
}

#[test]
fn the_old_agent_is_preferred_even_in_an_automatic_queue_r3() {
    for assignment in ["round_robin", "most_capacity"] {
        let desk = Desk::start();
        let (ada, bea) = (desk.agent("Ada", Some(2)), desk.agent("Bea", Some(50)));
        let queue = desk.queue(assignment, &[&ada, &bea]);
        let channel = desk.channel_into(&queue, "x");
        for turn in 0..3 {
            let customer = format!("c{turn}");
            let case = desk.case_on(&channel, &customer);
            desk.assign(case, &ada.id);
            desk.close(case);
            desk.receive(&inbound(&channel, &customer));
            assert_eq!(desk.case(case)["assignee"], ada.id.as_str(), "{assignment}");
            desk.close(case);
        }
    }
}

#[test]
fn with_nobody_free_an_automatic_queue_keeps_the_case_unassigned_r3() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let queue = desk.queue("round_robin", &[&ada, &bea]);
    let channel = desk.channel_into(&queue, "x");
    let case = desk.case_on(&channel, "one");
    desk.assign(case, &ada.id);
    desk.close(case);
    desk.available(&ada, "away");
    desk.available(&bea, "offline");
    desk.receive(&inbound(&channel, "one"));
    assert_waits_in(&desk.case(case), &queue);
}

#[test]
fn the_feed_tells_of_the_reopening_and_of_the_assignment_lost_r3_t1() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = reopened(&desk, "one", &ada, || desk.available(&ada, "away"));
    let events = desk.events(case["number"].as_i64().expect("a number"));
    assert_eq!(events.iter().filter(|event| *event == "case_auto_reopened").count(), 1, "{events:?}");
    assert!(events.contains(&"unassigned".to_owned()), "{events:?}");
    assert!(!events.contains(&"status_changed".to_owned()), "{events:?}");
}

#[test]
fn an_agent_who_only_looks_now_does_not_get_it_back_r3() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = reopened(&desk, "one", &ada, || {
        desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"role": "viewer"})).expect(200);
    });
    assert_waits_in(&case, &desk.general);
}
