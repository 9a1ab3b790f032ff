//! Phases: read from histories, kept, and found again by period.

use crate::dialect::list_holds;
use crate::{Fault, Param, Row, ToParam, Tx, params};
use domain::case::{CaseType, Priority};
use domain::closure::ClosingReason;
use domain::feed::FeedEvent;
use domain::id::{AgentId, CaseId, ChannelId, QueueId, WorkspaceId};
use domain::message::Network;
use domain::metrics::{Before, Closing, Frozen, History, Period, Phase, Under};
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Which phases a report counts; what is empty counts all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// `Some(None)`: nobody's.
    pub agent: Option<Option<AgentId>>,
    pub queue: Option<QueueId>,
    pub channel: Option<ChannelId>,
    pub network: Option<Network>,
    pub kind: Option<CaseType>,
    pub priority: Option<Priority>,
    pub tag: Option<String>,
    pub reason: Option<ClosingReason>,
}

/// Where a list of phases was left: the moment it goes by, case and place.
pub type Place = (Timestamp, CaseId, i64);

/// The histories of some cases; `ids` is a JSON list. In the order of their ids.
pub(super) async fn histories(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<Vec<History>, Fault> {
    let sql = "select c.id, c.number, c.created_at, c.first_reply_at, c.assignee, c.queue, c.channel, c.network, c.type, \
               c.priority, c.tags from json_each($2) j join cases c on c.workspace = $1 and c.id = cast(j.value as bigint)";
    let read = |row: &Row<'_>| {
        Ok(History {
            case: row.get(0)?,
            number: row.get(1)?,
            created_at: row.get(2)?,
            first_reply_at: row.get(3)?,
            now: under(row, 4)?,
            changes: Vec::new(),
            closures: Vec::new(),
        })
    };
    let mut histories = tx.query(sql, params![ws, ids], read).await?;
    histories.sort_unstable_by_key(|history| history.case);
    let mut changes = changes(tx, ws, ids).await?;
    let mut closures = closures(tx, ws, ids).await?;
    for history in &mut histories {
        history.changes = changes.remove(&history.case).unwrap_or_default();
        history.closures = closures.remove(&history.case).unwrap_or_default();
    }
    Ok(histories)
}

fn under(row: &Row<'_>, first: usize) -> Result<Under, Fault> {
    Ok(Under {
        agent: row.get(first)?,
        queue: row.get(first + 1)?,
        channel: row.get(first + 2)?,
        network: row.word(first + 3)?,
        kind: row.word(first + 4)?,
        priority: row.word(first + 5)?,
        tags: row.texts(first + 6)?,
    })
}

async fn closures(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<HashMap<CaseId, Vec<Frozen>>, Fault> {
    let sql = "select k.case_id, k.opened_at, k.closed_at, k.last_activity_at, k.reopened_at, k.reason, k.credited_agent, \
               k.queue, k.channel, k.network, k.type, k.priority, k.tags from json_each($2) j \
               join closures k on k.workspace = $1 and k.case_id = cast(j.value as bigint) order by k.case_id, k.period";
    let read = |row: &Row<'_>| {
        let frozen = Frozen {
            opened_at: row.get(1)?,
            closed_at: row.get(2)?,
            last_activity_at: row.get(3)?,
            reopened_at: row.get(4)?,
            reason: row.word(5)?,
            under: under(row, 6)?,
        };
        Ok((row.get(0)?, frozen))
    };
    Ok(by_case(tx.query(sql, params![ws, ids], read).await?))
}

/// The feed's events that change what a case is counted under.
const CHANGING: [FeedEvent; 6] = [
    FeedEvent::Assigned,
    FeedEvent::Unassigned,
    FeedEvent::QueueChanged,
    FeedEvent::TypeChanged,
    FeedEvent::PriorityChanged,
    FeedEvent::TagsChanged,
];

