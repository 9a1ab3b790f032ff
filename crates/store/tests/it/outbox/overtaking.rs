//! Transactions that end in another order than they began in: PostgreSQL alone has several at once.

use super::{LOOKS, names, read_all, read_now};
use crate::support::{Desk, Fixture, config, on_postgres};
use domain::id::WorkspaceId;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};
use store::outbox::{self, Cursor, Event};
use store::{Fault, Tx, params};

/// What a transaction that is held open is told to do next.
enum Step {
    Insert(String),
    Commit,
    Undo,
}

/// A transaction under way, which does as it is told.
struct Held<'s> {
    steps: Sender<Step>,
    done: Receiver<()>,
    thread: ScopedJoinHandle<'s, ()>,
}

impl<'s> Held<'s> {
    /// A transaction that has begun.
    fn begin<'e>(scope: &'s Scope<'s, 'e>, desk: &'e Desk, ws: WorkspaceId) -> Held<'s> {
        let (steps, told) = channel();
        let (tell, done) = channel();
        let thread = scope.spawn(move || {
            let ended = desk.try_write(async move |tx| {
                tell.send(()).expect("the test waits");
                loop {
                    match told.recv().expect("every transaction is ended") {
                        Step::Insert(name) => outbox::insert(tx, ws, &name, None, "{}").await?,
                        Step::Commit => return Ok(()),
                        Step::Undo => return Err(Fault::Broken("undone by the test".to_owned())),
                    }
                    // What was only sent has arrived when the next statement answers.
                    tx.query_one("select count(*) from outbox where id = 0", params![], |row| row.get::<i64>(0))
                        .await?;
                    tell.send(()).expect("the test waits");
                }
            });
            assert!(matches!(ended, Ok(()) | Err(Fault::Broken(_))), "{ended:?}");
        });
        let held = Held { steps, done, thread };
        held.wait();
        held
    }

    fn wait(&self) {
        self.done.recv().expect("the transaction goes on");
    }

    fn insert(&self, name: &str) {
        self.steps.send(Step::Insert(name.to_owned())).expect("it listens");
        self.wait();
    }

    fn end(self, step: Step) {
        self.steps.send(step).expect("it listens");
        self.thread.join().expect("it ended");
    }
}

#[test]
fn who_began_first_and_ends_last_is_neither_skipped_nor_doubled() {
    if !on_postgres() {
        return;
    }
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    std::thread::scope(|scope| {
        let early = Held::begin(scope, &desk, ws);
        early.insert("early");
        let late = Held::begin(scope, &desk, ws);
        late.insert("late");
        late.end(Step::Commit);
        assert_eq!(desk.number("select count(*) from outbox"), 1, "the later one is stored");
        assert!(read_now(&desk, Cursor::START).is_empty(), "but something can still come before it");
        assert_eq!(desk.read(outbox::newest), Cursor::START);
        early.insert("early too");
        early.end(Step::Commit);
        let all = read_all(&desk, Cursor::START);
        assert_eq!(names(&all), ["early", "early too", "late"]);
        assert!(read_all(&desk, all[2].cursor).is_empty());
    });
}

#[test]
fn who_gives_up_holds_nobody_back() {
    if !on_postgres() {
        return;
    }
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    std::thread::scope(|scope| {
        let early = Held::begin(scope, &desk, ws);
        early.insert("early");
        let late = Held::begin(scope, &desk, ws);
        late.insert("late");
        late.end(Step::Commit);
        early.end(Step::Undo);
        assert_eq!(names(&read_all(&desk, Cursor::START)), ["late"]);
    });
}

#[test]
fn who_is_at_work_in_another_database_of_the_server_holds_nobody_back() {
    if !on_postgres() {
        return;
    }
    let (desk, elsewhere) = (Desk::new(), Desk::new());
    let (ws, other) = (Fixture::new(&desk).ws, Fixture::new(&elsewhere).ws);
    std::thread::scope(|scope| {
        let early = Held::begin(scope, &elsewhere, other);
        early.insert("early");
        super::write(&desk, ws, 0);
        assert_eq!(names(&read_all(&desk, Cursor::START)), ["0"]);
        early.end(Step::Commit);
    });
}

/// Transactions at once; with the reader they are all the connections a test has.
const SLOTS: usize = 3;

