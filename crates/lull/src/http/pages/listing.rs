//! A settings page that lists things of one kind, each with a form of its own, and a form for a new one.

use askama::Template;

use super::layout::{Layout, Section, Theme, Tone};
use super::parts::{Choice, Icon};

#[derive(Debug, Clone, Template)]
#[template(path = "settings_list.html")]
pub struct ListingPage {
    pub layout: Layout,
    pub title: String,
    pub intro: String,
    /// Why this person can only look.
    pub locked: Option<String>,
    /// Something that is shown this once: what it is, and the secret.
    pub secret: Option<(String, String)>,
    pub entries: Vec<Entry>,
    /// What stands where there are none.
    pub empty: String,
    /// The form for a new one.
    pub new: Option<FormView>,
}

#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub id: String,
    pub name: String,
    /// What is worth knowing without opening it.
    pub facts: Vec<String>,
    /// A longer text, as its beginning.
    pub text: String,
    pub form: Option<FormView>,
}

#[derive(Debug, Clone, Default)]
pub struct FormView {
    /// Begins the ids of its fields.
    pub id: String,
    /// What opens it, or its heading.
    pub title: String,
    pub action: String,
    pub submit: String,
    /// A second button: its value of `do`, and its label.
    pub other: Option<(String, String)>,
    pub hidden: Vec<(String, String)>,
    pub fields: Vec<FieldView>,
    /// What belongs to no single field.
    pub error: Option<String>,
}

impl FormView {
    /// A form with a fault is open, so that the fault is seen.
    fn open(&self) -> bool {
        self.error.is_some() || self.fields.iter().any(|field| field.error.is_some())
    }

    /// Puts a fault beside the field it is about, or above the form.
    pub fn fault(&mut self, field: &str, message: String) {
        match self.fields.iter_mut().find(|known| known.name == field) {
            Some(known) => known.error = Some(message),
            None => self.error = Some(message),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct FieldView {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
    pub kind: Kind,
    pub value: String,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub enum Kind {
    #[default]
    Line,
    Text,
    Select(Vec<Choice>),
    /// A line with things to choose from.
    Suggest(Vec<String>),
    /// What is typed here is not shown, and never sent back; what browsers are to fill in.
    Password(&'static str),
}

impl FieldView {
    pub fn new(name: &'static str, label: &str, kind: Kind, value: impl Into<String>) -> Self {
        FieldView { name, label: label.to_owned(), kind, value: value.into(), ..FieldView::default() }
    }

    pub fn hint(self, hint: &str) -> Self {
        FieldView { hint: hint.to_owned(), ..self }
    }
}
