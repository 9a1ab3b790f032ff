//! What a script that drives the demo's pages needs: its npm packages, Chromium, and `lull serve --demo` on a free port.

use super::demo::Demo;
use super::packages;
use crate::desk::{self, Profile};
use crate::step::{Outcome, missing};
use crate::tools::{cargo, installed, run as command};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Stage {
    /// Where the scripts lie beside their packages.
    pub folder: PathBuf,
    program: PathBuf,
    demo: Demo,
    chromium: PathBuf,
}

/// Sets the stage for the scripts in `xtask/SCRIPTS` and runs `play` on it.
pub fn set(scripts: &str, profile: Profile, play: impl FnOnce(&Stage) -> Result<()>) -> Result<Outcome> {
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
    let folder = packages::prepare(scripts, &target_folder()?.join(scripts))?;
    let program = desk::build(profile)?;
    let demo = Demo::start(&program, &folder)?;
    println!("the demo listens on {}", demo.address);
    let log = demo.log.clone();
    play(&Stage { folder, program, demo, chromium })
        .map(|()| Outcome::Passed)
        .with_context(|| format!("the server's own words stand in {}", log.display()))
}

impl Stage {
    /// Runs Node.js in the scripts' folder; they read from the environment what they need to know.
    pub fn node(&self, arguments: &[&str], more: &[(&str, &Path)], advice: &str) -> Result<()> {
        let mut node = Command::new("node");
        node.args(arguments).current_dir(&self.folder);
        node.env("LULL_PROGRAM", &self.program)
            .env("CHROMIUM", &self.chromium)
            .env("LULL_ADDRESS", &self.demo.address)
            .env("LULL_SIGN_IN", &self.demo.sign_in)
            .envs(more.iter().copied());
        if let Some(token) = &self.demo.token {
            node.env("LULL_TOKEN", token);
        }
        command(node, advice)
    }
}

fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.is_file())
}

/// Where cargo builds, which CARGO_TARGET_DIR and configuration files may move.
pub fn target_folder() -> Result<PathBuf> {
    let answer = cargo(&["metadata", "--format-version", "1", "--no-deps"]).output().context("cargo metadata")?;
    let metadata: serde_json::Value = serde_json::from_slice(&answer.stdout).context("cargo metadata is not JSON")?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo metadata names no target directory")
}
