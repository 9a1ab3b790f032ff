//! Closed cases and what people do with them; what a reopen marks and whom it tells (R8, R9).

use crate::support::cases::number;
use crate::support::{Desk, inbound, outbound};
use serde_json::{Value, json};

#[test]
fn an_outbound_message_on_a_closed_case_leaves_it_closed_r8() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let answer = desk.receive(&outbound(&desk.channel, "ada"));
    assert_eq!(answer["outcome"], "appended");
    assert_eq!(number(&answer["case"]), case);
    desk.reply(case, "One thing more.");
    let held = desk.case(case);
    assert_eq!(held["status"], "closed");
    assert_eq!(held["reopen_count"], 0);
    assert_eq!(desk.messages(case).len(), 3);
}

#[test]
fn an_outbound_message_does_not_move_the_reopen_window_r8_r1() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let closed_at = desk.case(case)["closed_at"].clone();
    desk.advance(3 * 86_400);
    desk.reply(case, "One thing more.");
    assert_eq!(desk.case(case)["closed_at"], closed_at);
    desk.advance(86_400 + 1);
    assert_eq!(desk.writes_again("ada")["outcome"], "follow_up");
}

#[test]
fn an_agent_reopens_any_case_by_hand_at_any_time_r8() {
    let desk = Desk::start();
    let agent = desk.agent("Ada", None);
    for status in ["open", "in_progress", "on_hold"] {
        let case = desk.closed_case(status, None);
        desk.advance(200 * 86_400);
        let held = agent.status(case, status);
        assert_eq!(held["status"], status);
        assert_eq!(held["closed_at"], Value::Null);
        assert_eq!(held["closure"], Value::Null);
        assert_eq!(held["reopen_count"], 1);
        assert_eq!(desk.feed_of(case, "case_reopened").len(), 1);
        assert_eq!(desk.feed_of(case, "status_changed").len(), 0, "a reopen is one entry");
        assert_eq!(desk.feed_of(case, "case_auto_reopened").len(), 0);
    }
}

#[test]
fn a_reopen_by_hand_keeps_the_assignee_r8() {
    let desk = Desk::start();
    let ada = desk.member("Ada", "agent");
    let case = desk.closed_case("one", Some(&ada.id));
    assert_eq!(desk.status(case, "open")["assignee"], ada.id.as_str(), "even an agent who is offline");
}

#[test]
fn after_a_reopen_by_hand_the_thread_goes_on_in_the_same_case_r8() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    desk.advance(200 * 86_400);
    desk.status(case, "open");
    let answer = desk.writes_again("ada");
    assert_eq!((answer["outcome"].as_str(), number(&answer["case"])), (Some("appended"), case));
}

#[test]
fn a_reopen_marks_the_closure_it_undid_r9_t2() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let closed_at = desk.case(case)["closed_at"].clone();
    desk.advance(3600);
    desk.writes_again("ada");
    let reopened = desk.case(case);
    let feed = desk.feed_of(case, "case_auto_reopened");
    assert_eq!(feed.len(), 1);
    assert_eq!(feed[0]["at"], reopened["last_activity_at"]);
    let audit = desk.audit_of("CASE_AUTO_REOPENED");
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0]["object"], json!({"kind": "case", "id": case.to_string()}));
    let told = format!("{} {} {}", feed[0]["data"], audit[0]["old"], audit[0]["new"]);
    let closing = closed_at.as_str().expect("a time");
    assert!(told.contains(closing), "which closing was undone is said: {told}");
}

#[test]
fn a_reopen_tells_the_agent_it_goes_to_and_nobody_else_r9() {
    let desk = Desk::start();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let case = desk.closed_case("one", Some(&ada.id));
    let before = (ada.notified(case), bea.notified(case));
    desk.writes_again("one");
    assert!(ada.notified(case) > before.0, "the agent it goes to");
    assert_eq!(bea.notified(case), before.1, "nobody else");
}

#[test]
fn a_reopen_that_goes_to_a_queue_tells_its_members_r9() {
    let desk = Desk::start();
    let (ada, bea, cem) = (desk.agent("Ada", None), desk.agent("Bea", None), desk.agent("Cem", None));
    let queue = desk.queue("manual", &[&ada, &bea]);
    let channel = desk.channel_into(&queue, "x");
    let case = desk.case_on(&channel, "one");
    desk.close(case);
    let before = [&ada, &bea, &cem].map(|member| member.notified(case));
    desk.receive(&inbound(&channel, "one"));
    let after = [&ada, &bea, &cem].map(|member| member.notified(case));
    assert!(after[0] > before[0] && after[1] > before[1], "{before:?} {after:?}");
    assert_eq!(after[2], before[2], "who is not a member is not told");
}

#[test]
fn a_follow_up_after_the_window_does_not_mark_the_old_closure_r5_r9() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    let before = desk.case(case)["closure"].clone();
    desk.advance(5 * 86_400);
    desk.writes_again("ada");
    assert_eq!(desk.case(case)["closure"], before);
    assert_eq!(desk.audit_of("CASE_AUTO_REOPENED").len(), 0);
}

#[test]
fn a_comment_or_a_change_of_property_leaves_a_closed_case_closed_r8() {
    let desk = Desk::start();
    let case = desk.closed_case("ada", None);
    desk.comment(case, "Done.");
    desk.change(case, &json!({"tags": ["done"], "priority": "low", "title": "Solved"}));
    let held = desk.case(case);
    assert_eq!(held["status"], "closed");
    assert_eq!(held["tags"], json!(["done"]));
}
