//! Who a page is for: the session cookie, and where a person comes from.

use super::super::layout::{Bell, Flash};
use super::answer::Stop;
use super::flash;
use crate::desk::Desk;
use crate::http::request::{Auth, address};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::id::{AgentId, WorkspaceId};
use domain::permission::Permission;
use store::{Fault, notifications};

pub const COOKIE: &str = "lull_session";
/// Longer addresses than this are not come back to.
const ADDRESS_BYTES: usize = 2_000;

/// Somebody signed in, asking for a page.
pub struct Visitor {
    pub auth: Auth,
    pub agent: AgentId,
    /// Of the session, to end it.
    pub secret: String,
    /// The address that was asked for.
    pub here: String,
    pub htmx: bool,
    /// What the act before this page had to say.
    pub flash: Option<Flash>,
    pub https: bool,
    /// The zone whose clocks this person reads: their browser's, as its script says, else the workspace's.
    pub zone: String,
    /// The list this person looked at last.
    pub list: Option<String>,
    /// Notifications this person has not read, for a whole page.
    pub unread: i64,
}

impl Visitor {
    pub fn works_cases(&self) -> bool {
        self.auth.role.allows(Permission::WorkCases)
    }

    /// Where a form that was sent from `back` leads again.
    pub fn back(&self, back: &str) -> String {
        local(back).unwrap_or("/inbox").to_owned()
    }
}

impl FromRequestParts<Desk> for Visitor {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Stop> {
        let secret = kept(&parts.headers, COOKIE).unwrap_or_default().to_owned();
        let bearer = if secret.is_empty() { None } else { desk.bearer_of_session(&secret).await? };
        let Some((bearer, agent)) = bearer.and_then(|b| b.agent.as_ref().map(|a| a.id).map(|id| (b, id))) else {
            return Err(Stop::SignIn { next: next(parts), htmx: is_htmx(&parts.headers) });
        };
        let htmx = is_htmx(&parts.headers);
        let unread = if htmx { 0 } else { unread(desk, bearer.workspace, agent).await? };
        let list = kept(&parts.headers, LIST).map(decoded).filter(|address| is_inbox(address));
        let zone = kept(&parts.headers, ZONE).map(decoded).filter(|zone| is_zone(zone));
        Ok(Visitor {
            zone: zone.unwrap_or_else(|| bearer.time_zone.clone()),
            auth: Auth::of(bearer, "session".to_owned(), address(parts)),
            agent,
            secret,
            here: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            htmx,
            // A fragment that refetches itself must not eat what the next page is to say.
            flash: kept(&parts.headers, flash::COOKIE).filter(|_| !htmx).and_then(flash::read),
            https: is_https(&parts.headers),
            unread,
            list: list.or_else(|| referrer(&parts.headers).filter(|address| is_inbox(address))),
        })
    }
}

/// How many notifications somebody has not read, as far as the bell counts.
pub async fn unread(desk: &Desk, ws: WorkspaceId, agent: AgentId) -> Result<i64, Fault> {
    let most = Bell::MOST + 1;
    desk.db.glance(move |tx| Box::pin(async move { notifications::count_unread(tx, ws, agent, most).await })).await
}

/// Holds the address of the list a person looked at last, so that a case leads back to it.
pub const LIST: &str = "lull_list";

/// Holds the zone of the browser's clock, an IANA name; set by the page's script.
pub const ZONE: &str = "lull_zone";

fn is_zone(name: &str) -> bool {
    name.len() <= 64 && jiff::tz::TimeZone::get(name).is_ok()
}

fn is_inbox(address: &str) -> bool {
    local(address).is_some() && (address == "/inbox" || address.starts_with("/inbox?"))
}

fn decoded(value: &str) -> String {
    form_urlencoded::parse(format!("v={value}").as_bytes()).next().map_or_else(String::new, |(_, v)| v.into_owned())
}

/// Where to go after signing in: the page that was asked for, or the one a form or fragment stood on.
fn next(parts: &Parts) -> String {
    let asked = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let page = if is_htmx(&parts.headers) {
        parts.headers.get("hx-current-url").and_then(|url| url.to_str().ok()).and_then(path_of)
    } else if parts.method == Method::GET {
        Some(asked.to_owned())
    } else {
        referrer(&parts.headers)
    };
    // The inbox is where signing in leads anyway.
    page.filter(|page| page != "/inbox" && local(page).is_some()).unwrap_or_default()
}

fn referrer(headers: &HeaderMap) -> Option<String> {
    headers.get(header::REFERER).and_then(|url| url.to_str().ok()).and_then(path_of)
}

/// Path and query of a whole address.
fn path_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    Some(path.split('#').next().unwrap_or("/").to_owned())
}

pub fn is_htmx(headers: &HeaderMap) -> bool {
    headers.get("hx-request").is_some_and(|value| value == "true")
}

/// Whether the browser came over TLS, as a proxy in front of the desk says. Whoever lies here weakens or breaks only
/// their own cookie.
pub fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// An address of this desk, or `None`: what comes back from a form or a query must not lead to another site.
pub fn local(address: &str) -> Option<&str> {
    let elsewhere = !address.starts_with('/') || address.starts_with("//") || address.contains('\\');
    let odd = address.len() > ADDRESS_BYTES || address.chars().any(|c| c.is_control() || c.is_whitespace());
    (!elsewhere && !odd && address.is_ascii()).then_some(address)
}

/// What the browser kept for us, exactly as it was set.
pub fn kept<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A cookie that scripts do not see and other sites' forms do not carry.
pub fn cookie(name: &str, value: &str, seconds: i64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
