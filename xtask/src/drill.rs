//! `cargo xtask drill`: several nodes, one PostgreSQL, and everything that can go wrong between them. See docs/scaling.md.
//!
//! This part only builds: the `lull` program and the drills in `drill/`, a program of their own so that the other tasks
//! need no database driver to be compiled.

use crate::desk;
use crate::step::{Outcome, missing};
use crate::tools::run as command;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::process::Command;

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
    let mut programs = desk::executables(&["build", "--workspace", "--bin", "lull", "--example", "drill"])?;
    if !debug {
        let shipped = desk::executables(&["build", "--release", "--package", "lull"])?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_drill_are_handed_on() {
        assert_eq!(Kind::Race { races: 7 }.arguments(), ["race", "--races", "7"]);
        assert_eq!(Kind::Kill { kills: 4, stops: 2 }.arguments(), ["kill", "--kills", "4", "--stops", "2"]);
    }
}
