//! Giving a case that nobody has to a member of its queue, by the queue's own rule (R3).

use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::AgentId;
use domain::routing::{Assignment, pick};
use store::cases::Case;
use store::{Fault, Tx, agents, feed, locks, queues};

/// Assigns `case` (not yet saved) if its queue assigns automatically and somebody can take it. The caller saves the case
/// and writes the feed with [`assigned`] after its own entry.
pub async fn choose(tx: &mut Tx, case: &mut Case) -> Result<Option<AgentId>, Fault> {
    let Some(queue) = queues::get(tx, case.workspace, case.queue).await? else { return Ok(None) };
    if queue.assignment == Assignment::Manual || case.assignee.is_some() {
        return Ok(None);
    }
    locks::routing(tx, case.workspace).await?;
    // Whose turn it is may have changed while this waited.
    let Some(queue) = queues::get(tx, case.workspace, case.queue).await? else { return Ok(None) };
    let members = agents::candidates(tx, case.workspace, case.queue).await?;
    let chosen = pick(queue.assignment, &members, queue.last_assigned);
    if let Some(agent) = chosen {
        case.assignee = Some(agent);
        queues::set_last_assigned(tx, case.workspace, case.queue, agent).await?;
    }
    Ok(chosen)
}

/// The feed entry of a change of assignee.
pub async fn assigned(tx: &mut Tx, case: &Case, by: Actor, from: Option<AgentId>) -> Result<(), Fault> {
    let event = if case.assignee.is_some() { FeedEvent::Assigned } else { FeedEvent::Unassigned };
    let id = |agent: Option<AgentId>| agent.map(|a| a.to_string());
    let data = serde_json::json!({"from": id(from), "to": id(case.assignee)}).to_string();
    feed::insert(tx, case.workspace, case.id, by, event, &data).await
}
