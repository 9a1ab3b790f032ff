//! An internal note: never seen by the customer, never moves the clock (C2).

use super::traces::{self, CaseTrace};
use super::{Answer, Caller, Refusal, notices};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::feed::FeedEvent;
use domain::id::{AgentId, CommentId, WorkspaceId};
use domain::mention;
use domain::permission::Permission;
use serde_json::json;
use store::messages::{self, Comment};
use store::{Command, Fault, Tx, agents, cases, feed};

/// Members looked through for a name; a workspace has fewer.
const MEMBERS: i64 = 10_000;

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
        let mentions = mentions(tx, ws, &self.text).await?;
        let (id, at) = (CommentId(tx.new_id()), tx.now());
        let comment = Comment { id, author, text: self.text.clone(), at, mentions };
        cases::save(tx, &before, &mut case).await?;
        messages::insert_comment(tx, ws, case.id, &comment).await?;
        let data = json!({"comment": comment.id.to_string()});
        feed::insert(tx, ws, case.id, self.caller.actor, FeedEvent::CommentAdded, &data.to_string()).await?;
        let trace = CaseTrace { audit: AuditEvent::CommentAdded, outbox: "comment.added", old: None, new: Some(data) };
        traces::of_case(tx, &self.caller, &case, trace).await?;
        notices::mentioned(tx, &case, &comment.mentions, self.caller.actor).await?;
        if let Some(agent) = author {
            messages::save_draft(tx, ws, case.id, agent, "note", "").await?;
        }
        Ok(Ok(comment))
    }
}

/// The members that a note speaks of. Whoever left is not told of anything, so their name is only a word.
async fn mentions(tx: &mut Tx, ws: WorkspaceId, text: &str) -> Result<Vec<AgentId>, Fault> {
    if !text.contains('@') {
        return Ok(Vec::new());
    }
    let members = agents::list(tx, ws, None, MEMBERS).await?;
    let active = members.iter().filter(|member| member.active);
    Ok(mention::mentioned(text, active.map(|member| (member.id, member.name.as_str()))))
}
