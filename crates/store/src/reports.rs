//! What reports are read from: phases of cases, and their changes added up by days.
//!
//! Both follow from cases, closures and the feed. [`count`] keeps them up by reading in the outbox which cases were touched.

mod counting;
mod pairs;
mod phases;
mod progress;
mod sums;

pub use counting::{Counted, count, start_anew};
pub use pairs::{Standing, add, is_there_to_add, keep, standing};
pub use phases::{Behind, Figure, Place, Selection, behind, ended_in, started_in};
pub use progress::{Progress, behind_events, progress};
pub use sums::{Days, Of, Pair, days, groups};

use crate::{Fault, Tx, params};
use domain::id::WorkspaceId;
use domain::metrics::Period;
use domain::time::Timestamp;

/// When the period's newest messages of customers but `most` came last: there are no more than `most` after this moment.
pub async fn inbound_beyond(
    tx: &mut Tx,
    ws: WorkspaceId,
    period: Period,
    most: i64,
) -> Result<Option<Timestamp>, Fault> {
    let sql = "select received_at from messages where workspace = $1 and direction = 'inbound' and not automatic \
               and received_at >= $2 and received_at < $3 order by received_at desc limit 1 offset $4";
    tx.query_opt(sql, params![ws, period.from, period.to, most], |row| row.get(0)).await
}

/// Inbound messages by quarter of an hour since 1970, UTC: every zone's hours are made of whole ones. Those of cases that were
/// as selected when the message came; a reason of closing does not select.
pub async fn inbound(
    tx: &mut Tx,
    ws: WorkspaceId,
    period: Period,
    selection: &Selection,
) -> Result<Vec<(i64, i64)>, Fault> {
    let selection = Selection { reason: None, ..selection.clone() };
    if selection != Selection::default() {
        return phases::inbound(tx, ws, period, &selection).await;
    }
    let sql = "select received_at / 900000000, count(*) from messages where workspace = $1 and direction = 'inbound' \
               and not automatic and received_at >= $2 and received_at < $3 group by received_at / 900000000";
    tx.query(sql, params![ws, period.from, period.to], |row| Ok((row.get(0)?, row.get(1)?))).await
}
