//! The sums by days.

use crate::{Fault, Row, Tx, params};
use domain::id::WorkspaceId;
use domain::metrics::{Calendar, Change, Counts, Dimension, Phase};
use domain::time::Timestamp;
use std::collections::HashMap;

/// Days of the workspace's zone, counted as `domain::metrics::Calendar` does; `to` is not in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: i64,
    pub to: i64,
}

/// One group of a dimension.
pub type Of<'a> = (Dimension, &'a str);

/// No dimension: everything together, or narrowed by nothing.
const NONE: i64 = 0;

fn code(dimension: Option<Dimension>) -> i64 {
    let place = dimension.and_then(|dimension| Dimension::ALL.iter().position(|known| *known == dimension));
    place.map_or(NONE, |place| place as i64 + 1)
}

fn dimension(code: i64) -> Result<Dimension, Fault> {
    let known = usize::try_from(code - 1).ok().and_then(|place| Dimension::ALL.get(place));
    known.copied().ok_or_else(|| Fault::damaged("a dimension of reports"))
}

/// A pair of dimensions whose sums are kept: the groups of one, narrowed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    pub of: Dimension,
    pub by: Dimension,
}

impl Pair {
    pub(super) fn codes(self) -> (i64, i64) {
        (code(Some(self.of)), code(Some(self.by)))
    }

    pub(super) fn from_codes(of: i64, by: i64) -> Result<Pair, Fault> {
        Ok(Pair { of: dimension(of)?, by: dimension(by)? })
    }
}

const SUMS: [&str; 11] = [
    "opened",
    "settled",
    "replied",
    "reply_millis",
    "closed_manual",
    "closed_api",
    "closed_inactivity",
    "handle_millis",
    "active_millis",
    "undone",
    "reopened",
];
/// The first so many of them count only where the case was created in the period.
const STANDING: usize = 4;

fn counts(row: &Row<'_>, first: usize) -> Result<Counts, Fault> {
    Ok(Counts {
        opened: row.get(first)?,
        settled: row.get(first + 1)?,
        replied: row.get(first + 2)?,
        reply_millis: row.get(first + 3)?,
        closed_manual: row.get(first + 4)?,
        closed_api: row.get(first + 5)?,
        closed_inactivity: row.get(first + 6)?,
        handle_millis: row.get(first + 7)?,
        active_millis: row.get(first + 8)?,
        undone: row.get(first + 9)?,
        reopened: row.get(first + 10)?,
    })
}

fn numbers(counts: &Counts) -> [i64; 11] {
    [
        counts.opened,
        counts.settled,
        counts.replied,
        counts.reply_millis,
        counts.closed_manual,
        counts.closed_api,
        counts.closed_inactivity,
        counts.handle_millis,
        counts.active_millis,
        counts.undone,
        counts.reopened,
    ]
}

/// A dimension's groups over some days, of everything or of what a pair narrows; the group `None` has no value there.
pub async fn groups(
    tx: &mut Tx,
    ws: WorkspaceId,
    of: Option<Of<'_>>,
    by: Dimension,
    days: Days,
) -> Result<Vec<(Option<String>, Counts)>, Fault> {
    let sums = SUMS.iter().enumerate().map(|(place, name)| match place {
        place if place < STANDING => format!("cast(sum(case when created_day >= $5 then {name} else 0 end) as bigint)"),
        _ => format!("cast(sum({name}) as bigint)"),
    });
    let sql = format!(
        "select value, {} from report_counts where workspace = $1 and of_dimension = $2 and of_value = $3 and dimension = $4 \
         and day >= $5 and day < $6 group by value",
        sums.collect::<Vec<_>>().join(", ")
    );
    let read = |row: &Row<'_>| Ok((Some(row.get::<String>(0)?).filter(|value| !value.is_empty()), counts(row, 1)?));
    let (narrowed, to) = (code(of.map(|of| of.0)), of.map_or("", |of| of.1));
    tx.query(&sql, params![ws, narrowed, to, code(Some(by)), days.from, days.to], read).await
}

