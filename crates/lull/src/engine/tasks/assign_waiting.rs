//! Automatic assignment of what waits (R3, R4): cases that nobody could take as they arrived, and room that came about
//! without an act of a person, as by an auto close. Acts do the same for a few cases at once; this goes on where they stop.
//! A fault in one workspace is told at the end and keeps no other one waiting.

use crate::acts::assign_waiting::AssignWaiting;
use crate::acts::route::AT_ONCE;
use crate::desk::Desk;
use domain::id::{QueueId, WorkspaceId};
use store::{Fault, queues};

/// Transactions of one run, at most; the next beat goes on.
const ROUNDS: usize = 400;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let found = desk.db.glance(|tx| Box::pin(async move { queues::with_work(tx).await })).await?;
    let mut workspaces: Vec<(WorkspaceId, Vec<QueueId>)> = Vec::new();
    for (workspace, queue) in found {
        match workspaces.last_mut().filter(|(known, _)| *known == workspace) {
            Some((_, queues)) => queues.push(queue),
            None => workspaces.push((workspace, vec![queue])),
        }
    }
    let (mut rounds, mut failed) = (0, None);
    for (workspace, queues) in workspaces {
        while rounds < ROUNDS {
            rounds += 1;
            let act = AssignWaiting { workspace, queues: queues.clone() };
            match desk.db.write(act).await {
                Ok(given) if given < AT_ONCE => break,
                Ok(_) => {}
                Err(fault) if fault.is_unavailable() => return Err(fault),
                Err(fault) => {
                    failed = failed.or(Some(fault));
                    break;
                }
            }
        }
    }
    failed.map_or(Ok(()), Err)
}
