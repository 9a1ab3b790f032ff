//! The pairs of dimensions whose sums are kept, because somebody asks for them.
//!
//! Invariant: a pair's sums hold exactly the stored phases of the cases up to `counted_to`, of all where that is null.

use super::phases;
use super::progress::{self, Progress};
use super::sums::{Added, Kept, Pair};
use crate::{Fault, Tx, locks, params};
use domain::id::{CaseId, WorkspaceId};
use domain::metrics::Phase;
use domain::time::{Span, Timestamp};

/// Cases whose phases are added in one transaction: it holds SQLite's only writer.
const CASES: i64 = 500;
/// Rows that are thrown away in one transaction.
const CLEARED: i64 = 2_000;
/// A pair that nobody asked for so long is not kept any more.
const KEPT: Span = Span::days(92);
/// How exactly it is known when somebody asked.
const NOTED: Span = Span::days(1);

const CLEARING: i64 = -1;

/// How it stands with a pair for somebody who asks for its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are not kept, or not all of them yet.
    Missing,
    Whole,
    /// Whole; and it was long noted that somebody asked: see [`keep`].
    WholeAndUnnoted,
}

pub async fn standing(tx: &mut Tx, ws: WorkspaceId, pair: Pair) -> Result<Standing, Fault> {
    let (of, by) = pair.codes();
    let sql = "select asked_at from report_pairs where workspace = $1 and of_dimension = $2 and dimension = $3 \
               and counted_to is null";
    let asked_at: Option<Timestamp> = tx.query_opt(sql, params![ws, of, by], |row| row.get(0)).await?;
    let noted = tx.now().minus(NOTED);
    Ok(asked_at.map_or(Standing::Missing, |at| match at > noted {
        true => Standing::Whole,
        false => Standing::WholeAndUnnoted,
    }))
}

/// Notes that somebody asked: the pair's sums are kept from now on, once [`add`] has been through all cases.
pub async fn keep(tx: &mut Tx, ws: WorkspaceId, pair: Pair) -> Result<(), Fault> {
    // A new pair must not come to stand beside others while they move on.
    locks::reports(tx).await?;
    let (of, by) = pair.codes();
    let sql = "insert into report_pairs (workspace, of_dimension, dimension, asked_at, counted_to) values ($1, $2, $3, $4, 0) \
               on conflict (workspace, of_dimension, dimension) do update set asked_at = excluded.asked_at";
    tx.put(sql, params![ws, of, by, tx.now()]).await
}

/// The pairs that a case's changes are to be added to.
pub(super) struct Pairs(Vec<(Pair, Option<i64>)>);

impl Pairs {
    pub async fn of(tx: &mut Tx, ws: WorkspaceId) -> Result<Pairs, Fault> {
        let sql = "select of_dimension, dimension, counted_to from report_pairs where workspace = $1 \
                   and (counted_to is null or counted_to > 0)";
        let rows = tx.query(sql, params![ws], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await?;
        let pair = |(of, by, counted_to)| Ok((Pair::from_codes(of, by)?, counted_to));
        rows.into_iter().map(pair).collect::<Result<_, Fault>>().map(Pairs)
    }

    pub fn for_case(&self, case: CaseId) -> Vec<Pair> {
        let added = self.0.iter().filter(|(_, to)| to.is_none_or(|to| case.0 <= to));
        added.map(|(pair, _)| *pair).collect()
    }
}

/// After all phases and sums of a workspace were thrown away its pairs, too, hold all there is.
pub(super) async fn cleared(tx: &mut Tx, ws: WorkspaceId) -> Result<(), Fault> {
    let forgotten = "delete from report_pairs where workspace = $1 and counted_to = $2";
    tx.put(forgotten, params![ws, CLEARING]).await?;
    tx.put("update report_pairs set counted_to = null where workspace = $1", params![ws]).await
}

/// Whether there is anything for [`add`] to do: a cheap look.
pub async fn is_there_to_add(tx: &mut Tx) -> Result<bool, Fault> {
    let sql = "select exists (select 1 from report_pairs where counted_to is not null or asked_at < $1)";
    tx.query_one(sql, params![tx.now().minus(KEPT)], |row| row.get(0)).await
}

/// One step of adding the stored phases to pairs that are new, or of throwing away what nobody asks for any more; answers
/// whether there may be more to do.
pub async fn add(tx: &mut Tx) -> Result<bool, Fault> {
    locks::reports(tx).await?;
    let sql = "update report_pairs set counted_to = $1 where asked_at < $2 and (counted_to is null or counted_to >= 0)";
    tx.put(sql, params![CLEARING, tx.now().minus(KEPT)]).await?;
    // Pairs that have come equally far go on together.
    let sql = "select p.workspace, p.counted_to, p.of_dimension, p.dimension from report_pairs p join \
               (select workspace, counted_to from report_pairs where counted_to is not null \
               order by workspace, counted_to limit 1) f on f.workspace = p.workspace and f.counted_to = p.counted_to";
    let read = |row: &crate::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let rows: Vec<(WorkspaceId, i64, i64, i64)> = tx.query(sql, params![], read).await?;
    let Some((ws, counted_to, of, by)) = rows.first().copied() else { return Ok(false) };
    // Where all is counted anew that comes first, and is enough.
    if !matches!(progress::progress(tx, ws).await?, Some(Progress::Whole)) {
        return Ok(false);
    }
    if counted_to == CLEARING {
        clear(tx, ws, of, by).await?;
    } else {
        let pairs = rows.iter().map(|(_, _, of, by)| Pair::from_codes(*of, *by)).collect::<Result<Vec<_>, _>>()?;
        walk(tx, ws, counted_to, &pairs).await?;
    }
    Ok(true)
}

async fn clear(tx: &mut Tx, ws: WorkspaceId, of: i64, by: i64) -> Result<(), Fault> {
    let sql = "delete from report_counts where workspace = $1 and of_dimension = $2 and dimension = $3 \
               and (of_value, day, created_day, value) in (select of_value, day, created_day, value from report_counts \
               where workspace = $1 and of_dimension = $2 and dimension = $3 limit $4)";
    if tx.execute(sql, params![ws, of, by, CLEARED]).await? == 0 {
        let sql = "delete from report_pairs where workspace = $1 and of_dimension = $2 and dimension = $3";
        tx.put(sql, params![ws, of, by]).await?;
    }
    Ok(())
}

async fn walk(tx: &mut Tx, ws: WorkspaceId, counted_to: i64, pairs: &[Pair]) -> Result<(), Fault> {
    let sql = "select id from cases where workspace = $1 and id > $2 order by id limit $3";
    let ids: Vec<CaseId> = tx.query(sql, params![ws, counted_to, CASES], |row| row.get(0)).await?;
    let calendar = super::counting::calendar(tx, ws).await?;
    let phases = phases::of_cases(tx, ws, &super::counting::list(&ids)).await?;
    let (mut sums, kept) = (Added::default(), Kept::only(pairs));
    phases.iter().for_each(|phase: &Phase| sums.phase(&kept, &calendar, phase, false));
    sums.save(tx, ws).await?;
    let reached = ids.last().filter(|_| ids.len() as i64 == CASES).map(|id| id.0);
    let sql = "update report_pairs set counted_to = $3 where workspace = $1 and counted_to = $2";
    tx.put(sql, params![ws, counted_to, reached]).await
}
