//! The programs of the workspace, built as cargo builds them and found where cargo says they lie.

use crate::tools::cargo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Debug,
    /// As it is shipped.
    Release,
}

/// Builds the program and answers where it lies.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--package", "lull", "--bin", "lull"];
    if profile == Profile::Release {
        arguments.push("--release");
    }
    let lull = executables(&arguments)?.into_iter().rfind(|(name, _)| name == "lull");
    lull.map(|(_, path)| path).context("cargo named no executable for lull")
}

/// Builds and answers the executables by name.
pub fn executables(arguments: &[&str]) -> Result<Vec<(String, PathBuf)>> {
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
}
