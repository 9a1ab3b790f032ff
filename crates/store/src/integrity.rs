//! What can be found wrong with the stored data by looking at it.

use crate::{Fault, Tx, params};

/// What must not be there, as the statement that counts it.
const CONTRADICTIONS: [(&str, &str); 4] = [
    (
        "closed cases have no closure",
        "select count(*) from cases c where c.status = 'closed' and not exists (select 1 from closures k \
         where k.workspace = c.workspace and k.case_id = c.id and k.period = c.reopen_count and k.reopened_at is null)",
    ),
    (
        "open cases have a closure that nothing reopened",
        "select count(*) from closures k join cases c on c.workspace = k.workspace and c.id = k.case_id \
         where k.reopened_at is null and (c.status <> 'closed' or k.period <> c.reopen_count)",
    ),
    (
        "closures end before they begin",
        "select count(*) from closures where closed_at < opened_at or reopened_at < closed_at",
    ),
    (
        "messages belong to no case of their workspace",
        "select count(*) from messages m where m.case_id <> 0 and not exists \
         (select 1 from cases c where c.workspace = m.workspace and c.id = m.case_id)",
    ),
];

/// The file's own faults, with SQLite, and the data's contradictions; empty when all is well.
pub async fn faults(tx: &mut Tx) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    if !tx.is_shared() {
        found = tx.query("pragma integrity_check(20)", params![], |row| row.get::<String>(0)).await?;
        found.retain(|line| line != "ok");
        if !found.is_empty() {
            // A damaged file answers other questions wrongly too.
            return Ok(found);
        }
    }
    for (what, sql) in CONTRADICTIONS {
        let count: i64 = tx.query_one(sql, params![], |row| row.get(0)).await?;
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    Ok(found)
}
