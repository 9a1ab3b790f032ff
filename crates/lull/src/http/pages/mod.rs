//! What the pages show: one context struct per template, filled by the handlers.
//!
//! Nothing here knows the store or the rules. A handler turns what it read into these plain structs, so a
//! template can be rendered from a sample and looked at without a database.

pub mod case;
pub mod format;
pub mod inbox;
pub mod layout;
pub mod message;
pub mod parts;
pub mod settings;
pub mod sign_in;
pub mod thread;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use crate::desk::Desk;
use axum::Router;
use axum::response::{IntoResponse, Response};

/// The pages' addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
}

/// What no route takes.
pub async fn not_found() -> Response {
    crate::http::problem::Problem::not_found().into_response()
}
