//! The list of cases: every filter and sort, by keyset.
//!
//! The statement's text is put together from fixed fragments; values are always parameters.

use crate::cases::{self, COLUMNS, Case, WIDTH};
use crate::sweep::Partition;
use crate::{Fault, Param, Tx, dialect};
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::{AgentId, ChannelId, CustomerId, QueueId, WorkspaceId};
use domain::message::Network;
use domain::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Agent(AgentId),
    Nobody,
}

/// Which cases are wanted; all of the given conditions hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Empty: every status.
    pub statuses: Vec<Status>,
    pub queue: Option<QueueId>,
    pub assignee: Option<Assignee>,
    pub channel: Option<ChannelId>,
    pub network: Option<Network>,
    pub priority: Option<Priority>,
    pub kind: Option<CaseType>,
    pub tag: Option<String>,
    pub customer: Option<CustomerId>,
    /// Words of the title, the customer's name or handle, or a message; or a case number.
    pub text: Option<String>,
    pub closing_before: Option<Timestamp>,
    pub closed_reason: Option<ClosingReason>,
    pub updated_after: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    LastActivityAt,
    CreatedAt,
    /// Cases that will not close come last, either way.
    ClosesAt,
    Number,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub key: Key,
    pub descending: bool,
}

/// Where a page ended: the last row's sort key (`None`: it had none) and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub key: Option<i64>,
    pub id: i64,
}

/// A case with what a list shows beside it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub case: Case,
    pub customer_name: Option<String>,
    pub customer_handle: Option<String>,
    pub closes_at: Option<Timestamp>,
}

impl Listed {
    /// Where the next page starts if this is the last row of one.
    pub fn position(&self, sort: Sort) -> Position {
        let key = match sort.key {
            Key::LastActivityAt => Some(self.case.last_activity_at.as_micros()),
            Key::CreatedAt => Some(self.case.created_at.as_micros()),
            Key::ClosesAt => self.closes_at.map(Timestamp::as_micros),
            Key::Number => Some(self.case.number),
        };
        Position { key, id: self.case.id.0 }
    }
}

/// The values of a statement, numbered as they come.
struct Values(Vec<Value>);

enum Value {
    Int(i64),
    Text(String),
}

impl Values {
    fn int(&mut self, value: i64) -> String {
        self.0.push(Value::Int(value));
        format!("${}", self.0.len())
    }

    fn text(&mut self, value: impl Into<String>) -> String {
        self.0.push(Value::Text(value.into()));
        format!("${}", self.0.len())
    }

    fn params(&self) -> Vec<Param<'_>> {
        let param = |value| match value {
            &Value::Int(n) => Param::Int(n),
            Value::Text(text) => Param::Text(text),
        };
        self.0.iter().map(param).collect()
    }
}

/// When a case closes, in SQL: the same rule as `domain::lifecycle::closes_at`, with the rules of the workspace's queues
/// and statuses as a table. A property test holds the two together.
const CLOSES_AT: &str = "case when c.last_activity_at < r.enabled_at then null \
     when c.keep_open_until > c.last_activity_at + r.threshold then c.keep_open_until \
     else c.last_activity_at + r.threshold end";

fn rules_json(rules: &[Partition]) -> String {
    let rows: Vec<_> = rules
        .iter()
        .map(|r| {
            let (enabled_at, threshold) = (r.enabled_at.as_micros(), r.threshold.span().as_micros());
            serde_json::json!([r.queue.0, r.status.as_str(), enabled_at, threshold])
        })
        .collect();
    serde_json::Value::Array(rows).to_string()
}

/// A pattern that finds `text` anywhere, for `like … escape '\'`.
pub fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push_str(&dialect::lower(c.encode_utf8(&mut [0; 4])));
    }
    pattern.push('%');
    pattern
}

fn conditions(filter: &Filter, shared: bool, values: &mut Values) -> Vec<String> {
    let mut all = Vec::new();
    if !filter.statuses.is_empty() {
        let words: Vec<String> = filter.statuses.iter().map(|s| values.text(s.as_str())).collect();
        all.push(format!("c.status in ({})", words.join(", ")));
        if !filter.statuses.contains(&Status::Closed) {
            all.push("c.status <> 'closed'".to_owned());
        }
    }
    if let Some(queue) = filter.queue {
        all.push(format!("c.queue = {}", values.int(queue.0)));
    }
    match filter.assignee {
        Some(Assignee::Agent(agent)) => all.push(format!("c.assignee = {}", values.int(agent.0))),
        Some(Assignee::Nobody) => all.push("c.assignee is null".to_owned()),
        None => {}
    }
    if let Some(channel) = filter.channel {
        all.push(format!("c.channel = {}", values.int(channel.0)));
    }
    if let Some(network) = filter.network {
        all.push(format!("c.network = {}", values.text(network.as_str())));
    }
    if let Some(priority) = filter.priority {
        all.push(format!("c.priority = {}", values.text(priority.as_str())));
    }
    if let Some(kind) = filter.kind {
        all.push(format!("c.type = {}", values.text(kind.as_str())));
    }
    if let Some(tag) = &filter.tag {
        // The pattern is quick and nearly right: a quotation mark inside a tag can look like a tag's end.
        let quoted = serde_json::Value::from(tag.as_str()).to_string();
        let (pattern, tag) = (values.text(containing(&quoted)), values.text(tag.as_str()));
        let holds = dialect::list_holds(shared, "c.tags", &tag);
        all.push(format!("c.tags like {pattern} escape '\\' and {holds}"));
    }
    if let Some(customer) = filter.customer {
        all.push(format!("c.customer = {}", values.int(customer.0)));
    }
    if let Some(text) = &filter.text {
        all.push(text_condition(text, values));
    }
    if let Some(before) = filter.closing_before {
        all.push(format!("{CLOSES_AT} < {}", values.int(before.as_micros())));
    }
    if let Some(reason) = filter.closed_reason {
        // The closure of the period that is closed now.
        all.push(format!(
            "c.status = 'closed' and exists (select 1 from closures k where k.workspace = c.workspace and k.case_id = c.id \
             and k.period = c.reopen_count and k.reason = {})",
            values.text(reason.as_str())
        ));
    }
    if let Some(after) = filter.updated_after {
        all.push(format!("c.updated_at > {}", values.int(after.as_micros())));
    }
    all
}

