//! How far reports have been counted: whole only when every case is in the sums, whatever made them be counted anew.

use crate::support::{Desk, Fixture, at, case};
use domain::metrics::{Dimension, Period};
use domain::time::Span;
use store::reports::{self, Days, Progress, Selection};
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
    let groups = desk.read(async move |tx| reports::groups(tx, ws, Dimension::Queue, days).await);
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
    let mut groups = desk.read(async move |tx| reports::groups(tx, ws, Dimension::Priority, days).await);
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
