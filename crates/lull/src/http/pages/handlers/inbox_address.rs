//! The address of a list: which view, filters, order and page. Everything stands in it, so a list can be kept, sent and
//! come back to; what it does not understand it leaves out.

use super::form::Form;
use domain::case::{CaseType, Priority, Status, TAG_CHARS, normal_tags};
use domain::id::{AgentId, ChannelId, CustomerId, QueueId, ViewId};
use domain::message::Network;
use domain::time::{Span, Timestamp};
use store::case_list::{Assignee, Filter, Key, Position, Sort};

/// Rows on a page.
pub const ROWS: i64 = 50;
/// What closes within this time closes soon.
pub const SOON: Span = Span::hours(6);
/// What was closed within this time was closed lately.
const LATELY: Span = Span::days(7);
/// Pages back that an address remembers.
const TRAIL: usize = 20;
/// Characters of a search text.
const SEARCH_CHARS: usize = 200;
/// Of a person who counts pages, not of a program: keeps the arithmetic of the range small.
const PAGES: u32 = 1_000_000;

const OPEN: [Status; 3] = [Status::Open, Status::InProgress, Status::OnHold];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Open,
    Mine,
    Unassigned,
    Closing,
    /// Closed for inactivity in the last days.
    AutoClosed,
    Closed,
    All,
}

impl View {
    pub const ALL: [View; 7] =
        [View::Mine, View::Unassigned, View::Open, View::Closing, View::AutoClosed, View::Closed, View::All];

    pub fn key(self) -> &'static str {
        match self {
            View::Open => "open",
            View::Mine => "mine",
            View::Unassigned => "unassigned",
            View::Closing => "closing",
            View::AutoClosed => "auto_closed",
            View::Closed => "closed",
            View::All => "all",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            View::Open => "All open",
            View::Mine => "Mine",
            View::Unassigned => "Unassigned",
            View::Closing => "Closing soon",
            View::AutoClosed => "Closed by Lull",
            View::Closed => "Closed",
            View::All => "All",
        }
    }

    /// The statuses a filter can narrow the view to; none where there is nothing to choose.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            View::Closed | View::AutoClosed => &[],
            View::All => Status::ALL,
            View::Open | View::Mine | View::Unassigned | View::Closing => &OPEN,
        }
    }

    /// Whether the view itself says who has the case.
    pub fn fixes_assignee(self) -> bool {
        matches!(self, View::Mine | View::Unassigned)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Latest,
    Oldest,
    ClosesFirst,
    Newest,
}

impl Order {
    pub const ALL: [Order; 4] = [Order::Latest, Order::Oldest, Order::ClosesFirst, Order::Newest];

    pub fn key(self) -> &'static str {
        match self {
            Order::Latest => "-last_activity_at",
            Order::Oldest => "last_activity_at",
            Order::ClosesFirst => "closes_at",
            Order::Newest => "-created_at",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Order::Latest => "Latest activity",
            Order::Oldest => "Oldest activity",
            Order::ClosesFirst => "Closes first",
            Order::Newest => "Newest case",
        }
    }

    pub fn sort(self) -> Sort {
        match self {
            Order::Latest => Sort { key: Key::LastActivityAt, descending: true },
            Order::Oldest => Sort { key: Key::LastActivityAt, descending: false },
            Order::ClosesFirst => Sort { key: Key::ClosesAt, descending: false },
            Order::Newest => Sort { key: Key::CreatedAt, descending: true },
        }
    }
}

/// Whose cases a filter wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Me,
    Nobody,
    Agent(AgentId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub view: View,
    pub q: String,
    pub queue: Option<QueueId>,
    pub status: Option<Status>,
    pub whose: Option<Whose>,
    pub customer: Option<CustomerId>,
    pub priority: Option<Priority>,
    pub kind: Option<CaseType>,
    pub network: Option<Network>,
    pub channel: Option<ChannelId>,
    /// In its stored form; empty for any.
    pub tag: String,
    pub order: Option<Order>,
    /// The saved view it was, if it was one.
    pub saved: Option<ViewId>,
    /// Where the page before ended; empty on the first.
    pub cursor: String,
    /// The cursors of the pages before, the nearest last.
    pub trail: Vec<String>,
    /// Counted from 1.
    pub page: u32,
}

impl Address {
    /// What is looked for here, looked for among all cases.
    pub fn everywhere(&self) -> Self {
        Address { view: View::All, saved: None, cursor: String::new(), trail: Vec::new(), page: 1, ..self.clone() }
    }

    pub fn of(view: View) -> Self {
        Address {
            view,
            q: String::new(),
            queue: None,
            status: None,
            whose: None,
            customer: None,
            priority: None,
            kind: None,
            network: None,
            channel: None,
            tag: String::new(),
            order: None,
            saved: None,
            cursor: String::new(),
            trail: Vec::new(),
            page: 1,
        }
    }

    pub fn parse(query: &str) -> Self {
        let given = Form::parse(query);
        let view = View::ALL.into_iter().find(|view| view.key() == given.line("view")).unwrap_or(View::Open);
        let status = given.line("status").parse().ok().filter(|status| view.statuses().contains(status));
        let whose = match given.line("assignee") {
            "me" => Some(Whose::Me),
            "none" => Some(Whose::Nobody),
            id => AgentId::parse(id).map(Whose::Agent),
        };
        let cursor = given.line("cursor").to_owned();
        let first = position(&cursor).is_none();
        let trail = given.line("trail").split('_').filter(|cursor| position(cursor).is_some());
        let q = given.line("q").replace('\0', "");
        Address {
            view,
            q: q.trim().chars().take(SEARCH_CHARS).collect(),
            queue: QueueId::parse(given.line("queue")),
            status,
            whose: whose.filter(|_| !view.fixes_assignee()),
            customer: CustomerId::parse(given.line("customer")),
            priority: given.line("priority").parse().ok(),
            kind: given.line("type").parse().ok(),
            network: given.line("network").parse().ok(),
            channel: ChannelId::parse(given.line("channel")),
            tag: tag(given.line("tag")),
            saved: ViewId::parse(given.line("saved")),
            order: Order::ALL.into_iter().find(|order| order.key() == given.line("sort")),
            trail: if first { Vec::new() } else { trail.map(str::to_owned).take(TRAIL).collect() },
            page: if first { 1 } else { given.line("page").parse().unwrap_or(2).clamp(2, PAGES) },
            cursor: if first { String::new() } else { cursor },
        }
    }

