//! Keeping what somebody types and has not sent. It concerns nobody else, so it leaves no trace and moves no clock.

use super::attend::{self, Place};
use super::{Answer, Caller, Refusal};
use crate::{accept, refuse};
use domain::message::TEXT_CHARS;
use domain::permission::Permission;
use domain::time::Timestamp;
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

/// Gives back what somebody typed before they had to sign in. A draft that is there and says something else stays with it.
#[derive(Debug, Clone)]
pub struct RestoreDraft {
    pub caller: Caller,
    pub number: i64,
    pub draft: Draft,
    pub text: String,
}

impl Command for RestoreDraft {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::WorkCases));
        let (ws, kind) = (self.caller.workspace, self.draft.as_str());
        let Some(agent) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        let Some(case) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        let drafts = messages::drafts(tx, ws, case.id, agent).await?;
        let before = drafts.into_iter().find(|(known, _)| known == kind).map(|(_, text)| text);
        let both =
            before.filter(|before| !self.text.contains(before)).map(|before| format!("{before}\n\n{}", self.text));
        let text = both.filter(|both| both.chars().nth(TEXT_CHARS).is_none()).unwrap_or_else(|| self.text.clone());
        messages::save_draft(tx, ws, case.id, agent, kind, &text).await?;
        Ok(Ok(()))
    }
}

/// Replaces the caller's draft; an empty text forgets it.
#[derive(Debug, Clone)]
pub struct SaveDraft {
    pub caller: Caller,
    pub number: i64,
    pub draft: Draft,
    pub text: String,
    /// As of a [`Place`].
    pub real_time: Option<Timestamp>,
}

impl Command for SaveDraft {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        let Some(agent) = self.caller.actor.agent() else { refuse!(Refusal::NotFound) };
        let Some(case) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        if self.draft == Draft::Reply && !self.text.is_empty() {
            // A save that was under way while the reply was sent must not bring its words back to be sent again.
            let latest = messages::latest(tx, ws, case.id, None, 1).await?;
            if latest.iter().any(|sent| sent.author == Some(agent) && sent.text.starts_with(self.text.trim_end())) {
                return Ok(Ok(()));
            }
        }
        messages::save_draft(tx, ws, case.id, agent, self.draft.as_str(), &self.text).await?;
        let (number, real_time) = (self.number, self.real_time);
        let place = Place { workspace: ws, agent, case: case.id, number, real_time };
        attend::typing(tx, place, self.draft.as_str(), &self.text).await?;
        Ok(Ok(()))
    }
}
