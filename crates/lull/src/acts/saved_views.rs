//! Lists under a name: saving, renaming, sharing, deleting.

use super::{Answer, Caller, Invalid, Refusal, traces};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::ViewId;
use domain::permission::{Denied, Permission};
use serde_json::{Value, json};
use store::saved_views::{self, SavedView};
use store::{Command, Tx};

/// What one person sees at most; more could not be told apart.
pub const MOST: i64 = 100;
pub const NAME_CHARS: usize = 60;
pub const ADDRESS_CHARS: usize = 1_000;

/// Makes a view, or changes one; `None` leaves a field as it is.
#[derive(Debug, Clone)]
pub struct SaveView {
    pub caller: Caller,
    /// `None` makes a new one.
    pub id: Option<ViewId>,
    pub name: Option<String>,
    pub address: Option<String>,
    pub shared: Option<bool>,
}

fn described(view: &SavedView) -> Value {
    // The address may hold what somebody searched for, which stays with the view.
    json!({"name": view.name, "shared": view.agent.is_none()})
}

/// Whether the caller may change it: their own, or one that is everybody's and either theirs or theirs to look after.
fn may_change(caller: &Caller, view: &SavedView) -> Result<(), Refusal> {
    let theirs = view.created_by.is_some() && view.created_by == caller.actor.agent();
    if theirs || view.agent.is_none() && caller.role.allows(Permission::ManageTeam) {
        return Ok(());
    }
    Err(Refusal::Denied(Denied::Permission(Permission::ManageTeam)))
}

impl Command for SaveView {
    type Output = Result<SavedView, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<SavedView> {
        let (ws, me) = (self.caller.workspace, self.caller.actor.agent());
        let before = match self.id {
            None => None,
            Some(id) => match saved_views::get(tx, ws, me, id).await? {
                None => refuse!(Refusal::NotFound),
                some => some,
            },
        };
        let shared = self.shared.unwrap_or_else(|| before.as_ref().is_some_and(|view| view.agent.is_none()));
        if shared {
            accept!(self.caller.require(Permission::WorkCases));
        } else if me.is_none() {
            let message = "this token acts as nobody: only a shared view would be seen by anybody";
            refuse!(Invalid::new("shared", "required", message))
        }
        if let Some(before) = &before {
            accept!(may_change(&self.caller, before));
        } else if saved_views::list(tx, ws, me, None, MOST).await?.len() as i64 >= MOST {
            refuse!(Invalid::new("name", "too_many", format!("there are {MOST} views already: delete one first")))
        }
        let old = before.as_ref().map(described);
        let fresh = || SavedView {
            id: ViewId(tx.new_id()),
            agent: None,
            name: String::new(),
            address: String::new(),
            created_at: tx.now(),
            created_by: me,
        };
        let mut view = before.clone().unwrap_or_else(fresh);
        view.agent = if shared { None } else { view.created_by.or(me) };
        view.name = self.name.clone().unwrap_or(view.name);
        view.address = self.address.clone().unwrap_or(view.address);
        if before.as_ref() == Some(&view) {
            return Ok(Ok(view));
        }
        saved_views::put(tx, ws, &view).await?;
        let event = if old.is_some() { AuditEvent::ViewUpdated } else { AuditEvent::ViewCreated };
        let mut new = described(&view);
        if old.as_ref() == Some(&new) {
            new["query"] = json!("changed");
        }
        traces::of_setting(tx, &self.caller, event, ("view", view.id.to_string()), old, Some(new)).await?;
        Ok(Ok(view))
    }
}

#[derive(Debug, Clone)]
pub struct DeleteView {
    pub caller: Caller,
    pub id: ViewId,
}

impl Command for DeleteView {
    type Output = Result<SavedView, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<SavedView> {
        let ws = self.caller.workspace;
        let Some(view) = saved_views::get(tx, ws, self.caller.actor.agent(), self.id).await? else {
            refuse!(Refusal::NotFound)
        };
        accept!(may_change(&self.caller, &view));
        saved_views::delete(tx, ws, self.id).await?;
        let object = ("view", view.id.to_string());
        traces::of_setting(tx, &self.caller, AuditEvent::ViewDeleted, object, Some(described(&view)), None).await?;
        Ok(Ok(view))
    }
}
