//! Closures: one for each open period, frozen when it was written.

use crate::support::{Desk, Fixture, at, case};
use domain::case::Status;
use domain::closure::ClosingReason;
use store::cases::Case;
use store::closures::{self, Closure};

fn closure(fixture: &Fixture, reason: ClosingReason) -> Closure {
    Closure {
        closed_at: at(9),
        reason,
        closed_by: Some(fixture.agent),
        credited_agent: Some(fixture.agent),
        threshold_minutes: (reason == ClosingReason::Inactivity).then_some(60),
        reopened_at: None,
    }
}

#[test]
fn a_closure_comes_back_as_it_was_written_and_a_reopening_marks_it_r9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    for (n, reason) in (1..).zip(ClosingReason::ALL) {
        let case = Case { reopen_count: 2, ..case(&fixture, n, at(0)) };
        let written = closure(&fixture, *reason);
        let stored = written.clone();
        let (ws, id) = (case.workspace, case.id);
        let (first, none, marked) = desk.write(async move |tx| {
            closures::insert(tx, &case, Status::OnHold, &stored).await?;
            let first = closures::get(tx, ws, id, 2).await?;
            let none = closures::get(tx, ws, id, 1).await?;
            closures::mark_reopened(tx, ws, id, 2, at(20)).await?;
            Ok((first, none, closures::get(tx, ws, id, 2).await?))
        });
        assert_eq!(first, Some(written.clone()));
        assert_eq!(none, None);
        assert_eq!(marked, Some(Closure { reopened_at: Some(at(20)), ..written }));
    }
}

/// Credit, queue, channel, type and priority stand in the closure itself (M1).
#[test]
fn a_closure_keeps_what_the_case_was_m1() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let case = Case { assignee: Some(fixture.agent), tags: vec!["vip".to_owned()], ..case(&fixture, 1, at(0)) };
    let written = closure(&fixture, ClosingReason::Manual);
    desk.write({
        let case = case.clone();
        async move |tx| closures::insert(tx, &case, Status::InProgress, &written).await
    });
    let frozen = desk.number(&format!(
        "select count(*) from closures where number = 1 and assignee = {agent} and credited_agent = {agent} and queue = {} \
         and channel = {} and type = 'general' and priority = 'medium' and tags = '[\"vip\"]' and network = 'x' \
         and status_before = 'in_progress' and case_created_at = {start} and opened_at = {start} and last_activity_at = {start}",
        case.queue.0,
        case.channel.0,
        agent = fixture.agent.0,
        start = at(0).as_micros(),
    ));
    assert_eq!(frozen, 1);
}

#[test]
fn an_open_period_has_one_closure_a7() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let case = case(&fixture, 1, at(0));
    let insert = |case: Case, reason| {
        let written = closure(&fixture, reason);
        desk.try_write(async move |tx| closures::insert(tx, &case, Status::Open, &written).await)
    };
    insert(case.clone(), ClosingReason::Manual).expect("the first");
    assert!(insert(case.clone(), ClosingReason::Inactivity).is_err());
    insert(Case { reopen_count: 1, ..case }, ClosingReason::Inactivity).expect("another period");
}

#[test]
fn the_reasons_of_many_periods_are_read_at_once() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let closed = [(1, 0, ClosingReason::Manual), (1, 1, ClosingReason::Inactivity), (2, 0, ClosingReason::Api)];
    for (n, period, reason) in closed {
        let case = Case { reopen_count: period, ..case(&fixture, n, at(0)) };
        let closed_by = (reason == ClosingReason::Manual).then_some(fixture.agent);
        let written = Closure { closed_by, ..closure(&fixture, reason) };
        desk.write(async move |tx| closures::insert(tx, &case, Status::Open, &written).await);
    }
    let (ws, one, two) = (fixture.ws, case(&fixture, 1, at(0)).id, case(&fixture, 2, at(0)).id);
    let reasons = |periods: String| {
        let mut found = desk.read(async move |tx| closures::reasons_of(tx, ws, &periods).await);
        found.sort_by_key(|(case, ..)| *case);
        found
    };
    let asked = format!("[[{},0],[{},0],[{},7]]", one.0, two.0, two.0);
    let expected = [(one, ClosingReason::Manual, Some(fixture.agent)), (two, ClosingReason::Api, None)];
    assert_eq!(reasons(asked), expected, "a period that was never closed has no row");
    assert_eq!(reasons(format!("[[{},1]]", one.0)), [(one, ClosingReason::Inactivity, None)]);
    assert_eq!(reasons("[]".to_owned()), []);
}

/// Who had the case when it was closed, whatever became of it since (R3).
#[test]
fn a_closure_knows_who_had_the_case_r3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, assigned) = (fixture.ws, Case { assignee: Some(fixture.agent), ..case(&fixture, 1, at(0)) });
    let (id, nobody) = (assigned.id, Case { reopen_count: 1, ..case(&fixture, 1, at(0)) });
    let written = closure(&fixture, ClosingReason::Manual);
    let found = desk.write(async move |tx| {
        closures::insert(tx, &assigned, Status::Open, &written).await?;
        closures::insert(tx, &nobody, Status::Open, &written).await?;
        let mut found = Vec::new();
        for period in 0..3 {
            found.push(closures::assignee(tx, ws, id, period).await?);
        }
        Ok(found)
    });
    assert_eq!(found, [Some(fixture.agent), None, None]);
}
