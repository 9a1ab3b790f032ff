//! Acts on many cases from beginning to end, step by step, for API and pages.

use crate::acts::bulk::{BulkChanges, BulkStep, STEP, UndoStep};
use crate::acts::change_case::check_assignee;
use crate::acts::{Caller, Invalid, Refusal};
use crate::desk::Desk;
use crate::http::api::cases::rules;
use domain::id::{BulkId, WorkspaceId};
use store::bulk::{self, Done};
use store::case_list::{self, Filter, Key, Position, Sort};
use store::{Fault, Tx, queues};

/// Cases of one request through the API.
pub const MOST: usize = 1_000;
/// Cases of one act on a page.
pub const MOST_ON_A_PAGE: usize = 5_000;

/// An act that is done, with what became of each case, by number.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: BulkId,
    pub cases: Vec<Done>,
}

impl Outcome {
    pub fn count(&self, outcome: &str) -> usize {
        self.cases.iter().filter(|done| done.outcome == outcome).count()
    }

    pub fn undone(&self, how: &str) -> usize {
        self.cases.iter().filter(|done| done.undone.as_deref() == Some(how)).count()
    }
}

/// What is wrong with the change whatever the case.
pub async fn check(tx: &mut Tx, ws: WorkspaceId, changes: &BulkChanges) -> Result<Vec<Invalid>, Fault> {
    let mut invalid = Vec::new();
    if let Some(Some(agent)) = changes.assignee {
        invalid.extend(check_assignee(tx, ws, agent).await?);
    }
    if let Some(queue) = changes.queue
        && queues::get(tx, ws, queue).await?.is_none()
    {
        invalid.push(Invalid::not_found("queue", "queue"));
    }
    Ok(invalid)
}

/// Looks through cases for words that nearly every case says, in one request.
const WALKS: usize = 10;

/// The numbers of the cases that match, ascending, from after `after`, and after which one to look on if that may not be all.
pub async fn matching(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    after: i64,
    most: usize,
) -> Result<(Vec<i64>, Option<i64>), Fault> {
    let rules = rules(tx, ws).await?;
    let sort = Sort { key: Key::Number, descending: false };
    let (mut numbers, mut after) = (Vec::new(), Position { key: Some(after), id: i64::MAX });
    for _ in 0..WALKS {
        let wanted = (most + 1 - numbers.len()) as i64;
        let page = case_list::page(tx, ws, filter, sort, &rules, Some(after), wanted).await?;
        numbers.extend(page.rows.iter().map(|listed| listed.case.number));
        if numbers.len() > most {
            numbers.truncate(most);
            let last = numbers.last().copied();
            return Ok((numbers, last));
        }
        match page.walked_to {
            Some(walked_to) => after = walked_to,
            None => return Ok((numbers, None)),
        }
    }
    Ok((numbers, after.key))
}

/// Changes the cases, some at a time. Each step is durable by itself; a step that cannot be stored ends the act.
pub async fn run(
    desk: &Desk,
    caller: &Caller,
    mut numbers: Vec<i64>,
    changes: &BulkChanges,
) -> Result<Result<Outcome, Refusal>, Fault> {
    // In one order whoever acts, so that two acts on the same cases wait for each other instead of colliding.
    numbers.sort_unstable();
    numbers.dedup();
    let (mut act, mut cases) = (None, Vec::with_capacity(numbers.len()));
    let steps: Vec<Vec<i64>> =
        if numbers.is_empty() { vec![Vec::new()] } else { numbers.chunks(STEP).map(<[i64]>::to_vec).collect() };
    for numbers in steps {
        let step = BulkStep { caller: caller.clone(), act, numbers, changes: changes.clone() };
        match desk.db.write(step).await? {
            Ok((id, done)) => {
                act = Some(id);
                cases.extend(done);
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let id = act.ok_or_else(|| Fault::Broken("an act without a step".to_owned()))?;
    Ok(Ok(Outcome { id, cases }))
}

/// Takes back what nobody touched since.
pub async fn undo(desk: &Desk, caller: &Caller, id: BulkId) -> Result<Result<Outcome, Refusal>, Fault> {
    let mut after = 0;
    for _ in 0..=MOST_ON_A_PAGE.div_ceil(STEP) {
        match desk.db.write(UndoStep { caller: caller.clone(), act: id, after }).await? {
            Ok(Some(last)) => after = last,
            Ok(None) => break,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    show(desk, caller.workspace, id).await.map(|found| found.ok_or(Refusal::NotFound))
}

/// An act and what became of its cases.
pub async fn show(desk: &Desk, ws: WorkspaceId, id: BulkId) -> Result<Option<Outcome>, Fault> {
    let found = desk.db.read(move |tx| {
        Box::pin(async move {
            if bulk::get(tx, ws, id).await?.is_none() {
                return Ok(None);
            }
            let cases = bulk::cases(tx, ws, id, 0, MOST_ON_A_PAGE as i64).await?;
            Ok(Some(Outcome { id, cases }))
        })
    });
    found.await
}
