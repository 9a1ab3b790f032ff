//! What an agent is told of.

use crate::support::{Desk, Fixture, at};
use domain::id::{AgentId, NotificationId, WorkspaceId};
use domain::time::Span;
use store::notifications::{self, Notification};

#[test]
fn notifications_are_the_agents_own_newest_first() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| {
        for number in 1..=3 {
            notifications::insert(tx, ws, agent, "case_reopened", number, r#"{"by":"customer"}"#).await?;
        }
        notifications::insert(tx, ws, AgentId(9), "assigned", 4, "{}").await
    });
    let page = |before: Option<NotificationId>, limit: i64| -> Vec<Notification> {
        desk.read(async move |tx| notifications::list(tx, ws, agent, before, limit).await)
    };
    let numbers = |page: &[Notification]| page.iter().filter_map(|n| n.case_number).collect::<Vec<_>>();
    let first = page(None, 2);
    assert_eq!(numbers(&first), [3, 2]);
    assert_eq!(numbers(&page(Some(first[1].id), 9)), [1]);
    let told = &first[0];
    assert_eq!((told.at, told.event.as_str(), told.read_at), (at(0), "case_reopened", None));
    assert_eq!(told.data, r#"{"by":"customer"}"#);
    assert!(desk.read(async move |tx| notifications::list(tx, WorkspaceId(9), agent, None, 9).await).is_empty());
}

#[test]
fn the_first_reading_is_kept_and_nobody_elses_can_be_read() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent) = (fixture.ws, fixture.agent);
    let id = desk.write(async move |tx| {
        notifications::insert(tx, ws, agent, "assigned", 1, "{}").await?;
        Ok(notifications::list(tx, ws, agent, None, 1).await?[0].id)
    });
    let read = |agent: AgentId| desk.write(async move |tx| notifications::mark_read(tx, ws, agent, id).await);
    assert!(read(AgentId(9)).is_none());
    assert_eq!(read(agent).expect("one's own").read_at, Some(at(0)));
    desk.pass(Span::hours(1));
    assert_eq!(read(agent).expect("one's own").read_at, Some(at(0)));
}
