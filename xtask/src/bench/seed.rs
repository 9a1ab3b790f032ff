//! Databases of many open cases, made with set statements in a file that the desk itself has migrated.
//!
//! Four queues, the three open statuses, fifty agents, three channels, five cases a customer, a feed entry for each case
//! and a message for one in ten. All cases were created from fourteen to eleven days ago and are covered; of every five
//! one fell silent more than two days ago and the others within the last twenty hours, with a threshold of a day.

use super::replay::PRAGMAS;
use super::server;
use anyhow::{Context, Result};
use lull::clock::SystemClock;
use rusqlite::Connection;
use std::path::Path;
use store::Clock;

/// One case in so many is due.
pub const DUE: usize = 5;
/// A day, as the seeded policy has it.
const THRESHOLD: i64 = 1_440;
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

/// Ids are dated by creation as the desk's own are (`domain::id`), so that rows lie as they would.
const CASES: &str = "
with recursive
  n (i) as (select 1 union all select i + 1 from n where i < $count),
  drawn as (select i, (i * 2654435761) % 4294967296 as h, $start + i * ($days3 / $count) / 1000 * 1000 as born from n),
  placed as (select *, ((born / 1000 - 1577836800000) << 21) as id from drawn)
insert into cases (workspace, id, number, version, status, type, priority, title, queue, assignee, channel, network, customer,
  thread, tags, created_at, updated_at, last_activity_at, armed_at, last_inbound_at, last_outbound_at, first_reply_at,
  waiting_on, waiting_since, opened_at, closed_at, reopen_count, follow_up_of, last_reply_by, keep_open_until)
select $workspace, id, i, 3, case when (h >> 8) % 10 < 5 then 'open' when (h >> 8) % 10 < 8 then 'in_progress' else 'on_hold' end,
  'general', 'medium', 'Where is my parcel? It was to arrive last week, number ' || i, $queue + (h >> 12) % 4,
  case when (h >> 16) % 60 < 50 then $agent + (h >> 16) % 60 end, $channel + (h >> 20) % 3, 'x', 1 + (i - 1) / 5, 'thread_' || i,
  '[]', born, last, last, last, last, born + 60000000, born + 60000000, 'us', last, born, null, 0, null, null, null
from (select *, LAST as last from placed)";

const LAST_SCATTERED: &str =
    "case when i % $due = 0 then $oldest + (h % 691200000) * 1000 else $newest + (h % 68400000) * 1000 end";
const LAST_TOGETHER: &str = "case when i <= $count / $due then $oldest + i * (691200000 / ($count / $due)) * 1000 \
                             else $newest + (h % 68400000) * 1000 end";

const CUSTOMERS: &str = "
insert into customers select workspace, customer, 'x', 'user_' || customer, 'Customer ' || customer, '@c' || customer, min(created_at)
from cases group by workspace, customer";

const FEED: &str = "
insert into activity select workspace, id, id + 1, created_at, 'customer', null, 'case_created',
  '{\"follow_up_of\":null,\"message\":\"msg_0000000000000\"}' from cases order by id";

const MESSAGES: &str = "
insert into messages select workspace, id, id + 2, channel, customer, 'external_' || number, 'inbound', title || '. Please look into it.',
  null, false, null, created_at, 'received' from cases where number % 10 = 0 order by id";

const DESK: &str = "
insert into queues select workspace, id + n, name || n, assignment, last_assigned, created_at
from queues, (select 1 as n union all select 2 union all select 3);
insert into channels select workspace, (select min(id) from queues) + n, 'Channel ' || n, 'x', id, created_at
from queues, (select 1 as n union all select 2 union all select 3) where name = 'General';
with recursive n (i) as (select 1 union all select i + 1 from n where i < 49)
insert into agents select workspace, id + i, name || i, i || email, 'agent', capacity, auto_assign, active, availability, theme,
  null, created_at from agents, n;";

const POLICY: &str = "
insert or replace into policies (workspace, queue, enabled, enabled_at, threshold_minutes, statuses, reopen_enabled,
  window_minutes, version, updated_at, updated_by)
select id, 0, true, $start, $threshold, 'open,in_progress,on_hold', true, 5760, 1, $start, null from workspaces";

/// What the desk tells the planner of an index goes with the index; raw statements are to be planned as the desk's are.
const KEEP_STATISTICS: &str = "create temp table kept as select * from sqlite_stat1";
const RETURN_STATISTICS: &str =
    "delete from sqlite_stat1; insert into sqlite_stat1 select * from kept; analyze sqlite_schema;";

/// Fills a new file with `count` open cases; their policy's threshold is first so long that none is due.
pub fn fill(lull: &Path, database: &Path, count: usize, layout: Layout) -> Result<()> {
    server::remove(database);
    server::prepare(lull, database)?;
    let conn = Connection::open(database)?;
    // Only this preparation may lose its work to a power cut: it would be done again.
    conn.execute_batch("pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -524288; begin")?;
    conn.execute_batch(DESK)?;
    conn.execute_batch(KEEP_STATISTICS)?;
    let indexes = take_indexes(&conn)?;
    let now = SystemClock::default().now().as_micros();
    let days = |days: i64| days * 86_400_000_000;
    let one = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (start, days3) = (now - days(14), days(3));
    let (oldest, newest) = (now - days(10), now - 20 * 3_600_000_000);
    let (workspace, queue) = (one("select id from workspaces")?, one("select min(id) from queues")?);
    let (agent, channel) = (one("select min(id) from agents")?, one("select min(id) from channels")?);
    let last = if layout == Layout::Scattered { LAST_SCATTERED } else { LAST_TOGETHER };
    let named = [
        ("$count", count as i64),
        ("$due", DUE as i64),
        ("$start", start),
        ("$days3", days3),
        ("$oldest", oldest),
        ("$newest", newest),
        ("$workspace", workspace),
        ("$queue", queue),
        ("$agent", agent),
        ("$channel", channel),
    ];
    let mut cases = conn.prepare(&CASES.replace("LAST", last))?;
    for (name, value) in named {
        let index = cases.parameter_index(name)?.with_context(|| format!("{name} is not used"))?;
        cases.raw_bind_parameter(index, value)?;
    }
    cases.raw_execute()?;
    drop(cases);
    conn.execute("update workspaces set last_case_number = ?1", [count as i64])?;
    for sql in [CUSTOMERS, FEED, MESSAGES] {
        conn.execute(sql, [])?;
    }
    conn.execute(POLICY, rusqlite::named_params! {"$start": start, "$threshold": LONGEST})?;
    for sql in indexes {
        conn.execute_batch(&sql)?;
    }
    conn.execute_batch(RETURN_STATISTICS)?;
    conn.execute_batch("commit")?;
    settle(&conn)
}

/// Gives the policy the day after which one case in five is due.
pub fn make_due(database: &Path) -> Result<()> {
    let conn = Connection::open(database)?;
    conn.execute_batch(PRAGMAS)?;
    conn.execute("update policies set threshold_minutes = ?1", [THRESHOLD])?;
    settle(&conn)
}

/// Indexes are built at the end: sorted once instead of searched for every row.
fn take_indexes(conn: &Connection) -> Result<Vec<String>> {
    let of = "type = 'index' and sql is not null and tbl_name in ('cases', 'customers', 'messages')";
    let mut select = conn.prepare(&format!("select name, sql from sqlite_schema where {of}"))?;
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let indexes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for (name, _) in &indexes {
        conn.execute_batch(&format!("drop index {name}"))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

/// Leaves one file without a log, so that a copy of it is the database.
fn settle(conn: &Connection) -> Result<()> {
    conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}
