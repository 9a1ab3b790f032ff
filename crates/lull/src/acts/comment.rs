//! An internal note: never seen by the customer, never moves the clock (C2).

use super::traces::{self, CaseTrace};
use super::{Answer, Caller, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::feed::FeedEvent;
use domain::id::CommentId;
use domain::permission::Permission;
use serde_json::json;
use store::messages::{self, Comment};
use store::{Command, Tx, cases, feed};

#[derive(Debug, Clone)]
pub struct AddComment {
    pub caller: Caller,
    pub number: i64,
    pub text: String,
}

impl Command for AddComment {
    type Output = Result<Comment, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Comment> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        let Some(before) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        let mut case = before.clone();
        let author = self.caller.actor.agent();
        let comment = Comment { id: CommentId(tx.new_id()), author, text: self.text.clone(), at: tx.now() };
        cases::save(tx, &before, &mut case).await?;
        messages::insert_comment(tx, ws, case.id, &comment).await?;
        let data = json!({"comment": comment.id.to_string()});
        feed::insert(tx, ws, case.id, self.caller.actor, FeedEvent::CommentAdded, &data.to_string()).await?;
        let trace = CaseTrace { audit: AuditEvent::CommentAdded, outbox: "comment.added", old: None, new: Some(data) };
        traces::of_case(tx, &self.caller, &case, trace).await?;
        if let Some(agent) = author {
            messages::save_draft(tx, ws, case.id, agent, "note", "").await?;
        }
        Ok(Ok(comment))
    }
}
