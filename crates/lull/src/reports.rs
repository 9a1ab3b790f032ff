//! The report of section 5: its figures, their groups and their series, from sums where these serve and from phases elsewhere.
//!
//! Both give the same figures. Sums are of whole days: they answer periods from midnight to midnight that are broken down or
//! narrowed by one thing, and by two where the pair's sums are kept. That begins when a desk is first asked for it and has
//! much to read. Everything else reads the period's phases one by one.

mod count;
mod names;

pub use count::{KeepPair, StartAnew, add_to_pairs, catch_up, catch_up_db, caught_up};

use crate::desk::Desk;
use domain::id::{ChannelId, QueueId, WorkspaceId};
use domain::metrics::{Bucket, Calendar, Counts, Dimension, Period, Phase};
use domain::time::{Span, TimeZoneName, Timestamp};
use names::Names;
use std::collections::HashMap;
use store::reports::{self, Days, Figure, Pair, Place, Progress, Selection, Standing};
use store::{Fault, Tx, workspaces};
use tokio::sync::Semaphore;

/// Phases read at a time.
const PAGE: i64 = 5_000;
/// So many cases opened and closed in a period are worth a pair's sums: to read them one by one takes about as long as somebody
/// waits without noticing.
const WORTH: i64 = 50_000;
/// Messages that the week's hours are drawn from, at most.
const MOST: i64 = 200_000;
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
    let (asked, calendar) = (query.clone(), calendar(desk, ws).await?);
    let way = desk.db.read(move |tx| Box::pin(async move { way(tx, ws, &asked, &calendar).await })).await?;
    let _turn = if way.is_slow() { ONE_BY_ONE.acquire().await.ok() } else { None };
    let report = desk.db.read(move |tx| Box::pin(async move { answer(tx, ws, &query).await })).await?;
    if let Some(pair) = way.keep() {
        desk.db.write(KeepPair { workspace: ws, pair }).await?;
    }
    report
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
    let sums = match way(tx, ws, query, &calendar).await? {
        Way::Sums(sums, _) => summed(tx, ws, query, &calendar, &edges, &sums).await?,
        Way::OneByOne(_) => one_by_one(tx, ws, query, &edges).await?,
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

/// The sums that answer a query.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    days: Days,
    /// What totals and series are read from: a group, of what is narrowed to another one.
    totals: (Of, Of),
    /// What the groups are narrowed to.
    groups_of: Of,
    /// The pair that is needed for it.
    pair: Option<Pair>,
}

/// How a query is answered.
enum Way {
    /// With the pair to be noted as asked for.
    Sums(Kept, Option<Pair>),
    /// With the pair that would have served, where it is worth to be kept.
    OneByOne(Option<Pair>),
}

impl Way {
    fn is_slow(&self) -> bool {
        matches!(self, Way::OneByOne(_))
    }

    fn keep(&self) -> Option<Pair> {
        match self {
            Way::Sums(_, pair) | Way::OneByOne(pair) => *pair,
        }
    }
}

async fn way(tx: &mut Tx, ws: WorkspaceId, query: &Query, calendar: &Calendar) -> Result<Way, Fault> {
    let Some(kept) = from_sums(query, calendar, tx.now()) else { return Ok(Way::OneByOne(None)) };
    let Some(pair) = kept.pair else { return Ok(Way::Sums(kept, None)) };
    Ok(match reports::standing(tx, ws, pair).await? {
        Standing::Whole => Way::Sums(kept, None),
        Standing::WholeAndUnnoted => Way::Sums(kept, Some(pair)),
        Standing::Missing => {
            let everything = reports::days(tx, ws, None, None, kept.days).await?;
            let happened: i64 =
                everything.iter().map(|change| change.counts.opened.abs() + change.counts.closed()).sum();
            Way::OneByOne((happened >= WORTH).then_some(pair))
        }
    })
}

/// The pair of dimensions whose sums would answer a query.
pub fn pair_of(query: &Query, calendar: &Calendar, now: Timestamp) -> Option<Pair> {
    from_sums(query, calendar, now)?.pair
}

