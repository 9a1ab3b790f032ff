//! Many nodes start together on one database.

use super::{block_on, number, right};
use crate::support::START;
use scratch_postgres::{Database, Mode, Options, Server};
use std::collections::BTreeSet;
use store::{Command, Fault, Tx};

/// The node number inside an id: six bits above the counter's fifteen.
struct NodeNumber;

impl Command for NodeNumber {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64, Fault> {
        assert!(tx.now() > START);
        Ok((tx.new_id() >> 15) & 63)
    }
}

#[test]
fn nodes_that_start_together_migrate_once_and_take_numbers_of_their_own() {
    let database = Database::fresh();
    block_on(async {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = database.url();
                tokio::spawn(async move { right(&url).await })
            })
            .collect();
        let mut nodes = Vec::new();
        for start in starts {
            nodes.push(start.await.expect("it starts"));
        }
        let mut numbers = BTreeSet::new();
        for node in &nodes {
            numbers.insert(node.write(NodeNumber).await.expect("an id"));
        }
        assert_eq!(numbers.len(), nodes.len(), "{numbers:?}");
        let migrations = number(&nodes[0], "select count(*) from schema_migrations").await;
        assert_eq!(migrations, number(&nodes[0], "select max(version) from schema_migrations").await);
        assert!(nodes.iter().all(|node| node.is_shared() && node.lock_for_serving().is_ok()), "all of them serve");
    });
}

#[test]
fn a_number_is_free_again_when_its_node_is_gone() {
    let database = Database::fresh();
    block_on(async {
        let first = right(&database.url()).await;
        let held = first.write(NodeNumber).await.expect("an id");
        drop(first);
        // The server notices the end of a connection a moment after it.
        for _ in 0..2_000 {
            if database.psql("select count(*) from pg_locks where locktype = 'advisory';").expect("asked").trim() == "0"
            {
                break;
            }
        }
        let second = right(&database.url()).await;
        assert_eq!(second.write(NodeNumber).await.expect("an id"), held);
    });
}

#[test]
fn after_the_server_was_away_every_node_has_its_own_number_again() {
    let mut server = Server::start(&Options::default()).expect("a server");
    server.create_database("desk").expect("a database");
    block_on(async {
        let nodes = [right(&server.url("desk")).await, right(&server.url("desk")).await];
        let mut before = Vec::new();
        for node in &nodes {
            before.push(node.write(NodeNumber).await.expect("an id"));
        }
        server.stop(Mode::Immediate).expect("stopped");
        server.start_again().expect("back");
        // The second is the first to come back, and must not take what the first still makes ids with.
        for (node, before) in nodes.iter().zip(before).rev() {
            node.tend().await;
            assert_eq!(node.write(NodeNumber).await.expect("an id"), before);
        }
    });
}

#[test]
fn a_backup_names_postgresqls_own_ways() {
    let database = Database::fresh();
    let folder = tempfile::tempdir().expect("a folder");
    block_on(async {
        let refused = right(&database.url()).await.backup(&folder.path().join("copy")).expect_err("not ours to make");
        assert!(refused.contains("pg_dump"), "{refused}");
    });
}
