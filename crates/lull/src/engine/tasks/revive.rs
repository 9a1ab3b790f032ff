//! Asking a database that refused a write whether it takes them again, so that readiness comes back by itself.

use crate::desk::Desk;
use store::{Command, Fault, Tx};

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    desk.db.tend().await;
    if desk.db.health().problem().is_some() {
        // A failure here is the known one, already shown.
        let _ = desk.db.write(Probe).await;
    }
    Ok(())
}

/// The smallest real write there is.
pub struct Probe;

impl Command for Probe {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        store::workspaces::probe(tx).await
    }
}
