//! A case that cannot be closed: a trigger in the file stands for a damaged row (A8).

use crate::support::Desk;
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

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
