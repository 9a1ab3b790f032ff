//! `lull backup`: a consistent copy of a running server's database.

use crate::support::desk::Place;
use crate::support::process::{Server, lull, run};
use crate::support::{Client, Desk, inbound};
use std::path::Path;

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[test]
fn a_backup_of_a_running_server_is_whole_and_can_be_served() {
    let desk = Desk::start();
    desk.auto_close(60);
    for _ in 0..20 {
        desk.open_case();
    }
    desk.advance_minutes(60);
    let before = desk.all("/v1/cases?limit=100");
    let copy = desk.place.dir().join("copy.db");
    run(lull(&["backup", "--database", &desk.place.database(), &copy.display().to_string()]), "").succeeded();
    desk.open_case();
    run(lull(&["check", "--database", &url(&copy)]), "").succeeded();
    run(lull(&["audit", "verify", "--database", &url(&copy)]), "").succeeded();
    let restored = Server::start(&url(&copy), &["--test-clock"]);
    let client = Client::new(restored.base(), Some(&desk.place.token));
    assert_eq!(client.all("/v1/cases?limit=100"), before);
}

#[test]
fn a_backup_taken_while_messages_come_in_is_consistent() {
    let desk = Desk::start();
    let copies: Vec<_> = (0..3).map(|turn| desk.place.dir().join(format!("copy{turn}.db"))).collect();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (client, channel, stop) = (desk.as_token(desk.token()), desk.channel.clone(), &stop);
            scope.spawn(move || {
                for turn in 0..20_000 {
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        return;
                    }
                    client.receive(&inbound(&channel, &format!("c{thread}-{}", turn % 50)));
                }
            });
        }
        let taken: Vec<_> = copies
            .iter()
            .map(|copy| run(lull(&["backup", "--database", &desk.place.database(), &copy.display().to_string()]), ""))
            .collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        taken.into_iter().for_each(|finished| drop(finished.succeeded()));
    });
    for copy in &copies {
        run(lull(&["check", "--database", &url(copy)]), "").succeeded();
        run(lull(&["audit", "verify", "--database", &url(copy)]), "").succeeded();
    }
}

#[test]
fn a_backup_that_cannot_be_written_is_refused() {
    let place = Place::new();
    run(lull(&["backup", "--database", &place.database(), "/nowhere/at/all/copy.db"]), "").refused();
    let own = place.file().display().to_string();
    let before = std::fs::read(place.file()).expect("read");
    run(lull(&["backup", "--database", &place.database(), &own]), "").refused();
    assert!(std::fs::read(place.file()).expect("read") == before, "a database is not its own backup");
}

#[test]
fn a_backup_of_a_database_that_is_not_there_makes_none() {
    let place = Place::new();
    let (missing, copy) = (place.dir().join("missing.db"), place.dir().join("copy.db"));
    run(lull(&["backup", "--database", &url(&missing), &copy.display().to_string()]), "").refused();
    assert!(!missing.exists() && !copy.exists());
}
