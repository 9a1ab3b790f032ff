//! Pages of exports: each row once, in order, however many share a moment, and nothing of another workspace.

use crate::support::{Desk, Fixture, at, case};
use domain::closure::ClosingReason;
use domain::id::{CaseId, MessageId, WorkspaceId};
use domain::message::{Delivery, Direction};
use domain::time::{Span, Timestamp};
use store::closures::{self, Closure};
use store::exports::{self, Place};
use store::messages::{self, Message};

const LONG_AGO: Timestamp = Timestamp::from_micros(i64::MIN);

fn message(fixture: &Fixture, case: i64, id: i64) -> Message {
    Message {
        case: CaseId(case),
        id: MessageId(id),
        channel: fixture.channel,
        customer: fixture.customer,
        external_id: None,
        direction: Direction::Inbound,
        text: format!("Message {id}"),
        author: None,
        automatic: false,
        sent_at: None,
        received_at: at(0),
        delivery: Delivery::Received,
    }
}

/// All pages of so many rows.
fn cases(desk: &Desk, ws: WorkspaceId, from: Timestamp, until: Timestamp, limit: i64) -> Vec<i64> {
    let (mut after, mut found) = (Place::before(from), Vec::new());
    loop {
        let page = desk.read(async move |tx| exports::cases(tx, ws, after, until, limit).await);
        let Some((last, _)) = page.last() else { return found };
        after = Place { at: last.created_at, case: last.id, period: 0 };
        found.extend(page.iter().map(|(case, _)| case.number));
    }
}

#[test]
fn cases_come_in_the_order_of_their_creation_between_two_moments() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    for number in 1..=7 {
        // Two to a minute, the newest first.
        fixture.store(&desk, &case(&fixture, number, at(10 - number / 2)));
    }
    other.store(&desk, &case(&other, 50, at(0)));
    let ws = fixture.ws;
    let expected = [6, 7, 4, 5, 2, 3, 1];
    for limit in [1, 2, 3, 100] {
        assert_eq!(cases(&desk, ws, LONG_AGO, at(1_000), limit), expected, "pages of {limit}");
    }
    assert_eq!(cases(&desk, ws, at(8), at(9), 1), [4, 5], "from, and before until");
    let (first, person) =
        desk.read(async move |tx| exports::cases(tx, ws, Place::before(LONG_AGO), at(1_000), 1).await).remove(0);
    assert_eq!((first.number, person.external_id.as_deref()), (6, Some("u_1")));
    let count = |from, until| desk.read(async move |tx| exports::count_cases(tx, ws, from, until).await);
    assert_eq!((count(LONG_AGO, at(1_000)), count(at(8), at(9))), (7, 2));
}

#[test]
fn closures_of_one_moment_are_told_apart_by_case_and_period() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    for (number, periods) in [(1, 3), (2, 1), (3, 2)] {
        for period in 0..periods {
            let mut row = case(&fixture, number, at(0));
            row.reopen_count = period;
            desk.write(async move |tx| {
                let closure = Closure {
                    closed_at: at(5),
                    reason: ClosingReason::Manual,
                    closed_by: None,
                    credited_agent: None,
                    threshold_minutes: None,
                    reopened_at: None,
                };
                closures::insert(tx, &row, row.status, &closure).await
            });
        }
    }
    for limit in [1, 2, 100] {
        let (mut after, mut found) = (Place::before(at(5)), Vec::new());
        loop {
            let page = desk.read(async move |tx| exports::closures(tx, ws, after, at(6), limit).await);
            let Some(last) = page.last() else { break };
            after = last.place();
            found.extend(page.iter().map(|closed| (closed.number, closed.period)));
        }
        assert_eq!(found, [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0), (3, 1)], "pages of {limit}");
    }
    let none = desk.read(async move |tx| exports::closures(tx, ws, Place::before(LONG_AGO), at(5), 9).await);
    assert!(none.is_empty(), "not those of the moment itself");
    assert_eq!(desk.read(async move |tx| exports::count_closures(tx, ws, LONG_AGO, at(6)).await), 6);
}

#[test]
fn messages_come_conversation_by_conversation_those_without_a_case_first_r6() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let row = case(&fixture, 4, at(0));
    fixture.store(&desk, &row);
    for (case, id) in [(row.id.0, 3), (0, 9), (row.id.0, 1), (0, 2)] {
        let message = message(&fixture, case, id);
        desk.write(async move |tx| messages::insert(tx, ws, &message).await);
        desk.pass(Span::minutes(1));
    }
    for limit in [1, 3, 100] {
        let (mut after, mut found) = ((CaseId(0), 0), Vec::new());
        loop {
            let page = desk.read(async move |tx| exports::messages(tx, ws, after, limit).await);
            let Some(last) = page.last() else { break };
            after = (last.message.case, last.message.id.0);
            found.extend(page.iter().map(|said| (said.number, said.message.id.0)));
        }
        assert_eq!(found, [(None, 2), (None, 9), (Some(4), 1), (Some(4), 3)], "pages of {limit}");
    }
}
