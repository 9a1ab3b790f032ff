//! Carrying checkpoints of the audit trail away (T3), where the desk was told to whom. Every node that was told does it.

use crate::checkpoints::{BRIEF, PATIENT, Unkept};
use crate::desk::Desk;
use domain::time::Timestamp;
use store::Fault;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let patience = if desk.test_clock.is_some() { BRIEF } else { PATIENT };
    match desk.engine.checkpoints.keep(&desk.db, patience).await {
        Err(Unkept::Fault(fault)) => Err(fault),
        // Reported where it happened; a place that is away must not stop a test clock.
        Err(Unkept::Refused(_)) | Ok(()) => Ok(()),
    }
}

pub async fn next(desk: &Desk) -> Result<Option<Timestamp>, Fault> {
    desk.engine.checkpoints.next(&desk.db).await
}
