//! Closing against people who act at the same moment, and past a case that cannot be closed (A7, A8, A9).

use crate::support::cases::number;
use crate::support::{Desk, inbound, millis_after, moment};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;

const CASES: usize = 120;

#[test]
fn a_message_racing_a_close_either_comes_first_or_reopens_never_neither_a7() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let cases: Vec<i64> = (0..CASES).map(|turn| desk.case_of(&format!("racer{turn}"))).collect();
    desk.advance_minutes(120);
    desk.auto_close(60);
    let answers = std::thread::scope(|scope| {
        let closing = scope.spawn(|| desk.run_due());
        let writers: Vec<_> = (0..3)
            .map(|part| {
                let (client, channel) = (desk.owner().clone(), desk.channel.clone());
                scope.spawn(move || {
                    let mine = (0..CASES).filter(|turn| turn % 3 == part);
                    mine.map(|turn| client.receive(&inbound(&channel, &format!("racer{turn}")))).collect::<Vec<Value>>()
                })
            })
            .collect();
        let answers: Vec<Value> = writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect();
        closing.join().expect("the clock");
        answers
    });
    for answer in &answers {
        let held = desk.case(number(&answer["case"]));
        let closings = desk.feed_of(number(&answer["case"]), "case_auto_closed").len();
        match answer["outcome"].as_str() {
            Some("appended") => assert_eq!(closings, 0, "a message that came first wins: {held}"),
            Some("reopened") => assert_eq!(closings, 1, "{held}"),
            other => panic!("unexpected outcome {other:?}: {answer}"),
        }
        assert_eq!(held["status"], "open", "after its message no case is due: {held}");
        assert_eq!(held["reopen_count"], closings);
    }
    assert_eq!(answers.len(), cases.len());
}

#[test]
fn two_runs_at_once_close_each_case_once_a7() {
    let desk = Desk::start();
    desk.auto_close(30_240);
    let cases: Vec<i64> = (0..CASES).map(|_| desk.open_case()).collect();
    desk.advance_minutes(120);
    desk.auto_close(60);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let client = desk.owner().clone();
            scope.spawn(move || {
                client.post("/v1/test-clock/advance", &json!({"by_seconds": 0})).expect(200);
            });
        }
    });
    for case in &cases {
        assert_eq!(desk.feed_of(*case, "case_auto_closed").len(), 1);
    }
    assert_eq!(desk.audit_of("CASE_AUTO_CLOSED").len(), cases.len());
}

#[test]
fn a_status_change_at_the_deadline_that_came_first_wins_a7() {
    let desk = Desk::start();
    desk.auto_close(60);
    let case = desk.open_case();
    desk.advance_to(millis_after(moment(&desk.case(case)["closes_at"]), -1));
    desk.status(case, "in_progress");
    desk.advance_to(millis_after(desk.now(), 1));
    assert_eq!(desk.case(case)["status"], "in_progress");
}

/// The table that holds the cases, found by what it must have.
fn cases_table(database: &Connection) -> String {
    let mut tables = database.prepare("select name from sqlite_master where type = 'table'").expect("the schema");
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("tables").map(|name| name.expect("a name")).collect();
    let has = |table: &str, column: &str| {
        let sql = "select count(*) from pragma_table_info(?1) where name = ?2";
        database.query_row(sql, [table, column], |row| row.get::<_, i64>(0)).expect("columns") == 1
    };
    let found =
        names.into_iter().find(|name| has(name, "number") && has(name, "status") && has(name, "last_activity_at"));
    found.expect("a table with number, status and last_activity_at")
}

/// Makes one case impossible to change, as a damaged row would be.
fn plant(file: &Path, case: i64) {
    let database = Connection::open(file).expect("the database opens");
    let table = cases_table(&database);
    let trigger = format!(
        "create trigger planted before update of status on \"{table}\" when old.number = {case} \
         begin select raise(abort, 'planted by a test'); end"
    );
    database.execute_batch(&trigger).expect("the trigger can be planted");
}

#[test]
fn one_case_that_cannot_be_closed_never_stops_the_others_and_is_reported_a8() {
    let mut desk = Desk::start();
    desk.auto_close(60);
    let cases: Vec<i64> = (0..30).map(|_| desk.open_case()).collect();
    let stuck = cases[11];
    desk.server.kill();
    plant(&desk.place.file(), stuck);
    desk.restart(&["--test-clock"]);
    desk.advance_minutes(61);
    for case in cases.iter().filter(|case| **case != stuck) {
        assert!(desk.is_closed(*case), "case {case} does not depend on case {stuck}");
    }
    let held = desk.case(stuck);
    assert_eq!(held["status"], "open");
    assert_eq!(held["closure"], Value::Null, "nothing of it is half-written");
    assert_eq!(desk.feed_of(stuck, "case_auto_closed").len(), 0);
    assert_eq!(desk.audit_of("CASE_AUTO_CLOSED").len(), cases.len() - 1);
    let later = desk.open_case();
    desk.advance_minutes(61);
    assert!(desk.is_closed(later), "later runs go on past it");
    let said = desk.server.kill();
    assert!(said.contains("WARN") || said.contains("ERROR"), "the case that cannot be closed is reported: {said}");
}
