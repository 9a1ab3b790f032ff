//! Goes on with undoings of runs that are under way (X8), a batch of each at a time. A fault in one is told at the end and
//! keeps no other one waiting.

use crate::acts::undo_run::UndoNext;
use crate::desk::Desk;
use store::{Fault, undo};

/// Undoings looked at in one run.
const AT_ONCE: i64 = 100;
/// Batches of one run, at most; the next beat goes on.
const ROUNDS: usize = 200;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let mut open = desk.db.glance(|tx| Box::pin(async move { undo::unfinished(tx, AT_ONCE).await })).await?;
    let mut failed = None;
    for _ in 0..ROUNDS {
        let Some((workspace, run)) = open.first().copied() else { break };
        open.remove(0);
        match desk.db.write(UndoNext { workspace, run }).await {
            Ok(true) => {}
            Ok(false) => open.push((workspace, run)),
            Err(fault) if fault.is_unavailable() => return Err(fault),
            Err(fault) => failed = failed.or(Some(fault)),
        }
    }
    failed.map_or(Ok(()), Err)
}
