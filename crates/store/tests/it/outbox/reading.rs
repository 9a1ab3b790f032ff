//! Reading by cursor: in order, bounded, nothing twice, and a plain word when something was forgotten.

use super::{at_last, names, newest, read_all, write};
use crate::support::{Desk, Fixture, Once, at, on_postgres};
use domain::id::{EventId, WorkspaceId};
use domain::time::Span;
use store::outbox::{self, Cursor};
use store::{Command, DatabaseUrl, Db, Fault, Settings, Tx};

#[test]
fn what_comes_after_a_cursor_comes_in_order_and_in_batches() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    assert_eq!(desk.read(outbox::newest), Cursor::START);
    assert_eq!(Cursor::START.event(), None);
    (0..7).for_each(|n| write(&desk, ws, n));
    let all = read_all(&desk, Cursor::START);
    let some = |after, limit: usize| {
        let look = || desk.read(async move |tx| outbox::after(tx, after, limit as i64).await);
        at_last(look, |found| found.as_ref().is_some_and(|found| found.len() == limit)).expect("nothing was forgotten")
    };
    let first = some(Cursor::START, 3);
    let rest = some(first[2].cursor, 4);
    assert_eq!((names(&first), names(&rest)), (vec!["0", "1", "2"], vec!["3", "4", "5", "6"]));
    assert_eq!([first, rest].concat(), all);
    assert!(all.is_sorted_by(|one, next| one.cursor < next.cursor));
    assert_eq!(newest(&desk), all[6].cursor);
    assert!(read_all(&desk, all[6].cursor).is_empty());
}

/// Above every id that a clock gives.
const LATEST: EventId = EventId(i64::MAX);

#[test]
fn an_event_has_everything_that_was_written() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    desk.pass(Span::minutes(5));
    desk.write(async move |tx| {
        outbox::insert(tx, ws, "case.created", Some(7), r#"{"a":1}"#).await?;
        outbox::insert_many(tx, WorkspaceId(2), "agent.changed", &format!(r#"[[{},null,"{{}}"]]"#, LATEST.0)).await
    });
    let [made, changed] = <[_; 2]>::try_from(read_all(&desk, Cursor::START)).expect("two rows");
    assert_eq!((made.workspace, made.at, made.name.as_str()), (ws, at(5), "case.created"));
    assert_eq!((made.case_number, made.data.as_str()), (Some(7), r#"{"a":1}"#));
    assert_eq!((changed.workspace, changed.case_number, changed.cursor.event()), (WorkspaceId(2), None, Some(LATEST)));
}

#[test]
fn a_cursor_is_found_again_by_its_event_alone() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    (0..3).for_each(|n| write(&desk, ws, n));
    let cursor = read_all(&desk, Cursor::START)[1].cursor;
    let event = cursor.event().expect("a row");
    assert_eq!(desk.read(async move |tx| outbox::find(tx, event).await), Some(cursor));
    assert_eq!(desk.read(async move |tx| outbox::find(tx, EventId(event.0 + 1_000)).await), None);
    assert_eq!(names(&read_all(&desk, cursor)), ["2"]);
}

#[test]
fn who_stands_on_a_forgotten_row_is_told_so_and_the_newest_is_never_forgotten() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    (0..3).for_each(|n| write(&desk, ws, n));
    let cursors: Vec<_> = read_all(&desk, Cursor::START).iter().map(|event| event.cursor).collect();
    assert!(!desk.write(async |tx| outbox::prune(tx, at(60)).await));
    let after = |cursor| desk.read(async move |tx| outbox::after(tx, cursor, 10).await);
    assert_eq!([after(cursors[0]), after(cursors[1])], [None, None]);
    assert_eq!(after(cursors[2]), Some(vec![]), "who has the newest missed nothing");
    write(&desk, ws, 3);
    assert_eq!(names(&read_all(&desk, cursors[2])), ["3"]);
}

#[test]
fn another_process_with_a_clock_behind_is_not_overlooked() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    desk.pass(Span::hours(1));
    write(&desk, ws, 0);
    let cursor = read_all(&desk, Cursor::START)[0].cursor;
    // An import beside the server: its ids are dated by its own clock.
    let other = desk.open_again().expect("a second process");
    desk.clock.set(at(0));
    let insert = Once::new(async move |tx: &mut Tx| outbox::insert(tx, ws, "1", None, "{}").await);
    desk.block_on(other.write(insert)).expect("stored");
    assert_eq!(names(&read_all(&desk, cursor)), ["1"]);
}

#[test]
fn a_restored_database_goes_on_with_its_new_events() {
    if !on_postgres() {
        return;
    }
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    (0..3).for_each(|n| write(&desk, ws, n));
    let known = read_all(&desk, Cursor::START)[0].cursor.event().expect("a row");
    let disown = || desk.write(outbox::disown_restored);
    assert_eq!(disown(), 0, "these are this server's own");
    // As a dump of a server that had counted further brings them.
    desk.sql("update outbox set tx = '900000000000'");
    assert_eq!(desk.read(outbox::newest), Cursor::START, "in this server's future");
    assert_eq!((disown(), disown()), (3, 0));
    let newest = newest(&desk);
    assert_ne!(newest, Cursor::START);
    write(&desk, ws, 3);
    assert_eq!(names(&read_all(&desk, newest)), ["3"]);
    assert_eq!(desk.read(async move |tx| outbox::find(tx, known).await), None, "the old order is not known here");
}

/// Writes an event of this name, on whichever database.
struct Called(&'static str);

impl Command for Called {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        outbox::insert(tx, WorkspaceId(1), self.0, None, "{}").await
    }
}

#[test]
fn who_listened_to_a_sqlite_desk_goes_on_at_its_copy_on_postgresql() {
    if !on_postgres() {
        return;
    }
    let desk = Desk::new();
    let from = DatabaseUrl::Sqlite(desk.beside("from.db"));
    let target = scratch_postgres::Database::fresh();
    let to = DatabaseUrl::Postgres(target.url());
    let write = |db: &Db, name| desk.block_on(db.write(Called(name))).expect("stored");
    let settings = Settings { readers: 1, connections: 2, ..Settings::default() };
    let source = desk.open_at(&from, &settings).expect("a new database opens");
    ["0", "1", "2"].iter().for_each(|name| write(&source, name));
    let heard = desk.block_on(source.read(|tx| Box::pin(outbox::after(tx, Cursor::START, 2)))).expect("read");
    let event = heard.expect("nothing was forgotten")[1].cursor.event().expect("a row");
    drop(source);
    desk.block_on(store::copy::copy(&from, &to, desk.clock.clone(), |_| ())).expect("copied");
    let copied = desk.open_at(&to, &settings).expect("the copy opens");
    let found = desk.block_on(copied.read(move |tx| Box::pin(outbox::find(tx, event)))).expect("read");
    let cursor = found.expect("it was copied");
    write(&copied, "3");
    let look = || desk.block_on(copied.read(move |tx| Box::pin(outbox::after(tx, cursor, 10)))).expect("read");
    let missed = at_last(look, |missed| missed.as_ref().is_some_and(|missed| missed.len() == 2));
    assert_eq!(names(&missed.expect("both")), ["2", "3"]);
}
