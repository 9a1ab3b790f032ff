//! The lifecycle settings and the log of runs.

use super::{maybe, time};
use crate::acts::change_policy::PolicyView;
use domain::policy::{CloseRule, Overrides};
use serde::Serialize;
use serde_json::Value;
use store::runs::Run;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutoCloseRun)]
pub struct RunBody {
    id: String,
    started_at: String,
    finished_at: String,
    closed: i64,
    /// Looked at and left open, because something newer came first.
    skipped: i64,
    failed: i64,
}

impl From<Run> for RunBody {
    fn from(r: Run) -> Self {
        RunBody {
            id: r.id.to_string(),
            started_at: time(r.started_at),
            finished_at: time(r.finished_at),
            closed: r.closed,
            skipped: r.skipped,
            failed: r.failed,
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
