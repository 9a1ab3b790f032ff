//! Undoing a run that goes on closing meanwhile (X8): a closing written late stands for it, put back into the file.

use crate::support::Desk;
use rusqlite::Connection;
use serde_json::{Value, json};

const RUNS: &str = "/v1/auto-close/runs";
/// The engine looks every second: so often somebody who asks without a pause may have to.
const LOOKS: usize = 200_000;

/// A desk with a run that closed three cases, and its id.
fn closed_three() -> (Desk, String, [i64; 3]) {
    let desk = Desk::start();
    desk.auto_close(60);
    let cases = ["ada", "bea", "cyd"].map(|customer| desk.case_of(customer));
    desk.advance_minutes(60);
    let run = desk.all(RUNS)[0]["id"].as_str().expect("an id").to_owned();
    (desk, run, cases)
}

/// Runs statements on the file while nobody serves it.
fn past_the_desk(desk: &mut Desk, statements: &str) {
    desk.server.kill();
    Connection::open(desk.place.file()).expect("the file").execute_batch(statements).expect("the statements run");
    desk.restart(&["--test-clock"]);
}

fn run(desk: &Desk, id: &str) -> Value {
    desk.get(&format!("{RUNS}/{id}?limit=100")).expect(200)
}

#[test]
fn an_undo_under_way_goes_back_for_what_the_run_closed_behind_it_x8() {
    let (mut desk, id, cases) = closed_three();
    // It has looked at the newest already, and at nothing before.
    past_the_desk(
        &mut desk,
        "insert into run_undos (workspace, run, asked_at, asked_by, asked_by_name, done_to, reopened, left_closed, finished_at) \
         select workspace, run, max(closed_at), null, null, max(case_id), 0, 0, null from closures group by workspace, run",
    );
    let done = (0..LOOKS).map(|_| run(&desk, &id)).find(|run| run["undo"]["state"] == "done").expect("an end");
    assert_eq!(done["undo"]["reopened"], 3);
    assert!(cases.iter().all(|case| !desk.is_closed(*case)));
}

#[test]
fn what_a_run_closed_after_its_undo_can_be_undone_too_x8() {
    let (mut desk, id, cases) = closed_three();
    past_the_desk(&mut desk, "update closures set run = null where number = 1");
    assert_eq!(desk.post(&format!("{RUNS}/{id}/undo"), &json!({})).expect(200)["undo"]["reopened"], 2);
    assert!(desk.is_closed(cases[0]));
    past_the_desk(
        &mut desk,
        "update closures set run = (select k.run from closures k where k.number = 2) where number = 1",
    );
    let asked = desk.post(&format!("{RUNS}/{id}/undo"), &json!({})).expect(200);
    assert_eq!((&asked["undo"]["state"], &asked["undo"]["reopened"]), (&json!("done"), &json!(3)));
    assert!(!desk.is_closed(cases[0]));
    assert_eq!(desk.audit_of("RUN_UNDONE").len(), 1);
}
