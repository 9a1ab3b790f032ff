//! Signing in, by password or one-time link, and out.

use super::super::layout::Theme;
use super::super::message::MessagePage;
use super::super::sign_in::{LinkPage, SignInPage};
use super::answer::{Answer, Stop, html, show as show_message, to};
use super::form::Form;
use super::session::{self, Visitor, is_https, local};
use super::{assets, flash, limit, setup};
use crate::acts::sign_in::{SESSION, SESSION_BY_TEST_CLOCK, SignIn, SignInByLink, SignInFailed, SignOut};
use crate::desk::Desk;
use crate::http::{fields, password};
use crate::random::{Secret, hash};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::time::Span;
use std::net::SocketAddr;

const WRONG: &str = "E-mail or password is wrong.";

/// How long a session lasts by the desk's clock.
pub fn lasts(desk: &Desk) -> Span {
    if desk.test_clock.is_some() { SESSION_BY_TEST_CLOCK } else { SESSION }
}

fn page(status: StatusCode, email: &str, error: Option<String>, next: &str) -> Answer {
    let next = local(next).unwrap_or("").to_owned();
    let page =
        SignInPage { theme: Theme::System, asset_version: assets::version(), email: email.to_owned(), error, next };
    html(status, &page)
}

/// Goes on, signed in.
pub fn signed_in(secret: &Secret, next: &str, headers: &HeaderMap) -> Response {
    // The browser counts real days, whatever clock the desk goes by.
    let seconds = SESSION.as_micros() / 1_000_000;
    let cookie = session::cookie(session::COOKIE, secret.reveal(), seconds, is_https(headers));
    flash::with_cookie(to(local(next).unwrap_or("/inbox")), &cookie)
}

pub async fn show(State(desk): State<Desk>, visitor: Result<Visitor, Stop>, request: Request) -> Answer {
    let query = Form::parse(request.uri().query().unwrap_or(""));
    let next = query.line("next");
    if visitor.is_ok() {
        return Ok(to(local(next).unwrap_or("/inbox")));
    }
    if setup::is_fresh(&desk).await? {
        return Ok(to("/setup"));
    }
    page(StatusCode::OK, "", None, next)
}

pub async fn by_password(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    let (typed, next) = (form.line("email").to_owned(), form.line("next").to_owned());
    // What was typed may be long: its hash is not.
    let (address, account) = (peer.ip().to_string(), crate::random::hash(&typed.trim().to_lowercase()));
    if let Err(seconds) = limit::admit(&account, &address) {
        let error = format!("Too many tries. Wait {seconds} s, then try again.");
        let mut response = page(StatusCode::TOO_MANY_REQUESTS, &typed, Some(error), &next)?;
        response.headers_mut().insert("retry-after", seconds.into());
        return Ok(response);
    }
    let wrong = || page(StatusCode::UNPROCESSABLE_ENTITY, &typed, Some(WRONG.to_owned()), &next);
    let email = fields::email(&typed).unwrap_or_default();
    let secret = form.line("password").to_owned();
    if secret.chars().nth(password::MOST).is_some() {
        return wrong();
    }
    let asked = email.clone();
    let member = desk.db.read(move |tx| Box::pin(async move { store::agents::by_email(tx, &asked).await })).await?;
    let stored = member.filter(|member| member.active).and_then(|member| member.password_hash);
    if !password::verify(secret, stored).await? {
        desk.db.write(SignInFailed { email, address: Some(address) }).await?;
        return wrong();
    }
    limit::forgive(&account, &address);
    let session = Secret::new("session");
    let act = SignIn { email, session_hash: session.hash(), lasts: lasts(&desk), address: Some(address) };
    match desk.db.write(act).await? {
        Ok(()) => Ok(signed_in(&session, &next, &headers)),
        Err(_) => wrong(),
    }
}

/// A page with one button: whoever only looks at the link, as mail scanners and previews do, does not use it up.
pub async fn show_link(visitor: Result<Visitor, Stop>, Path(link): Path<String>) -> Answer {
    let signed_in_as = visitor.ok().and_then(|visitor| visitor.auth.agent).map(|(_, name)| name);
    html(StatusCode::OK, &LinkPage { theme: Theme::System, asset_version: assets::version(), link, signed_in_as })
}

pub async fn by_link(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Answer {
    let session = Secret::new("session");
    let act = SignInByLink {
        link_hash: hash(&link),
        session_hash: session.hash(),
        lasts: lasts(&desk),
        address: Some(peer.ip().to_string()),
    };
    match desk.db.write(act).await? {
        Ok(()) => Ok(signed_in(&session, "/inbox", &headers)),
        Err(_) => Ok(show_message(StatusCode::GONE, &MessagePage::link_expired(Theme::System, assets::version()))),
    }
}

pub async fn out(State(desk): State<Desk>, headers: HeaderMap, visitor: Result<Visitor, Stop>) -> Answer {
    if let Ok(visitor) = visitor {
        let act = SignOut { caller: visitor.auth.caller(), session_hash: hash(&visitor.secret) };
        desk.db.write(act).await?;
        desk.rights_changed();
    }
    let cookie = session::cookie(session::COOKIE, "", 0, is_https(&headers));
    Ok(flash::with_cookie(to("/sign-in"), &cookie))
}
