//! The database's clock is the one authority for time, whatever a node's own says (A9).

use super::{Wrong, block_on, node, number, right};
use domain::time::{Span, Timestamp};
use scratch_postgres::Database;
use store::{Command, Fault, Tx};

/// How far a moment may lie from the one asked for before and after it.
const CLOSE: Span = Span::seconds(30);

struct Now;

impl Command for Now {
    type Output = Timestamp;

    async fn run(&self, tx: &mut Tx) -> Result<Timestamp, Fault> {
        Ok(tx.now())
    }
}

const SERVER: &str = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";

#[test]
fn a_node_whose_clock_is_ten_minutes_off_dates_by_the_databases_a9() {
    let database = Database::fresh();
    block_on(async {
        for minutes in [-10, 10] {
            let clock = Wrong::by_minutes(minutes);
            let db = node(&database.url(), clock.clone()).await;
            let between = |from: i64, at: Timestamp, to: i64| {
                // Moments are whole milliseconds.
                assert!(from / 1_000 <= at.as_millis() && at.as_micros() <= to, "{minutes}: {from} {at} {to}");
            };
            let before = number(&db, SERVER).await;
            let at = db.write(Now).await.expect("a moment");
            let after = number(&db, SERVER).await;
            between(before, at, after);
            let seen = db.glance(|tx| Box::pin(async move { Ok(tx.now()) })).await.expect("a moment");
            between(after, seen, number(&db, SERVER).await);
            // Between two looks the node reckons, from how far off it knows itself to be.
            let reckoned = db.now();
            let server = Timestamp::from_micros(number(&db, SERVER).await);
            assert!(
                reckoned <= server && server.since(reckoned).as_micros() < CLOSE.as_micros(),
                "{reckoned} {server}"
            );
            // Its clock is put right, and wrong the other way: the next transaction is dated right all the same.
            clock.set(-minutes);
            let before = number(&db, SERVER).await;
            between(before, db.write(Now).await.expect("a moment"), number(&db, SERVER).await);
        }
    });
}

#[test]
fn moments_are_whole_milliseconds_and_ids_are_dated_with_them() {
    struct Id;
    impl Command for Id {
        type Output = (Timestamp, i64, i64);
        async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Fault> {
            Ok((tx.now(), tx.new_id(), tx.new_id()))
        }
    }
    let database = Database::fresh();
    block_on(async {
        let db = right(&database.url()).await;
        let (now, first, second) = db.write(Id).await.expect("ids");
        assert_eq!(now.as_micros() % 1_000, 0);
        assert!(first < second);
        let (later, third, _) = db.write(Id).await.expect("ids");
        assert!(now <= later && second < third);
    });
}
