//! `GET /v1/auto-close/advice`: which threshold the workspace's own history speaks for (X9).

use crate::support::desk::Place;
use crate::support::desk::id;
use crate::support::message::unique;
use crate::support::policy::{ALL, closing_after, set};
use crate::support::process::{lull, run};
use crate::support::{Desk, encode, moment, outbound, written};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

const ADVICE: &str = "/v1/auto-close/advice";
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/conversations.jsonl");

#[track_caller]
fn advice(desk: &Desk, query: &str) -> Value {
    desk.get(&format!("{ADVICE}?{query}")).expect(200)
}

#[track_caller]
fn row(advice: &Value, minutes: i64) -> Value {
    let rows = advice["thresholds"].as_array().expect("a list");
    rows.iter()
        .find(|row| row["threshold_minutes"] == minutes)
        .unwrap_or_else(|| panic!("no {minutes}: {advice}"))
        .clone()
}

/// The part of a row that counts closes.
fn counts(row: &Value) -> [i64; 6] {
    ["closes", "decided_closes", "wrong_closes", "follow_ups", "reopened_by_hand", "closes_while_customer_waited"]
        .map(|name| row[name].as_i64().unwrap_or_else(|| panic!("no {name}: {row}")))
}

#[test]
fn an_empty_desk_gets_the_whole_answer_and_no_recommendation_x9() {
    let desk = Desk::start();
    let said = advice(&desk, "");
    assert_eq!(said["survival"], json!([]));
    assert_eq!(said["thresholds"].as_array().map(Vec::len), Some(15));
    assert_eq!(counts(&row(&said, 60)), [0; 6]);
    assert_eq!(row(&said, 60)["wrong_close_rate"], Value::Null);
    assert_eq!(row(&said, 60)["average_handle_time_seconds"], Value::Null);
    let recommended = &said["recommended"];
    assert_eq!((&recommended["threshold_minutes"], &recommended["least_closes"]), (&Value::Null, &json!(73)));
    assert!(recommended["reason"].as_str().is_some_and(|why| why.contains("too small")), "{recommended}");
    assert_eq!(said["current"], json!({"threshold_minutes": 1440, "statuses": ALL, "in_effect": false}));
    assert_eq!((&said["window_minutes"], &said["wrong_close_rate"]), (&json!(5760), &json!(0.05)));
    assert_eq!(said["as_of"], written(desk.now()));
    let span = moment(&said["to"]).duration_since(moment(&said["from"]));
    assert_eq!(span.as_hours(), 90 * 24, "the last 90 days");
}

/// One case answered after 30 h, one after 200 h, one closed by hand after 10 h, with auto close off all the time.
#[test]
fn each_threshold_says_what_it_would_have_done_x9() {
    let desk = Desk::start();
    let (ada, bea) = (unique("ada"), unique("bea"));
    let first = desk.case_of(&ada);
    desk.case_of(&bea);
    let third = desk.open_case();
    desk.receive(&outbound(&desk.channel, &bea));
    desk.advance_minutes(10 * 60);
    desk.close(third);
    desk.advance_minutes(20 * 60);
    assert_eq!(desk.writes_again(&ada)["outcome"], "appended");
    desk.reply(first, "Here it is.");
    desk.advance_minutes(170 * 60);
    desk.writes_again(&bea);
    desk.advance_minutes(400 * 60);
    let said = advice(&desk, "");
    // Closes: ada's at 24 h and 54 h, bea's at 24 h and 224 h; the third was closed by hand before.
    let day = row(&said, 1_440);
    assert_eq!(counts(&day), [4, 4, 1, 1, 0, 2]);
    assert_eq!(day["wrong_close_rate"], 0.25);
    let open = 24.0 + 24.0 + 24.0 + 24.0 + 10.0;
    assert_eq!(day["open_hours"], open);
    // Two cases open for 600 h each, and one for 10 h.
    assert_eq!(said["as_it_was"], json!({"closes": 1, "average_handle_time_seconds": 36_000.0, "open_hours": 1_210.0}));
    assert_eq!(day["open_hours_saved"], 1_210.0 - open);
    assert_eq!(day["average_handle_time_seconds"], open * 3_600.0 / 5.0);
    // An hour: ada's at 1 h and 31 h, bea's at 1 h and 201 h, the third at 1 h, which the close by hand finds closed.
    assert_eq!(counts(&row(&said, 60)), [5, 5, 1, 1, 0, 3]);
    // Seven days are 168 h: bea's answer after 200 h comes within the window of that close.
    assert_eq!(counts(&row(&said, 10_080)), [3, 3, 1, 0, 0, 1]);
    assert_eq!(
        said["looked_at"],
        json!({"cases": 3, "continued": 0, "cut": false, "oldest": said["looked_at"]["oldest"],
        "reply_gaps": 7, "replies": 2})
    );
    assert!(!desk.is_closed(first), "nothing was done");
}

