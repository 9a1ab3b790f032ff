//! The raw baseline of the message figures on SQLite: the rows a run over HTTP left behind, written again by prepared statements
//! on one connection, 256 messages a transaction, with the pragmas of the desk's own writer.
//!
//! Every message's command ends with its outbox row and ids rise, so the ids between two outbox rows of messages are
//! what one message wrote. An appended message's update of its case is written from the message itself.

use super::databases::File;
use super::figures::rate;
use anyhow::{Result, ensure};
use lull::clock::Stopwatch;
use rusqlite::types::Value;
use rusqlite::{Connection, Statement, params_from_iter};

/// Messages that share a transaction, as many as the desk's writer takes together at most.
const GROUP: usize = 256;
/// The pragmas of the store's writing connection.
pub const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 4000; \
                           pragma cache_size = -65536;";
/// Tables whose rows have ids that rise with the messages.
const DATED: [&str; 5] = ["customers", "cases", "messages", "activity", "outbox"];
pub const OF_MESSAGES: &str = "event in ('case.created', 'message.received', 'message.sent')";
pub const AUDIT_OF_MESSAGES: &str = "event in ('CASE_CREATED', 'MESSAGE_RECEIVED', 'MESSAGE_SENT')";

pub const NUMBER: &str = "update workspaces set last_case_number = last_case_number + 1 where id = ?1";
pub const HEARD: &str = "update cases set version = version + 1, updated_at = ?3, last_activity_at = ?3, last_inbound_at = ?3, \
                     waiting_on = 'us', waiting_since = ?3 where workspace = ?1 and id = ?2";
pub const ANSWERED: &str = "update cases set version = version + 1, updated_at = ?3, last_activity_at = ?3, last_outbound_at = ?3, \
                        first_reply_at = ?3, waiting_on = 'customer', waiting_since = ?3, last_reply_by = ?4 \
                        where workspace = ?1 and id = ?2";
const HEAD: &str = "update audit_heads set seq = ?2, hash = ?3 where workspace = ?1";

/// The words of what the triggers noted, as the desk's writer indexes them before it commits.
const WORDS: &str = "insert into search_words (rowid, text) select d.id, case d.kind \
    when 'message' then (select m.text from messages m where m.workspace = d.workspace and m.case_id = d.owner and m.id = d.object) \
    when 'title' then (select c.title from cases c where c.workspace = d.workspace and c.id = d.object) \
    else (select coalesce(u.name, '') || ' ' || coalesce(u.handle, '') from customers u \
    where u.workspace = d.workspace and u.id = d.object) end \
    from search_docs d where d.id > (select indexed_to from search_progress)";
/// Says that they are: where nothing is searched, they need not be.
pub const WORDS_DONE: &str = "update search_progress set indexed_to = (select coalesce(max(id), 0) from search_docs)";

/// One row to be written: which statement, with what.
struct Write {
    id: i64,
    statement: usize,
    values: Vec<Value>,
}

/// What is to be written, message by message, by these statements.
struct Script {
    statements: Vec<String>,
    messages: Vec<Vec<Write>>,
}

/// Messages a second in each round of `round` messages, after the first `untimed` ones.
pub fn rates(served: &File, raw: &File, untimed: usize, round: usize) -> Result<Vec<f64>> {
    let script = read(&served.open()?)?;
    let conn = raw.open()?;
    conn.execute_batch(PRAGMAS)?;
    copy_schema(&conn, served)?;
    let mut statements = script.statements.iter().map(|sql| conn.prepare(sql)).collect::<rusqlite::Result<Vec<_>>>()?;
    write(&conn, &mut statements, &script.messages[..untimed])?;
    let mut rates = Vec::new();
    for messages in script.messages[untimed..].chunks(round) {
        let watch = Stopwatch::start();
        write(&conn, &mut statements, messages)?;
        rates.push(rate(messages.len(), watch.elapsed()));
    }
    drop(statements);
    same_counts(&conn)?;
    Ok(rates)
}

