//! `/v1/channels`.

use super::super::answer::{read, rendered, show, write};
use super::super::fields::{short, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::ChannelBody;
use crate::acts::channels::{ChangeChannel, CreateChannel};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::ChannelId;
use domain::message::NAME_CHARS;
use domain::permission::Permission;
use store::channels::{self, Channel};
use utoipa::ToSchema;

/// List channels
#[utoipa::path(get, path = "/v1/channels", tag = "channels", params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<ChannelBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "channels");
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(ChannelId), page.fetch());
    let rows = read(&desk, move |tx| Box::pin(async move { channels::list(tx, ws, after, fetch).await })).await?;
    Ok(show(&page.finish(rows, |c: &Channel| vec![Some(c.id.0)], ChannelBody::from)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewChannel {
    name: String,
    network: String,
    /// Where its new cases go; absent: the workspace's first queue.
    queue: Option<String>,
}

/// Connect a channel
#[utoipa::path(post, path = "/v1/channels", tag = "channels", request_body = NewChannel,
    responses((status = 201, body = ChannelBody), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let network = f.required_as("network", word);
    let queue = f.optional("queue", super::queue);
    let key = body.key(&auth);
    let names =
        [named("queue", queue, Named::Queue), named("name", name.clone(), |name| Named::ChannelName(name, None))];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let (Some(name), Some(network)) = (name, network) else { return Err(Problem::invalid(Vec::new())) };
    let act = CreateChannel { caller: auth.caller(), name, network, queue };
    write(&desk, key, act, |c: Channel| rendered(StatusCode::CREATED, None, &ChannelBody::from(c))).await
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct ChannelChanges {
    name: Option<String>,
    queue: Option<String>,
}

/// Change a channel
#[utoipa::path(patch, path = "/v1/channels/{id}", tag = "channels", request_body = ChannelChanges, params(("id" = String, Path)),
    responses((status = 200, body = ChannelBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(channel): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let channel = ChannelId::parse(&channel).ok_or_else(Problem::not_found)?;
    let f = &mut body.fields;
    let name = f.unless_null("name", short(NAME_CHARS));
    let queue = f.unless_null("queue", super::queue);
    let key = body.key(&auth);
    let names = [
        named("queue", queue, Named::Queue),
        named("name", name.clone(), |name| Named::ChannelName(name, Some(channel))),
    ];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let act = ChangeChannel { caller: auth.caller(), channel, name, queue };
    write(&desk, key, act, |c: Channel| rendered(StatusCode::OK, None, &ChannelBody::from(c))).await
}
