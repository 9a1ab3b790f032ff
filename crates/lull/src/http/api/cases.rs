//! `/v1/cases`: the list, one case, creating and changing by hand.

use super::super::answer::{read, rendered, show, show_version, write};
use super::super::fields::{self, Fields, short, text, time, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, Query, Segment, named};
use super::super::shapes::CaseBody;
use super::messages::{NewCustomer, conversation, sender};
use crate::acts::change_case::{ChangeCase, Changes};
use crate::acts::create_case::CreateCase;
use crate::desk::Desk;
use crate::views::{self, CaseView};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::case::{Priority, Status, TAG_CHARS, TAGS, TITLE_CHARS, normal_tags};
use domain::id::{AgentId, CustomerId, WorkspaceId};
use domain::lifecycle::KEEP_OPEN_REASON_CHARS;
use domain::permission::Permission;
use store::case_list::{self, Assignee, Filter, Key, Position, Sort};
use store::sweep::{self, Partition};
use store::{Fault, Tx, cases};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

/// Characters of a search text.
const SEARCH_CHARS: usize = 200;

/// Searches at once: one for words that everybody says looks through many cases, and the readers are few and serve everybody.
static SEARCHES: Semaphore = Semaphore::const_new(2);

/// Waits for a search's turn; what is no search needs none.
pub async fn turn(filter: &Filter) -> Option<SemaphorePermit<'static>> {
    match filter.text {
        Some(_) => SEARCHES.acquire().await.ok(),
        None => None,
    }
}

/// The workspace's rules, for what closes when.
pub async fn rules(tx: &mut Tx, ws: WorkspaceId) -> Result<Vec<Partition>, Fault> {
    Ok(sweep::partitions(tx).await?.into_iter().filter(|p| p.workspace == ws).collect())
}

/// Reads the list's filters; `me` is the caller, if they are an agent.
pub fn read_filter(query: &mut Query, me: Option<AgentId>) -> Filter {
    let statuses = query.read("status", |text| text.split(',').map(word::<Status>).collect::<Result<Vec<_>, _>>());
    Filter {
        statuses: Status::ALL
            .iter()
            .copied()
            .filter(|s| statuses.as_ref().is_some_and(|all| all.contains(s)))
            .collect(),
        queue: query.read("queue", super::queue),
        assignee: query.read("assignee", |text| match text {
            "none" => Ok(Assignee::Nobody),
            "me" => me
                .map(Assignee::Agent)
                .ok_or(("unknown_value", "this token acts as nobody, so nobody is `me`".to_owned())),
            id => super::agent(id).map(Assignee::Agent),
        }),
        channel: query.read("channel", super::channel),
        network: query.read("network", word),
        priority: query.read("priority", word),
        kind: query.read("type", word),
        tag: query.read("tag", short(TAG_CHARS)).map(|tag| normal_tags([tag.as_str()]).pop().unwrap_or_default()),
        customer: query.read("customer", fields::id(CustomerId::parse, "customer")),
        text: query.read("q", short(SEARCH_CHARS)),
        closing_before: query.read("closing_before", time),
        closed_reason: query.read("closed_reason", word),
        updated_after: query.read("updated_after", time),
        auto_closed_after: None,
    }
}

pub fn read_sort(query: &mut Query) -> Sort {
    let sort = query.read("sort", |text| {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let key = match name {
            "last_activity_at" => Key::LastActivityAt,
            "created_at" => Key::CreatedAt,
            "closes_at" => Key::ClosesAt,
            "number" => Key::Number,
            _ => {
                let message = "this must be last_activity_at, created_at, closes_at or number, with - for descending";
                return Err(("unknown_value", message.to_owned()));
            }
        };
        Ok(Sort { key, descending })
    });
    sort.unwrap_or(Sort { key: Key::LastActivityAt, descending: true })
}

