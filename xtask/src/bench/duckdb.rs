//! The same question asked by DuckDB over the closures' export, for scale: it reads columns and does nothing else.

use super::figures::median;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// Milliseconds, medians.
pub struct Took {
    /// Of the JSON Lines file itself.
    pub file: f64,
    /// Of a table read from it.
    pub table: f64,
}

/// The agents' table over all closures, which are counted to be sure.
pub fn by_agent(python: &Path, lull: &Path, database: &str, closures: usize, turns: usize) -> Result<Took> {
    let folder = lull.parent().context("the program lies in a folder")?;
    let folder = tempfile::Builder::new().prefix("bench-export-").tempdir_in(folder)?;
    let file = folder.path().join("closures.jsonl");
    let mut export = Command::new(lull);
    export.args(["export", "closures", "--database", database, "--output"]).arg(&file).stderr(Stdio::null());
    ensure!(export.status()?.success(), "lull export closures did not end well");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("duckdb/closures.py");
    let output = Command::new(python).arg(script).arg(&file).arg(turns.to_string()).output()?;
    ensure!(output.status.success(), "DuckDB: {}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(answer["closures"] == closures, "DuckDB counted {} closures, not {closures}", answer["closures"]);
    Ok(Took { file: middle(&answer["file"])?, table: middle(&answer["table"])? })
}

fn middle(turns: &Value) -> Result<f64> {
    let turns = turns.as_array().context("DuckDB's turns")?.iter().map(Value::as_f64);
    Ok(median(&turns.collect::<Option<Vec<_>>>().context("DuckDB's turns are no numbers")?))
}
