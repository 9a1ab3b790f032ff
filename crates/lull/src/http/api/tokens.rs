//! `/v1/tokens`: API tokens.

use super::super::answer::{no_content, read, rendered, respond, show};
use super::super::fields::{short, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::TokenBody;
use crate::acts::once::Once;
use crate::acts::tokens::{CreateToken, RevokeToken};
use crate::desk::Desk;
use crate::random::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TokenId;
use domain::message::NAME_CHARS;
use domain::permission::Permission;
use store::auth::{self, Token};
use utoipa::ToSchema;

/// What API tokens start with.
pub const PREFIX: &str = "lull";

/// List tokens, without their secrets
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<TokenBody>), (status = 403, body = Problem)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    auth.require(Permission::ManageTokens)?;
    let page = Page::read(&mut query, "tokens");
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(TokenId), page.fetch());
    let rows = read(&desk, move |tx| Box::pin(async move { auth::tokens(tx, ws, after, fetch).await })).await?;
    Ok(show(&page.finish(rows, |t: &Token| vec![Some(t.id.0)], TokenBody::from)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewToken {
    name: String,
    /// Absent: the role of the agent it acts as.
    role: Option<String>,
    /// Whom it acts as; null is nobody.
    agent: Option<String>,
}

/// The kept answer of a repeated request does not hold the secret: only its hash is ever stored.
fn without_secret(body: &str) -> String {
    let Ok(mut body) = serde_json::from_str::<serde_json::Value>(body) else { return String::new() };
    body["token"] = serde_json::Value::Null;
    body.to_string()
}

/// Make a token; the answer shows it once
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = TokenBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::ManageTokens)?;
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let has_role = f.has("role") || f.has("agent");
    let role = f.optional("role", word);
    let agent = f.optional("agent", super::agent);
    if !has_role && agent.is_none() {
        f.fault("role", "required", "give a role, or an agent whose role it takes");
    }
    let key = body.key(&auth);
    body.finish_with(&desk, &auth, named("agent", agent, Named::Agent)).await?;
    let secret = Secret::new(PREFIX);
    let act = CreateToken { caller: auth.caller(), name: name.unwrap_or_default(), role, agent, hash: secret.hash() };
    let render = move |token: Token| {
        let mut body = TokenBody::from(token);
        body.token = Some(secret.reveal().to_owned());
        rendered(StatusCode::CREATED, None, &body)
    };
    let rendered = desk.db.write(Once { act, key, render, redact: Some(without_secret) }).await??;
    Ok(respond(rendered))
}

/// Revoke a token
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(State(desk): State<Desk>, auth: Auth, Segment(id): Segment) -> Result<Response, Problem> {
    auth.require(Permission::ManageTokens)?;
    let token = TokenId::parse(&id).ok_or_else(Problem::not_found)?;
    desk.db.write(RevokeToken { caller: auth.caller(), token }).await??;
    desk.rights_changed();
    Ok(no_content())
}
