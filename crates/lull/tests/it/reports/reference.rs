//! The figures from their definitions alone, over what was seen of each case. Slow, and knows nothing of how the desk counts.

use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::id::{AgentId, ChannelId, QueueId};
use domain::message::Network;
use domain::metrics::{Dimension, Period};
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use store::reports::Selection;

/// What a case was at a moment; a closed one with the credit and reason of its closure.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub closed: Option<(ClosingReason, Option<AgentId>)>,
    pub agent: Option<AgentId>,
    pub queue: QueueId,
    pub channel: ChannelId,
    pub network: Network,
    pub kind: CaseType,
    pub priority: Priority,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub at: Timestamp,
    pub last_activity_at: Timestamp,
    pub state: State,
}

/// A case from its creation on.
#[derive(Debug, Clone)]
pub struct Life {
    pub created_at: Timestamp,
    pub first_reply_at: Option<Timestamp>,
    seen: Vec<Seen>,
}

/// One closing (M3).
struct Closing<'a> {
    at: Timestamp,
    state: &'a State,
    handle: Span,
    active: Span,
    reopened_at: Option<Timestamp>,
}

impl Life {
    pub fn begin(created_at: Timestamp) -> Life {
        Life { created_at, first_reply_at: None, seen: Vec::new() }
    }

    /// What was closed stays as its closure froze it until it is open again (M1).
    pub fn see(&mut self, mut seen: Seen) {
        match self.seen.last() {
            None => seen.at = self.created_at,
            Some(last) if last.state == seen.state => return,
            Some(last) if last.state.closed.is_some() && seen.state.closed.is_some() => return,
            Some(_) => {}
        }
        self.seen.push(seen);
    }

    /// The state at the end of a period: after all that happened before that moment.
    fn at_end(&self, to: Timestamp) -> Option<&State> {
        self.seen.iter().rfind(|seen| seen.at < to).map(|seen| &seen.state)
    }

    fn closings(&self) -> Vec<Closing<'_>> {
        let (mut closings, mut opened) = (Vec::new(), self.created_at);
        for (place, seen) in self.seen.iter().enumerate() {
            let Some((reason, _)) = seen.state.closed else { continue };
            let reopened_at = self.seen.get(place + 1).map(|next| next.at);
            let active_until = if reason == ClosingReason::Inactivity { seen.last_activity_at } else { seen.at };
            closings.push(Closing {
                at: seen.at,
                state: &seen.state,
                handle: seen.at.since(opened),
                active: active_until.since(opened),
                reopened_at,
            });
            opened = reopened_at.unwrap_or(opened);
        }
        closings
    }
}

/// The figures of one group, in the definitions' words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    pub opened: i64,
    pub closed: BTreeMap<ClosingReason, i64>,
    pub same_period_closed: i64,
    pub handle_times: Vec<f64>,
    pub active_times: Vec<f64>,
    pub reopened: i64,
    pub later_reopened: i64,
    pub reply_times: Vec<f64>,
}

impl Figures {
    pub fn total_closed(&self) -> i64 {
        self.closed.values().sum()
    }

    pub fn is_nothing(&self) -> bool {
        *self == Figures::default()
    }
}

pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn seconds(span: Span) -> f64 {
    span.as_micros() as f64 / 1e6
}

/// Whether a state is among those selected.
fn selected(state: &State, selection: &Selection) -> bool {
    selection.agent.is_none_or(|agent| agent == state.agent)
        && selection.queue.is_none_or(|queue| queue == state.queue)
        && selection.channel.is_none_or(|channel| channel == state.channel)
        && selection.network.is_none_or(|network| network == state.network)
        && selection.kind.is_none_or(|kind| kind == state.kind)
        && selection.priority.is_none_or(|priority| priority == state.priority)
        && selection.tag.as_ref().is_none_or(|tag| state.tags.contains(tag))
        && selection.reason.is_none_or(|reason| state.closed.is_some_and(|(closed, _)| closed == reason))
}

/// The groups of a breakdown a state belongs to.
fn groups(state: &State, by: Option<Dimension>) -> Vec<Option<String>> {
    let one = match by {
        None => None,
        Some(Dimension::Agent) => state.agent.map(|agent| agent.to_string()),
        Some(Dimension::Queue) => Some(state.queue.to_string()),
        Some(Dimension::Channel) => Some(state.channel.to_string()),
        Some(Dimension::Network) => Some(state.network.to_string()),
        Some(Dimension::Type) => Some(state.kind.to_string()),
        Some(Dimension::Priority) => Some(state.priority.to_string()),
        Some(Dimension::ClosedReason) => state.closed.map(|(reason, _)| reason.to_string()),
        Some(Dimension::Tag) if !state.tags.is_empty() => return state.tags.iter().cloned().map(Some).collect(),
        Some(_) => None,
    };
    vec![one]
}

/// The figures of a period by group; all in the group `None` without a breakdown.
pub fn figures<'a>(
    lives: impl Iterator<Item = &'a Life>,
    period: Period,
    selection: &Selection,
    by: Option<Dimension>,
) -> BTreeMap<Option<String>, Figures> {
    let inside = |at: Timestamp| period.from <= at && at < period.to;
    let mut all: BTreeMap<Option<String>, Figures> = BTreeMap::new();
    let mut add = |state: &State, note: &dyn Fn(&mut Figures)| {
        if selected(state, selection) {
            groups(state, by).into_iter().for_each(|group| note(all.entry(group).or_default()));
        }
    };
    for life in lives {
        if inside(life.created_at)
            && let Some(state) = life.at_end(period.to)
        {
            add(state, &|f| f.opened += 1);
            if state.closed.is_some() {
                add(state, &|f| f.same_period_closed += 1);
            }
            if let Some(reply) = life.first_reply_at.filter(|at| *at < period.to) {
                add(state, &|f| f.reply_times.push(seconds(reply.since(life.created_at))));
            }
        }
        for closing in life.closings() {
            let reason = closing.state.closed.map(|(reason, _)| reason).expect("a closing");
            if inside(closing.at) {
                add(closing.state, &|f| {
                    *f.closed.entry(reason).or_default() += 1;
                    f.handle_times.push(seconds(closing.handle));
                    f.active_times.push(seconds(closing.active));
                    f.later_reopened += i64::from(closing.reopened_at.is_some());
                });
            }
            if closing.reopened_at.is_some_and(inside) {
                add(closing.state, &|f| f.reopened += 1);
            }
        }
    }
    all
}
