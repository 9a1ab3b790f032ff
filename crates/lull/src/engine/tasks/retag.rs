//! Going on with tags that are renamed or removed across all cases, each as far as it can: a fault in one workspace is told
//! at the end and keeps no other one waiting.

use crate::acts::tags::RetagSome;
use crate::desk::Desk;
use store::{Fault, tags};

/// Renamings looked at in one run.
const AT_ONCE: i64 = 100;
/// Batches in one run, at most; the next beat goes on.
const BATCHES: usize = 50;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let mut open = desk.db.glance(|tx| Box::pin(async move { tags::all_under_way(tx, AT_ONCE).await })).await?;
    let mut failed = None;
    for _ in 0..BATCHES {
        if open.is_empty() {
            break;
        }
        let (workspace, name) = open.remove(0);
        match desk.db.write(RetagSome { workspace, name: name.clone() }).await {
            Ok(true) => open.push((workspace, name)),
            Ok(false) => {}
            Err(fault) if fault.is_unavailable() => return Err(fault),
            Err(fault) => failed = failed.or(Some(fault)),
        }
    }
    failed.map_or(Ok(()), Err)
}
