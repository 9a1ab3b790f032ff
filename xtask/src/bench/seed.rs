//! Databases of many open cases, made with set statements in a schema that the desk itself has migrated; the same
//! statements for SQLite and PostgreSQL.
//!
//! Four queues, the three open statuses, fifty agents, three channels, five cases a customer, a feed entry for each case
//! and a message for one in ten. All cases were created from fourteen to eleven days ago and are covered; of every five
//! one fell silent more than two days ago and the others within the last twenty hours, with a threshold of a day.

use super::databases::{Database, File};
use super::postgres::sql::Sql;
use super::replay::{PRAGMAS, WORDS_DONE};
use super::{postgres, server};
use anyhow::Result;
use lull::clock::SystemClock;
use rusqlite::Connection;
use std::path::Path;
use store::Clock;

/// One case in so many is due.
pub const DUE: usize = 5;
/// A day, as the seeded policy has it.
pub const THRESHOLD: i64 = 1_440;
/// With this no seeded case is due.
const LONGEST: i64 = 30_240;

/// How the due cases lie in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Every fifth case, and in another order than the table's.
    Scattered,
    /// The oldest fifth, in the table's order.
    Together,
}

impl Layout {
    pub fn in_words(self) -> &'static str {
        match self {
            Layout::Scattered => "scattered over the table",
            Layout::Together => "lying together",
        }
    }
}

/// Ids are dated by creation as the desk's own are (`domain::id`), so that rows lie as they would.
const CASES: &str = "
with recursive
  n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $count),
  drawn as (select i, (i * 2654435761) % 4294967296 as h, $start + i * ($days3 / $count) / 1000 * 1000 as born from n),
  placed as (select *, ((born / 1000 - 1577836800000) << 21) as id from drawn)
insert into cases (workspace, id, number, version, status, type, priority, title, queue, assignee, channel, network, customer,
  thread, tags, created_at, updated_at, last_activity_at, armed_at, last_inbound_at, last_outbound_at, first_reply_at,
  waiting_on, waiting_since, opened_at, closed_at, reopen_count, follow_up_of, last_reply_by, keep_open_until)
select $workspace, id, i, 3, case when (h >> 8) % 10 < 5 then 'open' when (h >> 8) % 10 < 8 then 'in_progress' else 'on_hold' end,
  'general', 'medium', 'Where is my parcel? It was to arrive last week, number ' || i, $queue + (h >> 12) % 4,
  case when (h >> 16) % 60 < 50 then $agent + (h >> 16) % 60 end, $channel + (h >> 20) % 3, 'x', 1 + (i - 1) / 5, 'thread_' || i,
  '[]', born, last, last, last, last, born + 60000000, born + 60000000, 'us', last, born, null, 0, null, null, null
from (select *, LAST as last from placed) as dated";

const LAST_SCATTERED: &str =
    "case when i % $due = 0 then $oldest + (h % 691200000) * 1000 else $newest + (h % 68400000) * 1000 end";
const LAST_TOGETHER: &str = "case when i <= $count / $due then $oldest + i * (691200000 / ($count / $due)) * 1000 \
                             else $newest + (h % 68400000) * 1000 end";

const CUSTOMERS: &str = "
insert into customers (workspace, id, scope, external_id, name, handle, created_at)
select workspace, customer, 'x', 'user_' || customer, 'Customer ' || customer, '@c' || customer, min(created_at)
from cases group by workspace, customer";

const FEED: &str = "
insert into activity (workspace, case_id, id, at, actor, actor_agent, event, data)
select workspace, id, id + 1, created_at, 'customer', null, 'case_created',
  '{\"follow_up_of\":null,\"message\":\"msg_0000000000000\"}' from cases order by id";

const MESSAGES: &str = "
insert into messages (workspace, case_id, id, channel, customer, external_id, direction, text, author, automatic, sent_at, received_at, delivery)
select workspace, id, id + 2, channel, customer, 'external_' || number, 'inbound', title || '. Please look into it.',
  null, false, null, created_at, 'received' from cases where number % 10 = 0 order by id";

pub const DESK: &str = "
insert into queues (workspace, id, name, assignment, last_assigned, created_at)
select workspace, id + n, name || n, assignment, last_assigned, created_at
from queues, (select 1 as n union all select 2 union all select 3) as further;
insert into channels (workspace, id, name, network, queue, created_at)
select workspace, (select min(id) from queues) + n, 'Channel ' || n, 'x', id, created_at
from queues, (select 1 as n union all select 2 union all select 3) as further where name = 'General';
with recursive n (i) as (select 1 union all select i + 1 from n where i < 49)
insert into agents (workspace, id, name, email, role, capacity, auto_assign, active, availability, theme, password_hash, created_at)
select workspace, id + i, name || i, i || email, 'agent', capacity, auto_assign, active, availability, theme,
  null, created_at from agents, n;";

const POLICY: &str = "
delete from policies where queue = 0;
insert into policies (workspace, queue, enabled, enabled_at, threshold_minutes, statuses, reopen_enabled, window_minutes,
  version, updated_at, updated_by)
select id, 0, true, $start, $threshold, 'open,in_progress,on_hold', true, 5760, 1, $start, null from workspaces";

/// What the desk tells SQLite's planner of an index goes with the index; raw statements are to be planned as the desk's are.
const KEEP_STATISTICS: &str = "create temp table kept as select * from sqlite_stat1";
const RETURN_STATISTICS: &str =
    "delete from sqlite_stat1; insert into sqlite_stat1 select * from kept; analyze sqlite_schema;";

