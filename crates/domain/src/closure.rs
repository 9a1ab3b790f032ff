//! Closing: why, by whom, and to whose credit.

use crate::id::AgentId;
use crate::words;

words! {
    /// M10's closing reasons.
    ClosingReason {
        /// By a person, through a page or a token that acts as an agent.
        Manual = "manual",
        /// By a token that acts as nobody.
        Api = "api",
        /// By the engine.
        Inactivity = "inactivity",
    }
}

words! {
    /// What became of a case when the run that closed it was undone (X8).
    Undone {
        /// It is open again.
        Reopened = "reopened",
        /// Somebody had brought it back before.
        ReopenedAlready = "reopened_already",
        /// It was opened and closed again since.
        ClosedAgain = "closed_again",
        /// Somebody wrote in it or changed it since, so it was left closed.
        Changed = "changed",
    }
}

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Agent(AgentId),
    /// A token that acts as nobody.
    Api,
    Engine,
    Customer,
}

impl Actor {
    pub const fn kind(self) -> &'static str {
        match self {
            Actor::Agent(_) => "agent",
            Actor::Api => "api",
            Actor::Engine => "engine",
            Actor::Customer => "customer",
        }
    }

    pub const fn agent(self) -> Option<AgentId> {
        match self {
            Actor::Agent(agent) => Some(agent),
            _ => None,
        }
    }
}

/// The reason a close by this actor carries.
pub const fn reason(by: Actor) -> ClosingReason {
    match by {
        Actor::Agent(_) => ClosingReason::Manual,
        Actor::Engine => ClosingReason::Inactivity,
        Actor::Api | Actor::Customer => ClosingReason::Api,
    }
}

/// Who gets the credit: the assignee, else, and only for a close by hand, the one who closed (M1).
pub fn credit(assignee: Option<AgentId>, by: Actor) -> Option<AgentId> {
    assignee.or(by.agent())
}
