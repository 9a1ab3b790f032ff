//! `lull audit verify` finds an edited, deleted, inserted, reordered or truncated entry (T3).

use crate::support::Desk;
use crate::support::desk::Place;
use crate::support::process::{Finished, lull, run};
use rusqlite::Connection;

/// A database whose trail has some two dozen entries, the checkpoint of an earlier moment, and no server.
struct Trail {
    place: Place,
    checkpoint: String,
}

fn trail() -> Trail {
    let mut desk = Desk::start();
    desk.auto_close(60);
    let ada = desk.agent("Ada", None);
    for _ in 0..6 {
        desk.assign(desk.open_case(), &ada.id);
    }
    desk.advance_minutes(60);
    desk.auto_close(90);
    let checkpoint = desk.get("/v1/audit-log/checkpoint").text();
    assert!(desk.audit().len() >= 9);
    desk.server.kill();
    let Desk { place, server, .. } = desk;
    drop(server);
    Trail { place, checkpoint }
}

impl Trail {
    fn verify(&self, more: &[&str]) -> Finished {
        let database = self.place.database();
        run(lull(&[&["audit", "verify", "--database", &database][..], more].concat()), "")
    }

    fn verify_with_checkpoint(&self) -> Finished {
        let file = self.place.dir().join("checkpoint.json");
        std::fs::write(&file, &self.checkpoint).expect("written");
        self.verify(&["--checkpoint", &file.display().to_string()])
    }

    /// Opens the database as somebody with a shell would, past whatever guards the table.
    fn break_in(&self) -> Intruder {
        let database = Connection::open(self.place.file()).expect("the database opens");
        database.execute_batch("pragma foreign_keys = off").expect("a setting");
        let table = table_with(&database, &["seq", "hash", "event"], &[]).expect("a table with seq, hash and event");
        let guards: Vec<String> = strings(&database, "select name from sqlite_master where type = 'trigger'");
        for guard in guards {
            database.execute_batch(&format!("drop trigger \"{guard}\"")).expect("dropped");
        }
        let last =
            database.query_row(&format!("select max(seq) from \"{table}\""), [], |row| row.get(0)).expect("a seq");
        Intruder { database, table, last }
    }
}

struct Intruder {
    database: Connection,
    table: String,
    last: i64,
}

impl Intruder {
    #[track_caller]
    fn run(&self, sql: &str) {
        let sql = sql.replace("TRAIL", &format!("\"{}\"", self.table));
        let changed = self.database.execute(&sql, []).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(changed > 0, "{sql} changed nothing");
    }

    fn columns(&self) -> Vec<String> {
        strings(&self.database, &format!("select name from pragma_table_info('{}')", self.table))
    }
}

fn strings(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).expect("a statement");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a string")).collect()
}

/// A table that has these columns and not those.
fn table_with(database: &Connection, columns: &[&str], without: &[&str]) -> Option<String> {
    let tables = strings(database, "select name from sqlite_master where type = 'table'");
    tables.into_iter().find(|table| {
        let held = strings(database, &format!("select name from pragma_table_info('{table}')"));
        let has = |column: &&str| held.iter().any(|name| name == column);
        columns.iter().all(has) && !without.iter().any(has)
    })
}

#[test]
fn an_untouched_trail_is_sound_with_and_without_its_checkpoint_t3() {
    let trail = trail();
    trail.verify(&[]).succeeded();
    trail.verify_with_checkpoint().succeeded();
}

#[test]
fn a_trail_that_grew_since_the_checkpoint_is_sound_t3() {
    let mut desk = Desk::start();
    desk.auto_close(60);
    let checkpoint = desk.get("/v1/audit-log/checkpoint").text();
    desk.auto_close(90);
    desk.server.kill();
    let Desk { place, server, .. } = desk;
    drop(server);
    Trail { place, checkpoint }.verify_with_checkpoint().succeeded();
}

#[test]
fn an_edit_of_any_column_is_found_and_its_place_named_t3() {
    let columns = trail().break_in().columns();
    assert!(columns.len() > 5, "{columns:?}");
    for column in columns.iter().filter(|column| !["seq", "workspace"].contains(&column.as_str())) {
        let trail = trail();
        let intruder = trail.break_in();
        let at = intruder.last - 3;
        let change = match column.as_str() {
            "id" | "at" => format!("\"{column}\" + 1"),
            _ => format!("coalesce(\"{column}\", '') || 'x'"),
        };
        intruder.run(&format!("update TRAIL set \"{column}\" = {change} where seq = {at}"));
        drop(intruder);
        let finished = trail.verify(&[]).refused();
        // A changed hash may show at the entry itself or at the next, which builds on it.
        let said = finished.said();
        let mut words = said.split(|mark: char| !mark.is_ascii_alphanumeric());
        let named = words.any(|word| word == at.to_string() || word == (at + 1).to_string());
        assert!(named, "an edit of {column} in entry {at}: {finished:?}");
    }
}

