//! Queues, their members, and whose turn it is.

use crate::support::{Desk, Fixture, at, queue};
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::routing::Assignment;
use store::queues::{self, Queue};

#[test]
fn a_queue_comes_back_as_written_and_as_changed() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let written = Queue { assignment: Assignment::RoundRobin, ..queue(QueueId(50), "Fifty", at(7)) };
    let changed = Queue { name: "50".to_owned(), assignment: Assignment::MostCapacity, ..written.clone() };
    let (first, second) = (written.clone(), changed.clone());
    let (one, two, turn) = desk.write(async move |tx| {
        queues::insert(tx, ws, &first).await?;
        let one = queues::get(tx, ws, first.id).await?;
        queues::update(tx, ws, &second).await?;
        let two = queues::by_name(tx, ws, "50").await?;
        queues::set_last_assigned(tx, ws, second.id, AgentId(3)).await?;
        queues::update(tx, ws, &second).await?;
        Ok((one, two, queues::get(tx, ws, second.id).await?))
    });
    assert_eq!((one, two), (Some(written), Some(changed.clone())));
    assert_eq!(turn, Some(Queue { last_assigned: Some(AgentId(3)), ..changed }), "an edit keeps whose turn it is");
    assert_eq!(desk.read(async move |tx| queues::by_name(tx, ws, "Fifty").await), None);
    assert_eq!(desk.read(async move |tx| queues::get(tx, WorkspaceId(9), QueueId(50)).await), None);
}

#[test]
fn a_name_is_taken_once_in_a_workspace() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    let (ws, other) = (fixture.ws, other.ws);
    let again = |ws| desk.try_write(async move |tx| queues::insert(tx, ws, &queue(QueueId(50), "Fifty", at(0))).await);
    again(ws).expect("the first");
    again(other).expect("another workspace's");
    assert!(desk.try_write(async move |tx| queues::insert(tx, ws, &queue(QueueId(51), "Fifty", at(0))).await).is_err());
}

#[test]
fn the_first_queue_is_the_oldest_and_lists_go_by_age() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let (first, all, rest) = desk.read(async move |tx| {
        let first = queues::first(tx, ws).await?;
        let all = queues::list(tx, ws, None, 10).await?;
        Ok((first.clone(), all, queues::list(tx, ws, Some(first.id), 1).await?))
    });
    assert_eq!((first.id, first.name.as_str()), (fixture.queue, queues::FIRST_QUEUE));
    assert_eq!(all.iter().map(|q| q.id).collect::<Vec<_>>(), [fixture.queue, fixture.other_queue]);
    assert_eq!(rest.iter().map(|q| q.id).collect::<Vec<_>>(), [fixture.other_queue]);
}

#[test]
fn members_are_set_added_and_taken_out_everywhere() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, one, two) = (fixture.ws, fixture.queue, fixture.other_queue);
    let members = |queue| -> Vec<i64> {
        let members = desk.read(async move |tx| queues::members(tx, ws, queue).await);
        members.iter().map(|agent| agent.0).collect()
    };
    let set = |queue, agents: &[i64]| {
        let agents: Vec<AgentId> = agents.iter().copied().map(AgentId).collect();
        desk.write(async move |tx| queues::set_members(tx, ws, queue, &agents).await);
    };
    set(one, &[3, 1, 2, 2]);
    set(two, &[1]);
    assert_eq!(members(one), [1, 2, 3]);
    desk.write(async move |tx| {
        queues::add_member(tx, ws, two, AgentId(5)).await?;
        queues::add_member(tx, ws, two, AgentId(5)).await
    });
    assert_eq!(members(two), [1, 5]);
    set(one, &[1, 4]);
    assert_eq!(members(one), [1, 4]);
    desk.write(async move |tx| queues::remove_member_everywhere(tx, ws, AgentId(1)).await);
    assert_eq!((members(one), members(two)), (vec![4], vec![5]));
    assert_eq!(desk.read(async move |tx| queues::members(tx, WorkspaceId(9), one).await), []);
}
