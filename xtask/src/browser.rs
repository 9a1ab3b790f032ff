//! `cargo xtask browser`, `screenshots` and `lighthouse`: the demo's pages in headless Chromium.
//!
//! Each prepares its npm packages below `target/`, starts `lull serve --demo` on a free port, and runs the scripts of
//! `xtask/browser` or `xtask/lighthouse` against it. Nobody needs Node.js to use Lull, only to run these.

mod demo;
mod packages;
mod stage;

use crate::desk::Profile;
use crate::step::Outcome;
use crate::tools::root;
use anyhow::{Result, bail};
use std::path::Path;

pub use stage::target_folder;

/// A file of page tests that hangs is ended after this many milliseconds; the machine may be busy with other things.
const TEST_TIMEOUT_MS: &str = "600000";
/// `xtask/browser/*.test.mjs` with Node's own test runner.
pub fn run(only: &[String]) -> Result<Outcome> {
    stage::set("browser", Profile::Debug, |stage| {
        let tests = tests(&stage.folder, only)?;
        let options = ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout", TEST_TIMEOUT_MS];
        let arguments: Vec<&str> = options.into_iter().chain(tests.iter().map(String::as_str)).collect();
        stage.node(&arguments, &[], "mend the pages named above")
    })
}

/// Writes docs/screenshots/*.png anew.
pub fn screenshots() -> Result<Outcome> {
    let pictures = root().join("docs/screenshots");
    stage::set("browser", Profile::Debug, |stage| {
        stage.node(
            &["screenshots.mjs"],
            &[("SCREENSHOTS", &pictures)],
            "the lines above name the page without a picture",
        )
    })
}

/// What Lighthouse says of the main pages, and how fast and how heavy every page is, of the program as it is shipped.
pub fn lighthouse() -> Result<Outcome> {
    stage::set("lighthouse", Profile::Release, |stage| {
        stage.node(&["main.mjs"], &[], "mend the pages under their goal (docs/pages.md)")
    })
}

fn tests(folder: &Path, only: &[String]) -> Result<Vec<String>> {
    let mut tests: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.strip_suffix(".test.mjs").is_some_and(|of| only.is_empty() || only.iter().any(|o| o == of)))
        .collect();
    tests.sort();
    if tests.is_empty() {
        bail!("xtask/browser holds no such *.test.mjs");
    }
    Ok(tests)
}
