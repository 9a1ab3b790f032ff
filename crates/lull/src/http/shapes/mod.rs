//! How things look over the wire: one struct per shape of `docs/spec/api.md`.

mod case;
mod settings;
mod team;

pub use case::*;
pub use settings::*;
pub use team::*;

use serde_json::value::RawValue;

/// A time as text, RFC 3339 in UTC with milliseconds.
pub fn time(t: domain::time::Timestamp) -> String {
    t.to_string()
}

pub fn maybe<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|v| v.to_string())
}

/// Stored JSON as it is, not parsed again.
fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
