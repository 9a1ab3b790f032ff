//! What the pages show: one context struct per template, filled by the handlers.
//!
//! Outside of `handlers`, nothing here knows the store or the rules. A handler turns what it read into these plain
//! structs, so a template can be rendered from a sample and looked at without a database.

pub mod advice;
pub mod advice_chart;
pub mod audit;
pub mod case;
pub mod folded;
pub mod format;
pub mod handlers;
pub mod inbox;
pub mod layout;
pub mod listing;
pub mod message;
pub mod notices;
pub mod parts;
pub mod people;
pub mod queue_rules;
pub mod reports;
pub mod runs;
pub mod settings;
pub mod settings_preview;
pub mod setup;
pub mod shelves;
pub mod sign_in;
pub mod thread;

#[cfg(test)]
mod reports_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use handlers::answer::{from_another_site, not_found};
pub use handlers::routes;
