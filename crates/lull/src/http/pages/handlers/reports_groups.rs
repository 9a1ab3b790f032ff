//! The table of a report's groups: agents, queues, channels or tags, in the order the address asks for.

use super::super::format::{seconds, share};
use super::super::reports::{Column as Heading, GroupRow, GroupTable, Tab};
use super::reports_address::{Address, Column, Order};
use super::reports_figures::{count_words, or_none};
use crate::reports::{Group, Report};
use domain::id::{AgentId, ChannelId, QueueId};
use domain::metrics::{Counts, Dimension};
use std::cmp::Ordering;
use store::reports::Selection;

/// Rows of a page: with more groups, the filters are the way to the rest, and the CSV has all.
pub const ROWS: usize = 500;

/// What a page groups by.
pub fn dimension(tab: Tab) -> Option<Dimension> {
    match tab {
        Tab::Overview => None,
        Tab::Agents => Some(Dimension::Agent),
        Tab::Queues => Some(Dimension::Queue),
        Tab::Channels => Some(Dimension::Channel),
        Tab::Tags => Some(Dimension::Tag),
    }
}

/// The word for one of its groups.
pub fn word(tab: Tab) -> &'static str {
    match tab {
        Tab::Overview => "",
        Tab::Agents => "Agent",
        Tab::Queues => "Queue",
        Tab::Channels => "Channel",
        Tab::Tags => "Tag",
    }
}

pub fn table(tab: Tab, address: &Address, report: &Report) -> GroupTable {
    let mut groups: Vec<&Group> = report.groups.iter().collect();
    groups.sort_by(|a, b| in_order(address.order, a, b));
    let shown = groups.len().min(ROWS);
    let caption = match groups.len() {
        1 => format!("1 {}", word(tab).to_lowercase()),
        all if all > ROWS => format!("The first {ROWS} of {} {}", count_words(all as i64), tab.word().to_lowercase()),
        all => format!("{all} {}", tab.word().to_lowercase()),
    };
    let row = |group: &&Group| GroupRow {
        name: group.name.clone(),
        url: alone(tab, address, group).map(|address| address.under(Tab::Overview.path())),
        cells: cells(group.counts),
    };
    GroupTable {
        caption,
        columns: Column::ALL.map(|column| heading(tab, address, column)).to_vec(),
        rows: groups[..shown].iter().map(row).collect(),
        totals: cells(report.totals),
    }
}

fn heading(tab: Tab, address: &Address, column: Column) -> Heading {
    let current = address.order.by == column;
    let next = match current {
        true => Order { descending: !address.order.descending, ..address.order },
        false => Order::natural(column),
    };
    let sorted = current.then_some(if address.order.descending { "descending" } else { "ascending" });
    let url = Address { order: next, ..address.clone() }.under(tab.path());
    Heading { label: if column == Column::Name { word(tab) } else { label(column) }, url, sorted }
}

fn label(column: Column) -> &'static str {
    match column {
        Column::Name => "Name",
        Column::Opened => "Opened",
        Column::Closed => "Closed",
        Column::ByPeople => "By people",
        Column::ByInactivity => "By inactivity",
        Column::ByApi => "By API",
        Column::Completion => "Completion rate",
        Column::Handle => "Handle time",
        Column::Active => "Without idle tail",
        Column::Reopened => "Reopened",
        Column::ReopenRate => "Reopen rate",
        Column::FirstReply => "First reply",
    }
}

/// All columns but the name.
fn cells(counts: Counts) -> Vec<String> {
    let of = |column: &Column| match column {
        Column::Name => None,
        Column::Completion | Column::ReopenRate => Some(or_none(value(*column, counts), share)),
        Column::Handle | Column::Active | Column::FirstReply => Some(or_none(value(*column, counts), seconds)),
        _ => Some(count_words(value(*column, counts).unwrap_or_default() as i64)),
    };
    Column::ALL.iter().filter_map(of).collect()
}

