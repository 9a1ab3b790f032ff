//! Members, and their load as routing sees it.

use crate::support::{Desk, Fixture, agent, at, case};
use domain::case::Status;
use domain::id::{AgentId, WorkspaceId};
use domain::permission::Role;
use domain::routing::{Availability, Candidate};
use store::agents::{self, Agent};
use store::cases::Case;
use store::queues;

fn insert(desk: &Desk, agent: &Agent) {
    let agent = agent.clone();
    desk.write(async move |tx| agents::insert(tx, &agent).await);
}

#[test]
fn an_agent_comes_back_as_written_and_as_changed() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let written = Agent {
        capacity: Some(3),
        password_hash: Some("$argon2id$…".to_owned()),
        ..agent(&fixture, AgentId(9), "grace")
    };
    insert(&desk, &written);
    let (ws, id) = (fixture.ws, written.id);
    let get = || desk.read(async move |tx| agents::get(tx, ws, id).await);
    assert_eq!(get(), Some(written.clone()));
    let changed = Agent {
        name: "Grace H".to_owned(),
        email: "gh@example.org".to_owned(),
        role: Role::CareManager,
        capacity: None,
        auto_assign: false,
        active: false,
        availability: Availability::Away,
        theme: "dark".to_owned(),
        letter_keys: false,
        password_hash: None,
        ..written
    };
    let change = changed.clone();
    desk.write(async move |tx| agents::update(tx, &change).await);
    assert_eq!(get(), Some(changed.clone()));
    assert_eq!(desk.read(async |tx| agents::by_email(tx, "gh@example.org").await), Some(changed));
    assert_eq!(desk.read(async |tx| agents::by_email(tx, "grace.1@example.org").await), None);
    assert_eq!(desk.read(async move |tx| agents::get(tx, WorkspaceId(9), id).await), None);
}

#[test]
fn an_address_belongs_to_one_person_in_the_whole_database() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    let first = agent(&fixture, AgentId(9), "grace");
    insert(&desk, &first);
    let second = Agent { workspace: other.ws, id: AgentId(10), ..first };
    assert!(desk.try_write(async move |tx| agents::insert(tx, &second).await).is_err());
}

#[test]
fn agents_are_listed_page_by_page_in_order_of_id() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    desk.write(async |tx| Fixture::insert(tx, 2).await);
    for id in [30, 10, 20] {
        insert(&desk, &agent(&fixture, AgentId(id), &format!("agent{id}")));
    }
    let ws = fixture.ws;
    let page = |after: Option<AgentId>, limit: i64| -> Vec<AgentId> {
        let page = desk.read(async move |tx| agents::list(tx, ws, after, limit).await);
        page.iter().map(|agent| agent.id).collect()
    };
    assert_eq!(page(None, 2), [AgentId(10), AgentId(20)]);
    assert_eq!(page(Some(AgentId(20)), 2), [AgentId(30), fixture.agent]);
    assert_eq!(page(Some(fixture.agent), 2), []);
}

/// Load is what is assigned in `open` or `in_progress`, in whichever queue (R4).
#[test]
fn an_agents_load_counts_what_they_work_on_r4() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let statuses = [Status::Open, Status::Open, Status::InProgress, Status::OnHold, Status::Closed];
    for (n, status) in (1..).zip(statuses) {
        fixture.store(&desk, &Case { status, assignee: Some(fixture.agent), ..case(&fixture, n, at(0)) });
    }
    let open = Case { queue: fixture.other_queue, assignee: Some(fixture.agent), ..case(&fixture, 6, at(0)) };
    fixture.store(&desk, &open);
    fixture.store(&desk, &Case { assignee: Some(AgentId(99)), ..case(&fixture, 7, at(0)) });
    fixture.store(&desk, &case(&fixture, 8, at(0)));
    let (ws, id) = (fixture.ws, fixture.agent);
    let expected = Candidate {
        agent: id,
        active: true,
        availability: Availability::Online,
        auto_assign: true,
        capacity: None,
        load: 4,
    };
    assert_eq!(desk.read(async move |tx| agents::candidate(tx, ws, id).await), Some(expected));
    assert_eq!(desk.read(async move |tx| agents::candidate(tx, ws, AgentId(99)).await), None);
    assert_eq!(desk.read(async move |tx| agents::candidate(tx, WorkspaceId(9), id).await), None);
}

#[test]
fn a_queue_chooses_among_its_members_who_are_there_and_take_part_r3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let of = |n, name: &str| agent(&fixture, AgentId(n), name);
    let members = [
        Agent { capacity: Some(5), ..of(11, "there") },
        Agent { availability: Availability::Away, ..of(12, "away") },
        Agent { availability: Availability::Offline, ..of(13, "gone") },
        Agent { active: false, ..of(14, "left") },
        Agent { auto_assign: false, ..of(15, "apart") },
        Agent { capacity: Some(0), ..of(16, "full") },
    ];
    members.iter().for_each(|agent| insert(&desk, agent));
    let (ws, queue) = (fixture.ws, fixture.queue);
    desk.write(async move |tx| {
        let ids: Vec<AgentId> = (11..=16).map(AgentId).collect();
        queues::set_members(tx, ws, queue, &ids).await
    });
    fixture.store(&desk, &Case { assignee: Some(AgentId(11)), ..case(&fixture, 1, at(0)) });
    let mut found = desk.read(async move |tx| agents::candidates(tx, ws, queue).await);
    found.sort_by_key(|candidate| candidate.agent);
    let facts: Vec<_> = found.iter().map(|c| (c.agent.0, c.capacity, c.load, c.can_take())).collect();
    assert_eq!(facts, [(11, Some(5), 1, true), (16, Some(0), 0, false)]);
    let other = fixture.other_queue;
    assert_eq!(desk.read(async move |tx| agents::candidates(tx, ws, other).await), []);
}
