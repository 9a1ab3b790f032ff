//! `/v1/queues`.

use super::super::answer::{read, rendered, show, write};
use super::super::fields::{short, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::QueueBody;
use crate::acts::queues::{ChangeQueue, CreateQueue, Staffed};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{AgentId, QueueId};
use domain::message::NAME_CHARS;
use domain::permission::Permission;
use domain::routing::Assignment;
use store::queues;
use utoipa::ToSchema;

const MEMBERS: usize = 10_000;

fn named_members(members: &[AgentId]) -> Vec<(String, Named)> {
    members.iter().enumerate().map(|(place, id)| (format!("members.{place}"), Named::Agent(*id))).collect()
}

/// List queues
#[utoipa::path(get, path = "/v1/queues", tag = "queues", params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<QueueBody>)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "queues");
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, page.after_id().map(QueueId), page.fetch());
    let rows = read(&desk, move |tx| {
        Box::pin(async move {
            let mut rows = Vec::new();
            for queue in queues::list(tx, ws, after, fetch).await? {
                let members = queues::members(tx, ws, queue.id).await?;
                rows.push((queue, members));
            }
            Ok(rows)
        })
    })
    .await?;
    Ok(show(&page.finish(rows, |row: &Staffed| vec![Some(row.0.id.0)], QueueBody::from)))
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewQueue {
    name: String,
    /// `manual` (default), `round_robin` or `most_capacity`.
    assignment: Option<String>,
    members: Option<Vec<String>>,
}

/// Add a queue
#[utoipa::path(post, path = "/v1/queues", tag = "queues", request_body = NewQueue,
    responses((status = 201, body = QueueBody), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let f = &mut body.fields;
    let name = f.required_as("name", short(NAME_CHARS));
    let assignment = f.unless_null("assignment", word).unwrap_or(Assignment::Manual);
    let members = f.list("members", MEMBERS, super::agent).unwrap_or_default();
    let key = body.key(&auth);
    let names = named("name", name.clone(), |name| Named::QueueName(name, None));
    body.finish_with(&desk, &auth, named_members(&members).into_iter().chain(names)).await?;
    let act = CreateQueue { caller: auth.caller(), name: name.unwrap_or_default(), assignment, members };
    write(&desk, key, act, |q: Staffed| rendered(StatusCode::CREATED, None, &QueueBody::from(q))).await
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct QueueChanges {
    name: Option<String>,
    assignment: Option<String>,
    members: Option<Vec<String>>,
}

/// Change a queue
#[utoipa::path(patch, path = "/v1/queues/{id}", tag = "queues", request_body = QueueChanges, params(("id" = String, Path)),
    responses((status = 200, body = QueueBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(queue): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::ManageTeam)?;
    let queue = QueueId::parse(&queue).ok_or_else(Problem::not_found)?;
    let f = &mut body.fields;
    let name = f.unless_null("name", short(NAME_CHARS));
    let assignment = f.unless_null("assignment", word);
    let members = f.list("members", MEMBERS, super::agent);
    let key = body.key(&auth);
    let names = named("name", name.clone(), |name| Named::QueueName(name, Some(queue)));
    let members_named = named_members(members.as_deref().unwrap_or_default());
    body.finish_with(&desk, &auth, members_named.into_iter().chain(names)).await?;
    let act = ChangeQueue { caller: auth.caller(), queue, name, assignment, members, if_was: None };
    write(&desk, key, act, |q: Staffed| rendered(StatusCode::OK, None, &QueueBody::from(q))).await
}
