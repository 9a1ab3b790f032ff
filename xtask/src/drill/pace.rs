//! Real time: a drill waits for moments of the database's clock, as the desk goes by it.
#![allow(clippy::disallowed_methods, reason = "what falls due at a moment can only be met by waiting for that moment")]

use anyhow::Result;
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// The database's clock, in microseconds since 1970, read without asking it each time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    read: Instant,
    micros: i64,
}

impl Clock {
    pub async fn of(database: &Client) -> Result<Clock> {
        let sql = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
        let micros = database.query_one(sql, &[]).await?.get(0);
        Ok(Clock { read: Instant::now(), micros })
    }

    pub fn now(&self) -> i64 {
        self.micros + micros(self.read.elapsed())
    }

    /// Waits for a moment; one that has passed is now.
    pub async fn until(&self, moment: i64) {
        let left = u64::try_from(moment - self.now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_micros(left)).await;
    }
}

/// Seconds, for people.
pub struct Watch(Instant);

impl Watch {
    pub fn start() -> Watch {
        Watch(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

pub fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}
