//! The properties form of a case: title, queue, type, priority, tags.
//!
//! The form carries a fingerprint of what it was filled from instead of the version of the case: a message that came in
//! while somebody edits the tags is no reason to refuse the tags.

use super::super::case::PropertyErrors;
use super::super::layout::Tone;
use super::answer::{Answer, to};
use super::case::{Refused, Wanted, page};
use super::case_forms::address;
use super::flash::say;
use super::form::Form;
use super::frame::case_number;
use super::session::Visitor;
use crate::acts::change_case::{ChangeCase, Changes};
use crate::acts::{Invalid, Refusal};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::fields::{short, word};
use crate::http::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::audit::hex;
use domain::case::{TAG_CHARS, TAGS, TITLE_CHARS, normal_tags};
use domain::id::QueueId;
use domain::permission::Permission;
use sha2::{Digest, Sha256};
use store::cases::{self, Case};

/// Hex digits of a fingerprint: it guards against a stale form, not against malice.
const DIGITS: usize = 16;
const STALE: &str = "Somebody changed these properties while you edited them. What you typed is still here; save again to replace theirs.";

/// The form as it was typed, with what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub title: String,
    pub queue: String,
    pub kind: String,
    pub priority: String,
    pub tags: String,
    pub errors: PropertyErrors,
}

impl Typed {
    pub fn of(case: &Case) -> Self {
        Typed {
            title: case.title.clone(),
            queue: case.queue.to_string(),
            kind: case.kind.as_str().to_owned(),
            priority: case.priority.as_str().to_owned(),
            tags: case.tags.join(", "),
            errors: PropertyErrors::default(),
        }
    }

    fn sent(form: &Form) -> Self {
        let line = |name| form.line(name).to_owned();
        Typed {
            title: line("title"),
            queue: line("queue"),
            kind: line("type"),
            priority: line("priority"),
            tags: line("tags"),
            errors: PropertyErrors::default(),
        }
    }

    /// The change that was meant, or every fault beside its field.
    pub fn read(&mut self) -> Option<Changes> {
        let title = short(TITLE_CHARS)(&self.title).map_err(|(_, m)| self.errors.title = Some(sentence(&m))).ok();
        let queue = QueueId::parse(&self.queue);
        if queue.is_none() {
            self.errors.queue = Some("There is no such queue.".to_owned());
        }
        let tags = read_tags(&self.tags).map_err(|fault| self.errors.tags = Some(fault)).ok();
        let (kind, priority) = (word(&self.kind).ok(), word(&self.priority).ok());
        if kind.is_none() || priority.is_none() {
            self.errors.form = Some("Choose a type and a priority from the lists.".to_owned());
        }
        Some(Changes {
            title: Some(title?),
            queue: Some(queue?),
            kind: Some(kind?),
            priority: Some(priority?),
            tags: Some(tags?),
            ..Changes::default()
        })
    }

    /// What the desk refused, beside the field it is about.
    fn refused(&mut self, invalid: Vec<Invalid>) {
        for Invalid { field, message, .. } in invalid {
            let place = match field.split('.').next().unwrap_or("") {
                "title" => &mut self.errors.title,
                "queue" => &mut self.errors.queue,
                "tags" => &mut self.errors.tags,
                _ => &mut self.errors.form,
            };
            *place = Some(sentence(&message));
        }
    }
}

fn read_tags(typed: &str) -> Result<Vec<String>, String> {
    let tags = normal_tags(typed.split(','));
    if typed.contains('\0') {
        return Err("A tag cannot hold the character NUL.".to_owned());
    }
    if tags.len() > TAGS {
        return Err(format!("A case can have at most {TAGS} tags; these are {}.", tags.len()));
    }
    match tags.iter().find(|tag| tag.chars().nth(TAG_CHARS).is_some()) {
        Some(long) => {
            let beginning: String = long.chars().take(20).collect();
            Err(format!("A tag can have at most {TAG_CHARS} characters; “{beginning}…” is longer."))
        }
        None => Ok(tags),
    }
}

/// `this cannot be empty` becomes `This cannot be empty.`
pub fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", characters.as_str())
}

/// What a form was filled from, in a few digits.
pub fn fingerprint(case: &Case) -> String {
    let mut sha = Sha256::new();
    let queue = case.queue.to_string();
    for part in [case.title.as_str(), &queue, case.kind.as_str(), case.priority.as_str(), &case.tags.join(",")] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    hex(&sha.finalize())[..DIGITS].to_owned()
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, Path(number): Path<String>, form: Form) -> Answer {
    visitor.auth.require(Permission::WorkCases)?;
    let number = case_number(&number)?;
    let ws = visitor.auth.workspace;
    let found = read(&desk, move |tx| Box::pin(async move { cases::by_number(tx, ws, number).await })).await?;
    let case = found.ok_or_else(Problem::not_found)?;
    let mut typed = Typed::sent(&form);
    let changes = typed.read();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.line("was") != fingerprint(&case) {
        typed.errors.form = Some(STALE.to_owned());
        status = StatusCode::CONFLICT;
    } else if let Some(changes) = changes {
        let act =
            ChangeCase { caller: visitor.auth.caller(), number, changes, if_version: Some(case.version), quiet: false };
        match desk.db.write(act).await? {
            Ok(view) if view.case.version == case.version => return Ok(to(&address(number))),
            Ok(_) => {
                let text = format!("The properties of case {number} are saved.");
                return Ok(say(to(&address(number)), Tone::Good, &text, None, visitor.https));
            }
            Err(Refusal::VersionConflict { .. }) => {
                typed.errors.form = Some(STALE.to_owned());
                status = StatusCode::CONFLICT;
            }
            Err(Refusal::Invalid(invalid)) => typed.refused(invalid),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let refused = Refused { properties: Some(typed), ..Refused::default() };
    page(&desk, &visitor, number, Wanted::first(), status, refused).await
}
