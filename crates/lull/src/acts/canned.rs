//! Canned replies: text that everybody of the workspace can start from.

use super::traces;
use super::{Answer, Caller, Invalid, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::canned::{self, Placeholder};
use domain::id::{CannedReplyId, QueueId};
use domain::permission::Permission;
use serde_json::{Value, json};
use store::canned::{self as replies, CannedReply};
use store::{Command, Fault, Tx, locks, queues};

/// Canned replies of a workspace, at most.
pub const MOST: i64 = 1_000;

/// What is to stand in a canned reply.
#[derive(Debug, Clone)]
pub struct Words {
    pub name: String,
    pub text: String,
    /// Offered in this queue alone.
    pub queue: Option<QueueId>,
}

/// Why a text cannot be a canned reply.
pub fn fault_of(text: &str) -> Option<Invalid> {
    let unknown = canned::unknown(text);
    let first = unknown.first()?;
    let known = Placeholder::WORDS.join("}, {");
    let message = format!("there is no placeholder {{{first}}}; there are {{{known}}}");
    Some(Invalid::new("text", "unknown_placeholder", message))
}

async fn check(tx: &mut Tx, caller: &Caller, words: &Words, own: Option<CannedReplyId>) -> Result<Vec<Invalid>, Fault> {
    let ws = caller.workspace;
    let mut invalid: Vec<Invalid> = fault_of(&words.text).into_iter().collect();
    if let Some(queue) = words.queue
        && queues::get(tx, ws, queue).await?.is_none()
    {
        invalid.push(Invalid::not_found("queue", "queue"));
    }
    if replies::by_name(tx, ws, &words.name).await?.is_some_and(|named| Some(named.id) != own) {
        invalid.push(taken());
    }
    Ok(invalid)
}

#[derive(Debug, Clone)]
pub struct CreateCannedReply {
    pub caller: Caller,
    pub words: Words,
}

impl Command for CreateCannedReply {
    type Output = Result<CannedReply, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<CannedReply> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let mut invalid = check(tx, &self.caller, &self.words, None).await?;
        if replies::list(tx, ws, None, MOST).await?.len() as i64 >= MOST {
            invalid.push(Invalid::new(
                "name",
                "too_many",
                format!("there are {MOST} canned replies: delete one first"),
            ));
        }
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        let Words { name, text, queue } = self.words.clone();
        let canned = CannedReply {
            id: CannedReplyId(tx.new_id()),
            name,
            text,
            queue,
            version: 1,
            updated_at: tx.now(),
            updated_by: self.caller.actor.agent(),
        };
        replies::insert(tx, ws, &canned).await?;
        self.caller.trace(tx, AuditEvent::CannedReplyCreated, None, Some(&canned)).await?;
        Ok(Ok(canned))
    }
}

/// `None` leaves a field as it is.
#[derive(Debug, Clone)]
pub struct ChangeCannedReply {
    pub caller: Caller,
    pub canned: CannedReplyId,
    pub name: Option<String>,
    pub text: Option<String>,
    pub queue: Option<Option<QueueId>>,
    /// The version the change was decided on.
    pub if_version: Option<i64>,
}

impl Command for ChangeCannedReply {
    type Output = Result<CannedReply, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<CannedReply> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let Some(before) = replies::get(tx, ws, self.canned).await? else { refuse!(Refusal::NotFound) };
        if self.if_version.is_some_and(|version| version != before.version) {
            refuse!(Refusal::VersionConflict { current: before.version })
        }
        let words = Words {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            text: self.text.clone().unwrap_or_else(|| before.text.clone()),
            queue: self.queue.unwrap_or(before.queue),
        };
        let invalid = check(tx, &self.caller, &words, Some(before.id)).await?;
        if !invalid.is_empty() {
            refuse!(Refusal::Invalid(invalid))
        }
        if (&words.name, &words.text, words.queue) == (&before.name, &before.text, before.queue) {
            return Ok(Ok(before));
        }
        let Words { name, text, queue } = words;
        let (updated_at, updated_by) = (tx.now(), self.caller.actor.agent());
        let version = before.version + 1;
        let after = CannedReply { id: before.id, name, text, queue, version, updated_at, updated_by };
        replies::update(tx, ws, &after).await?;
        self.caller.trace(tx, AuditEvent::CannedReplyUpdated, Some(&before), Some(&after)).await?;
        Ok(Ok(after))
    }
}

#[derive(Debug, Clone)]
pub struct DeleteCannedReply {
    pub caller: Caller,
    pub canned: CannedReplyId,
}

impl Command for DeleteCannedReply {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<()> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        let Some(before) = replies::get(tx, ws, self.canned).await? else { refuse!(Refusal::NotFound) };
        replies::delete(tx, ws, self.canned).await?;
        self.caller.trace(tx, AuditEvent::CannedReplyDeleted, Some(&before), None).await?;
        Ok(Ok(()))
    }
}

impl Caller {
    async fn trace(
        &self,
        tx: &mut Tx,
        event: AuditEvent,
        old: Option<&CannedReply>,
        new: Option<&CannedReply>,
    ) -> Result<(), Fault> {
        let id = new.or(old).map(|canned| canned.id.to_string()).unwrap_or_default();
        let same_text = old.is_some_and(|old| new.is_some_and(|new| new.text == old.text));
        let told = |canned: &CannedReply| audit(canned, same_text);
        traces::of_setting(tx, self, event, ("canned_reply", id), old.map(told), new.map(told)).await
    }
}

/// The text is ours and no customer's, so it stands in the trail; a change elsewhere leaves it out.
fn audit(canned: &CannedReply, same_text: bool) -> Value {
    let mut told = json!({"name": canned.name, "queue": canned.queue.map(|queue| queue.to_string())});
    if !same_text {
        told["text"] = json!(canned.text);
    }
    told
}

pub fn taken() -> Invalid {
    Invalid::new("name", "duplicate", "another canned reply has this name")
}