/// A3 and C4: whatever the engine did under the settings of that time, another threshold is judged by what people did.
#[test]
fn what_the_engine_closed_in_fact_does_not_hide_what_another_threshold_would_have_done_x9() {
    let desk = Desk::start();
    desk.auto_close(60);
    let ada = unique("ada");
    desk.case_of(&ada);
    desk.advance_minutes(30 * 60);
    assert_eq!(desk.writes_again(&ada)["outcome"], "reopened");
    desk.advance_minutes(200 * 60);
    let late = desk.writes_again(&ada);
    assert_eq!(late["outcome"], "follow_up");
    desk.advance_minutes(100 * 60);
    let said = advice(&desk, "");
    assert_eq!(said["current"], json!({"threshold_minutes": 60, "statuses": ALL, "in_effect": true}));
    // The follow-up is the same history: 1 h, 31 h, 231 h.
    assert_eq!(counts(&row(&said, 60)), [3, 3, 1, 1, 0, 3]);
    // Under a week and a day's threshold the answers would have met an open case.
    assert_eq!(counts(&row(&said, 14_400)), [0; 6]);
    assert_eq!(counts(&row(&said, 2_160)), [2, 1, 0, 1, 0, 2]);
    assert_eq!(
        said["survival"],
        json!([
            {"after_seconds": 108_000.0, "survival": 2.0 / 3.0, "at_risk": 3, "events": 1},
            {"after_seconds": 720_000.0, "survival": 0.0, "at_risk": 1, "events": 1},
        ])
    );
}

#[test]
fn a_queue_is_judged_by_its_own_cases_and_settings_x9() {
    let desk = Desk::start();
    desk.set_policy(&set(closing_after(1_440, &["open"]), "/auto_reopen/window_minutes", json!(60)));
    let queue = desk.queue("manual", &[]);
    desk.put(
        &format!("/v1/queues/{queue}/lifecycle"),
        &json!({"auto_close": {"enabled": false, "threshold_minutes": 100, "statuses": ["on_hold"]}, "auto_reopen": {"window_minutes": 600}}),
    )
    .expect(200);
    let channel = desk.channel_into(&queue, "x");
    desk.case_on(&channel, &unique("ada"));
    desk.open_case();
    desk.open_case();
    desk.advance_minutes(3_000);
    let of_queue = advice(&desk, &format!("queue={queue}"));
    assert_eq!((&of_queue["queue"], &of_queue["looked_at"]["cases"]), (&json!(queue), &json!(1)));
    assert_eq!(of_queue["current"], json!({"threshold_minutes": 100, "statuses": ["on_hold"], "in_effect": false}));
    assert_eq!(of_queue["window_minutes"], 600);
    assert_eq!(counts(&row(&of_queue, 100)), [0; 6], "it is open, which this queue leaves alone");
    let all = advice(&desk, "");
    assert_eq!((&all["queue"], &all["looked_at"]["cases"]), (&Value::Null, &json!(3)));
    assert_eq!((&all["window_minutes"], counts(&row(&all, 1_440))[0]), (&json!(60), 3));
    assert_eq!(advice(&desk, "window_minutes=120")["window_minutes"], 120);
}

