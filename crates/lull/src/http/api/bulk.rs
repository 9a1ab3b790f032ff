//! `/v1/cases/bulk`: one change to many cases, with a result for each and one undo.

use super::super::answer::{read, rendered, respond, write};
use super::super::fields::{Fields, short, time, word};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::cases::read_filter;
use crate::acts::bulk::BulkChanges;
use crate::acts::once::{Done as Kept, FirstAnswer};
use crate::bulk::{self, MOST, Outcome, Wish};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::case::{TAG_CHARS, TAGS, normal_tags};
use domain::id::BulkId;
use domain::lifecycle::KEEP_OPEN_REASON_CHARS;
use domain::permission::Permission;
use serde::Serialize;
use store::bulk::Done;
use store::case_list::Filter;
use utoipa::ToSchema;

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct BulkBody {
    /// Up to 1,000 case numbers. Either these …
    numbers: Option<Vec<i64>>,
    /// … or the filters of `GET /v1/cases` by name, as texts: the first 1,000 that match, by number.
    #[schema(value_type = Option<Object>)]
    filter: Option<()>,
    /// With `filter`: only cases with a greater number.
    after: Option<i64>,
    changes: BulkChange,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct BulkChange {
    status: Option<String>,
    assignee: Option<String>,
    queue: Option<String>,
    r#type: Option<String>,
    priority: Option<String>,
    add_tags: Option<Vec<String>>,
    remove_tags: Option<Vec<String>>,
    keep_open_until: Option<String>,
    keep_open_reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    number: i64,
    /// `changed`, `unchanged` or `refused`.
    outcome: String,
    /// Why it was refused.
    why: Option<String>,
    /// The version that the act left behind.
    version: i64,
    /// After an undo: `restored`, `changed_since` or `refused`.
    undone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BulkAnswer {
    id: String,
    changed: usize,
    unchanged: usize,
    refused: usize,
    /// By number.
    results: Vec<BulkResult>,
    /// With a filter: where the next request goes on, as its `after`; null when that was all.
    next_after: Option<i64>,
}

impl BulkAnswer {
    fn of(outcome: Outcome, next_after: Option<i64>) -> Self {
        let [changed, unchanged, refused] = ["changed", "unchanged", "refused"].map(|word| outcome.count(word));
        let result = |done: Done| BulkResult {
            number: done.number,
            outcome: done.outcome,
            why: done.why,
            version: done.version,
            undone: done.undone,
        };
        let results = outcome.cases.into_iter().map(result).collect();
        BulkAnswer { id: outcome.id.to_string(), changed, unchanged, refused, results, next_after }
    }
}

/// Which cases are meant.
enum Which {
    Numbers(Vec<i64>),
    Filter(Box<Filter>),
}

fn read_tags(changes: &mut Fields, field: &str) -> Vec<String> {
    let read = |tag: &str| short(TAG_CHARS)(&tag.to_lowercase());
    let tags = changes.list(field, TAGS, read).unwrap_or_default();
    normal_tags(tags.iter().map(String::as_str))
}

fn read_changes(f: &mut Fields) -> BulkChanges {
    let Some(mut changes) = f.required_object("changes") else { return BulkChanges::default() };
    let read = BulkChanges {
        status: changes.unless_null("status", word),
        assignee: changes.nullable("assignee", super::agent),
        queue: changes.unless_null("queue", super::queue),
        kind: changes.unless_null("type", word),
        priority: changes.unless_null("priority", word),
        add_tags: read_tags(&mut changes, "add_tags"),
        remove_tags: read_tags(&mut changes, "remove_tags"),
        keep_open_until: changes.nullable("keep_open_until", time),
        keep_open_reason: changes.optional("keep_open_reason", short(KEEP_OPEN_REASON_CHARS)),
    };
    changes.close();
    read
}

/// The filters by name, read as those of the list.
fn read_which(f: &mut Fields, auth: &Auth) -> Option<Which> {
    match (f.has("numbers"), f.has("filter")) {
        (true, true) => {
            f.fault("filter", "duplicate", "give either numbers or a filter");
            f.skip("numbers");
            f.skip("filter");
            None
        }
        (false, false) => {
            f.skip("numbers");
            f.skip("filter");
            f.fault("numbers", "required", "give numbers or a filter");
            None
        }
        (true, false) => f.integers("numbers", MOST).map(Which::Numbers),
        (false, true) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in f.texts("filter")? {
                query.append_pair(&name, &value);
            }
            let mut query = Query::parse(&query.finish());
            let filter = read_filter(&mut query, auth.agent.as_ref().map(|a| a.0));
            for fault in query.all_faults() {
                f.fault(&format!("filter.{}", fault.field), fault.code, fault.message);
            }
            Some(Which::Filter(Box::new(filter)))
        }
    }
}

/// Change many cases
///
/// Each case is changed as by `PATCH /v1/cases/{number}`, with its own traces; one that is refused does not stop the others.
#[utoipa::path(post, path = "/v1/cases/bulk", tag = "cases", request_body = BulkBody,
    responses((status = 200, body = BulkAnswer), (status = 422, body = Problem)))]
