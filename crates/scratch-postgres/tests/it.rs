//! Servers that are really started, stopped, killed and failed over to.

use scratch_postgres::{Database, Mode, Options, Server};

fn rows(server: &Server) -> String {
    server.psql("postgres", "select count(*) from kept").expect("an answer")
}

fn with_a_row(options: &Options) -> Server {
    let server = Server::start(options).expect("a server");
    server.psql("postgres", "create table kept (id int);\ninsert into kept values (1)").expect("a row");
    server
}

#[test]
fn each_database_is_empty_its_own_and_gone_when_dropped() {
    let (one, other) = (Database::fresh(), Database::fresh());
    assert_ne!(one.url(), other.url());
    one.psql("create table here (id int)").expect("a table");
    assert!(other.psql("select * from here").expect_err("another database").contains("does not exist"));
    let count = "select count(*) from pg_database where datname = '";
    let name = one.url().rsplit('/').next().expect("a name").to_owned();
    assert_eq!(other.psql(&format!("{count}{name}'")).as_deref(), Ok("1"));
    drop(one);
    assert_eq!(other.psql(&format!("{count}{name}'")).as_deref(), Ok("0"));
}

#[test]
fn a_named_database_can_be_dropped_and_made_again() {
    let server = Server::start(&Options::default().with("work_mem", "'5MB'")).expect("a server");
    server.create_database("lull").expect("made");
    assert!(server.create_database("lull").is_err());
    server.drop_database("lull").expect("dropped");
    server.create_database("lull").expect("made again");
    assert_eq!(server.psql("lull", "show work_mem").as_deref(), Ok("5MB"));
    assert_eq!(server.psql("lull", "show fsync").as_deref(), Ok("off"));
}

#[test]
fn a_durable_server_keeps_what_was_committed_through_an_immediate_stop_and_a_kill() {
    let mut server = with_a_row(&Options::durable());
    let (port, first) = (server.port(), server.postmaster_pid());
    server.stop(Mode::Immediate).expect("stopped");
    assert_eq!(server.postmaster_pid(), None);
    assert!(server.psql("postgres", "select 1").is_err());
    server.start_again().expect("started");
    assert_eq!((server.port(), rows(&server).as_str()), (port, "1"));
    assert_ne!(server.postmaster_pid(), first);
    server.kill().expect("killed");
    server.start_again().expect("started");
    assert_eq!(rows(&server), "1");
    server.stop(Mode::Fast).expect("stopped");
    server.start_again().expect("started");
    assert_eq!(rows(&server), "1");
}

#[test]
fn a_dropped_server_leaves_no_folder_behind() {
    let server = Server::start(&Options::default()).expect("a server");
    let folder = server.data();
    assert!(folder.exists());
    drop(server);
    assert!(!folder.exists() && !folder.parent().expect("its own").exists());
}

#[test]
fn a_promoted_standby_has_what_its_synchronous_primary_acknowledged() {
    let mut primary = with_a_row(&Options::durable());
    let standby = Server::standby_of(&primary, &Options::durable()).expect("a standby");
    primary.make_synchronous().expect("in step");
    assert_eq!(standby.is_in_recovery(), Ok(true));
    primary.psql("postgres", "insert into kept values (2)").expect("acknowledged");
    primary.kill().expect("killed");
    standby.promote().expect("promoted");
    assert_eq!(standby.is_in_recovery(), Ok(false));
    assert_eq!(rows(&standby), "2");
    standby.psql("postgres", "insert into kept values (3)").expect("it waits for no other standby");
}
