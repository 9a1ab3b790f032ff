//! Decisions that two nodes take at one moment, held apart by locks: what is read to decide stays true until it is done.

use super::{block_on, right};
use crate::support::{Fixture, case, on, store_policy};
use domain::id::CaseId;
use domain::lifecycle;
use scratch_postgres::Database;
use std::sync::Mutex;
use store::cases::{self, Case};
use store::{Command, Fault, Tx, locks, policies, sweep};
use tokio::sync::{mpsc, oneshot};

/// Switches raced.
const ROUNDS: i64 = 40;

struct Desk;

impl Command for Desk {
    type Output = Fixture;

    async fn run(&self, tx: &mut Tx) -> Result<Fixture, Fault> {
        Fixture::insert(tx, 1).await
    }
}

/// A message as the acts take it in: it reads the settings and arms its case by them. It holds on in between.
struct NewCase {
    fixture: Fixture,
    has: mpsc::UnboundedSender<()>,
    go: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Command for NewCase {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let (ws, queue) = (self.fixture.ws, self.fixture.queue);
        locks::hold_settings(tx, ws).await?;
        let arm_from = policies::in_force(tx, ws, queue).await?.arm_from;
        let _ = self.has.send(());
        let go = self.go.lock().expect("no panic").take();
        if let Some(go) = go {
            let _ = go.await;
        }
        let now = tx.now();
        let mut new = Case { id: CaseId(tx.new_id()), ..case(&self.fixture, 1, now) };
        new.active_at(now, arm_from);
        cases::insert(tx, &new).await
    }
}

struct SwitchOn(Fixture);

impl Command for SwitchOn {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        locks::change_settings(tx, self.0.ws).await?;
        store_policy(tx, self.0.ws, policies::WORKSPACE, on(60)).await
    }
}

/// The rule and the sweep's index say the same about every case: covered means armed.
async fn armed_as_covered(db: &store::Db, fixture: Fixture) -> bool {
    let read = db.read(move |tx| {
        Box::pin(async move {
            let rule = policies::in_force(tx, fixture.ws, fixture.queue).await?.effective.close;
            let case = cases::by_number(tx, fixture.ws, 1).await?.expect("a case");
            let covered = lifecycle::closes_at(case.facts(), rule).is_some();
            let mut partitions = sweep::partitions(tx).await?;
            partitions.retain(|partition| partition.workspace == fixture.ws);
            let mut met = false;
            for partition in partitions {
                met |= sweep::first_armed_from(tx, &partition, partition.enabled_at).await?.is_some();
            }
            assert_eq!(covered, met, "{case:?} {rule:?}");
            Ok(covered)
        })
    });
    read.await.expect("read")
}

#[test]
fn a_switch_on_waits_for_messages_under_way_and_misses_none_of_them_a3() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = (right(&database.url()).await, right(&database.url()).await);
        let fixture = one.write(Desk).await.expect("stored");
        let (has, mut told) = mpsc::unbounded_channel();
        let (may, go) = oneshot::channel();
        let db = one.clone();
        let message = tokio::spawn(async move { db.write(NewCase { fixture, has, go: Mutex::new(Some(go)) }).await });
        told.recv().await.expect("it has read the settings");
        let db = other.clone();
        let switch = tokio::spawn(async move { db.write(SwitchOn(fixture)).await });
        wait_for_an_advisory_waiter(&database);
        may.send(()).expect("it waits");
        message.await.expect("no panic").expect("stored");
        switch.await.expect("no panic").expect("stored");
        armed_as_covered(&one, fixture).await;
    });
}

#[test]
fn many_messages_around_a_switch_on_are_armed_exactly_when_covered_a3() {
    let database = Database::fresh();
    block_on(async {
        let (one, other) = (right(&database.url()).await, right(&database.url()).await);
        let mut covered = 0;
        for n in 1..=ROUNDS {
            struct Nth(i64);
            impl Command for Nth {
                type Output = Fixture;
                async fn run(&self, tx: &mut Tx) -> Result<Fixture, Fault> {
                    Fixture::insert(tx, self.0).await
                }
            }
            let fixture = one.write(Nth(n)).await.expect("stored");
            let (has, _told) = mpsc::unbounded_channel();
            let message = NewCase { fixture, has, go: Mutex::new(None) };
            let (first, second) = (one.clone(), other.clone());
            let message = tokio::spawn(async move { first.write(message).await });
            let switch = tokio::spawn(async move { second.write(SwitchOn(fixture)).await });
            message.await.expect("no panic").expect("stored");
            switch.await.expect("no panic").expect("stored");
            covered += i64::from(armed_as_covered(&one, fixture).await);
        }
        assert!(covered > 0, "no message came after its switch");
    });
}

fn wait_for_an_advisory_waiter(database: &Database) {
    let question = "select count(*) > 0 from pg_locks where locktype = 'advisory' and not granted;";
    for _ in 0..2_000 {
        if database.psql(question).expect("an answer").trim() == "t" {
            return;
        }
    }
    panic!("nobody waits");
}
