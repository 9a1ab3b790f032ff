//! The steps of a run: a heading, the time each took, and a closing table.
//!
//! A step passes, is skipped with a reason, or fails; the first failure ends the run, because what follows would only
//! repeat it.

use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};

/// How a step that did not fail ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Not run, and why: the tool that is missing and how to get it.
    Skipped(String),
}

impl Outcome {
    /// Says a skip aloud, for a step that was called on its own.
    pub fn announce(self) {
        if let Outcome::Skipped(reason) = self {
            println!("SKIPPED: {reason}");
        }
    }
}

/// A tool is missing: a skip for a person, a failure in CI, where nothing may go unchecked.
pub fn missing(reason: &str) -> Result<Outcome> {
    if in_ci() {
        bail!("{reason} (CI=true, so this is not skipped)");
    }
    Ok(Outcome::Skipped(reason.to_owned()))
}

pub fn in_ci() -> bool {
    is_yes(std::env::var("CI").ok().as_deref())
}

fn is_yes(value: Option<&str>) -> bool {
    matches!(value, Some("true" | "1"))
}

/// The steps run so far, for the closing table.
pub struct Steps {
    started: Instant,
    lines: Vec<String>,
}

impl Steps {
    pub fn begin() -> Self {
        Steps { started: now(), lines: Vec::new() }
    }

    /// Runs one step under its heading. An error carries the step's name in front.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        println!("\n=== {name} ===");
        let started = now();
        let outcome = work().with_context(|| format!("step `{name}` failed"))?;
        let took = seconds(now() - started);
        match outcome {
            Outcome::Passed => {
                println!("--- {name}: passed in {took}");
                self.lines.push(format!("  passed   {took:>9}  {name}"));
            }
            Outcome::Skipped(reason) => {
                println!("--- {name}: SKIPPED: {reason}");
                self.lines.push(format!("  SKIPPED  {took:>9}  {name}: {reason}"));
            }
        }
        Ok(())
    }

    /// The closing table.
    pub fn finish(self) {
        println!("\n=== all steps, {} ===", seconds(now() - self.started));
        for line in &self.lines {
            println!("{line}");
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[allow(clippy::disallowed_methods, reason = "a stopwatch for people; no rule of the desk reads it")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_means_ci() {
        assert!(is_yes(Some("true")) && is_yes(Some("1")));
        assert!(!is_yes(Some("false")) && !is_yes(Some("")) && !is_yes(None));
    }

    #[test]
    fn a_failing_step_names_itself_and_adds_no_line_to_the_table() {
        let mut steps = Steps::begin();
        let error = steps.step("sums", || bail!("two and two make five")).unwrap_err();
        assert_eq!(format!("{error:#}"), "step `sums` failed: two and two make five");
        assert!(steps.lines.is_empty());
    }

    #[test]
    fn a_skipped_step_stands_in_the_table_with_its_reason() {
        let mut steps = Steps::begin();
        steps.step("pages", || Ok(Outcome::Skipped("no browser".into()))).unwrap();
        assert!(steps.lines[0].contains("SKIPPED") && steps.lines[0].contains("no browser"));
    }
}
