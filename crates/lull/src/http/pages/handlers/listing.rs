//! What the settings pages that list things share: reading in one snapshot, faults beside fields, and marks of what a form was
//! filled from.

use super::super::layout::{Section, Tone};
use super::super::listing::{Entry, FormView, ListingPage};
use super::super::parts::Choice;
use super::answer::{Answer, to};
use super::flash::say;
use super::frame;
use super::properties::sentence;
use super::session::Visitor;
use crate::acts::Invalid;
use crate::desk::Desk;
use crate::random::hash;
use axum::http::StatusCode;
use store::agents::Agent;
use store::queues::Queue;

/// Digits of a mark: it guards against a stale form, not against malice.
const DIGITS: usize = 16;
pub const STALE: &str =
    "Somebody changed this while you edited it. What you typed is still here; save again to replace theirs.";

/// What a listing page says of itself.
pub struct Told {
    pub address: &'static str,
    pub title: &'static str,
    pub intro: &'static str,
    pub empty: &'static str,
}

/// A form that comes back with faults: whose it is (an entry's id, or empty for a new one), what was typed, what is wrong.
pub struct Refused {
    pub of: String,
    pub status: StatusCode,
    pub faults: Vec<Invalid>,
}

impl Refused {
    pub fn invalid(of: impl Into<String>, faults: Vec<Invalid>) -> Refused {
        Refused { of: of.into(), status: StatusCode::UNPROCESSABLE_ENTITY, faults }
    }

    pub fn stale(of: impl Into<String>) -> Refused {
        let faults = vec![Invalid::new("", "version_conflict", STALE.trim_end_matches('.'))];
        Refused { of: of.into(), status: StatusCode::CONFLICT, faults }
    }

    /// Puts what is wrong into the form it is about.
    pub fn tell(&self, form: &mut FormView) {
        for Invalid { field, message, .. } in &self.faults {
            form.fault(field, sentence(message));
        }
    }
}

/// A fingerprint of what a form was filled from.
pub fn mark(parts: &[&str]) -> String {
    let joined: Vec<String> = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    hash(&joined.concat())[..DIGITS].to_owned()
}

#[allow(clippy::too_many_arguments, reason = "the page's parts, each once")]
pub fn page(
    desk: &Desk,
    visitor: &Visitor,
    me: &Agent,
    told: &Told,
    status: StatusCode,
    entries: Vec<Entry>,
    new: Option<FormView>,
    secret: Option<(String, String)>,
) -> Answer {
    let page = ListingPage {
        layout: frame::layout(desk, visitor, me, Section::Settings, told.title, told.address),
        title: told.title.to_owned(),
        intro: told.intro.to_owned(),
        locked: None,
        secret,
        entries,
        empty: told.empty.to_owned(),
        new,
    };
    frame::page(visitor, status, &page)
}

/// Back to the page, which says what was done.
pub fn done(visitor: &Visitor, address: &str, text: &str) -> Answer {
    Ok(say(to(address), Tone::Good, text, None, visitor.https))
}

/// Queues to choose from; the value of none is empty and its label as given.
pub fn queue_choices(queues: &[Queue], none: Option<&str>, selected: &str) -> Vec<Choice> {
    let none = none.map(|label| Choice::new("", label, selected.is_empty()));
    let each = queues.iter().map(|queue| {
        let id = queue.id.to_string();
        let is_selected = id == selected;
        Choice::new(id, queue.name.clone(), is_selected)
    });
    none.into_iter().chain(each).collect()
}
