//! What the desk's sweep wrote, batch by batch, and raw statements that write the same rows in the same batches: each table
//! by one statement over lists, all of a batch sent in one go.

use super::pipeline;
use super::sql::{Sql, Value};
use anyhow::{Result, bail, ensure};
use tokio_postgres::{Client, Statement};

/// One batch's statements, with the values for each.
type Batch = Vec<Vec<Value>>;

pub struct Traces {
    batches: Vec<Batch>,
    /// How many cases each batch closed.
    pub sizes: Vec<f64>,
    /// When the last one was closed.
    newest: i64,
}

/// Finds what is due, oldest first, as the sweep must.
const FIND: &str = "
select c.id from policies p join cases c on c.workspace = p.workspace
where p.queue = 0 and c.queue in (select id from queues) and c.status in ('open', 'in_progress', 'on_hold')
  and c.status <> 'closed' and c.armed_at >= p.enabled_at and c.armed_at <= $1 - p.threshold_minutes * 60000000
  and c.last_activity_at <= $1 - p.threshold_minutes * 60000000 order by c.armed_at";
const CLOSE: &str = "
insert into closures (workspace, case_id, period, number, closed_at, reason, closed_by, credited_agent, assignee, status_before,
  queue, channel, network, type, priority, tags, case_created_at, opened_at, last_activity_at, threshold_minutes, run, reopened_at)
select workspace, id, reopen_count, number, $2, 'inactivity', null, assignee, assignee, status, queue, channel, network, type,
  priority, tags, created_at, opened_at, last_activity_at, $3, $4, null
from cases where workspace = $1 and id = any($5) and status <> 'closed'";
const MARK: &str = "
update cases set status = 'closed', closed_at = $2, updated_at = $2, version = version + 1
where workspace = $1 and id = any($3) and status <> 'closed'";
const FEED: &str = "
insert into activity (workspace, case_id, id, at, actor, actor_agent, event, data)
select $1, c, i, $2, 'engine', null, 'case_auto_closed', d from unnest($3::bigint[], $4::bigint[], $5::text[]) as rows (c, i, d)";
const AUDIT: &str = "
insert into audit_pending (workspace, at, event, actor, object_kind, object_id, old, new, address)
select $1, $2, 'CASE_AUTO_CLOSED', $3, 'case', c, o, n, null from unnest($4::text[], $5::text[], $6::text[]) as rows (c, o, n)";
const OUTBOX: &str = "
insert into outbox (id, workspace, at, event, case_number, data)
select i, $1, $2, 'case.closed', c, d from unnest($3::bigint[], $4::bigint[], $5::text[]) as rows (i, c, d)";
const RUN: &str = "
insert into runs (workspace, id, started_at, finished_at, closed, skipped, failed) values ($1, $2, $3, $3, $4, 0, 0)
on conflict (workspace, id) do update set finished_at = excluded.finished_at, closed = runs.closed + excluded.closed";

/// A batch is a transaction, and PostgreSQL keeps its number with every row.
const CLOSED: &str = "
select cast(cast(xmin as text) as bigint) as batch, min(workspace), max(closed_at), max(threshold_minutes), max(run),
  array_agg(case_id), count(*) from closures where reason = 'inactivity' group by 1 order by 1";
const FED: &str = "
select cast(cast(xmin as text) as bigint) as batch, array_agg(case_id), array_agg(id), array_agg(data)
from activity where event = 'case_auto_closed' group by 1 order by 1";
const AUDITED: &str = "
select cast(cast(xmin as text) as bigint) as batch, max(actor), array_agg(object_id), array_agg(old), array_agg(new)
from audit_pending where event = 'CASE_AUTO_CLOSED' group by 1 order by 1";
const SENT: &str = "
select cast(cast(xmin as text) as bigint) as batch, array_agg(id), array_agg(case_number), array_agg(data)
from outbox where event = 'case.closed' group by 1 order by 1";

/// Reads what a sweep left whose audit entries are not chained yet.
pub fn read(sql: &Sql) -> Result<Traces> {
    let [closed, fed, audited, sent] = [sql.rows(CLOSED)?, sql.rows(FED)?, sql.rows(AUDITED)?, sql.rows(SENT)?];
    let (mut batches, mut sizes) = (Vec::new(), Vec::new());
    ensure!(
        [fed.len(), audited.len(), sent.len()] == [closed.len(); 3],
        "a batch of the sweep lacks rows of some table"
    );
    for (((closed, fed), audited), sent) in closed.iter().zip(&fed).zip(&audited).zip(&sent) {
        let (batch, [workspace, at, threshold, run]) =
            (closed.get::<_, i64>(0), [1, 2, 3, 4].map(|n| closed.get::<_, i64>(n)));
        ensure!([fed.get::<_, i64>(0), audited.get(0), sent.get(0)] == [batch; 3], "the batches of the tables differ");
        let (ids, count): (Vec<i64>, i64) = (closed.get(5), closed.get(6));
        let numbers = |row: &tokio_postgres::Row, n| Box::new(row.get::<_, Vec<i64>>(n)) as Value;
        let texts = |row: &tokio_postgres::Row, n| Box::new(row.get::<_, Vec<String>>(n)) as Value;
        let number = |n: i64| Box::new(n) as Value;
        batches.push(vec![
            vec![number(workspace), number(at), number(threshold), number(run), Box::new(ids.clone())],
            vec![number(workspace), number(at), Box::new(ids)],
            vec![number(workspace), number(at), numbers(fed, 1), numbers(fed, 2), texts(fed, 3)],
            vec![
                number(workspace),
                number(at),
                Box::new(audited.get::<_, String>(1)),
                texts(audited, 2),
                texts(audited, 3),
                texts(audited, 4),
            ],
            vec![number(workspace), number(at), numbers(sent, 1), numbers(sent, 2), texts(sent, 3)],
            vec![number(workspace), number(run), number(at), number(count)],
        ]);
        sizes.push(count as f64);
    }
    let newest = closed.iter().map(|row| row.get(2)).max().unwrap_or_default();
    Ok(Traces { batches, sizes, newest })
}

pub async fn prepare(client: &Client) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for sql in [FIND, CLOSE, MARK, FEED, AUDIT, OUTBOX, RUN] {
        statements.push(client.prepare(sql).await?);
    }
    Ok(statements)
}

/// Finds the cases by one statement and writes all of it again, a transaction for each batch.
pub async fn write(client: &Client, statements: &[Statement], traces: &Traces) -> Result<()> {
    let [find, statements @ ..] = statements else { bail!("nothing was prepared") };
    let found = client.query(find, &[&traces.newest]).await?.len();
    let expected: f64 = traces.sizes.iter().sum();
    ensure!(found as f64 == expected, "{found} cases are due, not {expected}");
    for (batch, size) in traces.batches.iter().zip(&traces.sizes) {
        let bound = statements.iter().zip(batch).map(|(statement, values)| (statement, &values[..]));
        let changed = pipeline::transaction(client, bound).await?;
        let (run, rows) = (changed.last(), &changed[..changed.len() - 1]);
        ensure!(run == Some(&1) && rows.iter().all(|rows| *rows as f64 == *size), "{size} cases, rows: {changed:?}");
    }
    Ok(())
}
