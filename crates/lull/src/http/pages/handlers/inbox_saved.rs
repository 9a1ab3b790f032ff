//! Saving, changing and deleting views; how high rows are.

use super::super::layout::Tone;
use super::answer::{Answer, to};
use super::flash::say;
use super::form::Form;
use super::inbox_address::Address;
use super::session::Visitor;
use crate::acts::saved_views::{DeleteView, NAME_CHARS, SaveView};
use crate::acts::{Answer as Done, Refusal};
use crate::desk::Desk;
use crate::http::fields::short;
use axum::extract::State;
use domain::id::{AgentId, ViewId, WorkspaceId};
use store::{Command, Tx, saved_views};

/// The preference that holds how high rows are.
pub const ROWS: &str = "inbox_rows";
pub const COMPACT: &str = "compact";

pub async fn save(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let address = Address::parse(form.line("query"));
    let here = address.under("/inbox");
    let bad = |text: &str| Ok(say(to(&here), Tone::Bad, text, None, visitor.https));
    let id = ViewId::parse(form.line("id"));
    let caller = visitor.auth.caller();
    if let (Some(id), "delete") = (id, form.line("act")) {
        return match desk.db.write(DeleteView { caller, id }).await? {
            Ok(view) => {
                Ok(say(to("/inbox"), Tone::Good, &format!("The view “{}” is deleted.", view.name), None, visitor.https))
            }
            Err(refusal) => Err(refusal.into()),
        };
    }
    let name = match short(NAME_CHARS)(form.line("name")) {
        Ok(name) => name,
        Err((_, why)) => return bad(&format!("The view was not saved; its name: {why}.")),
    };
    let id = id.filter(|_| form.line("act") == "change");
    let act =
        SaveView { caller, id, name: Some(name), address: Some(address.query()), shared: Some(form.ticked("shared")) };
    match desk.db.write(act).await? {
        Ok(view) => {
            let there = Address { saved: Some(view.id), ..address.first() }.under("/inbox");
            let text = format!("The view “{}” is saved.", view.name);
            Ok(say(to(&there), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::Invalid(invalid)) => {
            bad(&format!("The view was not saved: {}.", invalid.first().map_or("", |one| one.message.as_str())))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Keeps how high rows are, with the person.
struct Prefer {
    workspace: WorkspaceId,
    agent: AgentId,
    rows: &'static str,
}

impl Command for Prefer {
    type Output = Result<(), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Done<()> {
        saved_views::prefer(tx, self.workspace, self.agent, ROWS, self.rows).await?;
        Ok(Ok(()))
    }
}

pub async fn rows(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let rows = if form.line("rows") == COMPACT { COMPACT } else { "" };
    desk.db.write(Prefer { workspace: visitor.auth.workspace, agent: visitor.agent, rows }).await??;
    Ok(to(&visitor.back(form.line("back"))))
}
