//! What SQLite's planner is told of the tables: fixed numbers of a large desk instead of measured ones.
//!
//! Without any, the planner takes `workspace = $1` for ten rows of any table and reads a million in the primary key's order
//! where an index leads to three. Measured ones (`analyze`) would make plans change with the data, on one machine and not
//! on another. Written by hand they are part of the schema: one workspace holds nearly everything, every other column
//! narrows as its name says. A test holds the list and the schema's indexes together.

use rusqlite::Connection;

/// Table, index (the table's own name stands for its primary key), and the planner's text: rows in the index, then rows
/// for each distinct value of its first column, of its first two, and so on. In the order of their names, as they are read back.
///
/// There are more customers than cases, or the planner would first walk through all customers to know which cases have
/// one (a Bloom filter), for a page of fifty.
const STATISTICS: &[(&str, &str, &str)] = &[
    ("activity", "activity", "4000000 4000000 4 1"),
    ("agents", "agents", "1000 1000 1"),
    ("agents", "agents_by_email", "1000 1"),
    ("audit", "audit", "8000000 8000000 1"),
    ("audit_heads", "sqlite_autoindex_audit_heads_1", "10 1"),
    ("audit_pending", "audit_pending", "1000 1000 1"),
    ("bulk_acts", "bulk_acts", "10000 10000 1"),
    ("bulk_cases", "bulk_cases", "100000 100000 10 1"),
    ("canned_replies", "canned_replies", "500 500 1"),
    ("canned_replies", "canned_replies_by_name", "500 500 1"),
    ("case_phases", "case_phases", "3000000 3000000 1 1 1"),
    ("case_phases", "case_phases_by_case", "3000000 3000000 3 1"),
    ("case_phases", "case_phases_by_until", "2000000 2000000 1 1 1"),
    ("case_seen", "case_seen", "100000 100000 5 1"),
    ("case_seen", "case_seen_by_time", "100000 1"),
    ("cases", "cases", "1000000 1000000 1 sz=50"),
    ("cases", "cases_armed", "100000 100000 5000 2000 1 1"),
    ("cases", "cases_by_activity", "1000000 1000000 1 1 1"),
    ("cases", "cases_by_creation", "1000000 1000000 1 1"),
    ("cases", "cases_by_customer", "1000000 1000000 5 1"),
    ("cases", "cases_by_follow_up", "10000 10000 1"),
    ("cases", "cases_by_number", "1000000 1000000 1"),
    ("cases", "cases_by_queue", "100000 100000 5000 1 1 1 1 1"),
    ("cases", "cases_by_thread", "1000000 1000000 50000 4 2 1"),
    ("cases", "cases_kept", "10000 10000 2 1"),
    ("cases", "cases_open", "100000 100000 100 50 20"),
    ("cases", "cases_parked", "10000 2 1 1"),
    ("channels", "channels", "100 100 1"),
    ("channels", "channels_by_name", "100 100 1"),
    ("closures", "closures", "1000000 1000000 1 1"),
    ("closures", "closures_by_run", "500000 500000 50 1 1 1"),
    ("closures", "closures_by_time", "1000000 1000000 1"),
    ("comments", "comments", "500000 500000 2 1"),
    ("customers", "customers", "2000000 2000000 1"),
    ("customers", "customers_by_external_id", "2000000 2000000 200000 1"),
    ("drafts", "drafts", "1000 1000 2 1 1"),
    ("idempotency", "idempotency", "100000 100000 10000 1"),
    ("idempotency", "idempotency_by_time", "100000 1"),
    ("mails", "mails", "100000 100000 1"),
    ("mails", "mails_done", "100000 1"),
    ("mails", "mails_due", "100 1 1 1"),
    ("messages", "messages", "4000000 4000000 4 1"),
    ("messages", "messages_by_external_id", "4000000 4000000 400000 1"),
    ("messages", "messages_inbound", "2000000 2000000 1"),
    ("notification_preferences", "notification_preferences", "1000 1000 6 1"),
    ("notifications", "notifications", "100000 100000 200 1"),
    ("notifications", "notifications_read", "100000 1"),
    ("notifications", "notifications_unread", "10000 10000 20 1"),
    ("outbox", "sqlite_autoindex_outbox_1", "1000000 1"),
    ("policies", "policies", "100 100 1"),
    ("preferences", "preferences", "2000 2000 2 1"),
    ("presence", "presence", "1000 1000 2 1"),
    ("presence", "presence_by_until", "1000 1"),
    ("queue_members", "queue_members", "5000 5000 50 1"),
    ("queues", "queues", "100 100 1"),
    ("queues", "queues_by_name", "100 100 1"),
    ("report_counts", "report_counts", "10000000 10000000 500000 100000 10000 300 30 1"),
    ("report_cursor", "sqlite_autoindex_report_cursor_1", "1 1"),
    ("report_pairs", "report_pairs", "100 100 10 1"),
    ("report_progress", "sqlite_autoindex_report_progress_1", "10 1"),
    ("run_failures", "run_failures", "1000 1000 2 1"),
    ("run_undos", "run_undos", "1000 1000 1"),
    ("run_undos", "run_undos_open", "10 1 1 1"),
    ("runs", "runs", "100000 100000 1"),
    ("runs", "runs_by_time", "100000 100000 1 1"),
    ("saved_views", "saved_views", "1000 1000 1"),
    ("search_docs", "search_docs_by_owner", "8000000 8000000 4 2"),
    ("sessions", "sessions", "1000 1"),
    ("sessions", "sessions_by_agent", "1000 1000 2"),
    ("sign_in_links", "sign_in_links", "1000 1"),
    ("sign_in_links", "sign_in_links_by_agent", "1000 1000 2"),
    ("tags", "tags", "1000 1000 1"),
    ("tags", "tags_under_way", "10 10 1"),
    ("tokens", "tokens", "100 100 1"),
    ("tokens", "tokens_by_hash", "100 1"),
    ("workspaces", "sqlite_autoindex_workspaces_1", "10 1"),
];

/// Writes them where they are not written yet. Connections opened from then on plan with them, and this one too.
pub fn seed(conn: &mut Connection) -> rusqlite::Result<()> {
    if is_seeded(conn)? {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Makes the tables that hold statistics, and measures nothing.
    tx.execute_batch("analyze sqlite_schema; delete from sqlite_stat1; delete from sqlite_stat4;")?;
    for row in STATISTICS {
        tx.execute("insert into sqlite_stat1 (tbl, idx, stat) values (?1, ?2, ?3)", [row.0, row.1, row.2])?;
    }
    tx.execute_batch("analyze sqlite_schema")?;
    tx.commit()
}

fn is_seeded(conn: &Connection) -> rusqlite::Result<bool> {
    let known = "select exists (select 1 from sqlite_schema where name = 'sqlite_stat1')";
    if !conn.query_row(known, [], |row| row.get::<_, bool>(0))? {
        return Ok(false);
    }
    let mut statement = conn.prepare("select tbl, idx, stat from sqlite_stat1 order by tbl, idx")?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    let stored = rows.collect::<rusqlite::Result<Vec<[Option<String>; 3]>>>()?;
    let wanted = STATISTICS.iter().map(|row| [row.0, row.1, row.2].map(|text| Some(text.to_owned())));
    Ok(stored.into_iter().eq(wanted))
}
