//! The same form twice acts once: a button pressed twice, a page sent again.
//!
//! A form that makes something carries a word of its own. An act that was done leaves it with its answer; the same word with
//! the same fields is answered from there. A form that was refused left nothing and can be sent again.

use super::form::Form;
use super::session::Visitor;
use crate::acts::Refusal;
use crate::acts::once::{Key, Once, Rendered};
use crate::desk::Desk;
use crate::random::{Secret, hash};
use store::{Command, Fault};

/// Longer words are not ours.
const LENGTH: usize = 100;

/// A word for one form.
pub fn fresh() -> String {
    Secret::new("once").reveal().to_owned()
}

/// Does `act` unless this very form did it before; answers what `answer` makes of it, then and now.
pub async fn once<C, T>(
    desk: &Desk,
    visitor: &Visitor,
    form: &Form,
    act: C,
    answer: fn(T) -> String,
) -> Result<Result<String, Refusal>, Fault>
where
    C: Command<Output = Result<T, Refusal>>,
    T: Send + 'static,
{
    let render = move |output| Rendered { status: 200, etag: None, body: answer(output) };
    let done = desk.db.write(Once { act, key: key(visitor, form), render, redact: None }).await?;
    Ok(done.map(|rendered| rendered.body))
}

/// The key of what a form asks for, if the form has a word of its own.
pub fn key(visitor: &Visitor, form: &Form) -> Option<Key> {
    let word = form.line("once");
    (!word.is_empty() && word.len() <= LENGTH).then(|| Key {
        workspace: visitor.auth.workspace,
        sender: visitor.agent.to_string(),
        // A page that came back with its old word may bring something new.
        key: format!("{word} {}", form.fingerprint()),
        request: visitor.here.clone(),
    })
}

impl Form {
    /// Of all fields.
    fn fingerprint(&self) -> String {
        hash(&format!("{self:?}"))
    }
}
