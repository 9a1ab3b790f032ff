//! The address of a report: period, comparison, bucket, filters and order. Everything stands in it, so that a report can be
//! kept and sent; what it does not understand it leaves out.

use super::form::Form;
use super::reports_period::{Compare, Named};
use domain::case::{TAG_CHARS, normal_tags};
use domain::id::{AgentId, ChannelId, QueueId};
use domain::metrics::Bucket;
use store::reports::Selection;

/// The group of those that nobody has.
pub const NOBODY: &str = "none";

/// A column of a table of groups; its words are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Opened,
    Closed,
    ByPeople,
    ByInactivity,
    ByApi,
    Completion,
    Handle,
    Active,
    Reopened,
    ReopenRate,
    FirstReply,
}

impl Column {
    pub const ALL: [Column; 12] = [
        Column::Name,
        Column::Opened,
        Column::Closed,
        Column::ByPeople,
        Column::ByInactivity,
        Column::ByApi,
        Column::Completion,
        Column::Handle,
        Column::Active,
        Column::Reopened,
        Column::ReopenRate,
        Column::FirstReply,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Column::Name => "name",
            Column::Opened => "cases_opened",
            Column::Closed => "total_cases_closed",
            Column::ByPeople => "closed_manual",
            Column::ByInactivity => "closed_inactivity",
            Column::ByApi => "closed_api",
            Column::Completion => "case_completion_rate",
            Column::Handle => "average_handle_time",
            Column::Active => "average_handle_time_without_idle_tail",
            Column::Reopened => "cases_reopened",
            Column::ReopenRate => "reopen_rate",
            Column::FirstReply => "average_first_reply",
        }
    }
}

/// The order of a table: by a column, from its largest value or from its smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub by: Column,
    pub descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Order { by: Column::Closed, descending: true }
    }
}

impl Order {
    /// Names are looked for from A, figures from the largest.
    pub fn natural(by: Column) -> Self {
        Order { by, descending: by != Column::Name }
    }

    fn parse(text: &str) -> Option<Self> {
        let descending = text.starts_with('-');
        let key = text.trim_start_matches('-');
        Column::ALL.into_iter().find(|column| column.key() == key).map(|by| Order { by, descending })
    }

    fn text(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.key())
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Address {
    pub period: Named,
    /// Of a custom period, as typed.
    pub first: String,
    pub last: String,
    pub compare: Compare,
    /// As asked for; what does not fit the period is chosen anew.
    pub bucket: Option<Bucket>,
    pub only: Selection,
    pub order: Order,
}

impl Address {
    pub fn parse(query: &str) -> Self {
        let given = Form::parse(query);
        let line = |name: &str| given.line(name).trim().to_owned();
        let period = Named::ALL.into_iter().find(|period| period.key() == line("period")).unwrap_or_default();
        let day =
            |name: &str| if period == Named::Custom { short(&line(name), "2026-11-22".len()) } else { String::new() };
        Address {
            period,
            first: day("first"),
            last: day("last"),
            compare: Compare::ALL.into_iter().find(|compare| compare.key() == line("compare")).unwrap_or_default(),
            bucket: line("bucket").parse().ok(),
            only: Selection {
                agent: match line("agent").as_str() {
                    NOBODY => Some(None),
                    id => AgentId::parse(id).map(Some),
                },
                queue: QueueId::parse(&line("queue")),
                channel: ChannelId::parse(&line("channel")),
                network: line("network").parse().ok(),
                kind: line("type").parse().ok(),
                priority: line("priority").parse().ok(),
                tag: normal_tags([short(&line("tag").replace('\0', ""), TAG_CHARS).as_str()]).pop(),
                reason: line("closed_reason").parse().ok(),
            },
            order: Order::parse(&line("sort")).unwrap_or_default(),
        }
    }

    /// The address under `path`, with only what it needs.
    pub fn under(&self, path: &str) -> String {
        self.with(path, &[])
    }

    /// The same with more in it.
    pub fn with(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(more.iter().filter(|(_, value)| !value.is_empty()));
        query.extend_pairs(self.pairs());
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// What is not as it is by itself, by name.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let only = &self.only;
        let unless = |usual: bool, text: String| if usual { String::new() } else { text };
        let pairs = [
            ("period", unless(self.period == Named::default(), self.period.key().to_owned())),
            ("first", self.first.clone()),
            ("last", self.last.clone()),
            ("compare", unless(self.compare == Compare::default(), self.compare.key().to_owned())),
            ("bucket", self.bucket.map_or("", Bucket::as_str).to_owned()),
            ("queue", only.queue.map_or_else(String::new, |id| id.to_string())),
            ("channel", only.channel.map_or_else(String::new, |id| id.to_string())),
            ("network", only.network.map_or("", |word| word.as_str()).to_owned()),
            ("type", only.kind.map_or("", |word| word.as_str()).to_owned()),
            ("priority", only.priority.map_or("", |word| word.as_str()).to_owned()),
            ("tag", only.tag.clone().unwrap_or_default()),
            ("agent", only.agent.map_or_else(String::new, agent)),
            ("closed_reason", only.reason.map_or("", |word| word.as_str()).to_owned()),
            ("sort", unless(self.order == Order::default(), self.order.text())),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    pub fn is_filtered(&self) -> bool {
        self.only != Selection::default()
    }

    /// The same for everything.
    pub fn unfiltered(&self) -> Address {
        Address { only: Selection::default(), ..self.clone() }
    }

    /// The same with other filters.
    pub fn only(&self, only: Selection) -> Address {
        Address { only, ..self.clone() }
    }
}

/// An agent, or nobody, as the address says it.
pub fn agent(agent: Option<AgentId>) -> String {
    agent.map_or_else(|| NOBODY.to_owned(), |id| id.to_string())
}

fn short(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_everything_that_was_chosen_and_reads_it_again() {
        let agent = AgentId(7).to_string();
        let queue = QueueId(8).to_string();
        let whole = format!(
            "/reports/agents?period=custom&first=2026-11-01&last=2026-11-22&compare=last_year&bucket=day&queue={queue}\
             &network=x&type=question&priority=high&tag=pre+order%26&agent={agent}&closed_reason=inactivity&sort=name"
        );
        let address = Address::parse(whole.split_once('?').expect("a query").1);
        assert_eq!(address.under("/reports/agents"), whole);
        assert_eq!(address.only.agent, Some(Some(AgentId(7))));
        assert_eq!(address.order, Order { by: Column::Name, descending: false });
        assert!(address.is_filtered() && !address.unfiltered().is_filtered());
    }

    #[test]
    fn what_is_usual_is_left_out_and_what_cannot_be_understood_too() {
        assert_eq!(Address::default().under("/reports"), "/reports");
        let odd =
            "period=soon&first=2026-11-01&compare=x&bucket=minute&queue=1&network=icq&agent=Ann&sort=-size&tag=%00";
        assert_eq!(Address::parse(odd), Address::default());
    }

    #[test]
    fn nobody_is_somebody_to_ask_for() {
        let address = Address::parse("agent=none");
        assert_eq!(address.only.agent, Some(None));
        assert_eq!(address.under("/reports"), "/reports?agent=none");
    }
}
