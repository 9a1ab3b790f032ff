//! Members of a workspace, and their load.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::permission::Role;
use domain::routing::{Availability, Candidate};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub workspace: WorkspaceId,
    pub id: AgentId,
    pub name: String,
    /// Lower case; one person, one address, in the whole database.
    pub email: String,
    pub role: Role,
    /// `None` is no limit.
    pub capacity: Option<i64>,
    pub auto_assign: bool,
    pub active: bool,
    pub availability: Availability,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Whether pages obey single letters as keys.
    pub letter_keys: bool,
    pub password_hash: Option<String>,
    pub created_at: Timestamp,
}

impl Agent {
    /// Whether queues may give them cases, if they have room.
    pub fn takes_cases(&self) -> bool {
        self.active && self.auto_assign && self.availability == Availability::Online
    }
}

const COLUMNS: &str = "workspace, id, name, email, role, capacity, auto_assign, active, availability, theme, password_hash, created_at, letter_keys";

fn read(row: &Row<'_>) -> Result<Agent, Fault> {
    Ok(Agent {
        workspace: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        email: row.get(3)?,
        role: row.word(4)?,
        capacity: row.get(5)?,
        auto_assign: row.get(6)?,
        active: row.get(7)?,
        availability: row.word(8)?,
        theme: row.get(9)?,
        password_hash: row.get(10)?,
        created_at: row.get(11)?,
        letter_keys: row.get(12)?,
    })
}

pub async fn insert(tx: &mut Tx, agent: &Agent) -> Result<(), Fault> {
    tx.put(
        "insert into agents (workspace, id, name, email, role, capacity, auto_assign, active, availability, theme, \
         password_hash, created_at, letter_keys) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            agent.workspace,
            agent.id,
            agent.name,
            agent.email,
            agent.role.as_str(),
            agent.capacity,
            agent.auto_assign,
            agent.active,
            agent.availability.as_str(),
            agent.theme,
            agent.password_hash,
            agent.created_at,
            agent.letter_keys
        ],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, agent: &Agent) -> Result<(), Fault> {
    tx.put(
        "update agents set name = $3, email = $4, role = $5, capacity = $6, auto_assign = $7, active = $8, \
         availability = $9, theme = $10, password_hash = $11, letter_keys = $12 where workspace = $1 and id = $2",
        params![
            agent.workspace,
            agent.id,
            agent.name,
            agent.email,
            agent.role.as_str(),
            agent.capacity,
            agent.auto_assign,
            agent.active,
            agent.availability.as_str(),
            agent.theme,
            agent.password_hash,
            agent.letter_keys
        ],
    )
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: AgentId) -> Result<Option<Agent>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from agents where workspace = $1 and id = $2"), params![ws, id], read).await
}

/// By address, over all workspaces: signing in starts here.
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Agent>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from agents where email = $1"), params![email], read).await
}

/// In order of id, which is of creation.
pub async fn list(tx: &mut Tx, ws: WorkspaceId, after: Option<AgentId>, limit: i64) -> Result<Vec<Agent>, Fault> {
    let sql = format!("select {COLUMNS} from agents where workspace = $1 and id > $2 order by id limit $3");
    tx.query(&sql, params![ws, after.unwrap_or(AgentId(0)), limit], read).await
}

/// The load of R4 beside what else routing asks.
const CANDIDATE: &str = "select a.id, a.active and a.role <> 'viewer', a.availability, a.auto_assign, a.capacity, \
     (select count(*) from cases c where c.workspace = a.workspace and c.assignee = a.id \
      and c.status in ('open', 'in_progress') and c.status <> 'closed') from agents a";

fn read_candidate(row: &Row<'_>) -> Result<Candidate, Fault> {
    Ok(Candidate {
        agent: row.get(0)?,
        active: row.get(1)?,
        availability: row.word(2)?,
        auto_assign: row.get(3)?,
        capacity: row.get::<Option<i64>>(4)?.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        load: u32::try_from(row.get::<i64>(5)?).unwrap_or(u32::MAX),
    })
}

/// One agent as routing sees them.
pub async fn candidate(tx: &mut Tx, ws: WorkspaceId, id: AgentId) -> Result<Option<Candidate>, Fault> {
    tx.query_opt(&format!("{CANDIDATE} where a.workspace = $1 and a.id = $2"), params![ws, id], read_candidate).await
}

/// A queue's members as routing sees them. Who is not online cannot be chosen, so their load is not counted.
pub async fn candidates(tx: &mut Tx, ws: WorkspaceId, queue: QueueId) -> Result<Vec<Candidate>, Fault> {
    let sql = format!(
        "{CANDIDATE} join queue_members m on m.workspace = a.workspace and m.agent = a.id \
         where a.workspace = $1 and m.queue = $2 and a.active and a.auto_assign and a.availability = 'online'"
    );
    tx.query(&sql, params![ws, queue], read_candidate).await
}
