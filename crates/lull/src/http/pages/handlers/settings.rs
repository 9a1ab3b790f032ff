//! Settings → Inbox and reviews → Case settings.

use super::super::layout::{Section, Tone};
use super::super::parts::{Moment, Status};
use super::super::settings::{
    Access, AutoCloseForm, AutoReopenForm, CaseSettingsPage, Effect, Unit, reopen_sentence, rule_sentence,
};
use super::super::settings_preview::PreviewPanel;
use super::answer::{Answer, to};
use super::flash::say;
use super::form::Form;
use super::frame;
use super::moments::Moments;
use super::session::Visitor;
use super::settings_preview::{self, typed_draft};
use super::words;
use crate::acts::Refusal;
use crate::acts::change_policy::{ChangePolicy, PolicyView, view};
use crate::desk::Desk;
use crate::http::answer::read;
use axum::extract::State;
use axum::http::StatusCode;
use domain::case;
use domain::permission::{Denied, may_change_case_settings};
use domain::policy::{CloseRule, Overrides, Policy, StatusSet, Threshold, Window};
use store::agents::{self, Agent};
use store::policies::WORKSPACE;

const ADDRESS: &str = "/settings/cases";
const REOPEN_OFF: &str =
    "Auto reopen is off: a customer's message on a closed case starts a new case linked to the old one.";

pub async fn start() -> Answer {
    Ok(to(ADDRESS))
}

pub async fn show(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let found = find(&desk, &visitor).await?;
    let (mut close, reopen) = (close_form(&found.view.workspace), reopen_form(&found.view.workspace));
    suggest(&mut close, &visitor.here);
    let query = visitor.here.split_once('?').map_or("", |(_, query)| query);
    let form = Form::parse(query);
    let draft = form.ticked("draft").then(|| read_close(&form).0);
    let preview = beside(&desk, &visitor, &found, draft.is_some().then_some((&form, query))).await?;
    page(
        &desk,
        &visitor,
        &found,
        StatusCode::OK,
        Shown { close: draft.unwrap_or(close), reopen, conflict: None, preview },
    )
}

/// The two forms as they are shown, and what stands beside them.
struct Shown {
    close: AutoCloseForm,
    reopen: AutoReopenForm,
    conflict: Option<String>,
    preview: Option<PreviewPanel>,
}

/// The preview of what is typed, else of what is saved; only for who may save.
async fn beside(
    desk: &Desk,
    visitor: &Visitor,
    found: &Found,
    typed: Option<(&Form, &str)>,
) -> Result<Option<PreviewPanel>, super::answer::Stop> {
    if access(visitor) != Access::Edits {
        return Ok(None);
    }
    let saved = Overrides::from(found.view.workspace);
    let Some((form, query)) = typed else {
        return Ok(Some(settings_preview::panel(desk, visitor, saved, None).await?));
    };
    Ok(Some(match typed_draft(form, saved) {
        Some(draft) => settings_preview::panel(desk, visitor, draft, Some(query)).await?,
        None => PreviewPanel { draft: true, problem: Some(settings_preview::CANNOT.to_owned()), ..Default::default() },
    }))
}

/// Fills in the threshold that the advisor leads here with; nothing is saved by it.
fn suggest(close: &mut AutoCloseForm, here: &str) {
    let asked = Form::parse(here.split_once('?').map_or("", |(_, query)| query));
    let Some(threshold) = asked.number("threshold").and_then(|minutes| Threshold::from_minutes(minutes).ok()) else {
        return;
    };
    let (number, unit) = Unit::split(threshold.minutes());
    (close.threshold, close.unit, close.suggested) = (number.to_string(), unit, true);
}

/// What the page reads, in one snapshot.
struct Found {
    view: PolicyView,
    me: Agent,
    changed_by: Option<String>,
    moments: Moments,
}

impl Found {
    fn version(&self) -> i64 {
        self.view.stored.as_ref().map_or(0, |row| row.version)
    }

    /// Who changed the settings last, and when.
    fn last_change(&self) -> Option<(String, Moment)> {
        let row = self.view.stored.as_ref()?;
        let who = self.changed_by.clone().unwrap_or_else(|| "a program".to_owned());
        Some((who, self.moments.at(row.updated_at)))
    }
}

async fn find(desk: &Desk, visitor: &Visitor) -> Result<Found, super::answer::Stop> {
    let (ws, me, zone) = (visitor.auth.workspace, visitor.agent, visitor.zone.clone());
    let found = read(desk, move |tx| {
        Box::pin(async move {
            let view = view(tx, ws, WORKSPACE).await?;
            let me = frame::member(tx, (ws, me)).await?;
            let by = view.stored.as_ref().and_then(|row| row.updated_by);
            let changed_by = match by {
                Some(agent) => agents::get(tx, ws, agent).await?.map(|agent| agent.name),
                None => None,
            };
            Ok(Found { view, me, changed_by, moments: Moments::new(&zone, tx.now()) })
        })
    });
    Ok(found.await?)
}

