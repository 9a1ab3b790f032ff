//! The report of section 5: its figures, their groups and their series, from sums where these serve and from phases elsewhere.
//!
//! Both give the same figures. Sums are of whole days and one dimension: they answer periods from midnight to midnight that
//! are broken down or narrowed by one thing. Everything else reads the period's phases one by one.

mod count;
mod names;

pub use count::{StartAnew, catch_up, catch_up_db, caught_up};

use crate::desk::Desk;
use domain::id::{ChannelId, QueueId, WorkspaceId};
use domain::metrics::{Bucket, Calendar, Counts, Dimension, Period, Phase};
use domain::time::{Span, TimeZoneName, Timestamp};
use names::Names;
use std::collections::HashMap;
use store::reports::{self, Days, Figure, Place, Progress, Selection};
use store::{Fault, Tx, workspaces};
use tokio::sync::Semaphore;

/// Phases read at a time.
const PAGE: i64 = 5_000;
/// Reports that read phases one by one, at a time: a long one must not take all readers.
static ONE_BY_ONE: Semaphore = Semaphore::const_new(1);

/// What a report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub period: Period,
    pub group_by: Option<Dimension>,
    pub bucket: Option<Bucket>,
    pub selection: Selection,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub period: Period,
    /// An IANA name.
    pub time_zone: String,
    /// Everything that happened before this moment is in it.
    pub as_of: Timestamp,
    pub totals: Counts,
    /// Those that have something to count.
    pub groups: Vec<Group>,
    pub series: Vec<Slot>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// An id or a word of the API; `None` is the group of what has no value there.
    pub key: Option<String>,
    pub name: String,
    pub counts: Counts,
}

/// A bucket of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub from: Timestamp,
    pub to: Timestamp,
    pub counts: Counts,
}

/// Why there is no report now.
#[derive(Debug)]
pub enum Refused {
    /// The series would have more points than anybody can look at.
    TooManyPoints,
    /// The figures are being counted: anew after an upgrade or a change of the time zone, or after very much happened.
    Counting,
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Fault(fault)
    }
}

/// The workspace's days.
pub async fn calendar(desk: &Desk, ws: WorkspaceId) -> Result<Calendar, Fault> {
    let workspace = desk.db.read(move |tx| Box::pin(async move { workspaces::get(tx, ws).await })).await?;
    Ok(Calendar::new(&zone(&workspace.time_zone)?))
}

fn zone(name: &str) -> Result<TimeZoneName, Fault> {
    TimeZoneName::parse(name).ok_or_else(|| Fault::Broken("a workspace has no time zone that exists".to_owned()))
}

/// Everything that was answered before this call is in the report.
pub async fn read(desk: &Desk, ws: WorkspaceId, query: Query) -> Result<Report, Refused> {
    if !caught_up(desk).await? {
        return Err(Refused::Counting);
    }
    let slow = from_sums(&query, &calendar(desk, ws).await?, desk.db.now()).is_none();
    let _turn = if slow { ONE_BY_ONE.acquire().await.ok() } else { None };
    desk.db.read(move |tx| Box::pin(async move { answer(tx, ws, &query).await })).await?
}

async fn answer(tx: &mut Tx, ws: WorkspaceId, query: &Query) -> Result<Result<Report, Refused>, Fault> {
    if reports::progress(tx, ws).await? != Some(Progress::Whole) {
        return Ok(Err(Refused::Counting));
    }
    let time_zone = workspaces::get(tx, ws).await?.time_zone;
    let calendar = Calendar::new(&zone(&time_zone)?);
    let Some(edges) = query.bucket.map_or(Some(Vec::new()), |bucket| calendar.edges(query.period, bucket)) else {
        return Ok(Err(Refused::TooManyPoints));
    };
    let now = tx.now();
    let sums = match from_sums(query, &calendar, now) {
        Some((of, days)) => summed(tx, ws, query, &calendar, &edges, of, days).await?,
        None => one_by_one(tx, ws, query, &edges).await?,
    };
    let groups = match query.group_by {
        Some(dimension) => Names::read(tx, ws, dimension).await?.groups(sums.groups),
        None => Vec::new(),
    };
    let slots = edges.windows(2).zip(sums.series);
    Ok(Ok(Report {
        period: query.period,
        time_zone,
        as_of: now,
        totals: sums.totals,
        groups,
        series: slots.map(|(edge, counts)| Slot { from: edge[0], to: edge[1], counts }).collect(),
    }))
}