#[derive(Debug, Clone)]
enum Act {
    Insert(usize),
    Commit(usize),
    Undo(usize),
    /// The reader looks, at most so many rows at a time.
    Look(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (0..SLOTS).prop_map(Act::Insert),
        3 => (0..SLOTS).prop_map(Act::Commit),
        1 => (0..SLOTS).prop_map(Act::Undo),
        3 => (1_i64..4).prop_map(Act::Look),
    ]
}

/// One look from where the reader stands.
fn look(desk: &Desk, heard: &mut Vec<Event>, limit: i64) {
    let cursor = heard.last().map_or(Cursor::START, |event| event.cursor);
    heard.extend(desk.read(async move |tx| outbox::after(tx, cursor, limit).await).expect("nothing is forgotten"));
}

/// Looks until the reader has as many rows as there are, and once more.
fn finish(desk: &Desk, heard: &mut Vec<Event>) {
    let stored = desk.number("select count(*) from outbox") as usize;
    let more = (0..LOOKS).find(|_| {
        look(desk, heard, 100);
        heard.len() >= stored
    });
    assert!(more.is_some(), "heard {} of {stored}", heard.len());
    look(desk, heard, 100);
}

/// Plays the acts and answers what was committed, and what a reader beside them heard.
fn play(desk: &Desk, ws: WorkspaceId, acts: &[Act]) -> (BTreeSet<String>, Vec<Event>) {
    let (mut committed, mut heard) = (BTreeSet::new(), Vec::new());
    std::thread::scope(|scope| {
        let mut held: [Option<(Held<'_>, Vec<String>)>; SLOTS] = std::array::from_fn(|_| None);
        for (n, act) in acts.iter().enumerate() {
            match *act {
                Act::Insert(slot) => {
                    let (tx, rows) = held[slot].get_or_insert_with(|| (Held::begin(scope, desk, ws), Vec::new()));
                    rows.push(n.to_string());
                    tx.insert(&n.to_string());
                }
                Act::Commit(slot) => {
                    if let Some((tx, rows)) = held[slot].take() {
                        tx.end(Step::Commit);
                        committed.extend(rows);
                    }
                }
                Act::Undo(slot) => {
                    if let Some((tx, _)) = held[slot].take() {
                        tx.end(Step::Undo);
                    }
                }
                Act::Look(limit) => look(desk, &mut heard, limit),
            }
        }
        // In the order of their numbers, which is not that in which they began.
        for (tx, rows) in held.into_iter().flatten() {
            tx.end(Step::Commit);
            committed.extend(rows);
        }
    });
    finish(desk, &mut heard);
    (committed, heard)
}

#[test]
fn whatever_overtakes_whatever_each_committed_row_is_heard_once() {
    if !on_postgres() {
        return;
    }
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let config = ProptestConfig { max_shrink_iters: 30, ..config(48) };
    proptest!(config, |(acts in prop::collection::vec(act(), 1..40))| {
        desk.sql("delete from outbox");
        let (committed, heard) = play(&desk, ws, &acts);
        let once: BTreeSet<String> = heard.iter().map(|event| event.name.clone()).collect();
        prop_assert_eq!(heard.len(), once.len(), "nothing twice");
        prop_assert_eq!(once, committed);
        prop_assert!(heard.is_sorted_by_key(|event| event.cursor), "in one order");
        prop_assert_eq!(read_all(&desk, Cursor::START), heard, "for every reader");
    });
}

/// The load the proof above leaves out: many at once, without anybody holding them.
#[test]
fn under_load_a_reader_beside_the_writers_hears_each_row_once() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let (writers, each) = (3_usize, 60_usize);
    let mut heard = Vec::new();
    std::thread::scope(|scope| {
        let desk = &desk;
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                scope.spawn(move || {
                    for n in 0..each {
                        desk.write(async move |tx: &mut Tx| {
                            for part in 0..=n % 3 {
                                outbox::insert(tx, ws, &format!("{writer}-{n}-{part}"), None, "{}").await?;
                            }
                            Ok(())
                        });
                    }
                })
            })
            .collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            look(desk, &mut heard, 7);
        }
    });
    finish(&desk, &mut heard);
    let once: BTreeSet<&str> = heard.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(heard.len(), once.len(), "nothing twice");
    assert_eq!(heard.len(), writers * each * 2, "nothing skipped: one, two or three rows by turns");
}
