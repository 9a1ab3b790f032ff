//! The raw baseline of the message figures on PostgreSQL: the rows a run over HTTP left behind, written again by prepared
//! statements, each message in a transaction of its own that is sent in one go, over as many connections as the desk has.
//!
//! What one message wrote is known by its transaction: PostgreSQL keeps its number with every row.

use super::super::figures::rate;
use super::super::replay::{ANSWERED, AUDIT_OF_MESSAGES, HEARD, NUMBER, OF_MESSAGES};
use super::super::server;
use super::Database;
use super::pipeline;
use super::sql::{Sql, Value, connect};
use anyhow::{Context, Result, bail, ensure};
use lull::clock::Stopwatch;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Statement};

/// As many as `lull serve` opens.
const CONNECTIONS: usize = 16;
/// What a message's transaction left, each row with the transaction's number. A case changes later; its feed entry stays.
const OF_TRANSACTIONS: [(&str, &str); 5] = [
    ("customers", "select cast(cast(xmin as text) as bigint), * from customers"),
    (
        "cases",
        "select cast(cast(a.xmin as text) as bigint), c.* from cases c join activity a \
         on a.workspace = c.workspace and a.case_id = c.id and a.event = 'case_created'",
    ),
    ("messages", "select cast(cast(xmin as text) as bigint), * from messages"),
    ("activity", "select cast(cast(xmin as text) as bigint), * from activity"),
    (
        "outbox",
        "select cast(cast(xmin as text) as bigint), id, workspace, at, event, case_number, data from outbox where OF_MESSAGES",
    ),
];
/// Entries as they are written before they are chained.
const AUDIT: &str = "select seq, workspace, at, event, actor, object_kind, object_id, old, new, address from audit \
                     where AUDIT_OF_MESSAGES order by seq";

/// One row to be written: which statement, with what.
struct Write {
    statement: usize,
    values: Vec<Value>,
}

/// What is to be written, message by message, by these statements.
struct Script {
    statements: Vec<String>,
    messages: Vec<Vec<Write>>,
}

/// Messages a second in each round of `round` messages, after the first `untimed` ones.
pub fn rates(lull: &Path, served: &Database, untimed: usize, round: usize) -> Result<Vec<f64>> {
    let served = (served, served.sql()?);
    let script = Arc::new(read(&served.1)?);
    let raw = served.0.cluster().create("raw")?;
    server::prepare(lull, &raw.url())?;
    let sql = raw.sql()?;
    let workspace = served.1.number("select id from workspaces")?;
    sql.batch(&format!(
        "update workspaces set id = {workspace}, last_case_number = 0; truncate audit_pending, outbox"
    ))?;
    let lines = sql.run(connections(&raw.url(), &script))?;
    let mut rates = Vec::new();
    sql.run(write(&lines, &script, 0, untimed))?;
    let mut from = untimed;
    while from < script.messages.len() {
        let to = (from + round).min(script.messages.len());
        let watch = Stopwatch::start();
        sql.run(write(&lines, &script, from, to))?;
        rates.push(rate(to - from, watch.elapsed()));
        from = to;
    }
    same_counts(&served.1, &sql)?;
    Ok(rates)
}

/// A connection with its statements.
type Line = Arc<(Client, Vec<Statement>)>;

async fn connections(url: &str, script: &Script) -> Result<Vec<Line>> {
    let mut lines = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let client = connect(url).await?;
        let mut statements = Vec::new();
        for sql in &script.statements {
            statements.push(client.prepare(sql).await.with_context(|| sql.clone())?);
        }
        lines.push(Arc::new((client, statements)));
    }
    Ok(lines)
}