/// The cases behind a figure, oldest first: as many as the report of the same period and selection says.
pub async fn behind(
    desk: &Desk,
    ws: WorkspaceId,
    figure: Figure,
    period: Period,
    selection: Selection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, Phase)>, Refused> {
    if !caught_up(desk).await? {
        return Err(Refused::Counting);
    }
    let rows = desk.db.read(move |tx| {
        Box::pin(async move {
            if reports::progress(tx, ws).await? != Some(Progress::Whole) {
                return Ok(Err(Refused::Counting));
            }
            reports::behind(tx, ws, figure, period, &selection, after, limit).await.map(Ok)
        })
    });
    rows.await?
}

/// What is added up for a report.
struct Sums {
    totals: Counts,
    groups: HashMap<Option<String>, Counts>,
    series: Vec<Counts>,
}

/// One group of a dimension, or everything.
type Of = Option<(Dimension, String)>;

/// The sums that answer a query, if sums do.
fn from_sums(query: &Query, calendar: &Calendar, now: Timestamp) -> Option<(Of, Days)> {
    let mut of = narrowed(&query.selection);
    let of = match (of.len(), query.group_by) {
        (0, _) => None,
        (1, None) => of.pop(),
        // Other tags of the same cases would be missing from their groups.
        (1, Some(dimension)) if of[0].0 == dimension && dimension != Dimension::Tag => of.pop(),
        _ => return None,
    };
    if query.bucket == Some(Bucket::Hour) {
        return None;
    }
    // After now nothing has happened: a period that ends later might as well end at midnight.
    let Period { from, mut to } = query.period;
    if to > now {
        to = calendar.midnight(calendar.day(to.minus(Span::from_micros(1))) + 1);
    }
    calendar.days(Period { from, to }).map(|(from, to)| (of, Days { from, to }))
}

/// The dimensions a selection narrows, and to what.
fn narrowed(selection: &Selection) -> Vec<(Dimension, String)> {
    let Selection { agent, queue, channel, network, kind, priority, tag, reason } = selection;
    let mut narrowed = Vec::new();
    let mut narrow = |dimension, value: Option<String>| narrowed.extend(value.map(|value| (dimension, value)));
    narrow(Dimension::Agent, agent.map(|agent| agent.map_or_else(String::new, |agent| agent.0.to_string())));
    narrow(Dimension::Queue, queue.map(|QueueId(id)| id.to_string()));
    narrow(Dimension::Channel, channel.map(|ChannelId(id)| id.to_string()));
    narrow(Dimension::Network, network.map(|word| word.to_string()));
    narrow(Dimension::Type, kind.map(|word| word.to_string()));
    narrow(Dimension::Priority, priority.map(|word| word.to_string()));
    narrow(Dimension::Tag, tag.clone());
    narrow(Dimension::ClosedReason, reason.map(|word| word.to_string()));
    narrowed
}

