//! Closing what is due on SQLite: the desk's own sweep against raw set statements on a copy of the same database.

use super::Bench;
use super::databases::File;
use super::figures::rate;
use super::opened::Opened;
use super::replay::PRAGMAS;
use super::report::{Goal, Report, Unit, count};
use super::seed::{self, Layout};
use anyhow::{Result, ensure};
use lull::clock::{Stopwatch, SystemClock};
use lull::engine::tasks::auto_close;
use rusqlite::{Connection, named_params};
use std::time::Duration;
use store::Clock;

const CLOSE: &str = "
insert into closures (workspace, case_id, period, number, closed_at, reason, closed_by, credited_agent, assignee, status_before,
  queue, channel, network, type, priority, tags, case_created_at, opened_at, last_activity_at, threshold_minutes, run, reopened_at)
select c.workspace, c.id, c.reopen_count, c.number, $now, 'inactivity', null, c.assignee, c.assignee, c.status, c.queue, c.channel,
  c.network, c.type, c.priority, c.tags, c.created_at, c.opened_at, c.last_activity_at, p.threshold_minutes, 1, null
from policies p join cases c on c.workspace = p.workspace
where p.queue = 0 and c.queue in (select id from queues) and c.status in ('open', 'in_progress', 'on_hold')
  and c.status <> 'closed' and c.armed_at >= p.enabled_at and c.armed_at <= $now - p.threshold_minutes * 60000000
  and c.last_activity_at <= $now - p.threshold_minutes * 60000000";

const MARK: &str = "
update cases set status = 'closed', closed_at = $now, updated_at = $now, version = version + 1
where workspace = (select workspace from policies where queue = 0) and queue in (select id from queues)
  and status in ('open', 'in_progress', 'on_hold') and status <> 'closed'
  and armed_at >= (select enabled_at from policies where queue = 0)
  and armed_at <= $now - (select threshold_minutes from policies where queue = 0) * 60000000
  and last_activity_at <= $now - (select threshold_minutes from policies where queue = 0) * 60000000";

/// The traces as the desk's sweep wrote them, held in memory before the clock runs.
const TRACES: &str = "
pragma temp_store = memory;
create temp table feed_rows as select * from done.activity where event = 'case_auto_closed' order by id;
create temp table audit_rows as select * from done.audit where event = 'CASE_AUTO_CLOSED' order by seq;
create temp table outbox_rows as select * from done.outbox where event = 'case.closed' order by id;
create temp table head_rows as select * from done.audit_heads;
create temp table run_rows as select * from done.runs;";

const LEAVE_TRACES: &str = "
insert into activity select * from feed_rows order by rowid;
insert into audit select * from audit_rows order by rowid;
insert into outbox select * from outbox_rows order by rowid;
insert or replace into audit_heads select * from head_rows;
insert into runs select * from run_rows;";

/// Closes a second by the desk and by raw statements, for one layout. The seeded file is used up.
pub fn run(bench: &Bench, report: &mut Report, file: &File, layout: Layout) -> Result<()> {
    let due = bench.amounts.cases / seed::DUE;
    seed::make_due(file)?;
    let (for_pair, for_traces) = (file.copy("pair")?, file.copy("traces")?);
    let swept = desk(&format!("sqlite:{}", file.path().display()))?;
    count_closed(&file.open()?, due)?;
    let pair = raw(&for_pair, None, due)?;
    let same = raw(&for_traces, Some(file), due)?;
    heading(report, due, bench.amounts.cases, layout);
    report.figure("closes by the desk", rate(due, swept), Unit::PerSecond, Goal::None);
    report.figure("closes by a raw pair (cases, closures)", rate(due, pair), Unit::PerSecond, Goal::None);
    report.figure("closes by raw statements, all rows the desk writes", rate(due, same), Unit::PerSecond, Goal::None);
    report.figure("desk ÷ raw pair", pair.as_secs_f64() / swept.as_secs_f64(), Unit::Ratio, Goal::None);
    report.figure("desk ÷ raw, same rows", same.as_secs_f64() / swept.as_secs_f64(), Unit::Ratio, Goal::AtLeast(0.5));
    Ok(())
}

pub fn heading(report: &mut Report, due: usize, cases: usize, layout: Layout) {
    let (due, cases) = (count(due), count(cases));
    report.heading(format!("Closing {due} due of {cases} open cases, {}", layout.in_words()));
}

/// The auto-close task as the engine runs it.
pub fn desk(url: &str) -> Result<Duration> {
    let opened = Opened::new(url)?;
    let desk = opened.desk.clone();
    opened.run(async move {
        let watch = Stopwatch::start();
        auto_close::run(&desk).await?;
        Ok(watch.elapsed())
    })
}

/// One transaction on the writer's pragmas; with the traces of `done` too where that is given.
fn raw(file: &File, done: Option<&File>, due: usize) -> Result<Duration> {
    let conn = file.open()?;
    conn.execute_batch(PRAGMAS)?;
    if let Some(done) = done {
        conn.execute("attach ?1 as done", [done.path().to_string_lossy()])?;
        conn.execute_batch(TRACES)?;
        conn.execute_batch("detach done")?;
    }
    let now = SystemClock::default().now().as_micros();
    let watch = Stopwatch::start();
    conn.execute_batch("begin immediate")?;
    let closures = conn.execute(CLOSE, named_params! {"$now": now})?;
    let cases = conn.execute(MARK, named_params! {"$now": now})?;
    if done.is_some() {
        conn.execute_batch(LEAVE_TRACES)?;
    }
    conn.execute_batch("commit")?;
    let took = watch.elapsed();
    ensure!(closures == cases, "the raw pair wrote {closures} closures for {cases} cases");
    count_closed(&conn, due)?;
    Ok(took)
}

fn count_closed(conn: &Connection, due: usize) -> Result<()> {
    let closed: i64 = conn.query_row("select count(*) from closures", [], |row| row.get(0))?;
    ensure!(closed == due as i64, "{closed} cases were closed, not {due}");
    Ok(())
}
