//! The writer: many commands share a commit, each is undone alone, and an answer means durable.

use crate::support::{Desk, Once, TestClock};
use domain::time::Span;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use store::{Clock, Command, DatabaseUrl, Fault, Settings, Tx, params};

/// The group's bound, as the store documents it.
const GROUP: usize = 256;

/// What the commands of these tests do, before or after writing a row of their own.
#[derive(Debug)]
pub enum Act {
    Write,
    Fail,
    Panic,
    Wait,
}

/// Writes the row `n` and then acts.
#[derive(Debug)]
pub struct Row(pub i64, pub Act);

impl Command for Row {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64, Fault> {
        let Row(n, act) = self;
        tx.execute("insert into audit_heads (workspace, seq, hash) values ($1, 0, '')", params![*n]).await?;
        match act {
            Act::Write => {}
            Act::Fail => return Err(Fault::Broken("the command changed its mind".to_owned())),
            Act::Panic => panic!("a defect in a command"),
            Act::Wait => std::future::pending().await,
        }
        Ok(*n)
    }
}

/// Holds the writer inside a transaction until the test lets it go.
struct Hold {
    reached: mpsc::SyncSender<()>,
    go: std::sync::Mutex<mpsc::Receiver<()>>,
}

impl Command for Hold {
    type Output = ();

    async fn run(&self, _: &mut Tx) -> Result<(), Fault> {
        self.reached.send(()).map_err(|_| Fault::Broken("nobody waits".to_owned()))?;
        self.go.lock().expect("one holder").recv().map_err(|_| Fault::Broken("nobody lets go".to_owned()))
    }
}

/// Sends all of `rows` while the writer is held, so that they wait together, and answers what became of each.
pub fn together(desk: &Desk, rows: Vec<Row>) -> Vec<Result<i64, Fault>> {
    let (reached, is_reached) = mpsc::sync_channel(1);
    let (go, gone) = mpsc::channel();
    let hold = Hold { reached, go: std::sync::Mutex::new(gone) };
    desk.block_on(tokio::task::LocalSet::new().run_until(async {
        let holder = tokio::task::spawn_local({
            let db = desk.db.clone();
            async move { db.write(hold).await }
        });
        tokio::task::yield_now().await;
        is_reached.recv().expect("the writer holds");
        let sent = Rc::new(Cell::new(0));
        let wanted = rows.len();
        let tasks: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let (db, sent) = (desk.db.clone(), sent.clone());
                tokio::task::spawn_local(async move {
                    // The same step that counts also sends, since the waiting list has room.
                    sent.set(sent.get() + 1);
                    db.write(row).await
                })
            })
            .collect();
        while sent.get() < wanted {
            tokio::task::yield_now().await;
        }
        go.send(()).expect("the writer waits");
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("no task panics"));
        }
        holder.await.expect("no task panics").expect("the holder's commit");
        answers
    }))
}

pub fn rows(desk: &Desk) -> i64 {
    desk.number("select count(*) from audit_heads")
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// How many transactions the write-ahead log holds: frames that name the database's size after a commit.
fn commits(desk: &Desk) -> usize {
    let log = std::fs::read(desk.beside("lull.db-wal")).expect("the write-ahead log");
    let word = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().expect("four bytes"));
    let page = word(8) as usize;
    let salt = (word(16), word(20));
    let frames = (32..log.len()).step_by(24 + page).filter(|at| at + 24 + page <= log.len());
    frames.filter(|at| (word(at + 8), word(at + 12)) == salt && word(at + 4) != 0).count()
}

#[test]
fn commands_that_wait_together_share_a_commit() {
    let desk = Desk::new();
    let before = commits(&desk);
    let answers = together(&desk, (1..=100).map(|n| Row(n, Act::Write)).collect());
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(commits(&desk) - before, 1);
}

#[test]
fn a_group_is_bounded_and_the_rest_follows_in_the_next() {
    let desk = Desk::new();
    let before = commits(&desk);
    // The holder itself is the first of the first group.
    let answers = together(&desk, (1..=GROUP as i64).map(|n| Row(n, Act::Write)).collect());
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(commits(&desk) - before, 2);
    assert_eq!(rows(&desk), GROUP as i64);
}

#[test]
fn what_was_answered_is_seen_by_every_other_connection() {
    let desk = Desk::new();
    let answers = together(&desk, (1..=20).map(|n| Row(n, Act::Write)).collect());
    let other = desk.open_again().expect("a second handle");
    for answer in answers {
        let n = answer.expect("stored");
        let sql = "select seq from audit_heads where workspace = $1";
        let found = crate::support::read(&other, async move |tx: &mut Tx| {
            tx.query_opt(sql, params![n], |row| row.get::<i64>(0)).await
        });
        assert_eq!(desk.block_on(found).expect("a read"), Some(0));
    }
    assert_eq!(rows(&desk.restart()), 20, "and after the database was let go");
}

#[test]
fn the_writer_waits_for_the_disk_but_for_what_is_thrown_away() {
    let desk = Desk::new();
    let ask = |name: &str, settings: Settings| {
        let url = DatabaseUrl::Sqlite(desk.beside(name));
        let db = desk.open_at(&url, &settings).expect("a database");
        let command = Once::new(async |tx: &mut Tx| {
            let synchronous = tx.query_one("pragma synchronous", params![], |row| row.get::<i64>(0)).await?;
            Ok((synchronous, tx.query_one("pragma journal_mode", params![], |row| row.get::<String>(0)).await?))
        });
        desk.block_on(db.write(command)).expect("an answer")
    };
    const FULL: i64 = 2;
    let (synchronous, mode) = ask("kept.db", Settings::default());
    assert_eq!((synchronous, mode.as_str()), (FULL, "wal"));
    let (synchronous, _) = ask("demo.db", Settings { durable: false, ..Settings::default() });
    assert!(synchronous < FULL);
}

