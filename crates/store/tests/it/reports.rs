//! How far reports have been counted: whole only when every case is in the sums, whatever made them be counted anew.

use crate::support::{Desk, Fixture, at, case};
use domain::id::MessageId;
use domain::message::{Delivery, Direction};
use domain::metrics::{Dimension, Period};
use domain::time::Span;
use store::messages::{self, Message};
use store::reports::{self, Days, Pair, Progress, Selection, Standing};
use store::{outbox, params};

/// More cases than one transaction counts.
const CASES: i64 = 600;

fn filled() -> (Desk, Fixture) {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let all: Vec<_> = (1..=CASES).map(|n| case(&fixture, n, at(n))).collect();
    desk.write(async move |tx| {
        for case in &all {
            store::cases::insert(tx, case).await?;
        }
        Ok(())
    });
    (desk, fixture)
}

/// Steps until there is no more to do.
fn count(desk: &Desk) -> usize {
    let (mut steps, mut from) = (0, None);
    loop {
        let counted = desk.write(async move |tx| reports::count(tx, from).await);
        (steps, from) = (steps + 1, counted.at);
        assert!(steps < 50, "it comes to an end");
        if !counted.more {
            return steps;
        }
    }
}

fn progress(desk: &Desk, fixture: &Fixture) -> Option<Progress> {
    let ws = fixture.ws;
    desk.read(async move |tx| reports::progress(tx, ws).await)
}

fn opened(desk: &Desk, fixture: &Fixture) -> i64 {
    let ws = fixture.ws;
    let days = Days { from: i64::MIN, to: i64::MAX };
    let groups = desk.read(async move |tx| reports::groups(tx, ws, None, Dimension::Queue, days).await);
    groups.iter().map(|(_, counts)| counts.opened).sum()
}

#[test]
fn a_database_that_was_never_counted_is_whole_after_some_steps() {
    let (desk, fixture) = filled();
    assert_eq!(progress(&desk, &fixture), None);
    desk.write(async move |tx| reports::count(tx, None).await);
    assert!(matches!(progress(&desk, &fixture), Some(Progress::Upto(_))), "{:?}", progress(&desk, &fixture));
    assert!(count(&desk) > 1);
    assert_eq!((progress(&desk, &fixture), opened(&desk, &fixture)), (Some(Progress::Whole), CASES));
    assert!(!desk.read(async move |tx| reports::behind_events(tx).await), "and nothing is left to do");
}

#[test]
fn counting_anew_throws_away_first_and_comes_to_the_same() {
    let (desk, fixture) = filled();
    count(&desk);
    desk.write(async move |tx| reports::start_anew(tx, None).await);
    assert_eq!(progress(&desk, &fixture), Some(Progress::Clearing));
    count(&desk);
    assert_eq!((progress(&desk, &fixture), opened(&desk, &fixture)), (Some(Progress::Whole), CASES));
}

#[test]
fn another_zone_makes_what_was_counted_not_whole_any_more() {
    let (desk, fixture) = filled();
    count(&desk);
    let ws = fixture.ws;
    desk.write(async move |tx| {
        let mut workspace = store::workspaces::get(tx, ws).await?;
        workspace.time_zone = "Pacific/Apia".to_owned();
        store::workspaces::update(tx, &workspace).await
    });
    assert_eq!(progress(&desk, &fixture), None);
    count(&desk);
    assert_eq!((progress(&desk, &fixture), opened(&desk, &fixture)), (Some(Progress::Whole), CASES));
}

