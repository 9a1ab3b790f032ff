//! What closes next, in its order, and how many: the list sorted by `closes_at`, and the counts a preview is made of.
//!
//! A case's `closes_at` is stored nowhere. Under one rule it is the last activity and a constant, so the index by last
//! activity is its order; a case that is kept open longer than that closes by the index of those moments. Each rule gives
//! two such lanes, and the list merges them. Where a lane begins is read off the sweep's index, so that what closed long
//! ago is not walked over. What never closes comes after all lanes.

use crate::case_list::{Filter, Listed, Position, Values, conditions};
use crate::cases::{self, COLUMNS, WIDTH};
use crate::sweep::{self, Partition};
use crate::{Fault, Row, Tx, params};
use domain::case::Status;
use domain::id::{QueueId, WorkspaceId};
use domain::time::{Span, Timestamp};

/// Everything one rule holds for.
struct Rule {
    enabled_at: Timestamp,
    threshold: Span,
    partitions: Vec<Partition>,
}

fn rules_of(partitions: &[Partition]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for partition in partitions {
        let (enabled_at, threshold) = (partition.enabled_at, partition.threshold.span());
        match rules.iter_mut().find(|rule| (rule.enabled_at, rule.threshold) == (enabled_at, threshold)) {
            Some(rule) => rule.partitions.push(partition.clone()),
            None => rules.push(Rule { enabled_at, threshold, partitions: vec![partition.clone()] }),
        }
    }
    rules
}

impl Rule {
    /// No case of this rule's lane was active last before this moment.
    async fn begins(&self, tx: &mut Tx) -> Result<Timestamp, Fault> {
        if self.enabled_at >= tx.now() {
            return Ok(self.enabled_at);
        }
        // Cases that are kept open are not armed; they wait at least for the silence that ends at their moment.
        let mut first = sweep::first_release(tx).await?.map(|until| until.minus(self.threshold));
        for partition in &self.partitions {
            let armed = sweep::first_armed_from(tx, partition, self.enabled_at).await?;
            first = [first, armed].into_iter().flatten().min();
        }
        Ok(first.unwrap_or(tx.now()).max(self.enabled_at))
    }

