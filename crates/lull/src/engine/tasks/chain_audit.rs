//! Chaining the audit entries that acts left unchained (T3). Whoever reads the trail does the same first, so this only keeps
//! the time short during which an entry is not yet secured by the ones after it.

use crate::acts::chain_audit::catch_up;
use crate::desk::Desk;
use store::{Fault, audit};

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    if !desk.db.is_shared() {
        return Ok(());
    }
    for workspace in desk.db.read(|tx| Box::pin(async move { audit::workspaces_pending(tx).await })).await? {
        catch_up(&desk.db, workspace).await?;
    }
    Ok(())
}
