//! Who is told of what, in the desk and by e-mail, as each person wants it. An auto close tells nobody (A10), so nothing here
//! is called for one; nobody is told of their own act.

use domain::closure::Actor;
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::notice::Notice;
use serde_json::{Value, json};
use store::cases::Case;
use store::notifications::{self, News};
use store::{Fault, Tx};

/// Who did it, as a notification's data says it.
pub fn whose(by: Actor) -> Value {
    json!({"kind": by.kind(), "id": by.agent().map(|agent| agent.to_string())})
}

fn data(by: Actor) -> String {
    json!({"by": whose(by)}).to_string()
}

/// Tells one agent.
pub async fn tell(tx: &mut Tx, case: &Case, to: AgentId, by: Actor, notice: Notice) -> Result<(), Fault> {
    let data = data(by);
    let news = News { notice, case_number: case.number, cases: 1, by: by.agent(), data: &data };
    notifications::tell(tx, case.workspace, to, &news).await
}

/// Tells the members of the case's queue.
async fn tell_queue(tx: &mut Tx, case: &Case, by: Actor, notice: Notice) -> Result<(), Fault> {
    let data = data(by);
    let news = News { notice, case_number: case.number, cases: 1, by: by.agent(), data: &data };
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

/// Who hears of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listener {
    Agent(AgentId),
    Members(QueueId),
}

/// What changes of many cases are to tell: each listener once, with one of the cases and how many there are.
#[derive(Debug, Default)]
pub struct Together(Vec<(Listener, Notice, Actor, i64, i64)>);

impl Together {
    /// Takes in one case's change by `by`, as [`ChangeCase`](super::change_case::ChangeCase) would tell of it by itself;
    /// `given_by` gave it to whoever has it now.
    pub fn take(&mut self, before: &Case, after: &Case, by: Actor, given_by: Actor) {
        let has_it = after.assignee.map(Listener::Agent);
        if let Some(agent) = has_it.filter(|_| before.assignee != after.assignee) {
            self.add(agent, Notice::Assigned, given_by, after.number);
        }
        match (before.status.is_closed(), after.status.is_closed()) {
            (false, true) => {
                if let Some(agent) = has_it {
                    self.add(agent, Notice::Closed, by, after.number);
                }
            }
            (true, false) => {
                self.add(has_it.unwrap_or(Listener::Members(after.queue)), Notice::Reopened, by, after.number);
            }
            _ => {}
        }
    }

    fn add(&mut self, to: Listener, notice: Notice, by: Actor, number: i64) {
        let known = self.0.iter_mut().find(|(held, what, who, ..)| (*held, *what, *who) == (to, notice, by));
        match known {
            Some((.., cases)) => *cases += 1,
            None => self.0.push((to, notice, by, number, 1)),
        }
    }

    pub async fn tell(&self, tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
        for (to, notice, by, number, cases) in &self.0 {
            let data = json!({"by": whose(*by), "cases": cases}).to_string();
            let news = News { notice: *notice, case_number: *number, cases: *cases, by: by.agent(), data: &data };
            match to {
                Listener::Agent(agent) => notifications::tell(tx, ws, *agent, &news).await?,
                Listener::Members(queue) => notifications::tell_members(tx, ws, *queue, &news).await?,
            }
        }
        Ok(())
    }
}
