//! Workspaces, and the counter their case numbers come from.

use crate::{Fault, Row, Tx, params};
use domain::id::WorkspaceId;
use domain::permission::Plan;
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    pub plan: Plan,
    pub created_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<Workspace, Fault> {
    Ok(Workspace {
        id: row.get(0)?,
        name: row.get(1)?,
        time_zone: row.get(2)?,
        plan: row.word(3)?,
        created_at: row.get(4)?,
    })
}

pub async fn insert(tx: &mut Tx, workspace: &Workspace) -> Result<(), Fault> {
    tx.put(
        "insert into workspaces (id, name, time_zone, plan, last_case_number, created_at) values ($1, $2, $3, $4, 0, $5)",
        params![workspace.id, workspace.name, workspace.time_zone, workspace.plan.as_str(), workspace.created_at],
    )
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: WorkspaceId) -> Result<Workspace, Fault> {
    tx.query_one("select id, name, time_zone, plan, created_at from workspaces where id = $1", params![id], read).await
}

/// Names are the workspaces' own to choose, so there may be several.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Vec<Workspace>, Fault> {
    let sql = "select id, name, time_zone, plan, created_at from workspaces where name = $1 order by id";
    tx.query(sql, params![name], read).await
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Workspace>, Fault> {
    tx.query("select id, name, time_zone, plan, created_at from workspaces order by id", params![], read).await
}

pub async fn update(tx: &mut Tx, workspace: &Workspace) -> Result<(), Fault> {
    tx.put(
        "update workspaces set name = $2, time_zone = $3, plan = $4 where id = $1",
        params![workspace.id, workspace.name, workspace.time_zone, workspace.plan.as_str()],
    )
    .await?;
    Ok(())
}

/// The next case number; taken even if the transaction is later undone only together with it.
pub async fn next_case_number(tx: &mut Tx, id: WorkspaceId) -> Result<i64, Fault> {
    let sql = "update workspaces set last_case_number = last_case_number + 1 where id = $1 returning last_case_number";
    tx.query_one(sql, params![id], |row| row.get(0)).await
}

/// Writes and takes back a row, to find out whether the database takes writes.
pub async fn probe(tx: &mut Tx) -> Result<(), Fault> {
    let sql = "insert into idempotency (workspace, sender, key, request, status, answer, at) values (0, 'probe', 'probe', '', 0, $1, 0) \
               on conflict (workspace, sender, key) do update set answer = excluded.answer";
    // Large enough to need a page of its own: a disk with room for a few bytes is still full.
    tx.put(sql, params![" ".repeat(16_384)]).await?;
    tx.put("delete from idempotency where workspace = 0 and sender = 'probe'", params![]).await?;
    Ok(())
}

/// The newest moment anything was recorded at: no clock may start before it.
pub async fn newest_moment(tx: &mut Tx) -> Result<Option<Timestamp>, Fault> {
    let sql = "select max(a.at) from audit_heads h join audit a on a.workspace = h.workspace and a.seq = h.seq";
    tx.query_one(sql, params![], |row| row.get(0)).await
}
