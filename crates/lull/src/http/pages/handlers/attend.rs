//! Who looks at a case: what its page tells the desk of that, and what it shows of the others.

use super::super::case::Company;
use super::super::format::listed;
use super::answer::Answer;
use super::case::Facts;
use super::form::Form;
use super::frame::case_number;
use super::live::writing;
use super::session::Visitor;
use crate::acts::attend::{Attend, Leave, Look, Place, See, runs_out};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::time::Timestamp;
use store::presence::{self, Here, Presence};
use store::{Fault, Tx, cases, seen};

/// What a look at a case finds of those who look at it.
pub struct Attendance {
    /// Everybody else.
    pub others: Vec<Here>,
    /// Of who looks: their own presence, and how far they have read.
    mine: Option<Presence>,
    upto: i64,
    now: Timestamp,
}

impl Attendance {
    pub async fn read(
        tx: &mut Tx,
        ws: WorkspaceId,
        case: CaseId,
        me: AgentId,
        real_time: Option<Timestamp>,
    ) -> Result<Attendance, Fault> {
        let now = real_time.unwrap_or(tx.now());
        Ok(Attendance {
            others: presence::others(tx, ws, &format!("[{}]", case.0), me, now).await?,
            mine: presence::get(tx, ws, case, me).await?,
            upto: seen::upto(tx, ws, case, me).await?,
            now,
        })
    }
}

/// The newest message or note that is shown.
fn newest(facts: &Facts) -> i64 {
    let message = facts.messages.last().map_or(0, |message| message.id.0);
    facts.notes.last().map_or(message, |note| message.max(note.id.0))
}

fn place(desk: &Desk, facts: &Facts, visitor: &Visitor) -> Place {
    let (workspace, agent, case) = (visitor.auth.workspace, visitor.agent, facts.case());
    Place { workspace, agent, case: case.id, number: case.number, real_time: desk.real_time() }
}

/// The page was opened; answers since when it is. A database that takes no writes at the moment still shows its cases.
pub async fn opened(desk: &Desk, visitor: &Visitor, facts: &Facts) -> Option<Timestamp> {
    let act = Attend { place: place(desk, facts, visitor), look: Look::Opened, upto: Some(newest(facts)) };
    desk.db.write(act).await.ok()
}

/// The page asked for its live parts, as it does while somebody looks at it.
pub async fn still(desk: &Desk, visitor: &Visitor, facts: &Facts) -> Option<Timestamp> {
    let Attendance { mine, now, .. } = &facts.attendance;
    if !runs_out(mine.as_ref(), *now) {
        return mine.as_ref().map(|mine| mine.since);
    }
    let act = Attend { place: place(desk, facts, visitor), look: Look::Still, upto: None };
    desk.db.write(act).await.ok()
}

/// The page asked for its conversation: what came is seen.
pub async fn read_on(desk: &Desk, visitor: &Visitor, facts: &Facts) {
    let upto = newest(facts);
    if upto > facts.attendance.upto {
        let _ = desk.db.write(See { place: place(desk, facts, visitor), upto }).await;
    }
}

/// Sent by a page that is closed or left; one that cannot say so runs out.
pub async fn leave(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, request: Request) -> Answer {
    let since = Form::parse(request.uri().query().unwrap_or("")).number("since");
    let (ws, number) = (visitor.auth.workspace, case_number(&number)?);
    let case = read(&desk, move |tx| Box::pin(async move { cases::by_number(tx, ws, number).await })).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    if let Some(since) = since {
        let real_time = desk.real_time();
        let place = Place { workspace: ws, agent: visitor.agent, case: case.id, number, real_time };
        desk.db.write(Leave { place, since: Timestamp::from_micros(since) }).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Who else is at the case, in words.
pub fn company(facts: &Facts, since: Option<Timestamp>) -> Company {
    let number = facts.case().number;
    let others = &facts.attendance.others;
    let name = |here: &Here| facts.names.agent(here.agent).to_owned();
    let typing = |here: &Here| {
        let kind = here.typing.as_deref()?;
        Some(format!("{} is writing {}", name(here), what(kind)))
    };
    let idle: Vec<String> = others.iter().filter(|here| here.typing.is_none()).map(name).collect();
    let is_typing = |agent: AgentId, kind: &str| {
        others.iter().any(|here| here.agent == agent && here.typing.as_deref() == Some(kind))
    };
    let begun = facts.begun.iter().filter(|begun| !is_typing(begun.agent, &begun.kind));
    Company {
        typing: others.iter().filter_map(typing).collect(),
        here: is_here(&idle),
        begun: begun.map(|begun| writing(facts, begun)).collect(),
        leave_url: since.map(|since| format!("/cases/{number}/leave?since={}", since.as_micros())),
        refetched: false,
    }
}

/// What somebody writes.
pub fn what(kind: &str) -> &'static str {
    if kind == "note" { "an internal note" } else { "a reply" }
}

/// `Ada and Bea are here`.
pub fn is_here(names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(format!("{one} is here")),
        several => Some(format!("{} are here", listed(several))),
    }
}
