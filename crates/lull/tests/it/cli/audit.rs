//! `lull audit`: keys, signed checkpoints of a running desk, and the trail checked against them (T3).

use crate::support::desk::Place;
use crate::support::process::{Finished, lull, run};
use crate::support::{Client, Desk};
use serde_json::Value;
use std::path::PathBuf;

/// A place with a key beside it, and where its desk keeps checkpoints.
struct Keeper {
    place: Place,
    public: String,
}

impl Keeper {
    fn new() -> Keeper {
        let place = Place::new();
        let key = place.dir().join("audit.key").display().to_string();
        let public = run(lull(&["audit", "keygen", &key]), "").succeeded().stdout.trim().to_owned();
        assert_eq!(public.len(), 64, "the public key alone");
        Keeper { place, public }
    }

    fn key(&self) -> String {
        self.place.dir().join("audit.key").display().to_string()
    }

    fn file(&self) -> PathBuf {
        self.place.dir().join("checkpoints.jsonl")
    }

    /// Opens the desk, lets it work, and gives what it kept when it ended.
    fn work(self, work: impl FnOnce(&Desk)) -> Worked {
        let (key, file, public) = (self.key(), self.file(), self.public.clone());
        let kept = file.display().to_string();
        let mut desk = self.place.open(&["--test-clock", "--audit-key", &key, "--audit-checkpoints", &kept]);
        work(&desk);
        assert_eq!(desk.server.terminate(), Some(0));
        let Desk { place, server, .. } = desk;
        drop(server);
        Worked { place, public, file }
    }
}

struct Worked {
    place: Place,
    public: String,
    file: PathBuf,
}

impl Worked {
    fn lines(&self) -> Vec<String> {
        std::fs::read_to_string(&self.file).expect("the file").lines().map(str::to_owned).collect()
    }

    fn verify(&self, more: &[&str]) -> Finished {
        let (database, file) = (self.place.database(), self.file.display().to_string());
        let fixed = ["audit", "verify", "--database", &database, "--checkpoint", &file];
        run(lull(&[&fixed[..], more].concat()), "")
    }
}

fn seqs(lines: &[String]) -> Vec<i64> {
    let seq = |line: &String| serde_json::from_str::<Value>(line).expect("JSON")["seq"].as_i64().expect("a seq");
    lines.iter().map(seq).collect()
}

#[test]
fn a_desk_keeps_a_signed_checkpoint_an_hour_and_one_at_its_end_and_the_trail_is_as_they_say_t3() {
    let worked = Keeper::new().work(|desk| {
        desk.advance_minutes(0);
        desk.auto_close(60);
        desk.open_case();
        desk.advance_minutes(180);
        desk.open_case();
    });
    let lines = worked.lines();
    let seqs = seqs(&lines);
    assert!(lines.len() >= 3 && seqs.is_sorted_by(|one, other| one < other), "{seqs:?}");
    let finished = worked.verify(&["--public-key", &worked.public]).succeeded();
    let said = format!("as {} checkpoints say, up to entry {}", lines.len(), seqs.last().expect("one"));
    assert!(finished.stdout.contains(&said), "{finished:?}");
    let file = worked.place.dir().join("audit.pub");
    std::fs::write(&file, format!("{}\n", worked.public)).expect("written");
    worked.verify(&["--public-key", &file.display().to_string()]).succeeded();
    assert!(worked.verify(&[]).succeeded().stderr.contains("--public-key"), "unchecked signatures are said to be");
}

#[test]
fn a_checkpoint_that_was_forged_or_signed_by_somebody_else_is_no_witness_t3() {
    let worked = Keeper::new().work(|desk| desk.advance_minutes(0));
    let other = Keeper::new().public;
    let refused = worked.verify(&["--public-key", &other]).refused();
    assert!(refused.stderr.contains("signed with another key"), "{refused:?}");
    let seq = seqs(&worked.lines())[0];
    let line = &worked.lines()[0];
    let forged = line.replace(&format!("\"seq\":{seq}"), &format!("\"seq\":{}", seq - 1));
    std::fs::write(&worked.file, format!("{line}\n\n{forged}\n")).expect("written");
    let refused = worked.verify(&["--public-key", &worked.public]).refused();
    assert!(refused.stderr.contains("line 3"), "{refused:?}");
    std::fs::write(&worked.file, format!("{line}\nnonsense\n")).expect("written");
    assert!(worked.verify(&[]).refused().stderr.contains("line 2"));
    std::fs::write(&worked.file, "\n").expect("written");
    worked.verify(&[]).refused();
}

