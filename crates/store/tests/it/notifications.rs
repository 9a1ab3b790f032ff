//! What an agent is told of, where they want to hear of it, and forgetting it.

use crate::support::{Desk, Fixture, at};
use domain::id::{AgentId, NotificationId, QueueId, WorkspaceId};
use domain::notice::{Notice, Wanted};
use domain::time::Span;
use store::notifications::{self, News, Notification};
use store::queues;

fn news(notice: Notice, case_number: i64) -> News<'static> {
    News { notice, case_number, cases: 1, by: None, data: r#"{"by":"customer"}"# }
}

fn tell(desk: &Desk, fixture: &Fixture, notice: Notice, number: i64) {
    let (ws, agent) = (fixture.ws, fixture.agent);
    desk.write(async move |tx| notifications::tell(tx, ws, agent, &news(notice, number)).await);
}

fn told(desk: &Desk, fixture: &Fixture) -> Vec<Notification> {
    let (ws, agent) = (fixture.ws, fixture.agent);
    desk.read(async move |tx| notifications::list(tx, ws, agent, None, 99).await)
}

fn unread(desk: &Desk, fixture: &Fixture) -> i64 {
    let (ws, agent) = (fixture.ws, fixture.agent);
    desk.read(async move |tx| notifications::count_unread(tx, ws, agent, 100).await)
}

#[test]
fn notifications_are_the_agents_own_newest_first() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent) = (fixture.ws, fixture.agent);
    (1..=3).for_each(|number| tell(&desk, &fixture, Notice::Reopened, number));
    desk.write(async move |tx| notifications::tell(tx, ws, AgentId(9), &news(Notice::Assigned, 4)).await);
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
    tell(&desk, &fixture, Notice::Assigned, 1);
    let id = told(&desk, &fixture)[0].id;
    let read = |agent: AgentId| desk.write(async move |tx| notifications::mark_read(tx, ws, agent, id).await);
    assert!(read(AgentId(9)).is_none());
    assert_eq!(read(agent).expect("one's own").read_at, Some(at(0)));
    desk.pass(Span::hours(1));
    assert_eq!(read(agent).expect("one's own").read_at, Some(at(0)));
}

#[test]
fn unread_ones_are_listed_and_counted_by_themselves_up_to_a_bound() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent) = (fixture.ws, fixture.agent);
    (1..=4).for_each(|number| tell(&desk, &fixture, Notice::Replied, number));
    let all = told(&desk, &fixture);
    let second = all[2].id;
    assert_eq!(desk.write(async move |tx| notifications::mark_case_read(tx, ws, agent, 3).await), 1);
    assert_eq!(unread(&desk, &fixture), 3);
    assert_eq!(desk.read(async move |tx| notifications::count_unread(tx, ws, agent, 2).await), 2);
    let list = desk.read(async move |tx| notifications::list_unread(tx, ws, agent, None, 9).await);
    assert_eq!(list.iter().filter_map(|n| n.case_number).collect::<Vec<_>>(), [4, 2, 1]);
    // What came after the list that was looked at stays unread.
    assert_eq!(desk.write(async move |tx| notifications::mark_all_read(tx, ws, agent, second).await), 2);
    assert_eq!(unread(&desk, &fixture), 1);
}

#[test]
fn a_queues_active_members_are_told_but_not_who_did_it() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent, queue) = (fixture.ws, fixture.agent, fixture.queue);
    desk.write(async move |tx| queues::set_members(tx, ws, queue, &[agent]).await);
    let tell = |queue: QueueId, by: Option<AgentId>| {
        let news = News { by, ..news(Notice::Reopened, 7) };
        desk.write(async move |tx| notifications::tell_members(tx, ws, queue, &news).await);
        told(&desk, &fixture).len()
    };
    assert_eq!(tell(queue, Some(agent)), 0);
    assert_eq!(tell(fixture.other_queue, None), 0);
    assert_eq!(tell(queue, None), 1);
    assert_eq!(tell(queue, Some(AgentId(9))), 2);
    desk.sql("update agents set active = false");
    assert_eq!(tell(queue, None), 2);
}

#[test]
fn what_a_person_chose_holds_and_the_rest_is_as_at_first() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent, queue) = (fixture.ws, fixture.agent, fixture.queue);
    desk.write(async move |tx| queues::set_members(tx, ws, queue, &[agent]).await);
    let prefer = |notice, in_page| {
        let wanted = Wanted { in_page, email: false };
        desk.write(async move |tx| notifications::prefer(tx, ws, agent, notice, wanted).await);
    };
    for notice in Notice::ALL {
        let before = told(&desk, &fixture).len();
        let both = |number: i64| {
            let news = news(*notice, number);
            desk.write(async move |tx| {
                notifications::tell(tx, ws, agent, &news).await?;
                notifications::tell_members(tx, ws, queue, &news).await
            });
            told(&desk, &fixture).len() - before
        };
        assert_eq!(both(1), if notice.wanted_at_first().in_page { 2 } else { 0 }, "{notice}");
        prefer(*notice, false);
        let quiet = both(2);
        prefer(*notice, true);
        assert_eq!(both(3), quiet + 2, "{notice}");
    }
    let chosen = desk.read(async move |tx| notifications::preferences(tx, ws, agent).await);
    assert_eq!(chosen.len(), Notice::ALL.len());
    assert!(chosen.iter().all(|(_, wanted)| wanted.in_page && !wanted.email));
}

#[test]
fn only_what_was_read_long_ago_is_forgotten() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, agent) = (fixture.ws, fixture.agent);
    (1..=3).for_each(|number| tell(&desk, &fixture, Notice::Assigned, number));
    desk.write(async move |tx| notifications::mark_case_read(tx, ws, agent, 1).await);
    desk.pass(Span::days(2));
    desk.write(async move |tx| notifications::mark_case_read(tx, ws, agent, 2).await);
    let before = at(0).plus(Span::days(1));
    assert!(!desk.write(async move |tx| notifications::prune(tx, before).await), "not a full batch");
    assert_eq!(told(&desk, &fixture).iter().filter_map(|n| n.case_number).collect::<Vec<_>>(), [3, 2]);
}
