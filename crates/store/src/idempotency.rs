//! First answers, kept so that a repeated request gets the same one.

use crate::{Fault, Tx, params};
use domain::id::WorkspaceId;
use domain::time::Timestamp;

pub struct Kept {
    /// Fingerprint of the request that got this answer.
    pub request: String,
    pub status: i64,
    pub answer: String,
}

/// The answer kept under a key since `since`.
pub async fn get(
    tx: &mut Tx,
    ws: WorkspaceId,
    sender: &str,
    key: &str,
    since: Timestamp,
) -> Result<Option<Kept>, Fault> {
    let sql =
        "select request, status, answer from idempotency where workspace = $1 and sender = $2 and key = $3 and at > $4";
    tx.query_opt(sql, params![ws, sender, key, since], |row| {
        Ok(Kept { request: row.get(0)?, status: row.get(1)?, answer: row.get(2)? })
    })
    .await
}

pub async fn keep(tx: &mut Tx, ws: WorkspaceId, sender: &str, key: &str, kept: &Kept) -> Result<(), Fault> {
    let now = tx.now();
    tx.put(
        "insert into idempotency (workspace, sender, key, request, status, answer, at) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (workspace, sender, key) do update set request = excluded.request, status = excluded.status, \
         answer = excluded.answer, at = excluded.at",
        params![ws, sender, key, kept.request, kept.status, kept.answer, now],
    )
    .await?;
    Ok(())
}

/// Forgets answers older than `before`.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<(), Fault> {
    tx.put("delete from idempotency where at <= $1", params![before]).await?;
    Ok(())
}
