//! `/v1/reports/cases`: the figures of section 5, as JSON or CSV, and the cases behind each.

use super::super::answer::show;
use super::super::fields::{short, time, word};
use super::super::paging::{Listing, Page};
use super::super::problem::Problem;
use super::super::request::{Auth, Query};
use crate::acts::Invalid;
use crate::desk::Desk;
use crate::exports::table::{Cell, Format, Table};
use crate::reports::{self, Group, Query as Asked, Refused, Report};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::case::{TAG_CHARS, normal_tags};
use domain::id::WorkspaceId;
use domain::metrics::{Calendar, Counts, DAYS, Dimension, Period, Phase};
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use serde::Serialize;
use store::Fault;
use store::reports::{Figure, Place, Selection};
use utoipa::ToSchema;

/// Days of the period when none is asked for, today among them.
const USUAL_DAYS: i64 = 28;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClosedByReason {
    manual: i64,
    inactivity: i64,
    api: i64,
}

/// The figures of a period; a mean or share of nothing is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Figures {
    /// Cases created in the period (M2).
    cases_opened: i64,
    /// Closures in the period (M3).
    total_cases_closed: i64,
    closed_by_reason: ClosedByReason,
    /// Cases created in the period and closed at its end (M4).
    same_period_cases_closed: i64,
    /// Of the cases opened, the share of those: from 0 to 1 (M5).
    case_completion_rate: Option<f64>,
    /// M6.
    average_handle_time_seconds: Option<f64>,
    /// M7.
    average_handle_time_without_idle_tail_seconds: Option<f64>,
    /// Reopenings in the period (M8).
    cases_reopened: i64,
    /// Of the closures, the share reopened later: from 0 to 1 (M8).
    reopen_rate: Option<f64>,
    /// M9, of the cases opened that were answered by the end of the period.
    average_first_reply_seconds: Option<f64>,
}

