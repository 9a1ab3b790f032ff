//! Canned replies of a workspace.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, CannedReplyId, QueueId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    pub id: CannedReplyId,
    /// Short, by which it is searched.
    pub name: String,
    pub text: String,
    /// Offered in this queue alone.
    pub queue: Option<QueueId>,
    pub version: i64,
    pub updated_at: Timestamp,
    pub updated_by: Option<AgentId>,
}

const COLUMNS: &str = "c.id, c.name, c.text, c.queue, c.version, c.updated_at, c.updated_by";

fn read(row: &Row<'_>) -> Result<CannedReply, Fault> {
    Ok(CannedReply {
        id: row.get(0)?,
        name: row.get(1)?,
        text: row.get(2)?,
        queue: row.get(3)?,
        version: row.get(4)?,
        updated_at: row.get(5)?,
        updated_by: row.get(6)?,
    })
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, canned: &CannedReply) -> Result<(), Fault> {
    tx.put(
        "insert into canned_replies (workspace, id, name, text, queue, version, updated_at, updated_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            ws,
            canned.id,
            canned.name,
            canned.text,
            canned.queue,
            canned.version,
            canned.updated_at,
            canned.updated_by
        ],
    )
    .await
}

pub async fn update(tx: &mut Tx, ws: WorkspaceId, canned: &CannedReply) -> Result<(), Fault> {
    let sql = "update canned_replies set name = $3, text = $4, queue = $5, version = $6, updated_at = $7, updated_by = $8 \
               where workspace = $1 and id = $2";
    tx.change(
        1,
        sql,
        params![
            ws,
            canned.id,
            canned.name,
            canned.text,
            canned.queue,
            canned.version,
            canned.updated_at,
            canned.updated_by
        ],
    )
    .await
}

pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: CannedReplyId) -> Result<(), Fault> {
    tx.change(1, "delete from canned_replies where workspace = $1 and id = $2", params![ws, id]).await
}

/// In a transaction that writes, it stays as it is until the end of it.
pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: CannedReplyId) -> Result<Option<CannedReply>, Fault> {
    let sql = format!("select {COLUMNS} from canned_replies c where c.workspace = $1 and c.id = $2 /*lock*/");
    tx.query_opt(&sql, params![ws, id], read).await
}

pub async fn by_name(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<Option<CannedReply>, Fault> {
    let sql = format!("select {COLUMNS} from canned_replies c where c.workspace = $1 and c.name = $2");
    tx.query_opt(&sql, params![ws, name], read).await
}

pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    after: Option<CannedReplyId>,
    limit: i64,
) -> Result<Vec<CannedReply>, Fault> {
    let sql =
        format!("select {COLUMNS} from canned_replies c where c.workspace = $1 and c.id > $2 order by c.id limit $3");
    tx.query(&sql, params![ws, after.unwrap_or(CannedReplyId(0)), limit], read).await
}

/// The names of those a case of `queue` is offered, in the order of the alphabet.
pub async fn names(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, limit: i64) -> Result<Vec<String>, Fault> {
    let sql = "select c.name from canned_replies c where c.workspace = $1 and (c.queue is null or c.queue = $2) \
               order by c.name limit $3";
    tx.query(sql, params![ws, queue, limit], |row| row.get(0)).await
}
