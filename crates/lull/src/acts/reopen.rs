//! Bringing a closed case back, by a customer's answer (R2, R3, R9) or by hand (R8).

use super::{notices, route};
use domain::case::Status;
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::AgentId;
use domain::policy::Window;
use domain::routing::{Availability, Candidate, back_to};
use domain::time::Timestamp;
use serde_json::json;
use store::cases::Case;
use store::{Fault, Tx, agents, closures, feed, locks};

/// What stays of the closed state once a case is open again.
struct Undone {
    closed_at: Option<Timestamp>,
}

/// Opens the next period of `case` and marks the closure it undoes. The caller saves the case.
async fn open_again(tx: &mut Tx, case: &mut Case, status: Status) -> Result<Undone, Fault> {
    let now = tx.now();
    closures::mark_reopened(tx, case.workspace, case.id, case.reopen_count, now).await?;
    let undone = Undone { closed_at: case.closed_at.take() };
    case.status = status;
    case.reopen_count += 1;
    case.opened_at = now;
    Ok(undone)
}

/// What an automatic reopening did, for the caller to record once the case is saved.
pub struct AutoReopened {
    data: serde_json::Value,
    assignee_before: Option<AgentId>,
}

/// Reopens because the customer answered inside `window`: back to the agent who knows it, else to the queue (R3).
pub async fn automatically(tx: &mut Tx, case: &mut Case, window: Window) -> Result<AutoReopened, Fault> {
    let assignee_before = case.assignee;
    let had_it = closures::assignee(tx, case.workspace, case.id, case.reopen_count).await?;
    let knows_it = match had_it.or(case.last_reply_by) {
        Some(agent) => {
            locks::routing(tx, case.workspace).await?;
            agents::candidate(tx, case.workspace, agent).await?
        }
        None => None,
    };
    let undone = open_again(tx, case, Status::Open).await?;
    case.assignee = back_to(knows_it.as_ref());
    let returned = case.assignee.is_some();
    let obstacle = knows_it.filter(|_| !returned).map(|agent| obstacle(&agent));
    if !returned {
        route::choose(tx, case).await?;
    }
    let data = json!({
        "closed_at": undone.closed_at.map(|t| t.to_string()),
        "window_minutes": window.minutes(),
        "previous_agent": knows_it.map(|a| a.agent.to_string()),
        "assignee": case.assignee.map(|a| a.to_string()),
        "returned": returned,
        "not_returned_because": obstacle,
    });
    Ok(AutoReopened { data, assignee_before })
}

/// Why an agent who cannot take a case back cannot, in the order of R3: `inactive`, `away`, `offline` or `full`.
fn obstacle(agent: &Candidate) -> &'static str {
    match agent.availability {
        _ if !agent.active => "inactive",
        Availability::Online => "full",
        elsewhere => elsewhere.as_str(),
    }
}

/// The feed entries and notifications of an automatic reopening.
pub async fn record_automatic(tx: &mut Tx, case: &Case, reopened: &AutoReopened) -> Result<(), Fault> {
    let data = reopened.data.to_string();
    feed::insert(tx, case.workspace, case.id, Actor::Engine, FeedEvent::CaseAutoReopened, &data).await?;
    if case.assignee != reopened.assignee_before {
        route::assigned(tx, case, Actor::Engine, reopened.assignee_before).await?;
    }
    notices::reopened(tx, case, Actor::Engine).await
}

impl AutoReopened {
    pub fn audit(&self) -> serde_json::Value {
        self.data.clone()
    }
}

/// Reopens by hand: the assignee stays, if they still work cases; whoever changes the case looks at that.
pub async fn by_hand(tx: &mut Tx, case: &mut Case, status: Status) -> Result<serde_json::Value, Fault> {
    let undone = open_again(tx, case, status).await?;
    Ok(json!({"status": status.as_str(), "closed_at": undone.closed_at.map(|t| t.to_string())}))
}
