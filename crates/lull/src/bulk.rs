//! Acts on many cases from beginning to end, step by step, for API and pages.

use crate::acts::bulk::{Begin, Begun, BulkChanges, BulkStep, STEP, UndoStep};
use crate::acts::change_case::check_assignee;
use crate::acts::once::{Done, Key, Once, Rendered};
use crate::acts::{Caller, Invalid, Refusal};
use crate::desk::Desk;
use crate::http::api::cases::rules;
use domain::id::{BulkId, WorkspaceId};
use store::bulk;
use store::case_list::{self, Filter, Position, Sort};
use store::{Fault, Tx, queues};

/// Cases of one request through the API.
pub const MOST: usize = 1_000;
/// Cases of one act on a page.
pub const MOST_ON_A_PAGE: usize = 5_000;

/// An act that is done, with what became of each case, by number.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: BulkId,
    pub cases: Vec<bulk::Done>,
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
    let sort = Sort { key: case_list::Key::Number, descending: false };
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

/// What somebody wants done to many cases.
#[derive(Debug, Clone)]
pub struct Wish {
    pub caller: Caller,
    /// The same wish under the same key is the same act.
    pub key: Option<Key>,
    pub numbers: Vec<i64>,
    /// Where the next wish goes on, if these are not all.
    pub next_after: Option<i64>,
    pub changes: BulkChanges,
}

/// Changes the cases, some at a time, and answers what `answer` makes of it. Each step is durable by itself; the act goes on to
/// its end even if the asker goes away, and one that could not come to it goes on when it is asked for again with its key.
pub async fn run(
    desk: &Desk,
    wish: Wish,
    answer: fn(Outcome, Option<i64>) -> Rendered,
) -> Result<Result<Rendered, Refusal>, Fault> {
    let desk = desk.clone();
    to_its_end(async move { run_here(&desk, wish, answer).await }).await
}

async fn run_here(
    desk: &Desk,
    wish: Wish,
    answer: fn(Outcome, Option<i64>) -> Rendered,
) -> Result<Result<Rendered, Refusal>, Fault> {
    let Wish { caller, key, mut numbers, next_after, changes } = wish;
    numbers.sort_unstable();
    numbers.dedup();
    let begin = Begin { caller: caller.clone(), key: key.clone(), numbers, next_after, changes: changes.clone() };
    let plan = match desk.db.write(begin).await? {
        Ok(Begun::ToDo(plan)) => plan,
        Ok(Begun::Answered(rendered)) => return Ok(Ok(rendered)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    for numbers in plan.numbers.chunks(STEP) {
        let (numbers, changes) = (numbers.to_vec(), changes.clone());
        let step = BulkStep { caller: caller.clone(), act: plan.act, numbers, changes };
        if let Err(refusal) = desk.db.write(step).await? {
            return Ok(Err(refusal));
        }
    }
    let Some(outcome) = show(desk, caller.workspace, plan.act).await? else { return Ok(Err(Refusal::NotFound)) };
    let rendered = answer(outcome, plan.next_after);
    // Of two who did it together the second one gets the answer of the first.
    desk.db.write(Once { act: Done, key, render: move |()| rendered.clone(), redact: None }).await
}

/// Takes back what nobody touched since, to its end even if the asker goes away.
pub async fn undo(desk: &Desk, caller: &Caller, id: BulkId) -> Result<Result<Outcome, Refusal>, Fault> {
    let (desk, caller) = (desk.clone(), caller.clone());
    to_its_end(async move { undo_here(&desk, &caller, id).await }).await
}

async fn undo_here(desk: &Desk, caller: &Caller, id: BulkId) -> Result<Result<Outcome, Refusal>, Fault> {
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

/// In a task of its own: an asker who hangs up ends nothing half-way.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    tokio::spawn(work).await.map_err(|e| Fault::Broken(e.to_string()))?
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
