//! What a person does about their own notifications: reading them, and saying which they want and where. No trace: it
//! concerns nobody else.

use super::{Answer, Caller, Refusal};
use crate::refuse;
use domain::id::{AgentId, NotificationId, WorkspaceId};
use domain::notice::{Notice, Wanted};
use store::notifications::{self, Notification};
use store::{Command, Fault, Tx};

/// Every kind, with what a person wants of it now.
pub type Wishes = Vec<(Notice, Wanted)>;

/// What holds for a person: what they chose, and what is wanted at first for the rest.
pub async fn wishes(tx: &mut Tx, ws: WorkspaceId, agent: AgentId) -> Result<Wishes, Fault> {
    let chosen = notifications::preferences(tx, ws, agent).await?;
    let of = |notice: &Notice| {
        let found = chosen.iter().find(|(known, _)| known == notice).map(|(_, wanted)| *wanted);
        (*notice, found.unwrap_or_else(|| notice.wanted_at_first()))
    };
    Ok(Notice::ALL.iter().map(of).collect())
}

/// Says what one wants to be told of; kinds that are not named stay as they are.
#[derive(Debug, Clone)]
pub struct ChangeWishes {
    pub caller: Caller,
    pub wishes: Wishes,
}

impl Command for ChangeWishes {
    type Output = Result<Wishes, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Wishes> {
        let Some(agent) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        for (notice, wanted) in &self.wishes {
            notifications::prefer(tx, self.caller.workspace, agent, *notice, *wanted).await?;
        }
        Ok(Ok(wishes(tx, self.caller.workspace, agent).await?))
    }
}

/// Marks one notification as read.
#[derive(Debug, Clone)]
pub struct MarkRead {
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub id: NotificationId,
}

impl Command for MarkRead {
    type Output = Result<Notification, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Notification> {
        match notifications::mark_read(tx, self.workspace, self.agent, self.id).await? {
            Some(notification) => Ok(Ok(notification)),
            None => refuse!(Refusal::NotFound),
        }
    }
}

/// Which notifications are to be marked as read at once.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    /// All up to and with this one; what came after it was not on the list that was looked at.
    UpTo(NotificationId),
    /// What tells of this case: it is looked at.
    OfCase(i64),
}

/// Marks several as read and answers how many there were.
#[derive(Debug, Clone)]
pub struct MarkSeen {
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub seen: Seen,
}

impl Command for MarkSeen {
    type Output = Result<u64, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<u64> {
        let (ws, agent) = (self.workspace, self.agent);
        Ok(Ok(match self.seen {
            Seen::UpTo(newest) => notifications::mark_all_read(tx, ws, agent, newest).await?,
            Seen::OfCase(number) => notifications::mark_case_read(tx, ws, agent, number).await?,
        }))
    }
}
