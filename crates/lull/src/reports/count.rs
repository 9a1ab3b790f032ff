//! Bringing the figures up to what has happened.

use crate::clock::Stopwatch;
use crate::desk::Desk;
use std::time::Duration;
use store::outbox::Cursor;
use store::reports::{self, Counted};
use store::{Command, Fault, Tx};

/// Transactions of one call, at most: enough for tens of millions of cases.
const ROUNDS: usize = 1_000_000;
/// How long somebody who asks for figures waits for them to be counted before they are told to ask again.
const PATIENCE: Duration = Duration::from_secs(20);

struct Count {
    at: Option<Cursor>,
}

impl Command for Count {
    type Output = Counted;

    async fn run(&self, tx: &mut Tx) -> Result<Counted, Fault> {
        reports::count(tx, self.at).await
    }
}

/// Counts all that is committed, however long it takes.
pub async fn catch_up(desk: &Desk) -> Result<(), Fault> {
    catch_up_db(&desk.db, |_| true).await.map(|_| ())
}

/// The same for somebody who waits for an answer: whether all of it was counted in time. Whoever reads figures then sees
/// every act that was answered before.
pub async fn caught_up(desk: &Desk) -> Result<bool, Fault> {
    let since = Stopwatch::start();
    catch_up_db(&desk.db, |_| since.elapsed() < PATIENCE).await
}

/// Counts as long as `go_on`, which hears how many cases each step counted anew; answers whether that was to the end.
pub async fn catch_up_db(db: &store::Db, mut go_on: impl FnMut(u64) -> bool) -> Result<bool, Fault> {
    if !db.glance(|tx| Box::pin(async move { reports::behind_events(tx).await })).await? {
        return Ok(true);
    }
    let mut at = None;
    for _ in 0..ROUNDS {
        let counted = db.write(Count { at }).await?;
        let goes_on = go_on(counted.walked);
        if !counted.more {
            return Ok(true);
        }
        if !goes_on {
            break;
        }
        at = counted.at;
    }
    Ok(false)
}

/// Marks a workspace, or all, to be counted anew.
pub struct StartAnew;

impl Command for StartAnew {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        reports::start_anew(tx, None).await
    }
}
