//! The programs the checks call, and where the repository lies.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The repository's top folder.
pub fn root() -> PathBuf {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    PathBuf::from(manifest).join("..").canonicalize().expect("the folder above xtask is the repository")
}

/// The cargo that started this program, at the repository's top.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    command.args(arguments).current_dir(root());
    command
}

/// Whether a probe such as `node --version` can be started and succeeds.
pub fn answers(mut probe: Command) -> bool {
    probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Whether the program is there, asked by its version.
pub fn installed(program: &str) -> bool {
    let mut probe = Command::new(program);
    probe.arg("--version");
    answers(probe)
}

/// Runs a command with its output in sight. `advice` is the one line that says what to do when it fails.
pub fn run(mut command: Command, advice: &str) -> Result<()> {
    let shown = shown(&command);
    println!("$ {shown}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}: {advice}");
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let arguments = command.get_args().map(|a| a.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_says_what_to_do() {
        let error = run(cargo(&["no-such-subcommand"]), "do the other thing").unwrap_err();
        assert!(error.to_string().ends_with("do the other thing"), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_installed() {
        assert!(!installed("a-program-that-does-not-exist"));
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.toml").is_file() && root().join("xtask").is_dir());
    }
}
