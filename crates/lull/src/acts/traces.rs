//! The traces every change of a case leaves besides the feed: an audit entry and an outbox row.

use super::Caller;
use domain::audit::AuditEvent;
use domain::id::WorkspaceId;
use serde_json::Value;
use store::cases::Case;
use store::{Fault, Tx, audit, outbox};

/// What a change of a case is called in the audit trail and to those who listen.
pub struct CaseTrace<'a> {
    pub audit: AuditEvent,
    pub outbox: &'a str,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// Writes both traces of a change of `case`.
pub async fn of_case(tx: &mut Tx, caller: &Caller, case: &Case, trace: CaseTrace<'_>) -> Result<(), Fault> {
    of_object(tx, caller, trace.audit, "case", case.number.to_string(), trace.old, trace.new).await?;
    let data = serde_json::json!({"version": case.version}).to_string();
    outbox::insert(tx, case.workspace, trace.outbox, Some(case.number), &data).await
}

/// Writes an audit entry about anything.
pub async fn of_object(
    tx: &mut Tx,
    caller: &Caller,
    event: AuditEvent,
    object_kind: &'static str,
    object_id: String,
    old: Option<Value>,
    new: Option<Value>,
) -> Result<(), Fault> {
    let entry = audit::New {
        event,
        actor: caller.actor,
        actor_name: caller.name.as_deref(),
        object_kind,
        object_id,
        old: old.map(|v| v.to_string()),
        new: new.map(|v| v.to_string()),
        address: caller.address.as_deref(),
    };
    audit::append(tx, caller.workspace, &entry).await
}

/// An audit entry and an outbox row about something that is not a case.
pub async fn of_setting(
    tx: &mut Tx,
    caller: &Caller,
    event: AuditEvent,
    object: (&'static str, String),
    old: Option<Value>,
    new: Option<Value>,
) -> Result<(), Fault> {
    let data = serde_json::json!({"kind": object.0, "id": object.1}).to_string();
    of_object(tx, caller, event, object.0, object.1, old, new).await?;
    let name = event.as_str().to_lowercase().replacen('_', ".", 1);
    insert_outbox(tx, caller.workspace, &name, &data).await
}

async fn insert_outbox(tx: &mut Tx, ws: WorkspaceId, event: &str, data: &str) -> Result<(), Fault> {
    outbox::insert(tx, ws, event, None, data).await
}
