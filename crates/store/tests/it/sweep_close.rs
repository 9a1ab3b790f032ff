//! Closing by sets: the rule is asked again in the statements that write.

use crate::support::{Desk, Fixture, at, case, json_ids, minutes};
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::RunId;
use domain::policy::StatusSet;
use domain::time::Timestamp;
use store::cases::{self, Case};
use store::closures::{self, Closure};
use store::sweep::{self, Closed, Rule};
use store::{Fault, feed};

const RUN: RunId = RunId(77);

fn rule(fixture: &Fixture) -> Rule {
    let queues = vec![fixture.queue];
    Rule { enabled_at: at(0), threshold: minutes(60), statuses: StatusSet::ALL, queues }
}

fn close(desk: &Desk, fixture: &Fixture, rule: &Rule, cases: &[Case]) -> Result<Vec<Closed>, Fault> {
    let (ws, rule, ids) = (fixture.ws, rule.clone(), json_ids(cases.iter().map(|case| case.id.0)));
    desk.try_write(async move |tx| sweep::close(tx, ws, &rule, &ids, RUN).await)
}

#[test]
fn a_close_writes_the_case_its_closure_and_the_credit_a8_m1() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (kind, priority) = (CaseType::Lead, Priority::High);
    let assigned = Case {
        status: Status::OnHold,
        assignee: Some(fixture.agent),
        kind,
        priority,
        waiting_on: Some(domain::case::WaitingOn::Us),
        waiting_since: Some(at(1)),
        armed_at: Some(at(5)),
        last_activity_at: at(10),
        reopen_count: 1,
        version: 4,
        ..case(&fixture, 1, at(1))
    };
    let unassigned = case(&fixture, 2, at(20));
    fixture.store(&desk, &assigned);
    fixture.store(&desk, &unassigned);
    desk.clock.set(at(100));
    let closed = close(&desk, &fixture, &rule(&fixture), &[assigned.clone(), unassigned.clone()]).expect("closed");
    let expected = Closed {
        id: assigned.id,
        number: 1,
        status_before: Status::OnHold,
        credited_agent: Some(fixture.agent),
        last_activity_at: at(10),
        queue: fixture.queue,
        channel: fixture.channel,
        kind,
        priority,
    };
    assert_eq!(closed.len(), 2);
    assert_eq!(closed.iter().find(|closed| closed.number == 1), Some(&expected));
    let after =
        Case { status: Status::Closed, closed_at: Some(at(100)), updated_at: at(100), version: 5, ..assigned.clone() };
    assert_eq!(fixture.load(&desk, assigned.id), after, "the clock has not moved (C4), the assignee stays");
    let closure = Closure {
        closed_at: at(100),
        reason: ClosingReason::Inactivity,
        closed_by: None,
        credited_agent: Some(fixture.agent),
        threshold_minutes: Some(60),
        reopened_at: None,
    };
    let (ws, ids) = (fixture.ws, [(assigned.id, 1), (unassigned.id, 0)]);
    let found = desk.read(async move |tx| {
        Ok([closures::get(tx, ws, ids[0].0, ids[0].1).await?, closures::get(tx, ws, ids[1].0, ids[1].1).await?])
    });
    assert_eq!(found, [Some(closure.clone()), Some(Closure { credited_agent: None, ..closure })]);
    assert_eq!(desk.number(&format!("select count(*) from closures where run = {}", RUN.0)), 2);
}

#[test]
fn only_what_is_due_at_the_moment_of_writing_is_closed_a4_a9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let before = Timestamp::from_micros(at(0).as_micros() - 1);
    let just_late = Timestamp::from_micros(at(10).as_micros() + 1);
    let cases = [
        case(&fixture, 1, at(10)),
        case(&fixture, 2, just_late),
        case(&fixture, 3, before),
        case(&fixture, 4, at(0)),
        Case { status: Status::Closed, ..case(&fixture, 5, at(0)) },
        Case { queue: fixture.other_queue, ..case(&fixture, 6, at(0)) },
        Case { status: Status::InProgress, ..case(&fixture, 7, at(0)) },
        case(&fixture, 8, at(0)),
    ];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    desk.clock.set(at(70));
    let statuses = StatusSet::new([Status::Open, Status::OnHold]).expect("a set");
    let rule = Rule { statuses, ..rule(&fixture) };
    let mut closed: Vec<i64> =
        close(&desk, &fixture, &rule, &cases[..7]).expect("a run").iter().map(|c| c.number).collect();
    closed.sort_unstable();
    assert_eq!(closed, [1, 4], "8 is due and was not asked for");
    for case in cases.iter().filter(|case| ![1, 4].contains(&case.number)) {
        assert_eq!(fixture.load(&desk, case.id), *case);
    }
    assert_eq!(desk.number("select count(*) from closures"), 2);
}

