//! `serve --demo`: a throw-away desk with one link, one token and a running story, through HTTP alone.

use crate::support::Client;
use crate::support::process::{Server, lull, run};
use crate::support::time::moment;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A demo of its own, whose temporary folder lies in the test's.
struct Demo {
    server: Server,
    client: Client,
    dir: tempfile::TempDir,
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = lull(arguments);
    command.current_dir(dir).env("TMPDIR", dir);
    command
}

/// Starts the demo in an empty directory and finds the token where it is printed: after `listening on`, within moments.
fn demo() -> Demo {
    let dir = tempfile::TempDir::new().expect("a directory");
    let server = Server::spawn(command(dir.path(), &["serve", "--demo", "--listen", "127.0.0.1:0"]));
    let server = server.expect("the demo starts");
    for _ in 0..20_000 {
        if let Some(token) = printed(&server.said(), "API token: ") {
            let client = Client::new(server.base(), Some(&token));
            client.get("/v1/workspace").expect(200);
            return Demo { server, client, dir };
        }
        assert_eq!(Client::new(server.base(), None).get("/livez").status, 200);
    }
    panic!("no token in: {}", server.said());
}

fn printed(said: &str, label: &str) -> Option<String> {
    let (line, _) = said.split_once(label)?.1.split_once('\n')?;
    Some(line.to_owned())
}

impl Demo {
    fn link(&self) -> String {
        let link = printed(&self.server.said(), "sign in: ").expect("a sign-in link");
        link.strip_prefix(self.server.base()).expect("its own address").to_owned()
    }

    fn now(&self) -> Timestamp {
        moment(&self.client.get("/v1/test-clock").expect(200)["now"])
    }

    fn play(&self, hours: u32) {
        for _ in 0..hours {
            self.client.post("/v1/test-clock/advance", &json!({"by_seconds": 3600})).expect(200);
        }
    }

    fn cases(&self) -> Vec<Value> {
        self.client.all("/v1/cases?limit=100")
    }

    fn audit_since(&self, since: Timestamp) -> Vec<Value> {
        self.client.audit().into_iter().filter(|entry| moment(&entry["at"]) > since).collect()
    }

    /// Asks the process to end, and waits until it has.
    fn end(&mut self, signal: &str) {
        let id = self.server.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill runs").success());
        let stranger = Client::new(self.server.base(), None);
        for _ in 0..1_000_000 {
            if !self.server.is_alive() {
                return;
            }
            // Asking takes as long as the desk takes to be gone; a refused connection is the wanted answer.
            let _ = stranger.try_send("GET", "/livez", &[], None);
        }
        panic!("it did not end");
    }
}

#[test]
fn the_demo_prints_one_link_and_one_token_and_has_the_test_clock_on() {
    let demo = demo();
    let said = demo.server.said();
    let answer = demo.client.get("/v1/test-clock");
    let real = jiff::fmt::rfc2822::parse(answer.header("date").expect("a date")).expect("a date of HTTP").timestamp();
    let apart = real.duration_since(moment(&answer.json()["now"])).abs();
    assert!(apart < SignedDuration::from_secs(60), "the demo's now is now: {apart}");
    let at = |label: &str| said.find(label).unwrap_or_else(|| panic!("no {label:?} in {said}"));
    assert!(at("listening on ") < at("sign in: ") && at("sign in: ") < at("API token: "), "{said}");
    assert_eq!((said.matches("/sign-in/").count(), said.matches("lull_").count()), (1, 1), "one of each: {said}");
    let answer = demo.client.anonymous().get(&demo.link());
    assert!(answer.status < 400, "{}", answer.status);
}

