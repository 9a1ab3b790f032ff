//! Servers that cannot be reached or are not fit, named as the database is opened.
//!
//! These tests, and those of TLS and of moving, run with `LULL_TEST_DATABASE=postgres`: without it no server may be there.

use crate::support::{START, on_postgres};
use domain::time::Timestamp;
use scratch_postgres::{Mode, Options, Server};
use std::sync::Arc;
use store::{Clock, DatabaseUrl, Db, OpenError, Settings};

/// No time passes while a database is opened.
pub struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        START
    }

    fn overrides_database(&self) -> bool {
        true
    }
}

/// Opens a database and looks at something while it is open.
pub fn open<T>(url: &str, look: impl FnOnce() -> T) -> Result<T, String> {
    let settings = Settings { connections: 2, durable: false, ..Settings::default() };
    let url = DatabaseUrl::Postgres(url.to_owned());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let opened = runtime.block_on(Db::open(&url, &settings, Arc::new(Still)));
    // Looking may need a runtime of its own.
    match opened {
        Ok(_db) => Ok(look()),
        Err(OpenError::Postgres(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

fn refusal(url: &str) -> String {
    let why = open(url, || ()).expect_err(url);
    assert!(!why.contains('\n'), "{why}");
    why
}

#[test]
fn a_database_that_is_not_there_or_not_fit_is_refused_with_advice() {
    if !on_postgres() {
        return;
    }
    let server = Server::start(&Options::default()).expect("a server");
    let why = refusal(&server.url("nowhere"));
    let advice = format!("`createdb --host=127.0.0.1 --port={} --owner=lull nowhere`", server.port());
    assert!(why.contains("has no database `nowhere`") && why.contains(&advice), "{why}");

    let ascii = "create database ascii encoding 'SQL_ASCII' locale 'C' template template0";
    server.psql("postgres", ascii).expect("a database");
    let why = refusal(&server.url("ascii"));
    assert!(why.contains("encoding is SQL_ASCII, Lull needs UTF8"), "{why}");

    server
        .psql("postgres", "create database archive;\nalter database archive set default_transaction_read_only = on")
        .expect("one more");
    let why = refusal(&server.url("archive"));
    assert!(why.contains("starts every transaction read-only"), "{why}");

    server.psql("postgres", "create role guest login connection limit 0").expect("a role");
    let why = refusal(&format!("postgres://guest@127.0.0.1:{}/postgres", server.port()));
    assert!(why.contains("has no connection left"), "{why}");
}

#[test]
fn a_server_that_is_stopped_is_named_until_it_is_back() {
    if !on_postgres() {
        return;
    }
    let mut server = Server::start(&Options::default()).expect("a server");
    let url = server.url("postgres");
    server.stop(Mode::Fast).expect("it stops");
    let why = refusal(&url);
    assert!(why.starts_with(&format!("nobody listens at 127.0.0.1:{}", server.port())), "{why}");
    server.start_again().expect("it starts");
    assert_eq!(open(&url, || ()), Ok(()));
}

#[test]
fn of_two_servers_the_one_that_takes_writes_is_found() {
    if !on_postgres() {
        return;
    }
    let mut primary = Server::start(&Options::default()).expect("a server");
    let standby = Server::standby_of(&primary, &Options::default()).expect("a standby");
    let why = refusal(&standby.url("postgres"));
    assert!(why.contains("is a standby, which takes no writes"), "{why}");

    let both = format!("postgres://lull@127.0.0.1:{},127.0.0.1:{}/postgres", standby.port(), primary.port());
    assert_eq!(open(&both, || ()), Ok(()), "the standby stands first");

    primary.stop(Mode::Fast).expect("it stops");
    let why = refusal(&both);
    assert!(why.contains("is a standby") && why.contains("; and nobody listens at"), "{why}");
    standby.promote().expect("it becomes the primary");
    assert_eq!(open(&both, || ()), Ok(()));
}