/// Every connection takes the next message when it has committed its last.
async fn write(lines: &[Line], script: &Arc<Script>, from: usize, to: usize) -> Result<()> {
    let next = Arc::new(AtomicUsize::new(from));
    let mut tasks = JoinSet::new();
    for line in lines {
        let (line, script, next) = (line.clone(), script.clone(), next.clone());
        tasks.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(message) = script.messages.get(n).filter(|_| n < to) else { return anyhow::Ok(()) };
                let bound = message.iter().map(|write| (&line.1[write.statement], &write.values[..]));
                let changed = pipeline::transaction(&line.0, bound).await?;
                ensure!(changed.iter().all(|rows| *rows == 1), "a raw statement changed {changed:?} rows");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// A baseline that wrote fewer rows would flatter the desk, one that wrote more the raw side.
fn same_counts(served: &Sql, raw: &Sql) -> Result<()> {
    let count = |sql: &Sql, table: &str, only: &str| sql.number(&format!("select count(*) from {table} where {only}"));
    for (table, _) in OF_TRANSACTIONS {
        let only = if table == "outbox" { OF_MESSAGES } else { "true" };
        let (raw, served) = (count(raw, table, only)?, count(served, table, only)?);
        ensure!(raw == served, "the raw run wrote {raw} rows of {table}, the desk {served}");
    }
    let (raw, served) = (count(raw, "audit_pending", "true")?, count(served, "audit", AUDIT_OF_MESSAGES)?);
    ensure!(raw == served, "the raw run wrote {raw} audit entries, the desk {served}");
    Ok(())
}

/// Reads everything into memory, so that nothing is read while the clock runs.
fn read(sql: &Sql) -> Result<Script> {
    let mut statements = Vec::new();
    let mut transactions: BTreeMap<i64, Vec<Write>> = BTreeMap::new();
    let mut ends = BTreeMap::new();
    for (table, select) in OF_TRANSACTIONS {
        let rows = sql.rows(&select.replace("OF_MESSAGES", OF_MESSAGES))?;
        let statement = statements.len();
        statements.push(insert(table, rows.first().with_context(|| format!("no rows of {table}"))?));
        for row in &rows {
            let transaction = row.get(0);
            if table == "messages" {
                ends.insert(transaction, update_of(row)?);
            }
            let values = (1..row.len()).map(|column| value(row, column)).collect::<Result<_>>()?;
            transactions.entry(transaction).or_default().push(Write { statement, values });
        }
    }
    let audit = sql.rows(&AUDIT.replace("AUDIT_OF_MESSAGES", AUDIT_OF_MESSAGES))?;
    ensure!(audit.len() == ends.len(), "{} audit entries for {} messages", audit.len(), ends.len());
    let first = statements.len();
    statements.push(insert("audit_pending", audit.first().context("no audit entries")?));
    statements.extend([NUMBER, HEARD, ANSWERED].map(|sql| sql.replace('?', "$")));
    let mut audit = VecDeque::from(audit);
    let cases = OF_TRANSACTIONS.iter().position(|(table, _)| *table == "cases");
    let mut messages = Vec::with_capacity(ends.len());
    for (transaction, (update, values)) in ends {
        let mut writes = transactions.remove(&transaction).unwrap_or_default();
        let starts = writes.iter().any(|write| Some(write.statement) == cases);
        let entry = audit.pop_front().context("counted above")?;
        let entry = (1..entry.len()).map(|column| value(&entry, column)).collect::<Result<_>>()?;
        writes.push(Write { statement: first, values: entry });
        let mut values = values;
        let update = if starts { Update::Number } else { update };
        values.truncate(update.parameters());
        writes.insert(0, Write { statement: first + 1 + update as usize, values });
        messages.push(writes);
    }
    Ok(Script { statements, messages })
}

/// What a message updates, in the order of the statements.
#[derive(Clone, Copy)]
enum Update {
    Number,
    Heard,
    Answered,
}

impl Update {
    fn parameters(self) -> usize {
        match self {
            Update::Number => 1,
            Update::Heard => 3,
            Update::Answered => 4,
        }
    }
}

/// How a message that joins a case changes it, and with what: workspace, case, moment, author.
fn update_of(message: &Row) -> Result<(Update, Vec<Value>)> {
    let update = match message.try_get("direction")? {
        "inbound" => Update::Heard,
        "outbound" => Update::Answered,
        other => bail!("a message that goes {other}"),
    };
    let number = |column: &str| message.try_get::<_, Option<i64>>(column).map(|number| Box::new(number) as Value);
    let columns = ["workspace", "case_id", "received_at", "author"];
    Ok((update, columns.map(number).into_iter().collect::<Result<_, _>>()?))
}

/// The statement that inserts a row of these columns, but for the first.
fn insert(table: &str, row: &Row) -> String {
    let columns: Vec<&str> = row.columns().iter().skip(1).map(|column| column.name()).collect();
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    format!("insert into {table} ({}) values ({})", columns.join(", "), places.join(", "))
}

fn value(row: &Row, column: usize) -> Result<Value> {
    Ok(match *row.columns()[column].type_() {
        Type::INT8 => Box::new(row.try_get::<_, Option<i64>>(column)?),
        Type::BOOL => Box::new(row.try_get::<_, Option<bool>>(column)?),
        Type::TEXT => Box::new(row.try_get::<_, Option<String>>(column)?),
        ref other => bail!("a column of type {other}"),
    })
}