/// A position of the list from its cursor's values.
pub fn position(page: &Page) -> Option<Position> {
    let values = page.after.as_ref()?;
    Some(Position { key: values.first().copied().flatten(), id: values.get(1).copied().flatten()? })
}

/// List cases
#[utoipa::path(get, path = "/v1/cases", tag = "cases", params(
    ("status" = Option<String>, Query, description = "One or several, separated by commas"),
    ("queue" = Option<String>, Query), ("assignee" = Option<String>, Query, description = "An id, `me` or `none`"),
    ("channel" = Option<String>, Query), ("network" = Option<String>, Query), ("priority" = Option<String>, Query),
    ("type" = Option<String>, Query), ("tag" = Option<String>, Query), ("customer" = Option<String>, Query),
    ("q" = Option<String>, Query, description = "Full-text search over messages, comments, title, customer and case number: every word must occur, the last may be a beginning, quotation marks make a phrase. For words that nearly every case says, some thousands of cases are looked through at a time: a page may then hold fewer than `limit`, even none, and still name the next"),
    ("closing_before" = Option<String>, Query), ("closed_reason" = Option<String>, Query),
    ("updated_after" = Option<String>, Query),
    ("sort" = Option<String>, Query, description = "`last_activity_at`, `created_at`, `closes_at` or `number`; `-` descends"),
    ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<CaseBody>), (status = 422, body = Problem)))]
pub async fn list(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    let page = Page::read(&mut query, "cases");
    let filter = read_filter(&mut query, auth.agent.as_ref().map(|a| a.0));
    let sort = read_sort(&mut query);
    query.finish()?;
    let (ws, after, fetch) = (auth.workspace, position(&page), page.fetch());
    let _turn = turn(&filter).await;
    let (rows, walked_to): (Vec<CaseView>, Option<Position>) = read(&desk, move |tx| {
        Box::pin(async move {
            let rules = rules(tx, ws).await?;
            let found = case_list::page(tx, ws, &filter, sort, &rules, after, fetch).await?;
            let mut rows = Vec::new();
            for listed in found.rows {
                rows.push(views::of_listed(tx, listed).await?);
            }
            Ok((rows, found.walked_to))
        })
    })
    .await?;
    let position = |row: &CaseView| {
        let listed = case_list::Listed {
            case: row.case.clone(),
            customer_name: None,
            customer_handle: None,
            closes_at: row.closes_at,
        };
        let at = listed.position(sort);
        vec![at.key, Some(at.id)]
    };
    let mut listing = page.finish(rows, position, CaseBody::from);
    let on = |at: Position| page.from(&[at.key, Some(at.id)]);
    listing.next_cursor = listing.next_cursor.or(walked_to.map(on));
    Ok(show(&listing))
}

/// Read a case
#[utoipa::path(get, path = "/v1/cases/{number}", tag = "cases", params(("number" = i64, Path)),
    responses((status = 200, body = CaseBody), (status = 404, body = Problem)))]
pub async fn show_one(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let view = one(&desk, auth.workspace, super::case_number(&number)?).await?;
    let version = view.case.version;
    Ok(show_version(version, &CaseBody::from(view)))
}

/// The view of one case, or 404.
pub async fn one(desk: &Desk, ws: WorkspaceId, number: i64) -> Result<CaseView, Problem> {
    let view = read(desk, move |tx| {
        Box::pin(async move {
            match cases::by_number(tx, ws, number).await? {
                Some(case) => views::of_case(tx, case).await.map(Some),
                None => Ok(None),
            }
        })
    });
    view.await?.ok_or_else(Problem::not_found)
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewCase {
    channel: String,
    customer: NewCustomer,
    conversation: Option<String>,
    title: String,
    r#type: Option<String>,
    priority: Option<String>,
    /// Absent: the channel's queue.
    queue: Option<String>,
    assignee: Option<String>,
    tags: Option<Vec<String>>,
}

fn tags(fields: &mut Fields) -> Option<Vec<String>> {
    let read = |tag: &str| short(TAG_CHARS)(&tag.to_lowercase());
    let tags = fields.list("tags", TAGS, read)?;
    Some(normal_tags(tags.iter().map(String::as_str)))
}

/// Create a case by hand
#[utoipa::path(post, path = "/v1/cases", tag = "cases", request_body = NewCase,
    responses((status = 201, body = CaseBody), (status = 422, body = Problem)))]
