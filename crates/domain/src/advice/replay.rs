//! A case's history played again: what would have become of it under another threshold (X9).
//!
//! What people did is given: messages in both directions, changes of status, closes and reopenings by hand. What the
//! engine does follows: [`lifecycle::next`] says when it would have closed, [`lifecycle::receive`] what the customer's next
//! message would have done. So the closes that the engine made in fact are no part of what people did; a replay that is
//! to show what was takes them as given, too.
//!
//! A history goes on into the case that follows it (R5): under a longer threshold, or within a longer window, the
//! message that started the follow-up would have come into the old case.

use crate::case::Status;
use crate::lifecycle::{self, Facts, Next, Outcome, Thread};
use crate::message::Direction;
use crate::policy::{CloseRule, Effective, Window};
use crate::survival::{Gap, GapEnd};
use crate::time::Timestamp;

/// Something in a case's history that can move its clock or close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    pub at: Timestamp,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Made by hand, without a message. A case that a message started starts with that message.
    Created,
    /// A message, except an automatic one, which moves nothing (C6).
    Message(Direction),
    /// Somebody gave the case this status; a close or a reopening by hand is one too.
    Status(Status),
    /// The engine closed it, under the settings of that time.
    EngineClosed,
}

/// What the engine does in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Nothing: the silences as people made and ended them.
    Idle,
    /// What it did in fact.
    AsRecorded,
    /// What this rule makes it do.
    Follows(CloseRule),
}

/// A close the engine would have made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    pub at: Timestamp,
    /// The latest message was the customer's: they waited for an answer.
    pub customer_waited: bool,
    pub then: Then,
}

/// What came of a close first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing yet: nobody wrote and nobody reopened it.
    Silence,
    /// The customer wrote within the window (R2): the close was wrong.
    Returned,
    /// The customer wrote after the window (R5).
    FollowedUp,
    /// Somebody changed the status before the customer wrote (R8).
    ReopenedByHand,
}

/// A time in which the case was open (M6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    /// The close, or the moment of the question.
    pub to: Timestamp,
    pub closed: bool,
}

/// What a replay saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Only while the engine is idle: a close would cut the silences short.
    pub gaps: Vec<Gap>,
    pub closes: Vec<Close>,
    pub periods: Vec<Period>,
}

/// Plays a history, in order of time, until `as_of`. The first thing that happens opens the case, whatever it is. A
/// customer who returns within `window` of a close reopens it, whether or not auto reopen is on: that is what a wrong
/// close means.
pub fn replay(history: &[Happened], engine: Engine, window: Window, as_of: Timestamp) -> Seen {
    let close = match engine {
        Engine::Follows(rule) => rule,
        Engine::Idle | Engine::AsRecorded => CloseRule::Off,
    };
    let mut known = history.iter().take_while(|happened| happened.at <= as_of);
    let Some(first) = known.next() else { return Seen::default() };
    let mut walk = Walk::start(first, engine, Effective { close, reopen: Some(window) });
    for happened in known {
        walk.pass_until(happened.at);
        walk.happen(happened);
    }
    walk.pass_until(as_of);
    walk.end(as_of)
}

/// The newest case of the history, as it stands at one moment of the replay.
struct Walk {
    engine: Engine,
    policy: Effective,
    facts: Facts,
    opened_at: Timestamp,
    closed_at: Option<Timestamp>,
    /// The place in `seen` of the engine's close that holds now.
    standing: Option<usize>,
    customer_waits: bool,
    seen: Seen,
}

impl Walk {
    fn start(first: &Happened, engine: Engine, policy: Effective) -> Walk {
        Walk {
            engine,
            policy,
            facts: Facts { status: Status::Open, last_activity_at: first.at, keep_open_until: None },
            opened_at: first.at,
            closed_at: None,
            standing: None,
            customer_waits: first.what == What::Message(Direction::Inbound),
            seen: Seen::default(),
        }
    }

    /// Lets time pass: a case that falls due closes at its deadline. What happens at the very deadline comes after it.
    fn pass_until(&mut self, now: Timestamp) {
        if let Next::Due { since } = lifecycle::next(self.facts, self.policy.close, now) {
            self.standing = Some(self.seen.closes.len());
            let close = Close { at: since, customer_waited: self.customer_waits, then: Then::Silence };
            self.seen.closes.push(close);
            self.close(since);
        }
    }

    fn happen(&mut self, happened: &Happened) {
        let at = happened.at;
        match happened.what {
            What::Message(direction) => self.message(direction, at),
            What::Status(status) => self.status(status, at),
            What::EngineClosed if self.engine == Engine::AsRecorded && self.closed_at.is_none() => self.close(at),
            What::EngineClosed | What::Created => {}
        }
    }

    fn message(&mut self, direction: Direction, at: Timestamp) {
        let thread = self.closed_at.map_or(Thread::Live, |at| Thread::Closed { at });
        match lifecycle::receive(thread, direction, false, &self.policy, at) {
            Outcome::Append if self.closed_at.is_none() => {
                let end = if direction == Direction::Inbound { GapEnd::Reply } else { GapEnd::Censored };
                self.end_gap(at, end);
                self.facts.last_activity_at = at;
            }
            Outcome::Reopen => self.open_again(at, Status::Open, Then::Returned),
            Outcome::FollowUp => self.open_again(at, Status::Open, Then::FollowedUp),
            // A message to the customer leaves a closed case closed (R8); the others are about an empty thread.
            Outcome::Append | Outcome::Create | Outcome::Keep => {}
        }
        self.customer_waits = direction == Direction::Inbound;
    }

    fn status(&mut self, status: Status, at: Timestamp) {
        if status == self.facts.status {
            // As at the desk: nothing changed, so nothing happened.
        } else if self.closed_at.is_some() {
            self.open_again(at, status, Then::ReopenedByHand);
        } else if status.is_closed() {
            self.end_gap(at, GapEnd::Censored);
            self.close(at);
        } else {
            self.end_gap(at, GapEnd::Censored);
            self.facts = Facts { status, last_activity_at: at, keep_open_until: None };
        }
    }

    fn close(&mut self, at: Timestamp) {
        self.seen.periods.push(Period { from: self.opened_at, to: at, closed: true });
        self.facts.status = Status::Closed;
        self.closed_at = Some(at);
    }

    fn open_again(&mut self, at: Timestamp, status: Status, then: Then) {
        if let Some(place) = self.standing.take() {
            self.seen.closes[place].then = then;
        }
        self.facts = Facts { status, last_activity_at: at, keep_open_until: None };
        self.opened_at = at;
        self.closed_at = None;
    }

    fn end_gap(&mut self, at: Timestamp, end: GapEnd) {
        if self.engine == Engine::Idle {
            self.seen.gaps.push(Gap { length: at.since(self.facts.last_activity_at), end });
        }
    }

    fn end(mut self, as_of: Timestamp) -> Seen {
        if self.closed_at.is_none() {
            self.end_gap(as_of, GapEnd::Censored);
            self.seen.periods.push(Period { from: self.opened_at, to: as_of, closed: false });
        }
        self.seen
    }
}