#[test]
fn an_event_makes_its_case_be_looked_at_again_and_twice_is_as_once() {
    let (desk, fixture) = filled();
    count(&desk);
    let ws = fixture.ws;
    desk.write(async move |tx| {
        tx.execute("update cases set priority = 'high' where workspace = $1 and number = 5", params![ws]).await?;
        outbox::insert(tx, ws, "case.updated", Some(5), "{}").await
    });
    assert!(desk.read(async move |tx| reports::behind_events(tx).await));
    count(&desk);
    count(&desk);
    let days = Days { from: i64::MIN, to: i64::MAX };
    let mut groups = desk.read(async move |tx| reports::groups(tx, ws, None, Dimension::Priority, days).await);
    groups.sort_unstable_by_key(|(key, _)| key.clone());
    let counted: Vec<_> = groups.iter().map(|(key, counts)| (key.as_deref(), counts.opened)).collect();
    assert_eq!(counted, [(Some("high"), 1), (Some("medium"), CASES - 1)]);
}

#[test]
fn events_that_were_forgotten_make_every_case_be_looked_at() {
    let (desk, fixture) = filled();
    count(&desk);
    let ws = fixture.ws;
    desk.write(async move |tx| outbox::insert(tx, ws, "case.updated", Some(1), "{}").await);
    count(&desk);
    desk.write(async move |tx| {
        tx.execute("update cases set type = 'lead' where workspace = $1 and number = 7", params![ws]).await?;
        tx.execute("delete from outbox", params![]).await
    });
    count(&desk);
    let period = Period { from: at(0), to: at(CASES).plus(Span::days(1)) };
    let leads = Selection { kind: Some(domain::case::CaseType::Lead), ..Selection::default() };
    let found = desk.read(async move |tx| reports::started_in(tx, ws, period, &leads, None, 10).await);
    assert_eq!(found.iter().map(|(_, phase)| phase.number).collect::<Vec<_>>(), [7]);
}

const EVER: Days = Days { from: i64::MIN, to: i64::MAX };
const PAIR: Pair = Pair { of: Dimension::Queue, by: Dimension::Priority };

fn keep(desk: &Desk, fixture: &Fixture, pair: Pair) {
    let ws = fixture.ws;
    desk.write(async move |tx| reports::keep(tx, ws, pair).await);
}

fn standing(desk: &Desk, fixture: &Fixture) -> Standing {
    let ws = fixture.ws;
    desk.read(async move |tx| reports::standing(tx, ws, PAIR).await)
}

fn add(desk: &Desk) -> bool {
    desk.write(async move |tx| reports::add(tx).await)
}

/// What the pair says of the fixture's queue, by priority.
fn paired(desk: &Desk, fixture: &Fixture) -> Vec<(String, i64)> {
    let (ws, queue) = (fixture.ws, fixture.queue.0.to_string());
    let groups = desk.read(async move |tx| {
        reports::groups(tx, ws, Some((Dimension::Queue, &queue)), Dimension::Priority, EVER).await
    });
    let mut groups: Vec<_> = groups
        .into_iter()
        .filter(|(_, counts)| counts.opened != 0)
        .map(|(key, counts)| (key.expect("every case has a priority"), counts.opened))
        .collect();
    groups.sort_unstable();
    groups
}

fn change(desk: &Desk, fixture: &Fixture, number: i64) {
    let ws = fixture.ws;
    desk.write(async move |tx| {
        tx.execute("update cases set priority = 'high' where workspace = $1 and number = $2", params![ws, number])
            .await?;
        outbox::insert(tx, ws, "case.updated", Some(number), "{}").await
    });
    count(desk);
}

#[test]
fn a_pair_is_added_to_while_cases_change_on_both_sides_of_where_it_has_come_to() {
    let (desk, fixture) = filled();
    count(&desk);
    assert_eq!(standing(&desk, &fixture), Standing::Missing);
    keep(&desk, &fixture, PAIR);
    change(&desk, &fixture, 1);
    assert!(add(&desk));
    assert_eq!(standing(&desk, &fixture), Standing::Missing, "not all cases were added");
    // A second pair begins while the first is under way, and must not be taken for as far.
    keep(&desk, &fixture, Pair { of: Dimension::Queue, by: Dimension::Type });
    for number in [2, CASES - 1] {
        change(&desk, &fixture, number);
    }
    while add(&desk) {}
    assert_eq!(standing(&desk, &fixture), Standing::Whole);
    let expected = |high: i64| [("high".to_owned(), high), ("medium".to_owned(), CASES - high)];
    assert_eq!(paired(&desk, &fixture), expected(3));
    change(&desk, &fixture, CASES);
    assert_eq!(paired(&desk, &fixture), expected(4));
    assert!(!desk.read(async move |tx| reports::is_there_to_add(tx).await), "and nothing is left to do");
}

