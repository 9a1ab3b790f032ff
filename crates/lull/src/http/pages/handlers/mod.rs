//! The pages' handlers: parse, act, render. No rule lives here.
//!
//! Every change is a form that answers 303, so it works without script; a refused one answers the page again, with what
//! was typed and the reason beside it. A request by htmx is answered with the fragment alone.

pub mod advice;
pub mod answer;
pub mod assets;
pub mod attend;
pub mod audit;
pub mod audit_address;
pub mod audit_words;
pub mod canned_insert;
pub mod case;
pub mod case_forms;
pub mod clock;
pub mod conversation;
pub mod events;
pub mod feed;
pub mod flash;
pub mod form;
pub mod frame;
pub mod inbox;
pub mod inbox_address;
pub mod inbox_bulk;
pub mod inbox_filters;
pub mod inbox_rows;
pub mod inbox_saved;
pub mod inbox_views;
pub mod keep_open;
pub mod limit;
pub mod listing;
pub mod live;
pub mod members;
pub mod moments;
pub mod notifications;
pub mod once;
pub mod person;
pub mod preview;
pub mod properties;
pub mod queue_rules;
pub mod reports;
pub mod reports_address;
pub mod reports_cases;
pub mod reports_figures;
pub mod reports_findings;
pub mod reports_groups;
pub mod reports_period;
pub mod reports_picker;
pub mod reports_pictures;
pub mod runs;
pub mod session;
pub mod settings;
pub mod settings_canned;
pub mod settings_channels;
pub mod settings_password;
pub mod settings_preview;
pub mod settings_tags;
pub mod settings_tokens;
pub mod settings_workspace;
pub mod setup;
pub mod sign_in;
pub mod team_queues;
pub mod upload;
pub mod words;

#[cfg(test)]
mod served;
#[cfg(test)]
mod tests;

use crate::desk::Desk;
use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

/// The pages' addresses.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/", get(inbox::start))
        .route("/inbox", get(inbox::show))
        .route("/inbox/list", get(inbox::list))
        .route("/inbox/bulk", post(inbox_bulk::change).get(inbox::start))
        .route("/inbox/bulk/{id}", get(inbox_bulk::show))
        .route("/inbox/bulk/{id}/undo", post(inbox_bulk::undo).get(inbox::start))
        .route("/inbox/views", post(inbox_saved::save).get(inbox::start))
        .route("/inbox/rows", post(inbox_saved::rows).get(inbox::start))
        .route("/cases/{number}", get(case::show))
        .route("/cases/{number}/thread", get(case::thread))
        .route("/cases/{number}/live", get(case::live))
        .route("/cases/{number}/reply", post(case_forms::reply).get(case_forms::back))
        .route("/cases/{number}/note", post(case_forms::note).get(case_forms::back))
        .route("/cases/{number}/draft", post(case_forms::draft))
        .route("/cases/{number}/leave", post(attend::leave))
        .route("/cases/{number}/canned", post(canned_insert::insert).get(canned_insert::show))
        .route("/cases/{number}/status", post(case_forms::status).get(case_forms::back))
        .route("/cases/{number}/assign", post(case_forms::assign).get(case_forms::back))
        .route("/cases/{number}/keep-open", post(keep_open::save).get(case_forms::back))
        .route("/cases/{number}/properties", post(properties::save).get(case_forms::back))
        .route("/audit", get(audit::show))
        .route("/audit/export", get(audit::export))
        .route("/reports", get(reports::overview))
        .route("/reports/cases", get(reports_cases::show))
        .route("/reports/{tab}", get(reports::breakdown))
        .route("/reports/{tab}/{file}", get(reports::file))
        .route("/settings", get(settings::start))
        .route("/settings/cases", get(settings::show))
        .route("/settings/cases/advice", get(advice::show))
        .route("/settings/cases/preview", get(settings_preview::fragment))
        .route("/settings/cases/closing", get(settings_preview::list))
        .route("/settings/queue-rules", get(queue_rules::show))
        .route("/settings/queue-rules/{id}", get(queue_rules::show_one).post(queue_rules::save))
        .route("/settings/queue-rules/{id}/inherit", post(queue_rules::inherit))
        .route("/settings/runs", get(runs::show))
        .route("/settings/runs/{id}", get(runs::show_one))
        .route("/settings/runs/{id}/undo", post(runs::undo).get(runs::confirm))
        .route("/settings/cases/auto-close", post(settings::save_auto_close).get(settings::start))
        .route("/settings/cases/auto-reopen", post(settings::save_auto_reopen).get(settings::start))
        .route("/notifications", get(notifications::show))
        .route("/notifications/bell", get(notifications::bell))
        .route("/notifications/read", post(notifications::mark_all_read).get(notifications::back))
        .route("/notifications/{id}/read", post(notifications::mark_read).get(notifications::back))
        .route("/settings/members", get(members::list))
        .route("/settings/members/new", get(members::add).post(members::create))
        .route("/settings/members/{id}", get(members::show).post(members::save))
        .route("/settings/members/{id}/link", post(members::link).get(members::back))
        .route("/settings/queues", get(team_queues::list))
        .route("/settings/queues/new", get(team_queues::add).post(team_queues::create))
        .route("/settings/queues/{id}", get(team_queues::show).post(team_queues::save))
        .route("/settings/notifications", get(notifications::settings).post(notifications::save_settings))
        .route("/settings/channels", get(settings_channels::show).post(settings_channels::create))
        .route("/settings/channels/{id}", post(settings_channels::change).get(settings_channels::show))
        .route("/settings/canned", get(settings_canned::show).post(settings_canned::create))
        .route("/settings/canned/{id}", post(settings_canned::change).get(settings_canned::show))
        .route("/settings/tags", get(settings_tags::show).post(settings_tags::change))
        .route("/settings/tokens", get(settings_tokens::show).post(settings_tokens::create))
        .route("/settings/tokens/{id}/revoke", post(settings_tokens::revoke).get(settings_tokens::show))
        .route("/settings/password", get(settings_password::show).post(settings_password::save))
        .route("/settings/workspace", get(settings_workspace::show).post(settings_workspace::save))
        .route("/events", get(events::listen))
        .route("/availability", post(person::availability))
        .route("/appearance", post(person::appearance))
        .route("/letter-keys", post(person::letter_keys))
        .route("/test-clock", get(clock::show))
        .route("/test-clock/play", post(clock::play))
        .route("/test-clock/pause", post(clock::pause))
        .route("/test-clock/advance", post(clock::advance))
        .route("/setup", get(setup::show).post(setup::set_up))
        .route("/welcome", get(setup::show_welcome))
        .route("/welcome/import", post(setup::import).get(setup::back))
        .route("/sign-in", get(sign_in::show).post(sign_in::by_password))
        .route("/sign-in/{link}", get(sign_in::show_link).post(sign_in::by_link))
        .route("/sign-out", post(sign_in::out))
        .route("/assets/{*path}", get(assets::serve))
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(middleware::from_fn(answer::guard))
        .layer(CompressionLayer::new())
}
