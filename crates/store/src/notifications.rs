//! What an agent is told of.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, NotificationId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone)]
pub struct Notification {
    pub id: NotificationId,
    pub at: Timestamp,
    pub event: String,
    pub case_number: Option<i64>,
    /// A JSON object.
    pub data: String,
    pub read_at: Option<Timestamp>,
}

pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    event: &str,
    case_number: i64,
    data: &str,
) -> Result<(), Fault> {
    let (id, now) = (tx.new_id(), tx.now());
    tx.put(
        "insert into notifications (workspace, agent, id, at, event, case_number, data, read_at) \
         values ($1, $2, $3, $4, $5, $6, $7, null)",
        params![ws, agent, id, now, event, case_number, data],
    )
    .await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Notification, Fault> {
    Ok(Notification {
        id: row.get(0)?,
        at: row.get(1)?,
        event: row.get(2)?,
        case_number: row.get(3)?,
        data: row.get(4)?,
        read_at: row.get(5)?,
    })
}

/// Newest first.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<Notification>, Fault> {
    let sql = "select id, at, event, case_number, data, read_at from notifications \
               where workspace = $1 and agent = $2 and id < $3 order by id desc limit $4";
    tx.query(sql, params![ws, agent, before.unwrap_or(NotificationId(i64::MAX)), limit], read).await
}

/// Marks one as read, keeping the first time it was; `None` if it is not this agent's.
pub async fn mark_read(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    id: NotificationId,
) -> Result<Option<Notification>, Fault> {
    let now = tx.now();
    let sql = "update notifications set read_at = coalesce(read_at, $4) where workspace = $1 and agent = $2 and id = $3 \
               returning id, at, event, case_number, data, read_at";
    tx.query_opt(sql, params![ws, agent, id, now], read).await
}
