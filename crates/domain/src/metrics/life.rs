//! A case's life as phases, from what is kept of it: the case as it is, what was changed, and its closures.

use super::{Closing, Phase, Under};
use crate::case::{CaseType, Priority};
use crate::closure::ClosingReason;
use crate::id::{AgentId, CaseId, QueueId};
use crate::time::Timestamp;

/// What a field of a case was before a change, in the feed's order of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    Assignee(Option<AgentId>),
    Queue(QueueId),
    Type(CaseType),
    Priority(Priority),
    Tags(Vec<String>),
}

/// A closure, as far as figures ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Start of the open period it ended.
    pub opened_at: Timestamp,
    pub closed_at: Timestamp,
    pub last_activity_at: Timestamp,
    pub reopened_at: Option<Timestamp>,
    pub reason: ClosingReason,
    pub under: Under,
}

/// Everything a case's phases follow from.
#[derive(Debug, Clone)]
pub struct History {
    pub case: CaseId,
    pub number: i64,
    pub created_at: Timestamp,
    pub first_reply_at: Option<Timestamp>,
    /// As the case is now.
    pub now: Under,
    /// Oldest first.
    pub changes: Vec<(Timestamp, Before)>,
    /// Oldest first.
    pub closures: Vec<Frozen>,
}

/// The phases of a case, in order. An open phase that lasted no time is left out: it would be counted nowhere. A closing
/// counts however short.
pub fn phases(history: &History) -> Vec<Phase> {
    let timeline = timeline(history);
    let mut phases = Vec::new();
    let mut opened = Some(history.created_at);
    for closure in &history.closures {
        if let Some(since) = opened {
            open(history, &timeline, since, Some(closure.closed_at), &mut phases);
        }
        let (closing, under) = (Some(closing(closure)), closure.under.clone());
        phases.push(phase(history, closure.closed_at, closure.reopened_at, closing, under));
        opened = closure.reopened_at;
    }
    if let Some(since) = opened {
        open(history, &timeline, since, None, &mut phases);
    }
    phases
}

/// What the case was counted under while it was open, and since when; the first entry holds from the beginning.
fn timeline(history: &History) -> Vec<(Timestamp, Under)> {
    let mut under = history.now.clone();
    let mut timeline = Vec::with_capacity(history.changes.len() + 1);
    for (at, before) in history.changes.iter().rev() {
        timeline.push((*at, under.clone()));
        match before {
            Before::Assignee(agent) => under.agent = *agent,
            Before::Queue(queue) => under.queue = *queue,
            Before::Type(kind) => under.kind = *kind,
            Before::Priority(priority) => under.priority = *priority,
            Before::Tags(tags) => under.tags.clone_from(tags),
        }
    }
    timeline.push((history.created_at, under));
    timeline.reverse();
    timeline
}

/// The phases of an open period.
fn open(
    history: &History,
    timeline: &[(Timestamp, Under)],
    since: Timestamp,
    until: Option<Timestamp>,
    phases: &mut Vec<Phase>,
) {
    let first = phases.len();
    for (place, (from, under)) in timeline.iter().enumerate() {
        let next = timeline.get(place + 1).map(|(at, _)| *at);
        let begins = if place == 0 { since } else { since.max(*from) };
        let ends = [next, until].into_iter().flatten().min();
        if ends.is_some_and(|ends| ends <= begins) {
            continue;
        }
        match phases[first..].last_mut() {
            Some(last) if last.under == *under => last.until = ends,
            _ => phases.push(phase(history, begins, ends, None, under.clone())),
        }
    }
}

fn phase(
    history: &History,
    since: Timestamp,
    until: Option<Timestamp>,
    closing: Option<Closing>,
    under: Under,
) -> Phase {
    Phase {
        case: history.case,
        number: history.number,
        created_at: history.created_at,
        first_reply_at: history.first_reply_at,
        since,
        until,
        closing,
        under,
    }
}

fn closing(closure: &Frozen) -> Closing {
    let active_until = match closure.reason {
        ClosingReason::Inactivity => closure.last_activity_at,
        ClosingReason::Manual | ClosingReason::Api => closure.closed_at,
    };
    Closing {
        reason: closure.reason,
        handle_time: closure.closed_at.since(closure.opened_at),
        active_time: active_until.since(closure.opened_at),
    }
}
