//! Locks that commands of several nodes take on what they are about to decide. With SQLite commands follow each other
//! anyway, and nothing here does anything.
//!
//! They are held until the command's transaction ends, and taken in the order in which they stand here, before any row:
//! two commands can wait for each other only in one direction. Waiting for one costs no round trip of its own.

use crate::{Fault, Tx, params};
use domain::id::WorkspaceId;

/// One request's idempotency key: the same request on two nodes is one act.
pub async fn key(tx: &mut Tx, ws: WorkspaceId, sender: &str, key: &str) -> Result<(), Fault> {
    exclusive(tx, &["key", &ws.to_string(), sender, key]).await
}

/// Accounts over all workspaces: an address or a workspace's name is looked for and then taken.
pub async fn accounts(tx: &mut Tx) -> Result<(), Fault> {
    exclusive(tx, &["accounts"]).await
}

/// What keeps the figures of reports: one transaction at a time adds to the sums.
pub async fn reports(tx: &mut Tx) -> Result<(), Fault> {
    exclusive(tx, &["reports"]).await
}

/// The workspace's settings, team, queues and channels hold still while the caller works by them. Many may hold this.
pub async fn hold_settings(tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
    if tx.is_shared() {
        let number = number(&["settings", &ws.to_string()]);
        tx.put("select pg_advisory_xact_lock_shared($1)", params![number]).await?;
    }
    Ok(())
}

/// The caller changes settings: it waits until nobody works by the old ones, and others wait for it.
pub async fn change_settings(tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
    exclusive(tx, &["settings", &ws.to_string()]).await
}

/// One customer's threads: their messages are taken in one after the other.
pub async fn threads(tx: &mut Tx, ws: WorkspaceId, scope: &str, customer: &str) -> Result<(), Fault> {
    exclusive(tx, &["threads", &ws.to_string(), scope, customer]).await
}

/// Automatic assignment in a workspace: an agent's load does not change between being counted and being raised (R3, R4).
pub async fn routing(tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
    exclusive(tx, &["routing", &ws.to_string()]).await
}

/// The chaining of a workspace's audit trail (T3).
pub async fn chain(tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
    exclusive(tx, &["chain", &ws.to_string()]).await
}

/// What only one node need do at a time; `false` if another one is at it.
pub async fn alone(tx: &mut Tx, task: &str) -> Result<bool, Fault> {
    if !tx.is_shared() {
        return Ok(true);
    }
    tx.query_one("select pg_try_advisory_xact_lock($1)", params![number(&["alone", task])], |row| row.get(0)).await
}

async fn exclusive(tx: &mut Tx, name: &[&str]) -> Result<(), Fault> {
    if tx.is_shared() {
        tx.put("select pg_advisory_xact_lock($1)", params![number(name)]).await?;
    }
    Ok(())
}

/// The number a lock's name stands for (FNV-1a): every version of Lull must find the same one, so it is not left to a
/// library's hash. Two names that met in one number would only wait for each other.
fn number(name: &[&str]) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in name.iter().flat_map(|part| part.bytes().chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_locks_are_the_same_in_every_version() {
        assert_eq!(number(&[]), 0xcbf2_9ce4_8422_2325_u64.cast_signed());
        assert_eq!(number(&["a"]), 620310408636712809);
        assert_ne!(number(&["a", "b"]), number(&["ab"]));
    }
}
