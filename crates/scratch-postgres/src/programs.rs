//! Where PostgreSQL's programs lie, and as whom they run: the server refuses to run as root.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian and Ubuntu put each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
const MISSING: &str = "PostgreSQL's programs (initdb, postgres) are not here, which tests and benchmarks need to start a \
                       server of their own: `apt-get install postgresql`";
/// The account that Debian's package makes; it owns what root must not.
const ACCOUNT: &str = "postgres";
/// What Lull needs.
const OLDEST: u32 = 15;

/// The programs of one installation.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    /// User and group of the account to run as, when we are root.
    account: Option<(u32, u32)>,
}

impl Programs {
    pub fn find() -> Result<Programs, String> {
        let candidates = debian_folders().into_iter().chain(configured()).chain(search_path());
        let whole = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
        let folder = candidates.into_iter().find(whole).ok_or(MISSING)?;
        Ok(Programs { folder, account: account()? })
    }

    /// What `postgres --version` says; an error if that is too old.
    pub fn version(&self) -> Result<String, String> {
        let said = finish(self.plain("postgres").arg("--version"))?;
        let number = said.split_whitespace().find_map(|word| word.split(['.', 'b', 'r']).next()?.parse::<u32>().ok());
        match number {
            Some(number) if number < OLDEST => Err(format!("{said} is here; PostgreSQL {OLDEST} or newer is needed")),
            _ => Ok(said),
        }
    }

    /// A program that may run as anyone.
    pub fn plain(&self, program: &str) -> Command {
        without_settings(Command::new(self.folder.join(program)))
    }

    /// A program that owns the cluster's files.
    pub fn owning(&self, program: &str) -> Command {
        if self.account.is_some() { self.through_setpriv(program, &[]) } else { self.plain(program) }
    }

    /// As [`Programs::owning`], and told to stop at once should this program be killed, where the system can do that.
    pub fn owning_for_life(&self, program: &str) -> Command {
        let on_death = ["--pdeathsig", "QUIT"];
        if answers(Command::new("setpriv").args(on_death).arg("true")) {
            self.through_setpriv(program, &on_death)
        } else {
            self.owning(program)
        }
    }

    fn through_setpriv(&self, program: &str, options: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(options);
        if let Some((user, group)) = self.account {
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".to_owned()]);
        }
        command.arg("--").arg(self.folder.join(program));
        without_settings(command)
    }

    /// [`Programs::owning`] as words of a shell script.
    pub fn shell(&self, program: &str) -> String {
        let command = self.owning(program);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"))).collect::<Vec<_>>().join(" ")
    }

    /// Gives a folder to whom the programs run as.
    pub fn hand_over(&self, folder: &Path) -> Result<(), String> {
        let Some((user, group)) = self.account else { return Ok(()) };
        std::os::unix::fs::chown(folder, Some(user), Some(group))
            .map_err(|e| format!("{} cannot be given to {ACCOUNT}: {e}", folder.display()))
    }
}

/// Runs a program to its end; its output, or what it said when it failed.
pub fn finish(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{name} could not be started: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = [output.stderr, output.stdout].concat();
    Err(format!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&said).trim()))
}

fn answers(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Newest first.
fn debian_folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let version = |name: std::ffi::OsString| name.to_string_lossy().parse::<u32>().ok();
    let mut versions: Vec<u32> = entries.filter_map(|entry| version(entry.file_name())).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin")).collect()
}

fn configured() -> Option<PathBuf> {
    let mut ask = Command::new("pg_config");
    ask.arg("--bindir");
    finish(&mut ask).ok().map(PathBuf::from)
}

fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Nobody's own `PGHOST` or `PGOPTIONS` may lead these programs to another server.
fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C");
    // The account may not be allowed into the folder that a test happens to stand in.
    command.current_dir("/");
    command
}

/// The account to run as; none when we are not root.
fn account() -> Result<Option<(u32, u32)>, String> {
    let id = |arguments: &[&str]| {
        let mut ask = Command::new("id");
        ask.args(arguments);
        finish(&mut ask)?.parse::<u32>().map_err(|e| format!("`id {}`: {e}", arguments.join(" ")))
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    let missing =
        |_| format!("root may not run PostgreSQL and there is no account `{ACCOUNT}` to run it as: {MISSING}");
    Ok(Some((id(&["-u", ACCOUNT]).map_err(missing)?, id(&["-g", ACCOUNT])?)))
}
