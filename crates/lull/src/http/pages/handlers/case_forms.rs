//! The forms of a case: reply, note, draft, status, assignee.

use super::super::layout::Tone;
use super::answer::{Answer, Stop, to};
use super::case::{Refused, Wanted, page};
use super::flash::{Field, WayBack, say};
use super::form::Form;
use super::frame::case_number;
use super::once::once;
use super::session::Visitor;
use super::sign_in::or_sign_in;
use super::words;
use crate::acts::change_case::{ChangeCase, Changes};
use crate::acts::comment::AddComment;
use crate::acts::draft::{Draft, SaveDraft};
use crate::acts::reply::Reply;
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use crate::views::CaseView;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::case::Status;
use domain::id::{AgentId, MessageId};
use domain::message::TEXT_CHARS;
use domain::permission::Permission;
use store::cases::{self, Case};
use store::messages::{self, Comment};

const CHANGED_MEANWHILE: &str = "Somebody changed this case meanwhile, so nothing was done. Look at it again.";

pub fn address(number: i64) -> String {
    format!("/cases/{number}")
}

/// Where a reload of a refused form's answer leads.
pub async fn back(Path(number): Path<String>) -> Answer {
    Ok(to(&address(case_number(&number)?)))
}

/// Why a typed text cannot be sent.
fn fault(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        Some("Write something first.".to_owned())
    } else if text.contains('\0') {
        Some("This text holds a character that cannot be stored (NUL).".to_owned())
    } else if text.chars().nth(TEXT_CHARS).is_some() {
        Some(format!("This is too long: at most {TEXT_CHARS} characters."))
    } else {
        None
    }
}

pub async fn reply(
    State(desk): State<Desk>,
    visitor: Result<Visitor, Stop>,
    Path(number): Path<String>,
    form: Form,
) -> Answer {
    let visitor = or_sign_in(visitor, &number, Draft::Reply, &form)?;
    visitor.auth.require(Permission::WorkCases)?;
    let (number, text) = (case_number(&number)?, form.text("text"));
    let refuse = async |status, error: Option<String>, newer| {
        let refused = Refused { reply_text: Some(text.clone()), reply_error: error, newer, ..Refused::default() };
        page(&desk, &visitor, number, Wanted::first(), status, refused).await
    };
    if let Some(error) = fault(&text) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, Some(error), false).await;
    }
    // Whoever saw no message yet would be answering past the first one, too.
    let seen = form.given("seen").map(|seen| MessageId::parse(seen).unwrap_or(MessageId(0)));
    let act = Reply { caller: visitor.auth.caller(), number, text: text.clone(), seen };
    let sent = match desk.db.write(act).await? {
        Ok((_, view)) => view,
        Err(Refusal::Invalid(invalid)) if invalid.iter().any(|i| i.field == "seen") => {
            if is_the_latest(&desk, &visitor, number, &text).await? {
                return Ok(to(&address(number)));
            }
            return refuse(StatusCode::CONFLICT, None, true).await;
        }
        Err(Refusal::Invalid(invalid)) => {
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, Some(words_of(&invalid)), false).await;
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if form.line("then") == "close" && !sent.case.status.is_closed() {
        return close_after_reply(&desk, &visitor, &sent.case).await;
    }
    Ok(to(&address(number)))
}

/// Whether this very text of this very person is the newest message: the button was pressed twice.
async fn is_the_latest(desk: &Desk, visitor: &Visitor, number: i64, text: &str) -> Result<bool, Stop> {
    let ws = visitor.auth.workspace;
    let latest = read(desk, move |tx| {
        Box::pin(async move {
            let Some(case) = cases::by_number(tx, ws, number).await? else { return Ok(None) };
            Ok(messages::latest(tx, ws, case.id, None, 1).await?.pop())
        })
    });
    Ok(latest.await?.is_some_and(|message| message.author == Some(visitor.agent) && message.text == text))
}

