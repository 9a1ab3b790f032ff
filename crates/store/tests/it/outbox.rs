//! The outbox: a row for each change, reading them by cursor, and forgetting the old ones.

mod overtaking;
mod reading;

use crate::support::{Desk, Fixture, at};
use domain::id::WorkspaceId;
use domain::time::Span;
use store::outbox::{self, Cursor, Event};

/// How many rows one pruning takes at most.
const BATCH: i64 = 2_000;

/// Writes one event that is called by its number.
fn write(desk: &Desk, ws: WorkspaceId, n: i64) {
    desk.write(async move |tx| outbox::insert(tx, ws, &n.to_string(), None, "{}").await);
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

/// What can be had at this moment.
fn read_now(desk: &Desk, after: Cursor) -> Vec<Event> {
    desk.read(async move |tx| outbox::after(tx, after, 10_000).await).expect("nothing was forgotten")
}

/// How often a test looks for what must come.
const LOOKS: usize = 5_000;

/// Looks until it is so. A transaction of another test that ends at this moment, in another database of the server, can hold
/// back for a moment what was there already.
fn at_last<T>(look: impl Fn() -> T, is: impl Fn(&T) -> bool) -> T {
    (0..LOOKS).map(|_| look()).find(is).expect("it comes at last")
}

/// All that is stored after a cursor, when nothing of this database's own is under way.
fn read_all(desk: &Desk, after: Cursor) -> Vec<Event> {
    let stored = desk.number("select count(*) from outbox");
    let all = at_last(|| read_now(desk, Cursor::START), |all| all.len() as i64 == stored);
    let rest: Vec<Event> = all.into_iter().filter(|event| event.cursor > after).collect();
    assert_eq!(at_last(|| read_now(desk, after), |found| found.len() == rest.len()), rest);
    rest
}

/// Where who has everything is.
fn newest(desk: &Desk) -> Cursor {
    let all = read_all(desk, Cursor::START);
    let last = all.last().map_or(Cursor::START, |event| event.cursor);
    at_last(|| desk.read(outbox::newest), |newest| *newest == last)
}

#[test]
fn rows_are_written_with_the_change_one_by_one_and_many_at_once() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    desk.write(async move |tx| {
        outbox::insert(tx, ws, "case.created", Some(7), r#"{"a":1}"#).await?;
        outbox::insert(tx, ws, "agent.changed", None, "{}").await?;
        outbox::insert_many(tx, ws, "case.closed", r#"[[5,17,"{\"b\":2}"],[6,18,"{}"]]"#).await
    });
    let rows = desk.read(async |tx| {
        let sql = "select workspace, at, event, case_number, data from outbox order by event, case_number";
        tx.query(sql, store::params![], |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<i64>(1)?,
                row.get::<String>(2)?,
                row.get::<Option<i64>>(3)?,
                row.get::<String>(4)?,
            ))
        })
        .await
    });
    let row = |event: &str, case, data: &str| (ws.0, at(0).as_micros(), event.to_owned(), case, data.to_owned());
    let expected = [
        row("agent.changed", None, "{}"),
        row("case.closed", Some(17), r#"{"b":2}"#),
        row("case.closed", Some(18), "{}"),
        row("case.created", Some(7), r#"{"a":1}"#),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn old_rows_are_forgotten_in_bounded_batches_oldest_first() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let write = |rows: i64| {
        desk.write(async move |tx| {
            for _ in 0..rows {
                outbox::insert(tx, ws, "case.created", None, "{}").await?;
            }
            Ok(())
        });
    };
    write(BATCH + 5);
    desk.pass(Span::hours(1));
    write(3);
    let left = || desk.number("select count(*) from outbox");
    let prune = |before| desk.write(async move |tx| outbox::prune(tx, before).await);
    assert!(!prune(at(0)), "nothing is older than itself");
    assert_eq!(left(), BATCH + 8);
    assert!(prune(at(60)), "a full batch: there may be more");
    assert_eq!(left(), 8);
    assert!(!prune(at(60)));
    assert_eq!(left(), 3);
    assert_eq!(desk.number("select min(at) from outbox"), at(60).as_micros());
}
