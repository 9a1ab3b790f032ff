//! The figures of section 5, M1–M11, as sums.
//!
//! A case's life is a row of [`Phase`]s: open under one assignee, queue, type, priority and tags, or closed under what its
//! closure froze (M1). Each phase is a few [`Change`]s, and every figure of a period P = [from, to) is a sum over changes:
//!
//! - what *stands* at the end of P (M2, M4, M5, M9): changes before `to` of cases created in P. A phase that ends takes back
//!   what it brought, so a case is counted once, under what held at the end of P;
//! - what *happened* in P (M3, M6, M7, M8): changes dated in P.
//!
//! Sums can be added up beforehand. Where a period begins and ends at midnight, sums of days by day of creation give the
//! very same figures as the changes themselves.

mod life;
mod period;

pub use life::{Before, Frozen, History, phases};
pub use period::{Bucket, Calendar, DAYS, POINTS, Period};

use crate::case::{CaseType, Priority};
use crate::closure::ClosingReason;
use crate::id::{AgentId, CaseId, ChannelId, QueueId};
use crate::message::Network;
use crate::time::{Span, Timestamp};
use crate::words;
use std::ops::AddAssign;

/// What a case is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Under {
    /// The assignee of an open case, the credited agent of a closed one (M11).
    pub agent: Option<AgentId>,
    pub queue: QueueId,
    pub channel: ChannelId,
    pub network: Network,
    pub kind: CaseType,
    pub priority: Priority,
    /// In order, each once.
    pub tags: Vec<String>,
}

/// How an open period ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closing {
    pub reason: ClosingReason,
    /// From the start of the open period (M6).
    pub handle_time: Span,
    /// The same up to the last activity where the case was closed for inactivity (M7).
    pub active_time: Span,
}

/// A stretch of a case's life in which nothing changed that a report asks about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phase {
    pub case: CaseId,
    pub number: i64,
    pub created_at: Timestamp,
    /// The first outbound message a person wrote (M9).
    pub first_reply_at: Option<Timestamp>,
    pub since: Timestamp,
    /// Not included; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// `None`: the case was open.
    pub closing: Option<Closing>,
    pub under: Under,
}

words! {
    /// What figures can be broken down by (M10), and the spread of the two handle times.
    Dimension {
        Agent = "agent",
        Queue = "queue",
        Channel = "channel",
        Network = "network",
        Type = "type",
        Priority = "priority",
        Tag = "tag",
        ClosedReason = "closed_reason",
        /// A class of M6: `900` are closures that took up to 900 seconds and longer than the class before.
        HandleTime = "handle_time",
        /// The same of M7.
        HandleTimeWithoutIdleTail = "handle_time_without_idle_tail",
    }
}

/// The upper bounds of the handle times' classes, in seconds; the last class has none and is called `longer`.
pub const CLASSES: [i64; 13] =
    [900, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600, 1_814_400, 2_592_000];
/// The class above all bounds.
pub const LONGER: &str = "longer";

/// What is added up. Times are milliseconds: sums over many millions of cases fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Counts {
    /// Cases that stand (M2) …
    pub opened: i64,
    /// … closed (M4), …
    pub settled: i64,
    /// … answered (M9), and how long that took.
    pub replied: i64,
    pub reply_millis: i64,
    /// Closures that happened (M3), by reason.
    pub closed_manual: i64,
    pub closed_api: i64,
    pub closed_inactivity: i64,
    pub handle_millis: i64,
    pub active_millis: i64,
    /// … those of them that were undone later, whenever that was (M8).
    pub undone: i64,
    /// Reopenings that happened (M8).
    pub reopened: i64,
}

/// Something that adds to figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When the case was created: `counts` stands only in periods that hold this.
    pub created: i64,
    /// When it happened, in the same unit: microseconds, or days.
    pub at: i64,
    pub counts: Counts,
}

impl Counts {
    /// What stands: all that is not dated by its own moment.
    const fn standing(self) -> Counts {
        Counts {
            opened: self.opened,
            settled: self.settled,
            replied: self.replied,
            reply_millis: self.reply_millis,
            ..Counts::ZERO
        }
    }

    const fn happened(self) -> Counts {
        Counts { opened: 0, settled: 0, replied: 0, reply_millis: 0, ..self }
    }

    pub const ZERO: Counts = Counts {
        opened: 0,
        settled: 0,
        replied: 0,
        reply_millis: 0,
        closed_manual: 0,
        closed_api: 0,
        closed_inactivity: 0,
        handle_millis: 0,
        active_millis: 0,
        undone: 0,
        reopened: 0,
    };

    /// M3.
    pub const fn closed(self) -> i64 {
        self.closed_manual + self.closed_api + self.closed_inactivity
    }

    /// M5: of the cases opened, the share closed.
    pub fn completion_rate(self) -> Option<f64> {
        ratio(self.settled, self.opened)
    }

    /// M6, in seconds.
    pub fn average_handle_seconds(self) -> Option<f64> {
        ratio(self.handle_millis, self.closed()).map(|millis| millis / 1e3)
    }

