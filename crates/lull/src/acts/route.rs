//! Giving cases that nobody has to members of their queue, by the queue's own rule (R3, R4).
//!
//! A case is given away as it arrives ([`choose`]); what nobody could take then waits until somebody has room ([`fill`]).
//! Whoever gives cases away by a rule holds [`locks::routing`] until the end of the transaction, so that no load changes
//! upwards between being counted and being raised, on whichever node. Settings are held too: who is online stays online.

use super::traces::{self, CaseTrace};
use super::{Caller, notices};
use domain::audit::AuditEvent;
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{AgentId, CaseId, QueueId, WorkspaceId};
use domain::notice::Notice;
use domain::routing::{Assignment, Candidate, Rota, hand_out, pick};
use serde_json::json;
use store::cases::{self, Case};
use store::{Fault, Tx, agents, feed, locks, queues};

/// Waiting cases given away in one transaction, at most; the engine goes on from there.
pub const AT_ONCE: usize = 25;

/// Assigns `case` (not yet saved) if its queue assigns automatically and somebody can take it. The caller saves the case
/// and writes the feed with [`assigned`] after its own entry.
pub async fn choose(tx: &mut Tx, case: &mut Case) -> Result<Option<AgentId>, Fault> {
    if case.assignee.is_some() {
        return Ok(None);
    }
    let Some(queue) = queues::get(tx, case.workspace, case.queue).await? else { return Ok(None) };
    if queue.assignment == Assignment::Manual {
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

/// Gives waiting cases to the members of every queue that hands out cases to `agent`, who may have room now. `except` is the
/// case that was just taken from them: the engine gives it away if nobody else does.
pub async fn fill_for(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, except: Option<CaseId>) -> Result<(), Fault> {
    let queues = queues::assigning_to(tx, ws, agent).await?;
    fill(tx, ws, &queues, except).await.map(|_| ())
}

/// Gives what waits in these queues to whoever can take it, the oldest first and [`AT_ONCE`] at most. Answers how many. No
/// row is waited for, so the order of locks holds whatever the caller holds already; a case that somebody works on at this
/// moment is left to the engine.
pub async fn fill(tx: &mut Tx, ws: WorkspaceId, among: &[QueueId], except: Option<CaseId>) -> Result<usize, Fault> {
    if among.is_empty() {
        return Ok(0);
    }
    locks::routing(tx, ws).await?;
    let mut room = Room::default();
    let mut waiting = Vec::new();
    for queue in among {
        if let Some(place) = room.add(tx, ws, *queue).await? {
            let heads = cases::waiting(tx, ws, *queue, AT_ONCE as i64 + 1).await?;
            waiting.extend(heads.into_iter().filter(|case| Some(*case) != except).map(|case| (case, place)));
        }
    }
    waiting.sort_unstable();
    // Whom they would go to tells which of them to claim; what could be claimed is then given away for good.
    let mut wished = room.clone().give(&waiting);
    wished.truncate(AT_ONCE);
    if wished.is_empty() {
        return Ok(0);
    }
    let ids = json!(wished.iter().map(|(case, _)| case.0).collect::<Vec<_>>()).to_string();
    let claimed = cases::claim_waiting(tx, ws, &ids).await?;
    let places: Vec<(usize, usize)> =
        claimed.iter().enumerate().filter_map(|(n, case)| Some((n, room.place(case.queue)?))).collect();
    let given = room.give(&places);
    for (place, agent) in &given {
        give(tx, &claimed[*place], *agent).await?;
    }
    room.remember(tx, ws).await?;
    Ok(given.len())
}

/// The queues that hand out cases, and who of their members is there.
#[derive(Debug, Clone, Default)]
struct Room {
    queues: Vec<QueueId>,
    rotas: Vec<Rota>,
    agents: Vec<Candidate>,
    /// Whom each queue had chosen before.
    before: Vec<Option<AgentId>>,
}

impl Room {
    /// Takes a queue in if it hands out cases and somebody is there to take one; answers its place.
    async fn add(&mut self, tx: &mut Tx, ws: WorkspaceId, id: QueueId) -> Result<Option<usize>, Fault> {
        let Some(queue) = queues::get(tx, ws, id).await?.filter(|q| q.assignment != Assignment::Manual) else {
            return Ok(None);
        };
        let members = agents::candidates(tx, ws, id).await?;
        if !members.iter().any(Candidate::can_take) {
            return Ok(None);
        }
        let (assignment, last) = (queue.assignment, queue.last_assigned);
        self.rotas.push(Rota { assignment, members: members.iter().map(|m| m.agent).collect(), last });
        let known: Vec<AgentId> = self.agents.iter().map(|known| known.agent).collect();
        self.agents.extend(members.into_iter().filter(|member| !known.contains(&member.agent)));
        self.queues.push(id);
        self.before.push(last);
        Ok(Some(self.queues.len() - 1))
    }

    fn place(&self, queue: QueueId) -> Option<usize> {
        self.queues.iter().position(|known| *known == queue)
    }

    fn give<C: Copy>(&mut self, waiting: &[(C, usize)]) -> Vec<(C, AgentId)> {
        hand_out(waiting, &mut self.rotas, &mut self.agents)
    }

    /// Keeps whose turn it was.
    async fn remember(&self, tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
        for ((queue, rota), before) in self.queues.iter().zip(&self.rotas).zip(&self.before) {
            if let Some(last) = rota.last.filter(|last| Some(*last) != *before) {
                queues::set_last_assigned(tx, ws, *queue, last).await?;
            }
        }
        Ok(())
    }
}

/// Gives a waiting case to an agent, with every trace of it.
async fn give(tx: &mut Tx, before: &Case, agent: AgentId) -> Result<(), Fault> {
    let mut case = before.clone();
    case.assignee = Some(agent);
    cases::save(tx, before, &mut case).await?;
    assigned(tx, &case, Actor::Engine, None).await?;
    let (old, new) = (json!({"assignee": null}), json!({"assignee": agent.to_string()}));
    let trace = CaseTrace { audit: AuditEvent::CaseUpdated, outbox: "case.updated", old: Some(old), new: Some(new) };
    traces::of_case(tx, &Caller::engine(case.workspace), &case, trace).await?;
    notices::tell(tx, &case, agent, Actor::Engine, Notice::Assigned).await
}

/// The feed entry of a change of assignee.
pub async fn assigned(tx: &mut Tx, case: &Case, by: Actor, from: Option<AgentId>) -> Result<(), Fault> {
    let event = if case.assignee.is_some() { FeedEvent::Assigned } else { FeedEvent::Unassigned };
    let id = |agent: Option<AgentId>| agent.map(|a| a.to_string());
    let data = json!({"from": id(from), "to": id(case.assignee)}).to_string();
    feed::insert(tx, case.workspace, case.id, by, event, &data).await
}
