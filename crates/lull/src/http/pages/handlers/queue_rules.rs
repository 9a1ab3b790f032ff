//! The rules of queues (X1): the list, one queue's form with its preview, saving, and following the workspace again.

use super::super::format::{any_of, duration};
use super::super::layout::{Section, Tone};
use super::super::parts::{Choice, Status};
use super::super::queue_rules::{QueueForm, QueueRow, QueueRulePage, QueueRulesPage};
use super::super::settings::Unit;
use super::super::settings_preview::PreviewPanel;
use super::answer::{Answer, Stop, to};
use super::flash::say;
use super::form::Form;
use super::frame::{self, MEMBERS};
use super::session::Visitor;
use super::settings::minutes;
use super::settings_preview::{CANNOT, panel_of};
use super::words;
use crate::acts::Refusal;
use crate::acts::change_policy::{ChangePolicy, PolicyView, view};
use crate::desk::Desk;
use crate::http::answer::read;
use crate::http::problem::Problem;
use crate::preview::Draft;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use domain::id::QueueId;
use domain::permission::{Denied, may_change_case_settings};
use domain::policy::{CloseRule, Effective, Overrides, StatusSet, Threshold, Window};
use store::agents::Agent;
use store::policies::{self, WORKSPACE};
use store::queues::{self, Queue};

const ADDRESS: &str = "/settings/queue-rules";

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(&desk, move |tx| {
        Box::pin(async move {
            let me = frame::member(tx, (ws, me)).await?;
            let plan = store::workspaces::get(tx, ws).await?.plan;
            Ok((me, plan, policies::all(tx, ws).await?, queues::list(tx, ws, None, MEMBERS).await?))
        })
    });
    let (me, plan, rows, queues) = found.await?;
    let row = |queue: &Queue| {
        let effective = policies::resolve(plan, &rows, queue.id).effective;
        let own = rows.iter().find(|row| row.queue == queue.id);
        QueueRow {
            name: queue.name.clone(),
            url: format!("{ADDRESS}/{}", queue.id),
            own: own.is_some_and(|row| Overrides { enabled_at: None, ..row.settings } != Overrides::default()),
            close: close_words(effective.close),
            reopen: reopen_words(&effective),
        }
    };
    let page = QueueRulesPage {
        layout: frame::layout(&desk, &visitor, &me, Section::Settings, "Rules of queues", ADDRESS),
        rows: queues.iter().map(row).collect(),
    };
    frame::page(&visitor, StatusCode::OK, &page)
}

fn close_words(rule: CloseRule) -> String {
    match rule {
        CloseRule::Off => "Off".to_owned(),
        CloseRule::Suspended => "Suspended by the plan".to_owned(),
        CloseRule::On { threshold, statuses, .. } => {
            let names: Vec<&str> = statuses.iter().map(|status| words::status(status).word()).collect();
            format!("After {} in {}", duration(threshold.minutes()), any_of(&names))
        }
    }
}

fn reopen_words(effective: &Effective) -> String {
    effective.reopen.map_or_else(|| "Off".to_owned(), |window| format!("Within {}", duration(window.minutes())))
}

struct Found {
    me: Agent,
    queue: Queue,
    view: PolicyView,
}

impl Found {
    fn own(&self) -> Overrides {
        self.view.stored.as_ref().map(|row| row.settings).unwrap_or_default()
    }
}

async fn find(desk: &Desk, visitor: &Visitor, id: &str) -> Result<Found, Stop> {
    let id = QueueId::parse(id).filter(|id| *id != WORKSPACE).ok_or_else(Problem::not_found)?;
    let (ws, me) = (visitor.auth.workspace, visitor.agent);
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let Some(queue) = queues::get(tx, ws, id).await? else { return Ok(None) };
            Ok(Some(Found { me: frame::member(tx, (ws, me)).await?, view: view(tx, ws, id).await?, queue }))
        })
    });
    found.await?.ok_or_else(|| Problem::not_found().into())
}

fn refusal(visitor: &Visitor) -> Option<String> {
    match may_change_case_settings(visitor.auth.role, visitor.auth.plan) {
        Ok(()) => None,
        Err(Denied::Permission(_)) => {
            Some("You can look at these rules. Owners and care managers change them.".to_owned())
        }
        Err(Denied::Plan { has }) => {
            let plan = words::plan(has);
            Some(format!(
                "The plan {plan} does not include these rules: Advanced and Enterprise do. What is set is kept."
            ))
        }
    }
}

fn switch(on: Option<bool>) -> Vec<Choice> {
    [("", "As the workspace", None), ("on", "On", Some(true)), ("off", "Off", Some(false))]
        .map(|(value, label, of)| Choice::new(value, label, of == on))
        .into()
}

