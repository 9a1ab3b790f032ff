//! `cargo xtask drill`: several nodes, one PostgreSQL, and everything that can go wrong between them. See docs/scaling.md.
//!
//! This part only builds: the `lull` program and the drills in `drill/`, a program of their own so that the other tasks
//! need no database driver to be compiled.

use crate::step::{Outcome, missing};
use crate::tools::{cargo, run as command};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[derive(Args)]
pub struct Drill {
    #[command(subcommand)]
    kind: Kind,
    /// The debug build of `lull`, which is there after the tests, instead of the one that is shipped.
    #[arg(long, global = true)]
    debug: bool,
}

#[derive(Subcommand, Clone, Copy)]
enum Kind {
    /// Messages and status changes arriving exactly as their cases fall due, at two nodes.
    Race {
        #[arg(long, default_value_t = 100_000)]
        races: u64,
    },
    /// `kill -9` of nodes and immediate stops of the database under load.
    Kill {
        /// Of a node.
        #[arg(long, default_value_t = 50)]
        kills: u64,
        /// Of the database server.
        #[arg(long, default_value_t = 10)]
        stops: u64,
    },
    /// The primary is killed under load and its synchronous standby promoted.
    Failover,
}

impl Kind {
    fn arguments(self) -> Vec<String> {
        let number = |name: &str, value: u64| [format!("--{name}"), value.to_string()];
        match self {
            Kind::Race { races } => [&["race".to_owned()][..], &number("races", races)].concat(),
            Kind::Kill { kills, stops } => {
                [&["kill".to_owned()][..], &number("kills", kills), &number("stops", stops)].concat()
            }
            Kind::Failover => vec!["failover".to_owned()],
        }
    }
}

/// What CI plays: the same drills with numbers that fit into a few minutes.
const IN_CI: [Kind; 3] = [Kind::Race { races: 5_000 }, Kind::Kill { kills: 4, stops: 2 }, Kind::Failover];

pub fn run(drill: &Drill) -> Result<Outcome> {
    play(&[drill.kind], drill.debug)
}

pub fn in_ci() -> Result<Outcome> {
    play(&IN_CI, true)
}

fn play(kinds: &[Kind], debug: bool) -> Result<Outcome> {
    if let Err(why) = scratch_postgres::installed() {
        return missing(&why);
    }
    // In one go with the rest of the workspace, so that what the tests have built is taken as it is.
    let mut programs = executables(&["build", "--workspace", "--bin", "lull", "--example", "drill"])?;
    if !debug {
        let shipped = executables(&["build", "--release", "--package", "lull"])?;
        programs.retain(|(name, _)| name != "lull");
        programs.extend(shipped);
    }
    let path = |wanted: &str| {
        let found = programs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, path)| path).with_context(|| format!("cargo built no program named {wanted}"))
    };
    for kind in kinds {
        let mut drill = Command::new(path("drill")?);
        drill.arg("--lull").arg(path("lull")?).args(kind.arguments());
        command(drill, "the lines above say what went wrong")?;
    }
    Ok(Outcome::Passed)
}

/// Builds and answers the executables by name.
fn executables(arguments: &[&str]) -> Result<Vec<(String, PathBuf)>> {
    println!("$ cargo {}", arguments.join(" "));
    let mut build = cargo(&[arguments, &["--message-format=json-render-diagnostics"]].concat());
    let output = build.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cargo could not be started")?;
    if !output.status.success() {
        bail!("`cargo {}` failed: mend the errors above", arguments.join(" "));
    }
    Ok(named(&String::from_utf8_lossy(&output.stdout)))
}

/// The executables among cargo's messages, one JSON object a line.
fn named(messages: &str) -> Vec<(String, PathBuf)> {
    let objects = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executable = |object: Value| {
        Some((object["target"]["name"].as_str()?.to_owned(), PathBuf::from(object["executable"].as_str()?)))
    };
    objects.filter_map(executable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_among_libraries() {
        let messages = "{\"target\":{\"name\":\"lull\"},\"executable\":null}\n\
                        {\"target\":{\"name\":\"lull\"},\"executable\":\"/t/debug/lull\"}\n\
                        {\"target\":{\"name\":\"drill\"},\"executable\":\"/t/debug/examples/drill\"}\nno json\n";
        let found = named(messages);
        assert_eq!(found[0], ("lull".to_owned(), PathBuf::from("/t/debug/lull")));
        assert_eq!(found[1], ("drill".to_owned(), PathBuf::from("/t/debug/examples/drill")));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn the_numbers_of_a_drill_are_handed_on() {
        assert_eq!(Kind::Race { races: 7 }.arguments(), ["race", "--races", "7"]);
        assert_eq!(Kind::Kill { kills: 4, stops: 2 }.arguments(), ["kill", "--kills", "4", "--stops", "2"]);
    }
}
