//! The reports over HTTP and the command that counts anew.

use crate::support::desk::Place;
use crate::support::process::{lull, run};
use crate::support::{Answer, Desk, inbound, moment, written};
use serde_json::{Value, json};

/// A period that holds everything these tests do: the days around now.
fn around(desk: &Desk) -> String {
    let day = jiff::SignedDuration::from_hours(24 * 20);
    let (from, to) = (desk.now() - day, desk.now() + day);
    format!("from={}&to={}", written(from), written(to))
}

#[track_caller]
fn report(desk: &Desk, query: &str) -> Value {
    desk.get(&format!("/v1/reports/cases?{query}")).expect(200)
}

#[track_caller]
fn group<'a>(report: &'a Value, key: &Value) -> &'a Value {
    let groups = report["groups"].as_array().expect("groups");
    groups.iter().find(|group| group["key"] == *key).unwrap_or_else(|| panic!("no group {key}: {report}"))
}

/// The fields that a refused question names, with their codes.
#[track_caller]
fn faults(answer: Answer) -> Vec<(String, String)> {
    let problem = answer.expect(422);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let errors = problem["errors"].as_array().expect("errors");
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[test]
fn headline_figures_hold_auto_closes_and_tell_the_reasons_apart_m3_m10() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    let (silent, by_hand, by_program, open) = (desk.open_case(), desk.open_case(), desk.open_case(), desk.open_case());
    for case in [silent, by_hand] {
        desk.assign(case, &ada.id);
    }
    desk.advance_minutes(30);
    ada.reply(open, "One moment.");
    ada.close(by_hand);
    desk.api("agent").close(by_program);
    desk.advance_minutes(30);
    let report = report(&desk, &format!("{}&group_by=agent&bucket=month", around(&desk)));
    let totals = &report["totals"];
    assert_eq!(totals["cases_opened"], 4);
    assert_eq!(totals["total_cases_closed"], 3);
    assert_eq!(totals["closed_by_reason"], json!({"manual": 1, "inactivity": 1, "api": 1}));
    assert_eq!(totals["same_period_cases_closed"], 3);
    assert_eq!(totals["case_completion_rate"], 0.75);
    // An hour, and twice half an hour; the silent case had no activity after its first message (M6, M7).
    assert_eq!(totals["average_handle_time_seconds"], 2_400.0);
    assert_eq!(totals["average_handle_time_without_idle_tail_seconds"], 1_200.0);
    assert_eq!(totals["average_first_reply_seconds"], 1_800.0);
    assert_eq!((&totals["cases_reopened"], &totals["reopen_rate"]), (&json!(0), &json!(0.0)));
    let of_ada = group(&report, &json!(ada.id));
    assert_eq!(of_ada["name"], "Ada");
    assert_eq!((&of_ada["total_cases_closed"], &of_ada["case_completion_rate"]), (&json!(2), &json!(1.0)));
    // Nobody is credited with what a program closed, and nobody has the open one (M11).
    let nobodys = group(&report, &Value::Null);
    assert_eq!((&nobodys["cases_opened"], &nobodys["total_cases_closed"]), (&json!(2), &json!(1)));
    let closed: i64 = report["series"]
        .as_array()
        .expect("a series")
        .iter()
        .map(|s| s["total_cases_closed"].as_i64().expect("a number"))
        .sum();
    assert_eq!(closed, 3);
    assert!(moment(&report["as_of"]) >= desk.now());
}

/// What the picture of the week's hours says.
#[track_caller]
fn hours(desk: &Desk, cookie: &str, query: &str) -> String {
    let path = format!("/reports/overview/inbound-by-hour.svg?period=7d&{query}");
    let picture = desk.anonymous().send("GET", &path, &[("cookie", cookie)], None).text().to_owned();
    let said = picture.split("<desc>").nth(1).and_then(|rest| rest.split("</desc>").next());
    said.unwrap_or_else(|| panic!("a described picture: {picture}")).to_owned()
}

