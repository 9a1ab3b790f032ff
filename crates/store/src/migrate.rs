//! Versioned migrations: each runs once, in order, in a transaction of its own.

use crate::dialect::{Dialect, resolve};
use rusqlite::Connection;

const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "desk", include_str!("../migrations/0001_desk.sql"))];

/// Brings the database to this version's schema. A database of a newer version is refused, not guessed at.
pub fn migrate(conn: &mut Connection, now_micros: i64) -> Result<(), String> {
    let text = |e: rusqlite::Error| e.to_string();
    conn.execute_batch(
        "create table if not exists schema_migrations (version bigint primary key, name text not null, applied_at bigint not null)",
    )
    .map_err(text)?;
    let newest = MIGRATIONS.last().map_or(0, |m| m.0);
    let at: i64 = conn
        .query_row("select coalesce(max(version), 0) from schema_migrations", [], |row| row.get(0))
        .map_err(text)?;
    if at > newest {
        return Err(format!(
            "the database is at schema version {at}, this program knows up to {newest}: start the newer version of Lull"
        ));
    }
    for (version, name, sql) in MIGRATIONS.iter().filter(|m| m.0 > at) {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(text)?;
        // Another process may have been faster.
        let done: bool = tx
            .query_row("select exists (select 1 from schema_migrations where version = ?1)", [version], |row| {
                row.get(0)
            })
            .map_err(text)?;
        if !done {
            tx.execute_batch(&resolve(sql, Dialect::Sqlite))
                .map_err(|e| format!("migration {version} ({name}): {e}"))?;
            tx.execute(
                "insert into schema_migrations (version, name, applied_at) values (?1, ?2, ?3)",
                rusqlite::params![version, name, now_micros],
            )
            .map_err(text)?;
        }
        tx.commit().map_err(text)?;
    }
    Ok(())
}
