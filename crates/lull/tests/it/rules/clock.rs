//! The inactivity clock: what moves it and what does not (C1–C6).

use crate::support::{Desk, inbound, millis_after, moment, outbound, policy, written};
use serde_json::{Value, json};

/// A desk with one case, and the clock ten minutes after its creation.
fn desk_with_case() -> (Desk, i64) {
    let desk = Desk::start();
    let case = desk.case_of("ada");
    desk.advance_minutes(10);
    (desk, case)
}

#[track_caller]
fn assert_moved(desk: &Desk, case: i64, by: &str) {
    assert_eq!(desk.last_activity(case), desk.now(), "{by} is activity");
    desk.advance_minutes(10);
}

#[track_caller]
fn assert_still(desk: &Desk, case: i64, act: &str, does: impl FnOnce()) {
    let before = desk.last_activity(case);
    does();
    assert_eq!(desk.last_activity(case), before, "{act} is not activity");
    desk.advance_minutes(10);
}

#[test]
fn a_new_case_starts_its_clock_c1() {
    let desk = Desk::start();
    let case = desk.open_case();
    assert_eq!(desk.last_activity(case), desk.now());
    assert_eq!(moment(&desk.case(case)["created_at"]), desk.now());
}

#[test]
fn a_case_created_by_hand_starts_its_clock_c1() {
    let desk = Desk::start();
    desk.advance_minutes(10);
    let body = json!({"channel": desk.channel, "customer": {"external_id": "ada", "name": "Ada", "handle": "@ada"}, "title": "By telephone"});
    let case = desk.post("/v1/cases", &body).expect(201);
    assert_eq!(moment(&case["last_activity_at"]), desk.now());
    assert_eq!(case["status"], "open");
}

#[test]
fn an_inbound_message_moves_the_clock_c1() {
    let (desk, case) = desk_with_case();
    assert_eq!(desk.writes_again("ada")["outcome"], "appended");
    assert_eq!(moment(&desk.case(case)["last_inbound_at"]), desk.now());
    assert_moved(&desk, case, "an inbound message");
}

#[test]
fn an_outbound_message_moves_the_clock_c1() {
    let (desk, case) = desk_with_case();
    desk.reply(case, "On Friday.");
    assert_moved(&desk, case, "a reply");
    desk.receive(&outbound(&desk.channel, "ada"));
    assert_eq!(moment(&desk.case(case)["last_outbound_at"]), desk.now());
    assert_moved(&desk, case, "a reply sent elsewhere");
}

#[test]
fn every_change_of_status_moves_the_clock_c1() {
    let (desk, case) = desk_with_case();
    for status in ["in_progress", "on_hold", "open", "closed", "in_progress", "closed", "open"] {
        desk.status(case, status);
        assert_moved(&desk, case, status);
    }
}

#[test]
fn asking_for_the_status_a_case_already_has_is_no_change_c1() {
    let (desk, case) = desk_with_case();
    assert_still(&desk, case, "the same status", || drop(desk.status(case, "open")));
    desk.close(case);
    desk.advance_minutes(10);
    let closed = desk.case(case);
    desk.close(case);
    assert_eq!(desk.case(case)["closed_at"], closed["closed_at"], "a closed case is not closed again");
    assert_eq!(desk.feed_of(case, "case_closed").len(), 1);
}

#[test]
fn comments_and_tags_do_not_move_the_clock_c2() {
    let (desk, case) = desk_with_case();
    assert_still(&desk, case, "a comment", || drop(desk.comment(case, "Ask the shop.")));
    assert_still(&desk, case, "a tag added", || drop(desk.change(case, &json!({"tags": ["vip", "late"]}))));
    assert_still(&desk, case, "a tag removed", || drop(desk.change(case, &json!({"tags": []}))));
}

#[test]
fn assignments_of_any_kind_do_not_move_the_clock_c2() {
    let (desk, case) = desk_with_case();
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    assert_still(&desk, case, "an assignment", || drop(desk.assign(case, &ada.id)));
    assert_still(&desk, case, "a reassignment", || drop(desk.assign(case, &bea.id)));
    assert_still(&desk, case, "taking it", || drop(ada.assign(case, &ada.id)));
    assert_still(&desk, case, "an assignment taken away", || drop(desk.change(case, &json!({"assignee": null}))));
}

