//! When a case closes, and what a message does to it.
//!
//! [`next`] is the only place that says whether a case is due. The engine, `closes_at`, the pages' hint and the sweep's
//! property test all ask it; the sweep's SQL is the same rule written as a range.

use crate::case::Status;
use crate::message::Direction;
use crate::policy::{CloseRule, Effective};
use crate::time::{Span, Timestamp};

/// What auto close asks about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub status: Status,
    pub last_activity_at: Timestamp,
    /// Somebody keeps the case open until then (X3); a moment that has passed no longer counts.
    pub keep_open_until: Option<Timestamp>,
}

/// What auto close has in store for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    NotCovered(WhyNot),
    Waits { until: Timestamp },
    Due { since: Timestamp },
}

/// Why a case will not close by itself as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    AlreadyClosed,
    SwitchedOff,
    SuspendedByPlan,
    StatusNotSelected,
    /// Its last activity lies before the switch-on (A3).
    SilentSinceBefore {
        enabled_at: Timestamp,
    },
}

/// The rule of auto close: A3 and A4, and X3's *keep open until*, which only ever puts the deadline off.
pub fn next(facts: Facts, rule: CloseRule, now: Timestamp) -> Next {
    if facts.status.is_closed() {
        return Next::NotCovered(WhyNot::AlreadyClosed);
    }
    let (enabled_at, threshold, statuses) = match rule {
        CloseRule::Off => return Next::NotCovered(WhyNot::SwitchedOff),
        CloseRule::Suspended => return Next::NotCovered(WhyNot::SuspendedByPlan),
        CloseRule::On { enabled_at, threshold, statuses } => (enabled_at, threshold, statuses),
    };
    if !statuses.contains(facts.status) {
        return Next::NotCovered(WhyNot::StatusNotSelected);
    }
    if facts.last_activity_at < enabled_at {
        return Next::NotCovered(WhyNot::SilentSinceBefore { enabled_at });
    }
    let silent_for_long = facts.last_activity_at.plus(threshold.span());
    let deadline = facts.keep_open_until.map_or(silent_for_long, |until| until.max(silent_for_long));
    if deadline <= now { Next::Due { since: deadline } } else { Next::Waits { until: deadline } }
}

/// When the case will close if nothing more happens (X10); `None` while it will not.
pub fn closes_at(facts: Facts, rule: CloseRule) -> Option<Timestamp> {
    match next(facts, rule, facts.last_activity_at) {
        Next::Waits { until } => Some(until),
        Next::Due { since } => Some(since),
        Next::NotCovered(_) => None,
    }
}

/// How far ahead a case can be kept open: longer is not a pause but another way to work.
pub const KEEP_OPEN_MOST: Span = Span::days(366);
/// Characters of the reason a person gives for it.
pub const KEEP_OPEN_REASON_CHARS: usize = 500;

/// Why a case cannot be kept open until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotKeep {
    NotAhead,
    TooFar,
    /// What is closed is not kept open; reopen it first.
    Closed,
}

/// Whether a case that ends up in `status` can be kept open until then (X3).
pub fn may_keep_open(status: Status, until: Timestamp, now: Timestamp) -> Result<(), CannotKeep> {
    if status.is_closed() {
        Err(CannotKeep::Closed)
    } else if until <= now {
        Err(CannotKeep::NotAhead)
    } else if until > now.plus(KEEP_OPEN_MOST) {
        Err(CannotKeep::TooFar)
    } else {
        Ok(())
    }
}

/// The newest case of a message's thread, as far as [`receive`] asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    Empty,
    Live,
    Closed { at: Timestamp },
}

/// What a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Starts a case.
    Create,
    Append,
    /// Brings the closed case back (R2).
    Reopen,
    /// Starts a case linked to the closed one (R5).
    FollowUp,
    /// Belongs to no case: an automatic message in a thread that has none (R6).
    Keep,
}

/// What a message does to the newest case of its thread (R2, R5, R6, R8).
pub fn receive(thread: Thread, direction: Direction, automatic: bool, policy: &Effective, now: Timestamp) -> Outcome {
    match (thread, direction) {
        (Thread::Empty, _) if automatic => Outcome::Keep,
        (Thread::Empty, _) => Outcome::Create,
        (Thread::Live, _) | (Thread::Closed { .. }, Direction::Outbound) => Outcome::Append,
        (Thread::Closed { .. }, Direction::Inbound) if automatic => Outcome::Append,
        (Thread::Closed { at }, Direction::Inbound) => match policy.reopen {
            Some(window) if now <= at.plus(window.span()) => Outcome::Reopen,
            _ => Outcome::FollowUp,
        },
    }
}
