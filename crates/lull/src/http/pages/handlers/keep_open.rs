//! Keeping a case open until a moment (X3): the form beside the case.

use super::super::case::KeepForm;
use super::super::layout::Tone;
use super::answer::{Answer, to};
use super::case::{Facts, Refused, Wanted, page};
use super::case_forms::address;
use super::flash::say;
use super::form::Form;
use super::frame::{self, case_number};
use super::session::Visitor;
use crate::acts::Refusal;
use crate::acts::change_case::{ChangeCase, Changes};
use crate::desk::Desk;
use crate::http::answer::read;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::lifecycle::{KEEP_OPEN_MOST, KEEP_OPEN_REASON_CHARS};
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use store::cases::{self, Case};

/// As a browser's field for date and time holds it.
const FIELD: &str = "%Y-%m-%dT%H:%M";

const MEANWHILE: &str = "Somebody changed until when the case stays open while you looked at it. What they chose holds; send yours again to replace it.";

/// What a refused form brings back.
#[derive(Debug, Clone)]
pub struct Typed {
    pub until: String,
    pub reason: String,
    pub error: String,
}

pub fn form(facts: &Facts, zone: &str, typed: Option<Typed>) -> KeepForm {
    let (case, moments) = (facts.case(), &facts.moments);
    let kept = case.keep_open_until.filter(|until| *until > moments.now);
    let until = kept.unwrap_or(moments.now.plus(Span::days(1)));
    let reason = case.keep_open_reason.clone().filter(|_| kept.is_some()).unwrap_or_default();
    let shown = typed.clone();
    KeepForm {
        kept: kept.is_some(),
        was: stands(case),
        until: shown.as_ref().map_or_else(|| moments.written(until, FIELD), |typed| typed.until.clone()),
        reason: shown.map_or(reason, |typed| typed.reason),
        min: moments.written(moments.now, FIELD),
        max: moments.written(moments.now.plus(KEEP_OPEN_MOST), FIELD),
        zone: zone.to_owned(),
        error: typed.map(|typed| typed.error),
    }
}

/// Until when a case is kept open, as its forms name what they were made over.
fn stands(case: &Case) -> i64 {
    case.keep_open_until.map_or(0, Timestamp::as_micros)
}

/// What is wanted: until when, or no longer.
fn wanted(form: &Form, visitor: &Visitor, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    match form.number("days") {
        Some(0) => return Ok(None),
        Some(days @ 1..=366) => return Ok(Some(now.plus(Span::days(days)))),
        _ => {}
    }
    let moments = frame::moments(visitor, now);
    moments.typed(form.line("until")).map(Some).ok_or("Give a date and a time.")
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let number = case_number(&number)?;
    let reason = form.line("reason").trim().to_owned();
    let refuse = async |status: StatusCode, error: String| {
        let keep = Some(Typed { until: form.line("until").to_owned(), reason: reason.clone(), error });
        let refused = Refused { keep, ..Refused::default() };
        page(&desk, &visitor, number, Wanted::first(), status, refused).await
    };
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let now = desk.db.now();
    let until = match wanted(&form, &visitor, now) {
        Ok(until) => until,
        Err(error) => return refuse(WRONG, error.to_owned()).await,
    };
    if reason.contains('\0') || reason.chars().nth(KEEP_OPEN_REASON_CHARS).is_some() {
        return refuse(WRONG, format!("The reason can have at most {KEEP_OPEN_REASON_CHARS} characters.")).await;
    }
    let keep_open_reason = until.and(Some(reason.clone())).filter(|reason| !reason.is_empty());
    let ws = visitor.auth.workspace;
    let case = read(&desk, move |tx| Box::pin(async move { cases::by_number(tx, ws, number).await })).await?;
    let Some(case) = case else { return Err(Refusal::NotFound.into()) };
    if form.number("was").is_some_and(|was| was != stands(&case)) {
        return refuse(StatusCode::CONFLICT, MEANWHILE.to_owned()).await;
    }
    let changes = Changes { keep_open_until: Some(until), keep_open_reason, ..Changes::default() };
    let if_version = Some(case.version);
    let act = ChangeCase { caller: visitor.auth.caller(), number, changes, if_version, quiet: false };
    match desk.db.write(act).await? {
        Ok(_) => {
            let text = match until {
                Some(until) => {
                    format!("Case {number} stays open until {}.", frame::moments(&visitor, now).words(until))
                }
                None => format!("Case {number} closes as usual again."),
            };
            Ok(say(to(&address(number)), Tone::Good, &text, None, visitor.https))
        }
        Err(Refusal::VersionConflict { .. }) => {
            refuse(StatusCode::CONFLICT, "The case just changed: look at it and try again.".to_owned()).await
        }
        Err(Refusal::Invalid(invalid)) => {
            let said: Vec<&str> = invalid.iter().map(|invalid| invalid.message.as_str()).collect();
            refuse(WRONG, said.join("; ")).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}
