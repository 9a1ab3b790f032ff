//! Who is told of what. An auto close tells nobody (A10), so nothing here is called for one.

use domain::closure::Actor;
use domain::id::AgentId;
use store::cases::Case;
use store::{Fault, Tx, notifications, queues};

/// Tells one agent, unless they did it themselves.
pub async fn tell(tx: &mut Tx, case: &Case, to: AgentId, by: Actor, event: &str) -> Result<(), Fault> {
    if by.agent() == Some(to) {
        return Ok(());
    }
    let data = serde_json::json!({"by": {"kind": by.kind(), "id": by.agent().map(|a| a.to_string())}}).to_string();
    notifications::insert(tx, case.workspace, to, event, case.number, &data).await
}

/// Tells the agent a reopened case went to, or else the queue's members (R9).
pub async fn reopened(tx: &mut Tx, case: &Case, by: Actor) -> Result<(), Fault> {
    if let Some(agent) = case.assignee {
        return tell(tx, case, agent, by, "case_reopened").await;
    }
    for member in queues::active_members(tx, case.workspace, case.queue).await? {
        tell(tx, case, member, by, "case_reopened").await?;
    }
    Ok(())
}
