//! `/v1/agents`: members, their availability, and links that sign them in.

use super::super::answer::{read, rendered, respond, show, write};
use super::super::fields::{email, short, text, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::AgentBody;
use crate::acts::agents::{AgentChanges, ChangeAgent, ChangeAvailability, CreateAgent};
use crate::acts::once::Once;
use crate::acts::sign_in::CreateSignInLink;
use crate::desk::Desk;
use crate::http::password;
use crate::random::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::AgentId;
use domain::message::NAME_CHARS;
use domain::permission::Permission;
use store::agents::{self, Agent};
use utoipa::ToSchema;

/// No agent works a million cases at once.
const CAPACITY_MOST: i64 = 1_000_000;

fn id(segment: &str) -> Result<AgentId, Problem> {
    AgentId::parse(segment).ok_or_else(Problem::not_found)
}

/// List members
#[utoipa::path(get, path = "/v1/agents", tag = "agents", params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<AgentBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "agents");
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(AgentId), page.fetch());
    let rows = read(&desk, move |tx| Box::pin(async move { agents::list(tx, ws, after, fetch).await })).await?;
    Ok(show(&page.finish(rows, |a: &Agent| vec![Some(a.id.0)], AgentBody::from)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewAgent {
    name: String,
    email: String,
    role: String,
    /// Null is no limit.
    capacity: Option<i64>,
    #[schema(default = true)]
    auto_assign: Option<bool>,
    /// To sign in with; without one the member signs in by a link.
    password: Option<String>,
}

/// Add a member, offline at first
#[utoipa::path(post, path = "/v1/agents", tag = "agents", request_body = NewAgent,
    responses((status = 201, body = AgentBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let address = f.required_as("email", email);
    let role = f.required_as("role", word);
    let capacity = f.nullable_integer("capacity", 0, CAPACITY_MOST).flatten();
    let auto_assign = f.boolean("auto_assign").unwrap_or(true);
    let plain = f.optional_text("password", text(password::MOST));
    if plain.as_ref().is_some_and(|p| p.chars().count() < password::LEAST) {
        f.fault("password", "too_short", format!("this must have at least {} characters", password::LEAST));
    }
    let key = body.key(&auth);
    let names = named("email", address.clone(), |address| Named::Email(address, None));
    body.finish_with(&desk, &auth, names).await?;
    let (Some(name), Some(email), Some(role)) = (name, address, role) else {
        return Err(Problem::invalid(Vec::new()));
    };
    let password_hash = match plain {
        Some(plain) => Some(password::hash(plain).await?),
        None => None,
    };
    let caller = auth.caller();
    let act = CreateAgent { caller, name, email, role, capacity, auto_assign, password_hash };
    write(&desk, key, act, |a: Agent| rendered(StatusCode::CREATED, None, &AgentBody::from(a))).await
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct AgentChange {
    name: Option<String>,
    email: Option<String>,
    role: Option<String>,
    capacity: Option<i64>,
    auto_assign: Option<bool>,
    active: Option<bool>,
}

/// Change a member
#[utoipa::path(patch, path = "/v1/agents/{id}", tag = "agents", request_body = AgentChange, params(("id" = String, Path)),
    responses((status = 200, body = AgentBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(agent): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let agent = id(&agent)?;
    let f = &mut body.fields;
    let changes = AgentChanges {
        name: f.unless_null("name", short(NAME_CHARS)),
        email: f.unless_null("email", email),
        role: f.unless_null("role", word),
        capacity: f.nullable_integer("capacity", 0, CAPACITY_MOST),
        auto_assign: f.boolean("auto_assign"),
        active: f.boolean("active"),
    };
    let key = body.key(&auth);
    let names = named("email", changes.email.clone(), |address| Named::Email(address, Some(agent)));
    body.finish_with(&desk, &auth, names).await?;
    let act = ChangeAgent { caller: auth.caller(), agent, changes };
    let answer = write(&desk, key, act, |a: Agent| rendered(StatusCode::OK, None, &AgentBody::from(a))).await;
    desk.rights_changed();
    answer
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewAvailability {
    /// `online`, `away` or `offline`.
    availability: String,
}

/// Say who is there
#[utoipa::path(put, path = "/v1/agents/{id}/availability", tag = "agents", request_body = NewAvailability,
    params(("id" = String, Path)),
    responses((status = 200, body = AgentBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn availability(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(agent): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let agent = id(&agent)?;
    let availability = body.fields.required_as("availability", word);
    let key = body.key(&auth);
    body.finish()?;
    let Some(availability) = availability else { return Err(Problem::invalid(Vec::new())) };
    let act = ChangeAvailability { caller: auth.caller(), agent, availability };
    write(&desk, key, act, |a: Agent| rendered(StatusCode::OK, None, &AgentBody::from(a))).await
}

/// Make a link that signs a member in once, within 24 hours
#[utoipa::path(post, path = "/v1/agents/{id}/sign-in-link", tag = "agents", params(("id" = String, Path)),
    responses((status = 201, description = "`{\"path\":\"/sign-in/…\"}`, shown once"), (status = 404, body = Problem)))]
pub async fn sign_in_link(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(agent): Segment,
    body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let agent = id(&agent)?;
    let key = body.key(&auth);
    body.finish()?;
    let secret = Secret::new("link");
    let act = CreateSignInLink { caller: auth.caller(), agent, hash: secret.hash() };
    let render = move |()| {
        let path = format!("/sign-in/{}", secret.reveal());
        rendered(StatusCode::CREATED, None, &serde_json::json!({"path": path}))
    };
    // Only the hash of a secret is stored, so a repeated request learns that the link was made, not what it is.
    let redact: fn(&str) -> String = |_| r#"{"path":null}"#.to_owned();
    let rendered = desk.db.write(Once { act, key, render, redact: Some(redact) }).await??;
    Ok(respond(rendered))
}