impl From<Counts> for Figures {
    fn from(counts: Counts) -> Figures {
        Figures {
            cases_opened: counts.opened,
            total_cases_closed: counts.closed(),
            closed_by_reason: ClosedByReason {
                manual: counts.closed_manual,
                inactivity: counts.closed_inactivity,
                api: counts.closed_api,
            },
            same_period_cases_closed: counts.settled,
            case_completion_rate: counts.completion_rate(),
            average_handle_time_seconds: counts.average_handle_seconds(),
            average_handle_time_without_idle_tail_seconds: counts.average_active_seconds(),
            cases_reopened: counts.reopened,
            reopen_rate: counts.reopen_rate(),
            average_first_reply_seconds: counts.average_reply_seconds(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReportGroup {
    /// An id or a word; null is the group of what has no value there.
    key: Option<String>,
    name: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBucket {
    from: String,
    to: String,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseReport {
    from: String,
    /// Not included.
    to: String,
    time_zone: String,
    as_of: String,
    group_by: Option<&'static str>,
    bucket: Option<&'static str>,
    totals: Figures,
    groups: Vec<ReportGroup>,
    series: Vec<ReportBucket>,
}

/// Reads a moment or, as a date, a local midnight.
pub fn moment(calendar: &Calendar) -> impl Fn(&str) -> Result<Timestamp, (&'static str, String)> {
    move |text| {
        let wanted = "this must be a time such as 2026-11-22T15:14:03.120Z or a date such as 2026-11-22";
        calendar.read_date(text).map_or_else(|| time(text), Ok).map_err(|_| ("invalid_time", wanted.to_owned()))
    }
}

/// Reads a period, the last four weeks if none is asked for.
pub fn read_period(query: &mut Query, calendar: &Calendar, now: Timestamp) -> Period {
    let today = calendar.day(now);
    let to = query.read("to", moment(calendar)).unwrap_or(calendar.midnight(today + 1));
    let usual = calendar.midnight(calendar.day(to.minus(Span::from_micros(1))) + 1 - USUAL_DAYS);
    let period = Period { from: query.read("from", moment(calendar)).unwrap_or(usual), to };
    if period.from >= period.to {
        query.fault("from", "out_of_range", "`from` must lie before `to`, which is not in the period");
    } else if period.to.since(period.from) > Span::days(DAYS) {
        query.fault("to", "out_of_range", format!("a period can have at most {DAYS} days"));
    }
    period
}

/// Reads what a report is narrowed to.
pub fn read_selection(query: &mut Query) -> Selection {
    Selection {
        agent: query.read("agent", |text| match text {
            "none" => Ok(None),
            id => super::agent(id).map(Some),
        }),
        queue: query.read("queue", super::queue),
        channel: query.read("channel", super::channel),
        network: query.read("network", word),
        kind: query.read("type", word),
        priority: query.read("priority", word),
        tag: query.read("tag", short(TAG_CHARS)).map(|tag| normal_tags([tag.as_str()]).pop().unwrap_or_default()),
        reason: query.read("closed_reason", word),
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        match refused {
            Refused::TooManyPoints => Problem::invalid(vec![too_many_points()]),
            Refused::Counting => Problem::unavailable(
                "the figures are still being counted, after an upgrade, a change of the time zone or very much work at once: ask again",
            ),
            Refused::Fault(fault) => fault.into(),
        }
    }
}

fn too_many_points() -> Invalid {
    let most = domain::metrics::POINTS;
    Invalid::new("bucket", "out_of_range", format!("this would give more than {most} points: take longer buckets"))
}

/// Report on cases
///
/// Figures of a period by section 5 of the rules. Closings by inactivity count in all of them and are told apart in
/// `closed_by_reason`. With `Accept: text/csv` the groups, else the series, else the totals are a table.
#[utoipa::path(get, path = "/v1/reports/cases", tag = "reports", params(
    ("from" = Option<String>, Query, description = "A time, or a date: its midnight in the workspace's zone"),
    ("to" = Option<String>, Query, description = "Not included"),
    ("group_by" = Option<String>, Query, description = "`agent`, `queue`, `channel`, `network`, `type`, `priority`, `tag`, \
        `closed_reason`, `handle_time` or `handle_time_without_idle_tail`"),
    ("bucket" = Option<String>, Query, description = "`hour`, `day`, `week` or `month`: gives `series`"),
    ("agent" = Option<String>, Query, description = "An id, or `none`"), ("queue" = Option<String>, Query),
    ("channel" = Option<String>, Query), ("network" = Option<String>, Query), ("type" = Option<String>, Query),
    ("priority" = Option<String>, Query), ("tag" = Option<String>, Query), ("closed_reason" = Option<String>, Query)),
    responses((status = 200, body = CaseReport), (status = 422, body = Problem), (status = 503, body = Problem)))]
pub async fn cases(
    State(desk): State<Desk>,
    auth: Auth,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    auth.require(Permission::ReadReports)?;
    let calendar = reports::calendar(&desk, auth.workspace).await?;
    let period = read_period(&mut query, &calendar, desk.db.now());
    let asked = Asked {
        period,
        group_by: query.read("group_by", word),
        bucket: query.read("bucket", word),
        selection: read_selection(&mut query),
    };
    if let Some(bucket) = asked.bucket
        && calendar.edges(period, bucket).is_none()
    {
        let Invalid { field, code, message } = too_many_points();
        query.fault(&field, code, message);
    }
    query.finish()?;
    let report = reports::read(&desk, auth.workspace, asked.clone()).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if accept.split(',').next().unwrap_or("").trim().starts_with("text/csv") {
        return Ok(download(csv(&report, &asked)?));
    }
    Ok(show(&body(report, &asked)))
}

fn body(report: Report, asked: &Asked) -> CaseReport {
    CaseReport {
        from: report.period.from.to_string(),
        to: report.period.to.to_string(),
        time_zone: report.time_zone,
        as_of: report.as_of.to_string(),
        group_by: asked.group_by.map(Dimension::as_str),
        bucket: asked.bucket.map(domain::metrics::Bucket::as_str),
        totals: report.totals.into(),
        groups: report
            .groups
            .into_iter()
            .map(|group| ReportGroup { key: group.key, name: group.name, figures: group.counts.into() })
            .collect(),
        series: report
            .series
            .into_iter()
            .map(|slot| ReportBucket {
                from: slot.from.to_string(),
                to: slot.to.to_string(),
                figures: slot.counts.into(),
            })
            .collect(),
    }
}

const FIGURES: [&str; 12] = [
    "cases_opened",
    "total_cases_closed",
    "closed_manual",
    "closed_inactivity",
    "closed_api",
    "same_period_cases_closed",
    "case_completion_rate",
    "average_handle_time_seconds",
    "average_handle_time_without_idle_tail_seconds",
    "cases_reopened",
    "reopen_rate",
    "average_first_reply_seconds",
];
static OF_GROUPS: [&str; 14] = named(["key", "name"]);
static OF_PERIODS: [&str; 14] = named(["from", "to"]);

/// The figures' columns after two that say what they are of.
const fn named(first: [&'static str; 2]) -> [&'static str; 14] {
    let mut columns = [first[0], first[1], "", "", "", "", "", "", "", "", "", "", "", ""];
    let mut place = 0;
    while place < FIGURES.len() {
        columns[place + 2] = FIGURES[place];
        place += 1;
    }
    columns
}

fn cells(first: [Cell; 2], counts: Counts) -> Vec<Cell> {
    let figures = Figures::from(counts);
    let fraction = |value: Option<f64>| Cell::from(value.map(|value| value.to_string()));
    let [one, two] = first;
    vec![
        one,
        two,
        figures.cases_opened.into(),
        figures.total_cases_closed.into(),
        figures.closed_by_reason.manual.into(),
        figures.closed_by_reason.inactivity.into(),
        figures.closed_by_reason.api.into(),
        figures.same_period_cases_closed.into(),
        fraction(figures.case_completion_rate),
        fraction(figures.average_handle_time_seconds),
        fraction(figures.average_handle_time_without_idle_tail_seconds),
        figures.cases_reopened.into(),
        fraction(figures.reopen_rate),
        fraction(figures.average_first_reply_seconds),
    ]
}

/// The report as CSV: its groups where it has a breakdown, else its series, else its totals.
pub fn csv(report: &Report, asked: &Asked) -> Result<String, Fault> {
    let period = |from: Timestamp, to: Timestamp, counts| cells([from.into(), to.into()], counts);
    let (columns, rows): (&'static [&'static str], Vec<_>) = match (asked.group_by, asked.bucket) {
        (Some(_), _) => {
            let group = |group: &Group| cells([group.key.clone().into(), group.name.clone().into()], group.counts);
            (&OF_GROUPS, report.groups.iter().map(group).collect())
        }
        (None, Some(_)) => {
            (&OF_PERIODS, report.series.iter().map(|slot| period(slot.from, slot.to, slot.counts)).collect())
        }
        (None, None) => (&OF_PERIODS, vec![period(report.period.from, report.period.to, report.totals)]),
    };
    let table = Table { columns, format: Format::Csv };
    let mut bytes = table.head()?;
    bytes.extend(table.rows(rows.into_iter())?);
    String::from_utf8(bytes).map_err(|e| Fault::Broken(e.to_string()))
}

/// An answer that a browser saves as a file.
fn download(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, Format::Csv.content_type()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cases-report.csv\""),
    ];
    (headers, text).into_response()
}

/// One case or closure behind a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct BehindBody {
    number: i64,
    created_at: String,
    /// When the case came to stand as the figure counts it: created, changed, closed.
    since: String,
    until: Option<String>,
    closed_reason: Option<&'static str>,
    agent: Option<String>,
    queue: String,
    handle_time_seconds: Option<f64>,
    handle_time_without_idle_tail_seconds: Option<f64>,
}

