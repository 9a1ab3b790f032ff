//! Queues, their members, and whose turn it is.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, QueueId, WorkspaceId};
use domain::routing::Assignment;
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub id: QueueId,
    pub name: String,
    pub assignment: Assignment,
    pub last_assigned: Option<AgentId>,
    pub created_at: Timestamp,
}

/// The queue every workspace starts with.
pub const FIRST_QUEUE: &str = "General";

const COLUMNS: &str = "id, name, assignment, last_assigned, created_at";

fn read(row: &Row<'_>) -> Result<Queue, Fault> {
    Ok(Queue {
        id: row.get(0)?,
        name: row.get(1)?,
        assignment: row.word(2)?,
        last_assigned: row.get(3)?,
        created_at: row.get(4)?,
    })
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, queue: &Queue) -> Result<(), Fault> {
    tx.put(
        "insert into queues (workspace, id, name, assignment, last_assigned, created_at) values ($1, $2, $3, $4, $5, $6)",
        params![ws, queue.id, queue.name, queue.assignment.as_str(), queue.last_assigned, queue.created_at],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, ws: WorkspaceId, queue: &Queue) -> Result<(), Fault> {
    let sql = "update queues set name = $3, assignment = $4 where workspace = $1 and id = $2";
    tx.put(sql, params![ws, queue.id, queue.name, queue.assignment.as_str()]).await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: QueueId) -> Result<Option<Queue>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from queues where workspace = $1 and id = $2"), params![ws, id], read).await
}

pub async fn by_name(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<Option<Queue>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from queues where workspace = $1 and name = $2"), params![ws, name], read)
        .await
}

/// The oldest queue: where a case goes when nothing says otherwise.
pub async fn first(tx: &mut Tx, ws: WorkspaceId) -> Result<Queue, Fault> {
    tx.query_one(&format!("select {COLUMNS} from queues where workspace = $1 order by id limit 1"), params![ws], read)
        .await
}

pub async fn list(tx: &mut Tx, ws: WorkspaceId, after: Option<QueueId>, limit: i64) -> Result<Vec<Queue>, Fault> {
    let sql = format!("select {COLUMNS} from queues where workspace = $1 and id > $2 order by id limit $3");
    tx.query(&sql, params![ws, after.unwrap_or(QueueId(0)), limit], read).await
}

pub async fn members(tx: &mut Tx, ws: WorkspaceId, queue: QueueId) -> Result<Vec<AgentId>, Fault> {
    let sql = "select agent from queue_members where workspace = $1 and queue = $2 order by agent";
    tx.query(sql, params![ws, queue], |row| row.get(0)).await
}

pub async fn set_members(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, members: &[AgentId]) -> Result<(), Fault> {
    tx.put("delete from queue_members where workspace = $1 and queue = $2", params![ws, queue]).await?;
    for agent in members {
        add_member(tx, ws, queue, *agent).await?;
    }
    Ok(())
}

pub async fn add_member(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, agent: AgentId) -> Result<(), Fault> {
    let sql = "insert into queue_members (workspace, queue, agent) values ($1, $2, $3) on conflict do nothing";
    tx.put(sql, params![ws, queue, agent]).await?;
    Ok(())
}

/// Takes an agent out of every queue, one who left or who may only look now, and answers which those were.
pub async fn remove_member_everywhere(tx: &mut Tx, ws: WorkspaceId, agent: AgentId) -> Result<Vec<QueueId>, Fault> {
    let sql = "delete from queue_members where workspace = $1 and agent = $2 returning queue";
    let mut left = tx.query(sql, params![ws, agent], |row| row.get(0)).await?;
    left.sort_unstable();
    Ok(left)
}

pub async fn set_last_assigned(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, agent: AgentId) -> Result<(), Fault> {
    let sql = "update queues set last_assigned = $3 where workspace = $1 and id = $2";
    tx.put(sql, params![ws, queue, agent]).await?;
    Ok(())
}

/// The queues that hand out cases by themselves and have this agent as a member.
pub async fn assigning_to(tx: &mut Tx, ws: WorkspaceId, agent: AgentId) -> Result<Vec<QueueId>, Fault> {
    let sql = "select q.id from queues q join queue_members m on m.workspace = q.workspace and m.queue = q.id and m.agent = $2 \
               where q.workspace = $1 and q.assignment <> 'manual' order by q.id";
    tx.query(sql, params![ws, agent], |row| row.get(0)).await
}

/// Queues of all workspaces in which a case waits that somebody could be given (R3, R4).
pub async fn with_work(tx: &mut Tx) -> Result<Vec<(WorkspaceId, QueueId)>, Fault> {
    let sql = "select q.workspace, q.id from workspaces w join queues q on q.workspace = w.id where q.assignment <> 'manual' \
               and exists (select 1 from cases c where c.workspace = q.workspace and c.assignee is null and c.queue = q.id \
               and c.status in ('open', 'in_progress') and c.status <> 'closed') \
               and exists (select 1 from queue_members m join agents a on a.workspace = m.workspace and a.id = m.agent \
               where m.workspace = q.workspace and m.queue = q.id and a.active and a.role <> 'viewer' and a.auto_assign \
               and a.availability = 'online' and (a.capacity is null or a.capacity > (select count(*) from cases l \
               where l.workspace = a.workspace and l.assignee = a.id and l.status in ('open', 'in_progress') \
               and l.status <> 'closed'))) order by 1, 2";
    tx.query(sql, params![], |row| Ok((row.get(0)?, row.get(1)?))).await
}
