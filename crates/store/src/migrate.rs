//! Versioned migrations: each runs once, in order, in a transaction of its own.

use crate::dialect::{Dialect, resolve};
use crate::postgres::session::fault;
use crate::sqlite;
use rusqlite::Connection;
use tokio_postgres::Client;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "desk", include_str!("../migrations/0001_desk.sql")),
    (2, "nodes", include_str!("../migrations/0002_nodes.sql")),
    (3, "reports", include_str!("../migrations/0003_reports.sql")),
    (4, "audit", include_str!("../migrations/0004_audit.sql")),
    (5, "keep_open", include_str!("../migrations/0005_keep_open.sql")),
    (6, "search", include_str!("../migrations/0006_search.sql")),
    (7, "people", include_str!("../migrations/0007_people.sql")),
    (8, "writing", include_str!("../migrations/0008_writing.sql")),
    (9, "undo", include_str!("../migrations/0009_undo.sql")),
    (10, "inbox", include_str!("../migrations/0010_inbox.sql")),
    (11, "presence", include_str!("../migrations/0011_presence.sql")),
    (12, "mails_of_many", include_str!("../migrations/0012_mails_of_many.sql")),
    (13, "counts", include_str!("../migrations/0013_counts.sql")),
    (14, "pairs", include_str!("../migrations/0014_pairs.sql")),
];
const BOOKS: &str = "create table if not exists schema_migrations (version bigint primary key, name text not null, applied_at bigint not null)";
/// The session lock under which one node migrates while the others that start with it wait.
const MIGRATING: i64 = 0x6c75_6c6c_6d69_6772;

/// The newest version this program knows, unless the database is further.
fn newest_unless_behind(at: i64) -> Result<i64, String> {
    let newest = MIGRATIONS.last().map_or(0, |m| m.0);
    if at > newest {
        return Err(format!(
            "the database is at schema version {at}, this program knows up to {newest}: start the newer version of Lull"
        ));
    }
    Ok(newest)
}

/// Brings the database to this version's schema. A database of a newer version is refused, not guessed at.
pub fn migrate(conn: &mut Connection, now_micros: i64) -> Result<(), String> {
    let text = |e: rusqlite::Error| e.to_string();
    conn.execute_batch(BOOKS).map_err(text)?;
    let at: i64 = conn
        .query_row("select coalesce(max(version), 0) from schema_migrations", [], |row| row.get(0))
        .map_err(text)?;
    newest_unless_behind(at)?;
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
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(text)?;
    // What was there before anybody could search it.
    sqlite::index_words(&tx).map_err(|e| e.to_string())?;
    tx.commit().map_err(text)?;
    Ok(())
}

/// The same on PostgreSQL, where many nodes may start together: one does it, the others wait and find it done.
pub async fn migrate_postgres(client: &Client, now_micros: i64) -> Result<(), String> {
    let text = |e: tokio_postgres::Error| fault(e).to_string();
    let known = "select to_regclass('schema_migrations') is not null";
    if client.query_one(known, &[]).await.map_err(text)?.get::<_, bool>(0) {
        let at = version_of(client).await?;
        if at == newest_unless_behind(at)? {
            return Ok(());
        }
    }
    client.execute("select pg_advisory_lock($1)", &[&MIGRATING]).await.map_err(text)?;
    let outcome = migrate_alone(client, now_micros).await;
    client.execute("select pg_advisory_unlock($1)", &[&MIGRATING]).await.map_err(text)?;
    outcome
}

async fn version_of(client: &Client) -> Result<i64, String> {
    let sql = "select coalesce(max(version), 0) from schema_migrations";
    Ok(client.query_one(sql, &[]).await.map_err(|e| fault(e).to_string())?.get(0))
}

async fn migrate_alone(client: &Client, now_micros: i64) -> Result<(), String> {
    let text = |e: tokio_postgres::Error| fault(e).to_string();
    client.batch_execute(BOOKS).await.map_err(text)?;
    let at = version_of(client).await?;
    newest_unless_behind(at)?;
    for (version, name, sql) in MIGRATIONS.iter().filter(|m| m.0 > at) {
        // Statements sent as one text are one transaction.
        let note = format!(
            "insert into schema_migrations (version, name, applied_at) values ({version}, '{name}', {now_micros});"
        );
        let all = format!("begin; {}; {note} commit;", resolve(sql, Dialect::Postgres));
        if let Err(error) = client.batch_execute(&all).await {
            let _ = client.batch_execute("rollback").await;
            return Err(format!("migration {version} ({name}): {}", fault(error)));
        }
    }
    Ok(())
}