#[test]
fn customers_messages_by_hour_are_those_of_cases_that_were_as_filtered_when_they_came() {
    let desk = Desk::start();
    let cookie = desk.session(&desk.owner_id());
    let writes =
        |customer: &str| crate::support::cases::number(&desk.receive(&inbound(&desk.channel, customer))["case"]);
    let (one, _) = (writes("ada"), writes("grace"));
    desk.advance_minutes(1);
    desk.patch(&format!("/v1/cases/{one}"), &json!({"priority": "high", "tags": ["late"]})).expect(200);
    desk.advance_minutes(1);
    (0..3).for_each(|_| assert_eq!(writes("ada"), one));
    for (query, messages) in [("", 5), ("priority=medium", 2), ("priority=high", 3), ("tag=late", 3), ("agent=none", 5)]
    {
        let said = hours(&desk, &cookie, query);
        assert!(said.starts_with(&format!("{messages} messages; ")), "{query}: {said}");
    }
    assert_eq!(hours(&desk, &cookie, "priority=low"), "No customer wrote.");
}

#[test]
fn a_reopening_counts_in_the_period_it_happens_and_marks_the_closure_m8() {
    let desk = Desk::start();
    let case = desk.closed_case("cora", None);
    let before = desk.now();
    desk.advance_minutes(90);
    desk.writes_again("cora");
    desk.advance_minutes(1);
    let figures = |from: String, to: String| report(&desk, &format!("from={from}&to={to}"))["totals"].clone();
    let (start, after) = (written(before - jiff::SignedDuration::from_hours(1)), written(desk.now()));
    let at_closing = figures(start.clone(), written(before + jiff::SignedDuration::from_mins(5)));
    assert_eq!((&at_closing["cases_reopened"], &at_closing["reopen_rate"]), (&json!(0), &json!(1.0)));
    assert_eq!(at_closing["same_period_cases_closed"], 1, "it was closed at the end of that period");
    let whole = figures(start, after);
    assert_eq!((&whole["cases_reopened"], &whole["same_period_cases_closed"]), (&json!(1), &json!(0)));
    assert!(!desk.is_closed(case));
}

