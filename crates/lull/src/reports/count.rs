//! Bringing the figures up to what has happened.

use crate::desk::Desk;
use store::outbox::Cursor;
use store::reports::{self, Counted};
use store::{Command, Fault, Tx};

/// Transactions of one call, at most: enough for tens of millions of cases.
const ROUNDS: usize = 1_000_000;

struct Count {
    at: Option<Cursor>,
}

impl Command for Count {
    type Output = Counted;

    async fn run(&self, tx: &mut Tx) -> Result<Counted, Fault> {
        reports::count(tx, self.at).await
    }
}

/// Counts all that is committed: whoever reads figures after this sees every act that was answered before.
pub async fn catch_up(desk: &Desk) -> Result<(), Fault> {
    catch_up_db(&desk.db, |_| ()).await
}

/// The same for a process without a desk, which hears how many cases each step counted anew.
pub async fn catch_up_db(db: &store::Db, mut step: impl FnMut(u64)) -> Result<(), Fault> {
    if !db.glance(|tx| Box::pin(async move { reports::behind_events(tx).await })).await? {
        return Ok(());
    }
    let mut at = None;
    for _ in 0..ROUNDS {
        let counted = db.write(Count { at }).await?;
        step(counted.walked);
        if !counted.more {
            break;
        }
        at = counted.at;
    }
    Ok(())
}

/// Marks a workspace, or all, to be counted anew.
pub struct StartAnew;

impl Command for StartAnew {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        reports::start_anew(tx, None).await
    }
}
