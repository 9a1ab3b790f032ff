//! What several nodes on one PostgreSQL can do to each other, and what its clock and its absence do to them.

mod address;
mod clock;
mod commit;
mod copy;
mod decisions;
mod opening;
mod rows;
mod tls;

use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Clock, DatabaseUrl, Db, Settings};

/// A node's own clock, which is so many minutes ahead or behind. It does not count: the database's does.
pub struct Wrong(AtomicI64);

impl Wrong {
    pub fn by_minutes(minutes: i64) -> Arc<Wrong> {
        Arc::new(Wrong(AtomicI64::new(minutes)))
    }

    pub fn set(&self, minutes: i64) {
        self.0.store(minutes, Ordering::SeqCst);
    }
}

impl Clock for Wrong {
    #[allow(clippy::disallowed_methods, reason = "a real clock is what these tests are about")]
    fn now(&self) -> Timestamp {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        let wrong = self.0.load(Ordering::SeqCst) * 60_000_000;
        Timestamp::from_micros(i64::try_from(micros).expect("before the year 200000") + wrong)
    }
}

/// Opens a node on a database.
pub async fn node(url: &str, clock: Arc<Wrong>) -> Db {
    let settings = Settings { connections: 6, ..Settings::default() };
    Db::open(&DatabaseUrl::Postgres(url.to_owned()), &settings, clock).await.expect("the database opens")
}

pub async fn right(url: &str) -> Db {
    node(url, Wrong::by_minutes(0)).await
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// The one number that a question answers.
pub async fn number(db: &Db, question: &'static str) -> i64 {
    let read =
        db.read(move |tx| Box::pin(async move { tx.query_one(question, store::params![], |row| row.get(0)).await }));
    read.await.expect("a number")
}
