//! Who is told of what, in the desk and by e-mail, as each person wants it. An auto close tells nobody (A10), so nothing here
//! is called for one; nobody is told of their own act.

use domain::closure::Actor;
use domain::id::AgentId;
use domain::notice::Notice;
use store::cases::Case;
use store::notifications::{self, News};
use store::{Fault, Tx};

fn data(by: Actor) -> String {
    serde_json::json!({"by": {"kind": by.kind(), "id": by.agent().map(|a| a.to_string())}}).to_string()
}

/// Tells one agent.
pub async fn tell(tx: &mut Tx, case: &Case, to: AgentId, by: Actor, notice: Notice) -> Result<(), Fault> {
    let data = data(by);
    let news = News { notice, case_number: case.number, by: by.agent(), data: &data };
    notifications::tell(tx, case.workspace, to, &news).await
}

/// Tells the members of the case's queue.
async fn tell_queue(tx: &mut Tx, case: &Case, by: Actor, notice: Notice) -> Result<(), Fault> {
    let data = data(by);
    let news = News { notice, case_number: case.number, by: by.agent(), data: &data };
    notifications::tell_members(tx, case.workspace, case.queue, &news).await
}

/// Tells of a new case: the agent who got it, or else those in whose queue it waits. `given_by` gave it to them.
pub async fn created(tx: &mut Tx, case: &Case, by: Actor, given_by: Actor) -> Result<(), Fault> {
    match case.assignee {
        Some(agent) => tell(tx, case, agent, given_by, Notice::Assigned).await,
        None => tell_queue(tx, case, by, Notice::NewCase).await,
    }
}

/// Tells the agent a reopened case went to, or else the queue's members (R9).
pub async fn reopened(tx: &mut Tx, case: &Case, by: Actor) -> Result<(), Fault> {
    match case.assignee {
        Some(agent) => tell(tx, case, agent, by, Notice::Reopened).await,
        None => tell_queue(tx, case, by, Notice::Reopened).await,
    }
}

/// Tells whoever has the case that the customer wrote.
pub async fn customer_wrote(tx: &mut Tx, case: &Case) -> Result<(), Fault> {
    match case.assignee {
        Some(agent) => tell(tx, case, agent, Actor::Customer, Notice::Replied).await,
        None => Ok(()),
    }
}

/// Tells those whom a comment names, each once. The caller has made sure that they are of this workspace.
pub async fn mentioned(tx: &mut Tx, case: &Case, named: &[AgentId], by: Actor) -> Result<(), Fault> {
    for (place, agent) in named.iter().enumerate() {
        if !named[..place].contains(agent) {
            tell(tx, case, *agent, by, Notice::Mentioned).await?;
        }
    }
    Ok(())
}
