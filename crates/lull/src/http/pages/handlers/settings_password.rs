//! Settings → Password: one's own.

use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::answer::{Answer, Stop};
use super::form::Form;
use super::listing::{Refused, Told, done, page};
use super::session::Visitor;
use super::{frame, limit};
use crate::acts::Invalid;
use crate::acts::password::ChangePassword;
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::password;
use crate::http::problem::Problem;
use crate::random::hash;
use axum::extract::State;
use axum::http::StatusCode;
use store::agents::Agent;

const TOLD: Told = Told {
    address: "/settings/password",
    title: "Password",
    intro: "You sign in with it. A new one signs you out everywhere else and takes sign-in links back that were made for you.",
    empty: "",
};
const ID: &str = "password";

async fn find(desk: &Desk, visitor: &Visitor) -> Result<Agent, Stop> {
    let who = (visitor.auth.workspace, visitor.agent);
    Ok(read(desk, move |tx| Box::pin(async move { frame::member(tx, who).await })).await?)
}

fn show_with(desk: &Desk, visitor: &Visitor, me: &Agent, refused: Option<Refused>) -> Answer {
    let old = FieldView::new("old", "Password now", Kind::Password("current-password"), "");
    let new = FieldView::new("new", "New password", Kind::Password("new-password"), "").hint("at least 8 characters");
    let mut form = FormView {
        id: ID.to_owned(),
        action: TOLD.address.to_owned(),
        submit: "Save password".to_owned(),
        // Who came by a link and never chose one has none to show.
        fields: me.password_hash.is_some().then_some(old).into_iter().chain([new]).collect(),
        ..FormView::default()
    };
    if let Some(refused) = &refused {
        refused.tell(&mut form);
    }
    let status = refused.map_or(StatusCode::OK, |refused| refused.status);
    let entry = Entry { id: "settings".to_owned(), form: Some(form), ..Entry::default() };
    page(desk, visitor, me, &TOLD, status, vec![entry], None, None)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let me = find(&desk, &visitor).await?;
    show_with(&desk, &visitor, &me, None)
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let me = find(&desk, &visitor).await?;
    let (old, new) = (form.line("old").to_owned(), form.line("new").to_owned());
    let mut faults = Vec::new();
    if let Some(stored) = me.password_hash.clone() {
        let (account, address) = (hash(&me.email), visitor.auth.caller().address.unwrap_or_default());
        limit::admit(&account, &address).map_err(Problem::too_many)?;
        let short = old.chars().nth(password::MOST).is_none();
        if short && password::verify(old, Some(stored)).await? {
            limit::forgive(&account, &address);
        } else {
            faults.push(Invalid::new("old", "wrong", "this is not your password"));
        }
    }
    if let Some(message) = password::fault(&new) {
        faults.push(Invalid::new("new", "out_of_range", message));
    }
    if !faults.is_empty() {
        return show_with(&desk, &visitor, &me, Some(Refused::invalid(ID, faults)));
    }
    let (caller, session_hash) = (visitor.auth.caller(), hash(&visitor.secret));
    let act = ChangePassword { caller, password_hash: password::hash(new).await?, session_hash };
    desk.db.write(act).await??;
    desk.rights_changed();
    done(&visitor, TOLD.address, "Your password is saved. You are signed out everywhere else.")
}