#[test]
fn counting_anew_in_the_middle_makes_pairs_whole() {
    for anew in [true, false] {
        let (desk, fixture) = filled();
        count(&desk);
        keep(&desk, &fixture, PAIR);
        assert!(add(&desk));
        if anew {
            desk.write(async move |tx| reports::start_anew(tx, None).await);
            assert!(!add(&desk), "it waits");
        } else {
            desk.write(async move |tx| tx.execute("delete from outbox", params![]).await);
        }
        count(&desk);
        while add(&desk) {}
        assert_eq!(standing(&desk, &fixture), Standing::Whole);
        assert_eq!(paired(&desk, &fixture), [("medium".to_owned(), CASES)]);
    }
}

#[test]
fn a_pair_that_nobody_asks_for_any_more_is_forgotten_with_its_sums() {
    let (desk, fixture) = filled();
    count(&desk);
    keep(&desk, &fixture, PAIR);
    while add(&desk) {}
    desk.pass(Span::days(2));
    assert_eq!(standing(&desk, &fixture), Standing::WholeAndUnnoted);
    keep(&desk, &fixture, PAIR);
    assert_eq!(standing(&desk, &fixture), Standing::Whole, "what was noted anew stays whole");
    desk.pass(Span::days(93));
    assert!(desk.read(async move |tx| reports::is_there_to_add(tx).await));
    assert!(add(&desk));
    // Asked for again while it is being thrown away: it comes back when that is done.
    assert_eq!(standing(&desk, &fixture), Standing::Missing);
    while add(&desk) {}
    assert_eq!(desk.number("select count(*) from report_counts where of_dimension <> 0"), 0);
    assert_eq!(desk.number("select count(*) from report_pairs"), 0);
    keep(&desk, &fixture, PAIR);
    while add(&desk) {}
    assert_eq!(paired(&desk, &fixture), [("medium".to_owned(), CASES)]);
}

#[test]
fn no_more_of_a_customers_messages_than_asked_for_came_after_the_moment() {
    let (desk, fixture) = filled();
    let ws = fixture.ws;
    let written = |n: i64, direction, automatic| Message {
        case: case(&fixture, 1, at(1)).id,
        id: MessageId(n),
        channel: fixture.channel,
        customer: fixture.customer,
        external_id: None,
        direction,
        text: "Hello".to_owned(),
        author: None,
        automatic,
        sent_at: None,
        received_at: at(n),
        delivery: Delivery::Received,
    };
    let mut all: Vec<_> = (1..=6).map(|n| written(n, Direction::Inbound, false)).collect();
    all.push(written(7, Direction::Inbound, true));
    all.push(written(8, Direction::Outbound, false));
    desk.write(async move |tx| {
        for message in &all {
            messages::insert(tx, ws, message).await?;
        }
        Ok(())
    });
    let beyond = |to: i64, most| {
        let period = Period { from: at(2), to: at(to) };
        desk.read(async move |tx| reports::inbound_beyond(tx, ws, period, most).await)
    };
    assert_eq!(beyond(9, 2), Some(at(4)), "the fifth and the sixth are two");
    assert_eq!(beyond(9, 4), Some(at(2)));
    assert_eq!(beyond(9, 5), None, "that is all there are");
    assert_eq!(beyond(5, 2), Some(at(2)));
}
