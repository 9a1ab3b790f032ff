//! `cargo xtask bench`: how fast the desk is on this machine, each figure beside its goal. See docs/benchmark.md.
//!
//! This part only builds: the `lull` program as it is shipped, and the measurements in `bench/`, a benchmark target of
//! their own so that the other tasks need neither the desk nor a database to be compiled.

use crate::python;
use crate::tools::{cargo, installed, run as command};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

#[derive(Args)]
pub struct Bench {
    /// Below the desk: a file of SQLite, or a PostgreSQL server that is started for this.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// Small numbers that only show that the benchmark itself works.
    #[arg(long)]
    quick: bool,
    /// Only the measurements whose name holds this: messages, toggle, chain, trips, still, sweep, nodes, reports.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Closures of the reports' year.
    #[arg(long)]
    closures: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl Bench {
    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}

/// A missed goal is part of the report, not a failure.
pub fn run(bench: &Bench) -> Result<()> {
    let program = build()?;
    let mut measure = cargo(&["bench", "--quiet", "--package", "xtask", "--bench", "desk", "--", "--lull"]);
    measure.arg(program);
    if bench.database == Database::Postgres {
        measure.args(["--database", "postgres"]);
    }
    if bench.quick {
        measure.arg("--quick");
    }
    if let Some(closures) = &bench.closures {
        measure.args(["--closures", closures]);
    }
    if let Some(only) = &bench.only {
        measure.args(["--only", only]);
    }
    if bench.wants("reports") {
        let duckdb = if installed("python3") { python::provide("duckdb")? } else { None };
        match duckdb {
            Some(python) => drop(measure.arg("--duckdb").arg(python)),
            None => {
                println!("without DuckDB beside the reports: that needs Python 3 with its module venv, and a network")
            }
        }
    }
    command(measure, "the lines above say which measurement could not be taken")
}

/// Builds the release program and answers where it lies.
fn build() -> Result<PathBuf> {
    let mut build = cargo(&["build", "--release", "--package", "lull", "--message-format=json-render-diagnostics"]);
    println!("$ cargo build --release --package lull");
    let output = build.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the release build of lull failed; the compiler's words stand above");
    }
    executable(&String::from_utf8_lossy(&output.stdout)).context("cargo named no executable for lull")
}

/// The executable among cargo's messages, one JSON object a line.
fn executable(messages: &str) -> Option<PathBuf> {
    let objects = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lull = objects.filter(|object| object["target"]["name"] == "lull");
    lull.filter_map(|object| object["executable"].as_str().map(PathBuf::from)).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_libraries_and_other_programs() {
        let messages = "{\"target\":{\"name\":\"lull\"},\"executable\":null}\n\
                        {\"target\":{\"name\":\"lull\"},\"executable\":\"/t/release/lull\"}\n\
                        {\"target\":{\"name\":\"other\"},\"executable\":\"/t/release/other\"}\nno json\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/release/lull")));
        assert_eq!(executable("{\"target\":{\"name\":\"lull\"},\"executable\":null}"), None);
    }
}
