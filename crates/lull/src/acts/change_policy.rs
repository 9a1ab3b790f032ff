//! Changing the lifecycle settings, of the workspace or of one queue (A1–A3, R1, X1).

use super::traces;
use super::{Answer, Caller, Refusal};
use crate::{accept, refuse};
use domain::audit::AuditEvent;
use domain::id::QueueId;
use domain::permission::{Plan, may_change_case_settings};
use domain::policy::{Overrides, Policy, enabled_at_after};
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::policies::{self, InForce, Stored, WORKSPACE, policy_of};
use store::{Command, Fault, Tx, locks, queues, workspaces};

/// Settings with what holds because of them.
#[derive(Debug, Clone)]
pub struct PolicyView {
    pub plan: Plan,
    /// The workspace's settings.
    pub workspace: Policy,
    /// The row itself; `None` before the first change.
    pub stored: Option<Stored>,
    pub in_force: InForce,
}

/// Reads the settings of a queue, or of the workspace under [`WORKSPACE`].
pub async fn view(tx: &mut Tx, ws: domain::id::WorkspaceId, queue: QueueId) -> Result<PolicyView, Fault> {
    let plan = workspaces::get(tx, ws).await?.plan;
    let rows = policies::all(tx, ws).await?;
    let of = |id: QueueId| rows.iter().find(|row| row.queue == id);
    let workspace = of(WORKSPACE).map(|row| policy_of(&row.settings)).unwrap_or_default();
    let in_force = policies::resolve(plan, &rows, queue);
    Ok(PolicyView { plan, workspace, stored: of(queue).cloned(), in_force })
}

/// Replaces the settings; `enabled_at` follows from the switch (A3) and is not the caller's to say.
#[derive(Debug, Clone)]
pub struct ChangePolicy {
    pub caller: Caller,
    /// [`WORKSPACE`], where every field is given, or a queue, where an empty one inherits.
    pub queue: QueueId,
    /// `None` drops a queue's overrides.
    pub settings: Option<Overrides>,
    pub if_version: Option<i64>,
}

impl Command for ChangePolicy {
    type Output = Result<PolicyView, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<PolicyView> {
        let ws = self.caller.workspace;
        locks::change_settings(tx, ws).await?;
        let before = view(tx, ws, self.queue).await?;
        accept!(may_change_case_settings(self.caller.role, before.plan).map_err(Refusal::Denied));
        if self.queue != WORKSPACE && queues::get(tx, ws, self.queue).await?.is_none() {
            refuse!(Refusal::NotFound)
        }
        let version = before.stored.as_ref().map_or(0, |row| row.version);
        if self.if_version.is_some_and(|asked| asked != version) {
            refuse!(Refusal::VersionConflict { current: version })
        }
        match &self.settings {
            Some(settings) => {
                let settings = before.switched(self.queue, settings, tx.now());
                let (updated_at, updated_by) = (tx.now(), self.caller.actor.agent());
                let stored = Stored { queue: self.queue, settings, version: version + 1, updated_at, updated_by };
                policies::put(tx, ws, &stored).await?;
            }
            None => self.inherit(tx, &before, version).await?,
        }
        let after = view(tx, ws, self.queue).await?;
        self.trace(tx, &before, &after).await?;
        Ok(Ok(after))
    }
}

impl ChangePolicy {
    /// Drops a queue's overrides; what remains is the moment from which it is covered again, if it has one.
    async fn inherit(&self, tx: &mut Tx, before: &PolicyView, version: i64) -> Result<(), Fault> {
        let ws = self.caller.workspace;
        let settings = before.switched(self.queue, &Overrides::default(), tx.now());
        if settings.enabled_at.is_none() {
            return policies::delete(tx, ws, self.queue).await;
        }
        let (updated_at, updated_by) = (tx.now(), self.caller.actor.agent());
        let stored = Stored { queue: self.queue, settings, version: version + 1, updated_at, updated_by };
        policies::put(tx, ws, &stored).await
    }

    async fn trace(&self, tx: &mut Tx, before: &PolicyView, after: &PolicyView) -> Result<(), Fault> {
        let object = if self.queue == WORKSPACE {
            ("workspace", self.caller.workspace.to_string())
        } else {
            ("queue", self.queue.to_string())
        };
        let (old, new) = (before.audit(self.queue), after.audit(self.queue));
        let event = AuditEvent::CaseSettingsUpdated;
        traces::of_setting(tx, &self.caller, event, object, Some(old), Some(new)).await
    }
}

impl PolicyView {
    /// The settings of `queue` (or [`WORKSPACE`]) with the moment of their switch-on, if they replaced what is here now.
    pub fn switched(&self, queue: QueueId, settings: &Overrides, now: Timestamp) -> Overrides {
        let own = self.stored.as_ref().map(|row| row.settings).unwrap_or_default();
        // A queue that inherited "on" and now says so itself was on all the time.
        let was_on = own.enabled.unwrap_or(self.workspace.enabled);
        let since = if own.enabled.is_some() || queue == WORKSPACE {
            own.enabled_at
        } else {
            self.workspace.enabled_at.max(own.enabled_at)
        };
        let enabled_at = match settings.enabled {
            Some(enabled) => enabled_at_after(was_on, since, enabled, now),
            // Its own "off" ends and the workspace's "on" takes over: that is a switch too.
            None if own.enabled == Some(false) && self.workspace.enabled => Some(now),
            None => own.enabled_at,
        };
        Overrides { enabled_at, ..*settings }
    }

    fn audit(&self, queue: QueueId) -> Value {
        let settings = match (&self.stored, queue) {
            (Some(row), q) if q != WORKSPACE => row.settings,
            (None, q) if q != WORKSPACE => return Value::Null,
            _ => Overrides::from(self.workspace),
        };
        json!({
            "auto_close": {
                "enabled": settings.enabled,
                "enabled_at": settings.enabled_at.map(|t| t.to_string()),
                "threshold_minutes": settings.threshold.map(|t| t.minutes()),
                "statuses": settings.statuses.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
            },
            "auto_reopen": {
                "enabled": settings.reopen_enabled,
                "window_minutes": settings.window.map(|w| w.minutes()),
            },
        })
    }
}
