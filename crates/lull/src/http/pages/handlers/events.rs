//! What happens at the desk, for a page that is looked at: it then asks for its own parts again.

use super::session::{COOKIE, kept};
use crate::desk::Desk;
use crate::events::{Style, Who};
use crate::http::api::events::stream;
use crate::http::problem::Problem;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// Who is not signed in is told so in a word: a script asks here, and it cannot read a page.
pub async fn listen(State(desk): State<Desk>, headers: HeaderMap) -> Result<Response, Problem> {
    let secret = kept(&headers, COOKIE).ok_or_else(Problem::unauthenticated)?;
    stream(&desk, Who::Session(secret.to_owned()), Style::Plain, &headers).await
}
