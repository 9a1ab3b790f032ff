//! The list of cases: every filter and sort, by keyset.
//!
//! The statement's text is put together from fixed fragments; values are always parameters.

use crate::cases::{self, COLUMNS, Case, WIDTH};
pub use crate::search::WALK;
use crate::search::{self, Road, Search};
use crate::sweep::Partition;
use crate::{Fault, Param, Tx, closing, dialect};
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
    /// Closed for inactivity after that moment, and still closed; of more than [`RECENT`] the latest.
    pub auto_closed_after: Option<Timestamp>,
}

/// Closings looked at for what was closed lately.
const RECENT: i64 = 5_000;

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
#[derive(Default)]
pub(crate) struct Values(Vec<Value>);

enum Value {
    Int(i64),
    Text(String),
}

impl Values {
    pub(crate) fn int(&mut self, value: i64) -> String {
        self.0.push(Value::Int(value));
        format!("${}", self.0.len())
    }

    pub(crate) fn text(&mut self, value: impl Into<String>) -> String {
        self.0.push(Value::Text(value.into()));
        format!("${}", self.0.len())
    }

    pub(crate) fn params(&self) -> Vec<Param<'_>> {
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

/// A pattern that finds `text` anywhere in what is folded as it is, for `like … escape '\'`.
pub fn containing(text: &str) -> String {
    verbatim(&dialect::lower(text))
}

/// The same for what is stored as it is looked for.
fn verbatim(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(crate) fn conditions(filter: &Filter, shared: bool, values: &mut Values) -> Vec<String> {
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
        let (pattern, tag) = (values.text(verbatim(&quoted)), values.text(tag.as_str()));
        let holds = dialect::list_holds(shared, "c.tags", &tag);
        all.push(format!("c.tags like {pattern} escape '\\' and {holds}"));
    }
    if let Some(customer) = filter.customer {
        all.push(format!("c.customer = {}", values.int(customer.0)));
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

/// What a search adds to a statement.
struct Searched {
    /// A table of the statement's `with`, and what it is joined by, where texts lead to the cases.
    found: Option<String>,
    /// Conditions that are as quick as any filter.
    sets: Vec<String>,
    /// Conditions that each case is asked.
    conditions: Vec<String>,
    /// The parameters that only these conditions use.
    asked: Vec<String>,
    /// Cases looked through at most.
    walk: Option<i64>,
}

async fn searched(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    values: &mut Values,
) -> Result<Option<Searched>, Fault> {
    let Some(text) = &filter.text else { return Ok(None) };
    let mut search = Search::parse(text);
    let road = search.road(tx, ws).await?;
    let shared = tx.is_shared();
    let mut terms = Vec::new();
    for term in &search.terms {
        terms.push((values.text(dialect::search_term(shared, &term.words, term.beginning)), term.beginning));
    }
    let says = |at: usize| search::case_says(shared, &terms[at].0, terms[at].1);
    // What few texts say is gathered once, what everybody says is asked of the cases that come next.
    let gathered = |at: usize| {
        let (term, beginning) = &terms[at];
        format!("c.id in ({})", search::found(shared, "$1", Some((term, *beginning)), None))
    };
    let first = if let Road::Texts(first) = road { Some(first) } else { None };
    let others = || (0..terms.len()).filter(|at| Some(*at) != first);
    let sets: Vec<String> = others().filter(|at| search.terms[*at].rare).map(gathered).collect();
    let common: Vec<usize> = others().filter(|at| !search.terms[*at].rare).collect();
    let conditions: Vec<String> = common.iter().map(|at| says(*at)).collect();
    let walk = (!common.is_empty()).then_some(search::WALK);
    let asked = common.iter().map(|at| terms[*at].0.clone()).collect();
    let found = first.map(|first| {
        let term = terms.get(first).map(|(term, beginning)| (term.as_str(), *beginning));
        let number = search.number.map(|number| values.int(number));
        search::found(shared, "$1", term, number.as_deref())
    });
    Ok(Some(Searched { found, sets, conditions, asked, walk }))
}

/// `with …` of the rules and of what was found, and the tables and conditions of the cases.
struct Question {
    with: String,
    from: String,
    conditions: Vec<String>,
    searched: Option<Searched>,
}

async fn question(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    partitions: &[Partition],
    values: &mut Values,
) -> Result<Question, Fault> {
    let ws_number = values.int(ws.0);
    let rules = values.text(rules_json(partitions));
    let mut with = format!(
        "with rules (queue, status, enabled_at, threshold) as materialized (select cast(value->>0 as bigint), value->>1, \
         cast(value->>2 as bigint), cast(value->>3 as bigint) from json_each({rules}))"
    );
    let mut all = vec![format!("c.workspace = {ws_number}")];
    all.extend(conditions(filter, tx.is_shared(), values));
    all.extend(closing::bounds(tx, ws, filter, partitions).await?.map(|bounds| bounds.condition(values)));
    let searched = searched(tx, ws, filter, values).await?;
    all.extend(searched.iter().flat_map(|searched| searched.sets.iter().cloned()));
    let mut from = "cases c".to_owned();
    if let Some(found) = searched.as_ref().and_then(|searched| searched.found.as_ref()) {
        with.push_str(&format!(", found (id) as materialized ({found})"));
        // The left one is read first.
        from = "found cross join cases c".to_owned();
        all.push("c.id = found.id".to_owned());
    }
    if let Some(after) = filter.auto_closed_after {
        let after = values.int(after.as_micros());
        with.push_str(&format!(
            ", recent (id) as materialized (select k.case_id from closures k where k.workspace = {ws_number} and k.closed_at > {after} \
             and k.reason = 'inactivity' and k.reopened_at is null order by k.closed_at desc limit {RECENT})"
        ));
        from = format!("recent cross join {from}");
        all.push("c.id = recent.id and c.status = 'closed'".to_owned());
    }
    Ok(Question { with, from, conditions: all, searched })
}

/// A page of the list, and where to look on if it holds less than asked for and there may be more all the same.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub rows: Vec<Listed>,
    /// The last of the cases that were looked through for common words ([`search::WALK`]), if that ended the page.
    pub walked_to: Option<Position>,
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
) -> Result<Page, Fault> {
    match sort.key {
        Key::ClosesAt if filter.text.is_none() => {
            let rows = closing::page(tx, ws, filter, sort.descending, rules, after, limit).await?;
            Ok(Page { rows, walked_to: None })
        }
        _ => by_key(tx, ws, filter, sort, rules, after, limit).await,
    }
}

/// The end of the list by `closes_at`: what will not close, in the order of the ids.
pub(crate) async fn never_closing(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    descending: bool,
    rules: &[Partition],
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    let after = after.or(Some(Position { key: None, id: if descending { i64::MAX } else { 0 } }));
    Ok(by_key(tx, ws, filter, Sort { key: Key::ClosesAt, descending }, rules, after, limit).await?.rows)
}

async fn by_key(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    sort: Sort,
    rules: &[Partition],
    after: Option<Position>,
    most: i64,
) -> Result<Page, Fault> {
    let mut values = Values(Vec::new());
    let mut question = question(tx, ws, filter, rules, &mut values).await?;
    let key = match sort.key {
        Key::LastActivityAt => "c.last_activity_at",
        Key::CreatedAt => "c.created_at",
        Key::ClosesAt => CLOSES_AT,
        Key::Number => "c.number",
    };
    question.conditions.extend(after.map(|after| beyond(sort, key, after, &mut values)));
    let direction = if sort.descending { "desc" } else { "asc" };
    let order = match sort.key {
        // Beyond all that closes, the ids alone are the order.
        Key::ClosesAt if after.is_some_and(|after| after.key.is_none()) => format!("c.id {direction}"),
        Key::ClosesAt => format!("({key}) is null, {key} {direction}, c.id {direction}"),
        _ => format!("{key} {direction}, c.id {direction}"),
    };
    let limit = values.int(most);
    let rules = "left join rules r on r.queue = c.queue and r.status = c.status";
    let order_by = format!("order by {order}");
    let (from, conditions) = question.narrowed(rules, &order_by);
    let sql = format!(
        "{} select {COLUMNS}, u.name, u.handle, {CLOSES_AT} from {from} {rules} \
         join customers u on u.workspace = c.workspace and u.id = c.customer \
         where {conditions} order by {order} limit {limit}",
        question.with
    );
    let read = |row: &crate::Row<'_>| {
        Ok(Listed {
            case: cases::read(row)?,
            customer_name: row.get(WIDTH)?,
            customer_handle: row.get(WIDTH + 1)?,
            closes_at: row.get(WIDTH + 2)?,
        })
    };
    let rows = tx.query(&sql, &values.params(), read).await?;
    let mut walked_to = None;
    if (rows.len() as i64) < most
        && let Some(last) = question.last_walked(&format!("{key}, c.id"), rules, &order_by)
    {
        let sql = format!("{} {last}", question.with);
        let read = |row: &crate::Row<'_>| Ok(Position { key: row.get(0)?, id: row.get(1)? });
        let params = values.params();
        // All but the page's limit.
        walked_to = tx.query_opt(&sql, &params[..params.len() - 1], read).await?;
    }
    Ok(Page { rows, walked_to })
}

/// The condition that a row comes after the one at which the last page ended.
fn beyond(sort: Sort, key: &str, after: Position, values: &mut Values) -> String {
    let beyond = if sort.descending { "<" } else { ">" };
    let id = values.int(after.id);
    match (sort.key, after.key) {
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
    }
}

impl Question {
    /// The last of the cases that are looked through, if there are as many as are looked through at most.
    fn last_walked(&self, columns: &str, rules: &str, order: &str) -> Option<String> {
        let searched = self.searched.as_ref()?;
        let walk = searched.walk?;
        // A server wants to see every parameter used that it is sent.
        let sent = searched.asked.iter().map(|term| format!("cast({term} as text) is not null"));
        let all: Vec<String> = self.conditions.iter().cloned().chain(sent).collect();
        let all = all.join(" and ");
        Some(format!("select {columns} from {} {rules} where {all} {order} limit 1 offset {}", self.from, walk - 1))
    }