async fn summed(
    tx: &mut Tx,
    ws: WorkspaceId,
    query: &Query,
    calendar: &Calendar,
    edges: &[Timestamp],
    of: Of,
    days: Days,
) -> Result<Sums, Fault> {
    let mut edges: Vec<_> = edges.iter().map(|edge| calendar.day(*edge)).collect();
    if let Some(last) = edges.last_mut() {
        *last = days.to;
    }
    let mut sums = Sums { totals: Counts::ZERO, groups: HashMap::new(), series: vec![Counts::ZERO; slots(&edges)] };
    let of = of.as_ref().map(|(dimension, value)| (*dimension, value.as_str()));
    for change in reports::days(tx, ws, of, days).await? {
        sums.totals.add(&change, days.from, days.to);
        sums.slot(&edges, change.at, |counts, from, to| counts.add(&change, from, to));
    }
    if let Some(dimension) = query.group_by {
        let groups = reports::groups(tx, ws, dimension, days).await?;
        let wanted = |key: &Option<String>| of.is_none_or(|(_, value)| key.as_deref().unwrap_or("") == value);
        sums.groups = groups.into_iter().filter(|(key, _)| wanted(key)).collect();
    }
    Ok(sums)
}

async fn one_by_one(tx: &mut Tx, ws: WorkspaceId, query: &Query, edges: &[Timestamp]) -> Result<Sums, Fault> {
    let edges: Vec<_> = edges.iter().map(|edge| edge.as_micros()).collect();
    let mut sums = Sums { totals: Counts::ZERO, groups: HashMap::new(), series: vec![Counts::ZERO; slots(&edges)] };
    let Query { period, selection, .. } = query;
    let mut after = None;
    loop {
        let page = reports::started_in(tx, ws, *period, selection, after, PAGE).await?;
        page.iter().for_each(|(_, phase)| sums.phase(query, &edges, phase));
        after = page.last().map(|(place, _)| *place);
        if page.len() < PAGE as usize {
            break;
        }
    }
    after = None;
    loop {
        let page = reports::ended_in(tx, ws, *period, selection, after, PAGE).await?;
        page.iter().for_each(|(_, phase)| sums.phase(query, &edges, phase));
        after = page.last().map(|(place, _)| *place);
        if page.len() < PAGE as usize {
            return Ok(sums);
        }
    }
}

/// So many buckets lie between edges.
fn slots(edges: &[i64]) -> usize {
    edges.len().saturating_sub(1)
}

impl Sums {
    /// Hands over the bucket that holds a moment.
    fn slot(&mut self, edges: &[i64], at: i64, add: impl FnOnce(&mut Counts, i64, i64)) {
        let place = edges.partition_point(|edge| *edge <= at);
        if place > 0
            && let (Some(counts), Some(to)) = (self.series.get_mut(place - 1), edges.get(place))
        {
            add(counts, edges[place - 1], *to);
        }
    }

    fn phase(&mut self, query: &Query, edges: &[i64], phase: &Phase) {
        let (from, to) = (query.period.from.as_micros(), query.period.to.as_micros());
        let groups = query.group_by.map_or_else(Vec::new, |dimension| phase.groups(dimension));
        for change in phase.changes() {
            self.totals.add(&change, from, to);
            self.slot(edges, change.at, |counts, from, to| counts.add(&change, from, to));
            for group in &groups {
                self.groups.entry(group.clone()).or_default().add(&change, from, to);
            }
        }
    }
}

/// Messages of customers by weekday, Monday first, and hour as local clocks show it; automatic ones are not counted (C6).
/// Narrowed by what their cases were when they came, as counted up to now.
pub async fn inbound_by_hour(
    desk: &Desk,
    ws: WorkspaceId,
    period: Period,
    selection: Selection,
) -> Result<[[i64; 24]; 7], Fault> {
    const QUARTER: i64 = 900_000_000;
    let calendar = calendar(desk, ws).await?;
    let quarters =
        desk.db.read(move |tx| Box::pin(async move { reports::inbound(tx, ws, period, &selection).await })).await?;
    let mut hours = [[0; 24]; 7];
    for (quarter, messages) in quarters {
        let (day, hour) = calendar.hour_of_week(Timestamp::from_micros(quarter * QUARTER));
        hours[day][hour] += messages;
    }
    Ok(hours)
}