#[test]
fn changed_properties_do_not_move_the_clock_c2() {
    let (desk, case) = desk_with_case();
    let queue = desk.queue("manual", &[]);
    let changes = [
        json!({"queue": queue}),
        json!({"type": "question"}),
        json!({"priority": "critical"}),
        json!({"title": "Another title"}),
        json!({"queue": desk.general, "type": "lead", "priority": "none"}),
    ];
    for change in changes {
        assert_still(&desk, case, &change.to_string(), || drop(desk.change(case, &change)));
    }
}

#[test]
fn reads_notifications_and_policy_edits_do_not_move_the_clock_c2() {
    let (desk, case) = desk_with_case();
    let ada = desk.agent("Ada", None);
    assert_still(&desk, case, "a read", || {
        ada.messages(case);
        ada.feed(case);
        ada.all("/v1/cases");
    });
    assert_still(&desk, case, "a notification read", || {
        desk.assign(case, &ada.id);
        for note in ada.all("/v1/notifications") {
            let path = format!("/v1/notifications/{}/read", note["id"].as_str().expect("an id"));
            assert!(ada.post(&path, &json!({})).status < 300);
        }
    });
    assert_still(&desk, case, "an edit of the policy", || drop(desk.auto_close(1440)));
    assert_still(&desk, case, "an edit of the policy", || drop(desk.set_policy(&policy::policy())));
}

#[test]
fn it_does_not_matter_who_changes_the_status_c3() {
    let (desk, case) = desk_with_case();
    let ada = desk.agent("Ada", None);
    ada.status(case, "in_progress");
    assert_moved(&desk, case, "an agent's change of status");
    desk.api("agent").status(case, "on_hold");
    assert_moved(&desk, case, "a program's change of status");
}

#[test]
fn the_engines_close_does_not_move_the_clock_c4() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    let before = desk.last_activity(case);
    desk.advance_minutes(90);
    assert!(desk.is_closed(case));
    assert_eq!(desk.last_activity(case), before);
}

#[test]
fn a_message_is_dated_by_its_receipt_not_by_the_sender_c5() {
    let (desk, case) = desk_with_case();
    let tomorrow = written(millis_after(desk.now(), 23 * 3_600_000));
    for claimed in ["1990-06-01T00:00:00.000Z", tomorrow.as_str()] {
        let answer = desk.receive(&inbound(&desk.channel, "ada").with("sent_at", claimed));
        assert_eq!(moment(&answer["message"]["received_at"]), desk.now());
        assert_eq!(answer["message"]["sent_at"], claimed, "the claim is kept for display");
        assert_moved(&desk, case, "a message with a strange date");
    }
}

#[test]
fn an_automatic_message_is_stored_and_shown_but_is_no_activity_c6() {
    let (desk, case) = desk_with_case();
    desk.reply(case, "On Friday.");
    desk.advance_minutes(10);
    let before = desk.case(case);
    assert_eq!(before["waiting_on"], "customer");
    let answer = desk.receive(&inbound(&desk.channel, "ada").automatic().text("I am on holiday."));
    assert_eq!(answer["outcome"], "appended");
    assert_eq!(answer["message"]["automatic"], true);
    let after = desk.case(case);
    assert_eq!(after["last_activity_at"], before["last_activity_at"]);
    assert_eq!(after["waiting_on"], "customer", "nobody waits for us because of an auto-reply");
    let shown: Vec<Value> = desk.messages(case).iter().map(|message| message["text"].clone()).collect();
    assert!(shown.contains(&json!("I am on holiday.")), "{shown:?}");
}

#[test]
fn an_automatic_message_does_not_put_a_close_off_c6() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    let deadline = moment(&desk.case(case)["closes_at"]);
    desk.advance_minutes(59);
    desk.receive(&inbound(&desk.channel, "ada").automatic());
    assert_eq!(moment(&desk.case(case)["closes_at"]), deadline);
    desk.advance_to(deadline);
    assert!(desk.is_closed(case));
}
