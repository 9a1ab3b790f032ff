//! The `lull` program, built as cargo builds it and found where cargo says it lies.

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
    println!("$ cargo {}", arguments.join(" "));
    arguments.push("--message-format=json-render-diagnostics");
    let build = cargo(&arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = build.context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the build of lull failed; the compiler's words stand above");
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
