//! The settings of auto close and auto reopen: defaults, bounds, permission (A1, A2, R1).

use crate::support::policy::{ALL, closing_after, policy, set};
use crate::support::{Desk, moment};
use serde_json::{Value, json};

const PATH: &str = "/v1/settings/lifecycle";

#[test]
fn auto_close_is_off_and_auto_reopen_on_for_four_days_by_default_a1_r1() {
    let desk = Desk::start();
    let settings = desk.settings();
    assert_eq!(settings["auto_close"]["enabled"], false);
    assert_eq!(settings["enabled_at"], Value::Null);
    assert_eq!(settings["in_effect"], false);
    assert!(settings["version"].is_i64(), "{settings}");
    assert_eq!(settings["auto_reopen"], json!({"enabled": true, "window_minutes": 5760}));
}

#[test]
fn while_auto_close_is_off_nothing_closes_for_a_year_a1() {
    let desk = Desk::start();
    let case = desk.open_case();
    desk.advance(365 * 86_400);
    let case = desk.case(case);
    assert_eq!(case["status"], "open");
    assert_eq!(case["closes_at"], Value::Null);
}

#[test]
fn what_get_answers_can_be_put_back_without_the_three_added_fields_a1() {
    let desk = Desk::start();
    let put = desk.auto_close(90);
    let mut got = desk.settings();
    assert_eq!(put, got, "a PUT answers what a GET answers");
    assert_eq!(got["in_effect"], true);
    for added in ["enabled_at", "in_effect", "version"] {
        got.as_object_mut().expect("an object").remove(added);
    }
    assert_eq!(got, closing_after(90, &ALL));
    desk.set_policy(&got);
}

#[test]
fn the_threshold_runs_from_one_hour_to_twenty_one_days_inclusive_a1() {
    let desk = Desk::start();
    for minutes in [60, 61, 1440, 30_239, 30_240] {
        let settings = desk.auto_close(minutes);
        assert_eq!(settings["auto_close"]["threshold_minutes"], minutes);
    }
    for minutes in [i64::MIN, -60, 0, 1, 59, 30_241, 100_000, i64::MAX] {
        desk.put(PATH, &closing_after(minutes, &ALL)).refuses("auto_close.threshold_minutes", "out_of_range");
    }
}

#[test]
fn a_threshold_that_is_no_whole_number_is_refused_a1() {
    let desk = Desk::start();
    for wrong in [json!("60"), json!(60.5), json!(null), json!([60]), json!({}), json!(true)] {
        let document = set(closing_after(60, &ALL), "/auto_close/threshold_minutes", wrong);
        desk.put(PATH, &document).refuses_field("auto_close.threshold_minutes");
    }
    let huge = closing_after(60, &ALL).to_string().replace(":60", ":1e300");
    let answer = desk.send("PUT", PATH, &[("content-type", "application/json")], Some(huge.as_bytes()));
    answer.refuses_field("auto_close.threshold_minutes");
}

#[test]
fn the_threshold_is_checked_even_while_auto_close_is_off_a1() {
    let desk = Desk::start();
    let document = set(policy(), "/auto_close/threshold_minutes", json!(59));
    desk.put(PATH, &document).refuses("auto_close.threshold_minutes", "out_of_range");
}

