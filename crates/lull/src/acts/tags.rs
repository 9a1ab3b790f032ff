//! Renaming, merging and removing a tag across all cases.
//!
//! The act itself writes one row. The cases follow in batches, oldest first, each case by the same change a person would make, so
//! that feed, audit trail and listeners hear of each. Whoever runs a batch next goes on where the last one stopped.

use super::change_case::{ChangeCase, Changes};
use super::traces;
use super::{Answer, Caller, Invalid, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::case::{TAG_CHARS, normal_tags};
use domain::closure::Actor;
use domain::id::WorkspaceId;
use domain::permission::{Permission, Role};
use serde_json::json;
use store::tags::{self, Retag, Tag};
use store::{Command, Fault, Tx, agents, closures};

/// Cases looked at in one transaction.
const LOOKED_AT: i64 = 500;
/// Cases changed in one transaction, at most: some milliseconds of the writer.
const CHANGED: usize = 40;

/// A tag's name as cases have it, or why it is none.
pub fn name_of(typed: &str) -> Result<String, Invalid> {
    let fault = |code, message: String| Err(Invalid::new("name", code, message));
    if typed.contains(['\0', ',']) {
        return fault("invalid_text", "a tag cannot hold a comma".to_owned());
    }
    match normal_tags([typed]).pop() {
        None => fault("blank", "this cannot be empty".to_owned()),
        Some(tag) if tag.chars().nth(TAG_CHARS).is_some() => {
            fault("too_long", format!("this can have at most {TAG_CHARS} characters"))
        }
        Some(tag) => Ok(tag),
    }
}

/// Asks for a tag to become another one in all cases; `None`: to be removed from them.
#[derive(Debug, Clone)]
pub struct RenameTag {
    pub caller: Caller,
    pub tag: String,
    pub becomes: Option<String>,
}

impl Command for RenameTag {
    type Output = Result<Tag, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Tag> {
        accept!(self.caller.require(Permission::ManageTeam));
        let ws = self.caller.workspace;
        let Some(before) = tags::get(tx, ws, &self.tag).await? else { refuse!(Refusal::NotFound) };
        if self.becomes.as_ref() == Some(&self.tag) {
            return Ok(Ok(before));
        }
        // Two that turn into each other would never end.
        if let Some(becomes) = &self.becomes
            && tags::get(tx, ws, becomes).await?.is_some_and(|other| other.becomes.is_some())
        {
            refuse!(Invalid::new("name", "being_renamed", "that tag is being renamed itself: wait until it is done"))
        }
        let becomes = self.becomes.clone().unwrap_or_default();
        tags::ask(tx, ws, &self.tag, &becomes, self.caller.actor.agent()).await?;
        let event = if self.becomes.is_some() { AuditEvent::TagRenamed } else { AuditEvent::TagDeleted };
        let new = self.becomes.as_ref().map(|name| json!({"name": name}));
        let old = Some(json!({"name": self.tag}));
        traces::of_setting(tx, &self.caller, event, ("tag", self.tag.clone()), old, new).await?;
        Ok(Ok(Tag { name: self.tag.clone(), becomes: Some(becomes) }))
    }
}

/// One batch of a renaming that is under way; answers whether there may be more to do.
#[derive(Debug, Clone)]
pub struct RetagSome {
    pub workspace: WorkspaceId,
    pub name: String,
}

impl Command for RetagSome {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        let Some(retag) = tags::under_way(tx, self.workspace, &self.name).await? else { return Ok(false) };
        let caller = caller(tx, &retag).await?;
        let cases = tags::cases_after(tx, retag.workspace, retag.position, LOOKED_AT).await?;
        let is_last = (cases.len() as i64) < LOOKED_AT;
        let (mut changed, mut position) = (0, retag.position);
        for (id, number, case_tags) in cases {
            if case_tags.contains(&retag.name) {
                if changed == CHANGED {
                    tags::came_to(tx, retag.workspace, &retag.name, position).await?;
                    return Ok(true);
                }
                changed += 1;
                change(tx, &caller, &retag, number).await?;
            }
            position = id;
        }
        if is_last {
            tags::forget(tx, retag.workspace, &retag.name).await?;
        } else {
            tags::came_to(tx, retag.workspace, &retag.name, position).await?;
        }
        Ok(!is_last)
    }
}

/// Who asked for it, as far as they are known still.
async fn caller(tx: &mut Tx, retag: &Retag) -> Result<Caller, Fault> {
    let agent = match retag.asked_by {
        Some(agent) => agents::get(tx, retag.workspace, agent).await?,
        None => None,
    };
    let actor = agent.as_ref().map_or(Actor::Api, |agent| Actor::Agent(agent.id));
    let name = agent.map(|agent| agent.name);
    // Whether they may was asked when they asked.
    Ok(Caller { workspace: retag.workspace, actor, name, role: Role::Owner, address: None })
}

async fn change(tx: &mut Tx, caller: &Caller, retag: &Retag, number: i64) -> Result<(), Fault> {
    // Read again under its lock: somebody may have changed it since the batch was read.
    let Some(case) = store::cases::by_number(tx, retag.workspace, number).await? else { return Ok(()) };
    let becomes = |tag: &String| if *tag == retag.name { retag.becomes.clone() } else { tag.clone() };
    let tags: Vec<String> = case.tags.iter().map(becomes).collect();
    let tags = normal_tags(tags.iter().map(String::as_str));
    let changes = Changes { tags: Some(tags), ..Changes::default() };
    let act = ChangeCase { caller: caller.clone(), number, changes, if_version: None, quiet: true };
    match act.run(tx).await? {
        // It does not count as somebody's work on a closed case: the undo of a run still brings that back (X8).
        Ok(view) if case.status.is_closed() => closures::follow(tx, &case, view.case.version).await,
        Ok(_) => Ok(()),
        Err(refusal) => Err(Fault::Broken(format!("case {number} could not get its tag: {refusal:?}"))),
    }
}
