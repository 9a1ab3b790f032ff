//! Counting for reports what has happened (section 5). Whoever reads a report does the same first, so this only keeps it short.

use crate::desk::Desk;
use crate::reports::{add_to_pairs, catch_up};
use store::Fault;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    catch_up(desk).await?;
    add_to_pairs(desk).await
}