#[test]
fn as_many_cases_stand_behind_a_figure_as_it_says_and_pages_hold_them_all() {
    let desk = Desk::start();
    let cases: Vec<_> = (0..5).map(|_| desk.open_case()).collect();
    cases[..3].iter().for_each(|case| drop(desk.close(*case)));
    let period = around(&desk);
    let behind = |figure| {
        let rows = desk.all(&format!("/v1/reports/cases/behind?figure={figure}&{period}&limit=2"));
        rows.iter().map(|row| row["number"].as_i64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(behind("total_cases_closed"), cases[..3]);
    assert_eq!(behind("cases_opened").len(), 5);
    assert_eq!(behind("cases_reopened"), Vec::<i64>::new());
    let wrong = desk.get(&format!("/v1/reports/cases/behind?figure=happiness&{period}"));
    assert_eq!(faults(wrong), [("figure".to_owned(), "unknown_value".to_owned())]);
    let closed = desk.get(&format!("/v1/reports/cases/behind?{period}")).expect(200);
    assert_eq!(closed["data"].as_array().map(Vec::len), Some(3), "the closings, if no figure is named");
}

#[test]
fn bad_questions_are_refused_with_all_their_faults() {
    let desk = Desk::start();
    let ask = |query: &str| faults(desk.get(&format!("/v1/reports/cases?{query}")));
    let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    let (day, other) = ("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z");
    assert_eq!(ask(&format!("from={day}&to={other}")), [fault("from", "out_of_range")]);
    assert_eq!(ask(&format!("from={day}&to={day}")), [fault("from", "out_of_range")]);
    assert_eq!(ask("from=1926-01-01&to=2026-01-01"), [fault("to", "out_of_range")]);
    assert_eq!(ask("from=2024-01-01&to=2026-01-01&bucket=hour"), [fault("bucket", "out_of_range")]);
    assert_eq!(ask("group_by=mood"), [fault("group_by", "unknown_value")]);
    assert_eq!(
        ask("bucket=decade&colour=red"),
        [fault("bucket", "unknown_value"), fault("colour", "unknown_parameter")]
    );
    let many = ask("from=yesterday&to=2026-02-31&queue=que_1&priority=huge&closed_reason=boredom");
    let names: Vec<_> = many.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["to", "from", "queue", "priority", "closed_reason"]);
    // The calendar's end is no reason to fall over.
    assert_eq!(ask("from=9995-01-01&to=9999-12-30&bucket=hour"), [fault("bucket", "out_of_range")]);
    desk.get("/v1/reports/cases?from=9999-12-28&to=9999-12-30&bucket=hour").expect(200);
    desk.get("/v1/reports/cases?from=9999-12-28&to=9999-12-31T23:59:59Z&bucket=month").expect(200);
}

#[test]
fn dates_are_midnights_of_the_workspaces_zone_and_buckets_its_days() {
    let desk = Desk::start();
    desk.patch("/v1/workspace", &json!({"time_zone": "America/New_York"})).expect(200);
    let report = report(&desk, "from=2026-10-31&to=2026-11-03&bucket=day");
    assert_eq!(
        (&report["from"], &report["to"]),
        (&json!("2026-10-31T04:00:00.000Z"), &json!("2026-11-03T05:00:00.000Z"))
    );
    assert_eq!(report["time_zone"], "America/New_York");
    let starts: Vec<_> = report["series"].as_array().expect("days").iter().map(|day| day["from"].clone()).collect();
    // Clocks are put back in the night to the first of November.
    assert_eq!(starts, ["2026-10-31T04:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"]);
    let hours = self::report(&desk, "from=2026-11-01&to=2026-11-02&bucket=hour");
    assert_eq!(hours["series"].as_array().expect("hours").len(), 25);
}

#[test]
fn another_time_zone_counts_by_its_own_days_at_once() {
    let desk = Desk::start();
    desk.close(desk.open_case());
    let days = |desk: &Desk| {
        let report = report(desk, &format!("{}&bucket=day", around(desk)));
        let days = report["series"].as_array().expect("days").clone();
        days.into_iter().find(|day| day["total_cases_closed"] == 1).expect("the day of the closing")["from"].clone()
    };
    let before = moment(&days(&desk));
    desk.patch("/v1/workspace", &json!({"time_zone": "Asia/Kathmandu"})).expect(200);
    let after = moment(&days(&desk));
    assert_eq!(before.as_second() % 86_400, 0);
    assert_eq!(after.as_second().rem_euclid(86_400), 86_400 - 20_700, "midnight there is 18:15 the day before");
}

#[test]
fn the_csv_holds_what_the_answer_holds() {
    let desk = Desk::start();
    let ada = desk.agent("=Ada, \"the\" first", None);
    let case = desk.open_case();
    desk.assign(case, &ada.id);
    ada.close(case);
    let path = format!("/v1/reports/cases?{}&group_by=agent", around(&desk));
    let answer = desk.send("GET", &path, &[("accept", "text/csv")], None);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = answer.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a head").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 1);
    let cell = |name: &str| rows[0].get(columns.iter().position(|c| c == name).expect("a column")).expect("a cell");
    assert_eq!((cell("key"), cell("name")), (ada.id.as_str(), "'=Ada, \"the\" first"));
    assert_eq!((cell("total_cases_closed"), cell("closed_manual"), cell("case_completion_rate")), ("1", "1", "1"));
    assert_eq!(cell("average_first_reply_seconds"), "", "of nothing there is no mean");
}

#[test]
fn a_workspace_sees_its_own_figures_alone_and_everybody_in_it_may() {
    let place = Place::new();
    let stranger = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    desk.open_case();
    let path = format!("/v1/reports/cases?{}", around(&desk));
    let seen = |answer: Answer| answer.expect(200)["totals"]["cases_opened"].clone();
    assert_eq!(seen(desk.as_token(&stranger).get(&path)), 0);
    assert_eq!(seen(desk.member("Vera", "viewer").get(&path)), 1);
    desk.anonymous().get(&path).expect(401);
}

#[test]
fn counting_anew_from_the_command_line_changes_nothing() {
    let mut desk = Desk::start();
    desk.close(desk.open_case());
    desk.open_case();
    let path = format!("{}&group_by=type&bucket=week", around(&desk));
    let before = report(&desk, &path);
    desk.server.kill();
    let finished = run(lull(&["rebuild-reports", "--database", &desk.place.database()]), "").succeeded();
    assert_eq!(finished.stdout.trim(), "counted 2 cases anew");
    desk.restart(&["--test-clock"]);
    let after = report(&desk, &path);
    assert_eq!(
        (&after["totals"], &after["groups"], &after["series"]),
        (&before["totals"], &before["groups"], &before["series"])
    );
}