    /// The condition that a case lies in one of the partitions.
    fn place(&self, values: &mut Values) -> String {
        let mut queues: Vec<QueueId> = self.partitions.iter().map(|partition| partition.queue).collect();
        queues.sort_unstable();
        queues.dedup();
        let statuses = |queue: QueueId| -> Vec<Status> {
            Status::ALL
                .iter()
                .copied()
                .filter(|status| self.partitions.iter().any(|p| (p.queue, p.status) == (queue, *status)))
                .collect()
        };
        // One condition for all queues with the same statuses.
        let mut groups: Vec<(Vec<Status>, Vec<i64>)> = Vec::new();
        for queue in queues {
            let chosen = statuses(queue);
            match groups.iter_mut().find(|(statuses, _)| *statuses == chosen) {
                Some((_, queues)) => queues.push(queue.0),
                None => groups.push((chosen, vec![queue.0])),
            }
        }
        // One queue has its own order in an index. Of several an index by queue would give no order, and all that is due would
        // be read and sorted for twenty rows: the sign keeps planners from it.
        let one = matches!(&groups[..], [(_, queues)] if queues.len() == 1);
        let each = groups.iter().map(|(statuses, queues)| {
            let words: Vec<String> = statuses.iter().map(|status| values.text(status.as_str())).collect();
            let of = match queues[..] {
                [queue] if one => format!("c.queue = {}", values.int(queue)),
                _ => {
                    let queues = values.text(serde_json::json!(queues).to_string());
                    format!("+c.queue in (select cast(value as bigint) from json_each({queues}))")
                }
            };
            format!("(c.status in ({}) and {of})", words.join(", "))
        });
        format!("({})", each.collect::<Vec<_>>().join(" or "))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Closes when it was silent long enough.
    Silence,
    /// Closes when it is kept open no longer.
    Kept,
}

/// Between which moments a case that closes before a given one was active last, whatever its rule: for counts, and for
/// lists in another order, where the lanes do not lead.
pub(crate) struct Bounds(Option<(Timestamp, Timestamp)>);

/// The bounds of a filter, if it asks what closes.
pub(crate) async fn bounds(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    partitions: &[Partition],
) -> Result<Option<Bounds>, Fault> {
    let Some(before) = filter.closing_before else { return Ok(None) };
    let Some(shortest) = partitions.iter().map(|partition| partition.threshold).min() else {
        return Ok(Some(Bounds(None)));
    };
    let sql = "select min(last_activity_at) from cases where workspace = $1 and keep_open_until is not null \
               and status <> 'closed'";
    let mut from: Option<Timestamp> = tx.query_one(sql, params![ws], |row| row.get(0)).await?;
    for rule in rules_of(partitions) {
        let begins = rule.begins(tx).await?;
        from = Some(from.map_or(begins, |from| from.min(begins)));
    }
    Ok(Some(Bounds(from.map(|from| (from, before.minus(shortest.span()))))))
}

impl Bounds {
    pub(crate) fn condition(&self, values: &mut Values) -> String {
        // Without a rule nothing closes.
        let Some((from, to)) = self.0 else { return "c.status = 'none'".to_owned() };
        let (from, to) = (values.int(from.as_micros()), values.int(to.as_micros()));
        format!("c.status <> 'closed' and c.last_activity_at >= {from} and c.last_activity_at < {to}")
    }
}

/// One page of the list by `closes_at`; the same as `case_list::page`, by index.
pub async fn page(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    descending: bool,
    partitions: &[Partition],
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Listed>, Fault> {
    let wanted = Wanted { ws, filter, descending, after, limit };
    let mut found = Vec::new();
    if after.is_none_or(|position| position.key.is_some()) {
        for rule in rules_of(partitions) {
            for lane in [Lane::Silence, Lane::Kept] {
                found.extend(wanted.lane(tx, &rule, lane).await?);
            }
        }
    }
    let key = |listed: &Listed| (listed.closes_at, listed.case.id);
    found.sort_by(|a, b| if descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
    found.truncate(limit as usize);
    let left = limit - found.len() as i64;
    if left > 0 && filter.closing_before.is_none() {
        // Where the page began beyond the lanes, it goes on there; else what never closes starts from its beginning.
        let after = after.filter(|position| position.key.is_none());
        found.extend(crate::case_list::never_closing(tx, ws, filter, descending, partitions, after, left).await?);
    }
    Ok(found)
}

struct Wanted<'a> {
    ws: WorkspaceId,
    filter: &'a Filter,
    descending: bool,
    after: Option<Position>,
    limit: i64,
}

impl Wanted<'_> {
    async fn lane(&self, tx: &mut Tx, rule: &Rule, lane: Lane) -> Result<Vec<Listed>, Fault> {
        let from = match lane {
            Lane::Silence => rule.begins(tx).await?,
            Lane::Kept => rule.enabled_at,
        };
        let (sql, values) = self.question(rule, lane, from, tx.is_shared());
        tx.query(&sql, &values.params(), |row| {
            let case = cases::read(row)?;
            let silent = case.last_activity_at.plus(rule.threshold);
            let closes_at = Some(case.keep_open_until.map_or(silent, |until| until.max(silent)));
            Ok(Listed { case, customer_name: row.get(WIDTH)?, customer_handle: row.get(WIDTH + 1)?, closes_at })
        })
        .await
    }

    /// The cases of a lane that were active last at `from` or later, in its order.
    fn question(&self, rule: &Rule, lane: Lane, from: Timestamp, shared: bool) -> (String, Values) {
        let mut values = Values::default();
        let ws = values.int(self.ws.0);
        let threshold = values.int(rule.threshold.as_micros());
        let mut all = vec![format!("c.workspace = {ws}"), "c.status <> 'closed'".to_owned()];
        // What the index goes by, and by how much it lies before the close.
        let (key, offset) = match lane {
            Lane::Silence => {
                let from = values.int(from.as_micros());
                all.push(format!("c.last_activity_at >= {from}"));
                all.push(format!(
                    "(c.keep_open_until is null or c.keep_open_until <= c.last_activity_at + {threshold})"
                ));
                ("c.last_activity_at", rule.threshold)
            }
            Lane::Kept => {
                let from = values.int(from.as_micros());
                all.push(format!("c.last_activity_at >= {from} and c.keep_open_until is not null"));
                all.push(format!("c.keep_open_until > c.last_activity_at + {threshold}"));
                ("c.keep_open_until", Span::ZERO)
            }
        };
        all.push(rule.place(&mut values));
        if let Some(before) = self.filter.closing_before {
            all.push(format!("{key} < {}", values.int(before.minus(offset).as_micros())));
        }
        let (direction, beyond) = if self.descending { ("desc", "<") } else { ("asc", ">") };
        if let Some(Position { key: Some(at), id }) = self.after {
            let at = values.int(Timestamp::from_micros(at).minus(offset).as_micros());
            let id = values.int(id);
            all.push(format!("{key} {beyond}= {at} and ({key}, c.id) {beyond} ({at}, {id})"));
        }
        all.extend(conditions(&Filter { closing_before: None, ..self.filter.clone() }, shared, &mut values));
        let limit = values.int(self.limit);
        let sql = format!(
            "select {COLUMNS}, u.name, u.handle from cases c \
             join customers u on u.workspace = c.workspace and u.id = c.customer \
             where {} order by {key} {direction}, c.id {direction} limit {limit}",
            all.join(" and ")
        );
        (sql, values)
    }
}

/// Cases of one queue and status, as a rule meets them now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub queue: QueueId,
    pub status: Status,
    /// All that are there.
    pub open: i64,
    /// Those with activity since the rule was switched on (A3).
    pub covered: i64,
    /// Those that a run would close now, how many of them wait on us, and the oldest one's last activity.
    pub due: i64,
    pub due_waiting_on_us: i64,
    pub oldest: Option<Timestamp>,
    /// Those that close by `soon` if nothing more happens; what is due now is among them.
    pub soon: i64,
    /// Silent for long enough, but kept open.
    pub kept: i64,
}

