//! Lifecycle settings, as the acts write them.

use domain::id::{QueueId, WorkspaceId};
use domain::policy::{Overrides, StatusSet, Threshold, Window, enabled_at_after};
use store::policies::{self, Stored};
use store::{Fault, Tx};

/// Every field chosen: on, so many minutes, every status.
pub fn on(threshold: i64) -> Overrides {
    Overrides {
        enabled: Some(true),
        enabled_at: None,
        threshold: Some(minutes(threshold)),
        statuses: Some(StatusSet::ALL),
        reopen_enabled: Some(true),
        window: Some(Window::default()),
    }
}

pub fn off(threshold: i64) -> Overrides {
    Overrides { enabled: Some(false), ..on(threshold) }
}

/// Nothing chosen: everything inherits.
pub fn overrides() -> Overrides {
    Overrides::default()
}

pub fn minutes(threshold: i64) -> Threshold {
    Threshold::from_minutes(threshold).expect("a threshold within its bounds")
}

/// Writes settings as the act of a care manager does: only the switch from off to on dates `enabled_at` (A3), and a
/// queue that starts to speak for itself while the workspace is on goes on from where it was.
pub async fn store_policy(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, settings: Overrides) -> Result<(), Fault> {
    let now = tx.now();
    let before = policies::get(tx, ws, queue).await?;
    let workspace = policies::get(tx, ws, policies::WORKSPACE).await?.map(|row| row.settings).unwrap_or_default();
    let own = before.as_ref().map(|row| row.settings).unwrap_or_default();
    let speaks = if own.enabled.is_some() { own } else { workspace };
    let was_on = speaks.enabled.unwrap_or(false);
    let enabled_at = match settings.enabled {
        Some(on) => enabled_at_after(was_on, speaks.enabled_at, on, now),
        None => own.enabled_at,
    };
    let settings = Overrides { enabled_at, ..settings };
    let version = before.map_or(1, |row| row.version + 1);
    policies::put(tx, ws, &Stored { queue, settings, version, updated_at: now, updated_by: None }).await
}
