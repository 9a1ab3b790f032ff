//! Reports over a year of closures: counting them, and asking for them, beside the same questions to the closures themselves.
//!
//! Fifty agents, four queues, three channels, five types, five priorities and three tags; a case is closed an hour to three
//! days after it was created, six of ten for inactivity.

use super::Bench;
use super::databases::Database;
use super::duckdb;
use super::figures::{median, rate};
use super::opened::Opened;
use super::report::{Goal, Report, Unit, count};
use super::seed::{self, Hand, filled};
use anyhow::{Context, Result, ensure};
use domain::id::{QueueId, WorkspaceId};
use domain::metrics::{Bucket, Calendar, Dimension, Period};
use domain::time::TimeZoneName;
use lull::clock::{Stopwatch, SystemClock};
use lull::reports::{self, KeepPair, Query};
use store::Clock;
use store::reports::Selection;

/// What a question is to be answered in that sums are kept for.
const MILLIS: Goal = Goal::AtMost(300.0);
const DAYS: i64 = 365;
/// How often each question is asked.
const TURNS: usize = 5;

const CASES: &str = "
with recursive
  n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $count),
  drawn as (select i, (i * 2654435761) % 4294967296 as h, $start + i * ($year / $count) / 1000 * 1000 as born from n),
  placed as (select *, ((born / 1000 - 1577836800000) << 21) as id, born + 3600000000 * (1 + h % 72) as ended from drawn)
insert into cases (workspace, id, number, version, status, type, priority, title, queue, assignee, channel, network, customer,
  thread, tags, created_at, updated_at, last_activity_at, armed_at, last_inbound_at, last_outbound_at, first_reply_at,
  waiting_on, waiting_since, opened_at, closed_at, reopen_count, follow_up_of, last_reply_by, keep_open_until)
select $workspace, id, i, 3, 'closed',
  case (h >> 3) % 5 when 0 then 'general' when 1 then 'support' when 2 then 'question' when 3 then 'feedback' else 'lead' end,
  case (h >> 6) % 5 when 0 then 'critical' when 1 then 'high' when 2 then 'medium' when 3 then 'low' else 'none' end,
  'Where is my parcel?', $queue + (h >> 12) % 4, case when (h >> 16) % 60 < 50 then $agent + (h >> 16) % 60 end,
  $channel + (h >> 20) % 3, 'x', 1 + (i - 1) / 5, 'thread_' || i,
  case (h >> 24) % 4 when 0 then '[\"billing\"]' when 1 then '[\"refund\",\"vip\"]' else '[]' end,
  born, ended, born + (ended - born) / 2, null, born, born + 60000000, born + 60000000, 'us', born, born, ended, 0, null, null, null
from placed";

const CLOSURES: &str = "
insert into closures (workspace, case_id, period, number, closed_at, reason, closed_by, credited_agent, assignee, status_before,
  queue, channel, network, type, priority, tags, case_created_at, opened_at, last_activity_at, threshold_minutes, run, reopened_at)
select workspace, id, 0, number, closed_at, case when number % 10 < 6 then 'inactivity' when number % 10 < 9 then 'manual' else 'api' end,
  null, assignee, assignee, 'open', queue, channel, network, type, priority, tags, created_at, opened_at, last_activity_at, null,
  null, null
from cases order by id";

/// The agents' table as somebody would ask the closures for it; it leaves out everything about cases opened.
const RAW: &str = "
select credited_agent, count(*), sum(case when reason = 'inactivity' then 1 else 0 end), avg(closed_at - opened_at),
  avg(case when reason = 'inactivity' then last_activity_at else closed_at end - opened_at)
from closures where workspace = $workspace and closed_at >= $from and closed_at < $to group by credited_agent";

