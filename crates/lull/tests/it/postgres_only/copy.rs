//! `lull copy`: a desk moves from SQLite to PostgreSQL, also if it is killed on the way.

use crate::support::Client;
use crate::support::desk::{OWNER, create_owner, token};
use crate::support::process::{Finished, Server, lull, run};
use scratch_postgres::Database;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tempfile::TempDir;

/// Enough that a copy takes a while; most of it is in the tables copied last.
const CONVERSATIONS: usize = 1_500;
const ATTEMPTS: usize = 5;

struct Move {
    folder: TempDir,
    target: Database,
}

impl Move {
    /// A file with history in it and an empty database.
    fn new() -> Move {
        let moving = Move { folder: TempDir::new().expect("a temporary folder"), target: Database::fresh() };
        create_owner(&moving.from(), "First Desk", OWNER, &[]).succeeded();
        let lines: Vec<String> = (0..CONVERSATIONS).map(conversation).collect();
        let file = moving.folder.path().join("history.jsonl");
        std::fs::write(&file, lines.join("\n")).expect("the file can be written");
        run(lull(&["import", "--database", &moving.from(), &file.display().to_string()]), "").succeeded();
        moving
    }

    fn from(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("lull.db").display())
    }

    fn copy(&self) -> Finished {
        run(lull(&["copy", "--from", &self.from(), "--to", &self.target.url()]), "")
    }

    /// Starts a copy and ends it by `kill -9` once it is at its third table; whether it was killed on the way.
    fn kill_a_copy(&self) -> bool {
        let mut command = lull(&["copy", "--from", &self.from(), "--to", &self.target.url()]);
        let mut copy = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(copy.stderr.take().expect("a pipe")).lines();
        let shown = lines.map_while(Result::ok).filter(|line| line.contains("; copying ")).nth(2);
        let _ = copy.kill();
        copy.wait().expect("the copy can be waited for");
        assert!(shown.is_some(), "a copy says how far it is");
        run(lull(&["check", "--database", &self.target.url()]), "").stderr.contains("holds an unfinished copy")
    }

    fn check(&self, finished: &Finished) {
        let said = &finished.stdout;
        assert!(said.contains("holds the same rows as its source"), "{finished:?}");
        for (table, rows) in [("cases", CONVERSATIONS), ("messages", 2 * CONVERSATIONS), ("workspaces", 1)] {
            let counted = said.lines().any(|line| line.split_whitespace().eq([table, &rows.to_string()]));
            assert!(counted, "{rows} {table}: {finished:?}");
        }
        let trails = [self.from(), self.target.url()]
            .map(|database| run(lull(&["audit", "verify", "--database", &database]), "").succeeded().stdout);
        assert_eq!(trails[0], trails[1], "the same chain on both sides");
        assert!(run(lull(&["check", "--database", &self.target.url()]), "").code == Some(0));
    }
}

fn conversation(turn: usize) -> String {
    let message = |direction: &str, minute: usize| {
        let author = if direction == "inbound" { format!("user_{turn}") } else { "ShopSupport".to_owned() };
        let at = format!("2018-05-02T16:{minute:02}:00.000Z");
        json!({"direction": direction, "author": author, "at": at, "external_id": format!("{turn}-{minute}"), "text": "Where is my parcel? 📦"})
    };
    let messages = [message("inbound", 1), message("outbound", 2)];
    json!({"conversation": format!("c{turn}"), "brand": "ShopSupport", "network": "x", "messages": messages})
        .to_string()
}

#[test]
fn a_desk_moves_with_everything_and_goes_on_working() {
    let moving = Move::new();
    let token = token(&moving.from(), OWNER);
    let finished = moving.copy().succeeded();
    moving.check(&finished);
    let server = Server::start(&moving.target.url(), &["--test-clock"]);
    let client = Client::new(server.base(), Some(&token));
    let newest = client.get("/v1/cases?limit=1").expect(200);
    let number = newest["data"][0]["number"].as_i64().expect("a case");
    let noted = client.post(&format!("/v1/cases/{number}/comments"), &json!({"text": "moved"}));
    noted.expect(201);
    drop(server);
    run(lull(&["audit", "verify", "--database", &moving.target.url()]), "").succeeded();
    let again = moving.copy().refused();
    assert!(again.stderr.contains("is in use already"), "{again:?}");
}

#[test]
fn a_copy_that_is_killed_goes_on_where_it_stopped() {
    let mut moving = Move::new();
    // On a busy machine the copy may be faster than the kill.
    let mut killed = moving.kill_a_copy();
    for _ in 1..ATTEMPTS {
        if !killed {
            moving.target = Database::fresh();
            killed = moving.kill_a_copy();
        }
    }
    assert!(killed, "no copy was killed on the way in {ATTEMPTS} attempts");
    let early = run(lull(&["serve", "--database", &moving.target.url(), "--listen", "127.0.0.1:0"]), "").refused();
    assert!(early.stderr.contains("holds an unfinished copy: run the same `lull copy` again"), "{early:?}");
    let finished = moving.copy().succeeded();
    assert!(finished.stdout.contains("rows of them were there from an earlier run"), "{finished:?}");
    moving.check(&finished);
}

#[test]
fn a_copy_says_which_address_is_wrong_and_no_password() {
    for (from, to, says) in [
        ("mysql:x", "postgres://ada:hush@db/desk", "--from: unknown database `mysql`"),
        ("sqlite:nowhere.db", "db.example.org", "--to: unknown database"),
        ("sqlite:nowhere.db", "postgres://ada:hush@db/desk", "there is no database at nowhere.db"),
        ("postgres://ada:hush@db/desk", "sqlite:nowhere.db", "not back"),
    ] {
        let refused = run(lull(&["copy", "--from", from, "--to", to]), "").refused();
        assert!(refused.stderr.contains(says) && !refused.said().contains("hush"), "{refused:?}");
    }
}
