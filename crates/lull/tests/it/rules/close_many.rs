//! Many due cases at once: all of them, oldest first, in batches nobody sees (A6, A10).

use crate::support::cases::number;
use crate::support::policy::policy;
use crate::support::{Desk, encode, inbound, moment, written};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const GROUPS: usize = 12;
const PER_GROUP: usize = 100;
const THREADS: usize = 4;

/// Makes 1,200 cases in four queues, a second between each hundred; auto close is on, nothing is due.
fn crowded() -> (Desk, BTreeMap<i64, String>) {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let channels: Vec<String> = (0..THREADS)
        .map(|_| {
            let queue = desk.queue("manual", &[]);
            desk.channel_into(&queue, "x")
        })
        .collect();
    let mut cases = BTreeMap::new();
    for group in 0..GROUPS {
        let made: Vec<(i64, String)> = std::thread::scope(|scope| {
            let workers: Vec<_> = channels
                .iter()
                .map(|channel| {
                    let client = desk.owner().clone();
                    scope.spawn(move || {
                        let each = (0..PER_GROUP / THREADS).map(|turn| {
                            let case = client.receive(&inbound(channel, &format!("c{group}-{turn}")))["case"].clone();
                            (number(&case), case["last_activity_at"].as_str().expect("a time").to_owned())
                        });
                        each.collect::<Vec<_>>()
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
        });
        cases.extend(made);
        desk.advance(1);
    }
    assert_eq!(cases.len(), GROUPS * PER_GROUP, "each message opened a case of its own");
    (desk, cases)
}

/// The audit trail's closings in the order they were written.
fn closings(desk: &Desk) -> Vec<i64> {
    let number = |entry: &Value| entry["object"]["id"].as_str().expect("an id").parse().expect("a case's number");
    desk.audit_of("CASE_AUTO_CLOSED").iter().map(number).collect()
}

#[track_caller]
fn assert_oldest_first(order: &[i64], cases: &BTreeMap<i64, String>) {
    let times: Vec<&String> = order.iter().map(|case| &cases[case]).collect();
    assert!(times.is_sorted(), "the cases silent longest close first");
}

#[test]
fn more_than_a_batch_that_falls_due_at_once_closes_in_one_run_of_the_clock_oldest_first_a6() {
    let (desk, cases) = crowded();
    desk.advance_minutes(120);
    desk.auto_close(60);
    desk.run_due();
    let order = closings(&desk);
    assert_eq!(order.iter().collect::<BTreeSet<_>>(), cases.keys().collect(), "all of them, each once");
    assert_eq!(order.len(), cases.len());
    assert_oldest_first(&order, &cases);
    let now = written(desk.now());
    let closed = desk.all("/v1/cases?status=closed&limit=100");
    assert_eq!(closed.len(), cases.len());
    assert!(closed.iter().all(|case| case["closed_at"] == now.as_str()), "closed_at is the real moment");
    assert_eq!(desk.all("/v1/cases?status=open,in_progress,on_hold").len(), 0);
}

#[test]
fn more_than_a_batch_with_deadlines_of_their_own_closes_in_one_jump_a6() {
    let (desk, cases) = crowded();
    desk.advance(40 * 86_400);
    let order = closings(&desk);
    assert_eq!(order.len(), cases.len());
    assert_oldest_first(&order, &cases);
    for case in desk.all("/v1/cases?status=closed&limit=100") {
        let waited = moment(&case["closed_at"]).duration_since(moment(&case["last_activity_at"]));
        assert_eq!(waited.as_mins(), 30_240, "{}", case["number"]);
    }
}

#[test]
fn a_backlog_after_the_policy_was_off_is_not_closed_but_new_silence_is_a3_a6() {
    let (desk, cases) = crowded();
    desk.set_policy(&policy());
    desk.advance_minutes(120);
    desk.auto_close(60);
    let fresh = desk.open_case();
    desk.advance_minutes(60);
    assert_eq!(closings(&desk), vec![fresh]);
    assert!(!cases.contains_key(&fresh));
    let soon = encode(&written(desk.now()));
    assert_eq!(desk.all(&format!("/v1/cases?closing_before={soon}")).len(), 0, "nothing else is on its way");
}

#[test]
fn a_run_that_closed_something_is_in_the_run_log_and_an_idle_one_is_not_a6() {
    let desk = Desk::start();
    desk.advance(86_400);
    assert_eq!(desk.all("/v1/auto-close/runs").len(), 0);
    desk.auto_close(60);
    desk.advance(86_400);
    assert_eq!(desk.all("/v1/auto-close/runs").len(), 0);
    desk.open_case();
    desk.advance(86_400);
    let runs = desk.all("/v1/auto-close/runs");
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert!(runs[0]["id"].as_str().is_some_and(|id| id.starts_with("run_")), "{runs:?}");
    desk.advance(86_400);
    assert_eq!(desk.all("/v1/auto-close/runs").len(), 1);
}
