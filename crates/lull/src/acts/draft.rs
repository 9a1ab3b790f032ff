//! Keeping what somebody types and has not sent. It concerns nobody else, so it leaves no trace and moves no clock.

use super::{Answer, Caller, Refusal};
use crate::{accept, refuse};
use domain::permission::Permission;
use store::{Command, Tx, cases, messages};

/// Which of the two forms it was typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draft {
    Reply,
    Note,
}

impl Draft {
    pub const fn as_str(self) -> &'static str {
        match self {
            Draft::Reply => "reply",
            Draft::Note => "note",
        }
    }
}

/// Replaces the caller's draft; an empty text forgets it.
#[derive(Debug, Clone)]
pub struct SaveDraft {
    pub caller: Caller,
    pub number: i64,
    pub draft: Draft,
    pub text: String,
}

impl Command for SaveDraft {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        let Some(agent) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        let Some(case) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        messages::save_draft(tx, ws, case.id, agent, self.draft.as_str(), &self.text).await?;
        Ok(Ok(()))
    }
}
