//! `cargo xtask bench`: how fast the desk is on this machine, each figure beside its goal. See docs/benchmark.md.
//!
//! This part only builds: the `lull` program as it is shipped, and the measurements in `bench/`, a benchmark target of
//! their own so that the other tasks need neither the desk nor a database to be compiled.

use crate::desk::{self, Profile};
use crate::python;
use crate::step::Outcome;
use crate::tools::{cargo, installed, run as command};
use anyhow::Result;
use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Bench {
    /// Below the desk: a file of SQLite, or a PostgreSQL server that is started for this.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// Small numbers that only show that the benchmark itself works.
    #[arg(long)]
    quick: bool,
    /// Only the measurements whose name holds this: messages, toggle, chain, trips, still, sweep, nodes, manager, reports.
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
    let program = desk::build(Profile::Release)?;
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

/// That every measurement can still be taken, on either database: small, unoptimised, and no figure of it counts.
pub fn in_ci() -> Result<Outcome> {
    let program = desk::build(Profile::Debug)?;
    for database in ["sqlite", "postgres"] {
        if database == "postgres" && scratch_postgres::installed().is_err() {
            println!("without PostgreSQL, which is not installed");
            continue;
        }
        let mut measure = cargo(&["test", "--quiet", "--package", "xtask", "--bench", "desk", "--", "--quick"]);
        measure.args(["--database", database]).arg("--lull").arg(&program);
        command(measure, "the lines above say which measurement could not be taken")?;
    }
    Ok(Outcome::Passed)
}