fn text_condition(text: &str, values: &mut Values) -> String {
    let pattern = values.text(containing(text));
    let mut condition = format!(
        "(lower/*unicode*/(c.title) like {pattern} escape '\\' or lower/*unicode*/(coalesce(u.name, '') || ' ' || coalesce(u.handle, '')) like {pattern} \
         escape '\\' or exists (select 1 from messages m where m.workspace = c.workspace and m.case_id = c.id \
         and lower/*unicode*/(m.text) like {pattern} escape '\\')"
    );
    if let Ok(number) = text.trim().trim_start_matches('#').parse::<i64>() {
        condition.push_str(&format!(" or c.number = {}", values.int(number)));
    }
    condition.push(')');
    condition
}

/// One page of the list. `rules` are the workspace's own partitions, for what closes when.
pub async fn page(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    sort: Sort,
    rules: &[Partition],
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    let mut values = Values(Vec::new());
    let ws_number = values.int(ws.0);
    let rules = values.text(rules_json(rules));
    let mut all = vec![format!("c.workspace = {ws_number}")];
    all.extend(conditions(filter, tx.is_shared(), &mut values));
    let key = match sort.key {
        Key::LastActivityAt => "c.last_activity_at",
        Key::CreatedAt => "c.created_at",
        Key::ClosesAt => CLOSES_AT,
        Key::Number => "c.number",
    };
    let (direction, beyond) = if sort.descending { ("desc", "<") } else { ("asc", ">") };
    if let Some(Position { key: at, id }) = after {
        let id = values.int(id);
        all.push(match (sort.key, at) {
            (Key::ClosesAt, None) => format!("{key} is null and c.id {beyond} {id}"),
            (Key::ClosesAt, Some(at)) => {
                let at = values.int(at);
                format!("({key} is null or {key} {beyond} {at} or ({key} = {at} and c.id {beyond} {id}))")
            }
            (_, at) => {
                let at = values.int(at.unwrap_or(0));
                // The first half lets the index start in the right place.
                format!("{key} {beyond}= {at} and ({key}, c.id) {beyond} ({at}, {id})")
            }
        });
    }
    let order = match sort.key {
        Key::ClosesAt => format!("({key}) is null, {key} {direction}, c.id {direction}"),
        _ => format!("{key} {direction}, c.id {direction}"),
    };
    let limit = values.int(limit);
    let sql = format!(
        "with rules (queue, status, enabled_at, threshold) as materialized (select cast(value->>0 as bigint), value->>1, \
         cast(value->>2 as bigint), cast(value->>3 as bigint) from json_each({rules})) \
         select {COLUMNS}, u.name, u.handle, {CLOSES_AT} from cases c \
         join customers u on u.workspace = c.workspace and u.id = c.customer \
         left join rules r on r.queue = c.queue and r.status = c.status \
         where {} order by {order} limit {limit}",
        all.join(" and ")
    );
    tx.query(&sql, &values.params(), |row| {
        Ok(Listed {
            case: cases::read(row)?,
            customer_name: row.get(WIDTH)?,
            customer_handle: row.get(WIDTH + 1)?,
            closes_at: row.get(WIDTH + 2)?,
        })
    })
    .await
}

/// How many cases match, counted up to `most`: a view's badge need not be exact beyond that.
pub async fn count(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    rules: &[Partition],
    most: i64,
) -> Result<i64, Fault> {
    let mut values = Values(Vec::new());
    let ws_number = values.int(ws.0);
    let rules = values.text(rules_json(rules));
    let mut all = vec![format!("c.workspace = {ws_number}")];
    all.extend(conditions(filter, tx.is_shared(), &mut values));
    let most = values.int(most);
    // Only what a condition asks about is looked up: a badge counts thousands of cases out of an index alone.
    let customers = match filter.text {
        Some(_) => "join customers u on u.workspace = c.workspace and u.id = c.customer",
        None => "",
    };
    let closing = match filter.closing_before {
        Some(_) => "left join rules r on r.queue = c.queue and r.status = c.status",
        None => "",
    };
    let sql = format!(
        "with rules (queue, status, enabled_at, threshold) as materialized (select cast(value->>0 as bigint), value->>1, \
         cast(value->>2 as bigint), cast(value->>3 as bigint) from json_each({rules})) \
         select count(*) from (select 1 from cases c {customers} {closing} where {} limit {most}) counted",
        all.join(" and ")
    );
    tx.query_one(&sql, &values.params(), |row| row.get(0)).await
}
