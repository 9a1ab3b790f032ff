//! Putting a canned reply into the reply that is being written.
//!
//! With script the filled-in text is fetched and stands where the cursor is. Without, the form sends what is typed so far; both
//! together become the draft of the reply, and the page comes back with it.

use super::answer::{Answer, Stop, to};
use super::case::{Refused, Wanted, page};
use super::case_forms::address;
use super::form::Form;
use super::frame::case_number;
use super::session::Visitor;
use super::sign_in::or_sign_in;
use super::words;
use crate::acts::draft::{Draft, SaveDraft};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::canned::{Placeholder, fill, first_name};
use domain::permission::Permission;
use store::{agents, canned, cases, customers, queues};

/// The text of the named canned reply, filled in for this case and this person; `None` if there is none of that name.
async fn filled(desk: &Desk, visitor: &Visitor, number: i64, name: &str) -> Result<Option<String>, Stop> {
    let (ws, me, name) = (visitor.auth.workspace, visitor.agent, name.trim().to_owned());
    let workspace = visitor.auth.workspace_name.clone();
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let Some(case) = cases::by_number(tx, ws, number).await? else { return Ok(None) };
            let Some(reply) = canned::by_name(tx, ws, &name).await? else { return Ok(Some(None)) };
            let customer = customers::get(tx, ws, case.customer).await?;
            let (called, handle) = customer.map_or((None, None), |customer| (customer.name, customer.handle));
            let customer = words::customer(called.as_deref(), handle.as_deref());
            let agent = agents::get(tx, ws, me).await?.map(|agent| agent.name).unwrap_or_default();
            let queue = queues::get(tx, ws, case.queue).await?.map(|queue| queue.name).unwrap_or_default();
            Ok(Some(Some(fill(&reply.text, |placeholder| match placeholder {
                Placeholder::CustomerName => customer.clone(),
                Placeholder::CustomerFirstName => first_name(&customer).to_owned(),
                Placeholder::AgentName => agent.clone(),
                Placeholder::AgentFirstName => first_name(&agent).to_owned(),
                Placeholder::CaseNumber => case.number.to_string(),
                Placeholder::CaseTitle => case.title.clone(),
                Placeholder::QueueName => queue.clone(),
                Placeholder::WorkspaceName => workspace.clone(),
            }))))
        })
    });
    found.await?.ok_or_else(|| Problem::not_found().into())
}

/// The filled-in text alone, for the script that puts it where the cursor is.
pub async fn show(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, request: Request) -> Answer {
    let asked = Form::parse(request.uri().query().unwrap_or(""));
    if !visitor.works_cases() || asked.given("name").is_none() {
        return Ok(to(&address(case_number(&number)?)));
    }
    let text = filled(&desk, &visitor, case_number(&number)?, asked.line("name")).await?;
    let text = text.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Puts it behind what is typed so far.
pub async fn insert(
    State(desk): State<Desk>,
    visitor: Result<Visitor, Stop>,
    Path(number): Path<String>,
    form: Form,
) -> Answer {
    let visitor = or_sign_in(visitor, &number, Draft::Reply, &form)?;
    visitor.auth.require(Permission::WorkCases)?;
    let (number, typed, name) = (case_number(&number)?, form.text("text"), form.line("canned").to_owned());
    let Some(text) = filled(&desk, &visitor, number, &name).await? else {
        let refused = Refused { reply_text: Some(typed), canned: Some(name), ..Refused::default() };
        return page(&desk, &visitor, number, Wanted::first(), StatusCode::UNPROCESSABLE_ENTITY, refused).await;
    };
    let text = if typed.is_empty() { text } else { format!("{typed}\n\n{text}") };
    let (caller, real_time) = (visitor.auth.caller(), desk.real_time());
    desk.db.write(SaveDraft { caller, number, draft: Draft::Reply, text, real_time }).await??;
    Ok(to(&format!("{}#reply", address(number))))
}
