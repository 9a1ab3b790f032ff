//! Settings → Canned replies: texts that everybody of the workspace can start from.

use super::super::listing::{Entry, FieldView, FormView, Kind};
use super::answer::{Answer, Stop};
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::listing::{Refused, Told, done, page, queue_choices};
use super::once::{fresh, once};
use super::session::Visitor;
use crate::acts::canned::{ChangeCannedReply, CreateCannedReply, DeleteCannedReply, MOST, Words};
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields::short;
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::canned::{NAME_CHARS, Placeholder};
use domain::id::{CannedReplyId, QueueId};
use domain::message::TEXT_CHARS;
use domain::permission::Permission;
use store::agents::Agent;
use store::canned::{self, CannedReply};
use store::queues::{self, Queue};

const TOLD: Told = Told {
    address: "/settings/canned",
    title: "Canned replies",
    intro: "Texts to start a reply from, shared by everybody. In a case they are found by their short name and filled in.",
    empty: "No canned reply yet. A good first one says thank you, or asks for the order number.",
};
/// Characters of a text that the list shows.
const BEGINNING: usize = 160;

async fn find(desk: &Desk, visitor: &Visitor) -> Result<(Agent, Vec<CannedReply>, Vec<Queue>), Stop> {
    visitor.auth.require(Permission::WorkCases)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            Ok((me, canned::list(tx, ws, None, MOST).await?, queues::list(tx, ws, None, MEMBERS).await?))
        })
    });
    Ok(found.await?)
}

fn fields(queues: &[Queue], name: &str, text: &str, queue: &str) -> Vec<FieldView> {
    let words = Placeholder::WORDS.join("}, {");
    let queue = queue_choices(queues, Some("Every queue"), queue);
    vec![
        FieldView::new("name", "Short name", Kind::Line, name).hint("by which it is found, such as thanks"),
        FieldView::new("text", "Text", Kind::Text, text).hint(&format!("may hold {{{words}}}")),
        FieldView::new("queue", "Offered in", Kind::Select(queue), ""),
    ]
}

async fn show_with(desk: &Desk, visitor: &Visitor, refused: Option<(Refused, &Form)>) -> Answer {
    let (me, mut replies, queues) = find(desk, visitor).await?;
    replies.sort_by(|a, b| a.name.cmp(&b.name));
    let typed = |of: &str| refused.as_ref().filter(|(refused, _)| refused.of == of);
    let entry = |reply: &CannedReply| {
        let id = reply.id.to_string();
        let queue = reply.queue.map(|queue| queue.to_string()).unwrap_or_default();
        let typed = typed(&id);
        let fields = match typed {
            Some((_, form)) => fields(&queues, form.line("name"), &form.text("text"), form.line("queue")),
            None => fields(&queues, &reply.name, &reply.text, &queue),
        };
        let mut form = FormView {
            id: id.clone(),
            title: "Change".to_owned(),
            action: format!("{}/{id}", TOLD.address),
            submit: "Save".to_owned(),
            other: Some(("delete".to_owned(), "Delete".to_owned())),
            hidden: vec![("version".to_owned(), reply.version.to_string())],
            fields,
            error: None,
        };
        if let Some((refused, _)) = typed {
            refused.tell(&mut form);
        }
        let place = queues.iter().find(|queue| Some(queue.id) == reply.queue);
        let facts = place.map(|queue| format!("in {}", queue.name)).into_iter().collect();
        let text: String = reply.text.chars().take(BEGINNING).collect();
        Entry { id, name: reply.name.clone(), facts, text, form: Some(form) }
    };
    let entries = replies.iter().map(entry).collect();
    let new_typed = typed("");
    let line = |name: &str| new_typed.map(|(_, form)| form.text(name)).unwrap_or_default();
    let mut new = FormView {
        id: "new".to_owned(),
        title: "Add a canned reply".to_owned(),
        action: TOLD.address.to_owned(),
        submit: "Add canned reply".to_owned(),
        hidden: vec![("once".to_owned(), fresh())],
        fields: fields(&queues, &line("name"), &line("text"), &line("queue")),
        ..FormView::default()
    };
    if let Some((refused, _)) = new_typed {
        refused.tell(&mut new);
    }
    let status = refused.as_ref().map_or(StatusCode::OK, |(refused, _)| refused.status);
    page(desk, visitor, &me, &TOLD, status, entries, Some(new), None)
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    show_with(&desk, &visitor, None).await
}

/// What was typed, or every fault by its field.
fn words(form: &Form) -> Result<Words, Vec<Invalid>> {
    let mut faults = Vec::new();
    let name = short(NAME_CHARS)(form.line("name"));
    let name = name.map_err(|(code, message)| faults.push(Invalid::new("name", code, message))).unwrap_or_default();
    let text = form.text("text");
    if text.trim().is_empty() {
        faults.push(Invalid::new("text", "blank", "this cannot be empty"));
    } else if text.chars().nth(TEXT_CHARS).is_some() || text.contains('\0') {
        faults.push(Invalid::new(
            "text",
            "too_long",
            format!("this can have at most {TEXT_CHARS} characters and no NUL"),
        ));
    }
    faults.extend(crate::acts::canned::fault_of(&text));
    let queue = match form.line("queue") {
        "" => None,
        id => QueueId::parse(id).or_else(|| {
            faults.push(Invalid::not_found("queue", "queue"));
            None
        }),
    };
    if faults.is_empty() { Ok(Words { name, text, queue }) } else { Err(faults) }
}

pub async fn create(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let words = match words(&form) {
        Ok(words) => words,
        Err(faults) => return show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form))).await,
    };
    let said = format!("The canned reply {} is added.", words.name);
    let act = CreateCannedReply { caller: visitor.auth.caller(), words };
    match once(&desk, &visitor, &form, act, |reply: CannedReply| reply.id.to_string()).await? {
        Ok(_) => done(&visitor, TOLD.address, &said),
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid("", faults), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}

pub async fn change(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let canned = CannedReplyId::parse(&id).ok_or_else(Problem::not_found)?;
    let caller = visitor.auth.caller();
    if form.line("do") == "delete" {
        return match desk.db.write(DeleteCannedReply { caller, canned }).await? {
            // Pressed twice, it is gone all the same.
            Ok(()) | Err(Refusal::NotFound) => done(&visitor, TOLD.address, "The canned reply is deleted."),
            Err(refusal) => Err(refusal.into()),
        };
    }
    let Words { name, text, queue } = match words(&form) {
        Ok(words) => words,
        Err(faults) => return show_with(&desk, &visitor, Some((Refused::invalid(id, faults), &form))).await,
    };
    let said = format!("The canned reply {name} is saved.");
    let if_version = form.number("version");
    let (name, text, queue) = (Some(name), Some(text), Some(queue));
    match desk.db.write(ChangeCannedReply { caller, canned, name, text, queue, if_version }).await? {
        Ok(_) => done(&visitor, TOLD.address, &said),
        Err(Refusal::Invalid(faults)) => show_with(&desk, &visitor, Some((Refused::invalid(id, faults), &form))).await,
        Err(Refusal::VersionConflict { .. }) => show_with(&desk, &visitor, Some((Refused::stale(id), &form))).await,
        Err(refusal) => Err(refusal.into()),
    }
}
