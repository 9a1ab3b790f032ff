//! Keeping phases and sums up with what happened.
//!
//! The outbox names every case that was touched. Such a case's phases are made anew from its history, and what they
//! differ by from the stored ones is added to the sums: doing so twice changes nothing. So events are also looked at before
//! it is certain that nothing will come to stand before them; only the cursor waits for that.

use super::pairs::{self, Pairs};
use super::phases;
use super::progress::{self, Head, Progress};
use super::sums::{Added, Kept};
use crate::outbox::{self, Cursor, Touched};
use crate::{Fault, Tx, locks, params, workspaces};
use domain::id::{CaseId, WorkspaceId};
use domain::metrics::{Calendar, Phase, phases as phases_of};
use domain::time::TimeZoneName;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Events looked at in one transaction.
const EVENTS: i64 = 1_000;
/// Cases counted in one transaction: it holds SQLite's only writer.
const CASES: i64 = 250;
/// Cases whose rows are thrown away in one transaction, and days of sums.
const CLEARED: i64 = 1_000;

/// What one transaction of counting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// There may be more to do.
    pub more: bool,
    /// Cases that were counted because their workspace was not, yet.
    pub walked: u64,
    /// Where the next transaction goes on, which may be further than where everything is certain.
    pub at: Option<Cursor>,
}

/// Counts a part of what there is to count; `at` is where the last part ended.
pub async fn count(tx: &mut Tx, at: Option<Cursor>) -> Result<Counted, Fault> {
    locks::reports(tx).await?;
    let unfinished = progress::unfinished(tx).await?;
    let counted = match progress::cursor(tx).await? {
        Some(certain) => events(tx, certain, at, &unfinished).await?,
        None => {
            // From here on the outbox tells; what came before is in the cases themselves.
            let newest = outbox::newest(tx).await?;
            progress::set_cursor(tx, newest).await?;
            progress::begin_anew(tx, None, false).await?;
            Counted { more: true, walked: 0, at: Some(newest) }
        }
    };
    let more = counted.more || unfinished.len() > 1;
    let (unfinished, walked) = match unfinished.into_iter().next() {
        Some(head) => walk(tx, head).await?,
        None => (false, 0),
    };
    Ok(Counted { more: more || unfinished, walked, ..counted })
}

/// Marks a workspace, or all, to be counted anew from its cases.
pub async fn start_anew(tx: &mut Tx, ws: Option<WorkspaceId>) -> Result<(), Fault> {
    locks::reports(tx).await?;
    progress::begin_anew(tx, ws, true).await
}

async fn events(tx: &mut Tx, certain: Cursor, at: Option<Cursor>, unfinished: &[Head]) -> Result<Counted, Fault> {
    let from = at.unwrap_or(certain).max(certain);
    let Some(touched) = outbox::touched(tx, from, EVENTS).await? else {
        // A place further on than is certain may be gone; what is certain is still there, or all is counted anew.
        return Ok(Counted { more: true, walked: 0, at: Some(certain) });
    };
    let mut cases: BTreeMap<WorkspaceId, BTreeSet<i64>> = BTreeMap::new();
    // Where all is thrown away first, every case is looked at after that.
    let cleared = |ws| unfinished.iter().any(|head| head.workspace == ws && head.progress == Progress::Clearing);
    for event in touched.iter().filter(|event| concerns_figures(&event.name) && !cleared(event.workspace)) {
        if let Some(number) = event.case_number {
            cases.entry(event.workspace).or_default().insert(number);
        }
    }
    for (ws, numbers) in cases {
        let numbers: Vec<_> = numbers.into_iter().collect();
        for numbers in numbers.chunks(CASES as usize) {
            let ids = by_number(tx, ws, numbers).await?;
            count_cases(tx, ws, &ids).await?;
        }
    }
    if let Some(last) = touched.iter().take_while(|event| event.settled).last()
        && last.cursor > certain
    {
        progress::set_cursor(tx, last.cursor).await?;
    }
    let at = touched.last().map_or(from, |event: &Touched| event.cursor);
    Ok(Counted { more: touched.len() as i64 == EVENTS, walked: 0, at: Some(at) })
}

/// An answer may be the first one; a customer's further words change no figure.
fn concerns_figures(event: &str) -> bool {
    event.starts_with("case.") || event == "message.sent"
}

