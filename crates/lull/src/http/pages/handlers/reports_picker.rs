//! The form over a report: periods, comparison, buckets and filters as the address has them.

use super::super::parts::Choice;
use super::super::reports::{Picker, SetFilter, Tab};
use super::reports_address::{Address, NOBODY, agent};
use super::reports_period::{Compare, Named};
use super::words;
use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::id::AgentId;
use domain::message::Network;
use domain::metrics::Bucket;
use store::agents::Agent;
use store::channels::Channel;
use store::queues::Queue;
use store::reports::Selection;

/// What filters choose from.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub agents: Vec<Agent>,
    pub queues: Vec<Queue>,
    pub channels: Vec<Channel>,
}

/// Which parts of the form a page has, and what is chosen where the address leaves it open.
#[derive(Debug, Clone)]
pub struct Given {
    /// First and last day, for the fields of another period.
    pub days: [String; 2],
    pub dates_error: Option<String>,
    /// The buckets that fit the period, and the one in use.
    pub buckets: Vec<Bucket>,
    pub bucket: Bucket,
}

pub fn picker(tab: Tab, address: &Address, names: &Names, given: Given) -> Picker {
    let overview = tab == Tab::Overview;
    let [first, last] = match address.period {
        Named::Custom => [address.first.clone(), address.last.clone()],
        _ => given.days,
    };
    let periods = Named::ALL.map(|one| Choice::new(one.key(), one.label(), one == address.period));
    let compares = Compare::ALL.map(|one| Choice::new(one.key(), one.label(), one == address.compare));
    let buckets = given.buckets.iter().map(|one| Choice::new(one.as_str(), bucket(*one), *one == given.bucket));
    // What this page's form does not show, it must not lose.
    let hidden: &[&str] = if overview { &["sort"] } else { &["sort", "compare", "bucket"] };
    Picker {
        action: tab.path().to_owned(),
        periods: periods.to_vec(),
        first,
        last,
        dates_error: given.dates_error,
        compares: if overview { compares.to_vec() } else { Vec::new() },
        buckets: if overview { buckets.collect() } else { Vec::new() },
        filters: filters(&address.only, names),
        tag: address.only.tag.clone().unwrap_or_default(),
        kept: address.pairs().into_iter().filter(|(name, _)| hidden.contains(name)).collect(),
        set: set(tab.path(), address, names),
        clear_url: address.unfiltered().under(tab.path()),
    }
}

pub fn bucket(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Hour => "Hour",
        Bucket::Day => "Day",
        Bucket::Week => "Week",
        Bucket::Month => "Month",
    }
}

/// How a closing reason is called: never only "closed".
pub fn reason(reason: ClosingReason) -> &'static str {
    match reason {
        ClosingReason::Manual => "By people",
        ClosingReason::Inactivity => "By inactivity",
        ClosingReason::Api => "By API",
    }
}

fn one_of<T: Copy + PartialEq>(
    any: &str,
    all: &[T],
    chosen: Option<T>,
    key: impl Fn(T) -> &'static str,
    word: impl Fn(T) -> &'static str,
) -> Vec<Choice> {
    let each = all.iter().map(|one| Choice::new(key(*one), word(*one), chosen == Some(*one)));
    std::iter::once(Choice::new("", any, chosen.is_none())).chain(each).collect()
}

fn named<'a, I: PartialEq + ToString>(
    any: &str,
    all: impl Iterator<Item = (I, &'a str)>,
    chosen: Option<I>,
) -> Vec<Choice> {
    let first = Choice::new("", any, chosen.is_none());
    std::iter::once(first)
        .chain(all.map(|(id, name)| Choice::new(id.to_string(), name, chosen.as_ref() == Some(&id))))
        .collect()
}

fn filters(only: &Selection, names: &Names) -> Vec<(&'static str, &'static str, Vec<Choice>)> {
    let mut agents = named("Anyone", names.agents.iter().map(|a| (a.id, a.name.as_str())), only.agent.flatten());
    if only.agent == Some(None) {
        agents[0].selected = false;
    }
    agents.insert(1, Choice::new(NOBODY, "Nobody", only.agent == Some(None)));
    let priority = |one| words::priority(one).word();
    vec![
        ("agent", "Agent", agents),
        ("queue", "Queue", named("Any queue", names.queues.iter().map(|q| (q.id, q.name.as_str())), only.queue)),
        (
            "channel",
            "Channel",
            named("Any channel", names.channels.iter().map(|c| (c.id, c.name.as_str())), only.channel),
        ),
        ("network", "Network", one_of("Any network", Network::ALL, only.network, Network::as_str, words::network)),
        ("type", "Type", one_of("Any type", CaseType::ALL, only.kind, CaseType::as_str, words::kind)),
        ("priority", "Priority", one_of("Any priority", Priority::ALL, only.priority, Priority::as_str, priority)),
        ("closed_reason", "Closed", one_of("Any way", ClosingReason::ALL, only.reason, ClosingReason::as_str, reason)),
    ]
}

/// The filters that are set, each with the address under `path` without it.
pub fn set(path: &str, address: &Address, names: &Names) -> Vec<SetFilter> {
    let only = &address.only;
    let without = |change: fn(&mut Selection)| {
        let mut less = only.clone();
        change(&mut less);
        address.only(less).under(path)
    };
    let queue = |id| names.queues.iter().find(|queue| queue.id == id).map(|queue| queue.name.clone());
    let channel = |id| names.channels.iter().find(|channel| channel.id == id).map(|channel| channel.name.clone());
    let unknown = || "unknown".to_owned();
    let all = [
        ("Agent", only.agent.map(|agent| agent_name(names, agent)), without(|o| o.agent = None)),
        ("Queue", only.queue.map(|id| queue(id).unwrap_or_else(unknown)), without(|o| o.queue = None)),
        ("Channel", only.channel.map(|id| channel(id).unwrap_or_else(unknown)), without(|o| o.channel = None)),
        ("Network", only.network.map(|one| words::network(one).to_owned()), without(|o| o.network = None)),
        ("Type", only.kind.map(|one| words::kind(one).to_owned()), without(|o| o.kind = None)),
        ("Priority", only.priority.map(|one| words::priority(one).word().to_owned()), without(|o| o.priority = None)),
        ("Tag", only.tag.clone(), without(|o| o.tag = None)),
        ("Closed", only.reason.map(|one| reason(one).to_lowercase()), without(|o| o.reason = None)),
    ];
    let set =
        |(label, value, without_url): (_, Option<String>, _)| Some(SetFilter { label, value: value?, without_url });
    all.into_iter().filter_map(set).collect()
}

/// What an agent of a report is called.
pub fn agent_name(names: &Names, of: Option<AgentId>) -> String {
    let known = |id| names.agents.iter().find(|agent| agent.id == id).map(|agent| agent.name.clone());
    match of {
        None => "Nobody".to_owned(),
        Some(id) => known(id).unwrap_or_else(|| agent(Some(id))),
    }
}
