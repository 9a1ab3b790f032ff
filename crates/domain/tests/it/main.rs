//! The rules of the lifecycle, each as a sentence that can fail.
//!
//! Tables hold the edges a person would ask about; properties hold the formulas, written here a second time and in
//! other words (128-bit arithmetic, plain lists) so that the rule and its test do not share a mistake.

mod advice;
mod audit;
mod clock;
mod close;
mod close_properties;
mod credit;
mod id;
mod metrics;
mod permission;
mod policy;
mod reopen;
mod routing;
mod survival;
mod text;
mod time;
mod words;

use domain::case::Status;
use domain::policy::{CloseRule, StatusSet, Threshold, Window};
use domain::time::Timestamp;
use proptest::prelude::ProptestConfig;

/// Default effort, and no file beside the sources: a failure prints its smallest input, which becomes a table row.
pub fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

pub const MINUTE: i64 = 60_000_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const MILLI: i64 = 1_000;

/// The bounds of the years 0001 to 9999, in microseconds.
pub const YEAR_1: i64 = -62_135_596_800_000_000;
pub const YEAR_9999: i64 = 253_370_764_800_000_000;

/// A moment in readable form.
pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|_| panic!("{text} is not a time"))
}

pub fn micros(n: i64) -> Timestamp {
    Timestamp::from_micros(n)
}

pub fn threshold(minutes: i64) -> Threshold {
    Threshold::from_minutes(minutes).expect("a threshold within its bounds")
}

pub fn window(minutes: i64) -> Window {
    Window::from_minutes(minutes).expect("a window within its bounds")
}

/// Auto close switched on at `enabled_at` for every status.
pub fn on(enabled_at: Timestamp, minutes: i64) -> CloseRule {
    on_for(enabled_at, minutes, &[Status::Open, Status::InProgress, Status::OnHold])
}

pub fn on_for(enabled_at: Timestamp, minutes: i64, statuses: &[Status]) -> CloseRule {
    let statuses = StatusSet::new(statuses.iter().copied()).expect("a set that may be chosen");
    CloseRule::On { enabled_at, threshold: threshold(minutes), statuses }
}
