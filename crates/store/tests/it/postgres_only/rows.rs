//! Rows that two nodes want at one moment.

use super::{block_on, number, right};
use crate::support::{Fixture, START, at, case, json_ids, minutes, on, store_policy};
use domain::case::Status;
use domain::id::{CaseId, RunId};
use domain::policy::StatusSet;
use domain::time::{Span, Timestamp};
use scratch_postgres::Database;
use std::sync::{Arc, Mutex};
use store::cases::{self, Case};
use store::sweep::{self, Rule};
use store::{Command, Db, Fault, Tx, policies, tags};
use tokio::sync::{mpsc, oneshot};

/// A workspace with so many cases, silent since long ago and armed, under a policy switched on before that.
struct Silent(i64);

impl Command for Silent {
    type Output = Fixture;

    async fn run(&self, tx: &mut Tx) -> Result<Fixture, Fault> {
        let fixture = Fixture::insert(tx, 1).await?;
        store_policy(tx, fixture.ws, policies::WORKSPACE, on(60)).await?;
        for n in 1..=self.0 {
            cases::insert(tx, &Case { armed_at: Some(at(n)), ..case(&fixture, n, at(n)) }).await?;
        }
        Ok(fixture)
    }
}

fn rule(fixture: &Fixture) -> Rule {
    Rule { enabled_at: START, threshold: minutes(60), statuses: StatusSet::ALL, queues: vec![fixture.queue] }
}

fn id(fixture: &Fixture, n: i64) -> CaseId {
    CaseId(fixture.ws.0 * 1_000_000 + n)
}

/// Closes what is due of these cases and answers their numbers.
struct Close {
    fixture: Fixture,
    cases: Vec<i64>,
    run: i64,
}

impl Command for Close {
    type Output = Vec<i64>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<i64>, Fault> {
        let ids = json_ids(self.cases.iter().map(|n| id(&self.fixture, *n).0));
        let closed = sweep::close(tx, self.fixture.ws, &rule(&self.fixture), &ids, RunId(self.run)).await?;
        sweep::rearm(tx, self.fixture.ws, &ids).await?;
        Ok(closed.into_iter().map(|case| case.number).collect())
    }
}

/// Reads a case to change it, tells that it has it, and goes on when it may.
struct Touch {
    fixture: Fixture,
    n: i64,
    has: mpsc::UnboundedSender<()>,
    go: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Command for Touch {
    type Output = (Timestamp, Case);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Fault> {
        let before = cases::by_number(tx, self.fixture.ws, self.n).await?.expect("the case is there");
        let _ = self.has.send(());
        let go = self.go.lock().expect("no panic").take();
        if let Some(go) = go {
            let _ = go.await;
        }
        let mut after = before.clone();
        after.last_activity_at = tx.now();
        cases::save(tx, &before, &mut after).await?;
        Ok((tx.now(), before))
    }
}

fn touch(fixture: Fixture, n: i64) -> (Touch, mpsc::UnboundedReceiver<()>, oneshot::Sender<()>) {
    let (has, told) = mpsc::unbounded_channel();
    let (may, go) = oneshot::channel();
    (Touch { fixture, n, has, go: Mutex::new(Some(go)) }, told, may)
}

async fn two_nodes(database: &Database) -> (Db, Db) {
    (right(&database.url()).await, right(&database.url()).await)
}

#[test]
fn a_case_that_somebody_is_changing_is_left_out_and_the_others_close_a7() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = two_nodes(&database).await;
        let fixture = one.write(Silent(5)).await.expect("stored");
        let (held, mut told, may) = touch(fixture, 3);
        let (db, all) = (one.clone(), vec![1, 2, 3, 4, 5]);
        let touched = tokio::spawn(async move { db.write(held).await });
        told.recv().await.expect("it has the case");
        // Does not wait for the one that is held.
        let closed = other.write(Close { fixture, cases: all.clone(), run: 1 }).await.expect("closed");
        assert_eq!(closed, [1, 2, 4, 5]);
        may.send(()).expect("it waits");
        touched.await.expect("no panic").expect("stored");
        let again = other.write(Close { fixture, cases: all, run: 2 }).await.expect("nothing to do");
        assert_eq!(again, [] as [i64; 0], "the change came first, and the case is not due any more");
        assert_eq!(number(&one, "select count(*) from closures").await, 4);
        assert_eq!(number(&one, "select count(*) from cases where number = 3 and status = 'open'").await, 1);
    });
}