pub async fn change(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let key = body.key(&auth);
    let f = &mut body.fields;
    let which = read_which(f, &auth);
    let after = f.nullable_integer("after", 0, i64::MAX).flatten();
    let changes = read_changes(f);
    if changes.is_empty() && !f.has_faults() {
        f.fault("changes", "required", "say what is to change");
    }
    let names = [
        named("changes.queue", changes.queue, Named::Queue),
        named("changes.assignee", changes.assignee.flatten(), Named::Assignee),
        named("changes.keep_open_until", changes.keep_open_until.flatten(), Named::Until),
    ];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    if let Some(key) = key.clone()
        && let Some(first) = desk.db.write(FirstAnswer(key)).await?
    {
        return Ok(respond(first?));
    }
    let ws = auth.workspace;
    let (which, wanted) = (which.ok_or_else(|| Problem::invalid(Vec::new()))?, changes.clone());
    let (numbers, next_after, invalid) = read(&desk, move |tx| {
        Box::pin(async move {
            let invalid = bulk::check(tx, ws, &wanted).await?;
            let (numbers, next_after) = match which {
                Which::Numbers(numbers) => (numbers, None),
                Which::Filter(filter) => bulk::matching(tx, ws, &filter, after.unwrap_or(0), MOST).await?,
            };
            Ok((numbers, next_after, invalid))
        })
    })
    .await?;
    if !invalid.is_empty() {
        let inside = |mut fault: crate::acts::Invalid| {
            fault.field = format!("changes.{}", fault.field);
            fault
        };
        return Err(Problem::invalid(invalid.into_iter().map(inside).collect()));
    }
    let wish = Wish { caller: auth.caller(), key, numbers, next_after, changes };
    let answer = |outcome, next_after| rendered(StatusCode::OK, None, &BulkAnswer::of(outcome, next_after));
    Ok(respond(bulk::run(&desk, wish, answer).await??))
}

/// Read what a change of many cases did
#[utoipa::path(get, path = "/v1/cases/bulk/{id}", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = BulkAnswer), (status = 404, body = Problem)))]
pub async fn show_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(id): Segment,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let id = BulkId::parse(&id).ok_or_else(Problem::not_found)?;
    let outcome = bulk::show(&desk, auth.workspace, id).await?.ok_or_else(Problem::not_found)?;
    Ok(respond(rendered(StatusCode::OK, None, &BulkAnswer::of(outcome, None))))
}

/// Undo a change of many cases
///
/// Gives each case that nobody touched since its former values. May be repeated.
#[utoipa::path(post, path = "/v1/cases/bulk/{id}/undo", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = BulkAnswer), (status = 404, body = Problem)))]
pub async fn undo(State(desk): State<Desk>, auth: Auth, Segment(id): Segment, body: Body) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let id = BulkId::parse(&id).ok_or_else(Problem::not_found)?;
    let key = body.key(&auth);
    body.finish()?;
    if let Some(key) = key.clone()
        && let Some(first) = desk.db.write(FirstAnswer(key)).await?
    {
        return Ok(respond(first?));
    }
    let outcome = bulk::undo(&desk, &auth.caller(), id).await??;
    let answer = BulkAnswer::of(outcome, None);
    write(&desk, key, Kept, move |()| rendered(StatusCode::OK, None, &answer)).await
}