/// Closes the case the reply left behind; a message that came in between keeps it open.
async fn close_after_reply(desk: &Desk, visitor: &Visitor, case: &Case) -> Answer {
    let changes = Changes { status: Some(Status::Closed), ..Changes::default() };
    let caller = visitor.auth.caller();
    let act = ChangeCase { caller, number: case.number, changes, if_version: Some(case.version), quiet: false };
    let answer = to(&address(case.number));
    match desk.db.write(act).await? {
        Ok(view) => Ok(closed(answer, visitor, &view, case.status)),
        Err(Refusal::VersionConflict { .. }) => {
            let text = "Sent, but not closed: something new came in meanwhile.";
            Ok(say(answer, Tone::Bad, text, None, visitor.https))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn closed(answer: Response, visitor: &Visitor, view: &CaseView, was: Status) -> Response {
    let undo = WayBack {
        number: view.case.number,
        field: Field::Status,
        value: was.as_str().to_owned(),
        version: view.case.version,
    };
    say(answer, Tone::Good, &format!("Case {} is closed.", view.case.number), Some(undo), visitor.https)
}

fn words_of(invalid: &[Invalid]) -> String {
    invalid.iter().map(|i| i.message.as_str()).collect::<Vec<_>>().join("; ")
}

pub async fn note(
    State(desk): State<Desk>,
    visitor: Result<Visitor, Stop>,
    Path(number): Path<String>,
    form: Form,
) -> Answer {
    let visitor = or_sign_in(visitor, &number, Draft::Note, &form)?;
    visitor.auth.require(Permission::WorkCases)?;
    let (number, text) = (case_number(&number)?, form.text("text"));
    if let Some(error) = fault(&text) {
        let refused = Refused { note_text: Some(text), note_error: Some(error), ..Refused::default() };
        return page(&desk, &visitor, number, Wanted::first(), StatusCode::UNPROCESSABLE_ENTITY, refused).await;
    }
    let act = AddComment { caller: visitor.auth.caller(), number, text };
    once(&desk, &visitor, &form, act, |note: Comment| note.id.to_string()).await??;
    Ok(to(&address(number)))
}

/// Keeps what is typed and not sent; the page's script sends it while a person types.
pub async fn draft(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, form: Form) -> Answer {
    let draft = match form.line("kind") {
        "reply" => Draft::Reply,
        "note" => Draft::Note,
        _ => return Err(Problem::invalid(vec![Invalid::new("kind", "unknown_value", "reply or note")]).into()),
    };
    let text = form.line("text").replace("\r\n", "\n");
    if !text.is_empty() && text.chars().nth(TEXT_CHARS).is_some() || text.contains('\0') {
        return Err(Problem::invalid(vec![Invalid::new("text", "too_long", "this cannot be kept")]).into());
    }
    let (caller, number, real_time) = (visitor.auth.caller(), case_number(&number)?, desk.real_time());
    desk.db.write(SaveDraft { caller, number, draft, text, real_time }).await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The case as it is before a change, for the way back.
async fn before(desk: &Desk, visitor: &Visitor, number: i64) -> Result<Case, Stop> {
    let ws = visitor.auth.workspace;
    let case = read(desk, move |tx| Box::pin(async move { cases::by_number(tx, ws, number).await })).await?;
    case.ok_or_else(|| Problem::not_found().into())
}

pub async fn status(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let number = case_number(&number)?;
    let status: Status = crate::http::fields::word(form.line("status"))
        .map_err(|(code, message)| Problem::invalid(vec![Invalid::new("status", code, message)]))?;
    let was = before(&desk, &visitor, number).await?.status;
    let changes = Changes { status: Some(status), ..Changes::default() };
    let act =
        ChangeCase { caller: visitor.auth.caller(), number, changes, if_version: form.number("version"), quiet: false };
    let answer = to(&address(number));
    let view = match desk.db.write(act).await? {
        Ok(view) => view,
        Err(Refusal::VersionConflict { .. }) => {
            return Ok(say(answer, Tone::Bad, CHANGED_MEANWHILE, None, visitor.https));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if was == status {
        return Ok(answer);
    }
    if status.is_closed() {
        return Ok(closed(answer, &visitor, &view, was));
    }
    let text = match was {
        Status::Closed => format!("Case {number} is open again."),
        _ => format!("Case {number} is now {}.", words::status(status).word()),
    };
    // Undoing a reopening would be another close, with another credit: that stays a decision of its own.
    let undo = (!was.is_closed()).then(|| WayBack {
        number,
        field: Field::Status,
        value: was.as_str().to_owned(),
        version: view.case.version,
    });
    Ok(say(answer, Tone::Good, &text, undo, visitor.https))
}

pub async fn assign(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let number = case_number(&number)?;
    let answer = to(&address(number));
    let bad = |answer, text: &str| Ok(say(answer, Tone::Bad, text, None, visitor.https));
    let assignee = match form.line("assignee") {
        "" => None,
        "me" => Some(visitor.agent),
        id => match AgentId::parse(id) {
            Some(agent) => Some(agent),
            None => return bad(answer, "There is no such agent, so the case stays where it was."),
        },
    };
    let was = before(&desk, &visitor, number).await?.assignee;
    let changes = Changes { assignee: Some(assignee), ..Changes::default() };
    let act =
        ChangeCase { caller: visitor.auth.caller(), number, changes, if_version: form.number("version"), quiet: false };
    let view = match desk.db.write(act).await? {
        Ok(view) => view,
        Err(Refusal::VersionConflict { .. }) => return bad(answer, CHANGED_MEANWHILE),
        Err(Refusal::Invalid(invalid)) => {
            return bad(answer, &format!("The case stays where it was: {}.", words_of(&invalid)));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if was == assignee {
        return Ok(answer);
    }
    let text = match assignee {
        None => format!("Case {number} is unassigned."),
        Some(agent) if agent == visitor.agent => format!("Case {number} is yours."),
        Some(agent) => format!("Case {number} is assigned to {}.", name(&desk, &visitor, agent).await?),
    };
    let undo = WayBack {
        number,
        field: Field::Assignee,
        value: was.map(|agent| agent.to_string()).unwrap_or_default(),
        version: view.case.version,
    };
    Ok(say(answer, Tone::Good, &text, Some(undo), visitor.https))
}

async fn name(desk: &Desk, visitor: &Visitor, agent: AgentId) -> Result<String, Stop> {
    let ws = visitor.auth.workspace;
    let found = read(desk, move |tx| Box::pin(async move { store::agents::get(tx, ws, agent).await })).await?;
    Ok(found.map(|agent| agent.name).unwrap_or_default())
}