pub fn run(bench: &Bench, report: &mut Report, database: &Database) -> Result<()> {
    let closures = bench.amounts.closures;
    let calendar = Calendar::new(&TimeZoneName::parse("UTC").unwrap_or_else(|| unreachable!("UTC is a zone")));
    let today = calendar.day(SystemClock::default().now());
    let period = Period { from: calendar.midnight(today - DAYS), to: calendar.midnight(today + 1) };
    seed::fill_by(&bench.lull, database, |hand| write(hand, closures, period))?;
    let opened = Opened::new(&database.url())?;
    let desk = opened.desk.clone();
    let counted = opened.run(async move {
        let watch = Stopwatch::start();
        reports::catch_up(&desk).await?;
        Ok(watch.elapsed())
    })?;
    let (workspace, queue, raw) = ask(database, period)?;
    report.heading(format!("Reports over {} closures of a year; median of {TURNS}", count(closures)));
    report.figure("cases counted anew", rate(closures, counted), Unit::PerSecond, Goal::None);
    let one = |queue| Selection { queue: Some(QueueId(queue)), ..Selection::default() };
    let questions = [
        ("the year by weeks", None, Some(Bucket::Week), Selection::default(), MILLIS),
        ("by agent", Some(Dimension::Agent), None, Selection::default(), MILLIS),
        ("by tag", Some(Dimension::Tag), None, Selection::default(), MILLIS),
        ("one queue by days", None, Some(Bucket::Day), one(queue), MILLIS),
    ];
    let workspace = WorkspaceId(workspace);
    let asked = |query: &Query| {
        let took = (0..TURNS).map(|_| answer(&opened, workspace, query.clone(), closures));
        Ok::<_, anyhow::Error>(median(&took.collect::<Result<Vec<_>>>()?))
    };
    let mut by_agent = f64::NAN;
    for (what, group_by, bucket, selection, goal) in questions {
        let took = asked(&Query { period, group_by, bucket, selection })?;
        report.figure(what, took, Unit::Millis, goal);
        if what == "by agent" {
            by_agent = took;
        }
    }
    let query = Query { period, group_by: Some(Dimension::Agent), bucket: None, selection: one(queue) };
    report.figure("one queue by agent, at first", asked(&query)?, Unit::Millis, Goal::None);
    let now = SystemClock::default().now();
    let pair = reports::pair_of(&query, &calendar, now).context("no pair would serve")?;
    let desk = opened.desk.clone();
    let added = opened.run(async move {
        desk.db.write(KeepPair { workspace, pair }).await?;
        let watch = Stopwatch::start();
        reports::add_to_pairs(&desk).await?;
        Ok(watch.elapsed())
    })?;
    report.figure("one queue by agent, from the pair's sums", asked(&query)?, Unit::Millis, MILLIS);
    report.figure("cases added to the pair's sums", rate(closures, added), Unit::PerSecond, Goal::None);
    report.figure("by agent, asked of the closures by SQL", raw, Unit::Millis, Goal::None);
    report.figure("SQL ÷ the desk", raw / by_agent, Unit::Ratio, Goal::None);
    if let Some(python) = &bench.duckdb {
        let took = duckdb::by_agent(python, &bench.lull, &database.url(), closures, TURNS)?;
        report.figure("by agent, asked of the export by DuckDB", took.file, Unit::Millis, Goal::None);
        report.figure("by agent, by DuckDB once it has read the export", took.table, Unit::Millis, Goal::None);
    }
    Ok(())
}

fn write(hand: &dyn Hand, closures: usize, period: Period) -> Result<()> {
    hand.run(seed::DESK)?;
    let indexes = seed::without_indexes(hand)?;
    let numbers = [
        ("$count", i64::try_from(closures)?),
        ("$start", period.from.as_micros()),
        // The last cases are closed today.
        ("$year", (DAYS - 4) * 86_400_000_000),
        ("$workspace", hand.number("select id from workspaces")?),
        ("$queue", hand.number("select min(id) from queues")?),
        ("$agent", hand.number("select min(id) from agents")?),
        ("$channel", hand.number("select min(id) from channels")?),
    ];
    hand.run(&filled(CASES, &numbers))?;
    hand.run(CLOSURES)?;
    indexes.iter().try_for_each(|(_, sql)| hand.run(sql))
}

/// Milliseconds until the desk has answered.
fn answer(opened: &Opened, ws: WorkspaceId, query: Query, closures: usize) -> Result<f64> {
    let (desk, narrowed) = (opened.desk.clone(), query.selection != Selection::default());
    opened.run(async move {
        let watch = Stopwatch::start();
        let report = reports::read(&desk, ws, query).await.map_err(|e| anyhow::anyhow!("no report: {e:?}"))?;
        let took = watch.elapsed();
        let closed = report.totals.closed();
        ensure!(narrowed || closed == closures as i64, "{closed} closures were counted, not {closures}");
        Ok(took.as_secs_f64() * 1e3)
    })
}

/// The workspace, a queue, and the milliseconds of the raw question.
fn ask(database: &Database, period: Period) -> Result<(i64, i64, f64)> {
    let asked = |workspace: i64| {
        let numbers = [("$workspace", workspace), ("$from", period.from.as_micros()), ("$to", period.to.as_micros())];
        filled(RAW, &numbers)
    };
    let (numbers, mut took) = (["select id from workspaces", "select min(id) from queues"], Vec::new());
    match database {
        Database::Sqlite(file) => {
            let conn = file.open()?;
            let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            let (workspace, queue) = (number(numbers[0])?, number(numbers[1])?);
            for _ in 0..TURNS {
                let watch = Stopwatch::start();
                let mut statement = conn.prepare(&asked(workspace))?;
                ensure!(statement.query_map([], |_| Ok(()))?.count() > 1, "no agents");
                took.push(watch.elapsed().as_secs_f64() * 1e3);
            }
            Ok((workspace, queue, median(&took)))
        }
        Database::Postgres(database) => {
            let sql = database.sql()?;
            let (workspace, queue) = (sql.number(numbers[0])?, sql.number(numbers[1])?);
            for _ in 0..TURNS {
                let watch = Stopwatch::start();
                ensure!(sql.rows(&asked(workspace))?.len() > 1, "no agents");
                took.push(watch.elapsed().as_secs_f64() * 1e3);
            }
            Ok((workspace, queue, median(&took)))
        }
    }
}
