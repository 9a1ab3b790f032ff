//! Programs in Python that ours are held against, with their packages installed below the target folder.

use crate::browser::target_folder;
use crate::tools::{root, run as command};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The python that has what `xtask/NAME/requirements.txt` names; installs it where it is missing, and answers `None` when
/// that fails.
pub fn provide(name: &str) -> Result<Option<PathBuf>> {
    let (home, wanted) = (target_folder()?.join(name), root().join("xtask").join(name).join("requirements.txt"));
    let (python, done) = (home.join("bin/python"), home.join("requirements.txt"));
    if fs::read(&done).ok() == Some(fs::read(&wanted)?) {
        return Ok(Some(python));
    }
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&home);
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary", "--requirement"]);
    pip.arg(&wanted);
    for step in [venv, pip] {
        if let Err(why) = command(step, "see above") {
            println!("{why:#}");
            return Ok(None);
        }
    }
    fs::copy(&wanted, &done)?;
    Ok(Some(python))
}