#[test]
fn a_case_that_is_being_closed_is_waited_for_and_found_closed_and_what_follows_is_dated_later_a7_a9() {
    struct CloseAndHold {
        close: Close,
        has: mpsc::UnboundedSender<()>,
        go: Mutex<Option<oneshot::Receiver<()>>>,
    }
    impl Command for CloseAndHold {
        type Output = Timestamp;
        async fn run(&self, tx: &mut Tx) -> Result<Timestamp, Fault> {
            assert_eq!(self.close.run(tx).await?, [1]);
            let _ = self.has.send(());
            let go = self.go.lock().expect("no panic").take();
            if let Some(go) = go {
                let _ = go.await;
            }
            Ok(tx.now())
        }
    }
    let database = Database::fresh();
    block_on(async {
        let (one, other) = two_nodes(&database).await;
        let fixture = one.write(Silent(1)).await.expect("stored");
        let (has, mut told) = mpsc::unbounded_channel();
        let (may, go) = oneshot::channel();
        let close = Close { fixture, cases: vec![1], run: 1 };
        let closing = CloseAndHold { close, has, go: Mutex::new(Some(go)) };
        let db = one.clone();
        let closed = tokio::spawn(async move { db.write(closing).await });
        told.recv().await.expect("it has the case");
        let (late, mut has_it, free) = touch(fixture, 1);
        free.send(()).expect("it need not wait");
        let db = other.clone();
        let touched = tokio::spawn(async move { db.write(late).await });
        wait_for_a_waiter(&database);
        assert!(has_it.try_recv().is_err(), "it waits for the row");
        may.send(()).expect("it waits");
        let closed_at = closed.await.expect("no panic").expect("closed");
        let (touched_at, seen) = touched.await.expect("no panic").expect("stored");
        assert_eq!((seen.status, seen.closed_at), (Status::Closed, Some(closed_at)));
        assert!(touched_at > closed_at, "it began earlier and came later: {touched_at} {closed_at}");
    });
}

/// Asks until somebody waits for a lock.
fn wait_for_a_waiter(database: &Database) {
    let question =
        "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database();";
    for _ in 0..2_000 {
        if database.psql(question).expect("an answer").trim() == "t" {
            return;
        }
    }
    panic!("nobody waits");
}

#[test]
fn two_nodes_that_close_the_same_cases_close_each_once_a7() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = two_nodes(&database).await;
        let fixture = one.write(Silent(400)).await.expect("stored");
        let closed = Arc::new(Mutex::new(Vec::new()));
        let sweeps: Vec<_> = [one.clone(), other]
            .into_iter()
            .map(|db| {
                let closed = closed.clone();
                tokio::spawn(async move {
                    for first in (1..=400).step_by(40) {
                        let cases = (first..first + 40).collect();
                        let batch = db.write(Close { fixture, cases, run: first }).await.expect("closed");
                        closed.lock().expect("no panic").extend(batch);
                    }
                })
            })
            .collect();
        for sweep in sweeps {
            sweep.await.expect("no panic");
        }
        let mut closed = std::mem::take(&mut *closed.lock().expect("no panic"));
        closed.sort_unstable();
        assert_eq!(closed, (1..=400).collect::<Vec<i64>>());
        assert_eq!(number(&one, "select count(*) from closures").await, 400);
    });
}

