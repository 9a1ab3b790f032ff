//! The filters and sorts of `GET /v1/cases`, each held against a brute-force expectation over a varied desk.

use crate::support::cases::number;
use crate::support::policy::closing_after;
use crate::support::{Desk, Member, encode, inbound, millis_after, moment, written};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Forty cases that differ in everything a filter looks at.
struct Varied {
    desk: Desk,
    ada: Member,
    bea: Member,
    queue: String,
    email: String,
    cases: Vec<Value>,
}

const STATUSES: [&str; 4] = ["open", "in_progress", "on_hold", "closed"];
const TYPES: [&str; 5] = ["general", "support", "question", "feedback", "lead"];
const PRIORITIES: [&str; 5] = ["critical", "high", "medium", "low", "none"];

fn varied() -> Varied {
    let desk = Desk::start();
    desk.set_policy(&closing_after(2_880, &["open", "in_progress"]));
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let queue = desk.queue("manual", &[&ada]);
    let email = desk.channel_into(&queue, "email");
    let sleeper = desk.case_of("sleeper");
    desk.assign(sleeper, &ada.id);
    desk.advance_minutes(2_880);
    assert!(desk.is_closed(sleeper));
    for turn in 0..39 {
        desk.advance(61 + turn as i64 % 3);
        let channel = if turn % 3 == 0 { &email } else { &desk.channel };
        let words = format!("Parcel {turn} {}", if turn % 7 == 0 { "zebra" } else { "horse" });
        let message = inbound(channel, &format!("customer{}", turn % 6)).conversation(&format!("t{turn}")).text(&words);
        let case = number(&desk.receive(&message)["case"]);
        let tags: &[&str] = [&["vip"][..], &["vip", "late"], &[]][turn % 3];
        let mut change = json!({"type": TYPES[turn % 5], "priority": PRIORITIES[turn / 3 % 5], "tags": tags});
        if turn % 4 != 0 {
            change["assignee"] = json!(if turn % 4 == 1 { &ada.id } else { &bea.id });
        }
        desk.change(case, &change);
        match (STATUSES[turn / 2 % 4], turn % 2) {
            ("closed", 0) => drop(desk.api("agent").close(case)),
            (status, _) => drop(desk.status(case, status)),
        }
    }
    let cases = desk.all("/v1/cases?limit=100");
    assert_eq!(cases.len(), 40);
    Varied { desk, ada, bea, queue, email, cases }
}

impl Varied {
    /// Holds that a query finds exactly the cases that the predicate picks, and that it picks some but not all.
    #[track_caller]
    fn assert_finds(&self, query: &str, picks: impl Fn(&Value) -> bool) {
        let expected: BTreeSet<i64> = self.cases.iter().filter(|case| picks(case)).map(number).collect();
        assert!(!expected.is_empty() && expected.len() < self.cases.len(), "{query} tells nothing: {expected:?}");
        for limit in [100, 4] {
            let found: Vec<i64> =
                self.desk.all(&format!("/v1/cases?{query}&limit={limit}")).iter().map(number).collect();
            assert_eq!(found.len(), expected.len(), "{query}: {found:?}");
            assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{query}");
        }
    }
}

#[test]
fn filters_by_status_queue_channel_and_network() {
    let varied = varied();
    for status in STATUSES {
        varied.assert_finds(&format!("status={status}"), |case| case["status"] == status);
    }
    varied.assert_finds("status=open,on_hold", |case| case["status"] == "open" || case["status"] == "on_hold");
    varied.assert_finds("status=closed,in_progress,open", |case| case["status"] != "on_hold");
    let (queue, email) = (&varied.queue, &varied.email);
    varied.assert_finds(&format!("queue={queue}"), |case| case["queue"] == queue.as_str());
    varied.assert_finds(&format!("channel={email}"), |case| case["channel"] == email.as_str());
    varied.assert_finds("network=email", |case| case["network"] == "email");
    assert_eq!(varied.desk.all("/v1/cases?network=tiktok").len(), 0);
}

