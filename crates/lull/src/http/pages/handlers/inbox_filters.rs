//! The filter form of the inbox, and what is set in it.

use super::super::inbox::{Chip, Filters};
use super::super::parts::{Choice, Status};
use super::inbox_address::{Address, Order, View, Whose};
use super::words;
use domain::case::{CaseType, Priority};
use domain::message::Network;
use domain::permission::Permission;
use store::agents::Agent;
use store::channels::Channel;
use store::queues::Queue;

/// What a filter can name.
pub struct Known<'a> {
    pub members: &'a [Agent],
    pub queues: &'a [Queue],
    pub channels: &'a [Channel],
}

pub fn filters(address: &Address, known: &Known<'_>) -> Filters {
    let chips = chips(address, known);
    Filters {
        view: address.view.key().to_owned(),
        q: address.q.clone(),
        customer: address.customer.map_or_else(String::new, |id| id.to_string()),
        queues: choices(
            "Any queue",
            known.queues.iter().map(|q| (q.id.to_string(), q.name.clone(), address.queue == Some(q.id))),
        ),
        statuses: statuses(address),
        assignees: assignees(address, known.members),
        priorities: choices(
            "Any priority",
            Priority::ALL
                .iter()
                .map(|p| (p.as_str().to_owned(), words::priority(*p).word().to_owned(), address.priority == Some(*p))),
        ),
        kinds: choices(
            "Any type",
            CaseType::ALL
                .iter()
                .map(|kind| (kind.as_str().to_owned(), words::kind(*kind).to_owned(), address.kind == Some(*kind))),
        ),
        networks: choices(
            "Any network",
            Network::ALL.iter().map(|network| {
                (network.as_str().to_owned(), words::network(*network).to_owned(), address.network == Some(*network))
            }),
        ),
        channels: choices(
            "Any channel",
            known
                .channels
                .iter()
                .map(|channel| (channel.id.to_string(), channel.name.clone(), address.channel == Some(channel.id))),
        ),
        tag: address.tag.clone(),
        sorts: Order::ALL.map(|order| Choice::new(order.key(), order.label(), order == address.order())).to_vec(),
        clear_url: address.is_filtered().then(|| Address::of(address.view).under("/inbox")),
        chips,
    }
}

fn choices(any: &str, each: impl Iterator<Item = (String, String, bool)>) -> Vec<Choice> {
    let each: Vec<Choice> = each.map(|(value, label, selected)| Choice::new(value, label, selected)).collect();
    let none = !each.iter().any(|choice| choice.selected);
    std::iter::once(Choice::new("", any, none)).chain(each).collect()
}

fn statuses(address: &Address) -> Vec<Choice> {
    let statuses = address.view.statuses();
    let any = if statuses.is_empty() { Status::Closed.word() } else { "Any status" };
    choices(
        any,
        statuses.iter().map(|status| {
            let shown = words::status(*status);
            (shown.key().to_owned(), shown.word().to_owned(), address.status == Some(*status))
        }),
    )
}

fn assignees(address: &Address, members: &[Agent]) -> Vec<Choice> {
    match address.view {
        View::Mine => return vec![Choice::new("", "Me", true)],
        View::Unassigned => return vec![Choice::new("", "Nobody", true)],
        _ => {}
    }
    let whose = address.whose;
    let mut choices = vec![
        Choice::new("", "Anyone", whose.is_none()),
        Choice::new("me", "Me", whose == Some(Whose::Me)),
        Choice::new("none", "Nobody", whose == Some(Whose::Nobody)),
    ];
    let working = members.iter().filter(|m| m.active && m.role.allows(Permission::WorkCases));
    choices.extend(working.map(|m| Choice::new(m.id.to_string(), &m.name, whose == Some(Whose::Agent(m.id)))));
    choices
}

/// Each filter that is set, in words, and the list without it.
fn chips(address: &Address, known: &Known<'_>) -> Vec<Chip> {
    let first = address.first();
    let mut chips = Vec::new();
    let mut chip = |label: String, without: Address| chips.push(Chip { label, url: without.under("/inbox") });
    let named = |name: Option<&String>| name.cloned().unwrap_or_else(|| "not there any more".to_owned());
    if !first.q.is_empty() {
        chip(format!("“{}”", first.q), Address { q: String::new(), ..first.clone() });
    }
    if let Some(id) = first.queue {
        let name = named(known.queues.iter().find(|queue| queue.id == id).map(|queue| &queue.name));
        chip(format!("Queue: {name}"), Address { queue: None, ..first.clone() });
    }
    if let Some(status) = first.status {
        chip(words::status(status).word().to_owned(), Address { status: None, ..first.clone() });
    }
    if let Some(whose) = first.whose {
        let label = match whose {
            Whose::Me => "Assigned to me".to_owned(),
            Whose::Nobody => "Unassigned".to_owned(),
            Whose::Agent(id) => named(known.members.iter().find(|member| member.id == id).map(|member| &member.name)),
        };
        chip(label, Address { whose: None, ..first.clone() });
    }
    if first.customer.is_some() {
        chip("One customer".to_owned(), Address { customer: None, ..first.clone() });
    }
    if let Some(priority) = first.priority {
        chip(format!("{} priority", words::priority(priority).word()), Address { priority: None, ..first.clone() });
    }
    if let Some(kind) = first.kind {
        chip(words::kind(kind).to_owned(), Address { kind: None, ..first.clone() });
    }
    if let Some(network) = first.network {
        chip(words::network(network).to_owned(), Address { network: None, ..first.clone() });
    }
    if let Some(id) = first.channel {
        let name = named(known.channels.iter().find(|channel| channel.id == id).map(|channel| &channel.name));
        chip(format!("Channel: {name}"), Address { channel: None, ..first.clone() });
    }
    if !first.tag.is_empty() {
        chip(format!("Tag: {}", first.tag), Address { tag: String::new(), ..first.clone() });
    }
    chips
}
