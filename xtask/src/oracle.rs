//! `cargo xtask oracle`: the survival curve of reply gaps, held against Python's lifelines.
//!
//! Both compute the curve of the committed sets (ties, replies and censorings at equal lengths, gaps of no length) and of
//! the demo's conversations; they must agree step by step. `--write` renews the committed answers, which a test of the
//! domain reads without Python.

mod sets;

use crate::python;
use crate::step::{Outcome, missing};
use crate::tools::{installed, root};
use anyhow::{Context, Result, bail, ensure};
use domain::survival::Curve;
use sets::Set;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the two may differ by: the last digits of sums and products taken in another order.
const WITHIN: f64 = 1e-9;
const FOLDER: &str = "xtask/oracle";
const FIXTURE: &str = "crates/domain/tests/it/survival.oracle.txt";
const HEADER: &str = "# Reply gaps and the steps of their survival curves, as lifelines computes them.\n\
    # `cargo xtask oracle --write` computes the steps anew for the gaps that stand here; their form is told in\n\
    # xtask/oracle/survival.py. Lengths are microseconds.\n";

pub fn run(write: bool) -> Result<Outcome> {
    if !installed("python3") {
        return missing("python3 is missing: install it with its module venv (Debian: `apt-get install python3-venv`)");
    }
    let Some(python) = python::provide("oracle")? else {
        return missing("lifelines could not be installed below target/: try again with a network");
    };
    let committed = fs::read_to_string(root().join(FIXTURE)).with_context(|| FIXTURE.to_owned())?;
    let committed = sets::parse(&committed)?;
    let demo = sets::demo(&root().join("data/conversations.jsonl"))?;
    let (replies, gaps) = (Curve::of(demo.gaps.clone()).replies, demo.gaps.len());
    let answers = ask(&python, committed.iter().chain([&demo]))?;
    ensure!(answers.len() == committed.len() + 1, "the oracle answered {} sets", answers.len());
    let worst = compare(&answers)?;
    println!(
        "{} sets agree, the demo's {gaps} reply gaps ({replies} replies) among them; furthest apart: {worst:.1e}",
        answers.len()
    );
    if write {
        let told: String = answers[..committed.len()].iter().map(Set::to_string).collect();
        fs::write(root().join(FIXTURE), format!("{HEADER}{told}"))?;
        println!("wrote {FIXTURE}");
    } else {
        compare(&committed).with_context(|| format!("{FIXTURE} is stale: `cargo xtask oracle --write`"))?;
    }
    Ok(Outcome::Passed)
}

/// Gives the sets' gaps to the oracle and reads its answers.
fn ask<'a>(python: &Path, sets: impl Iterator<Item = &'a Set>) -> Result<Vec<Set>> {
    let told: String = sets.map(Set::gaps_told).collect();
    let script = root().join(FOLDER).join("survival.py");
    let mut oracle = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = oracle.stdin.take().context("the oracle takes no input")?;
    let writing = std::thread::spawn(move || input.write_all(told.as_bytes()));
    let output = oracle.wait_with_output()?;
    writing.join().map_err(|_| anyhow::anyhow!("the thread that writes panicked"))??;
    ensure!(output.status.success(), "the oracle ended with {}", output.status);
    sets::parse(&String::from_utf8(output.stdout)?)
}

/// Computes each set's curve and answers how far the furthest step is off; fails where it is more than [`WITHIN`].
fn compare(answers: &[Set]) -> Result<f64> {
    let mut worst: f64 = 0.0;
    for set in answers {
        let ours = Curve::of(set.gaps.clone()).steps;
        ensure!(
            ours.len() == set.steps.len(),
            "{}: {} steps, the oracle has {}",
            set.name,
            ours.len(),
            set.steps.len()
        );
        for (our, their) in ours.iter().zip(&set.steps) {
            let apart = (our.survival - their.survival).abs();
            let same = (our.after, our.at_risk, our.events) == (their.after, their.at_risk, their.events);
            // Written so that what is no number fails too.
            if !(same && apart <= WITHIN) {
                bail!("{}: ours is {our:?}, the oracle's {their:?}", set.name);
            }
            worst = worst.max(apart);
        }
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_differs_in_any_column_is_found() {
        let right = "set a\ngap 3 reply\ngap 3 censored\ngap 5 reply\nstep 3 3 1 0.6666666666666667\nstep 5 1 1 0.0\n";
        assert!(compare(&sets::parse(right).unwrap()).unwrap() < 1e-12);
        for (part, other) in [
            ("step 3 3 1 0.6666666666666667", "step 3 3 1 0.6666666766666667"),
            ("step 3 3 1 0.6666666666666667", "step 3 3 1 nan"),
            ("step 3 3 1", "step 3 2 1"),
            ("step 5 1 1", "step 5 1 2"),
            ("step 5 1 1", "step 4 1 1"),
            ("step 5 1 1 0.0\n", ""),
        ] {
            let wrong = right.replace(part, other);
            assert!(compare(&sets::parse(&wrong).unwrap()).is_err(), "{other}");
        }
    }
}
