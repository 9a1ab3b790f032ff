//! The activity feed of a case.

use crate::support::{Desk, Fixture, at};
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{ActivityId, CaseId, WorkspaceId};
use store::feed::{self, FeedEntry};

fn events(entries: &[FeedEntry]) -> Vec<FeedEvent> {
    entries.iter().map(|entry| entry.event).collect()
}

#[test]
fn entries_say_who_did_what_and_when() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, case) = (fixture.ws, CaseId(1));
    let actors = [Actor::Customer, Actor::Agent(fixture.agent), Actor::Api, Actor::Engine];
    let entries = desk.write(async move |tx| {
        for actor in actors {
            feed::insert(tx, ws, case, actor, FeedEvent::StatusChanged, r#"{"to":"open"}"#).await?;
        }
        feed::insert_at(tx, ws, case, at(-99), Actor::Customer, FeedEvent::MessageReceived, "{}").await?;
        feed::list(tx, ws, case, None, 9).await
    });
    assert_eq!(entries.iter().map(|entry| entry.actor).collect::<Vec<_>>()[..4], actors);
    assert!(entries[..4].iter().all(|entry| entry.at == at(0) && entry.data == r#"{"to":"open"}"#));
    assert_eq!(entries[4].at, at(-99), "imported history has times of its own (C5)");
}

#[test]
fn every_event_comes_back_and_in_order_from_either_end() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, case) = (fixture.ws, CaseId(1));
    desk.write(async move |tx| {
        for event in FeedEvent::ALL {
            feed::insert(tx, ws, case, Actor::Engine, *event, "{}").await?;
        }
        feed::insert(tx, ws, CaseId(2), Actor::Engine, FeedEvent::Warned, "{}").await
    });
    let list =
        |after: Option<ActivityId>, limit: i64| desk.read(async move |tx| feed::list(tx, ws, case, after, limit).await);
    let first = list(None, 5);
    assert_eq!(events(&first), FeedEvent::ALL[..5]);
    assert_eq!(events(&list(first.last().map(|entry| entry.id), 100)), FeedEvent::ALL[5..]);
    let latest = desk.read(async move |tx| feed::latest(tx, ws, case, 3).await);
    assert_eq!(events(&latest), FeedEvent::ALL.iter().rev().take(3).copied().collect::<Vec<_>>());
    let stranger = WorkspaceId(9);
    assert!(desk.read(async move |tx| feed::list(tx, stranger, case, None, 9).await).is_empty());
    assert!(desk.read(async move |tx| feed::latest(tx, stranger, case, 9).await).is_empty());
}