#[test]
fn the_demo_has_a_team_queues_channels_and_two_weeks_behind_it() {
    let demo = demo();
    let words = |path: &str, field: &str| -> BTreeSet<String> {
        demo.client.all(path).iter().map(|item| item[field].as_str().unwrap_or("none").to_owned()).collect()
    };
    let named = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(words("/v1/agents", "role"), named(&["owner", "care_manager", "agent", "viewer"]));
    let agents = demo.client.all("/v1/agents");
    assert!(agents.iter().any(|a| a["capacity"].as_i64().is_some_and(|most| most <= 3)), "one who is soon full");
    assert!(agents.iter().any(|a| a["availability"] == "online"), "somebody is there");
    assert_eq!(words("/v1/queues", "assignment"), named(&["manual", "round_robin", "most_capacity"]));
    assert!(words("/v1/queues", "name").contains("General"));
    assert_eq!(demo.client.all("/v1/channels?limit=100").len(), 24, "one for each brand of the data");
    let cases = demo.cases();
    let statuses: BTreeSet<&str> = cases.iter().filter_map(|case| case["status"].as_str()).collect();
    assert_eq!(statuses, BTreeSet::from(["closed", "in_progress", "on_hold", "open"]));
    let now = demo.now();
    for days in 1..=14 {
        let day = |case: &&Value| {
            let age = now.duration_since(moment(&case["created_at"]));
            age >= SignedDuration::from_hours(24 * (days - 1)) && age < SignedDuration::from_hours(24 * days)
        };
        assert!(cases.iter().filter(day).count() > 3, "something happened {days} days ago");
    }
    assert!(cases.iter().any(|case| case["closure"]["reason"] == "inactivity"));
    assert!(cases.iter().any(|case| case["closure"]["reason"] == "manual"));
    let settings = demo.client.get("/v1/settings/lifecycle").expect(200);
    assert_eq!((&settings["auto_close"]["enabled"], &settings["auto_reopen"]["enabled"]), (&json!(true), &json!(true)));
    keeps_deadlines(&demo);
}

/// What closed by itself did so at its deadline (A4), and what is open shows its own.
fn keeps_deadlines(demo: &Demo) {
    for case in demo.cases() {
        let (created, active) = (moment(&case["created_at"]), moment(&case["last_activity_at"]));
        assert!(created <= active && active <= demo.now(), "{case}");
        if case["closure"]["reason"] == "inactivity" {
            let closed = moment(&case["closed_at"]);
            let feed = demo.client.feed_of(case["number"].as_i64().expect("a number"), "case_auto_closed");
            let last = feed.last().expect("its entry");
            let threshold = last["data"]["threshold_minutes"].as_i64().expect("minutes");
            let silent = moment(&last["data"]["last_activity_at"]);
            assert_eq!(closed.duration_since(silent), SignedDuration::from_mins(threshold), "at its deadline: {case}");
        }
    }
    let waiting = demo.cases().into_iter().filter(|case| case["status"] != "closed").collect::<Vec<_>>();
    assert!(!waiting.is_empty());
    assert!(waiting.iter().all(|case| moment(&case["closes_at"]) > demo.now()), "what is open shows when it closes");
}

fn says(feed: &[Value], event: &str) -> bool {
    feed.iter().any(|entry| entry["event"] == event)
}

#[test]
fn playing_the_demo_shows_closes_both_kinds_of_reopen_and_a_follow_up_a6_r3_r5() {
    let demo = demo();
    let start = demo.now();
    demo.play(24);
    let audit = demo.audit_since(start);
    let of = |event: &str| audit.iter().filter(|e| e["event"] == event).collect::<Vec<_>>();
    assert!(of("CASE_AUTO_CLOSED").len() >= 5, "cases that closed by themselves");
    let reopens = of("CASE_AUTO_REOPENED");
    let because = |why: &[&str]| {
        let kept = reopens.iter().filter(|e| why.iter().any(|why| e["new"]["not_returned_because"] == *why));
        kept.filter(|e| e["new"]["returned"] == false).count()
    };
    let back = reopens.iter().filter(|e| e["new"]["returned"] == true);
    assert!(back.filter(|e| e["new"]["assignee"] == e["new"]["previous_agent"]).count() >= 2, "{reopens:?}");
    assert!(because(&["away", "offline"]) >= 2, "agents who had left: {reopens:?}");
    assert!(because(&["full"]) >= 2, "agents who were full: {reopens:?}");

    let (mut back, mut queued, mut followed) = (0, 0, 0);
    for case in demo.cases() {
        let feed = demo.client.feed(case["number"].as_i64().expect("a number"));
        if moment(&case["created_at"]) > start && !case["follow_up_of"].is_null() {
            followed += 1;
            let old = demo.client.feed(case["follow_up_of"].as_i64().expect("a number"));
            assert!(says(&old, "follow_up_created") && says(&feed, "follow_up_created"), "seen from both (R5)");
        }
        for reopen in feed.iter().filter(|entry| entry["event"] == "case_auto_reopened") {
            let lost = feed.iter().any(|entry| entry["event"] == "unassigned" && entry["at"] == reopen["at"]);
            let fresh = moment(&reopen["at"]) > start;
            queued += usize::from(fresh && lost);
            back += usize::from(fresh && !lost && reopen["data"]["returned"] == true);
        }
    }
    assert!(back >= 2 && queued >= 4, "in the feeds too: {back} came back, {queued} went to a queue");
    assert!(followed >= 2, "follow-ups after the window: {followed}");
}

