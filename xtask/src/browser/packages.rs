//! The npm packages of the scripts, installed beside a copy of the scripts under the target folder.
//!
//! Node resolves a package from the script's own folder upwards, so the scripts run from where the packages lie; the
//! repository itself never holds a `node_modules`.

use crate::tools::{root, run as command};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Brings `folder` up to date with `xtask/SCRIPTS` and answers it.
pub fn prepare(scripts: &str, folder: &Path) -> Result<PathBuf> {
    let source = root().join("xtask").join(scripts);
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    remove_old_scripts(folder)?;
    let installed = folder.join("node_modules/.package-lock.json").is_file();
    let current = installed && same(&source, folder, "package-lock.json") && same(&source, folder, "package.json");
    for entry in fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    if !current {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
        command(npm, "these scripts need packages from the npm registry; try again with a network")?;
    }
    Ok(folder.to_owned())
}

/// A script that left the repository must not go on running from here.
fn remove_old_scripts(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "mjs") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn same(source: &Path, folder: &Path, name: &str) -> bool {
    fs::read(source.join(name)).ok().is_some_and(|text| fs::read(folder.join(name)).ok() == Some(text))
}