    /// Tables and conditions; where cases are looked through, only the next ones that everything else lets pass.
    fn narrowed(&self, rules: &str, order: &str) -> (String, String) {
        let said = self.searched.as_ref().map_or(&[][..], |searched| &searched.conditions);
        let all = self.conditions.join(" and ");
        match self.searched.as_ref().and_then(|searched| searched.walk) {
            Some(walk) => {
                let says = if said.is_empty() { "true".to_owned() } else { said.join(" and ") };
                (format!("(select c.* from {} {rules} where {all} {order} limit {walk}) c", self.from), says)
            }
            None => (self.from.clone(), [&self.conditions, said].concat().join(" and ")),
        }
    }
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
    let question = question(tx, ws, filter, rules, &mut values).await?;
    let most = values.int(most);
    // Only what a condition asks about is looked up: a badge counts thousands of cases out of an index alone.
    let closing = match filter.closing_before {
        Some(_) => "left join rules r on r.queue = c.queue and r.status = c.status",
        None => "",
    };
    let (from, conditions) = question.narrowed(closing, "");
    // The outer conditions of a walk ask nothing about rules.
    let closing = if question.searched.as_ref().is_some_and(|searched| searched.walk.is_some()) { "" } else { closing };
    let sql = format!(
        "{} select count(*) from (select 1 from {from} {closing} where {conditions} limit {most}) counted",
        question.with
    );
    tx.query_one(&sql, &values.params(), |row| row.get(0)).await
}
