//! When a case is due: coverage, deadlines, statuses, changed policies (A3–A6, A9).

use crate::support::cases::number;
use crate::support::policy::{closing_after, policy};
use crate::support::{Desk, inbound, millis_after, moment, outbound};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

#[test]
fn a_case_closes_exactly_at_its_deadline_and_not_a_millisecond_before_a4_a9() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    let deadline = millis_after(desk.last_activity(case), HOUR);
    desk.advance_to(millis_after(deadline, -1));
    assert!(!desk.is_closed(case), "a close is never early");
    desk.advance_to(deadline);
    let closed = desk.case(case);
    assert_eq!(closed["status"], "closed");
    assert_eq!(moment(&closed["closed_at"]), deadline);
}

#[test]
fn a_jump_past_the_deadline_closes_at_the_deadline_a4_a6() {
    let desk = Desk::start();
    desk.auto_close(61);
    let case = desk.open_case();
    let deadline = moment(&desk.case(case)["closes_at"]);
    desk.advance(30 * 86_400);
    assert_eq!(moment(&desk.case(case)["closed_at"]), deadline);
}

#[test]
fn activity_just_before_the_deadline_starts_the_wait_again_a4() {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases: Vec<i64> = ["in", "out", "status"].iter().map(|name| desk.case_of(name)).collect();
    let deadline = moment(&desk.case(cases[0])["closes_at"]);
    desk.advance_to(millis_after(deadline, -1));
    desk.receive(&inbound(&desk.channel, "in"));
    desk.receive(&outbound(&desk.channel, "out"));
    desk.status(cases[2], "on_hold");
    let later = millis_after(desk.now(), HOUR);
    desk.advance_to(millis_after(later, -1));
    for case in &cases {
        assert_eq!(moment(&desk.case(*case)["closes_at"]), later);
        assert!(!desk.is_closed(*case));
    }
    desk.advance_to(later);
    for case in &cases {
        assert_eq!(moment(&desk.case(*case)["closed_at"]), later);
    }
}

#[test]
fn what_was_there_before_is_not_covered_until_it_sees_activity_a3() {
    let desk = Desk::start();
    let (old, woken) = (desk.case_of("old"), desk.case_of("woken"));
    desk.advance_to(millis_after(desk.now(), 1));
    desk.auto_close(60);
    for case in [old, woken] {
        assert_eq!(desk.case(case)["closes_at"], Value::Null);
    }
    desk.advance(365 * 86_400);
    assert!(!desk.is_closed(old));
    desk.writes_again("woken");
    let deadline = millis_after(desk.now(), HOUR);
    assert_eq!(moment(&desk.case(woken)["closes_at"]), deadline);
    desk.advance(365 * 86_400);
    assert_eq!(moment(&desk.case(woken)["closed_at"]), deadline);
    assert!(!desk.is_closed(old));
}

#[test]
fn activity_at_the_very_moment_of_switching_on_is_covered_a3() {
    let desk = Desk::start();
    let case = desk.open_case();
    let settings = desk.auto_close(60);
    assert_eq!(settings["enabled_at"], desk.case(case)["last_activity_at"], "the clock stands still");
    desk.advance_minutes(60);
    assert!(desk.is_closed(case));
}

#[test]
fn off_and_on_again_uncovers_what_was_covered_a3() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance_minutes(30);
    desk.set_policy(&policy());
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.auto_close(60);
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.advance(30 * 86_400);
    assert!(!desk.is_closed(case));
}

#[test]
fn comments_do_not_cover_an_old_case_a3_c2() {
    let desk = Desk::start();
    let case = desk.open_case();
    desk.advance_minutes(1);
    desk.auto_close(60);
    desk.comment(case, "Seen.");
    desk.change(case, &json!({"tags": ["seen"], "priority": "high"}));
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.advance(86_400);
    assert!(!desk.is_closed(case));
}

#[test]
fn only_the_selected_statuses_close_a4() {
    for selected in ["open", "in_progress", "on_hold"] {
        let desk = Desk::start();
        desk.set_policy(&closing_after(60, &[selected]));
        let cases: Vec<(i64, &str)> = ["open", "in_progress", "on_hold"]
            .map(|status| {
                let case = desk.open_case();
                desk.status(case, status);
                (case, status)
            })
            .to_vec();
        for (case, status) in &cases {
            assert_eq!(desk.case(*case)["closes_at"].is_string(), *status == selected);
        }
        desk.advance_minutes(600);
        for (case, status) in cases {
            assert_eq!(desk.is_closed(case), status == selected, "{status} with {selected} selected");
        }
    }
}

