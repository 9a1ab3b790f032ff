//! Forgetting what has served its purpose.

use crate::acts::once::REMEMBERED;
use crate::desk::Desk;
use domain::time::Span;
use store::{Command, Fault, Tx, auth, idempotency, locks, outbox};

/// How long listeners have to fetch an event.
const OUTBOX_KEPT: Span = Span::days(7);
/// Batches of outbox rows forgotten in one run, at most.
const BATCHES: usize = 500;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    desk.db.write(Forget).await?;
    for _ in 0..BATCHES {
        if !desk.db.write(ForgetEvents).await? {
            break;
        }
    }
    Ok(())
}

struct Forget;

impl Command for Forget {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(());
        }
        let before = tx.now().minus(REMEMBERED);
        idempotency::prune(tx, before).await?;
        auth::prune(tx).await
    }
}

struct ForgetEvents;

impl Command for ForgetEvents {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(false);
        }
        let before = tx.now().minus(OUTBOX_KEPT);
        outbox::prune(tx, before).await
    }
}
