//! Going on with tags that are renamed or removed across all cases.

use crate::acts::tags::RetagSome;
use crate::desk::Desk;
use store::Fault;

/// Batches in one run, at most; the next beat goes on.
const BATCHES: usize = 50;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        if !desk.db.write(RetagSome).await? {
            break;
        }
    }
    Ok(())
}
