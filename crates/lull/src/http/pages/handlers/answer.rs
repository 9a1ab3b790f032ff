//! Answers of the pages: HTML, redirects, and every refusal and fault as a page a person can read.

use super::super::layout::Theme;
use super::super::message::MessagePage;
use super::super::parts::Icon;
use super::assets;
use super::session::is_htmx;
use crate::acts::Refusal;
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use store::Fault;

/// What a page may load and do: only what this server sends, no inline script or style, no frame around it.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer of the pages. What a handler set itself stays.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, SECURITY_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    // Customers' words must not be left in a shared computer's cache.
    (header::CACHE_CONTROL, "no-store"),
];

#[derive(Template)]
#[template(path = "ended.html")]
struct Ended<'a> {
    sign_in: &'a str,
}

/// Why a handler stopped before it had its page.
#[derive(Debug)]
pub enum Stop {
    /// Nobody is signed in; `next` is where to go afterwards.
    SignIn {
        next: String,
        htmx: bool,
    },
    /// An answer that stands in for the one that was asked for.
    Instead(Box<Response>),
    Problem(Problem),
}

pub type Answer = Result<Response, Stop>;

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Problem(problem)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Problem(fault.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Problem(refusal.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Stop::SignIn { next, htmx } => {
                let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
                let address = if next.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?next={next}") };
                if htmx { ended(&address) } else { to(&address) }
            }
            Stop::Instead(response) => *response,
            Stop::Problem(problem) => problem_page(problem),
        }
    }
}

/// To a part of a page that outlived its session: the page stays as it is, with what is being typed in it, and says so.
fn ended(sign_in: &str) -> Response {
    let places = [("hx-retarget", "#flash"), ("hx-reswap", "innerMorph"), ("hx-reselect", "#ended")];
    html(StatusCode::OK, &Ended { sign_in })
        .map_or_else(Stop::into_response, |page| (AppendHeaders(places), page).into_response())
}

/// A page or fragment.
pub fn html(status: StatusCode, template: &impl Template) -> Answer {
    match template.render() {
        Ok(text) => Ok((status, Html(shown(text))).into_response()),
        Err(error) => Err(Fault::Broken(format!("a template failed: {error}")).into()),
    }
}

/// A page without the characters that only turn other characters around or are no characters at all. What people typed is
/// kept as it is; on a page an override in one name must not make the words after it read backwards, or `exe` look like `pdf`.
fn shown(page: String) -> String {
    if page.contains(is_trick) { page.replace(is_trick, "") } else { page }
}

fn is_trick(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// Goes on elsewhere with a GET; `address` is local.
pub fn to(address: &str) -> Response {
    (StatusCode::SEE_OTHER, header_of("location", address)).into_response()
}

/// One header; a value that cannot be one (it never comes from us) leaves it out.
pub fn header_of(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
    headers
}

/// A problem as a page.
fn problem_page(problem: Problem) -> Response {
    let page = MessagePage::for_problem(problem.status().as_u16(), problem.code, Theme::System, assets::version());
    let status = problem.status();
    let retry_after = problem.into_response().headers_mut().remove(header::RETRY_AFTER);
    let mut response = show(status, &page);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// A page that says one thing, for answers that cannot fail.
pub fn show(status: StatusCode, page: &MessagePage) -> Response {
    html(status, page).unwrap_or_else(|_| status.into_response())
}

/// Adds the headers every page has. A fragment that could not be made leaves what stands on the page as it is.
pub async fn guard(request: Request, next: Next) -> Response {
    let htmx = is_htmx(request.headers());
    let mut response = next.run(request).await;
    if htmx && (response.status().is_client_error() || response.status().is_server_error()) {
        response.headers_mut().insert("hx-reswap", HeaderValue::from_static("none"));
    }
    secured(response)
}

fn secured(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Answers what no route takes: a page for a browser, a problem document for a program.
pub async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    let problem = Problem::not_found();
    if wants_page(uri.path(), &headers) { secured(problem_page(problem)) } else { problem.into_response() }
}

pub async fn method_not_allowed(uri: Uri, headers: HeaderMap) -> Response {
    let detail = "this address does not take this method";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    if wants_page(uri.path(), &headers) { problem_page(problem) } else { problem.into_response() }
}

/// Answers a form that another site sent with this person's cookies.
pub fn from_another_site() -> Response {
    let detail = "this came from another site and was not done";
    secured(problem_page(Problem::new(StatusCode::FORBIDDEN, "cross_site", detail)))
}

/// Browsers ask for HTML by name; the API has its own addresses whoever asks.
pub fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_api = path == "/v1" || path.starts_with("/v1/");
    !is_api && accept.contains("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_letters_around_is_not_shown_and_every_other_letter_is() {
        assert_eq!(shown("invoice\u{202e}fdp.exe\u{7}".to_owned()), "invoicefdp.exe");
        let kept = "a\tb\r\nمرحبا \u{200f}עברית 👩\u{200d}👧";
        assert_eq!(shown(kept.to_owned()), kept);
    }
}
