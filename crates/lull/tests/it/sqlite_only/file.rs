//! The database as a file: damaged, served twice, looked into.

use crate::support::desk::Place;
use crate::support::process::{Server, lull, run};
use crate::support::{Client, Desk};

#[test]
fn check_is_content_with_a_sound_database_and_not_with_a_damaged_one() {
    let place = Place::new();
    run(lull(&["check", "--database", &place.database()]), "").succeeded();
    std::fs::write(place.dir().join("noise.db"), b"this is no database at all, however long it may be".repeat(100))
        .expect("written");
    let noise = format!("sqlite:{}", place.dir().join("noise.db").display());
    run(lull(&["check", "--database", &noise]), "").refused();
    let mut bytes = std::fs::read(place.file()).expect("read");
    let middle = bytes.len() / 2;
    bytes[4096..middle.max(8192)].fill(0xA5);
    std::fs::write(place.dir().join("damaged.db"), bytes).expect("written");
    let damaged = format!("sqlite:{}", place.dir().join("damaged.db").display());
    run(lull(&["check", "--database", &damaged]), "").refused();
}

#[test]
fn a_second_serve_on_the_same_database_is_refused_and_the_first_goes_on() {
    let mut desk = Desk::start();
    let database = desk.place.database();
    let second = Server::spawn(lull(&["serve", "--database", &database, "--listen", "127.0.0.1:0"]));
    let finished = second.err().expect("a second server must not start").refused();
    assert!(finished.stderr.contains("lull.db"), "it says which database is in use: {finished:?}");
    assert!(desk.server.is_alive());
    desk.open_case();
    desk.server.kill();
    let third = Server::start(&database, &["--test-clock"]);
    Client::new(third.base(), Some(&desk.place.token)).get("/v1/cases/1").expect(200);
}

#[test]
fn a_token_is_not_stored_in_the_clear_t4() {
    let mut desk = Desk::start();
    let member = desk.member("Ada", "agent");
    member.all("/v1/cases");
    desk.server.kill();
    let files = std::fs::read_dir(desk.place.dir()).expect("the directory can be read");
    for file in files.map(|entry| entry.expect("an entry").path()) {
        let bytes = std::fs::read(&file).expect("a readable file");
        for token in [desk.token(), member.token()] {
            let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!found, "{} holds a token", file.display());
        }
    }
}
