//! Cases: writing them, writing changes of them, and finding them again.

use crate::support::{Desk, Fixture, at, case};
use domain::case::{CaseType, Priority, Status, WaitingOn};
use domain::id::{AgentId, CustomerId, WorkspaceId};
use domain::lifecycle::Facts;
use domain::time::Timestamp;
use store::cases::{self, Case};

/// A case in which no field has its usual value.
fn strange(fixture: &Fixture, n: i64) -> Case {
    Case {
        version: 3,
        status: Status::OnHold,
        kind: CaseType::Lead,
        priority: Priority::Critical,
        title: "Größe \"XL\" \\ 👋".to_owned(),
        assignee: Some(fixture.agent),
        thread: "dm:42".to_owned(),
        tags: vec!["vip".to_owned(), "say \"hi\"".to_owned()],
        updated_at: at(2),
        last_activity_at: at(3),
        armed_at: Some(at(1)),
        last_inbound_at: Some(at(3)),
        last_outbound_at: Some(at(2)),
        first_reply_at: Some(at(2)),
        waiting_on: Some(WaitingOn::Us),
        waiting_since: Some(at(3)),
        opened_at: at(1),
        closed_at: Some(at(1)),
        reopen_count: 2,
        follow_up_of: Some(7),
        last_reply_by: Some(fixture.agent),
        keep_open_until: Some(at(900)),
        keep_open_reason: Some("vacation".to_owned()),
        keep_open_by: Some(fixture.agent),
        ..case(fixture, n, at(0))
    }
}

fn save(desk: &Desk, before: &Case, after: &Case) -> Result<Case, store::Fault> {
    let (before, mut after) = (before.clone(), after.clone());
    desk.try_write(async move |tx| {
        cases::save(tx, &before, &mut after).await?;
        Ok(after)
    })
}

#[test]
fn a_case_comes_back_as_it_was_written() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    for case in [case(&fixture, 1, at(0)), strange(&fixture, 2)] {
        fixture.store(&desk, &case);
        let (ws, number) = (fixture.ws, case.number);
        assert_eq!(fixture.load(&desk, case.id), case);
        assert_eq!(desk.read(async move |tx| cases::by_number(tx, ws, number).await), Some(case.clone()));
        assert_eq!(
            case.facts(),
            Facts {
                status: case.status,
                last_activity_at: case.last_activity_at,
                keep_open_until: case.keep_open_until
            }
        );
    }
}

#[test]
fn a_case_of_another_workspace_is_not_there() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let case = case(&fixture, 1, at(0));
    fixture.store(&desk, &case);
    let (ws, id, thread) = (WorkspaceId(99), case.id, fixture);
    let found = desk.read(async move |tx| {
        let got = cases::get(tx, ws, id).await?.is_some();
        let by_number = cases::by_number(tx, ws, 1).await?.is_some();
        let newest = cases::newest_in_thread(tx, ws, thread.channel, thread.customer, "").await?.is_some();
        let of_customer = !cases::of_customer(tx, ws, thread.customer, 10).await?.is_empty();
        Ok([got, by_number, newest, of_customer])
    });
    assert_eq!(found, [false; 4]);
}

#[test]
fn a_number_is_given_once_in_a_workspace() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    fixture.store(&desk, &case(&fixture, 1, at(0)));
    let twice = Case { number: 1, ..case(&fixture, 2, at(0)) };
    assert!(desk.try_write(async move |tx| cases::insert(tx, &twice).await).is_err());
}

/// What changes, and the change.
type Change = (&'static str, Box<dyn Fn(&mut Case)>);

/// One change for each statement that `save` may need.
fn changes(fixture: &Fixture) -> Vec<Change> {
    let other_queue = fixture.other_queue;
    vec![
        ("nothing", Box::new(|_: &mut Case| {})),
        ("activity", Box::new(|c: &mut Case| c.last_activity_at = at(50))),
        (
            "a message",
            Box::new(|c: &mut Case| {
                (c.last_inbound_at, c.last_outbound_at, c.first_reply_at) = (Some(at(51)), Some(at(52)), Some(at(53)));
                (c.waiting_on, c.waiting_since) = (Some(WaitingOn::Customer), Some(at(54)));
                c.last_reply_by = Some(AgentId(77));
            }),
        ),
        ("status", Box::new(|c: &mut Case| (c.status, c.closed_at) = (Status::Closed, Some(at(55))))),
        (
            "reopening",
            Box::new(|c: &mut Case| {
                (c.status, c.closed_at, c.opened_at, c.reopen_count) = (Status::Open, None, at(56), 3);
            }),
        ),
        ("queue", Box::new(move |c: &mut Case| c.queue = other_queue)),
        ("assignee", Box::new(|c: &mut Case| c.assignee = None)),
        ("type", Box::new(|c: &mut Case| c.kind = CaseType::Feedback)),
        ("priority", Box::new(|c: &mut Case| c.priority = Priority::None)),
        ("title", Box::new(|c: &mut Case| c.title = "Another".to_owned())),
        ("tags", Box::new(|c: &mut Case| c.tags = vec!["a, b".to_owned()])),
        ("keep open", Box::new(|c: &mut Case| c.keep_open_until = None)),
        ("why", Box::new(|c: &mut Case| (c.keep_open_reason, c.keep_open_by) = (None, None))),
        ("armed", Box::new(|c: &mut Case| c.armed_at = None)),
    ]
}

#[test]
fn every_change_is_written_raises_the_version_and_dates_it() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    desk.clock.set(at(60));
    for (n, (what, change)) in (1..).zip(changes(&fixture)) {
        let before = strange(&fixture, n);
        fixture.store(&desk, &before);
        let mut after = before.clone();
        change(&mut after);
        let saved = save(&desk, &before, &after).expect(what);
        assert_eq!((saved.version, saved.updated_at), (before.version + 1, at(60)), "{what}");
        assert_eq!(saved, Case { version: saved.version, updated_at: saved.updated_at, ..after }, "{what}");
        assert_eq!(fixture.load(&desk, before.id), saved, "{what}");
    }
}