#[test]
fn a_trail_that_is_not_what_a_checkpoint_saw_is_named_t3() {
    let worked = Keeper::new().work(|desk| {
        desk.open_case();
        desk.advance_minutes(60);
        desk.open_case();
    });
    let lines = worked.lines();
    let (first, last) = (seqs(&lines)[0], *seqs(&lines).last().expect("one"));
    let hash = serde_json::from_str::<Value>(&lines[0]).expect("JSON")["hash"].as_str().expect("a hash").to_owned();
    let wrong = lines[0].replace(&hash, &"0".repeat(64));
    std::fs::write(&worked.file, [&[wrong][..], &lines[1..]].concat().join("\n")).expect("written");
    let refused = worked.verify(&[]).refused();
    assert!(refused.stderr.contains(&format!("entry {first} is not the one the checkpoint saw")), "{refused:?}");
    let known = lines.last().expect("one").replace(&format!("\"seq\":{last}"), &format!("\"seq\":{}", last + 5));
    std::fs::write(&worked.file, known).expect("written");
    let refused = worked.verify(&[]).refused();
    assert!(
        refused.stderr.contains(&format!("ends at entry {last}, but entry {} was written", last + 5)),
        "{refused:?}"
    );
}

#[test]
fn the_api_answers_a_signed_checkpoint_where_there_is_a_key_t3() {
    let keeper = Keeper::new();
    let (key, public) = (keeper.key(), keeper.public.clone());
    let mut desk = keeper.place.open(&["--test-clock", "--audit-key", &key]);
    let answer = desk.get("/v1/audit-log/checkpoint");
    let checkpoint = answer.expect(200);
    assert_eq!(checkpoint["public_key"], public.as_str());
    assert!(checkpoint["signature"].is_string() && checkpoint["key_id"].is_string(), "{checkpoint}");
    let file = desk.place.dir().join("one.json");
    // Also in the form in which a person may have kept it.
    std::fs::write(&file, format!("{checkpoint:#}")).expect("written");
    desk.server.kill();
    let (database, file) = (desk.place.database(), file.display().to_string());
    let verify = ["audit", "verify", "--database", &database, "--checkpoint", &file, "--public-key", &public];
    run(lull(&verify), "").succeeded();
    desk.restart(&["--test-clock"]);
    let plain = Client::get(&desk, "/v1/audit-log/checkpoint").expect(200);
    assert!(plain["signature"].is_null() && plain["seq"].is_i64(), "{plain}");
}

#[test]
fn a_checkpoint_can_be_asked_for_and_is_not_said_twice_t3() {
    let keeper = Keeper::new();
    let (database, key, file) = (keeper.place.database(), keeper.key(), keeper.file().display().to_string());
    let ask = || {
        let arguments =
            ["audit", "checkpoint", "--database", &database, "--audit-key", &key, "--audit-checkpoints", &file];
        run(lull(&arguments), "").succeeded().stdout
    };
    assert!(ask().contains("one checkpoint"));
    assert!(ask().contains("nothing new"));
    assert_eq!(std::fs::read_to_string(&file).expect("the file").lines().count(), 1);
}

#[test]
fn keys_and_places_that_cannot_be_used_are_refused_by_name() {
    let keeper = Keeper::new();
    let (database, key) = (keeper.place.database(), keeper.key());
    let again = run(lull(&["audit", "keygen", &key]), "").refused();
    assert!(again.stderr.contains("exists already"), "{again:?}");
    let serve = |more: &[&str]| {
        let fixed = ["serve", "--database", &database, "--listen", "127.0.0.1:0", "--test-clock"];
        run(lull(&[&fixed[..], more].concat()), "").refused()
    };
    assert!(serve(&["--audit-checkpoints", "kept.jsonl"]).stderr.contains("--audit-key"), "a checkpoint is signed");
    assert!(serve(&["--audit-key", "/nowhere/at/all"]).stderr.contains("/nowhere/at/all"));
    assert!(serve(&["--audit-key", &database]).stderr.contains("--audit-key"));
    let place = serve(&["--audit-key", &key, "--audit-checkpoints", "s3://bucket:secret@x"]);
    assert!(place.stderr.contains("s3") && !place.stderr.contains("unknown place `s3://"), "{place:?}");
    assert!(
        serve(&["--audit-key", &key, "--audit-checkpoints", "/nowhere/at/all"]).stderr.contains("--audit-checkpoints")
    );
    run(lull(&["audit", "checkpoint", "--database", &database]), "").refused();
    run(lull(&["audit", "verify", "--database", &database, "--public-key", &keeper.public]), "").refused();
}
