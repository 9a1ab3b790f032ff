//! Lists under a name: a person's own and those of the workspace; and what a person likes.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, ViewId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: ViewId,
    /// `None`: everybody's.
    pub agent: Option<AgentId>,
    pub name: String,
    /// The list's query, without a page.
    pub address: String,
    pub created_at: Timestamp,
    pub created_by: Option<AgentId>,
}

const COLUMNS: &str = "id, agent, name, address, created_at, created_by";

fn read(row: &Row<'_>) -> Result<SavedView, Fault> {
    Ok(SavedView {
        id: row.get(0)?,
        agent: row.get(1)?,
        name: row.get(2)?,
        address: row.get(3)?,
        created_at: row.get(4)?,
        created_by: row.get(5)?,
    })
}

/// What `agent` sees, oldest first: their own and everybody's. Nobody's are everybody's alone.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: Option<AgentId>,
    after: Option<ViewId>,
    limit: i64,
) -> Result<Vec<SavedView>, Fault> {
    let sql = format!(
        "select {COLUMNS} from saved_views where workspace = $1 and id > $3 and (agent is null or agent = $2) order by id limit $4"
    );
    tx.query(&sql, params![ws, agent, after.unwrap_or(ViewId(0)), limit], read).await
}

/// One that `agent` sees.
pub async fn get(tx: &mut Tx, ws: WorkspaceId, agent: Option<AgentId>, id: ViewId) -> Result<Option<SavedView>, Fault> {
    let sql =
        format!("select {COLUMNS} from saved_views where workspace = $1 and id = $3 and (agent is null or agent = $2)");
    tx.query_opt(&sql, params![ws, agent, id], read).await
}

pub async fn put(tx: &mut Tx, ws: WorkspaceId, view: &SavedView) -> Result<(), Fault> {
    let sql = "insert into saved_views (workspace, id, agent, name, address, created_at, created_by) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace, id) do update set \
               agent = excluded.agent, name = excluded.name, address = excluded.address";
    tx.put(sql, params![ws, view.id, view.agent, view.name, view.address, view.created_at, view.created_by]).await
}

pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: ViewId) -> Result<(), Fault> {
    tx.put("delete from saved_views where workspace = $1 and id = $2", params![ws, id]).await
}

/// Keeps what a person likes; an empty value forgets it.
pub async fn prefer(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, name: &str, value: &str) -> Result<(), Fault> {
    if value.is_empty() {
        let sql = "delete from preferences where workspace = $1 and agent = $2 and name = $3";
        return tx.put(sql, params![ws, agent, name]).await;
    }
    let sql = "insert into preferences (workspace, agent, name, value) values ($1, $2, $3, $4) \
               on conflict (workspace, agent, name) do update set value = excluded.value";
    tx.put(sql, params![ws, agent, name, value]).await
}

pub async fn preference(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, name: &str) -> Result<Option<String>, Fault> {
    let sql = "select value from preferences where workspace = $1 and agent = $2 and name = $3";
    tx.query_opt(sql, params![ws, agent, name], |row| row.get(0)).await
}
