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

/// Everything together.
const ALL: i64 = 0;

fn code(dimension: Option<Dimension>) -> i64 {
    let place = dimension.and_then(|dimension| Dimension::ALL.iter().position(|known| *known == dimension));
    place.map_or(ALL, |place| place as i64 + 1)
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

/// A dimension's groups over some days; the group `None` has no value there.
pub async fn groups(
    tx: &mut Tx,
    ws: WorkspaceId,
    dimension: Dimension,
    days: Days,
) -> Result<Vec<(Option<String>, Counts)>, Fault> {
    let sums = SUMS.iter().enumerate().map(|(place, name)| match place {
        place if place < STANDING => format!("cast(sum(case when created_day >= $3 then {name} else 0 end) as bigint)"),
        _ => format!("cast(sum({name}) as bigint)"),
    });
    let sql = format!(
        "select value, {} from report_sums where workspace = $1 and dimension = $2 and day >= $3 and day < $4 group by value",
        sums.collect::<Vec<_>>().join(", ")
    );
    let read = |row: &Row<'_>| Ok((Some(row.get::<String>(0)?).filter(|value| !value.is_empty()), counts(row, 1)?));
    tx.query(&sql, params![ws, code(Some(dimension)), days.from, days.to], read).await
}

/// What happened on each of some days, to everything or to one group of a dimension.
pub async fn days(
    tx: &mut Tx,
    ws: WorkspaceId,
    of: Option<(Dimension, &str)>,
    days: Days,
) -> Result<Vec<Change>, Fault> {
    let sql = format!(
        "select created_day, day, {} from report_sums where workspace = $1 and dimension = $2 and day >= $3 and day < $4 \
         and value = $5",
        SUMS.join(", ")
    );
    let (dimension, value) = (code(of.map(|(dimension, _)| dimension)), of.map_or("", |(_, value)| value));
    tx.query(&sql, params![ws, dimension, days.from, days.to, value], |row| {
        Ok(Change { created: row.get(0)?, at: row.get(1)?, counts: counts(row, 2)? })
    })
    .await
}

/// Sums that are to be added to what is stored.
#[derive(Debug, Default)]
pub struct Added(HashMap<(i64, i64, i64, String), Counts>);

impl Added {
    /// Adds a phase, or takes one away.
    pub fn phase(&mut self, calendar: &Calendar, phase: &Phase, gone: bool) {
        let groups = Dimension::ALL.iter().map(|dimension| (code(Some(*dimension)), phase.groups(*dimension)));
        let groups: Vec<_> = std::iter::once((ALL, vec![None])).chain(groups).collect();
        for change in phase.changes() {
            let counts = if gone { change.counts.negated() } else { change.counts };
            let day = |micros| calendar.day(Timestamp::from_micros(micros));
            let (day, created) = (day(change.at), day(change.created));
            for (dimension, values) in &groups {
                for value in values {
                    let key = (*dimension, day, created, value.clone().unwrap_or_default());
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
        let row = |((dimension, day, created, value), counts): ((i64, i64, i64, String), Counts)| {
            let mut row = vec![dimension.into(), day.into(), created.into(), value.into()];
            row.extend(numbers(&counts).map(serde_json::Value::from));
            serde_json::Value::Array(row)
        };
        let rows = serde_json::Value::Array(rows.into_iter().map(row).collect()).to_string();
        let added = SUMS.map(|name| format!("{name} = report_sums.{name} + excluded.{name}")).join(", ");
        let values = (4..4 + SUMS.len()).map(|place| format!("cast(value->>{place} as bigint)")).collect::<Vec<_>>();
        let sql = format!(
            "insert into report_sums (workspace, dimension, day, created_day, value, {}) \
             select $1, cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint), value->>3, {} \
             from json_each($2) where true on conflict (workspace, dimension, day, created_day, value) do update set {added}",
            SUMS.join(", "),
            values.join(", ")
        );
        tx.put(&sql, params![ws, rows]).await
    }
}
