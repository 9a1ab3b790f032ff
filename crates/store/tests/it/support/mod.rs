//! What the tests share: a desk in a temporary folder, and cases to put into it.

mod desk;
mod fixture;
mod policy;
pub mod random;
pub mod world;

pub use desk::{Desk, Once, TestClock, config, on_postgres, read};
pub use fixture::{Fixture, agent, case, channel, customer, queue};
pub use policy::{minutes, off, on, overrides, store_policy};

use domain::time::{Span, Timestamp};

/// When a desk's clock starts: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// So many minutes after the start, or before it.
pub fn at(minutes: i64) -> Timestamp {
    if minutes < 0 { START.minus(Span::minutes(-minutes)) } else { START.plus(Span::minutes(minutes)) }
}

/// A list of ids as the set statements take it.
pub fn json_ids(ids: impl IntoIterator<Item = i64>) -> String {
    format!("[{}]", ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(","))
}