#[test]
fn filters_by_assignee_me_and_none() {
    let varied = varied();
    let (ada, bea) = (&varied.ada, &varied.bea);
    varied.assert_finds(&format!("assignee={}", ada.id), |case| case["assignee"] == ada.id.as_str());
    varied.assert_finds(&format!("assignee={}", bea.id), |case| case["assignee"] == bea.id.as_str());
    varied.assert_finds("assignee=none", |case| case["assignee"].is_null());
    let mine: BTreeSet<i64> = ada.all("/v1/cases?assignee=me&limit=3").iter().map(number).collect();
    let theirs: BTreeSet<i64> = varied.desk.all(&format!("/v1/cases?assignee={}", ada.id)).iter().map(number).collect();
    assert_eq!(mine, theirs);
    assert_eq!(varied.desk.all("/v1/cases?assignee=me").len(), 0, "the owner has none");
}

#[test]
fn filters_by_priority_type_tag_and_customer() {
    let varied = varied();
    for priority in PRIORITIES {
        varied.assert_finds(&format!("priority={priority}"), |case| case["priority"] == priority);
    }
    for kind in TYPES {
        varied.assert_finds(&format!("type={kind}"), |case| case["type"] == kind);
    }
    for tag in ["vip", "late"] {
        varied.assert_finds(&format!("tag={tag}"), |case| case["tags"].as_array().expect("tags").contains(&json!(tag)));
    }
    assert_eq!(varied.desk.all("/v1/cases?tag=vi").len(), 0, "a tag is a whole word");
    let customer = varied.cases[0]["customer"]["id"].as_str().expect("an id").to_owned();
    varied.assert_finds(&format!("customer={customer}"), |case| case["customer"]["id"] == customer.as_str());
}

#[test]
fn filters_by_words() {
    let varied = varied();
    let has = |case: &Value, word: &str| case["title"].as_str().expect("a title").contains(word);
    varied.assert_finds("q=zebra", |case| has(case, "zebra"));
    varied.assert_finds("q=horse", |case| has(case, "horse"));
    assert_eq!(varied.desk.all("/v1/cases?q=unheardof").len(), 0);
}

#[test]
fn filters_by_time_of_closing_and_reason() {
    let varied = varied();
    let mut deadlines: Vec<_> = varied
        .cases
        .iter()
        .filter(|case| !case["closes_at"].is_null())
        .map(|case| moment(&case["closes_at"]))
        .collect();
    deadlines.sort();
    let middle = millis_after(deadlines[deadlines.len() / 2], 1);
    varied.assert_finds(&format!("closing_before={}", encode(&written(middle))), |case| {
        !case["closes_at"].is_null() && moment(&case["closes_at"]) < middle
    });
    for reason in ["inactivity", "manual", "api"] {
        varied.assert_finds(&format!("closed_reason={reason}"), |case| case["closure"]["reason"] == reason);
    }
}

#[test]
fn filters_by_what_was_updated_after_a_moment() {
    let varied = varied();
    let desk = &varied.desk;
    let since = desk.now();
    desk.advance(60);
    let touched: Vec<i64> = [0, 7, 11, 20].iter().map(|at| number(&varied.cases[*at])).collect();
    desk.change(touched[0], &json!({"title": "Renamed"}));
    desk.change(touched[1], &json!({"tags": ["new"]}));
    desk.reply(touched[2], "Hello");
    desk.change(touched[3], &json!({"queue": desk.queue("manual", &[])}));
    let found: BTreeSet<i64> =
        desk.all(&format!("/v1/cases?updated_after={}&limit=2", encode(&written(since)))).iter().map(number).collect();
    assert_eq!(found, touched.into_iter().collect());
}

#[test]
fn an_auto_close_is_an_update() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance_minutes(59);
    let since = encode(&written(desk.now()));
    desk.advance_minutes(1);
    let found = desk.all(&format!("/v1/cases?updated_after={since}"));
    assert_eq!(found.iter().map(number).collect::<Vec<_>>(), [case]);
}