fn value(column: Column, counts: Counts) -> Option<f64> {
    match column {
        Column::Name => None,
        Column::Opened => Some(counts.opened as f64),
        Column::Closed => Some(counts.closed() as f64),
        Column::ByPeople => Some(counts.closed_manual as f64),
        Column::ByInactivity => Some(counts.closed_inactivity as f64),
        Column::ByApi => Some(counts.closed_api as f64),
        Column::Completion => counts.completion_rate(),
        Column::Handle => counts.average_handle_seconds(),
        Column::Active => counts.average_active_seconds(),
        Column::Reopened => Some(counts.reopened as f64),
        Column::ReopenRate => counts.reopen_rate(),
        Column::FirstReply => counts.average_reply_seconds(),
    }
}

/// What has no value comes last either way; what is equal goes by name.
fn in_order(order: Order, a: &Group, b: &Group) -> Ordering {
    let by_name = || a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.key.cmp(&b.key));
    if order.by == Column::Name {
        return if order.descending { by_name().reverse() } else { by_name() };
    }
    let by_value = match (value(order.by, a.counts), value(order.by, b.counts)) {
        (Some(a), Some(b)) if order.descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    by_value.then_with(by_name)
}

/// The report of one group alone.
fn alone(tab: Tab, address: &Address, group: &Group) -> Option<Address> {
    let only = address.only.clone();
    let key = group.key.as_deref();
    let only = match tab {
        Tab::Overview => return None,
        Tab::Agents => match key {
            None => Selection { agent: Some(None), ..only },
            Some(id) => Selection { agent: Some(Some(AgentId::parse(id)?)), ..only },
        },
        Tab::Queues => Selection { queue: Some(QueueId::parse(key?)?), ..only },
        Tab::Channels => Selection { channel: Some(ChannelId::parse(key?)?), ..only },
        Tab::Tags => Selection { tag: Some(key?.to_owned()), ..only },
    };
    Some(Address { order: Order::default(), ..address.only(only) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, opened: i64, settled: i64) -> Group {
        let counts = Counts { opened, settled, closed_manual: settled, ..Counts::ZERO };
        Group { key: Some(AgentId(opened + 1).to_string()), name: name.to_owned(), counts }
    }

    fn names(sort: &str) -> Vec<String> {
        let mut groups = vec![group("bea", 4, 1), group("Ann", 0, 0), group("Cem", 2, 2)];
        let order = Address::parse(&format!("sort={sort}")).order;
        groups.sort_by(|a, b| in_order(order, a, b));
        groups.into_iter().map(|group| group.name).collect()
    }

    #[test]
    fn groups_are_sorted_by_any_column_and_what_has_no_value_comes_last_both_ways() {
        assert_eq!(names("name"), ["Ann", "bea", "Cem"]);
        assert_eq!(names("-name"), ["Cem", "bea", "Ann"]);
        assert_eq!(names("-cases_opened"), ["bea", "Cem", "Ann"]);
        assert_eq!(names("case_completion_rate"), ["bea", "Cem", "Ann"]);
        assert_eq!(names("-case_completion_rate"), ["Cem", "bea", "Ann"]);
        assert_eq!(names("average_handle_time"), names("-average_handle_time"));
        assert_eq!(names(""), ["Cem", "bea", "Ann"], "by what was closed");
    }

    #[test]
    fn a_heading_sorts_by_its_column_and_then_the_other_way_round() {
        let heading = |sort: &str, column| heading(Tab::Agents, &Address::parse(&format!("sort={sort}")), column);
        assert_eq!(heading("", Column::Opened).url, "/reports/agents?sort=-cases_opened");
        assert_eq!(heading("-cases_opened", Column::Opened).url, "/reports/agents?sort=cases_opened");
        assert_eq!(heading("-cases_opened", Column::Opened).sorted, Some("descending"));
        assert_eq!(heading("name", Column::Name).sorted, Some("ascending"));
        assert_eq!(heading("name", Column::Opened).sorted, None);
    }
}
