//! Moments as the contract writes them: RFC 3339, UTC, milliseconds.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Reads a moment from a field of an answer.
#[track_caller]
pub fn moment(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("a time was expected, not {value}"));
    text.parse().unwrap_or_else(|error| panic!("{text:?} is no time: {error}"))
}

/// Writes a moment as the contract does.
pub fn written(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The moment so many milliseconds later (earlier, when negative).
pub fn millis_after(at: Timestamp, millis: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(millis)).expect("within the calendar")
}