pub async fn create(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let f = &mut body.fields;
    let channel = f.required_as("channel", super::channel);
    let customer = sender(f);
    let conversation = conversation(f);
    let title = f.text("title", text(TITLE_CHARS));
    let kind = f.optional("type", word);
    let priority = f.optional("priority", word);
    let queue = f.optional("queue", super::queue);
    let assignee = f.optional("assignee", super::agent);
    let tags = tags(f).unwrap_or_default();
    let key = body.key(&auth);
    let names = [
        named("channel", channel, Named::Channel),
        named("queue", queue, Named::Queue),
        named("assignee", assignee, Named::Assignee),
    ];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let (Some(channel), Some(customer), Some(title)) = (channel, customer, title) else {
        return Err(Problem::invalid(Vec::new()));
    };
    let act = CreateCase {
        caller: auth.caller(),
        channel,
        customer,
        conversation,
        title: title.trim().to_owned(),
        kind: kind.unwrap_or(domain::case::CaseType::General),
        priority: priority.unwrap_or(Priority::Medium),
        queue,
        assignee,
        tags,
    };
    write(&desk, key, act, |view: CaseView| {
        rendered(StatusCode::CREATED, Some(view.case.version), &CaseBody::from(view))
    })
    .await
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct CaseChanges {
    /// `closed` closes, anything else reopens a closed case.
    status: Option<String>,
    /// An agent's id; null unassigns.
    assignee: Option<String>,
    queue: Option<String>,
    r#type: Option<String>,
    priority: Option<String>,
    title: Option<String>,
    tags: Option<Vec<String>>,
    /// Auto close leaves the case alone until then: a time ahead, at most 366 days. Null ends that.
    keep_open_until: Option<String>,
    /// Why; only together with `keep_open_until`, at most 500 characters. A new time without a reason has none.
    keep_open_reason: Option<String>,
}

/// Change a case
///
/// `If-Match` with the case's `ETag` makes the change conditional.
#[utoipa::path(patch, path = "/v1/cases/{number}", tag = "cases", request_body = CaseChanges, params(("number" = i64, Path)),
    responses((status = 200, body = CaseBody), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)))]
pub async fn change(
    State(desk): State<Desk>,
    auth: Auth,
    Segment(number): Segment,
    mut body: Body,
) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let number = super::case_number(&number)?;
    let f = &mut body.fields;
    let changes = Changes {
        status: f.unless_null("status", word),
        assignee: f.nullable("assignee", super::agent),
        queue: f.unless_null("queue", super::queue),
        kind: f.unless_null("type", word),
        priority: f.unless_null("priority", word),
        title: f.unless_null("title", short(TITLE_CHARS)),
        tags: tags(f),
        keep_open_until: f.nullable("keep_open_until", time),
        keep_open_reason: f.optional("keep_open_reason", short(KEEP_OPEN_REASON_CHARS)),
    };
    let (key, if_version) = (body.key(&auth), body.conditions.if_match);
    let names = [
        named("queue", changes.queue, Named::Queue),
        named("assignee", changes.assignee.flatten(), Named::Assignee),
        named("keep_open_until", changes.keep_open_until.flatten(), Named::Until),
    ];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    let act = ChangeCase { caller: auth.caller(), number, changes, if_version, quiet: false };
    write(&desk, key, act, |view: CaseView| rendered(StatusCode::OK, Some(view.case.version), &CaseBody::from(view)))
        .await
}
