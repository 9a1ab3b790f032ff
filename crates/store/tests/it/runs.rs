//! The log of sweeps that closed something.

use crate::support::{Desk, Fixture, at};
use domain::id::{RunId, WorkspaceId};
use domain::time::Span;
use store::runs;

#[test]
fn a_runs_batches_add_up_in_one_row() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let add = |id: i64, closed: i64, skipped: i64, failed: i64| {
        desk.write(async move |tx| runs::add(tx, ws, RunId(id), at(0), closed, skipped, failed).await);
    };
    add(1, 500, 2, 0);
    desk.pass(Span::minutes(1));
    add(1, 30, 1, 1);
    add(2, 7, 0, 0);
    add(3, 9, 0, 0);
    let run = desk.read(async move |tx| runs::get(tx, ws, RunId(1)).await).expect("the run");
    assert_eq!((run.closed, run.skipped, run.failed), (530, 3, 1));
    assert_eq!((run.id, run.started_at, run.finished_at), (RunId(1), at(0), at(1)));
    let ids = |before: Option<i64>, limit: i64| -> Vec<i64> {
        let before = before.map(RunId);
        let page = desk.read(async move |tx| runs::list(tx, ws, before, limit).await);
        page.iter().map(|run| run.id.0).collect()
    };
    assert_eq!((ids(None, 2), ids(Some(2), 9)), (vec![3, 2], vec![1]));
    assert!(desk.read(async move |tx| runs::get(tx, WorkspaceId(9), RunId(1)).await).is_none());
}
