//! What a person sets for themselves: availability, theme, and whether single letters are keys.

use super::super::layout::{AvailabilitySwitch, Theme};
use super::answer::{Answer, html, to};
use super::form::Form;
use super::session::Visitor;
use super::words;
use crate::acts::Invalid;
use crate::acts::agents::{ChangeAvailability, ChangeLikings};
use crate::desk::Desk;
use crate::http::fields::word;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::Permission;

pub async fn availability(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let availability = word(form.line("availability"))
        .map_err(|(code, message)| Problem::invalid(vec![Invalid::new("availability", code, message)]))?;
    let act = ChangeAvailability { caller: visitor.auth.caller(), agent: visitor.agent, availability };
    let member = desk.db.write(act).await??;
    let back = visitor.back(form.line("back"));
    if visitor.htmx {
        let current = words::availability(member.availability);
        return html(StatusCode::OK, &AvailabilitySwitch { current, here: back });
    }
    Ok(to(&back))
}

pub async fn appearance(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let theme = Theme::ALL.into_iter().find(|theme| theme.key() == form.line("theme"));
    let Some(theme) = theme else {
        return Err(Problem::invalid(vec![Invalid::new("theme", "unknown_value", "there is no such theme")]).into());
    };
    let (caller, theme) = (visitor.auth.caller(), Some(theme.key().to_owned()));
    desk.db.write(ChangeLikings { caller, theme, letter_keys: None }).await??;
    Ok(to(&visitor.back(form.line("back"))))
}

pub async fn letter_keys(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    let on = match form.line("keys") {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::invalid(vec![Invalid::new("keys", "unknown_value", "on or off")]).into()),
    };
    let caller = visitor.auth.caller();
    desk.db.write(ChangeLikings { caller, theme: None, letter_keys: Some(on) }).await??;
    Ok(to(&visitor.back(form.line("back"))))
}