#[test]
fn a_case_touched_between_the_look_and_the_close_stays_open_a7() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let silent = |n| Case { armed_at: Some(at(0)), ..case(&fixture, n, at(0)) };
    let cases = [silent(1), silent(2), silent(3), silent(4)];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    desk.clock.set(at(60));
    let partition = sweep::Partition {
        workspace: fixture.ws,
        queue: fixture.queue,
        status: Status::Open,
        enabled_at: at(0),
        threshold: minutes(60),
    };
    let met = desk.read(async move |tx| sweep::candidates(tx, &partition, at(60), None, 10).await);
    assert_eq!(met.len(), 4);
    let touch = |case: &Case, change: fn(&mut Case)| {
        let (before, mut after) = (case.clone(), case.clone());
        change(&mut after);
        desk.write(async move |tx| cases::save(tx, &before, &mut after).await);
    };
    touch(&cases[0], |case| case.active_at(at(60), Some(at(0))));
    touch(&cases[1], |case| (case.status, case.closed_at) = (Status::Closed, Some(at(60))));
    touch(&cases[2], |case| case.queue = domain::id::QueueId(1));
    let closed = close(&desk, &fixture, &rule(&fixture), &cases).expect("a run");
    assert_eq!(closed.iter().map(|closed| closed.number).collect::<Vec<_>>(), [4]);
    assert_eq!(fixture.load(&desk, cases[0].id).status, Status::Open);
}

#[test]
fn a_case_is_closed_once_in_an_open_period_a7() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let silent = case(&fixture, 1, at(0));
    fixture.store(&desk, &silent);
    desk.clock.set(at(60));
    let cases = [silent.clone()];
    assert_eq!(close(&desk, &fixture, &rule(&fixture), &cases).expect("a run").len(), 1);
    assert_eq!(close(&desk, &fixture, &rule(&fixture), &cases).expect("a run").len(), 0, "it is closed already");

    // Damage: open again without a reopening. The key refuses, and nothing of the batch is half written.
    desk.sql("update cases set status = 'open'");
    let other = case(&fixture, 2, at(0));
    fixture.store(&desk, &other);
    assert!(close(&desk, &fixture, &rule(&fixture), &[silent.clone(), other.clone()]).is_err());
    assert_eq!(fixture.load(&desk, other.id), other);
    assert_eq!(desk.number("select count(*) from closures"), 1);
    assert_eq!(close(&desk, &fixture, &rule(&fixture), &[other]).expect("alone it closes (A8)").len(), 1);
}

#[test]
fn a_close_sees_only_its_own_workspace() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let silent = case(&fixture, 1, at(0));
    fixture.store(&desk, &silent);
    desk.clock.set(at(60));
    let stranger = Fixture { ws: domain::id::WorkspaceId(2), ..fixture };
    assert!(close(&desk, &stranger, &rule(&fixture), &[silent]).expect("a run").is_empty());
}

#[test]
fn many_feed_entries_are_written_at_once_t1() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let entries = desk.write(async move |tx| {
        let rows = r#"[[11,501,"{\"threshold_minutes\":60}"],[12,502,"{}"]]"#;
        feed::insert_many(tx, ws, domain::feed::FeedEvent::CaseAutoClosed, rows).await?;
        feed::list(tx, ws, domain::id::CaseId(11), None, 10).await
    });
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((entry.id.0, entry.at, entry.actor), (501, at(0), domain::closure::Actor::Engine));
    assert_eq!((entry.event.as_str(), entry.data.as_str()), ("case_auto_closed", r#"{"threshold_minutes":60}"#));
}
