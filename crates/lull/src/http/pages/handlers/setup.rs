//! The first run: making the owner, and what to do next.

use super::super::layout::{Section, Theme};
use super::super::parts::Choice;
use super::super::setup::{SetupPage, WelcomePage};
use super::answer::{Answer, Stop, html, to};
use super::form::Form;
use super::session::Visitor;
use super::sign_in::{lasts, signed_in};
use super::upload::Upload;
use super::{assets, frame, words};
use crate::acts::Refusal;
use crate::acts::set_up::SetUp;
use crate::acts::sign_in::SignIn;
use crate::acts::workspaces::CreateOwner;
use crate::cli::import::{Told, take_in_lines};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::{fields, password};
use crate::random::Secret;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use domain::canned::first_name;
use domain::message::{NAME_CHARS, Network};
use domain::permission::Permission;
use domain::time::TimeZoneName;
use std::net::SocketAddr;
use store::{Fault, channels, workspaces};

/// Refused lines that the page names.
const NAMED: usize = 20;
const WRONG_CODE: &str = "This is not the code. It stands in the output of `lull serve`, and changes with each \
                          start; of several nodes each prints its own and has to be asked at its own address.";

/// Whether nobody owns this desk yet.
pub async fn is_fresh(desk: &Desk) -> Result<bool, Fault> {
    if !desk.setup.is_open() {
        return Ok(false);
    }
    let all = desk.db.read(|tx| Box::pin(async move { workspaces::all(tx).await })).await?;
    Ok(all.is_empty())
}