/// Each queue and status with its counts as texts, out of the index of its queue alone: grouped rows would be sorted first,
/// and a preview is asked for with every change of a form. What closes by then was silent long enough; who is kept open
/// longer than that closes later.
const COUNTS: &str = "with r (key, queue, status, enabled_at, threshold) as materialized (select cast(key as bigint), \
     cast(value->>0 as bigint), value->>1, cast(value->>2 as bigint), cast(value->>3 as bigint) from json_each($2)) \
     select r.key, (select count(*) || ' ' || count(*) filter (where c.last_activity_at >= r.enabled_at) from cases c \
     where c.workspace = $1 and c.queue = r.queue and c.status = r.status and c.status <> 'closed'), \
     (select count(*) filter (where c.last_activity_at <= $3 - r.threshold and coalesce(c.keep_open_until, $3) <= $3) || ' ' \
     || count(*) filter (where c.last_activity_at <= $3 - r.threshold and coalesce(c.keep_open_until, $3) <= $3 \
     and c.waiting_on = 'us') || ' ' || coalesce(min(c.last_activity_at) filter (where c.last_activity_at <= $3 - r.threshold \
     and coalesce(c.keep_open_until, $3) <= $3), 0) || ' ' || count(*) filter (where coalesce(c.keep_open_until, $4) <= $4) \
     || ' ' || count(*) filter (where c.last_activity_at <= $3 - r.threshold and c.keep_open_until > $3) from cases c \
     where c.workspace = $1 and c.queue = r.queue and c.status = r.status and c.status <> 'closed' \
     and c.last_activity_at >= r.enabled_at and c.last_activity_at <= $4 - r.threshold) from r";