#[test]
fn a_period_takes_the_cases_created_in_it_x9() {
    let desk = Desk::start();
    let start = desk.now();
    for _ in 0..3 {
        desk.open_case();
        desk.advance_minutes(1_440);
    }
    let cases = |query: &str| advice(&desk, query)["looked_at"]["cases"].as_i64();
    let at = |hours: i64| encode(&written(crate::support::millis_after(start, hours * 3_600_000)));
    assert_eq!(cases(""), Some(3));
    assert_eq!(cases(&format!("from={}", at(24))), Some(2), "the first moment is included");
    assert_eq!(cases(&format!("to={}", at(24))), Some(1), "the last one is not");
    assert_eq!(cases(&format!("from={}&to={}", at(1), at(48))), Some(1));
    let date = start.to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow().expect("a day");
    let said = advice(&desk, &format!("from={date}"));
    let zone = desk.get("/v1/workspace").expect(200)["time_zone"].as_str().expect("a zone").to_owned();
    let midnight: Timestamp =
        date.to_zoned(jiff::tz::TimeZone::get(&zone).expect("a zone")).expect("a time").timestamp();
    assert_eq!(said["from"], written(midnight), "a date is its midnight in the workspace's zone");
}

/// 80 silent cases and eight that come back: the shortest threshold under the chosen rate, with an interval.
#[test]
fn the_recommendation_follows_the_chosen_rate_x9() {
    let desk = Desk::start();
    let answered: Vec<String> = (0..8).map(|_| unique("back")).collect();
    for customer in &answered {
        desk.case_of(customer);
    }
    for _ in 0..80 {
        desk.open_case();
    }
    desk.advance_minutes(90);
    for customer in &answered {
        desk.writes_again(customer);
    }
    desk.advance_minutes(60 * 24 * 60);
    let said = advice(&desk, "");
    assert_eq!(counts(&row(&said, 60)), [96, 96, 8, 0, 0, 96]);
    let strict = &said["recommended"];
    assert_eq!((&strict["threshold_minutes"], &strict["interval"]["low"]), (&json!(120), &json!(0.0)), "{strict}");
    assert_eq!((&strict["interval"]["method"], &strict["interval"]["confidence"]), (&json!("wilson"), &json!(0.95)));
    // 8 of 96 are 8.3 %.
    let lax = advice(&desk, "wrong_close_rate=0.1")["recommended"].clone();
    assert_eq!((&lax["threshold_minutes"], &lax["least_closes"]), (&json!(60), &json!(35)), "{lax}");
    assert!(lax["reason"].as_str().is_some_and(|why| why.contains("may be above 10 %")), "{lax}");
    let careful = advice(&desk, "wrong_close_rate=0.01")["recommended"].clone();
    assert_eq!((&careful["threshold_minutes"], &careful["least_closes"]), (&Value::Null, &json!(381)));
}

#[test]
fn every_fault_of_a_question_is_named_x9() {
    let desk = Desk::start();
    for (query, field, code) in [
        ("queue=General", "queue", "not_found"),
        ("queue=que_0000000000000", "queue", "not_found"),
        ("from=yesterday", "from", "invalid_time"),
        ("to=2026-13-01", "to", "invalid_time"),
        ("from=2026-02-01&to=2026-01-01", "from", "out_of_range"),
        ("from=2026-02-01&to=2026-02-01", "from", "out_of_range"),
        ("from=9999-01-01", "from", "out_of_range"),
        ("from=1926-01-01&to=2026-01-01", "from", "out_of_range"),
        ("from=1926-01-01", "from", "out_of_range"),
        ("wrong_close_rate=0", "wrong_close_rate", "out_of_range"),
        ("wrong_close_rate=0.51", "wrong_close_rate", "out_of_range"),
        ("wrong_close_rate=-0.05", "wrong_close_rate", "out_of_range"),
        ("wrong_close_rate=NaN", "wrong_close_rate", "out_of_range"),
        ("wrong_close_rate=inf", "wrong_close_rate", "out_of_range"),
        ("wrong_close_rate=5%25", "wrong_close_rate", "wrong_type"),
        ("window_minutes=59", "window_minutes", "out_of_range"),
        ("window_minutes=129601", "window_minutes", "out_of_range"),
        ("window_minutes=1.5", "window_minutes", "wrong_type"),
        ("window_minutes=60&window_minutes=61", "window_minutes", "duplicate"),
        ("threshold=60", "threshold", "unknown_parameter"),
    ] {
        desk.get(&format!("{ADVICE}?{query}")).refuses(field, code);
    }
    let many = desk.get(&format!("{ADVICE}?queue=x&from=x&to=x&wrong_close_rate=x&window_minutes=x&x=x")).invalid();
    assert_eq!(many.len(), 6, "{many:?}");
}

