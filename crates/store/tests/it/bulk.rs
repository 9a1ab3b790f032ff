//! Acts on many cases: what they came to, and that they are forgotten.

use crate::support::{Desk, Fixture, at};
use domain::id::{BulkId, WorkspaceId};
use store::bulk::{self, Act, Done};

fn insert(desk: &Desk, ws: WorkspaceId, n: i64, numbers: &[i64]) {
    let numbers = numbers.to_vec();
    desk.write(async move |tx| {
        let act = Act { id: BulkId(n), at: at(n), agent: None, changes: "{}".to_owned() };
        bulk::insert(tx, ws, &act).await?;
        for number in numbers {
            let (outcome, former) = ("changed".to_owned(), "{}".to_owned());
            let done = Done { number, outcome, why: None, former, version: 2, undone: None };
            bulk::note(tx, ws, act.id, &done).await?;
        }
        Ok(())
    });
}

#[test]
fn an_act_knows_which_cases_it_has_come_to() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    insert(&desk, ws, 1, &[4, 7]);
    let met = desk.read(async move |tx| bulk::met(tx, ws, BulkId(1), "[1, 4, 7, 9]").await);
    assert_eq!(met, [4, 7]);
    assert_eq!(desk.read(async move |tx| bulk::met(tx, ws, BulkId(2), "[4]").await), [] as [i64; 0]);
}

#[test]
fn old_acts_are_forgotten_with_their_cases_one_at_a_time() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    for n in 1..=3 {
        insert(&desk, ws, n, &[4, 7]);
    }
    let prune = || desk.write(async move |tx| bulk::prune(tx, at(3)).await);
    assert_eq!([prune(), prune(), prune()], [true, true, false], "the third is not old enough");
    let left = ["select count(*) from bulk_acts", "select count(*) from bulk_cases"].map(|sql| desk.number(sql));
    assert_eq!(left, [1, 2]);
}
