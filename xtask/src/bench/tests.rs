//! The benchmark's own arithmetic and reading, tested; the benchmark is a target without a test harness.

#[path = "main.rs"]
#[allow(dead_code, reason = "the tests call the parts, never the whole")]
mod bench;