#[test]
fn whoever_reads_the_settings_reads_the_advice_and_nobody_else_s_x9() {
    let place = Place::new();
    let second = Desk::second_workspace(&place);
    let desk = place.open(&["--test-clock"]);
    desk.open_case();
    assert_eq!(desk.member("Vic", "viewer").get(ADVICE).expect(200)["looked_at"]["cases"], 1);
    desk.anonymous().get(ADVICE).problem(401, "unauthenticated");
    let other = desk.as_token(&second);
    assert_eq!(other.get(ADVICE).expect(200)["looked_at"]["cases"], 0);
    other.get(&format!("{ADVICE}?queue={}", desk.general)).refuses("queue", "not_found");
    // A plan that suspends auto close does not keep anybody from asking.
    desk.plan("standard");
    assert_eq!(desk.get(ADVICE).expect(200)["current"]["in_effect"], false);
    let own = id(&other.all("/v1/queues")[0]);
    assert_eq!(other.get(&format!("{ADVICE}?queue={own}")).expect(200)["looked_at"]["cases"], 0);
}

/// A gap in microseconds, and whether the customer ended it.
type Gap = (i64, bool);

/// The reply gaps of a conversation that nobody closed, from its lines alone. A message that stands in an earlier
/// conversation too is that one's (R7).
fn gaps(conversation: &Value, met: &mut HashSet<String>, as_of: Timestamp) -> Vec<Gap> {
    let messages = conversation["messages"].as_array().expect("messages").iter();
    let new = messages.filter(|message| met.insert(message["external_id"].to_string()));
    let mut told: Vec<_> = new.map(|message| (moment(&message["at"]), message["direction"] == "inbound")).collect();
    told.sort_by_key(|(at, _)| *at);
    told.push((as_of, false));
    told.windows(2).map(|pair| (pair[1].0.as_microsecond() - pair[0].0.as_microsecond(), pair[1].1)).collect()
}

#[test]
fn the_demo_s_conversations_have_the_curve_that_their_own_lines_give_x9() {
    let place = Place::new();
    run(lull(&["import", "--database", &place.database(), DATA]), "").succeeded();
    let desk = place.open(&["--test-clock"]);
    let said = advice(&desk, "from=2018-01-01&wrong_close_rate=0.05");
    let as_of = moment(&said["as_of"]);
    let text = std::fs::read_to_string(DATA).expect("the data is there");
    let conversations = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut met = HashSet::new();
    let gaps: Vec<Gap> = conversations.flat_map(|conversation| gaps(&conversation, &mut met, as_of)).collect();
    let replies = gaps.iter().filter(|(_, replied)| *replied).count();
    assert_eq!(said["looked_at"]["cases"], 524, "one of the 525 conversations stands in another as a whole");
    assert_eq!(
        (&said["looked_at"]["reply_gaps"], &said["looked_at"]["replies"]),
        (&json!(gaps.len()), &json!(replies))
    );
    let points = said["survival"].as_array().expect("a list");
    assert!((50..=500).contains(&points.len()), "{}", points.len());
    // The product over all shorter lengths, counted anew for each.
    let mut lengths: Vec<i64> = gaps.iter().filter(|(_, replied)| *replied).map(|(length, _)| *length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let count = |keep: &dyn Fn(&Gap) -> bool| gaps.iter().filter(|gap| keep(gap)).count() as f64;
    let mut survival = 1.0;
    let mut met = 0;
    for length in lengths {
        let (at_risk, events) = (count(&|gap| gap.0 >= length), count(&|gap| *gap == (length, true)));
        survival *= 1.0 - events / at_risk;
        let Some(point) = points.iter().find(|point| point["after_seconds"] == length as f64 / 1e6) else { continue };
        assert_eq!((point["at_risk"].as_f64(), point["events"].as_f64()), (Some(at_risk), Some(events)));
        assert!((point["survival"].as_f64().expect("a number") - survival).abs() < 1e-9, "{point} is not {survival}");
        met += 1;
    }
    assert_eq!(met, points.len(), "every point is a step of the curve");
    assert!(said["recommended"]["threshold_minutes"].is_i64(), "{}", said["recommended"]);
}
