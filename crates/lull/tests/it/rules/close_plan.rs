//! Auto close and the workspace's plan: suspended, not forgotten (A2).

use crate::support::policy::{ALL, closing_after};
use crate::support::{Desk, moment};
use serde_json::{Value, json};

#[test]
fn a_lowered_plan_keeps_the_settings_and_suspends_their_effect_a2() {
    let desk = Desk::start();
    let before = desk.auto_close(60);
    let case = desk.open_case();
    desk.plan("standard");
    let settings = desk.settings();
    assert_eq!(settings["in_effect"], false, "the API says so");
    for field in ["auto_close", "auto_reopen", "enabled_at"] {
        assert_eq!(settings[field], before[field]);
    }
    assert_eq!(desk.case(case)["closes_at"], Value::Null);
    desk.advance(30 * 86_400);
    assert!(!desk.is_closed(case));
}

#[test]
fn a_plan_raised_again_lets_the_settings_act_with_the_enabled_at_they_had_a2_a3() {
    let desk = Desk::start();
    let before = desk.auto_close(60);
    let covered = desk.open_case();
    desk.plan("professional");
    desk.advance_minutes(30);
    let meanwhile = desk.open_case();
    desk.advance_minutes(45);
    desk.plan("enterprise");
    let settings = desk.settings();
    assert_eq!(settings["in_effect"], true);
    assert_eq!(settings["enabled_at"], before["enabled_at"]);
    desk.run_due();
    assert!(desk.is_closed(covered), "it was covered all the time");
    assert_eq!(moment(&desk.case(covered)["closed_at"]), desk.now(), "closed_at is the real moment");
    assert!(!desk.is_closed(meanwhile));
    desk.advance_minutes(15);
    assert!(desk.is_closed(meanwhile), "a case created meanwhile is covered too");
}

#[test]
fn each_plan_has_the_effect_it_should_have_a2() {
    let desk = Desk::start();
    desk.auto_close(60);
    for (plan, works) in [("standard", false), ("professional", false), ("advanced", true), ("enterprise", true)] {
        let case = desk.open_case();
        desk.plan(plan);
        assert_eq!(desk.settings()["in_effect"], works, "{plan}");
        desk.advance_minutes(60);
        assert_eq!(desk.is_closed(case), works, "{plan}");
        if !works {
            desk.close(case);
        }
    }
}

#[test]
fn a_new_workspace_is_advanced_unless_said_otherwise_a2() {
    let desk = Desk::start();
    assert_eq!(desk.get("/v1/workspace").expect(200)["plan"], "advanced");
}

#[test]
fn only_the_owner_changes_the_plan_and_an_unknown_one_is_refused_a2() {
    let desk = Desk::start();
    for role in ["care_manager", "agent", "viewer"] {
        desk.member("Ada", role)
            .patch("/v1/workspace", &json!({"plan": "enterprise"}))
            .problem(403, "permission_required");
    }
    desk.patch("/v1/workspace", &json!({"plan": "gold"})).refuses("plan", "unknown_value");
    assert_eq!(desk.get("/v1/workspace").expect(200)["plan"], "advanced");
}

#[test]
fn a_customers_words_are_not_lost_under_a_lowered_plan_a2_r5() {
    let desk = Desk::start();
    desk.set_policy(&closing_after(60, &ALL));
    let case = desk.case_of("ada");
    desk.advance_minutes(60);
    assert!(desk.is_closed(case));
    desk.plan("standard");
    let answer = desk.writes_again("ada");
    let outcome = answer["outcome"].as_str().unwrap_or_default();
    assert!(["reopened", "follow_up"].contains(&outcome), "{answer}");
    assert_eq!(answer["case"]["status"], "open", "somebody will see it: {answer}");
}