#[test]
fn closes_at_is_last_activity_plus_threshold_and_null_where_nothing_closes_a4() {
    let desk = Desk::start();
    desk.set_policy(&closing_after(90, &["open"]));
    let case = desk.open_case();
    let activity = desk.last_activity(case);
    assert_eq!(moment(&desk.case(case)["closes_at"]), millis_after(activity, 90 * 60_000));
    desk.set_policy(&closing_after(30_240, &["open"]));
    assert_eq!(moment(&desk.case(case)["closes_at"]), millis_after(activity, 30_240 * 60_000));
    desk.status(case, "on_hold");
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    assert_eq!(desk.close(case)["closes_at"], Value::Null);
}

#[test]
fn a_raised_threshold_closes_only_what_meets_it_and_reopens_nothing_a5() {
    let desk = Desk::start();
    desk.auto_close(60);
    let first = desk.open_case();
    desk.advance_minutes(30);
    let second = desk.open_case();
    desk.advance_minutes(30);
    assert!(desk.is_closed(first) && !desk.is_closed(second));
    desk.auto_close(120);
    desk.advance_minutes(89);
    assert!(desk.is_closed(first), "what was closed stays closed");
    assert!(!desk.is_closed(second));
    desk.advance_minutes(1);
    assert!(desk.is_closed(second));
}

#[test]
fn a_lowered_threshold_makes_cases_due_at_the_next_run_a5_a6() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let case = desk.open_case();
    desk.advance_minutes(600);
    assert!(!desk.is_closed(case));
    desk.auto_close(60);
    assert!(!desk.is_closed(case), "the change itself closes nothing");
    desk.run_due();
    let closed = desk.case(case);
    assert_eq!(closed["status"], "closed");
    assert_eq!(moment(&closed["closed_at"]), desk.now(), "closed_at is the real moment of closing");
}

#[test]
fn a_widened_selection_makes_cases_due_at_the_next_run_a5() {
    let desk = Desk::start();
    desk.set_policy(&closing_after(60, &["on_hold"]));
    let case = desk.open_case();
    desk.advance_minutes(600);
    desk.set_policy(&closing_after(60, &["open"]));
    desk.run_due();
    assert!(desk.is_closed(case));
}

#[test]
fn each_case_closes_at_its_own_moment_within_one_jump_a6() {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases: Vec<i64> = (0..20)
        .map(|_| {
            desk.advance_to(millis_after(desk.now(), 61_007));
            desk.open_case()
        })
        .collect();
    let deadlines: Vec<_> = cases.iter().map(|case| moment(&desk.case(*case)["closes_at"])).collect();
    desk.advance(86_400);
    for (case, deadline) in cases.iter().zip(deadlines) {
        let closed = desk.case(*case);
        assert_eq!(moment(&closed["closed_at"]), deadline);
        assert_eq!(closed["closure"]["closed_at"], closed["closed_at"]);
    }
}

#[test]
fn a_case_closes_reopens_and_closes_again_once_for_each_open_period_a7_r2() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.case_of("ada");
    for round in 1..=3 {
        let deadline = moment(&desk.case(case)["closes_at"]);
        desk.advance(86_400);
        assert_eq!(moment(&desk.case(case)["closed_at"]), deadline);
        desk.advance(86_400);
        assert_eq!(desk.feed_of(case, "case_auto_closed").len(), round);
        assert_eq!(desk.writes_again("ada")["outcome"], "reopened");
        assert_eq!(desk.case(case)["reopen_count"], round);
    }
    assert_eq!(desk.audit_of("CASE_AUTO_CLOSED").len(), 3);
    assert_eq!(desk.audit_of("CASE_AUTO_REOPENED").len(), 3);
}

#[test]
fn cases_of_every_queue_close_a6() {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases: Vec<i64> = (0..6)
        .map(|turn| {
            let queue = desk.queue(["manual", "round_robin", "most_capacity"][turn % 3], &[]);
            desk.case_on(&desk.channel_into(&queue, "email"), "ada")
        })
        .collect();
    desk.advance_minutes(60);
    for case in cases {
        assert!(desk.is_closed(case));
    }
}

#[test]
fn a_case_without_any_message_closes_too_a4_c1() {
    let desk = Desk::start();
    desk.auto_close(60);
    let body = json!({"channel": desk.channel, "customer": {"external_id": "ada", "name": "Ada", "handle": "@ada"}, "title": "By telephone"});
    let made = desk.post("/v1/cases", &body).expect(201);
    assert_eq!(made["waiting_on"], Value::Null);
    desk.advance_minutes(60);
    assert!(desk.is_closed(number(&made)));
}