fn page(desk: &Desk, form: &Form, errors: Vec<(String, String)>) -> Answer {
    let or = |name: &str, otherwise: &str| form.given(name).unwrap_or(otherwise).to_owned();
    let network = or("network", Network::Email.as_str());
    let networks = Network::ALL.iter();
    let page = SetupPage {
        theme: Theme::System,
        asset_version: assets::version(),
        has_code: desk.setup.admits(form.line("code")),
        code: or("code", ""),
        workspace: or("workspace", ""),
        name: or("name", ""),
        email: or("email", ""),
        time_zone: or("time_zone", "UTC"),
        zones: zones(),
        queue: or("queue", store::queues::FIRST_QUEUE),
        channel: or("channel", ""),
        networks: networks.map(|n| Choice::new(n.as_str(), words::network(*n), n.as_str() == network)).collect(),
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html(status, &page)
}

/// The zones of the world by region and city.
pub fn zones() -> Vec<String> {
    let cities = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> =
        cities.filter(|name| name.contains('/') && TimeZoneName::parse(name).is_some()).collect();
    zones.retain(|name| !name.starts_with("Etc/") && !name.starts_with("posix/") && !name.starts_with("right/"));
    zones.push("UTC".to_owned());
    zones
}

pub async fn show(State(desk): State<Desk>, request: Request) -> Answer {
    if !is_fresh(&desk).await? {
        return Ok(to("/sign-in"));
    }
    page(&desk, &Form::parse(request.uri().query().unwrap_or("")), Vec::new())
}

/// The form read, or every fault by its field.
struct Wanted {
    owner: CreateOwner,
    password: String,
    time_zone: String,
    queue: String,
    channel: String,
    network: Network,
}

fn wanted(form: &Form) -> Result<Wanted, Vec<(String, String)>> {
    let mut errors = Vec::new();
    let mut note =
        |field: &str, message: String| errors.push((field.to_owned(), super::properties::sentence(&message)));
    let mut short = |field: &str| {
        fields::short(NAME_CHARS)(form.line(field)).map_err(|(_, message)| note(field, message)).unwrap_or_default()
    };
    let (workspace, name) = (short("workspace"), short("name"));
    let (queue, channel) = (short("queue"), short("channel"));
    let email = fields::email(form.line("email")).map_err(|(_, message)| note("email", message)).unwrap_or_default();
    let password = form.line("password").to_owned();
    if let Some(message) = password::fault(&password) {
        note("password", message);
    }
    let time_zone = TimeZoneName::parse(form.line("time_zone").trim());
    if time_zone.is_none() {
        note("time_zone", "this must be a zone such as Europe/Berlin".to_owned());
    }
    let network: Option<Network> = fields::word(form.line("network")).ok();
    let Some((time_zone, network)) = time_zone.zip(network).filter(|_| errors.is_empty()) else { return Err(errors) };
    let time_zone = time_zone.as_str().to_owned();
    let owner = CreateOwner { workspace, plan: None, name, email, password_hash: String::new() };
    Ok(Wanted { owner, password, time_zone, queue, channel, network })
}

pub async fn set_up(
    State(desk): State<Desk>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    if !is_fresh(&desk).await? {
        return Ok(to("/sign-in"));
    }
    if !desk.setup.admits(form.line("code")) {
        return page(&desk, &form, vec![("code".to_owned(), WRONG_CODE.to_owned())]);
    }
    let Wanted { owner, password, time_zone, queue, channel, network } = match wanted(&form) {
        Ok(wanted) => wanted,
        Err(errors) => return page(&desk, &form, errors),
    };
    let owner = CreateOwner { password_hash: password::hash(password).await?, ..owner };
    let (email, address) = (owner.email.clone(), Some(peer.ip().to_string()));
    let act = SetUp { owner, time_zone, queue, channel, network, address: address.clone() };
    match desk.db.write(act).await? {
        Ok(_) => {}
        // Somebody was quicker: the desk is theirs.
        Err(Refusal::NotFound) => return Ok(to("/sign-in")),
        Err(refusal) => return Err(refusal.into()),
    }
    let session = Secret::new("session");
    let act = SignIn { email, session_hash: session.hash(), lasts: lasts(&desk), address };
    desk.db.write(act).await??;
    Ok(signed_in(&session, "/welcome", &headers))
}

/// What became of an upload.
#[derive(Default)]
struct Outcome {
    imported: Option<String>,
    error: Option<String>,
    refused: Vec<String>,
}

async fn welcome(desk: &Desk, visitor: &Visitor, outcome: Outcome) -> Answer {
    visitor.auth.require(Permission::ManageWorkspace)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            let channel = channels::list(tx, ws, None, 1).await?.pop();
            Ok((me, channel, workspaces::get(tx, ws).await?))
        })
    });
    let (me, channel, _) = found.await?;
    let status = if outcome.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = WelcomePage {
        layout: frame::layout(desk, visitor, &me, Section::Inbox, "Welcome", "/welcome"),
        channel: channel.as_ref().map(|channel| channel.name.clone()).unwrap_or_default(),
        channel_id: channel.map(|channel| channel.id.to_string()).unwrap_or_default(),
        cases: format!("Nothing closes by surprise, {}.", first_name(&me.name)),
        most_mib: super::upload::MOST >> 20,
        import_error: outcome.error,
        refused: outcome.refused,
        imported: outcome.imported,
    };
    frame::page(visitor, status, &page)
}

pub async fn show_welcome(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    welcome(&desk, &visitor, Outcome::default()).await
}

/// Where a reload of an upload's answer leads.
pub async fn back() -> Answer {
    Ok(to("/welcome"))
}

pub async fn import(State(desk): State<Desk>, visitor: Visitor, upload: Upload) -> Answer {
    visitor.auth.require(Permission::ManageWorkspace)?;
    let file = match upload {
        Upload::File(file) => file,
        Upload::Fault(error) => {
            return welcome(&desk, &visitor, Outcome { error: Some(error), ..Outcome::default() }).await;
        }
    };
    let mut refused = Vec::new();
    let mut lines = file.as_slice();
    let taken = take_in_lines(&desk.db, visitor.auth.workspace, &mut lines, |told| match told {
        Told::Refused(line, reasons) if refused.len() < NAMED => refused.push(format!("Line {line}: {reasons}")),
        Told::Refused(..) | Told::Read(_) => {}
    });
    let summary = taken.await.map_err(|error| Stop::from(Fault::Broken(error.to_string())))?;
    welcome(&desk, &visitor, Outcome { imported: Some(summary.words()), refused, error: None }).await
}
