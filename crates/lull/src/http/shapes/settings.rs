//! The lifecycle settings and the log of runs.

use super::{maybe, time};
use crate::acts::change_policy::PolicyView;
use domain::policy::{CloseRule, Overrides};
use serde::Serialize;
use serde_json::Value;
use store::runs::{ClosedCase, Failure, Run};
use store::undo::Undo;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRun)]
pub struct RunBody {
    id: String,
    started_at: String,
    finished_at: String,
    /// Closed, skipped and failed together.
    looked_at: i64,
    closed: i64,
    /// Looked at and left open, because something newer came first.
    skipped: i64,
    failed: i64,
    /// Null until somebody asks for it.
    undo: Option<UndoBody>,
}

/// The undoing of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRunUndo)]
pub struct UndoBody {
    /// `running` or `done`.
    state: &'static str,
    asked_at: String,
    /// The agent who asked; null for a program.
    asked_by: Option<String>,
    /// Cases that came back so far.
    reopened: i64,
    /// Cases left as they are, because somebody was there first.
    left: i64,
    finished_at: Option<String>,
}

impl RunBody {
    pub fn new(run: &Run, undo: Option<&Undo>) -> Self {
        RunBody {
            id: run.id.to_string(),
            started_at: time(run.started_at),
            finished_at: time(run.finished_at),
            looked_at: run.closed + run.skipped + run.failed,
            closed: run.closed,
            skipped: run.skipped,
            failed: run.failed,
            undo: undo.map(UndoBody::from),
        }
    }
}

impl From<&Undo> for UndoBody {
    fn from(undo: &Undo) -> Self {
        UndoBody {
            state: if undo.finished_at.is_some() { "done" } else { "running" },
            asked_at: time(undo.asked_at),
            asked_by: maybe(undo.asked_by),
            reopened: undo.reopened,
            left: undo.left,
            finished_at: maybe(undo.finished_at),
        }
    }
}

/// A run with the policies it followed and its cases.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRunDetails)]
pub struct RunDetailsBody {
    #[serde(flatten)]
    pub run: RunBody,
    pub rules: Vec<RunRuleBody>,
    /// Cases that could not be closed, at most 100 of them.
    pub failures: Vec<RunFailureBody>,
    #[schema(inline)]
    pub cases: super::super::paging::Listing<RunCaseBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRunRule)]
pub struct RunRuleBody {
    pub queue: String,
    pub threshold_minutes: Option<i64>,
    pub closed: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRunFailure)]
pub struct RunFailureBody {
    number: i64,
    at: String,
    fault: String,
}

impl From<Failure> for RunFailureBody {
    fn from(failure: Failure) -> Self {
        RunFailureBody { number: failure.number, at: time(failure.at), fault: failure.fault }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRunCase)]
pub struct RunCaseBody {
    number: i64,
    title: String,
    queue: String,
    closed_at: String,
    last_activity_at: String,
    threshold_minutes: Option<i64>,
    status_before: &'static str,
    credited_agent: Option<String>,
    reopened_at: Option<String>,
    /// What undoing the run made of it: `reopened`, `reopened_already`, `closed_again` or `changed`; null before.
    undo: Option<&'static str>,
}

impl From<ClosedCase> for RunCaseBody {
    fn from(case: ClosedCase) -> Self {
        RunCaseBody {
            number: case.number,
            title: case.title,
            queue: case.queue.to_string(),
            closed_at: time(case.closed_at),
            last_activity_at: time(case.last_activity_at),
            threshold_minutes: case.threshold_minutes,
            status_before: case.status_before.as_str(),
            credited_agent: maybe(case.credited_agent),
            reopened_at: maybe(case.reopened_at),
            undo: case.undo.map(|undo| undo.as_str()),
        }
    }
}

/// The settings of auto close; in a queue's overrides a null inherits.
#[derive(Debug, Serialize, ToSchema)]
pub struct AutoCloseBody {
    enabled: Option<bool>,
    /// 60 (1 hour) to 30 240 (21 days).
    threshold_minutes: Option<u32>,
    statuses: Option<Vec<&'static str>>,
    skip_when_customer_waits: bool,
    exempt_tags: Vec<String>,
    #[schema(value_type = Option<Object>)]
    warning: Value,
    #[schema(value_type = Option<Object>)]
    closing_message: Value,
    #[schema(value_type = Option<Object>)]
    business_hours: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AutoReopenBody {
    enabled: Option<bool>,
    /// 60 (1 hour) to 129 600 (90 days), counted from the closing.
    window_minutes: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LifecycleSettings)]
pub struct LifecycleBody {
    auto_close: AutoCloseBody,
    auto_reopen: AutoReopenBody,
    /// The last switch from off to on: only cases with activity since then are covered.
    enabled_at: Option<String>,
    /// Whether auto close acts now: switched on, and included in the plan (it is suspended where only the plan is lower).
    in_effect: bool,
    version: i64,
}

impl LifecycleBody {
    pub fn workspace(view: &PolicyView) -> Self {
        Self::new(view, Overrides::from(view.workspace), view.workspace.enabled_at)
    }

    pub fn queue(view: &PolicyView) -> Self {
        let own = view.stored.as_ref().map(|row| row.settings).unwrap_or_default();
        let enabled_at = match view.in_force.effective.close {
            CloseRule::On { enabled_at, .. } => Some(enabled_at),
            CloseRule::Off | CloseRule::Suspended => own.enabled_at,
        };
        Self::new(view, own, enabled_at)
    }

    fn new(view: &PolicyView, settings: Overrides, enabled_at: Option<domain::time::Timestamp>) -> Self {
        LifecycleBody {
            auto_close: AutoCloseBody {
                enabled: settings.enabled,
                threshold_minutes: settings.threshold.map(|t| t.minutes()),
                statuses: settings.statuses.map(|s| s.iter().map(|s| s.as_str()).collect()),
                skip_when_customer_waits: false,
                exempt_tags: Vec::new(),
                warning: Value::Null,
                closing_message: Value::Null,
                business_hours: Value::Null,
            },
            auto_reopen: AutoReopenBody {
                enabled: settings.reopen_enabled,
                window_minutes: settings.window.map(|w| w.minutes()),
            },
            enabled_at: maybe(enabled_at),
            in_effect: matches!(view.in_force.effective.close, CloseRule::On { .. }),
            version: view.stored.as_ref().map_or(0, |row| row.version),
        }
    }
}
