//! What a node finds when it starts.

use super::Nodes;
use crate::support::Client;
use crate::support::desk::Place;
use crate::support::process::{Server, lull, run};

#[test]
fn nodes_that_start_together_on_an_empty_database_all_serve() {
    let database = scratch_postgres::Database::fresh();
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Server::start(&database.url(), &[]))).collect();
        starts.into_iter().map(|start| start.join().expect("it starts")).collect()
    });
    for server in &servers {
        Client::new(server.base(), None).get("/readyz").expect(200);
    }
    let migrations = database.psql("select count(*) = max(version) from schema_migrations;").expect("an answer");
    assert_eq!(migrations.trim(), "t");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_running_nodes_go_on() {
    let nodes = Nodes::start();
    nodes
        .desk
        .place
        .psql("insert into schema_migrations (version, name, applied_at) values (1000, 'from the future', 0);");
    let database = nodes.desk.place.database();
    let refused = run(lull(&["serve", "--database", &database, "--listen", "127.0.0.1:0"]), "").refused();
    assert!(refused.stderr.contains("1000") && refused.stderr.contains("newer version"), "{refused:?}");
    nodes.desk.open_case();
}

#[test]
fn a_backup_of_postgresql_is_postgresqls_own_affair() {
    let place = Place::in_postgres();
    let copy = place.dir().join("copy.db").display().to_string();
    let refused = run(lull(&["backup", &copy, "--database", &place.database()]), "").refused();
    assert!(refused.stderr.contains("pg_dump"), "{refused:?}");
    assert!(!place.dir().join("copy.db").exists());
}

#[test]
fn a_place_in_postgresql_is_a_whole_desk_to_the_command_line() {
    let place = Place::in_postgres();
    let checked = run(lull(&["check", "--database", &place.database()]), "").succeeded();
    assert!(checked.stdout.contains("PostgreSQL") && checked.stdout.contains("integrity  ok"), "{checked:?}");
    run(lull(&["audit", "verify", "--database", &place.database()]), "").succeeded();
}
