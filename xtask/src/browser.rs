//! `cargo xtask browser`: the demo's pages in headless Chromium.
//!
//! It prepares the two npm packages in `target/browser`, builds and starts `lull serve --demo` on a free port, and runs
//! `xtask/browser/*.test.mjs` against it with Node's own test runner. Nobody needs Node.js to use Lull, only to run this.

mod demo;
mod packages;

use crate::step::{Outcome, missing};
use crate::tools::{cargo, installed, root, run as command};
use anyhow::{Context, Result, bail};
use demo::Demo;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file of page tests that hangs is ended after this many milliseconds; the machine may be busy with other things.
const TEST_TIMEOUT_MS: &str = "600000";

pub fn run(screenshots: bool, only: &[String]) -> Result<Outcome> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if !installed(program) {
            return missing(&format!(
                "{program} is missing: install Node.js 20 or newer (Debian: `apt-get install {package}`)"
            ));
        }
    }
    let Some(chromium) = chromium() else {
        return missing("Chromium is missing: `apt-get install chromium`, or set CHROMIUM to its path");
    };
    let folder = packages::prepare(&target_folder()?.join("browser"))?;
    let program = build()?;
    let demo = Demo::start(&program, &folder)?;
    println!("the demo listens on {}", demo.address);
    let result =
        command(test_run(&folder, &program, &demo, &chromium, screenshots, only)?, "mend the pages named above");
    result.map(|()| Outcome::Passed).with_context(|| format!("the server's own words stand in {}", demo.log.display()))
}

fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.is_file())
}

fn test_run(
    folder: &Path,
    program: &Path,
    demo: &Demo,
    chromium: &Path,
    screenshots: bool,
    only: &[String],
) -> Result<Command> {
    let mut tests: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.strip_suffix(".test.mjs").is_some_and(|of| only.is_empty() || only.iter().any(|o| o == of)))
        .collect();
    tests.sort();
    if tests.is_empty() {
        bail!("xtask/browser holds no such *.test.mjs");
    }
    let mut run = Command::new("node");
    run.args(["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout", TEST_TIMEOUT_MS]).args(tests);
    run.current_dir(folder);
    run.env("LULL_PROGRAM", program)
        .env("CHROMIUM", chromium)
        .env("LULL_ADDRESS", &demo.address)
        .env("LULL_SIGN_IN", &demo.sign_in);
    if let Some(token) = &demo.token {
        run.env("LULL_TOKEN", token);
    }
    if screenshots {
        let pictures = root().join("docs/screenshots");
        std::fs::create_dir_all(&pictures)?;
        run.env("SCREENSHOTS", pictures);
    }
    Ok(run)
}

/// Where cargo builds, which CARGO_TARGET_DIR and configuration files may move.
pub fn target_folder() -> Result<PathBuf> {
    let answer = cargo(&["metadata", "--format-version", "1", "--no-deps"]).output().context("cargo metadata")?;
    let metadata: serde_json::Value = serde_json::from_slice(&answer.stdout).context("cargo metadata is not JSON")?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo metadata names no target directory")
}

/// Builds `lull` for debugging and answers its path, as cargo reports it.
fn build() -> Result<PathBuf> {
    let arguments = ["build", "--package", "lull", "--bin", "lull", "--message-format=json-render-diagnostics"];
    println!("$ cargo build --package lull");
    let output = cargo(&arguments).stderr(Stdio::inherit()).output().context("cargo build")?;
    if !output.status.success() {
        bail!("`cargo build --package lull` failed: mend the errors above");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program = artifacts.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    program.context("cargo built no program named lull")
}