    /// The address under `path`, with only what it needs.
    pub fn under(&self, path: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("view", self.view.key());
        let whose = match self.whose {
            None => String::new(),
            Some(Whose::Me) => "me".to_owned(),
            Some(Whose::Nobody) => "none".to_owned(),
            Some(Whose::Agent(agent)) => agent.to_string(),
        };
        let optional = [
            ("q", self.q.clone()),
            ("queue", self.queue.map_or_else(String::new, |id| id.to_string())),
            ("status", self.status.map_or("", Status::as_str).to_owned()),
            ("assignee", whose),
            ("customer", self.customer.map_or_else(String::new, |id| id.to_string())),
            ("priority", self.priority.map_or("", Priority::as_str).to_owned()),
            ("type", self.kind.map_or("", CaseType::as_str).to_owned()),
            ("network", self.network.map_or("", Network::as_str).to_owned()),
            ("channel", self.channel.map_or_else(String::new, |id| id.to_string())),
            ("tag", self.tag.clone()),
            ("sort", self.order.map_or("", Order::key).to_owned()),
            ("saved", self.saved.map_or_else(String::new, |id| id.to_string())),
            ("cursor", self.cursor.clone()),
            ("trail", self.trail.join("_")),
            ("page", if self.page > 1 { self.page.to_string() } else { String::new() }),
        ];
        for (name, value) in optional.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.finish())
    }

    pub fn is_filtered(&self) -> bool {
        let plain = Address { order: self.order, saved: self.saved, ..Address::of(self.view) };
        Address { cursor: String::new(), trail: Vec::new(), page: 1, ..self.clone() } != plain
    }

    /// The same list from its first page.
    pub fn first(&self) -> Address {
        Address { cursor: String::new(), trail: Vec::new(), page: 1, ..self.clone() }
    }

    /// What a saved view keeps: the query, without page and name.
    pub fn query(&self) -> String {
        Address { saved: None, ..self.first() }.under("").trim_start_matches('?').to_owned()
    }

    pub fn order(&self) -> Order {
        self.order.unwrap_or(if self.view == View::Closing { Order::ClosesFirst } else { Order::Latest })
    }

    pub fn after(&self) -> Option<Position> {
        position(&self.cursor)
    }

    pub fn filter(&self, me: AgentId, now: Timestamp) -> Filter {
        let whose = match self.view {
            View::Mine => Some(Whose::Me),
            View::Unassigned => Some(Whose::Nobody),
            _ => self.whose,
        };
        let statuses = match (self.status, self.view) {
            (Some(status), _) => vec![status],
            (None, View::Closed | View::AutoClosed) => vec![Status::Closed],
            (None, View::All) => Vec::new(),
            (None, _) => OPEN.to_vec(),
        };
        Filter {
            statuses,
            queue: self.queue,
            assignee: whose.map(|whose| match whose {
                Whose::Me => Assignee::Agent(me),
                Whose::Nobody => Assignee::Nobody,
                Whose::Agent(agent) => Assignee::Agent(agent),
            }),
            customer: self.customer,
            text: Some(self.q.clone()).filter(|q| !q.is_empty()),
            priority: self.priority,
            kind: self.kind,
            network: self.network,
            channel: self.channel,
            tag: Some(self.tag.clone()).filter(|tag| !tag.is_empty()),
            auto_closed_after: (self.view == View::AutoClosed).then(|| now.minus(LATELY)),
            closing_before: (self.view == View::Closing).then(|| now.plus(SOON)),
            ..Filter::default()
        }
    }

    /// The page after one that ended at `last`.
    pub fn older(&self, last: Position) -> Address {
        let mut trail = self.trail.clone();
        if !self.cursor.is_empty() {
            trail.push(self.cursor.clone());
        }
        let forgotten = trail.len().saturating_sub(TRAIL);
        Address { cursor: cursor(last), trail: trail.split_off(forgotten), page: self.page + 1, ..self.clone() }
    }

    /// The page before; from deeper than an address remembers, the first.
    pub fn newer(&self) -> Option<Address> {
        if self.cursor.is_empty() {
            return None;
        }
        let mut trail = self.trail.clone();
        let cursor = trail.pop().unwrap_or_default();
        let page = if cursor.is_empty() { 1 } else { self.page - 1 };
        Some(Address { cursor, trail, page, ..self.clone() })
    }
}

/// A tag in its stored form; one that is none is left out.
fn tag(typed: &str) -> String {
    let tag = normal_tags([typed]).pop().unwrap_or_default();
    if tag.contains('\0') || tag.chars().nth(TAG_CHARS).is_some() { String::new() } else { tag }
}

fn cursor(at: Position) -> String {
    format!("{}.{}", at.key.map_or_else(String::new, |key| key.to_string()), at.id)
}

fn position(cursor: &str) -> Option<Position> {
    let (key, id) = cursor.split_once('.')?;
    let key = if key.is_empty() { None } else { Some(key.parse().ok()?) };
    Some(Position { key, id: id.parse().ok()? })
}