#[test]
fn filters_join_by_and() {
    let varied = varied();
    let queue = &varied.queue;
    varied.assert_finds(&format!("queue={queue}&status=open,closed&tag=vip"), |case| {
        case["queue"] == queue.as_str()
            && (case["status"] == "open" || case["status"] == "closed")
            && case["tags"].to_string().contains("vip")
    });
    varied.assert_finds("assignee=none&network=x&q=horse", |case| {
        case["assignee"].is_null()
            && case["network"] == "x"
            && case["title"].as_str().expect("a title").contains("horse")
    });
}

#[test]
fn sorts_by_each_key_in_both_directions() {
    let varied = varied();
    for key in ["last_activity_at", "created_at", "closes_at", "number"] {
        for (sign, descending) in [("", false), ("-", true)] {
            let query = format!("/v1/cases?sort={sign}{key}");
            let found = varied.desk.all(&format!("{query}&limit=6"));
            assert_eq!(
                found,
                varied.desk.all(&format!("{query}&limit=100")),
                "the page size does not change the order"
            );
            assert_eq!(found.len(), varied.cases.len());
            assert_eq!(found.iter().map(number).collect::<BTreeSet<_>>().len(), varied.cases.len());
            let keys: Vec<String> = found
                .iter()
                .filter(|case| !case[key].is_null())
                .map(|case| match &case[key] {
                    Value::String(time) => time.clone(),
                    number => format!("{:>9}", number.as_i64().expect("a number")),
                })
                .collect();
            assert!(keys.len() > 5);
            assert!(if descending { keys.is_sorted_by(|a, b| a >= b) } else { keys.is_sorted() }, "{query}: {keys:?}");
            let switches = found.windows(2).filter(|pair| pair[0][key].is_null() != pair[1][key].is_null()).count();
            assert!(switches <= 1, "cases without {key} stand together: {query}");
        }
    }
    let unsaid = varied.desk.all("/v1/cases");
    assert_eq!(unsaid, varied.desk.all("/v1/cases?sort=-last_activity_at"), "the default");
}

#[test]
fn a_case_in_a_list_is_the_case_itself() {
    let varied = varied();
    for case in &varied.cases {
        assert_eq!(varied.desk.case(number(case)), *case);
    }
}

#[test]
fn values_that_no_filter_knows_are_refused_by_name() {
    let desk = Desk::start();
    for (parameter, value) in [
        ("status", "asleep"),
        ("status", "open,asleep"),
        ("network", "fax"),
        ("priority", "urgent"),
        ("type", "complaint"),
        ("closed_reason", "boredom"),
        ("sort", "colour"),
        ("sort", "--number"),
        ("sort", "title"),
    ] {
        desk.get(&format!("/v1/cases?{parameter}={value}")).refuses(parameter, "unknown_value");
    }
    let answer = desk.get("/v1/cases?status=asleep&limit=0&sort=colour&colour=blue");
    for field in ["status", "limit", "sort", "colour"] {
        answer.refuses_field(field);
    }
    for (parameter, value) in [
        ("queue", "que_0000000000000"),
        ("channel", "nonsense"),
        ("customer", "cus_0000000000000"),
        ("assignee", "agt_0000000000000"),
    ] {
        let answer = desk.get(&format!("/v1/cases?{parameter}={value}"));
        assert!([200, 422].contains(&answer.status), "{parameter}: {}", answer.status);
        assert!(answer.status == 422 || answer.json()["data"] == json!([]), "an unknown id finds nothing");
    }
}

#[test]
fn endless_filters_are_refused_or_cost_nothing() {
    let desk = Desk::start();
    let case = desk.open_case();
    desk.get(&format!("/v1/cases?tag={}", "a".repeat(5_000))).refuses("tag", "too_long");
    desk.get(&format!("/v1/cases?q={}", "a".repeat(5_000))).refuses("q", "too_long");
    let many = vec!["open"; 900].join(",");
    let found = desk.get(&format!("/v1/cases?status={many}")).expect(200);
    assert_eq!(found["data"][0]["number"], case);
}