/// The indexes that are built at the end: sorted once instead of searched for every row. Their names and statements.
const INDEXES_OF_SQLITE: &str = "select name, sql from sqlite_schema where type = 'index' and sql is not null \
                                 and tbl_name in ('cases', 'customers', 'messages')";
const INDEXES_OF_POSTGRES: &str = "select indexname::text, indexdef::text from pg_indexes where schemaname = 'public' \
                                   and indexname not like '%_pkey' and tablename in ('cases', 'customers', 'messages')";

/// A connection to either database.
pub trait Hand {
    fn run(&self, sql: &str) -> Result<()>;
    fn number(&self, sql: &str) -> Result<i64>;
    fn indexes(&self) -> Result<Vec<(String, String)>>;
}

/// Fills a new database with `count` open cases; their policy's threshold is first so long that none is due.
pub fn fill(lull: &Path, database: &Database, count: usize, layout: Layout) -> Result<()> {
    fill_by(lull, database, |hand| write(hand, count, layout))
}

/// Fills a new database as `write` does.
pub fn fill_by(lull: &Path, database: &Database, write: impl Fn(&dyn Hand) -> Result<()>) -> Result<()> {
    server::prepare(lull, &database.url())?;
    match database {
        Database::Sqlite(file) => {
            let conn = file.open()?;
            // Only this preparation may lose its work to a power cut: it would be done again.
            conn.run("pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -524288; begin")?;
            conn.run(KEEP_STATISTICS)?;
            write(&conn)?;
            conn.run(WORDS_DONE)?;
            conn.run(RETURN_STATISTICS)?;
            conn.run("commit")?;
            settle(&conn)
        }
        Database::Postgres(database) => {
            let sql = database.sql()?;
            sql.batch("begin")?;
            write(&sql)?;
            sql.batch("commit")?;
            // As the server's own care would leave it in time.
            sql.batch("vacuum (analyze)")?;
            sql.batch("checkpoint")
        }
    }
}

/// Gives the policy the day after which one case in five is due.
pub fn make_due(file: &File) -> Result<()> {
    let conn = file.open()?;
    conn.run(PRAGMAS)?;
    conn.run(&due_policy())?;
    settle(&conn)
}

/// The same on PostgreSQL, in effect with the next look of each node.
pub fn make_due_now(database: &postgres::Database) -> Result<()> {
    database.sql()?.batch(&due_policy())
}

fn due_policy() -> String {
    format!("update policies set threshold_minutes = {THRESHOLD}")
}

fn write(hand: &dyn Hand, count: usize, layout: Layout) -> Result<()> {
    hand.run(DESK)?;
    let indexes = without_indexes(hand)?;
    let numbers = numbers(hand, count)?;
    let last = if layout == Layout::Scattered { LAST_SCATTERED } else { LAST_TOGETHER };
    hand.run(&filled(&CASES.replace("LAST", last), &numbers))?;
    hand.run(&format!("update workspaces set last_case_number = {count}"))?;
    for sql in [CUSTOMERS, FEED, MESSAGES] {
        hand.run(sql)?;
    }
    hand.run(&filled(POLICY, &numbers))?;
    for (_, sql) in indexes {
        hand.run(&sql)?;
    }
    Ok(())
}

/// Drops the indexes of what is written, and answers what makes them again.
pub fn without_indexes(hand: &dyn Hand) -> Result<Vec<(String, String)>> {
    let indexes = hand.indexes()?;
    for (name, _) in &indexes {
        hand.run(&format!("drop index {name}"))?;
    }
    Ok(indexes)
}

/// What stands for the names in the statements.
fn numbers(hand: &dyn Hand, count: usize) -> Result<[(&'static str, i64); 11]> {
    let now = SystemClock::default().now().as_micros();
    let days = |days: i64| days * 86_400_000_000;
    Ok([
        ("$count", i64::try_from(count)?),
        ("$due", i64::try_from(DUE)?),
        ("$start", now - days(14)),
        ("$days3", days(3)),
        ("$oldest", now - days(10)),
        ("$newest", now - 20 * 3_600_000_000),
        ("$threshold", LONGEST),
        ("$workspace", hand.number("select id from workspaces")?),
        ("$queue", hand.number("select min(id) from queues")?),
        ("$agent", hand.number("select min(id) from agents")?),
        ("$channel", hand.number("select min(id) from channels")?),
    ])
}

pub fn filled(sql: &str, numbers: &[(&str, i64)]) -> String {
    numbers.iter().fold(sql.to_owned(), |sql, (name, number)| sql.replace(name, &number.to_string()))
}

/// Leaves one file without a log, so that a copy of it is the database.
fn settle(conn: &Connection) -> Result<()> {
    conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}

impl Hand for Connection {
    fn run(&self, sql: &str) -> Result<()> {
        Ok(self.execute_batch(sql)?)
    }

    fn number(&self, sql: &str) -> Result<i64> {
        Ok(self.query_row(sql, [], |row| row.get(0))?)
    }

    fn indexes(&self) -> Result<Vec<(String, String)>> {
        let mut select = self.prepare(INDEXES_OF_SQLITE)?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Hand for Sql {
    fn run(&self, sql: &str) -> Result<()> {
        self.batch(sql)
    }

    fn number(&self, sql: &str) -> Result<i64> {
        Sql::number(self, sql)
    }

    fn indexes(&self) -> Result<Vec<(String, String)>> {
        Ok(self.rows(INDEXES_OF_POSTGRES)?.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}
