//! Signing in, by password or one-time link, and out.

use super::super::layout::{Theme, Tone};
use super::super::message::MessagePage;
use super::super::sign_in::{LinkPage, SignInPage, Typed};
use super::answer::{Answer, Stop, html, show as show_message, to};
use super::form::Form;
use super::properties::sentence;
use super::session::{self, Visitor, is_https, local};
use super::{assets, flash, limit, setup};
use crate::acts::draft::{Draft, RestoreDraft};
use crate::acts::sign_in::{SESSION, SESSION_BY_TEST_CLOCK, SignIn, SignInByLink, SignInFailed, SignOut};
use crate::desk::Desk;
use crate::http::request::Auth;
use crate::http::{fields, password};
use crate::random::{Secret, hash};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::message::TEXT_CHARS;
use domain::time::Span;
use std::net::SocketAddr;

const WRONG: &str = "E-mail or password is wrong.";

/// How long a session lasts by the desk's clock.
pub fn lasts(desk: &Desk) -> Span {
    if desk.test_clock.is_some() { SESSION_BY_TEST_CLOCK } else { SESSION }
}

fn page(status: StatusCode, email: &str, error: Option<String>, next: &str, typed: Option<Typed>) -> Answer {
    let (next, email) = (local(next).unwrap_or("").to_owned(), email.to_owned());
    let page = SignInPage { theme: Theme::System, asset_version: assets::version(), email, error, next, typed };
    html(status, &page)
}

/// Somebody, or the sign-in page with what they typed into a form of a case.
pub fn or_sign_in(visitor: Result<Visitor, Stop>, number: &str, draft: Draft, form: &Form) -> Result<Visitor, Stop> {
    if !matches!(visitor, Err(Stop::SignIn { .. })) {
        return visitor;
    }
    let text = form.text("text");
    let number = super::frame::case_number(number)?;
    let too_long = text.chars().nth(TEXT_CHARS).is_some();
    let typed = (!text.is_empty()).then(|| Typed { number, kind: draft.as_str(), text, too_long });
    let page = page(StatusCode::UNAUTHORIZED, "", None, &format!("/cases/{number}"), typed)?;
    Err(Stop::Instead(Box::new(page)))
}

/// What the sign-in form carries along; anything that is not ours is left out.
fn typed(form: &Form) -> Option<Typed> {
    let draft = [Draft::Reply, Draft::Note].into_iter().find(|draft| draft.as_str() == form.line("typed_kind"))?;
    let (number, text) = (form.number("typed_case")?, form.text("typed_text"));
    let fits = !text.is_empty() && text.chars().nth(TEXT_CHARS).is_none() && !text.contains('\0');
    fits.then(|| Typed { number, kind: draft.as_str(), text, too_long: false })
}

/// Leads to the case with what was typed there, which was not sent. The case is looked for in the workspace of who signed in.
async fn give_back(desk: &Desk, session: &Secret, headers: &HeaderMap, typed: Typed) -> Answer {
    let Typed { number, kind, text, .. } = typed;
    let Some(bearer) = desk.bearer_of_session(session.reveal()).await? else {
        return Ok(signed_in(session, "", headers));
    };
    let caller = Auth::of(bearer, "session".to_owned(), None).caller();
    let draft = if kind == Draft::Note.as_str() { Draft::Note } else { Draft::Reply };
    let kept = desk.db.write(RestoreDraft { caller, number, draft, text }).await?;
    if kept.is_err() {
        let answer = signed_in(session, "", headers);
        let text = format!("What you typed could not be kept: case {number} is not yours to work on.");
        return Ok(flash::say(answer, Tone::Bad, &text, None, is_https(headers)));
    }
    let answer = signed_in(session, &format!("/cases/{number}#{kind}-text"), headers);
    let text = format!("Your {kind} was not sent, since you were signed out. It is here again: read it and send it.");
    Ok(flash::say(answer, Tone::Bad, &text, None, is_https(headers)))
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
    page(StatusCode::OK, "", None, next, None)
}

pub async fn by_password(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    let (email_typed, next) = (form.line("email").to_owned(), form.line("next").to_owned());
    let typed = typed(&form);
    // What was typed may be long: its hash is not.
    let (address, account) = (peer.ip().to_string(), crate::random::hash(&email_typed.trim().to_lowercase()));
    if let Err(seconds) = limit::admit(&account, &address) {
        let error = Some(too_many(seconds));
        let mut response = page(StatusCode::TOO_MANY_REQUESTS, &email_typed, error, &next, typed)?;
        response.headers_mut().insert("retry-after", seconds.into());
        return Ok(response);
    }
    let wrong = || page(StatusCode::UNPROCESSABLE_ENTITY, &email_typed, Some(WRONG.to_owned()), &next, typed.clone());
    let email = fields::email(&email_typed).unwrap_or_default();
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
        Ok(()) => match typed.clone() {
            Some(typed) => give_back(&desk, &session, &headers, typed).await,
            None => Ok(signed_in(&session, &next, &headers)),
        },
        Err(_) => wrong(),
    }
}

/// A page with one button: whoever only looks at the link, as mail scanners and previews do, does not use it up.
pub async fn show_link(visitor: Result<Visitor, Stop>, Path(link): Path<String>) -> Answer {
    link_page(StatusCode::OK, visitor, link, None)
}

fn link_page(status: StatusCode, visitor: Result<Visitor, Stop>, link: String, error: Option<String>) -> Answer {
    let signed_in_as = visitor.ok().and_then(|visitor| visitor.auth.agent).map(|(_, name)| name);
    html(status, &LinkPage { theme: Theme::System, asset_version: assets::version(), link, signed_in_as, error })
}

fn too_many(seconds: u64) -> String {
    format!("Too many tries. Wait {seconds} s, then try again.")
}

/// Signs in, with a password for the next time if one was chosen.
pub async fn by_link(
    State(desk): State<Desk>,
    visitor: Result<Visitor, Stop>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Path(link): Path<String>,
    form: Form,
) -> Answer {
    let (chosen, address) = (form.line("password").to_owned(), peer.ip().to_string());
    let mut password_hash = None;
    if !chosen.is_empty() {
        if let Some(fault) = password::fault(&chosen) {
            return link_page(StatusCode::UNPROCESSABLE_ENTITY, visitor, link, Some(sentence(&fault)));
        }
        // Hashing is work, and nobody knows yet whether there is such a link.
        if let Err(seconds) = limit::admit(&hash(&link), &address) {
            return link_page(StatusCode::TOO_MANY_REQUESTS, visitor, link, Some(too_many(seconds)));
        }
        password_hash = Some(password::hash(chosen).await?);
    }
    let session = Secret::new("session");
    let act = SignInByLink {
        link_hash: hash(&link),
        session_hash: session.hash(),
        lasts: lasts(&desk),
        address: Some(address),
        password_hash,
    };
    match desk.db.write(act).await? {
        Ok(()) => {
            desk.rights_changed();
            Ok(signed_in(&session, "/inbox", &headers))
        }
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