fn close_form(policy: &Policy) -> AutoCloseForm {
    let (threshold, unit) = Unit::split(policy.threshold.minutes());
    let selected = |status| policy.statuses.contains(status);
    AutoCloseForm {
        enabled: policy.enabled,
        threshold: threshold.to_string(),
        unit,
        open: selected(case::Status::Open),
        in_progress: selected(case::Status::InProgress),
        on_hold: selected(case::Status::OnHold),
        threshold_error: None,
        statuses_error: None,
        suggested: false,
    }
}

fn reopen_form(policy: &Policy) -> AutoReopenForm {
    let (window, unit) = Unit::split(policy.window.minutes());
    AutoReopenForm { enabled: policy.reopen_enabled, window: window.to_string(), unit, window_error: None }
}

fn page(desk: &Desk, visitor: &Visitor, found: &Found, status: StatusCode, shown: Shown) -> Answer {
    let Shown { close: auto_close, reopen: auto_reopen, conflict, preview } = shown;
    let template = CaseSettingsPage {
        layout: frame::layout(desk, visitor, &found.me, Section::Settings, "Case settings", ADDRESS),
        access: access(visitor),
        version: found.version(),
        conflict,
        auto_close,
        auto_reopen,
        rule: rule(found),
        reopen_rule: match found.view.workspace.reopen_enabled {
            true => reopen_sentence(found.view.workspace.window.minutes()),
            false => REOPEN_OFF.to_owned(),
        },
        effect: effect(found),
        last_change: found.last_change(),
        preview,
    };
    frame::page(visitor, status, &template)
}

fn access(visitor: &Visitor) -> Access {
    match may_change_case_settings(visitor.auth.role, visitor.auth.plan) {
        Ok(()) => Access::Edits,
        Err(Denied::Permission(_)) => Access::NoPermission,
        Err(Denied::Plan { has }) => Access::NoPlan(words::plan(has).to_owned()),
    }
}

fn rule(found: &Found) -> String {
    let policy = &found.view.workspace;
    let Some(enabled_at) = policy.enabled_at.filter(|_| policy.enabled) else { return String::new() };
    let statuses: Vec<Status> = policy.statuses.iter().map(words::status).collect();
    rule_sentence(policy.threshold.minutes(), &statuses, &found.moments.words(enabled_at))
}

fn effect(found: &Found) -> Effect {
    let since = found.view.workspace.enabled_at.map(|at| found.moments.at(at));
    match (found.view.in_force.effective.close, since) {
        (CloseRule::On { .. }, Some(since)) => Effect::InEffect { since },
        (CloseRule::Suspended, Some(since)) => {
            Effect::Suspended { plan: words::plan(found.view.plan).to_owned(), since }
        }
        _ => Effect::Off,
    }
}

/// A typed number of a unit as minutes, or why it is none.
pub fn minutes(typed: &str, unit: Unit) -> Result<i64, String> {
    let number: i64 = typed.trim().parse().map_err(|_| "Type a whole number, such as 24.".to_owned())?;
    // What overflows is far out of every range, on the side it was typed.
    Ok(number.saturating_mul(unit.minutes().into()))
}

/// Reads the auto-close form; its faults stand in the form that comes back.
pub fn read_close(form: &Form) -> (AutoCloseForm, Option<(Threshold, StatusSet)>) {
    let unit = Unit::from_key(form.line("unit")).unwrap_or_default();
    let ticked = |status: Status| form.all("status").any(|key| key == status.key());
    let mut typed = AutoCloseForm {
        enabled: form.ticked("enabled"),
        threshold: form.line("threshold").to_owned(),
        unit,
        open: ticked(Status::Open),
        in_progress: ticked(Status::InProgress),
        on_hold: ticked(Status::OnHold),
        threshold_error: None,
        statuses_error: None,
        suggested: false,
    };
    let threshold = minutes(&typed.threshold, unit).and_then(|minutes| {
        Threshold::from_minutes(minutes).map_err(|_| "This must be from 1 hour to 21 days.".to_owned())
    });
    let threshold = threshold.map_err(|error| typed.threshold_error = Some(error)).ok();
    let statuses: Vec<case::Status> = form.all("status").filter_map(|word| word.parse().ok()).collect();
    let statuses = StatusSet::new(statuses);
    let statuses = statuses.map_err(|_| typed.statuses_error = Some("Choose at least one status.".to_owned())).ok();
    (typed, threshold.zip(statuses))
}

