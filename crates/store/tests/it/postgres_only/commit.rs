//! A connection that is lost around the commit: what was stored is answered, what was not is done again, nothing twice.

use super::{block_on, number, right};
use domain::id::WorkspaceId;
use scratch_postgres::{Database, Options, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Command, Db, Fault, Tx, outbox, params};

/// Writes a row and an event, and counts its runs.
struct Once {
    runs: Arc<AtomicU32>,
}

impl Command for Once {
    type Output = u32;

    async fn run(&self, tx: &mut Tx) -> Result<u32, Fault> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        tx.put(
            "insert into idempotency (workspace, sender, key, request, status, answer, at) \
                select 1, '', cast(count(*) as text), '', 200, '', 0 from idempotency",
            params![],
        )
        .await?;
        outbox::insert(tx, WorkspaceId(1), "test.happened", None, "{}").await?;
        Ok(run)
    }
}

const ROWS: &str = "select count(*) from idempotency";
const EVENTS: &str = "select count(*) from outbox";

/// Ends the connection in the middle of its commit, as often as the sequence has numbers for.
const CUT: [&str; 3] = [
    "create sequence cuts",
    "create function cut() returns trigger language plpgsql as 'begin if nextval(''cuts'') <= 2 then perform \
     pg_terminate_backend(pg_backend_pid()); end if; return null; end'",
    "create constraint trigger cut after insert on outbox deferrable initially deferred for each row execute function cut()",
];

#[test]
fn a_commit_that_never_happened_is_done_again_and_the_row_is_there_once() {
    let database = Database::fresh();
    block_on(async {
        let db = right(&database.url()).await;
        CUT.iter().for_each(|statement| drop(database.psql(&format!("{statement};")).expect("planted")));
        let runs = Arc::new(AtomicU32::new(0));
        let run = db.write(Once { runs: runs.clone() }).await.expect("stored in the end");
        assert_eq!((run, runs.load(Ordering::SeqCst)), (3, 3), "two commits were cut short");
        assert_eq!((number(&db, ROWS).await, number(&db, EVENTS).await), (1, 1));
        assert!(db.health().problem().is_none());
    });
}

/// Stores a command whose commit's answer is lost, and then asks what became of it.
fn lose_the_answer<C: Command<Output = u32>>(command: C, ask: impl AsyncFnOnce(&Db)) {
    // A server that waits for a standby which is not there commits on its own disk and cannot say so. Until the desk is set
    // up it does not wait.
    let options = Options::durable().with("synchronous_standby_names", "nobody").with("synchronous_commit", "local");
    let server = Server::start(&options).expect("a server");
    server.create_database("desk").expect("a database");
    let url = server.url("desk");
    let waits = |word: &str| {
        server.psql("postgres", &format!("alter database desk set synchronous_commit = '{word}';")).expect("set");
    };
    block_on(async {
        drop(right(&url).await);
        waits("on");
        let db = right(&url).await;
        let writing = db.clone();
        let written = tokio::spawn(async move { writing.write(command).await });
        wait_until(
            &server,
            "select count(*) > 0 from pg_stat_activity where wait_event = 'SyncRep' and datname = 'desk'",
        );
        // A second run would wait as well, and end with the test instead of failing it.
        waits("local");
        let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep';";
        server.psql("postgres", end).expect("ended");
        assert_eq!(written.await.expect("no panic").expect("it was stored"), 1, "it is not run again");
        ask(&db).await;
    });
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_and_not_repeated() {
    lose_the_answer(Once { runs: Arc::default() }, async |db| {
        assert_eq!((number(db, ROWS).await, number(db, EVENTS).await), (1, 1));
    });
}

/// Writes a row and one event of many, as a batch of closings does, and counts its runs.
struct Batch {
    runs: Arc<AtomicU32>,
}

impl Command for Batch {
    type Output = u32;

    async fn run(&self, tx: &mut Tx) -> Result<u32, Fault> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        let rows = format!("[[{}, 1, \"{{}}\"], [{}, 2, \"{{}}\"]]", tx.new_id(), tx.new_id());
        outbox::insert_many(tx, WorkspaceId(1), "test.happened", &rows).await?;
        Ok(run)
    }
}

#[test]
fn a_batch_whose_answer_was_lost_is_found_and_not_repeated() {
    lose_the_answer(Batch { runs: Arc::default() }, async |db| assert_eq!(number(db, EVENTS).await, 2));
}

/// Asks until the answer is yes; the asking itself takes a while.
fn wait_until(server: &Server, question: &str) {
    for _ in 0..2_000 {
        if server.psql("postgres", &format!("{question};")).expect("an answer").trim() == "t" {
            return;
        }
    }
    panic!("it did not come to this: {question}");
}

#[test]
fn a_server_that_is_away_refuses_at_once_and_is_found_again_without_a_restart() {
    let mut server = Server::start(&Options::durable()).expect("a server");
    server.create_database("desk").expect("a database");
    let url = server.url("desk");
    block_on(async {
        let db = right(&url).await;
        let once = || Once { runs: Arc::default() };
        db.write(once()).await.expect("stored");
        server.stop(scratch_postgres::Mode::Immediate).expect("stopped");
        for _ in 0..20 {
            let refused = db.write(once()).await.expect_err("nothing can be stored");
            assert!(refused.is_unavailable(), "{refused}");
        }
        let problem = db.health().problem().expect("it is known");
        assert!(problem.contains("127.0.0.1"), "{problem}");
        let read = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await.map(|_| ()) }));
        assert!(read.await.expect_err("nor read").is_unavailable());
        server.start_again().expect("back");
        db.write(once()).await.expect("stored again");
        assert!(db.health().problem().is_none());
        assert_eq!(number(&db, ROWS).await, 2);
        db.tend().await;
        assert_eq!(number(&db, "select count(*) from pg_locks where locktype = 'advisory'").await, 1, "its number");
    });
}
