//! One case, transaction by transaction.

use super::{Case, Closure, Counts, Entry, Event, Events, Policy};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unborn,
    Open,
    Closed { at: i64 },
}

/// What is known of a case after the transactions so far.
pub struct Replay {
    policy: Policy,
    state: State,
    /// The latest activity: a message or a change of status (C1).
    active_at: i64,
    /// The closures that must be there.
    closures: Vec<Closure>,
    pub changes: Counts,
    pub violations: Vec<String>,
}

impl Replay {
    pub fn new(policy: Policy) -> Replay {
        Replay {
            policy,
            state: State::Unborn,
            active_at: i64::MIN,
            closures: Vec::new(),
            changes: Counts::default(),
            violations: Vec::new(),
        }
    }

    fn violation(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// Takes in what one transaction did.
    pub fn transaction(&mut self, entries: &[Entry]) {
        if let Some(created) = entries.iter().find(|entry| entry.event == Event::Created) {
            if self.state != State::Unborn {
                self.violation("it was created twice");
            }
            self.state = State::Open;
            self.active_at = created.at;
        }
        let turns: Vec<&Entry> = entries.iter().filter(|entry| is_turn(entry.event)).collect();
        if turns.len() > 1 {
            self.violation("one transaction closed or reopened it more than once");
        }
        self.messages_without_reopening(entries, turns.first().copied());
        for turn in turns {
            self.turn(turn, entries);
        }
        if entries.iter().any(|entry| entry.event == Event::StatusChanged) && self.state != State::Open {
            self.violation("its status moved while it was closed");
        }
        let rows = entries.iter().filter(|entry| matches!(entry.event, Event::Message { .. })).count();
        let told = entries.iter().filter(|entry| entry.event == Event::MessageInFeed).count();
        if rows != told {
            self.violation(format!("{rows} messages were stored and {told} entered into the feed together"));
        }
        let activity = entries.iter().filter(|entry| is_activity(entry.event)).map(|entry| entry.at);
        self.active_at = activity.fold(self.active_at, i64::max);
    }

    /// R2: a customer's word inside the window brings a closed case back, in the very transaction that stores it.
    fn messages_without_reopening(&mut self, entries: &[Entry], turn: Option<&Entry>) {
        let State::Closed { at } = self.state else { return };
        let reopens = turn.is_some_and(|turn| turn.event == Event::ReopenedByMessage);
        let within = |entry: &&Entry| is_word_of_customer(entry.event) && entry.at <= at + self.policy.window;
        if !reopens && entries.iter().any(|entry| within(&entry)) {
            self.violation("a customer's message joined it while it was closed and did not reopen it");
        }
    }

    fn turn(&mut self, turn: &Entry, together: &[Entry]) {
        match turn.event {
            Event::ClosedForSilence => {
                self.changes.closed_for_silence += 1;
                // A4, A7, A9: whatever was committed before counts.
                let early = self.active_at.saturating_add(self.policy.threshold).saturating_sub(turn.at);
                if self.state == State::Open && early > 0 {
                    self.violation(format!("it was closed {early} µs early, after activity that was committed first"));
                }
                self.close(turn, true);
            }
            Event::ClosedByHand => {
                self.changes.closed_by_hand += 1;
                self.close(turn, false);
            }
            Event::ReopenedByMessage => {
                self.changes.reopened_by_message += 1;
                if !together.iter().any(|entry| is_word_of_customer(entry.event)) {
                    self.violation("it was reopened by a message that is not there");
                }
                if matches!(self.state, State::Closed { at } if turn.at > at + self.policy.window) {
                    self.violation("it was reopened after the window");
                }
                self.reopen(turn);
            }
            Event::ReopenedByHand => {
                self.changes.reopened_by_hand += 1;
                self.reopen(turn);
            }
            _ => (),
        }
    }

    fn close(&mut self, turn: &Entry, for_silence: bool) {
        if self.state != State::Open {
            self.violation("it was closed twice in one open period");
        }
        let period = self.closures.len() as i64;
        self.closures.push(Closure { period, closed_at: turn.at, for_silence, reopened_at: None });
        self.state = State::Closed { at: turn.at };
    }

    fn reopen(&mut self, turn: &Entry) {
        match self.state {
            State::Closed { at } if turn.at < at => self.violation("it was reopened before it was closed"),
            State::Closed { .. } => (),
            _ => self.violation("it was reopened twice for one closure"),
        }
        if let Some(closure) = self.closures.last_mut() {
            closure.reopened_at = Some(turn.at);
        }
        self.state = State::Open;
    }

    /// Holds what is stored of the case against what happened to it.
    pub fn compare(&mut self, case: &Case) {
        let mut stored = case.closures.clone();
        stored.sort_by_key(|closure| closure.period);
        if stored != self.closures {
            self.violation(format!("its closures are {stored:?}, its history says {:?}", self.closures));
        }
        let closed_at = if let State::Closed { at } = self.state { Some(at) } else { None };
        if (case.is_closed, case.closed_at) != (closed_at.is_some(), closed_at) {
            self.violation(format!(
                "it is stored as closed: {} at {:?}, its history says {closed_at:?}",
                case.is_closed, case.closed_at
            ));
        }
        let reopenings = self.changes.reopened_by_message + self.changes.reopened_by_hand;
        if case.reopen_count != reopenings as i64 {
            self.violation(format!("it counts {} reopenings, its history {reopenings}", case.reopen_count));
        }
        if case.last_activity_at != self.active_at {
            let off = case.last_activity_at - self.active_at;
            self.violation(format!("its last activity is dated {off} µs off its history's"));
        }
        if case.audit != self.changes {
            self.violation(format!("the audit trail has {:?}, its history {:?}", case.audit, self.changes));
        }
        let expected = Events {
            closed_for_silence: self.changes.closed_for_silence,
            closed_by_hand: self.changes.closed_by_hand,
            reopened: reopenings,
        };
        if case.outbox != expected {
            self.violation(format!("the outbox has {:?}, its history {expected:?}", case.outbox));
        }
    }

    /// A6: nothing that was due by then stays open.
    pub fn settled(&mut self, settled: i64) {
        match self.state {
            State::Unborn => self.violation("it has no beginning"),
            State::Open if self.active_at.saturating_add(self.policy.threshold) < settled => {
                self.violation("it was due and nobody closed it");
            }
            _ => (),
        }
    }
}

fn is_turn(event: Event) -> bool {
    use Event::{ClosedByHand, ClosedForSilence, ReopenedByHand, ReopenedByMessage};
    matches!(event, ClosedForSilence | ClosedByHand | ReopenedByMessage | ReopenedByHand)
}

fn is_word_of_customer(event: Event) -> bool {
    matches!(event, Event::Message { inbound: true, automatic: false })
}

/// C1, C4: a message that is not automatic and every change of status that is not the engine's.
fn is_activity(event: Event) -> bool {
    match event {
        Event::Created | Event::StatusChanged | Event::ClosedByHand | Event::ReopenedByHand => true,
        Event::Message { automatic, .. } => !automatic,
        Event::MessageInFeed | Event::ClosedForSilence | Event::ReopenedByMessage => false,
    }
}
