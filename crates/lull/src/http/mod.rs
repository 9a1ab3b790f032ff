//! HTTP: the URL table.

pub mod answer;
pub mod api;
pub mod fields;
pub mod ops;
pub mod pages;
pub mod paging;
pub mod password;
pub mod problem;
pub mod proxies;
pub mod request;
pub mod shapes;

use crate::desk::Desk;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use problem::Problem;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(info(
    title = "Lull",
    description = "A customer-care case desk whose cases look after themselves. Times are RFC 3339 in UTC with \
        milliseconds; errors are RFC 9457 problems with a stable `code`; every POST takes an `Idempotency-Key`.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The API's routes with the document they make.
fn api(with_test_clock: bool) -> (Router<Desk>, utoipa::openapi::OpenApi) {
    use api::*;
    let mut router = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(messages::receive))
        .routes(routes!(cases::list, cases::create))
        .routes(routes!(cases::show_one, cases::change))
        .routes(routes!(bulk::change))
        .routes(routes!(bulk::show_one))
        .routes(routes!(bulk::undo))
        .routes(routes!(saved_views::list, saved_views::create))
        .routes(routes!(saved_views::change, saved_views::delete))
        .routes(routes!(conversation::list_messages, conversation::reply))
        .routes(routes!(conversation::list_comments, conversation::comment))
        .routes(routes!(conversation::activity))
        .routes(routes!(customers::list))
        .routes(routes!(customers::show_one))
        .routes(routes!(workspace::show_it, workspace::change))
        .routes(routes!(agents::list, agents::create))
        .routes(routes!(agents::change))
        .routes(routes!(agents::availability))
        .routes(routes!(agents::sign_in_link))
        .routes(routes!(queues::list, queues::create))
        .routes(routes!(queues::change))
        .routes(routes!(canned::list, canned::create))
        .routes(routes!(canned::show_one, canned::change, canned::delete))
        .routes(routes!(tags::list))
        .routes(routes!(tags::rename, tags::delete))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::change))
        .routes(routes!(lifecycle::show_workspace, lifecycle::put_workspace))
        .routes(routes!(lifecycle::show_queue, lifecycle::put_queue, lifecycle::delete_queue))
        .routes(routes!(auto_close::list))
        .routes(routes!(auto_close::show_one))
        .routes(routes!(auto_close::undo_one))
        .routes(routes!(preview::show_it))
        .routes(routes!(advice::show_it))
        .routes(routes!(audit::list))
        .routes(routes!(audit::checkpoint))
        .routes(routes!(exports::cases))
        .routes(routes!(exports::closures))
        .routes(routes!(exports::messages))
        .routes(routes!(reports::cases))
        .routes(routes!(reports::behind))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::count))
        .routes(routes!(notifications::mark_all_read))
        .routes(routes!(notifications::preferences, notifications::put_preferences))
        .routes(routes!(notifications::mark_read))
        .routes(routes!(events::listen))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(ops::livez))
        .routes(routes!(ops::readyz))
        .routes(routes!(ops::metrics));
    if with_test_clock {
        router = router.routes(routes!(test_clock::show_it)).routes(routes!(test_clock::advance));
    }
    let (router, mut document) = router.split_for_parts();
    let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme("token", scheme);
    document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    (router, document)
}

/// Everything this server answers.
pub fn router(desk: Desk) -> Router {
    let (api, document) = api(true);
    let document = document.to_json().unwrap_or_default();
    let openapi = axum::routing::get(move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document) }
    });
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    api.route("/v1/openapi.json", openapi)
        .method_not_allowed_fallback(method_not_allowed)
        .merge(pages::routes().layer(CsrfLayer::new().with_rejection_response(|_| pages::from_another_site())))
        .fallback(pages::not_found)
        .layer(middleware::from_fn(ops::measure))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .with_state(desk)
}

async fn method_not_allowed() -> Response {
    let detail = "this address does not take this method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}