/// Counts the open cases of a workspace by queue and status: under these rules, now and until `soon`. A queue and status
/// without a rule has nothing covered.
pub async fn tally(
    tx: &mut Tx,
    ws: WorkspaceId,
    partitions: &[Partition],
    soon: Timestamp,
) -> Result<Vec<Tally>, Fault> {
    let queues: Vec<QueueId> =
        tx.query("select id from queues where workspace = $1 order by id", params![ws], |row| row.get(0)).await?;
    let places: Vec<(QueueId, Status)> = queues
        .iter()
        .flat_map(|queue| Status::ALL.iter().filter(|status| !status.is_closed()).map(|status| (*queue, *status)))
        .collect();
    let rows = places.iter().map(|(queue, status)| {
        let rule = partitions.iter().find(|partition| (partition.queue, partition.status) == (*queue, *status));
        let (enabled_at, threshold) =
            (rule.map(|rule| rule.enabled_at.as_micros()), rule.map(|rule| rule.threshold.span()));
        serde_json::json!([queue.0, status.as_str(), enabled_at, threshold.map(Span::as_micros)])
    });
    let (now, rows) = (tx.now(), serde_json::Value::Array(rows.collect()).to_string());
    let read = |row: &Row<'_>| {
        let place = usize::try_from(row.get::<i64>(0)?).ok().and_then(|place| places.get(place));
        let counts: Vec<i64> =
            [row.text(1)?, row.text(2)?].iter().flat_map(|text| text.split(' ')).flat_map(str::parse).collect();
        let (Some(&(queue, status)), &[open, covered, due, due_waiting_on_us, oldest, soon, kept]) =
            (place, &counts[..])
        else {
            return Err(Fault::damaged("the counts of a preview"));
        };
        let oldest = (due > 0).then(|| Timestamp::from_micros(oldest));
        Ok(Tally { queue, status, open, covered, due, due_waiting_on_us, oldest, soon, kept })
    };
    let mut tallies = tx.query(COUNTS, params![ws, rows, now, soon], read).await?;
    tallies.retain(|tally| tally.open > 0);
    tallies.sort_by_key(|tally| (tally.queue, tally.status));
    Ok(tallies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, DatabaseUrl, Db, Settings};
    use domain::policy::Threshold;
    use std::sync::Arc;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_700_000_000_000)
        }
    }

    /// What SQLite would do for the first rows of a lane under a rule for so many queues.
    async fn plan(queues: i64, lane: Lane, descending: bool, closing_before: Option<Timestamp>) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("lull.db"));
        let db = Db::open(&url, &Settings::default(), Arc::new(Still)).await.expect("a database");
        let now = Still.now();
        let threshold = Threshold::from_minutes(60).expect("in range");
        let place = |queue| Status::ALL.iter().filter(|s| !s.is_closed()).map(move |status| (QueueId(queue), *status));
        let partitions: Vec<_> = (1..=queues)
            .flat_map(place)
            .map(|(queue, status)| Partition { workspace: WorkspaceId(1), queue, status, enabled_at: now, threshold })
            .collect();
        let rule = rules_of(&partitions).remove(0);
        let filter = Filter { closing_before, ..Filter::default() };
        let wanted = Wanted { ws: WorkspaceId(1), filter: &filter, descending, after: None, limit: 20 };
        let (sql, values) = wanted.question(&rule, lane, now, false);
        let sql = format!("explain query plan {sql}");
        let read = db.read(move |tx| {
            Box::pin(async move { tx.query(&sql, &values.params(), |row| row.get::<String>(3)).await })
        });
        read.await.expect("a plan")
    }

    #[tokio::test]
    async fn the_first_rows_of_a_lane_are_found_without_sorting_what_is_due() {
        for queues in [1, 2, 40] {
            for lane in [Lane::Silence, Lane::Kept] {
                for descending in [false, true] {
                    for before in [None, Some(Still.now().plus(Span::days(3)))] {
                        let plan = plan(queues, lane, descending, before).await;
                        let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE"));
                        assert!(!sorts && plan.iter().any(|line| line.contains("SEARCH c ")), "{queues}: {plan:#?}");
                    }
                }
            }
        }
    }
}
