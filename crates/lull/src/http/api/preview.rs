//! `POST /v1/auto-close/preview`: what the next run would do under a draft of the settings (X7).

use super::super::answer::show;
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Query};
use super::super::shapes::CaseBody;
use super::cases::position;
use super::lifecycle::{AutoCloseDocument, AutoReopenDocument, Scope, allowed, read_document};
use crate::acts::Invalid;
use crate::desk::Desk;
use crate::preview::{Draft, Fate, Group, Preview, Sample, preview};
use crate::views::CaseView;
use axum::extract::State;
use axum::response::Response;
use domain::policy::CloseRule;
use serde::Serialize;
use store::policies::WORKSPACE;
use utoipa::ToSchema;

/// Cases listed unless the caller says how many.
const LISTED: i64 = 10;
const LISTED_MOST: i64 = 100;
/// Longer than any cursor.
const CURSOR_CHARS: usize = 400;

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct PreviewDocument {
    /// Absent or null: a draft for the workspace, where every field is given. A queue's id: a draft of its overrides, where
    /// what is absent or null inherits.
    queue: Option<String>,
    auto_close: Option<AutoCloseDocument>,
    auto_reopen: Option<AutoReopenDocument>,
    /// Cases listed, 1 to 100; 10 unless said.
    limit: Option<i64>,
    /// Where the listed cases go on: the `next_cursor` of an answer to the same draft.
    cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoClosePreview)]
pub struct PreviewBody {
    /// The moment the answer speaks of.
    at: String,
    /// Whether auto close would act under the draft.
    in_effect: bool,
    /// The switch-on that would hold: only cases with activity since then are covered.
    enabled_at: Option<String>,
    /// Cases that the next run would close.
    would_close: i64,
    /// How many of those wait for an answer of ours.
    waiting_on_us: i64,
    /// Cases that would close within 24 hours if nothing happens; those of the next run are among them.
    closes_within_24_hours: i64,
    /// Open cases left alone because they were silent since before `enabled_at`.
    not_covered: i64,
    /// Cases silent for long enough that somebody keeps open.
    kept_open: i64,
    /// Open cases whose status is not selected.
    status_not_selected: i64,
    /// Open cases in queues where auto close is off.
    off: i64,
    /// The last activity of the case that would close first.
    oldest_activity_at: Option<String>,
    /// By queue and status, where there are open cases.
    groups: Vec<PreviewGroup>,
    /// The cases that the next run would close, the longest silent first.
    #[schema(inline)]
    cases: Listing<CaseBody>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewGroup {
    queue: String,
    status: &'static str,
    open: i64,
    would_close: i64,
    waiting_on_us: i64,
    closes_within_24_hours: i64,
    not_covered: i64,
    kept_open: i64,
    /// Why nothing of this queue and status is looked at: `off`, `suspended` or `status_not_selected`; else null.
    left_out: Option<&'static str>,
}

impl From<&Group> for PreviewGroup {
    fn from(group: &Group) -> Self {
        let tally = group.tally;
        PreviewGroup {
            queue: tally.queue.to_string(),
            status: tally.status.as_str(),
            open: tally.open,
            would_close: tally.due,
            waiting_on_us: tally.due_waiting_on_us,
            closes_within_24_hours: tally.soon,
            not_covered: group.not_covered(),
            kept_open: tally.kept,
            left_out: match group.fate {
                Fate::Looked => None,
                Fate::Off => Some("off"),
                Fate::Suspended => Some("suspended"),
                Fate::StatusNotSelected => Some("status_not_selected"),
            },
        }
    }
}

fn rendered(found: Preview, page: &Page) -> PreviewBody {
    let enabled_at = match found.rule {
        CloseRule::On { enabled_at, .. } => Some(enabled_at.to_string()),
        CloseRule::Off | CloseRule::Suspended => None,
    };
    PreviewBody {
        at: found.at.to_string(),
        in_effect: enabled_at.is_some(),
        enabled_at,
        would_close: found.would_close(),
        waiting_on_us: found.waiting_on_us(),
        closes_within_24_hours: found.closes_soon(),
        not_covered: found.not_covered(),
        kept_open: found.kept_open(),
        status_not_selected: found.left(Fate::StatusNotSelected),
        off: found.left(Fate::Off),
        oldest_activity_at: found.oldest().map(|at| at.to_string()),
        groups: found.groups.iter().map(PreviewGroup::from).collect(),
        cases: page.finish(
            found.sample,
            |row: &CaseView| vec![row.closes_at.map(|at| at.as_micros()), Some(row.case.id.0)],
            CaseBody::from,
        ),
    }
}

/// Preview a draft of the lifecycle settings
///
/// Says what the next run would do if the draft were saved now; nothing is. Needs what saving it needs: the permission
/// `manage_case_settings` and the plan `advanced` or `enterprise`.
#[utoipa::path(post, path = "/v1/auto-close/preview", tag = "auto close", request_body = PreviewDocument,
    responses((status = 200, body = PreviewBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn show_it(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    allowed(&auth)?;
    let f = &mut body.fields;
    let scope = if f.has("queue") { Scope::Queue } else { Scope::Workspace };
    let queue = f.optional("queue", super::queue);
    if queue == Some(WORKSPACE) {
        f.fault("queue", "not_found", "there is no such queue");
    }
    let settings = read_document(f, scope);
    let limit = f.nullable_integer("limit", 1, LISTED_MOST).flatten().unwrap_or(LISTED);
    let cursor = f.optional("cursor", |text| match text.len() <= CURSOR_CHARS {
        true => Ok(text.to_owned()),
        false => Err(("invalid_cursor", "this is no cursor".to_owned())),
    });
    let draft = Draft { queue: queue.unwrap_or(WORKSPACE), settings: Some(settings) };
    let page = page(limit, cursor.as_deref(), &draft, f);
    body.finish()?;
    let sample = Sample { after: position(&page), limit: page.fetch() };
    let found = preview(&desk, auth.workspace, draft, sample).await?;
    let found = found.ok_or_else(|| Problem::invalid(vec![Invalid::not_found("queue", "queue")]))?;
    Ok(show(&rendered(found, &page)))
}

/// The page of listed cases, bound to its draft as a list's cursor is to its filters.
fn page(limit: i64, cursor: Option<&str>, draft: &Draft, fields: &super::super::fields::Fields) -> Page {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string()).append_pair("draft", &format!("{draft:?}"));
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let mut query = Query::parse(&query.finish());
    let page = Page::read(&mut query, "preview");
    for fault in query.faults {
        fields.fault(&fault.field, fault.code, fault.message);
    }
    page
}
