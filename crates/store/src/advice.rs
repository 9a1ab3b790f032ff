//! The histories the advisor looks at (X9): what happened to each case of a period that can move its clock or close it.
//!
//! Messages come from `messages`, creations by hand and changes of status from the feed. A case that follows another one
//! (R5) continues its history; what was done to the older case after that is left out, as the conversation has moved on.

use crate::{Fault, Row, Tx, params};
use domain::advice::replay::{Happened, What};
use domain::case::Status;
use domain::feed::FeedEvent;
use domain::id::{QueueId, WorkspaceId};
use domain::message::Direction;
use domain::time::Timestamp;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Cases looked at, at most: the newest. So many say more than any period needs, and are read in about a second.
pub const CASES: usize = 50_000;
/// Cases read at a time.
const PAGE: usize = 1_000;
/// How often the cases that follow those found are looked for: each round leads one case further.
const ROUNDS: usize = 100;

/// Which cases: created in the period, and in this queue now if one is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub queue: Option<QueueId>,
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histories {
    /// Each in order of time; several cases in one, where they follow each other.
    pub histories: Vec<Vec<Happened>>,
    /// Cases of the period.
    pub cases: u64,
    /// Cases after the period, or moved to another queue, that continue one of them.
    pub continued: u64,
    /// Whether older cases of the period were left out.
    pub cut: bool,
    /// When the oldest of the cases was created.
    pub oldest: Option<Timestamp>,
}

struct Found {
    id: i64,
    number: i64,
    follow_up_of: Option<i64>,
    created_at: Timestamp,
}

fn read_found(row: &Row<'_>) -> Result<Found, Fault> {
    Ok(Found { id: row.get(0)?, number: row.get(1)?, follow_up_of: row.get(2)?, created_at: row.get(3)? })
}

/// The histories of the newest `most` cases that are wanted.
pub async fn histories(tx: &mut Tx, ws: WorkspaceId, wanted: &Wanted, most: usize) -> Result<Histories, Fault> {
    let mut found = newest(tx, ws, wanted, most + 1).await?;
    let cut = found.len() > most;
    found.truncate(most);
    let (cases, oldest) = (found.len() as u64, found.last().map(|case| case.created_at));
    add_follow_ups(tx, ws, &mut found).await?;
    let mut happened: HashMap<i64, Vec<Dated>> = HashMap::with_capacity(found.len());
    for part in found.chunks(PAGE) {
        let ids = json(part.iter().map(|case| case.id));
        for (case, dated) in happenings(tx, ws, &ids).await? {
            happened.entry(case).or_default().push(dated);
        }
    }
    let continued = found.len() as u64 - cases;
    Ok(Histories { histories: joined(&found, happened), cases, continued, cut, oldest })
}

/// By keyset, newest first.
async fn newest(tx: &mut Tx, ws: WorkspaceId, wanted: &Wanted, most: usize) -> Result<Vec<Found>, Fault> {
    let only = if wanted.queue.is_some() { "and queue = $7" } else { "and cast($7 as bigint) = 0" };
    let sql = format!(
        "select id, number, follow_up_of, created_at from cases where workspace = $1 and created_at >= $2 \
         and created_at <= $3 and (created_at, id) < ($3, $4) and created_at < $5 {only} \
         order by created_at desc, id desc limit $6"
    );
    let queue = wanted.queue.unwrap_or(QueueId(0));
    let mut found: Vec<Found> = Vec::new();
    while found.len() < most {
        let (at, id) = found.last().map_or((wanted.to, i64::MAX), |last| (last.created_at, last.id));
        let limit = PAGE.min(most - found.len()) as i64;
        let values = params![ws, wanted.from, at, id, wanted.to, limit, queue];
        let page = tx.query(&sql, values, read_found).await?;
        let ended = page.len() < limit as usize;
        found.extend(page);
        if ended {
            break;
        }
    }
    Ok(found)
}

