//! The history checker: whether what happened to a case was allowed to happen.
//!
//! It knows the rules (`docs/spec/lifecycle.md`) and nothing of how the desk keeps them. What it is given is the history
//! of one case in the order in which it was committed, and what the tables hold of it in the end.

mod replay;
#[cfg(test)]
mod tests;

use replay::Replay;

/// The policy that held all the time, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub threshold: i64,
    pub window: i64,
}

/// Something that became part of a case's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When its transaction was committed. Entries of one transaction share it, and no two transactions do that
    /// changed the same case.
    pub committed: i64,
    /// When it happened, as the desk has it.
    pub at: i64,
    pub event: Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Created,
    /// A row of the conversation. An automatic one is no activity (C6).
    Message {
        inbound: bool,
        automatic: bool,
    },
    /// The feed's word of a message.
    MessageInFeed,
    StatusChanged,
    ClosedForSilence,
    ClosedByHand,
    ReopenedByMessage,
    ReopenedByHand,
}

/// A closure as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    pub period: i64,
    pub closed_at: i64,
    pub for_silence: bool,
    pub reopened_at: Option<i64>,
}

/// How often each change of a case stands in a list of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub closed_for_silence: u64,
    pub closed_by_hand: u64,
    pub reopened_by_message: u64,
    pub reopened_by_hand: u64,
}

/// The outbox tells a reopening from a closing, and why a case was closed, not who reopened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Events {
    pub closed_for_silence: u64,
    pub closed_by_hand: u64,
    pub reopened: u64,
}

/// All that is stored of a case.
#[derive(Debug, Clone, Default)]
pub struct Case {
    pub number: i64,
    pub closed_at: Option<i64>,
    pub is_closed: bool,
    pub reopen_count: i64,
    pub last_activity_at: i64,
    pub entries: Vec<Entry>,
    pub closures: Vec<Closure>,
    pub audit: Counts,
    pub outbox: Events,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub cases: u64,
    pub messages: u64,
    pub changes: Counts,
    pub violations: u64,
}

/// Replays a case and says everything that was not allowed. `settled` is a moment up to which whatever was due must have
/// been closed.
pub fn check(case: &Case, policy: Policy, settled: i64, tally: &mut Tally) -> Vec<String> {
    let mut replay = Replay::new(policy);
    let mut entries = case.entries.clone();
    entries.sort_by_key(|entry| entry.committed);
    for transaction in entries.chunk_by(|a, b| a.committed == b.committed) {
        replay.transaction(transaction);
    }
    replay.compare(case);
    replay.settled(settled);
    let found = replay.violations;
    tally.cases += 1;
    tally.messages += entries.iter().filter(|entry| matches!(entry.event, Event::Message { .. })).count() as u64;
    tally.changes.closed_for_silence += replay.changes.closed_for_silence;
    tally.changes.closed_by_hand += replay.changes.closed_by_hand;
    tally.changes.reopened_by_message += replay.changes.reopened_by_message;
    tally.changes.reopened_by_hand += replay.changes.reopened_by_hand;
    tally.violations += found.len() as u64;
    found.into_iter().map(|what| format!("case {}: {what}", case.number)).collect()
}