/// Reads the auto-reopen form in the same way.
pub fn read_reopen(form: &Form) -> (AutoReopenForm, Option<Window>) {
    let unit = Unit::from_key(form.line("unit")).unwrap_or_default();
    let window = minutes(form.line("window"), unit).and_then(|minutes| {
        Window::from_minutes(minutes).map_err(|_| "This must be from 1 hour to 90 days.".to_owned())
    });
    let window_error = window.clone().err();
    let typed =
        AutoReopenForm { enabled: form.ticked("enabled"), window: form.line("window").to_owned(), unit, window_error };
    (typed, window.ok())
}

pub async fn save_auto_close(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let found = find(&desk, &visitor).await?;
    let (typed, read) = read_close(&form);
    let reopen = reopen_form(&found.view.workspace);
    let Some((threshold, statuses)) = read else {
        let preview = beside(&desk, &visitor, &found, Some((&form, ""))).await?;
        let shown = Shown { close: typed, reopen, conflict: None, preview };
        return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, shown);
    };
    let before = Overrides::from(found.view.workspace);
    let settings =
        Overrides { enabled: Some(typed.enabled), threshold: Some(threshold), statuses: Some(statuses), ..before };
    if !form.ticked("sure") {
        let query = settings_preview::draft_query(&form);
        let preview = settings_preview::panel(&desk, &visitor, settings, Some(&query)).await?;
        if preview.asks {
            let preview = Some(PreviewPanel { unsure: true, ..preview });
            let shown = Shown { close: typed, reopen, conflict: None, preview };
            return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, shown);
        }
    }
    match save(&desk, &visitor, &form, settings).await? {
        Ok(()) => {
            let text = match (found.view.workspace.enabled, typed.enabled) {
                (false, true) => "Auto close is on.",
                (true, false) => "Auto close is off.",
                _ => "Auto close is saved.",
            };
            Ok(say(to(ADDRESS), Tone::Good, text, None, visitor.https))
        }
        Err(()) => {
            let found = find(&desk, &visitor).await?;
            let (reopen, conflict) = (reopen_form(&found.view.workspace), conflict(&found));
            let query = settings_preview::draft_query(&form);
            let preview = beside(&desk, &visitor, &found, Some((&form, &query))).await?;
            page(&desk, &visitor, &found, StatusCode::CONFLICT, Shown { close: typed, reopen, conflict, preview })
        }
    }
}

pub async fn save_auto_reopen(State(desk): State<Desk>, visitor: Visitor, form: Form) -> Answer {
    may_change_case_settings(visitor.auth.role, visitor.auth.plan).map_err(Refusal::Denied)?;
    let found = find(&desk, &visitor).await?;
    let (typed, window) = read_reopen(&form);
    let Some(window) = window else {
        let close = close_form(&found.view.workspace);
        let preview = beside(&desk, &visitor, &found, None).await?;
        let shown = Shown { close, reopen: typed, conflict: None, preview };
        return page(&desk, &visitor, &found, StatusCode::UNPROCESSABLE_ENTITY, shown);
    };
    let before = Overrides::from(found.view.workspace);
    let settings = Overrides { reopen_enabled: Some(typed.enabled), window: Some(window), ..before };
    match save(&desk, &visitor, &form, settings).await? {
        Ok(()) => {
            let text = match (found.view.workspace.reopen_enabled, typed.enabled) {
                (false, true) => "Auto reopen is on.",
                (true, false) => "Auto reopen is off.",
                _ => "Auto reopen is saved.",
            };
            Ok(say(to(ADDRESS), Tone::Good, text, None, visitor.https))
        }
        Err(()) => {
            let found = find(&desk, &visitor).await?;
            let (close, conflict) = (close_form(&found.view.workspace), conflict(&found));
            let preview = beside(&desk, &visitor, &found, None).await?;
            page(&desk, &visitor, &found, StatusCode::CONFLICT, Shown { close, reopen: typed, conflict, preview })
        }
    }
}

/// Saves under the version the form was filled from, so that what the other form holds is not overwritten; inside,
/// `Err` says that somebody saved before.
async fn save(
    desk: &Desk,
    visitor: &Visitor,
    form: &Form,
    settings: Overrides,
) -> Result<Result<(), ()>, super::answer::Stop> {
    // A form without its version was not filled from this page: no version is -1.
    let if_version = Some(form.number("version").unwrap_or(-1));
    let act = ChangePolicy { caller: visitor.auth.caller(), queue: WORKSPACE, settings: Some(settings), if_version };
    match desk.db.write(act).await? {
        Ok(_) => Ok(Ok(())),
        Err(Refusal::VersionConflict { .. }) => Ok(Err(())),
        Err(refusal) => Err(refusal.into()),
    }
}

fn conflict(found: &Found) -> Option<String> {
    let who = found.last_change().map_or_else(|| "Somebody".to_owned(), |(who, _)| who);
    Some(format!(
        "{who} saved these settings while you edited them, so yours were not saved. What you typed is still here; look at what is in force now, then save again to replace it."
    ))
}