#[test]
fn a_caller_who_goes_away_changes_nothing_for_the_others() {
    let desk = Desk::new();
    let (reached, is_reached) = mpsc::sync_channel(1);
    let (go, gone) = mpsc::channel();
    let hold = Hold { reached, go: std::sync::Mutex::new(gone) };
    desk.block_on(async {
        let asked = desk.db.write(hold);
        let mut asked = Box::pin(asked);
        // Sent, and then the caller loses interest.
        assert!(poll_once(asked.as_mut()).is_pending());
        drop(asked);
        is_reached.recv().expect("the command runs all the same");
        go.send(()).expect("the writer waits");
        desk.db.write(Row(1, Act::Write)).await.expect("the writer lives");
    });
    assert_eq!(rows(&desk), 1);
}

#[test]
fn readers_dropped_half_way_are_free_again() {
    let desk = Desk::new();
    // More than there are readers; each is polled once, so that it holds one or waits for one, and given up.
    desk.block_on(async {
        for _ in 0..20 {
            let mut read = Box::pin(crate::support::read(&desk.db, async |tx: &mut Tx| {
                tx.query_one("select 1", params![], |row| row.get::<i64>(0)).await
            }));
            let _ = poll_once(read.as_mut());
        }
    });
    assert_eq!(desk.number("select 7"), 7);
}

#[test]
fn a_read_that_panics_gives_its_connection_back() {
    let desk = Desk::new();
    for _ in 0..5 {
        let answer: Result<(), Fault> = desk.try_read(async |_| panic!("a defect in a read"));
        assert!(matches!(answer, Err(Fault::Broken(_))), "{answer:?}");
    }
    assert_eq!(desk.number("select 7"), 7);
}

#[test]
fn a_read_sees_one_snapshot_and_cannot_write() {
    let desk = Desk::new();
    let db = desk.db.clone();
    let (wrote, written) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel::<()>();
    let count = "select count(*) from audit_heads";
    let writes = std::thread::spawn(move || {
        has_begun.recv().expect("the read begins");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(db.write(Row(1, Act::Write))).expect("stored");
        wrote.send(()).expect("the read goes on");
    });
    let (first, second) = desk.read(async move |tx| {
        let first = tx.query_one(count, params![], |row| row.get::<i64>(0)).await?;
        begun.send(()).map_err(|_| Fault::Broken("no writer".to_owned()))?;
        written.recv().map_err(|_| Fault::Broken("no writer".to_owned()))?;
        Ok((first, tx.query_one(count, params![], |row| row.get::<i64>(0)).await?))
    });
    writes.join().expect("the writer's thread");
    assert_eq!((first, second), (0, 0));
    assert_eq!(rows(&desk), 1);

    let refused = desk.try_read(async |tx| tx.execute("delete from audit_heads", params![]).await);
    assert!(refused.is_err());
    assert_eq!(rows(&desk), 1);
}

#[test]
fn time_never_steps_back_inside_the_writer_a9() {
    let desk = Desk::new();
    let first = desk.write(async |tx| Ok(tx.now()));
    desk.clock.set(first.minus(Span::hours(1)));
    assert_eq!(desk.write(async |tx| Ok(tx.now())), first);
    desk.clock.set(first.plus(Span::hours(1)));
    assert_eq!(desk.write(async |tx| Ok(tx.now())), first.plus(Span::hours(1)));
}

#[test]
fn ids_rise_within_a_handle_and_past_what_is_stored_when_the_clock_stepped_back() {
    let desk = Desk::new();
    let next = |desk: &Desk| {
        desk.write(async |tx| {
            let ws = domain::id::WorkspaceId(1);
            store::outbox::insert(tx, ws, "case.created", None, "{}").await?;
            Ok(tx.new_id())
        })
    };
    let (first, second) = (next(&desk), next(&desk));
    assert!(first < second);
    let earlier = desk.db.now().minus(Span::days(365));
    let desk = desk.restart();
    desk.clock.set(earlier);
    let desk = desk.restart();
    // Cases, messages and feed entries are read in the order of their ids: a new one may not slip in front.
    assert!(next(&desk) > second);
}

#[test]
fn several_handles_write_the_same_file_one_after_the_other() {
    let desk = Desk::new();
    let other = desk.open_again().expect("a second handle");
    for n in 0..20 {
        desk.block_on(desk.db.write(Row(2 * n, Act::Write))).expect("stored");
        desk.block_on(other.write(Row(2 * n + 1, Act::Write))).expect("stored");
    }
    assert_eq!(rows(&desk), 40);
}

#[test]
fn a_clone_shares_the_database_and_the_clock() {
    let desk = Desk::new();
    let clock: Arc<TestClock> = desk.clock.clone();
    let clone = desk.db.clone();
    clock.set(desk.db.now().plus(Span::hours(1)));
    assert_eq!(clone.now(), clock.now());
    desk.block_on(clone.write(Row(1, Act::Write))).expect("stored");
    assert_eq!(rows(&desk), 1);
    assert!(clone.health().problem().is_none());
    let nowhere = DatabaseUrl::Sqlite(desk.beside("no/such/folder/lull.db"));
    assert!(desk.open_at(&nowhere, &Settings::default()).is_err());
}