fn write(conn: &Connection, statements: &mut [Statement<'_>], messages: &[Vec<Write>]) -> Result<()> {
    for group in messages.chunks(GROUP) {
        conn.execute_batch("begin immediate")?;
        for write in group.iter().flatten() {
            statements[write.statement].execute(params_from_iter(&write.values))?;
        }
        for sql in [WORDS, WORDS_DONE] {
            conn.prepare_cached(sql)?.execute([])?;
        }
        conn.execute_batch("commit")?;
    }
    Ok(())
}

/// The schema, and the rows that were there before the first message.
fn copy_schema(conn: &Connection, served: &File) -> Result<()> {
    conn.execute("attach ?1 as served", [served.path().to_string_lossy()])?;
    // The tables behind an index of words are made by it.
    let mut schema = conn.prepare(
        "select type, name, sql from served.sqlite_schema where sql is not null and name not like 'sqlite_%' \
         and name not like 'search_words_%' order by rowid",
    )?;
    let rows = schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let objects = rows.collect::<rusqlite::Result<Vec<(String, String, String)>>>()?;
    for (_, _, sql) in &objects {
        conn.execute_batch(sql)?;
    }
    for (_, table, _) in objects.iter().filter(|(kind, ..)| kind == "table") {
        let setup = match table.as_str() {
            "customers" | "cases" | "messages" | "activity" | "search_docs" | "search_words" => continue,
            "search_progress" => {
                conn.execute_batch("insert into main.search_progress values (1, 0)")?;
                continue;
            }
            "outbox" => format!("where not {OF_MESSAGES}"),
            "audit" => format!("where not {AUDIT_OF_MESSAGES}"),
            _ => String::new(),
        };
        conn.execute_batch(&format!("insert into main.{table} select * from served.{table} {setup}"))?;
    }
    Ok(())
}

/// A baseline that wrote fewer rows would flatter the raw side, or the desk.
fn same_counts(conn: &Connection) -> Result<()> {
    for table in DATED.iter().chain(&["audit"]) {
        let sql = format!("select (select count(*) from main.{table}), (select count(*) from served.{table})");
        let (raw, served): (i64, i64) = conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        ensure!(raw == served, "the raw run wrote {raw} rows of {table}, the desk {served}");
    }
    Ok(())
}

/// Reads everything into memory, so that nothing is read while the clock runs.
fn read(conn: &Connection) -> Result<Script> {
    let (mut statements, mut writes) = (Vec::new(), Vec::new());
    for table in DATED {
        let only = if table == "outbox" { OF_MESSAGES } else { "true" };
        let (sql, rows) = read_table(conn, table, only, "id")?;
        let statement = statements.len();
        statements.push(sql);
        writes.extend(rows.into_iter().map(|(id, values)| Write { id, statement, values }));
    }
    writes.sort_by_key(|write| write.id);
    let outbox = statements.len() - 1;
    let mut messages: Vec<Vec<Write>> = Vec::new();
    let mut current = Vec::new();
    for write in writes {
        let ends = write.statement == outbox;
        current.push(write);
        if ends {
            messages.push(std::mem::take(&mut current));
        }
    }
    ensure!(current.is_empty(), "a row follows the last message");
    add_updates(conn, &mut statements, &mut messages)?;
    Ok(Script { statements, messages })
}

/// Adds to each message its audit entry and what it updates.
fn add_updates(conn: &Connection, statements: &mut Vec<String>, messages: &mut [Vec<Write>]) -> Result<()> {
    let first = statements.len();
    let (audit_sql, audit) = read_table(conn, "audit", AUDIT_OF_MESSAGES, "seq")?;
    statements.extend([audit_sql, HEAD.into(), NUMBER.into(), HEARD.into(), ANSWERED.into()]);
    let [audit_at, head_at, number_at, heard_at, answered_at] = [0, 1, 2, 3, 4].map(|n| first + n);
    ensure!(audit.len() == messages.len(), "{} audit entries for {} messages", audit.len(), messages.len());
    let case_at = DATED.iter().position(|table| *table == "cases").unwrap_or_default();
    let message_at = DATED.iter().position(|table| *table == "messages").unwrap_or_default();
    for (message, (seq, entry)) in messages.iter_mut().zip(audit) {
        let workspace = entry[0].clone();
        let starts = message.iter().any(|write| write.statement == case_at);
        let update = if starts {
            Write { id: 0, statement: number_at, values: vec![workspace.clone()] }
        } else {
            // The columns of a message: workspace, case, id, channel, customer, external id, direction, text, author,
            // automatic, sent, received.
            let row = message.iter().find(|write| write.statement == message_at).map(|write| write.values.clone());
            let row = row.unwrap_or_default();
            ensure!(row.len() > 11, "an outbox row without a message");
            let mut values = vec![row[0].clone(), row[1].clone(), row[11].clone()];
            let outbound = row[6] == Value::Text("outbound".to_owned());
            if outbound {
                values.push(row[8].clone());
            }
            Write { id: 0, statement: if outbound { answered_at } else { heard_at }, values }
        };
        let hash = entry[entry.len() - 1].clone();
        message.insert(0, update);
        message.push(Write { id: 0, statement: audit_at, values: entry });
        message.push(Write { id: 0, statement: head_at, values: vec![workspace, Value::Integer(seq), hash] });
    }
    Ok(())
}

/// A table's rows in order of `key`, each with its key, and the statement that inserts one.
type Rows = Vec<(i64, Vec<Value>)>;

fn read_table(conn: &Connection, table: &str, only: &str, key: &str) -> Result<(String, Rows)> {
    let mut select = conn.prepare(&format!("select {key}, * from {table} where {only} order by {key}"))?;
    let width = select.column_count() - 1;
    let rows = select.query_map([], |row| {
        let values = (1..=width).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?;
        Ok((row.get(0)?, values))
    })?;
    let places = (1..=width).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    Ok((format!("insert into {table} values ({places})"), rows.collect::<rusqlite::Result<_>>()?))
}