#[test]
fn every_non_empty_set_of_the_three_statuses_is_accepted_a1() {
    let desk = Desk::start();
    for mask in 1_usize..8 {
        let chosen: Vec<&str> =
            ALL.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect();
        let settings = desk.set_policy(&closing_after(60, &chosen));
        let mut held: Vec<&str> =
            settings["auto_close"]["statuses"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        held.sort_unstable();
        let mut asked = chosen.clone();
        asked.sort_unstable();
        assert_eq!(held, asked);
    }
}

#[test]
fn an_empty_unknown_doubled_or_closed_status_is_refused_a1() {
    let desk = Desk::start();
    let put = |statuses: Value| desk.put(PATH, &set(policy(), "/auto_close/statuses", statuses));
    for wrong in [
        json!([]),
        json!(["closed"]),
        json!(["open", "closed"]),
        json!(["sleeping"]),
        json!(["Open"]),
        json!([""]),
        json!(["open", "open"]),
        json!("open"),
        json!(null),
        json!([1]),
        json!([null]),
        json!({"open": true}),
    ] {
        put(wrong).refuses_field("auto_close.statuses");
    }
}

#[test]
fn the_reopen_window_runs_from_one_hour_to_ninety_days_inclusive_r1() {
    let desk = Desk::start();
    for minutes in [60, 5760, 129_599, 129_600] {
        let settings = desk.set_policy(&set(policy(), "/auto_reopen/window_minutes", json!(minutes)));
        assert_eq!(settings["auto_reopen"]["window_minutes"], minutes);
    }
    for minutes in [-1, 0, 59, 129_601, i64::MAX] {
        desk.put(PATH, &set(policy(), "/auto_reopen/window_minutes", json!(minutes)))
            .refuses("auto_reopen.window_minutes", "out_of_range");
    }
}

#[test]
fn a_refusal_lists_every_invalid_field_at_once_a1() {
    let desk = Desk::start();
    let mut document = closing_after(59, &["closed"]);
    document["auto_reopen"]["window_minutes"] = json!(1);
    document["auto_reopen"]["enabled"] = json!("yes");
    document["auto_close"]["colour"] = json!("blue");
    let answer = desk.put(PATH, &document);
    answer.refuses("auto_close.threshold_minutes", "out_of_range");
    answer.refuses_field("auto_close.statuses");
    answer.refuses("auto_reopen.window_minutes", "out_of_range");
    answer.refuses("auto_reopen.enabled", "wrong_type");
    answer.refuses("auto_close.colour", "unknown_field");
}

#[test]
fn the_whole_document_is_required_a1() {
    let desk = Desk::start();
    for pointer in [
        "/auto_close/enabled",
        "/auto_close/threshold_minutes",
        "/auto_close/statuses",
        "/auto_reopen/enabled",
        "/auto_reopen/window_minutes",
    ] {
        let mut document = closing_after(60, &ALL);
        let (section, field) = pointer[1..].split_once('/').expect("two parts");
        document[section].as_object_mut().expect("an object").remove(field);
        desk.put(PATH, &document).refuses(&format!("{section}.{field}"), "required");
    }
    let answer = desk.put(PATH, &json!({}));
    answer.refuses_field("auto_close");
    answer.refuses_field("auto_reopen");
}

#[test]
fn settings_that_are_not_built_yet_are_refused_not_ignored() {
    let desk = Desk::start();
    let later = [
        ("skip_when_customer_waits", json!(true)),
        ("exempt_tags", json!(["vip"])),
        ("warning", json!({"before_minutes": 60, "text": "Still there?"})),
        ("closing_message", json!("Goodbye")),
        ("business_hours", json!({"time_zone": "Europe/Berlin"})),
    ];
    for (field, value) in later {
        let document = set(closing_after(60, &ALL), &format!("/auto_close/{field}"), value);
        desk.put(PATH, &document).refuses_field(&format!("auto_close.{field}"));
    }
}

#[test]
fn a_refused_change_changes_nothing_and_leaves_no_trace_a1_t2() {
    let desk = Desk::start();
    desk.auto_close(120);
    let (settings, trail) = (desk.settings(), desk.audit().len());
    desk.put(PATH, &closing_after(59, &ALL)).invalid();
    let mut mixed = closing_after(60, &ALL);
    mixed["auto_reopen"]["window_minutes"] = json!(59);
    desk.put(PATH, &mixed).invalid();
    assert_eq!(desk.settings(), settings);
    assert_eq!(desk.audit().len(), trail);
}

#[test]
fn only_who_may_manage_case_settings_changes_them_a2_r1() {
    let desk = Desk::start();
    for role in ["agent", "viewer"] {
        let member = desk.member("Ada", role);
        member.get(PATH).expect(200);
        member.put(PATH, &closing_after(60, &ALL)).problem(403, "permission_required");
        desk.api(role).put(PATH, &closing_after(60, &ALL)).problem(403, "permission_required");
    }
    assert_eq!(desk.settings()["auto_close"]["enabled"], false);
    for role in ["care_manager", "owner"] {
        let member = desk.member("Bea", role);
        member.put(PATH, &closing_after(60, &ALL)).expect(200);
        member.put(PATH, &policy()).expect(200);
    }
}

#[test]
fn the_two_refusals_are_told_apart_and_permission_comes_first_a2() {
    let desk = Desk::start();
    let agent = desk.member("Ada", "agent");
    for plan in ["standard", "professional"] {
        desk.plan(plan);
        desk.put(PATH, &closing_after(60, &ALL)).problem(403, "plan_required");
        agent.put(PATH, &closing_after(60, &ALL)).problem(403, "permission_required");
    }
    for plan in ["advanced", "enterprise"] {
        desk.plan(plan);
        desk.put(PATH, &closing_after(60, &ALL)).expect(200);
    }
}

#[test]
fn editing_threshold_or_statuses_leaves_enabled_at_alone_a3() {
    let desk = Desk::start();
    let first = desk.auto_close(60);
    assert_eq!(moment(&first["enabled_at"]), desk.now());
    desk.advance_minutes(5);
    for document in [closing_after(600, &ALL), closing_after(600, &["open"]), closing_after(600, &["open"])] {
        assert_eq!(desk.set_policy(&document)["enabled_at"], first["enabled_at"]);
    }
    let reopen = set(closing_after(600, &["open"]), "/auto_reopen/enabled", json!(false));
    assert_eq!(desk.set_policy(&reopen)["enabled_at"], first["enabled_at"]);
}

#[test]
fn off_and_on_again_starts_over_a3() {
    let desk = Desk::start();
    let first = desk.auto_close(60);
    desk.advance_minutes(5);
    assert_eq!(desk.set_policy(&policy())["in_effect"], false);
    desk.advance_minutes(5);
    let second = desk.auto_close(60);
    assert_ne!(second["enabled_at"], first["enabled_at"]);
    assert_eq!(moment(&second["enabled_at"]), desk.now());
}

#[test]
fn the_version_of_the_settings_grows_with_each_change_a1() {
    let desk = Desk::start();
    let version = |settings: &Value| settings["version"].as_i64().expect("a version");
    let first = version(&desk.settings());
    let second = version(&desk.auto_close(60));
    let third = version(&desk.auto_close(90));
    assert!(first < second && second < third, "{first} {second} {third}");
}