/// Follows the printed link as somebody who is not signed in.
fn sign_in(demo: &Demo) {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = demo.client.anonymous().send("POST", &demo.link(), &form, None);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.contains("HttpOnly")));
}

#[test]
fn after_weeks_the_demo_still_goes_on_and_its_link_still_signs_in() {
    let demo = demo();
    sign_in(&demo);
    sign_in(&demo);
    // The conversations last for a week from the start; then they come again.
    demo.client.post("/v1/test-clock/advance", &json!({"by_seconds": 20 * 86_400})).expect(200);
    sign_in(&demo);
    let before = demo.now();
    demo.client.post("/v1/test-clock/advance", &json!({"by_seconds": 7 * 86_400})).expect(200);
    let audit = demo.audit_since(before);
    let count = |event: &str| audit.iter().filter(|e| e["event"] == event).count();
    assert!(count("CASE_CREATED") > 100 && count("CASE_AUTO_CLOSED") > 50 && count("CASE_AUTO_REOPENED") >= 2);
    assert_eq!(demo.now().duration_since(before), SignedDuration::from_hours(7 * 24), "to the second");
    let newest = demo.client.get("/v1/cases?sort=-number&limit=1").expect(200)["data"][0].clone();
    let said = demo.client.messages(newest["number"].as_i64().expect("a number"));
    let again = said[0]["external_id"].as_str().expect("an id").to_owned();
    assert!(again.ends_with("-1"), "another message to the desk than the one weeks ago: {again}");
}

#[test]
fn two_demos_at_once_know_nothing_of_each_other() {
    let (one, other) = (demo(), demo());
    let before = (other.now(), other.cases().len());
    one.play(2);
    let number = one.cases()[0]["number"].as_i64().expect("a number");
    one.client.comment(number, "only here");
    assert_eq!((other.now(), other.cases().len()), before);
    assert_eq!(other.client.as_token(one.client.token()).get("/v1/cases").status, 401);
}

#[cfg(unix)]
#[test]
fn nothing_of_a_demo_is_left_when_it_ends() {
    for signal in ["-TERM", "-INT"] {
        let mut demo = demo();
        let left = |demo: &Demo| std::fs::read_dir(demo.dir.path()).expect("a directory").count();
        assert_eq!(left(&demo), 1, "one folder, and no database beside it");
        demo.play(1);
        demo.end(signal);
        assert_eq!(left(&demo), 0, "after {signal}");
    }
}

#[test]
fn a_demo_on_a_database_of_ones_own_is_refused() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let named = command(dir.path(), &[&serve[..], &["--database", "sqlite:./lull.db"]].concat());
    let mut surrounded = command(dir.path(), &serve);
    surrounded.env("LULL_DATABASE", "sqlite:./lull.db");
    for refused in [named, surrounded] {
        let refused = run(refused, "").refused();
        assert!(refused.stderr.contains("--demo") && refused.stderr.contains("--database"), "{refused:?}");
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 0, "nothing was written");
}