    /// M7, in seconds.
    pub fn average_active_seconds(self) -> Option<f64> {
        ratio(self.active_millis, self.closed()).map(|millis| millis / 1e3)
    }

    /// M8: of the closures, the share undone.
    pub fn reopen_rate(self) -> Option<f64> {
        ratio(self.undone, self.closed())
    }

    /// M9, in seconds.
    pub fn average_reply_seconds(self) -> Option<f64> {
        ratio(self.reply_millis, self.replied).map(|millis| millis / 1e3)
    }

    /// The same with every sign turned: what a phase takes back.
    pub fn negated(self) -> Counts {
        let mut nothing = Counts::ZERO;
        nothing.each(self, |a, b| *a -= b);
        nothing
    }

    fn each(&mut self, other: Counts, act: impl Fn(&mut i64, i64)) {
        act(&mut self.opened, other.opened);
        act(&mut self.settled, other.settled);
        act(&mut self.replied, other.replied);
        act(&mut self.reply_millis, other.reply_millis);
        act(&mut self.closed_manual, other.closed_manual);
        act(&mut self.closed_api, other.closed_api);
        act(&mut self.closed_inactivity, other.closed_inactivity);
        act(&mut self.handle_millis, other.handle_millis);
        act(&mut self.active_millis, other.active_millis);
        act(&mut self.undone, other.undone);
        act(&mut self.reopened, other.reopened);
    }

    /// Adds what a change is to the period from `from` up to `to`.
    pub fn add(&mut self, change: &Change, from: i64, to: i64) {
        if change.at < from || change.at >= to {
            return;
        }
        *self += change.counts.happened();
        if change.created >= from {
            *self += change.counts.standing();
        }
    }
}

/// Of nothing there is no share and no mean.
fn ratio(part: i64, of: i64) -> Option<f64> {
    (of != 0).then(|| part as f64 / of as f64)
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.each(other, |a, b| *a += b);
    }
}

impl Phase {
    /// What this phase adds to figures, in microseconds.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        let change =
            |at: Timestamp, counts| Change { created: self.created_at.as_micros(), at: at.as_micros(), counts };
        // A reply at the very end belongs to the phase that begins there.
        let reply = self.first_reply_at.map(|at| at.max(self.created_at));
        let reply = reply.filter(|at| self.until.is_none_or(|until| *at < until || *at <= self.since));
        let within = reply.filter(|at| *at > self.since);
        let answered =
            reply.map(|at| Counts { replied: 1, reply_millis: millis(at.since(self.created_at)), ..Counts::ZERO });
        let mut stands = Counts { opened: 1, settled: i64::from(self.closing.is_some()), ..Counts::ZERO };
        let mut begins = stands;
        begins += self.closed();
        if within.is_none() {
            begins += answered.unwrap_or_default();
        }
        stands += answered.unwrap_or_default();
        let mut ends = stands.negated();
        ends.reopened = i64::from(self.closing.is_some());
        let first = change(self.since, begins);
        let second = within.map(|at| change(at, answered.unwrap_or_default()));
        let last = self.until.map(|until| change(until, ends));
        [Some(first), second, last].into_iter().flatten()
    }

    /// What happens as the phase begins.
    fn closed(&self) -> Counts {
        let Some(closing) = self.closing else { return Counts::ZERO };
        Counts {
            closed_manual: i64::from(closing.reason == ClosingReason::Manual),
            closed_api: i64::from(closing.reason == ClosingReason::Api),
            closed_inactivity: i64::from(closing.reason == ClosingReason::Inactivity),
            handle_millis: millis(closing.handle_time),
            active_millis: millis(closing.active_time),
            undone: i64::from(self.until.is_some()),
            ..Counts::ZERO
        }
    }

    /// The groups of a dimension that count this phase: one, or as many as it has tags. `None` is the group of those that
    /// have no value there.
    pub fn groups(&self, dimension: Dimension) -> Vec<Option<String>> {
        let id = |id: i64| Some(id.to_string());
        let one = match dimension {
            Dimension::Agent => self.under.agent.and_then(|agent| id(agent.0)),
            Dimension::Queue => id(self.under.queue.0),
            Dimension::Channel => id(self.under.channel.0),
            Dimension::Network => Some(self.under.network.to_string()),
            Dimension::Type => Some(self.under.kind.to_string()),
            Dimension::Priority => Some(self.under.priority.to_string()),
            Dimension::Tag if self.under.tags.is_empty() => None,
            Dimension::Tag => return self.under.tags.iter().cloned().map(Some).collect(),
            Dimension::ClosedReason => self.closing.map(|closing| closing.reason.to_string()),
            Dimension::HandleTime => self.closing.map(|closing| class(closing.handle_time)),
            Dimension::HandleTimeWithoutIdleTail => self.closing.map(|closing| class(closing.active_time)),
        };
        vec![one]
    }
}

fn millis(span: Span) -> i64 {
    span.as_micros() / 1_000
}

fn class(time: Span) -> String {
    let bound = CLASSES.iter().find(|bound| time <= Span::seconds(**bound));
    bound.map_or_else(|| LONGER.to_owned(), i64::to_string)
}
