//! Giving waiting cases to whoever has room: the engine's act, for what no act of a person gave away itself.

use super::route;
use domain::id::{QueueId, WorkspaceId};
use store::{Command, Fault, Tx, locks};

#[derive(Debug, Clone)]
pub struct AssignWaiting {
    pub workspace: WorkspaceId,
    pub queues: Vec<QueueId>,
}

impl Command for AssignWaiting {
    /// How many cases were given away; [`route::AT_ONCE`] may mean that there are more.
    type Output = usize;

    async fn run(&self, tx: &mut Tx) -> Result<usize, Fault> {
        locks::hold_settings(tx, self.workspace).await?;
        route::fill(tx, self.workspace, &self.queues, None).await
    }
}