#[test]
fn a_deleted_entry_is_found_t3() {
    for which in ["first", "middle"] {
        let trail = trail();
        let intruder = trail.break_in();
        let seq = if which == "first" { "(select min(seq) from TRAIL)" } else { "(select max(seq) - 3 from TRAIL)" };
        intruder.run(&format!("delete from TRAIL where seq = {seq}"));
        drop(intruder);
        trail.verify(&[]).refused();
    }
}

#[test]
fn a_deleted_entry_whose_gap_was_closed_is_found_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    let at = intruder.last - 3;
    intruder.run(&format!("delete from TRAIL where seq = {at}"));
    for seq in at + 1..=intruder.last {
        intruder.run(&format!("update TRAIL set seq = {} where seq = {seq}", seq - 1));
    }
    drop(intruder);
    trail.verify(&[]).refused();
}

#[test]
fn an_inserted_entry_is_found_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    let at = intruder.last - 2;
    for seq in (at..=intruder.last).rev() {
        intruder.run(&format!("update TRAIL set seq = {} where seq = {seq}", seq + 1));
    }
    let columns = intruder.columns();
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "seq" => at.to_string(),
            "id" => "\"id\" + 1".to_owned(),
            other => format!("\"{other}\""),
        })
        .collect();
    let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    intruder.run(&format!(
        "insert into TRAIL ({}) select {} from TRAIL where seq = {}",
        names.join(", "),
        values.join(", "),
        at - 1
    ));
    drop(intruder);
    trail.verify(&[]).refused();
}

#[test]
fn an_entry_appended_past_the_program_is_found_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    let columns = intruder.columns();
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "seq" | "id" => format!("\"{column}\" + 1"),
            other => format!("\"{other}\""),
        })
        .collect();
    let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    intruder.run(&format!(
        "insert into TRAIL ({}) select {} from TRAIL where seq = {}",
        names.join(", "),
        values.join(", "),
        intruder.last
    ));
    drop(intruder);
    trail.verify(&[]).refused();
}

#[test]
fn two_entries_in_another_order_are_found_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    let (one, other) = (intruder.last - 3, intruder.last - 2);
    intruder.run(&format!("update TRAIL set seq = -1 where seq = {one}"));
    intruder.run(&format!("update TRAIL set seq = {one} where seq = {other}"));
    intruder.run(&format!("update TRAIL set seq = {other} where seq = -1"));
    drop(intruder);
    trail.verify(&[]).refused();
}

#[test]
fn a_trail_cut_at_its_end_is_found_against_the_checkpoint_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    intruder.run(&format!("delete from TRAIL where seq > {}", intruder.last - 2));
    // A thorough intruder also corrects whatever remembers the head.
    if let Some(heads) = table_with(&intruder.database, &["seq", "hash"], &["event"]) {
        let trail = format!("\"{}\"", intruder.table);
        let head = format!("(select max(seq) from {trail})");
        intruder
            .run(&format!("update \"{heads}\" set seq = {head}, hash = (select hash from {trail} where seq = {head})"));
    }
    drop(intruder);
    let finished = trail.verify_with_checkpoint().refused();
    assert!(!finished.said().is_empty());
}

#[test]
fn an_emptied_trail_is_found_against_the_checkpoint_t3() {
    let trail = trail();
    let intruder = trail.break_in();
    intruder.run("delete from TRAIL");
    if let Some(heads) = table_with(&intruder.database, &["seq", "hash"], &["event"]) {
        intruder.run(&format!("delete from \"{heads}\""));
    }
    drop(intruder);
    trail.verify_with_checkpoint().refused();
}

#[test]
fn verify_refuses_a_checkpoint_that_is_none() {
    let trail = trail();
    let trail = Trail { checkpoint: "nonsense".to_owned(), ..trail };
    trail.verify_with_checkpoint().refused();
    trail.verify(&["--checkpoint", "/nowhere/at/all"]).refused();
}
