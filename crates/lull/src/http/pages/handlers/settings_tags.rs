//! Settings → Tags: which there are, how many open cases have each, renaming, merging and removing.

use super::super::format;
use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::answer::{Answer, Stop};
use super::form::Form;
use super::frame;
use super::listing::{Refused, Told, done, page};
use super::session::Visitor;
use crate::acts::Refusal;
use crate::acts::tags::{RenameTag, name_of};
use crate::desk::Desk;
use crate::engine::tasks::retag;
use crate::http::answer::read;
use crate::http::api::tags::COUNTED;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::Permission;
use std::collections::BTreeMap;
use store::agents::Agent;
use store::tags::{self, Tag};

const TOLD: Told = Told {
    address: "/settings/tags",
    title: "Tags",
    intro: "Tags come into being on cases. Renaming one changes it in every case, open or closed; the name of another tag merges the two.",
    empty: "No case has a tag yet. Tags are given on a case, beside its title.",
};
/// Tags the page shows; a workspace with more has a naming problem this page could not solve either.
const SHOWN: i64 = 500;

type Found = (Agent, Vec<Tag>, BTreeMap<String, i64>);

async fn find(desk: &Desk, visitor: &Visitor) -> Result<Found, Stop> {
    visitor.auth.require(Permission::ManageTeam)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            Ok((me, tags::list(tx, ws, "", SHOWN).await?, tags::counts(tx, ws, COUNTED).await?.0))
        })
    });
    Ok(found.await?)
}

fn facts(tag: &Tag, open: i64) -> Vec<String> {
    let cases = match open {
        0 => "no open case".to_owned(),
        1 => "1 open case".to_owned(),
        n => format!("{} open cases", format::count(n.unsigned_abs())),
    };
    let under_way = tag.becomes.as_ref().map(|becomes| match becomes.as_str() {
        "" => "being removed".to_owned(),
        name => format!("becoming {name}"),
    });
    std::iter::once(cases).chain(under_way).collect()
}

async fn show_with(desk: &Desk, visitor: &Visitor, refused: Option<(Refused, &Form)>) -> Answer {
    let (me, tags, counts) = find(desk, visitor).await?;
    let entry = |(place, tag): (usize, &Tag)| {
        let typed = refused.as_ref().filter(|(refused, _)| refused.of == tag.name);
        let name = typed.map_or(tag.name.as_str(), |(_, form)| form.line("name"));
        let mut form = FormView {
            id: format!("tag-{place}"),
            title: "Rename or remove".to_owned(),
            action: TOLD.address.to_owned(),
            submit: "Rename".to_owned(),
            other: Some(("remove".to_owned(), "Remove from all cases".to_owned())),
            hidden: vec![("tag".to_owned(), tag.name.clone())],
            fields: vec![FieldView::new("name", "New name", Kind::Line, name)],
            error: None,
        };
        if let Some((refused, _)) = typed {
            refused.tell(&mut form);
        }
        let facts = facts(tag, counts.get(&tag.name).copied().unwrap_or(0));
        let form = tag.becomes.is_none().then_some(form);
        Entry { id: format!("t{place}"), name: tag.name.clone(), facts, form, ..Entry::default() }
    };
    let entries = tags.iter().enumerate().map(entry).collect();
    let status = refused.as_ref().map_or(StatusCode::OK, |(refused, _)| refused.status);
    page(desk, visitor, &me, &TOLD, status, entries, None, None)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show_with(&desk, &visitor, None).await
}

pub async fn change(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::ManageTeam)?;
    let tag = form.line("tag").to_owned();
    let becomes = match form.line("do") {
        "remove" => None,
        _ => match name_of(form.line("name")) {
            Ok(name) => Some(name),
            Err(fault) => {
                return show_with(&desk, &visitor, Some((Refused::invalid(tag, vec![fault]), &form))).await;
            }
        },
    };
    let said = match &becomes {
        Some(name) => format!("{tag} is now {name} in every case."),
        None => format!("{tag} is removed from every case."),
    };
    let act = RenameTag { caller: visitor.auth.caller(), tag: tag.clone(), becomes };
    match desk.db.write(act).await? {
        Ok(_) => {
            retag::run(&desk).await?;
            done(&visitor, TOLD.address, &said)
        }
        // Pressed twice: it is done.
        Err(Refusal::NotFound) => done(&visitor, TOLD.address, &said),
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid(tag, faults), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}
