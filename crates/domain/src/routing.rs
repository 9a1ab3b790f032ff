//! Who gets a case: the agent who knows it, else the queue's own rule.

use crate::id::AgentId;
use crate::words;

words! {
    Availability { Online = "online", Away = "away", Offline = "offline" }
}

words! {
    /// How a queue hands out cases that nobody has.
    Assignment {
        Manual = "manual",
        /// In turn.
        RoundRobin = "round_robin",
        /// To whoever has the most room.
        MostCapacity = "most_capacity",
    }
}

/// A queue that hands out cases: its rule, who takes part in it, and whom it chose last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    pub assignment: Assignment,
    pub members: Vec<AgentId>,
    pub last: Option<AgentId>,
}

/// An agent as far as routing asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub agent: AgentId,
    pub active: bool,
    pub availability: Availability,
    /// Takes part in automatic assignment.
    pub auto_assign: bool,
    /// `None` is no limit (R4).
    pub capacity: Option<u32>,
    /// Cases assigned to them in `open` or `in_progress` (R4).
    pub load: u32,
}

impl Candidate {
    /// There, and with room for one more.
    pub fn can_take(&self) -> bool {
        self.active && self.availability == Availability::Online && self.capacity.is_none_or(|most| self.load < most)
    }

    /// Free places; no limit is more room than any number.
    fn room(&self) -> u32 {
        self.capacity.map_or(u32::MAX, |most| most.saturating_sub(self.load))
    }
}

/// A reopened case goes back to the agent who knows it, if they can take it (R3). Whether they take part in automatic
/// assignment does not matter: it is their own case.
pub fn back_to(knows_it: Option<&Candidate>) -> Option<AgentId> {
    knows_it.filter(|agent| agent.can_take()).map(|agent| agent.agent)
}

/// The queue's choice among its members; `last` is whom it chose before.
pub fn pick(assignment: Assignment, members: &[Candidate], last: Option<AgentId>) -> Option<AgentId> {
    let eligible = members.iter().filter(|m| m.auto_assign && m.can_take());
    match assignment {
        Assignment::Manual => None,
        // The next in the circle of ids after the last; the smallest when nobody lies beyond.
        Assignment::RoundRobin => {
            eligible.map(|m| (last.is_some_and(|l| m.agent <= l), m.agent)).min().map(|(_, agent)| agent)
        }
        // Most room first, then the lighter load, then the circle, so that equals share.
        Assignment::MostCapacity => eligible
            .map(|m| (std::cmp::Reverse(m.room()), m.load, last.is_some_and(|l| m.agent <= l), m.agent))
            .min()
            .map(|(.., agent)| agent),
    }
}

/// Hands out cases that wait, in the order given, each by the rule of its queue: `waiting` names a case and the place of
/// its queue among `rotas`. An agent who takes one has less room for the next, in whichever queue. What nobody can take
/// is passed over; the others are not held up by it.
pub fn hand_out<C: Copy>(waiting: &[(C, usize)], rotas: &mut [Rota], agents: &mut [Candidate]) -> Vec<(C, AgentId)> {
    let mut given = Vec::new();
    for (case, queue) in waiting {
        let Some(rota) = rotas.get_mut(*queue) else { continue };
        let members: Vec<Candidate> = agents.iter().filter(|a| rota.members.contains(&a.agent)).copied().collect();
        let Some(chosen) = pick(rota.assignment, &members, rota.last) else { continue };
        rota.last = Some(chosen);
        for agent in agents.iter_mut().filter(|a| a.agent == chosen) {
            agent.load = agent.load.saturating_add(1);
        }
        given.push((*case, chosen));
    }
    given
}