/// Adds the cases that continue those found and are not among them.
async fn add_follow_ups(tx: &mut Tx, ws: WorkspaceId, found: &mut Vec<Found>) -> Result<(), Fault> {
    let sql = "select c.id, c.number, c.follow_up_of, c.created_at from json_each($2) j join cases c on c.workspace = $1 \
               and c.follow_up_of = cast(j.value as bigint) and c.follow_up_of is not null";
    let mut known: HashSet<i64> = found.iter().map(|case| case.number).collect();
    let mut looked_at = 0;
    for _ in 0..ROUNDS {
        let numbers: Vec<i64> = found[looked_at..].iter().map(|case| case.number).collect();
        looked_at = found.len();
        for part in numbers.chunks(PAGE) {
            let next = tx.query(sql, params![ws, json(part.iter().copied())], read_found).await?;
            found.extend(next.into_iter().filter(|case| known.insert(case.number)));
        }
        if found.len() == looked_at {
            break;
        }
    }
    Ok(())
}

fn json(numbers: impl Iterator<Item = i64>) -> String {
    Value::from(numbers.collect::<Vec<_>>()).to_string()
}

/// Something that happened, with its id: what happened in one moment keeps its order.
struct Dated {
    id: i64,
    happened: Happened,
}

impl Dated {
    fn place(&self) -> (Timestamp, i64) {
        (self.happened.at, self.id)
    }
}

/// What happened to each of `cases` (a JSON list of ids).
async fn happenings(tx: &mut Tx, ws: WorkspaceId, cases: &str) -> Result<Vec<(i64, Dated)>, Fault> {
    let sql = "select m.case_id, m.id, m.received_at, m.direction, '' from json_each($2) j join messages m \
               on m.workspace = $1 and m.case_id = cast(j.value as bigint) where not m.automatic \
               union all select a.case_id, a.id, a.at, a.event, a.data from json_each($2) j join activity a \
               on a.workspace = $1 and a.case_id = cast(j.value as bigint) \
               where a.event in ('case_created', 'status_changed', 'case_closed', 'case_reopened', 'case_auto_closed')";
    let read = |row: &Row<'_>| {
        let Some(what) = what(row.text(3)?, row.text(4)?)? else { return Ok(None) };
        let happened = Happened { at: row.get(2)?, what };
        Ok(Some((row.get(0)?, Dated { id: row.get(1)?, happened })))
    };
    Ok(tx.query(sql, params![ws, cases], read).await?.into_iter().flatten().collect())
}

/// A message's direction, or a feed event with its data, as the replay knows it.
fn what(word: &str, data: &str) -> Result<Option<What>, Fault> {
    if let Ok(direction) = word.parse::<Direction>() {
        return Ok(Some(What::Message(direction)));
    }
    let data: Value = serde_json::from_str(data).map_err(Fault::damaged)?;
    let status = |field: &str| {
        let status = data[field].as_str().and_then(|word| word.parse::<Status>().ok());
        status.ok_or_else(|| Fault::damaged("a feed entry without its status"))
    };
    let event = word.parse().map_err(|_| Fault::damaged("a word that no version of Lull writes"))?;
    Ok(match event {
        // The message that made a case stands there by itself.
        FeedEvent::CaseCreated => data["message"].is_null().then_some(What::Created),
        FeedEvent::StatusChanged => Some(What::Status(status("to")?)),
        FeedEvent::CaseReopened => Some(What::Status(status("status")?)),
        FeedEvent::CaseClosed => Some(What::Status(Status::Closed)),
        FeedEvent::CaseAutoClosed => Some(What::EngineClosed),
        _ => None,
    })
}

/// One history for each case that follows none of the others, with those that follow it.
fn joined(found: &[Found], mut happened: HashMap<i64, Vec<Dated>>) -> Vec<Vec<Happened>> {
    let numbers: HashSet<i64> = found.iter().map(|case| case.number).collect();
    let mut next: HashMap<i64, &Found> = HashMap::new();
    let mut firsts = Vec::new();
    for case in found {
        // Numbers rise, so that following them comes to an end.
        match case.follow_up_of.filter(|number| numbers.contains(number) && *number < case.number) {
            Some(number) if !next.contains_key(&number) => drop(next.insert(number, case)),
            _ => firsts.push(case),
        }
    }
    let mut histories = Vec::new();
    for first in firsts {
        let (mut history, mut case): (Vec<Dated>, _) = (Vec::new(), Some(first));
        while let Some(current) = case {
            let mut more = happened.remove(&current.id).unwrap_or_default();
            more.sort_unstable_by_key(Dated::place);
            if let Some(start) = more.first().map(Dated::place) {
                history.retain(|dated| dated.place() < start);
            }
            history.extend(more);
            case = next.get(&current.number).copied();
        }
        histories.push(history.into_iter().map(|dated| dated.happened).collect());
    }
    histories
}
