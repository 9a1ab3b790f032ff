//! Bringing the figures up to what has happened.

use crate::clock::Stopwatch;
use crate::desk::Desk;
use domain::id::WorkspaceId;
use std::time::Duration;
use store::outbox::Cursor;
use store::reports::{self, Counted, Pair};
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

/// Adds what is stored to the pairs of dimensions that are new. Nobody waits for it, so whoever waits for figures to be
/// counted comes first.
pub async fn add_to_pairs(desk: &Desk) -> Result<(), Fault> {
    while desk.db.glance(|tx| Box::pin(async move { reports::is_there_to_add(tx).await })).await? {
        if !desk.db.write(AddToPairs).await? {
            break;
        }
        catch_up(desk).await?;
    }
    Ok(())
}

struct AddToPairs;

impl Command for AddToPairs {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        reports::add(tx).await
    }
}

/// Keeps the sums of a pair of dimensions from now on.
pub struct KeepPair {
    pub workspace: WorkspaceId,
    pub pair: Pair,
}

impl Command for KeepPair {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        reports::keep(tx, self.workspace, self.pair).await
    }
}

/// Marks a workspace, or all, to be counted anew.
pub struct StartAnew;

impl Command for StartAnew {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        reports::start_anew(tx, None).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Query, Refused, Selection, answer};
    use super::{StartAnew, catch_up_db};
    use crate::acts::workspaces::CreateOwner;
    use crate::clock::TestClock;
    use crate::http::problem::Problem;
    use axum::response::IntoResponse;
    use domain::metrics::Period;
    use domain::time::Span;
    use std::sync::Arc;
    use store::{Db, Settings};

    #[tokio::test]
    async fn figures_that_are_only_counted_in_part_are_not_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = store::DatabaseUrl::Sqlite(folder.path().join("lull.db"));
        let db = Db::open(&url, &Settings::default(), Arc::new(TestClock::starting_now())).await.expect("a database");
        let owner = CreateOwner {
            workspace: "Care".to_owned(),
            plan: None,
            name: "Ann".to_owned(),
            email: "ann@care.test".to_owned(),
            password_hash: "none".to_owned(),
        };
        let ws = db.write(owner).await.expect("stored").expect("accepted").workspace;
        let ask = async || {
            let period = Period { from: db.now().minus(Span::hours(1)), to: db.now() };
            let query = Query { period, group_by: None, bucket: None, selection: Selection::default() };
            db.read(move |tx| Box::pin(async move { answer(tx, ws, &query).await })).await.expect("read")
        };
        assert!(catch_up_db(&db, |_| true).await.expect("counted"));
        assert!(ask().await.is_ok());
        db.write(StartAnew).await.expect("stored");
        assert!(!catch_up_db(&db, |_| false).await.expect("begun"), "it was not given the time");
        let refused = ask().await.expect_err("half of the figures");
        assert!(matches!(refused, Refused::Counting), "{refused:?}");
        let told = Problem::from(refused).into_response();
        assert_eq!((told.status().as_u16(), told.headers().contains_key("retry-after")), (503, true));
        assert!(catch_up_db(&db, |_| true).await.expect("counted"));
        assert!(ask().await.is_ok());
    }
}