fn switched(word: &str) -> Option<bool> {
    match word {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// The form with what is saved.
fn saved_form(own: &Overrides) -> QueueForm {
    let split = |minutes: Option<u32>| {
        minutes.map(Unit::split).map_or((String::new(), Unit::Hours), |(n, u)| (n.to_string(), u))
    };
    let (threshold, unit) = split(own.threshold.map(Threshold::minutes));
    let (window, window_unit) = split(own.window.map(Window::minutes));
    let ticked = |status| own.statuses.is_some_and(|set| set.iter().any(|of| words::status(of) == status));
    let open = [Status::Open, Status::InProgress, Status::OnHold];
    QueueForm {
        switch: switch(own.enabled),
        threshold,
        unit,
        threshold_error: None,
        statuses: open.into_iter().map(|status| (status, ticked(status))).collect(),
        reopen: switch(own.reopen_enabled),
        window,
        window_unit,
        window_error: None,
    }
}

/// A length that may be left empty: the minutes, or why there are none.
fn length<T>(typed: &str, unit: Unit, of: impl Fn(i64) -> Option<T>, bounds: &str) -> Result<Option<T>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    of(minutes(typed, unit)?).map(Some).ok_or_else(|| format!("This must be from {bounds}, or empty."))
}

/// Reads the form; its faults stand in the form that comes back.
fn typed(form: &Form) -> (QueueForm, Option<Overrides>) {
    let unit = |name: &str| Unit::from_key(form.line(name)).unwrap_or_default();
    let statuses: Vec<domain::case::Status> = form.all("status").filter_map(|word| word.parse().ok()).collect();
    let statuses = StatusSet::new(statuses).ok();
    let threshold = length(
        form.line("threshold"),
        unit("unit"),
        |minutes| Threshold::from_minutes(minutes).ok(),
        "1 hour to 21 days",
    );
    let window = length(
        form.line("window"),
        unit("window_unit"),
        |minutes| Window::from_minutes(minutes).ok(),
        "1 hour to 90 days",
    );
    let settings = Overrides {
        enabled: switched(form.line("enabled")),
        enabled_at: None,
        threshold: threshold.clone().ok().flatten(),
        statuses,
        reopen_enabled: switched(form.line("reopen")),
        window: window.clone().ok().flatten(),
    };
    let shown = QueueForm {
        threshold: form.line("threshold").to_owned(),
        unit: unit("unit"),
        threshold_error: threshold.as_ref().err().cloned(),
        window: form.line("window").to_owned(),
        window_unit: unit("window_unit"),
        window_error: window.as_ref().err().cloned(),
        ..saved_form(&settings)
    };
    let whole = threshold.is_ok() && window.is_ok();
    (shown, whole.then_some(settings))
}

async fn page(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    status: StatusCode,
    form: QueueForm,
    (preview, conflict): (Option<PreviewPanel>, bool),
) -> Answer {
    let url = format!("{ADDRESS}/{}", found.queue.id);
    let template = QueueRulePage {
        layout: frame::layout(desk, visitor, &found.me, Section::Settings, "Rules of a queue", &url),
        url,
        queue: found.queue.name.clone(),
        refusal: refusal(visitor),
        version: found.view.stored.as_ref().map_or(0, |row| row.version),
        own: Overrides { enabled_at: None, ..found.own() } != Overrides::default(),
        conflict,
        form,
        preview,
    };
    frame::page(visitor, status, &template)
}

async fn beside(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    settings: Option<Overrides>,
    is_draft: bool,
) -> Result<Option<PreviewPanel>, Stop> {
    if refusal(visitor).is_some() {
        return Ok(None);
    }
    let Some(settings) = settings else {
        return Ok(Some(PreviewPanel { draft: true, problem: Some(CANNOT.to_owned()), ..PreviewPanel::default() }));
    };
    let draft = Draft { queue: found.queue.id, settings: Some(settings) };
    let mut panel = panel_of(desk, visitor, draft, is_draft).await?;
    panel.draft = is_draft;
    Ok(Some(panel))
}

pub async fn show_one(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, request: Request) -> Answer {
    let found = find(&desk, &visitor, &id).await?;
    let form = Form::parse(request.uri().query().unwrap_or(""));
    let (shown, settings) = match form.ticked("draft") {
        true => typed(&form),
        false => (saved_form(&found.own()), Some(found.own())),
    };
    let preview = beside(&desk, &visitor, &found, settings, form.ticked("draft")).await?;
    page(&desk, &visitor, &found, StatusCode::OK, shown, (preview, false)).await
}

pub async fn save(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let found = find(&desk, &visitor, &id).await?;
    let (shown, settings) = typed(&form);
    let preview = beside(&desk, &visitor, &found, settings, true).await?;
    let unsure = preview.as_ref().is_some_and(|preview| preview.asks) && !form.ticked("sure");
    let Some(settings) = settings.filter(|_| !unsure) else {
        let preview = preview.map(|preview| PreviewPanel { unsure, ..preview });
        return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, shown, (preview, false)).await;
    };
    match put(&desk, &visitor, &found, &form, Some(settings)).await? {
        Ok(response) => Ok(response),
        Err(()) => {
            let found = find(&desk, &visitor, &id).await?;
            page(&desk, &visitor, &found, StatusCode::CONFLICT, shown, (preview, true)).await
        }
    }
}

/// Drops what the queue says for itself.
pub async fn inherit(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let found = find(&desk, &visitor, &id).await?;
    match put(&desk, &visitor, &found, &form, None).await? {
        Ok(response) => Ok(response),
        Err(()) => {
            let text = "Somebody saved other rules meanwhile, so nothing was done. Look at them again.";
            Ok(say(to(&format!("{ADDRESS}/{id}")), Tone::Bad, text, None, visitor.https))
        }
    }
}

/// Saves under the version the form was filled from; inside, `Err` says that somebody saved before.
async fn put(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    form: &Form,
    settings: Option<Overrides>,
) -> Result<Result<axum::response::Response, ()>, Stop> {
    let if_version = Some(form.number("version").unwrap_or(-1));
    let act = ChangePolicy { caller: visitor.auth.caller(), queue: found.queue.id, settings, if_version };
    match desk.db.write(act).await? {
        Ok(_) => {
            let text = match settings {
                Some(_) => format!("The rules of {} are saved.", found.queue.name),
                None => format!("{} follows the workspace again.", found.queue.name),
            };
            Ok(Ok(say(to(ADDRESS), Tone::Good, &text, None, visitor.https)))
        }
        Err(Refusal::VersionConflict { .. }) => Ok(Err(())),
        Err(refusal) => Err(refusal.into()),
    }
}
