//! PostgreSQL for the checks: Debian's package where it is missing and may be installed, and a server for the tests.
//!
//! Only the programs are needed; every server that a check talks to is one of its own (`crates/scratch-postgres`).

use crate::step::{Outcome, missing};
use crate::tools::{answers, run as command};
use anyhow::{Context, Result, anyhow};
use scratch_postgres::{Options, Server};
use std::path::Path;
use std::process::Command;

/// Debian makes and starts a cluster with the package, which no check needs, unless this file says otherwise. It comes
/// with `postgresql-common`, so that is installed first.
const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";
const NO_CLUSTER: &str = "create_main_cluster = false";

/// Sees to it that PostgreSQL's programs are here.
pub fn provide() -> Result<Outcome> {
    if let Ok(version) = scratch_postgres::installed() {
        println!("{version}");
        return Ok(Outcome::Passed);
    }
    if may_install() {
        install()?;
    }
    match scratch_postgres::installed() {
        Ok(version) => {
            println!("{version}");
            Ok(Outcome::Passed)
        }
        Err(why) => missing(&why),
    }
}

/// A server for one run of the tests, which throw their own databases away.
pub fn for_tests() -> Result<Server> {
    Server::start(&Options::default()).map_err(|why| anyhow!(why)).context("a PostgreSQL server for the tests")
}

/// Root on Debian or Ubuntu.
fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0");
    let mut apt = Command::new("apt-get");
    apt.arg("--version");
    root && answers(apt)
}

fn install() -> Result<()> {
    apt(&["update", "--quiet"])?;
    apt(&["install", "--quiet", "--yes", "--no-install-recommends", "postgresql-common"])?;
    let text = std::fs::read_to_string(CLUSTERS).unwrap_or_default();
    if !text.lines().any(|line| line.trim() == NO_CLUSTER) {
        std::fs::write(Path::new(CLUSTERS), format!("{text}\n{NO_CLUSTER}\n")).context(CLUSTERS)?;
    }
    apt(&["install", "--quiet", "--yes", "--no-install-recommends", "postgresql"])
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut apt = Command::new("apt-get");
    apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command(apt, "install Debian's package `postgresql` by hand")
}
