//! The demo: a throw-away workspace on real conversations, by the test clock.

use crate::desk::Desk;
use domain::time::Timestamp;
use store::Fault;

/// What the demo still has in store.
#[derive(Debug, Default)]
pub struct Demo {}

/// A temporary folder with the demo's database, gone with the process.
pub struct Folder {}

impl Folder {
    pub fn new() -> anyhow::Result<Folder> {
        anyhow::bail!("the demo is not there yet")
    }

    pub fn database(&self) -> store::DatabaseUrl {
        store::DatabaseUrl::Sqlite("".into())
    }
}

/// The demo's ways in.
pub struct Access {}

impl Access {
    pub fn print(&self, _base: &str) {}
}

pub fn clock() -> (std::sync::Arc<crate::clock::TestClock>, Timestamp) {
    let clock = std::sync::Arc::new(crate::clock::TestClock::starting_now());
    let now = store::Clock::now(clock.as_ref());
    (clock, now)
}

pub async fn prepare(_db: &store::Db, _start: Timestamp) -> anyhow::Result<(Demo, Access)> {
    Ok((Demo {}, Access {}))
}

pub async fn catch_up(_desk: &Desk) -> anyhow::Result<()> {
    Ok(())
}

/// Lets everything happen that is due by the desk's clock.
pub async fn run(_desk: &Desk) -> Result<(), Fault> {
    Ok(())
}

/// When something happens next.
pub fn next(_desk: &Desk) -> Option<Timestamp> {
    None
}
