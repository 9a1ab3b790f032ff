//! Reads what happened out of the tables, case by case, for the checker.
//!
//! The order of events is that of their commits, which PostgreSQL keeps when `track_commit_timestamp` is on: feed entries
//! and messages are written once and never changed, so each row's `xmin` is the transaction that made it so.

use super::checker::{Case, Closure, Counts, Entry, Event, Events};
use super::pace;
use anyhow::{Result, bail};
use std::collections::HashMap;
use std::time::Duration;
use tokio_postgres::{Client, Row};

/// Cases read at a time.
const CHUNK: i64 = 20_000;
/// Looks at what is still on its way into the trail, half a second apart.
const LOOKS: usize = 600;

const COMMITTED: &str = "(extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint";

/// Every change of every case, as two other tables count them, by case number.
pub struct Traces {
    audit: HashMap<i64, Counts>,
    outbox: HashMap<i64, Events>,
}

/// Waits until every audit entry stands in the trail.
pub async fn await_trail(database: &Client) -> Result<()> {
    for _ in 0..LOOKS {
        let waiting: i64 = database.query_one("select count(*) from audit_pending", &[]).await?.get(0);
        if waiting == 0 {
            return Ok(());
        }
        pace::pause(Duration::from_millis(500)).await;
    }
    bail!("audit entries still wait for their place in the trail")
}

impl Traces {
    pub async fn read(database: &Client) -> Result<Traces> {
        let mut traces = Traces { audit: HashMap::new(), outbox: HashMap::new() };
        let sql = "select object_id::bigint, event, count(*) from audit where object_kind = 'case' and event in \
                   ('CASE_AUTO_CLOSED', 'CASE_CLOSED', 'CASE_AUTO_REOPENED', 'CASE_REOPENED') group by 1, 2";
        for row in database.query(sql, &[]).await? {
            let counts = traces.audit.entry(row.get(0)).or_default();
            let count = count_of(&row, 2);
            match row.get(1) {
                "CASE_AUTO_CLOSED" => counts.closed_for_silence += count,
                "CASE_CLOSED" => counts.closed_by_hand += count,
                "CASE_AUTO_REOPENED" => counts.reopened_by_message += count,
                _ => counts.reopened_by_hand += count,
            }
        }
        let sql = "select case_number, event, coalesce(data::jsonb->>'reason', '') = 'inactivity', count(*) from outbox \
                   where event in ('case.closed', 'case.reopened') group by 1, 2, 3";
        for row in database.query(sql, &[]).await? {
            let events = traces.outbox.entry(row.get(0)).or_default();
            let count = count_of(&row, 3);
            match (row.get(1), row.get(2)) {
                ("case.reopened", _) => events.reopened += count,
                (_, true) => events.closed_for_silence += count,
                (_, false) => events.closed_by_hand += count,
            }
        }
        Ok(traces)
    }
}

fn count_of(row: &Row, column: usize) -> u64 {
    u64::try_from(row.get::<_, i64>(column)).unwrap_or(0)
}

/// The next cases after an id, in order of their ids, and the last id among them; none when there are no more.
pub async fn chunk(database: &Client, traces: &Traces, after: i64) -> Result<Option<(i64, Vec<Case>)>> {
    let sql = "select id, number, status, closed_at, reopen_count, last_activity_at from cases where id > $1 order by id limit $2";
    let rows = database.query(sql, &[&after, &CHUNK]).await?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
    let (first, last): (i64, i64) = (first.get(0), last.get(0));
    let mut cases: HashMap<i64, Case> = rows.iter().map(|row| (row.get(0), case(row, traces))).collect();
    let sql = format!(
        "select case_id, {COMMITTED}, received_at, direction, automatic from messages where case_id between $1 and $2"
    );
    for row in database.query(&sql, &[&first, &last]).await? {
        let event = Event::Message { inbound: row.get::<_, &str>(3) == "inbound", automatic: row.get(4) };
        add(&mut cases, &row, event);
    }
    let sql = format!("select case_id, {COMMITTED}, at, event from activity where case_id between $1 and $2");
    for row in database.query(&sql, &[&first, &last]).await? {
        if let Some(event) = event(row.get(3)) {
            add(&mut cases, &row, event);
        }
    }
    let sql = "select case_id, period, closed_at, reason, reopened_at from closures where case_id between $1 and $2";
    for row in database.query(sql, &[&first, &last]).await? {
        if let Some(case) = cases.get_mut(&row.get(0)) {
            case.closures.push(closure(&row));
        }
    }
    Ok(Some((last, cases.into_values().collect())))
}

fn case(row: &Row, traces: &Traces) -> Case {
    let number: i64 = row.get(1);
    Case {
        number,
        is_closed: row.get::<_, &str>(2) == "closed",
        closed_at: row.get(3),
        reopen_count: row.get(4),
        last_activity_at: row.get(5),
        audit: traces.audit.get(&number).copied().unwrap_or_default(),
        outbox: traces.outbox.get(&number).copied().unwrap_or_default(),
        ..Case::default()
    }
}

fn closure(row: &Row) -> Closure {
    Closure {
        period: row.get(1),
        closed_at: row.get(2),
        for_silence: row.get::<_, &str>(3) == "inactivity",
        reopened_at: row.get(4),
    }
}

fn add(cases: &mut HashMap<i64, Case>, row: &Row, event: Event) {
    if let Some(case) = cases.get_mut(&row.get(0)) {
        case.entries.push(Entry { committed: row.get(1), at: row.get(2), event });
    }
}

/// What the feed calls it; whatever neither opens nor closes a case nor counts as activity is left out.
fn event(name: &str) -> Option<Event> {
    Some(match name {
        "case_created" => Event::Created,
        "message_received" | "message_sent" => Event::MessageInFeed,
        "status_changed" => Event::StatusChanged,
        "case_auto_closed" => Event::ClosedForSilence,
        "case_closed" => Event::ClosedByHand,
        "case_auto_reopened" => Event::ReopenedByMessage,
        "case_reopened" => Event::ReopenedByHand,
        _ => return None,
    })
}