#[test]
fn a_change_of_a_stale_case_is_an_error_and_writes_nothing() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let first = case(&fixture, 1, at(0));
    fixture.store(&desk, &first);
    let newer = save(&desk, &first, &Case { title: "Second".to_owned(), ..first.clone() }).expect("saved");
    let stale = save(&desk, &first, &Case { title: "Third".to_owned(), queue: fixture.other_queue, ..first.clone() });
    assert!(stale.is_err());
    assert_eq!(fixture.load(&desk, first.id), newer);
}

#[test]
fn a_message_leaves_the_sweeps_index_alone() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (switched_on, first, second) = (at(0), at(10), at(20));
    let mut case = case(&fixture, 1, at(-10));
    assert_eq!(case.armed_at, None);
    case.active_at(first, Some(switched_on));
    assert_eq!((case.last_activity_at, case.armed_at), (first, Some(first)), "armed by the first one");
    case.active_at(second, Some(switched_on));
    assert_eq!((case.last_activity_at, case.armed_at), (second, Some(first)), "and left alone by the next");
    case.active_at(first, Some(switched_on));
    assert_eq!(case.last_activity_at, second, "activity never moves back");
    case.active_at(at(40), Some(at(30)));
    assert_eq!(case.armed_at, Some(at(40)), "switched on again since it was armed (A3)");
    let mut unarmed = Case { armed_at: None, ..case };
    unarmed.active_at(at(50), None);
    assert_eq!((unarmed.last_activity_at, unarmed.armed_at), (at(50), None), "nothing was ever switched on");
}

#[test]
fn the_newest_case_of_a_thread_is_the_one_made_last() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other_customer = CustomerId(fixture.customer.0 + 100);
    let inserted = [
        case(&fixture, 1, at(30)),
        Case { status: Status::Closed, ..case(&fixture, 2, at(10)) },
        Case { thread: "dm:42".to_owned(), ..case(&fixture, 3, at(20)) },
        Case { customer: other_customer, ..case(&fixture, 4, at(20)) },
        Case { channel: domain::id::ChannelId(5), ..case(&fixture, 5, at(20)) },
    ];
    inserted.iter().for_each(|case| fixture.store(&desk, case));
    let newest = |customer: CustomerId, thread: &'static str| {
        let (ws, channel) = (fixture.ws, fixture.channel);
        let found = desk.read(async move |tx| cases::newest_in_thread(tx, ws, channel, customer, thread).await);
        found.map(|case| case.number)
    };
    assert_eq!(newest(fixture.customer, ""), Some(2), "by age of the case, whatever its state or activity");
    assert_eq!(newest(fixture.customer, "dm:42"), Some(3));
    assert_eq!(newest(other_customer, ""), Some(4));
    assert_eq!(newest(fixture.customer, "dm:"), None);
}

#[test]
fn follow_ups_are_found_from_the_case_they_follow_r5() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    fixture.store(&desk, &case(&fixture, 1, at(0)));
    for (n, of) in [(4, Some(1)), (2, Some(1)), (3, Some(2)), (5, None)] {
        fixture.store(&desk, &Case { follow_up_of: of, ..case(&fixture, n, at(0)) });
    }
    let ws = fixture.ws;
    let of = |number: i64| desk.read(async move |tx| cases::follow_ups(tx, ws, number).await);
    assert_eq!((of(1), of(2), of(3)), (vec![2, 4], vec![3], vec![]));
}

#[test]
fn a_customers_cases_come_newest_first_and_bounded() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let times = [at(5), at(3), at(9), Timestamp::from_micros(0)];
    for (n, created) in (1..).zip(times) {
        fixture.store(&desk, &case(&fixture, n, created));
    }
    fixture.store(&desk, &Case { customer: CustomerId(1), ..case(&fixture, 5, at(0)) });
    let (ws, customer) = (fixture.ws, fixture.customer);
    let numbers = |limit: i64| -> Vec<i64> {
        let found = desk.read(async move |tx| cases::of_customer(tx, ws, customer, limit).await);
        found.iter().map(|case| case.number).collect()
    };
    assert_eq!(numbers(10), [4, 3, 2, 1]);
    assert_eq!(numbers(2), [4, 3]);
}