/// What happened on each of some days to everything or to one group, of everything or of what a pair narrows.
pub async fn days(
    tx: &mut Tx,
    ws: WorkspaceId,
    of: Option<Of<'_>>,
    group: Option<Of<'_>>,
    days: Days,
) -> Result<Vec<Change>, Fault> {
    let sql = format!(
        "select created_day, day, {} from report_counts where workspace = $1 and of_dimension = $2 and of_value = $3 \
         and dimension = $4 and day >= $5 and day < $6 and value = $7",
        SUMS.join(", ")
    );
    let read = |row: &Row<'_>| Ok(Change { created: row.get(0)?, at: row.get(1)?, counts: counts(row, 2)? });
    let (narrowed, to) = (code(of.map(|of| of.0)), of.map_or("", |of| of.1));
    let (by, value) = (code(group.map(|of| of.0)), group.map_or("", |of| of.1));
    tx.query(&sql, params![ws, narrowed, to, by, days.from, days.to, value], read).await
}

/// Which sums are added to.
pub(super) struct Kept(Vec<(Option<Dimension>, Option<Dimension>)>);

impl Kept {
    /// Those that every workspace has, and some pairs.
    pub fn all_and(pairs: &[Pair]) -> Kept {
        let single = Dimension::ALL.iter().map(|dimension| (None, Some(*dimension)));
        let mut kept: Vec<_> = std::iter::once((None, None)).chain(single).collect();
        kept.extend(Kept::only(pairs).0);
        Kept(kept)
    }

    pub fn only(pairs: &[Pair]) -> Kept {
        Kept(pairs.iter().map(|pair| (Some(pair.of), Some(pair.by))).collect())
    }
}

/// A row's key, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    of_dimension: i64,
    dimension: i64,
    of_value: String,
    day: i64,
    created_day: i64,
    value: String,
}

/// Sums that are to be added to what is stored.
#[derive(Debug, Default)]
pub(super) struct Added(HashMap<Key, Counts>);

impl Added {
    /// Adds a phase, or takes one away.
    pub fn phase(&mut self, kept: &Kept, calendar: &Calendar, phase: &Phase, gone: bool) {
        let values = |dimension: Option<Dimension>| dimension.map_or_else(|| vec![None], |known| phase.groups(known));
        let word = |value: &Option<String>| value.clone().unwrap_or_default();
        let groups: Vec<_> = kept.0.iter().map(|(of, by)| (code(*of), values(*of), code(*by), values(*by))).collect();
        for change in phase.changes() {
            let counts = if gone { change.counts.negated() } else { change.counts };
            let day = |micros| calendar.day(Timestamp::from_micros(micros));
            let (day, created_day) = (day(change.at), day(change.created));
            for (of_dimension, of_values, dimension, values) in &groups {
                for (of_value, value) in of_values.iter().flat_map(|of| values.iter().map(move |value| (of, value))) {
                    let (of_dimension, dimension) = (*of_dimension, *dimension);
                    let (of_value, value) = (word(of_value), word(value));
                    let key = Key { of_dimension, dimension, of_value, day, created_day, value };
                    *self.0.entry(key).or_default() += counts;
                }
            }
        }
    }

    /// Writes what is not nothing.
    pub async fn save(self, tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
        let mut rows: Vec<_> = self.0.into_iter().filter(|(_, counts)| *counts != Counts::ZERO).collect();
        if rows.is_empty() {
            return Ok(());
        }
        // In the order of the key: neighbours lie on one page.
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let row = |(key, counts): (Key, Counts)| {
            let Key { of_dimension, dimension, of_value, day, created_day, value } = key;
            let mut row = vec![of_dimension.into(), dimension.into(), of_value.into()];
            row.extend([day.into(), created_day.into(), value.into()]);
            row.extend(numbers(&counts).map(serde_json::Value::from));
            serde_json::Value::Array(row)
        };
        let rows = serde_json::Value::Array(rows.into_iter().map(row).collect()).to_string();
        let added = SUMS.map(|name| format!("{name} = report_counts.{name} + excluded.{name}")).join(", ");
        let values = (6..6 + SUMS.len()).map(|place| format!("cast(value->>{place} as bigint)")).collect::<Vec<_>>();
        let sql = format!(
            "insert into report_counts (workspace, of_dimension, dimension, of_value, day, created_day, value, {}) \
             select $1, cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, cast(value->>3 as bigint), \
             cast(value->>4 as bigint), value->>5, {} from json_each($2) where true \
             on conflict (workspace, of_dimension, dimension, of_value, day, created_day, value) do update set {added}",
            SUMS.join(", "),
            values.join(", ")
        );
        tx.put(&sql, params![ws, rows]).await
    }
}
