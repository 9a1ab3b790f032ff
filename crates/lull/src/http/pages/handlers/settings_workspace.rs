//! Settings → Workspace: its name, time zone and plan.

use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::super::parts::Choice;
use super::answer::{Answer, Stop};
use super::form::Form;
use super::listing::{Refused, Told, done, mark, page};
use super::session::Visitor;
use super::{frame, setup, words};
use crate::acts::workspaces::ChangeWorkspace;
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields::{short, word};
use axum::extract::State;
use axum::http::StatusCode;
use domain::message::NAME_CHARS;
use domain::permission::{Permission, Plan};
use domain::time::TimeZoneName;
use store::agents::Agent;
use store::workspaces::{self, Workspace};

const TOLD: Told = Told {
    address: "/settings/workspace",
    title: "Workspace",
    intro: "Reports count days in the workspace's time zone. Times on other pages are those of whoever reads them.",
    empty: "",
};
/// The only form of the page.
const ID: &str = "workspace";

async fn find(desk: &Desk, visitor: &Visitor) -> Result<(Agent, Workspace), Stop> {
    visitor.auth.require(Permission::ManageWorkspace)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move { Ok((frame::member(tx, (ws, me)).await?, workspaces::get(tx, ws).await?)) })
    });
    Ok(found.await?)
}

fn was(workspace: &Workspace) -> String {
    mark(&[&workspace.name, &workspace.time_zone, workspace.plan.as_str()])
}

async fn show_with(desk: &Desk, visitor: &Visitor, refused: Option<(Refused, &Form)>) -> Answer {
    let (me, workspace) = find(desk, visitor).await?;
    let line = |name: &str, stored: &str| {
        refused.as_ref().map_or_else(|| stored.to_owned(), |(_, form)| form.line(name).to_owned())
    };
    let plan = line("plan", workspace.plan.as_str());
    let plans = Plan::ALL.iter().map(|p| Choice::new(p.as_str(), words::plan(*p), p.as_str() == plan)).collect();
    let zone = line("time_zone", &workspace.time_zone);
    let mut form = FormView {
        id: ID.to_owned(),
        action: TOLD.address.to_owned(),
        submit: "Save".to_owned(),
        hidden: vec![("was".to_owned(), was(&workspace))],
        fields: vec![
            FieldView::new("name", "Name", Kind::Line, line("name", &workspace.name)),
            FieldView::new("time_zone", "Time zone", Kind::Suggest(setup::zones()), zone).hint("type a city"),
            FieldView::new("plan", "Plan", Kind::Select(plans), "")
                .hint("auto close needs Advanced or Enterprise; who hosts the desk decides"),
        ],
        ..FormView::default()
    };
    if let Some((refused, _)) = &refused {
        refused.tell(&mut form);
    }
    let status = refused.as_ref().map_or(StatusCode::OK, |(refused, _)| refused.status);
    let entry = Entry { id: "settings".to_owned(), form: Some(form), ..Entry::default() };
    page(desk, visitor, &me, &TOLD, status, vec![entry], None, None)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show_with(&desk, &visitor, None).await
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let (_, workspace) = find(&desk, &visitor).await?;
    if was(&workspace) != form.line("was") {
        return show_with(&desk, &visitor, Some((Refused::stale(ID), &form))).await;
    }
    let mut faults = Vec::new();
    let name = short(NAME_CHARS)(form.line("name"));
    let name = name.map_err(|(code, message)| faults.push(Invalid::new("name", code, message))).ok();
    let time_zone = TimeZoneName::parse(form.line("time_zone").trim()).map(|zone| zone.as_str().to_owned());
    if time_zone.is_none() {
        faults.push(Invalid::new("time_zone", "unknown_value", "this must be a zone such as Europe/Berlin"));
    }
    let plan: Option<Plan> =
        word(form.line("plan")).map_err(|(code, message)| faults.push(Invalid::new("plan", code, message))).ok();
    if !faults.is_empty() {
        return show_with(&desk, &visitor, Some((Refused::invalid(ID, faults), &form))).await;
    }
    match desk.db.write(ChangeWorkspace { caller: visitor.auth.caller(), name, time_zone, plan }).await? {
        Ok(_) => {
            desk.rights_changed();
            done(&visitor, TOLD.address, "The workspace is saved.")
        }
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid(ID, faults), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}