impl From<Phase> for BehindBody {
    fn from(phase: Phase) -> BehindBody {
        let seconds = |span: Span| span.as_micros() as f64 / 1e6;
        BehindBody {
            number: phase.number,
            created_at: phase.created_at.to_string(),
            since: phase.since.to_string(),
            until: phase.until.map(|until| until.to_string()),
            closed_reason: phase.closing.map(|closing| closing.reason.as_str()),
            agent: phase.under.agent.map(|agent| agent.to_string()),
            queue: phase.under.queue.to_string(),
            handle_time_seconds: phase.closing.map(|closing| seconds(closing.handle_time)),
            handle_time_without_idle_tail_seconds: phase.closing.map(|closing| seconds(closing.active_time)),
        }
    }
}

/// Reads which figure somebody wants the cases of.
pub fn read_figure(text: &str) -> Result<Figure, (&'static str, String)> {
    Ok(match text {
        "cases_opened" => Figure::Opened,
        "total_cases_closed" => Figure::Closed,
        "same_period_cases_closed" => Figure::SamePeriodClosed,
        "cases_reopened" => Figure::Reopened,
        "closed_and_reopened_later" => Figure::Undone,
        "first_reply" => Figure::Replied,
        _ => {
            let known = "cases_opened, total_cases_closed, same_period_cases_closed, cases_reopened, \
                         closed_and_reopened_later, first_reply";
            return Err(("unknown_value", format!("this is not one of: {known}")));
        }
    })
}

fn place(page: &Page) -> Option<Place> {
    let values = page.after.as_ref()?;
    let value = |place: usize| values.get(place).copied().flatten();
    Some((Timestamp::from_micros(value(0)?), domain::id::CaseId(value(1)?), value(2)?))
}

/// List the cases behind a figure
///
/// As many as the figure of the same period and filters says, oldest first.
#[utoipa::path(get, path = "/v1/reports/cases/behind", tag = "reports", params(
    ("figure" = Option<String>, Query, description = "`cases_opened`, `total_cases_closed`, `same_period_cases_closed`, \
        `cases_reopened`, `closed_and_reopened_later` or `first_reply`; `total_cases_closed` if absent"),
    ("from" = Option<String>, Query), ("to" = Option<String>, Query), ("agent" = Option<String>, Query),
    ("queue" = Option<String>, Query), ("channel" = Option<String>, Query), ("network" = Option<String>, Query),
    ("type" = Option<String>, Query), ("priority" = Option<String>, Query), ("tag" = Option<String>, Query),
    ("closed_reason" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Listing<BehindBody>), (status = 422, body = Problem)))]
pub async fn behind(State(desk): State<Desk>, auth: Auth, mut query: Query) -> Result<Response, Problem> {
    auth.require(Permission::ReadReports)?;
    let page = Page::read(&mut query, "reports-behind");
    let calendar = reports::calendar(&desk, auth.workspace).await?;
    let period = read_period(&mut query, &calendar, desk.db.now());
    let selection = read_selection(&mut query);
    let figure = query.read("figure", read_figure).unwrap_or(Figure::Closed);
    query.finish()?;
    let (ws, after, fetch): (WorkspaceId, _, _) = (auth.workspace, place(&page), page.fetch());
    let rows = reports::behind(&desk, ws, figure, period, selection, after, fetch).await?;
    let at = |row: &(Place, Phase)| vec![Some(row.0.0.as_micros()), Some(row.0.1.0), Some(row.0.2)];
    Ok(show(&page.finish(rows, at, |(_, phase)| BehindBody::from(phase))))
}
