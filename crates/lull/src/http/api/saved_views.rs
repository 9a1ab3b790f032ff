//! `/v1/views`: the inbox's lists under a name.

use super::super::answer::{no_content, read, rendered, show, write};
use super::super::fields::short;
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query, Segment};
use super::super::shapes::{maybe, time};
use crate::acts::saved_views::{ADDRESS_CHARS, DeleteView, NAME_CHARS, SaveView};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::ViewId;
use serde::Serialize;
use store::saved_views::{self, SavedView};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = View)]
pub struct ViewBody {
    id: String,
    name: String,
    /// The query of the inbox page, such as `view=open&q=refund`.
    query: String,
    /// Everybody's, or the caller's own.
    shared: bool,
    created_at: String,
    created_by: Option<String>,
}

impl From<SavedView> for ViewBody {
    fn from(view: SavedView) -> Self {
        ViewBody {
            id: view.id.to_string(),
            name: view.name,
            query: view.address,
            shared: view.agent.is_none(),
            created_at: time(view.created_at),
            created_by: maybe(view.created_by),
        }
    }
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct ViewFields {
    name: Option<String>,
    query: Option<String>,
    shared: Option<bool>,
}

/// List saved views
#[utoipa::path(get, path = "/v1/views", tag = "cases",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<ViewBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "views");
    query.finish()?;
    let (ws, me, fetch) = (auth.workspace, auth.agent.as_ref().map(|a| a.0), page.fetch());
    let after = page.after.as_ref().and_then(|values| values.first().copied().flatten()).map(ViewId);
    let rows =
        read(&desk, move |tx| Box::pin(async move { saved_views::list(tx, ws, me, after, fetch).await })).await?;
    Ok(show(&page.finish(rows, |view: &SavedView| vec![Some(view.id.0)], ViewBody::from)))
}

/// Save a view
#[utoipa::path(post, path = "/v1/views", tag = "cases", request_body = ViewFields,
    responses((status = 201, body = ViewBody), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let address = f.required_as("query", short(ADDRESS_CHARS));
    let shared = f.boolean("shared").unwrap_or(false);
    let key = body.key(&auth);
    body.finish()?;
    let act = SaveView { caller: auth.caller(), id: None, name, address, shared: Some(shared) };
    write(&desk, key, act, |view: SavedView| rendered(StatusCode::CREATED, None, &ViewBody::from(view))).await
}

/// Change a saved view
#[utoipa::path(patch, path = "/v1/views/{id}", tag = "cases", request_body = ViewFields, params(("id" = String, Path)),
    responses((status = 200, body = ViewBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    let id = ViewId::parse(&id).ok_or_else(Problem::not_found)?;
    let f = &mut body.fields;
    let name = f.unless_null("name", short(NAME_CHARS));
    let address = f.unless_null("query", short(ADDRESS_CHARS));
    let shared = f.boolean("shared");
    let key = body.key(&auth);
    body.finish()?;
    let act = SaveView { caller: auth.caller(), id: Some(id), name, address, shared };
    write(&desk, key, act, |view: SavedView| rendered(StatusCode::OK, None, &ViewBody::from(view))).await
}

/// Delete a saved view
#[utoipa::path(delete, path = "/v1/views/{id}", tag = "cases", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn delete(State(desk): State<Desk>, auth: Auth, Segment(id): Segment) -> Result<Response, Problem> {
    let id = ViewId::parse(&id).ok_or_else(Problem::not_found)?;
    desk.db.write(DeleteView { caller: auth.caller(), id }).await??;
    Ok(no_content())
}