/// The sums that answer a query, if sums do.
fn from_sums(query: &Query, calendar: &Calendar, now: Timestamp) -> Option<Kept> {
    if query.bucket == Some(Bucket::Hour) {
        return None;
    }
    // After now nothing has happened: a period that ends later might as well end at midnight.
    let Period { from, mut to } = query.period;
    if to > now {
        to = calendar.midnight(calendar.day(to.minus(Span::from_micros(1))) + 1);
    }
    let (from, to) = calendar.days(Period { from, to })?;
    let days = Days { from, to };
    let mut narrowed = narrowed(&query.selection);
    // Groups of what they are narrowed by are that one group; but other tags of the same cases have groups, too.
    let same =
        |(dimension, _): &(Dimension, String)| Some(*dimension) == query.group_by && *dimension != Dimension::Tag;
    narrowed.sort_by_key(same);
    let (last, first) = (narrowed.pop(), narrowed.pop());
    if !narrowed.is_empty() {
        return None;
    }
    let pair = |of: &Of, by| of.as_ref().map(|(of, _)| Pair { of: *of, by });
    let is_group = query.group_by.is_none() || last.as_ref().is_none_or(same);
    match (first, last) {
        (first, Some(last)) if is_group => {
            let pair = pair(&first, last.0);
            Some(Kept { days, totals: (first.clone(), Some(last)), groups_of: first, pair })
        }
        (None, last) => {
            let pair = query.group_by.and_then(|by| pair(&last, by));
            Some(Kept { days, totals: (None, last.clone()), groups_of: last, pair })
        }
        _ => None,
    }
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
    kept: &Kept,
) -> Result<Sums, Fault> {
    fn borrowed(of: &Of) -> Option<reports::Of<'_>> {
        of.as_ref().map(|(dimension, value)| (*dimension, value.as_str()))
    }
    let days = kept.days;
    let mut edges: Vec<_> = edges.iter().map(|edge| calendar.day(*edge)).collect();
    if let Some(last) = edges.last_mut() {
        *last = days.to;
    }
    let mut sums = Sums { totals: Counts::ZERO, groups: HashMap::new(), series: vec![Counts::ZERO; slots(&edges)] };
    let (of, group) = (borrowed(&kept.totals.0), borrowed(&kept.totals.1));
    for change in reports::days(tx, ws, of, group, days).await? {
        sums.totals.add(&change, days.from, days.to);
        sums.slot(&edges, change.at, |counts, from, to| counts.add(&change, from, to));
    }
    if let Some(dimension) = query.group_by {
        let of = borrowed(&kept.groups_of);
        let groups = reports::groups(tx, ws, of, dimension, days).await?;
        let only = group.filter(|group| Some(*group) != of);
        let wanted = |key: &Option<String>| only.is_none_or(|(_, value)| key.as_deref().unwrap_or("") == value);
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

/// Messages of customers by weekday, Monday first, and hour as local clocks show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inbound {
    pub hours: [[i64; 24]; 7],
    /// From when on they were counted, where that is later than the period's beginning.
    pub only_from: Option<Timestamp>,
}

/// Automatic messages are not counted (C6). Narrowed by what their cases were when they came, as counted up to now. Of very
/// many only the newest are looked at, whole weeks if they fill one: more would show the same pattern, later.
pub async fn inbound_by_hour(
    desk: &Desk,
    ws: WorkspaceId,
    period: Period,
    selection: Selection,
) -> Result<Inbound, Fault> {
    newest_by_hour(desk, ws, period, selection, MOST).await
}

async fn newest_by_hour(
    desk: &Desk,
    ws: WorkspaceId,
    period: Period,
    selection: Selection,
    most: i64,
) -> Result<Inbound, Fault> {
    const QUARTER: i64 = 900_000_000;
    let calendar = calendar(desk, ws).await?;
    let cut = calendar.clone();
    let (only_from, quarters) = desk
        .db
        .read(move |tx| {
            Box::pin(async move {
                let to = period.to.min(tx.now());
                let beyond = reports::inbound_beyond(tx, ws, period, most).await?;
                let only_from = beyond.map(|beyond| newest_weeks(&cut, beyond, to));
                let period = Period { from: only_from.unwrap_or(period.from), ..period };
                Ok((only_from, reports::inbound(tx, ws, period, &selection).await?))
            })
        })
        .await?;
    let mut inbound = Inbound { only_from, ..Inbound::default() };
    for (quarter, messages) in quarters {
        let (day, hour) = calendar.hour_of_week(Timestamp::from_micros(quarter * QUARTER));
        inbound.hours[day][hour] += messages;
    }
    Ok(inbound)
}

/// The beginning of as many whole weeks as there are after a moment up to another one; else of whole days.
fn newest_weeks(calendar: &Calendar, after: Timestamp, to: Timestamp) -> Timestamp {
    let end = calendar.day(to.minus(Span::from_micros(1))) + 1;
    match end - (calendar.day(after) + 1) {
        ..1 => after.plus(Span::from_micros(1)),
        days @ 1..7 => calendar.midnight(end - days),
        days => calendar.midnight(end - days / 7 * 7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_weeks_are_looked_at_if_they_fill_one_and_days_else() {
        let zone = TimeZoneName::parse("Europe/Berlin").expect("a zone");
        let calendar = Calendar::new(&zone);
        let today = calendar.day(Timestamp::from_millis(1_762_000_000_000));
        let noon = |day: i64| calendar.midnight(day).plus(Span::hours(12));
        let from = |after| newest_weeks(&calendar, after, noon(today));
        // The summer's clocks were put back within these weeks: they begin at midnight nevertheless.
        assert_eq!(from(noon(today - 15)), calendar.midnight(today - 13));
        assert_eq!(from(noon(today - 14)), calendar.midnight(today - 13));
        assert_eq!(from(noon(today - 13)), calendar.midnight(today - 6));
        assert_eq!(from(noon(today - 7)), calendar.midnight(today - 6));
        assert_eq!(from(noon(today - 6)), calendar.midnight(today - 5));
        assert_eq!(from(noon(today - 1)), calendar.midnight(today));
        assert_eq!(from(calendar.midnight(today)), calendar.midnight(today).plus(Span::from_micros(1)));
        let evening = newest_weeks(&calendar, noon(today - 8), calendar.midnight(today));
        assert_eq!(evening, calendar.midnight(today - 7), "a period that ends at midnight");
    }
}
