//! `create-owner`, `token`, `check`, `serve`: their outputs and refusals.

use crate::support::desk::{OWNER, Place, create_owner};
use crate::support::process::{Finished, Server, lull, run};
use crate::support::{Client, Desk};

/// Runs a command of one word against a place's database.
fn at(place: &Place, arguments: &[&str]) -> Finished {
    let database = place.database();
    run(lull(&[arguments, &["--database", &database]].concat()), "")
}

#[test]
fn token_prints_the_token_alone_and_it_works() {
    let place = Place::new();
    let finished = at(&place, &["token", "--email", OWNER, "--name", "laptop"]).succeeded();
    let mut lines = finished.stdout.lines();
    let token = lines.next().expect("a line").to_owned();
    assert_eq!(lines.next(), None, "nothing else: {:?}", finished.stdout);
    assert!(!token.contains(char::is_whitespace) && token.len() >= 24);
    assert!(!finished.stderr.contains(&token), "not in the log");
    let desk = place.open(&["--test-clock"]);
    let client = desk.as_token(&token);
    assert!(client.all("/v1/agents").iter().any(|agent| agent["email"] == OWNER));
    assert!(client.all("/v1/tokens").iter().any(|held| held["name"] == "laptop"));
}

#[test]
fn token_for_nobody_is_refused_and_prints_nothing() {
    let place = Place::new();
    let finished = at(&place, &["token", "--email", "nobody@desk.test", "--name", "laptop"]).refused();
    assert_eq!(finished.stdout, "");
    assert!(finished.stderr.contains("nobody@desk.test"), "{finished:?}");
    assert_eq!(at(&place, &["token", "--email", OWNER, "--name", " "]).refused().stdout, "");
    at(&place, &["token"]).refused();
}

#[test]
fn create_owner_makes_a_workspace_with_its_plan() {
    let place = Place::new();
    create_owner(&place.database(), "Small Desk", "small@desk.test", &["--plan", "standard"]).succeeded();
    let token = crate::support::desk::token(&place.database(), "small@desk.test");
    let desk = place.open(&["--test-clock"]);
    let workspace = desk.as_token(&token).get("/v1/workspace").expect(200);
    assert_eq!((workspace["name"].as_str(), workspace["plan"].as_str()), (Some("Small Desk"), Some("standard")));
    assert_eq!(desk.get("/v1/workspace").expect(200)["name"], "First Desk");
}

#[test]
fn create_owner_refuses_bad_input_and_writes_nothing() {
    let place = Place::new();
    let database = place.database();
    create_owner(&database, " ", "new@desk.test", &[]).refused();
    create_owner(&database, "New Desk", "not-an-address", &[]).refused();
    create_owner(&database, "New Desk", "", &[]).refused();
    assert!(
        create_owner(&database, "New Desk", "new@desk.test", &["--plan", "gold"]).refused().stderr.contains("gold")
    );
    create_owner(&database, "New Desk", OWNER, &[]).refused();
    let arguments = [
        "create-owner",
        "--database",
        &database,
        "--workspace",
        "New Desk",
        "--email",
        "new@desk.test",
        "--name",
        "Neo",
        "--password-stdin",
    ];
    for password in ["", "\n", "short\n"] {
        run(lull(&arguments), password).refused();
    }
    run(lull(&["create-owner", "--database", &database]), "").refused();
    at(&place, &["token", "--email", "new@desk.test", "--name", "laptop"]).refused();
    let desk = place.open(&["--test-clock"]);
    assert_eq!(desk.all("/v1/agents").len(), 1);
}

#[test]
fn no_command_says_a_password() {
    let place = Place::new();
    let finished = create_owner(&place.database(), "New Desk", "new@desk.test", &[]).succeeded();
    assert!(!finished.said().contains(crate::support::desk::PASSWORD));
}

#[test]
fn an_unknown_database_is_refused_by_name_by_every_command() {
    let empty = tempfile::TempDir::new().expect("a directory");
    for (url, name) in [
        ("mysql://localhost/desk", "mysql"),
        ("mongodb://localhost", "mongodb"),
        ("sqlite3:lull.db", "sqlite3"),
        ("lull.db", "lull.db"),
    ] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["check"],
            &["audit", "verify"],
            &["backup", "copy.db"],
            &["token", "--email", "a@b.test", "--name", "x"],
        ] {
            let mut process = lull(&[command, &["--database", url]].concat());
            process.current_dir(empty.path());
            let finished = run(process, "").refused();
            assert!(finished.stderr.contains(name), "{command:?} on {url}: {finished:?}");
        }
    }
    let left: Vec<_> = std::fs::read_dir(empty.path()).expect("readable").collect();
    assert!(left.is_empty(), "no database was made instead: {left:?}");
}

#[test]
fn options_are_taken_from_the_environment_too() {
    let place = Place::new();
    let mut process = lull(&["token", "--email", OWNER, "--name", "env"]);
    process.env("LULL_DATABASE", place.database());
    run(process, "").succeeded();
    let mut process = lull(&["check"]);
    process.env("LULL_DATABASE", "mysql://localhost");
    assert!(run(process, "").refused().stderr.contains("mysql"));
    let mut process = lull(&["serve", "--test-clock"]);
    process.env("LULL_DATABASE", place.database()).env("LULL_LISTEN", "127.0.0.1:0");
    let server = Server::spawn(process).expect("it starts");
    Client::new(server.base(), Some(&place.token)).get("/v1/cases").expect(200);
}

#[test]
fn a_port_in_use_or_a_bad_address_is_refused() {
    let (desk, other) = (Desk::start(), Place::new());
    let taken = desk.server.base().trim_start_matches("http://").to_owned();
    for address in [taken.as_str(), "nonsense", "127.0.0.1", "127.0.0.1:99999"] {
        let database = other.database();
        let ended = Server::spawn(lull(&["serve", "--database", &database, "--listen", address]));
        ended.err().unwrap_or_else(|| panic!("{address} should be refused")).refused();
    }
}

#[test]
fn unknown_commands_and_options_are_refused() {
    run(lull(&["dance"]), "").refused();
    run(lull(&["serve", "--fly"]), "").refused();
    run(lull(&["import"]), "").refused();
    let help = run(lull(&["--help"]), "").succeeded();
    for command in ["serve", "create-owner", "token", "import", "backup", "audit", "check"] {
        assert!(help.stdout.contains(command), "{command}");
    }
    run(lull(&["--version"]), "").succeeded();
}