#[test]
fn changes_of_one_case_by_two_nodes_follow_each_other() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = two_nodes(&database).await;
        let fixture = one.write(Silent(1)).await.expect("stored");
        let work: Vec<_> = [one.clone(), other.clone(), one.clone(), other]
            .into_iter()
            .map(|db| {
                tokio::spawn(async move {
                    for _ in 0..25 {
                        let (touch, _told, may) = touch(fixture, 1);
                        may.send(()).expect("it need not wait");
                        db.write(touch).await.expect("stored");
                    }
                })
            })
            .collect();
        for work in work {
            work.await.expect("no panic");
        }
        assert_eq!(number(&one, "select version from cases").await, 101);
    });
}

#[test]
fn a_far_clock_closes_nothing_early_a9() {
    let database = Database::fresh();
    block_on(async {
        let ahead = super::node(&database.url(), super::Wrong::by_minutes(10)).await;
        let fixture = ahead.write(Silent(0)).await.expect("stored");
        // Due in five minutes by the database's clock, five minutes ago by the node's.
        struct Recent(Fixture);
        impl Command for Recent {
            type Output = ();
            async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
                let silent_since = tx.now().minus(Span::minutes(55));
                cases::insert(tx, &Case { armed_at: Some(silent_since), ..case(&self.0, 1, silent_since) }).await
            }
        }
        ahead.write(Recent(fixture)).await.expect("stored");
        let due = ahead.glance(|tx| {
            Box::pin(async move {
                let all = sweep::partitions(tx).await?;
                sweep::due(tx, all).await
            })
        });
        assert_eq!(due.await.expect("looked"), [], "it does not even look due");
        let closed = ahead.write(Close { fixture, cases: vec![1], run: 1 }).await.expect("looked");
        assert_eq!(closed, [] as [i64; 0]);
    });
}

/// Gives a case these tags, tells that they are given, and commits when it may.
struct TagAndHold {
    fixture: Fixture,
    tag: &'static str,
    has: mpsc::UnboundedSender<()>,
    go: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Command for TagAndHold {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let before = cases::by_number(tx, self.fixture.ws, 1).await?.expect("the case is there");
        let mut after = Case { tags: vec![self.tag.to_owned()], ..before.clone() };
        cases::save(tx, &before, &mut after).await?;
        // Answered only when all that was sent before has been done.
        tx.query("select 1", store::params![], |_| Ok(())).await?;
        let _ = self.has.send(());
        let go = self.go.lock().expect("no panic").take();
        if let Some(go) = go {
            let _ = go.await;
        }
        Ok(())
    }
}

/// The renaming that is under way, if nobody holds its tag.
struct UnderWay(Fixture);

impl Command for UnderWay {
    type Output = Option<tags::Retag>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Fault> {
        tags::under_way(tx, self.0.ws, "old").await
    }
}

#[test]
fn a_tag_that_is_being_given_is_renamed_when_it_is_given_and_not_missed() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = two_nodes(&database).await;
        let fixture = one.write(Silent(2)).await.expect("stored");
        database
            .psql("insert into tags (workspace, name, becomes, position) values (1, 'old', 'new', 0);")
            .expect("a renaming is under way");
        let (has, mut told) = mpsc::unbounded_channel();
        let (may, go) = oneshot::channel();
        let tagging = TagAndHold { fixture, tag: "old", has, go: Mutex::new(Some(go)) };
        let db = one.clone();
        let tagged = tokio::spawn(async move { db.write(tagging).await });
        told.recv().await.expect("the tag is given");
        assert_eq!(
            other.write(UnderWay(fixture)).await.expect("looked"),
            None,
            "it is left alone until the case has the tag"
        );
        may.send(()).expect("it waits");
        tagged.await.expect("no panic").expect("stored");
        let found = other.write(UnderWay(fixture)).await.expect("looked").expect("a renaming");
        assert_eq!((found.name.as_str(), found.position), ("old", CaseId(0)));
    });
}
