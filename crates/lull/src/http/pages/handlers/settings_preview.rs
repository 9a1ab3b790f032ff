//! The preview beside the settings form (X7): of what is typed, else of what is saved.

use super::super::format::{any_of, count, duration};
use super::super::layout::Section;
use super::super::settings::rule_sentence;
use super::super::settings_preview::{ClosingPage, PreviewCase, PreviewPanel};
use super::answer::{Answer, Stop, html};
use super::form::Form;
use super::frame;
use super::moments::Moments;
use super::session::Visitor;
use super::settings::read_close;
use super::words::{self, Names};
use crate::acts::Refusal;
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use crate::preview::{Draft, Fate, Preview, Sample, preview};
use crate::views::CaseView;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::permission::may_change_case_settings;
use domain::policy::{CloseRule, Overrides, StatusSet};
use store::case_list::Position;
use store::policies::WORKSPACE;

/// Cases shown beside the form.
const SAMPLE: i64 = 5;
/// Cases on a page of their list.
const ROWS: i64 = 50;
/// Saving what closes more than this at once asks for a tick.
pub const ASKS_FROM: i64 = 50;

fn number(n: i64) -> String {
    count(n.unsigned_abs())
}

/// `The next run closes 12 cases.`
fn closes_words(n: i64) -> String {
    match n {
        0 => "The next run closes nothing.".to_owned(),
        1 => "The next run closes 1 case.".to_owned(),
        n => format!("The next run closes {} cases.", number(n)),
    }
}

/// What auto close would be under what is typed; `None` when that cannot be.
pub fn typed_draft(form: &Form, saved: Overrides) -> Option<Overrides> {
    let (typed, read) = read_close(form);
    let (threshold, statuses) = read?;
    Some(Overrides { enabled: Some(typed.enabled), threshold: Some(threshold), statuses: Some(statuses), ..saved })
}

/// Looks at what a draft would do.
async fn look(
    desk: &Desk,
    visitor: &Visitor,
    draft: Draft,
    after: Option<Position>,
    limit: i64,
) -> Result<Preview, Stop> {
    let found = preview(desk, visitor.auth.workspace, draft, Sample { after, limit }).await?;
    found.ok_or_else(|| Problem::not_found().into())
}

fn of_workspace(settings: Overrides) -> Draft {
    Draft { queue: WORKSPACE, settings: Some(settings) }
}

/// The panel for the workspace's settings; `query` is the form of a draft, for the list of its cases.
pub async fn panel(
    desk: &Desk,
    visitor: &Visitor,
    settings: Overrides,
    query: Option<&str>,
) -> Result<PreviewPanel, Stop> {
    let shown = panel_of(desk, visitor, of_workspace(settings), query.is_some()).await?;
    let list_url = query.filter(|_| shown.closes > SAMPLE).map(|query| format!("/settings/cases/closing?{query}"));
    Ok(PreviewPanel { list_url, ..shown })
}

/// The panel for any draft; what is saved already is looked at in the same way.
pub async fn panel_of(desk: &Desk, visitor: &Visitor, draft: Draft, unsaved: bool) -> Result<PreviewPanel, Stop> {
    let found = look(desk, visitor, draft, None, SAMPLE).await?;
    let moments = frame::moments(visitor, found.at);
    let names = Names::new(&[], &found.queues);
    let closes = found.would_close();
    let changes = changes(found.before.in_force.effective.close, found.rule);
    let rows = found.groups.iter().filter(|group| group.tally.due > 0);
    let groups = rows.map(|group| {
        let (tally, queue) = (group.tally, names.queue(group.tally.queue).to_owned());
        (queue, words::status(tally.status), number(tally.due), number(tally.open))
    });
    Ok(PreviewPanel {
        draft: unsaved && !changes.is_empty(),
        problem: None,
        sentence: sentence(found.rule, &moments),
        changes,
        closes,
        closes_words: closes_words(closes),
        waiting: number(found.waiting_on_us()),
        soon: number(found.closes_soon()),
        oldest: found.oldest().map(|at| moments.at(at)),
        left: left(&found),
        groups: groups.collect(),
        sample: found.sample.iter().map(|view| row(view, &names, &moments)).collect(),
        list_url: None,
        asks: closes >= ASKS_FROM && unsaved,
        unsure: false,
        refetched: false,
    })
}

fn sentence(rule: CloseRule, moments: &Moments) -> String {
    match rule {
        CloseRule::Off => "Auto close is off: nothing closes by itself.".to_owned(),
        CloseRule::Suspended => "The plan suspends auto close: nothing closes by itself.".to_owned(),
        CloseRule::On { enabled_at, threshold, statuses } => {
            let statuses: Vec<_> = statuses.iter().map(words::status).collect();
            rule_sentence(threshold.minutes(), &statuses, &moments.words(enabled_at))
        }
    }
}

