//! Giving committed audit entries their places in the chain (T3), where that was not done as they were written.

use domain::id::WorkspaceId;
use store::{Command, Db, Fault, Tx, audit};

/// Transactions of one call, at most. Each chains thousands, so that many mean that more are written than chained.
const ROUNDS: usize = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct ChainAudit {
    pub workspace: WorkspaceId,
}

impl Command for ChainAudit {
    /// Whether there may be more.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        audit::chain_pending(tx, self.workspace).await
    }
}

/// Chains all that is committed: whoever reads the trail after this sees every act that was answered before.
pub async fn catch_up(db: &Db, workspace: WorkspaceId) -> Result<(), Fault> {
    if !db.is_shared() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        if !db.write(ChainAudit { workspace }).await? {
            break;
        }
    }
    Ok(())
}
