//! What others are to hear of: one row for each change, written with it.

use crate::{Fault, Tx, params};
use domain::id::WorkspaceId;
use domain::time::Timestamp;

/// Rows pruned in one go, so that the writer is never held long.
const PRUNE: i64 = 2_000;

/// `data` is a JSON object and holds no customer's words: who listens fetches what they may see.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    event: &str,
    case_number: Option<i64>,
    data: &str,
) -> Result<(), Fault> {
    let (id, now) = (tx.new_id(), tx.now());
    tx.mark = Some(id);
    tx.put(
        "insert into outbox (id, workspace, at, event, case_number, data) values ($1, $2, $3, $4, $5, $6)",
        params![id, ws, now, event, case_number, data],
    )
    .await?;
    Ok(())
}

/// One event for each of many cases; `rows` is a JSON list of `[event id, case number, data]`.
pub async fn insert_many(tx: &mut Tx, ws: WorkspaceId, event: &str, rows: &str) -> Result<(), Fault> {
    let (mark, now) = (tx.new_id(), tx.now());
    tx.mark = tx.mark.or(Some(mark));
    tx.put(
        "insert into outbox (id, workspace, at, event, case_number, data) \
         select cast(value->>0 as bigint), $1, $2, $3, cast(value->>1 as bigint), value->>2 from json_each($4)",
        params![ws, now, event, rows],
    )
    .await?;
    Ok(())
}

/// The newest row's id, from which later ones must differ.
pub(crate) async fn newest_id(tx: &mut Tx) -> Result<Option<i64>, Fault> {
    tx.query_one("select max(id) from outbox", params![], |row| row.get(0)).await
}

/// Forgets the oldest rows before `before`; answers how many, a full batch meaning that there may be more.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    // The bound comes first: a search for old rows among all of them would read the whole table when there are none.
    let sql = "delete from outbox where at < $1 and id in (select id from outbox order by id limit $2)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}