fn status_words(statuses: StatusSet) -> String {
    let words: Vec<&str> = statuses.iter().map(|status| words::status(status).word()).collect();
    any_of(&words)
}

/// What saving would change, of what holds.
fn changes(before: CloseRule, after: CloseRule) -> Vec<(&'static str, String, String)> {
    let switch = |rule| match rule {
        CloseRule::Off => "off".to_owned(),
        CloseRule::Suspended => "suspended".to_owned(),
        CloseRule::On { .. } => "on".to_owned(),
    };
    let parts = |rule| match rule {
        CloseRule::On { threshold, statuses, .. } => Some((duration(threshold.minutes()), status_words(statuses))),
        CloseRule::Off | CloseRule::Suspended => None,
    };
    let mut changes = vec![("Auto close", switch(before), switch(after))];
    if let (Some(from), Some(to)) = (parts(before), parts(after)) {
        changes.push(("Close after", from.0, to.0));
        changes.push(("Only in", from.1, to.1));
    }
    changes.retain(|(_, from, to)| from != to);
    changes
}

/// What the next run leaves alone, and why.
fn left(found: &Preview) -> Vec<(String, &'static str)> {
    let all = [
        (found.not_covered(), "silent since before auto close was on"),
        (found.kept_open(), "silent long enough, but kept open by somebody"),
        (found.left(Fate::StatusNotSelected), "in a status that is not selected"),
        (found.left(Fate::Off), "in queues where auto close is off"),
        (found.left(Fate::Suspended), "suspended by the plan"),
    ];
    all.into_iter().filter(|(n, _)| *n > 0).map(|(n, why)| (number(n), why)).collect()
}

fn row(view: &CaseView, names: &Names, moments: &Moments) -> PreviewCase {
    let case = &view.case;
    PreviewCase {
        number: case.number,
        title: case.title.clone(),
        customer: words::customer(view.customer_name.as_deref(), view.customer_handle.as_deref()),
        queue: names.queue(case.queue).to_owned(),
        status: words::status(case.status),
        silent_since: moments.at(case.last_activity_at),
        waits_on_us: case.waiting_on.is_some_and(|on| on == domain::case::WaitingOn::Us),
    }
}

async fn saved(desk: &Desk, visitor: &Visitor) -> Result<Overrides, Stop> {
    let ws = visitor.auth.workspace;
    let view = read(desk, move |tx| Box::pin(async move { crate::acts::change_policy::view(tx, ws, WORKSPACE).await }));
    Ok(Overrides::from(view.await?.workspace))
}

/// The panel alone, as it follows what is typed.
pub async fn fragment(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let query = request.uri().query().unwrap_or("");
    let mut shown = match typed_draft(&Form::parse(query), saved(&desk, &visitor).await?) {
        Some(draft) => panel(&desk, &visitor, draft, Some(query)).await?,
        None => PreviewPanel { draft: true, problem: Some(CANNOT.to_owned()), ..PreviewPanel::default() },
    };
    shown.refetched = true;
    html(StatusCode::OK, &shown)
}

pub const CANNOT: &str = "Once the form is complete, this says what saving it would do.";

/// The cases that a draft would close.
pub async fn list(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let query = request.uri().query().unwrap_or("");
    let form = Form::parse(query);
    let before = saved(&desk, &visitor).await?;
    let settings = typed_draft(&form, before).unwrap_or(before);
    let after = form.number("at").zip(form.number("id")).map(|(at, id)| Position { key: Some(at), id });
    let mut found = look(&desk, &visitor, of_workspace(settings), after, ROWS + 1).await?;
    let more = found.sample.len() as i64 > ROWS;
    found.sample.truncate(ROWS as usize);
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let me = read(&desk, move |tx| Box::pin(async move { frame::member(tx, (ws, me)).await })).await?;
    let moments = frame::moments(&visitor, found.at);
    let names = Names::new(&[], &found.queues);
    let draft = draft_query(&form);
    let last = found.sample.last().filter(|_| more);
    let next = last.and_then(|view| Some((view.closes_at?.as_micros(), view.case.id.0)));
    let page = ClosingPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Settings, "What would close", "/settings/cases/closing"),
        sentence: sentence(found.rule, &moments),
        total: closes_words(found.would_close()),
        rows: found.sample.iter().map(|view| row(view, &names, &moments)).collect(),
        back_url: format!("/settings/cases?{draft}&draft=1"),
        first_url: after.map(|_| format!("/settings/cases/closing?{draft}")),
        next_url: next.map(|(at, id)| format!("/settings/cases/closing?{draft}&at={at}&id={id}")),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

/// The fields of a draft, as an address carries them.
pub fn draft_query(form: &Form) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["enabled", "threshold", "unit", "status"] {
        for value in form.all(name) {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