async fn changes(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<HashMap<CaseId, Vec<(Timestamp, Before)>>, Fault> {
    let events = json!(CHANGING.map(|event| [event.as_str()])).to_string();
    let sql = "select a.case_id, a.at, a.event, a.data from json_each($2) j \
               join activity a on a.workspace = $1 and a.case_id = cast(j.value as bigint) \
               where a.event in (select value->>0 from json_each($3)) order by a.case_id, a.id";
    let read = |row: &Row<'_>| {
        let data: Value = serde_json::from_str(row.text(3)?).map_err(Fault::damaged)?;
        let before = before(row.word(2)?, &data["from"]).ok_or_else(|| Fault::damaged("a change in the feed"))?;
        Ok((row.get(0)?, (row.get(1)?, before)))
    };
    Ok(by_case(tx.query(sql, params![ws, ids, events], read).await?))
}

fn before(event: FeedEvent, from: &Value) -> Option<Before> {
    match event {
        FeedEvent::Assigned | FeedEvent::Unassigned if from.is_null() => Some(Before::Assignee(None)),
        FeedEvent::Assigned | FeedEvent::Unassigned => Some(Before::Assignee(Some(AgentId::parse(from.as_str()?)?))),
        FeedEvent::QueueChanged => Some(Before::Queue(QueueId::parse(from.as_str()?)?)),
        FeedEvent::TypeChanged => Some(Before::Type(from.as_str()?.parse().ok()?)),
        FeedEvent::PriorityChanged => Some(Before::Priority(from.as_str()?.parse().ok()?)),
        FeedEvent::TagsChanged => {
            let tags = from.as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned));
            Some(Before::Tags(tags.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn by_case<T>(rows: Vec<(CaseId, T)>) -> HashMap<CaseId, Vec<T>> {
    let mut cases: HashMap<CaseId, Vec<T>> = HashMap::new();
    for (case, value) in rows {
        cases.entry(case).or_default().push(value);
    }
    cases
}

const COLUMNS: &str = "p.case_id, p.place, p.number, p.created_at, p.first_reply_at, p.since, p.until, p.reason, \
     p.handle_millis, p.active_millis, p.agent, p.queue, p.channel, p.network, p.type, p.priority, p.tags";

fn read(row: &Row<'_>) -> Result<(i64, Phase), Fault> {
    let span = |index| Ok::<_, Fault>(Span::millis(row.get::<Option<i64>>(index)?.unwrap_or_default()));
    let closing = match row.optional_word(7)? {
        Some(reason) => Some(Closing { reason, handle_time: span(8)?, active_time: span(9)? }),
        None => None,
    };
    let phase = Phase {
        case: row.get(0)?,
        number: row.get(2)?,
        created_at: row.get(3)?,
        first_reply_at: row.get(4)?,
        since: row.get(5)?,
        until: row.get(6)?,
        closing,
        under: under(row, 10)?,
    };
    Ok((row.get(1)?, phase))
}

/// The stored phases of some cases, each case's in order.
pub(super) async fn of_cases(tx: &mut Tx, ws: WorkspaceId, ids: &str) -> Result<Vec<Phase>, Fault> {
    let sql = format!(
        "select {COLUMNS} from json_each($2) j join case_phases p on p.workspace = $1 \
         and p.case_id = cast(j.value as bigint) order by p.case_id, p.place"
    );
    Ok(tx.query(&sql, params![ws, ids], read).await?.into_iter().map(|(_, phase)| phase).collect())
}

/// Forgets phases of cases from a place on, and writes new ones at theirs.
pub(super) async fn replace(
    tx: &mut Tx,
    ws: WorkspaceId,
    gone: &[(CaseId, i64)],
    new: &[(usize, Phase)],
) -> Result<(), Fault> {
    if !gone.is_empty() {
        let rows = json!(gone.iter().map(|(case, place)| [case.0, *place]).collect::<Vec<_>>()).to_string();
        let sql = "delete from case_phases where workspace = $1 and (case_id, place) in (select p.case_id, p.place \
                   from json_each($2) j join case_phases p on p.workspace = $1 and p.case_id = cast(j.value->>0 as bigint) \
                   and p.place >= cast(j.value->>1 as bigint))";
        tx.put(sql, params![ws, rows]).await?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let rows = Value::Array(new.iter().map(|(place, phase)| row(*place, phase)).collect()).to_string();
    let sql = "insert into case_phases (workspace, case_id, place, number, created_at, first_reply_at, since, until, reason, \
               handle_millis, active_millis, agent, queue, channel, network, type, priority, tags) \
               select $1, cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint), \
               cast(value->>3 as bigint), cast(value->>4 as bigint), cast(value->>5 as bigint), cast(value->>6 as bigint), \
               value->>7, cast(value->>8 as bigint), cast(value->>9 as bigint), cast(value->>10 as bigint), \
               cast(value->>11 as bigint), cast(value->>12 as bigint), value->>13, value->>14, value->>15, value->>16 \
               from json_each($2)";
    tx.put(sql, params![ws, rows]).await
}

fn row(place: usize, phase: &Phase) -> Value {
    let (closing, under) = (phase.closing, &phase.under);
    let millis = |time: fn(Closing) -> Span| closing.map(|closing| time(closing).as_micros() / 1_000);
    json!([
        phase.case.0,
        place,
        phase.number,
        phase.created_at.as_micros(),
        phase.first_reply_at.map(Timestamp::as_micros),
        phase.since.as_micros(),
        phase.until.map(Timestamp::as_micros),
        closing.map(|closing| closing.reason.as_str()),
        millis(|closing| closing.handle_time),
        millis(|closing| closing.active_time),
        under.agent.map(|agent| agent.0),
        under.queue.0,
        under.channel.0,
        under.network.as_str(),
        under.kind.as_str(),
        under.priority.as_str(),
        Value::from(under.tags.clone()).to_string(),
    ])
}

/// The conditions of a selection, whose values are `$2` to `$10`.
fn selected(shared: bool) -> String {
    let equal = |column: &str, place: usize, kind: &str| {
        format!(" and (cast(${place} as {kind}) is null or p.{column} = ${place})")
    };
    [
        " and (cast($2 as boolean) is null or (p.agent is null) = $2)".to_owned(),
        equal("agent", 3, "bigint"),
        equal("queue", 4, "bigint"),
        equal("channel", 5, "bigint"),
        equal("network", 6, "text"),
        equal("type", 7, "text"),
        equal("priority", 8, "text"),
        equal("reason", 9, "text"),
        format!(" and (cast($10 as text) is null or {})", list_holds(shared, "p.tags", "$10")),
    ]
    .concat()
}

/// What stands in a list of parameters as long as the query that uses it.
struct Words {
    network: Option<&'static str>,
    kind: Option<&'static str>,
    priority: Option<&'static str>,
    reason: Option<&'static str>,
    nobody: Option<bool>,
    agent: Option<AgentId>,
}

impl Words {
    fn of(selection: &Selection) -> Words {
        Words {
            network: selection.network.map(Network::as_str),
            kind: selection.kind.map(CaseType::as_str),
            priority: selection.priority.map(Priority::as_str),
            reason: selection.reason.map(ClosingReason::as_str),
            nobody: selection.agent.map(|agent| agent.is_none()),
            agent: selection.agent.flatten(),
        }
    }

    fn params<'a>(&'a self, ws: &'a WorkspaceId, selection: &'a Selection) -> Vec<Param<'a>> {
        vec![
            ws.to_param(),
            self.nobody.to_param(),
            self.agent.to_param(),
            selection.queue.to_param(),
            selection.channel.to_param(),
            self.network.to_param(),
            self.kind.to_param(),
            self.priority.to_param(),
            self.reason.to_param(),
            selection.tag.to_param(),
        ]
    }
}

/// Phases that began in the period, in the order of their beginnings.
pub async fn started_in(
    tx: &mut Tx,
    ws: WorkspaceId,
    period: Period,
    selection: &Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, Phase)>, Fault> {
    page(tx, ws, "since", "", period, selection, after, limit).await
}

/// Phases that ended in the period and began before it, in the order of their ends.
pub async fn ended_in(
    tx: &mut Tx,
    ws: WorkspaceId,
    period: Period,
    selection: &Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, Phase)>, Fault> {
    page(tx, ws, "until", " and p.since < $11", period, selection, after, limit).await
}

/// A figure whose cases can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Opened,
    Closed,
    SamePeriodClosed,
    Undone,
    Reopened,
    Replied,
}

/// What a page of [`behind`] holds: a phase for each case or closure that the figure counts.
pub type Behind = Vec<(Place, Phase)>;

/// The cases behind a figure, oldest first: as many as it says.
pub async fn behind(
    tx: &mut Tx,
    ws: WorkspaceId,
    figure: Figure,
    period: Period,
    selection: &Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Behind, Fault> {
    const STANDS: &str = " and p.created_at >= $11 and (p.until is null or p.until >= $12)";
    let (by, more) = match figure {
        Figure::Opened => ("since", STANDS.to_owned()),
        Figure::SamePeriodClosed => ("since", format!("{STANDS} and p.reason is not null")),
        Figure::Replied => ("since", format!("{STANDS} and p.first_reply_at < $12")),
        Figure::Closed => ("since", " and p.reason is not null".to_owned()),
        Figure::Undone => ("since", " and p.reason is not null and p.until is not null".to_owned()),
        Figure::Reopened => ("until", " and p.reason is not null".to_owned()),
    };
    page(tx, ws, by, &more, period, selection, after, limit).await
}

/// Inbound messages by quarter of an hour, each under the phase of its case that it came in; what came before a case's first
/// phase, as words from before an import may, is under that one.
pub(super) async fn inbound(
    tx: &mut Tx,
    ws: WorkspaceId,
    period: Period,
    selection: &Selection,
) -> Result<Vec<(i64, i64)>, Fault> {
    let sql = format!(
        "select m.received_at / 900000000, count(*) from messages m where m.workspace = $1 and m.direction = 'inbound' \
         and not m.automatic and m.received_at >= $11 and m.received_at < $12 and exists (select 1 from case_phases p \
         where p.workspace = $1 and p.case_id = m.case_id and (p.place = 0 or p.since <= m.received_at) \
         and (p.until is null or p.until > m.received_at){}) group by m.received_at / 900000000",
        selected(tx.is_shared())
    );
    let words = Words::of(selection);
    let mut values = words.params(&ws, selection);
    values.extend_from_slice(params![period.from, period.to]);
    tx.query(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?))).await
}

#[expect(clippy::too_many_arguments, reason = "each narrows the same page")]
async fn page(
    tx: &mut Tx,
    ws: WorkspaceId,
    by: &str,
    more: &str,
    period: Period,
    selection: &Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, Phase)>, Fault> {
    let (at, case, place) = after.unwrap_or((period.from, CaseId(0), 0));
    let sql = format!(
        "select {COLUMNS}, p.{by} from case_phases p where p.workspace = $1 and p.{by} >= $13 and p.{by} < $12 \
         and p.{by} >= $11 and (p.{by}, p.case_id, p.place) > ($13, $14, $15){}{more} \
         order by p.{by}, p.case_id, p.place limit $16",
        selected(tx.is_shared())
    );
    let words = Words::of(selection);
    let mut values = words.params(&ws, selection);
    values.extend_from_slice(params![period.from, period.to, at, case, place, limit]);
    tx.query(&sql, &values, |row| {
        let (place, phase) = read(row)?;
        Ok(((row.get(17)?, phase.case, place), phase))
    })
    .await
}