async fn by_number(tx: &mut Tx, ws: WorkspaceId, numbers: &[i64]) -> Result<Vec<CaseId>, Fault> {
    let sql =
        "select c.id from json_each($2) j join cases c on c.workspace = $1 and c.number = cast(j.value as bigint)";
    tx.query(sql, params![ws, serde_json::json!(numbers).to_string()], |row| row.get(0)).await
}

/// One step through the cases of a workspace that is not wholly counted; answers whether there are more, and how many
/// were counted.
async fn walk(tx: &mut Tx, mut head: Head) -> Result<(bool, u64), Fault> {
    let mut walked = 0;
    head.progress = match head.progress {
        Progress::Whole => return Ok((false, 0)),
        Progress::Clearing => {
            if clear(tx, head.workspace).await? {
                Progress::Clearing
            } else {
                pairs::cleared(tx, head.workspace).await?;
                Progress::Upto(CaseId(0))
            }
        }
        Progress::Upto(after) => {
            let sql = "select id from cases where workspace = $1 and id > $2 order by id limit $3";
            let ids: Vec<CaseId> = tx.query(sql, params![head.workspace, after, CASES], |row| row.get(0)).await?;
            count_cases(tx, head.workspace, &ids).await?;
            walked = ids.len() as u64;
            match ids.last() {
                Some(last) if ids.len() as i64 == CASES => Progress::Upto(*last),
                _ => Progress::Whole,
            }
        }
    };
    progress::save(tx, &head).await?;
    Ok((head.progress != Progress::Whole, walked))
}

/// Throws a part of what was counted away; answers whether there was any.
async fn clear(tx: &mut Tx, ws: WorkspaceId) -> Result<bool, Fault> {
    let phases = "delete from case_phases where workspace = $1 and case_id in \
                  (select case_id from case_phases where workspace = $1 order by case_id limit $2)";
    let gone = tx.execute(phases, params![ws, CLEARED]).await?;
    let sums = "delete from report_counts where workspace = $1 and (of_dimension, dimension, of_value, day) in \
                (select of_dimension, dimension, of_value, day from report_counts where workspace = $1 \
                order by of_dimension, dimension, of_value, day limit $2)";
    Ok(gone + tx.execute(sums, params![ws, CLEARED]).await? > 0)
}

/// The days of a workspace. Its zone stays what it is until the transaction ends.
pub(super) async fn calendar(tx: &mut Tx, ws: WorkspaceId) -> Result<Calendar, Fault> {
    locks::hold_settings(tx, ws).await?;
    let zone = workspaces::get(tx, ws).await?.time_zone;
    let zone = TimeZoneName::parse(&zone).ok_or_else(|| Fault::damaged("a workspace's time zone"))?;
    Ok(Calendar::new(&zone))
}

/// A list of cases as a parameter.
pub(super) fn list(ids: &[CaseId]) -> String {
    serde_json::json!(ids.iter().map(|id| id.0).collect::<Vec<_>>()).to_string()
}

/// Makes the phases of some cases anew and adds what changed to the sums.
async fn count_cases(tx: &mut Tx, ws: WorkspaceId, ids: &[CaseId]) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let calendar = calendar(tx, ws).await?;
    let ids = list(ids);
    let mut before: HashMap<CaseId, Vec<Phase>> = HashMap::new();
    for phase in phases::of_cases(tx, ws, &ids).await? {
        before.entry(phase.case).or_default().push(phase);
    }
    let pairs = Pairs::of(tx, ws).await?;
    let (mut sums, mut gone, mut new) = (Added::default(), Vec::new(), Vec::new());
    for history in phases::histories(tx, ws, &ids).await? {
        let (old, now) = (before.remove(&history.case).unwrap_or_default(), phases_of(&history));
        let kept = Kept::all_and(&pairs.for_case(history.case));
        // A life goes on at its end: what came before is mostly as it was.
        let same = old.iter().zip(&now).take_while(|(old, now)| old == now).count();
        old[same..].iter().for_each(|phase| sums.phase(&kept, &calendar, phase, true));
        now[same..].iter().for_each(|phase| sums.phase(&kept, &calendar, phase, false));
        if old.len() > same {
            gone.push((history.case, same as i64));
        }
        new.extend(now.into_iter().enumerate().skip(same));
    }
    phases::replace(tx, ws, &gone, &new).await?;
    sums.save(tx, ws).await
}
