//! Checkpoints are signed, kept at their rhythm, and carried to a file or a webhook (T3).

use super::*;
use crate::acts::workspaces::CreateOwner;
use crate::clock::TestClock;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use store::Settings;
use tempfile::TempDir;

/// A desk with one workspace, a key and a file for checkpoints.
struct Kept {
    db: Db,
    clock: Arc<TestClock>,
    key: PathBuf,
    file: PathBuf,
    _folder: TempDir,
}

impl Kept {
    async fn new() -> Kept {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock::starting_now());
        let url = store::DatabaseUrl::Sqlite(folder.path().join("lull.db"));
        let db = Db::open(&url, &Settings::default(), clock.clone()).await.expect("a database");
        let (key, file) = (folder.path().join("audit.key"), folder.path().join("checkpoints.jsonl"));
        Key::generate(&key).expect("a key");
        let kept = Kept { db, clock, key, file, _folder: folder };
        kept.grow("first@one.test").await;
        kept
    }

    /// Something that the trail tells of.
    async fn grow(&self, email: &str) {
        let act = CreateOwner {
            workspace: "One".to_owned(),
            plan: None,
            name: "Ann".to_owned(),
            email: email.to_owned(),
            password_hash: "none".to_owned(),
        };
        self.db.write(act).await.expect("stored").expect("accepted");
    }

    fn key(&self) -> Key {
        Key::read(&self.key).expect("a key")
    }

    fn carried_to(&self, place: &str) -> Checkpoints {
        Checkpoints::new(Some(self.key()), Some(place.parse().expect("a place")))
    }

    fn to_file(&self) -> Checkpoints {
        self.carried_to(&self.file.display().to_string())
    }

    fn lines(&self) -> Vec<Written> {
        let text = std::fs::read_to_string(&self.file).expect("the file");
        text.lines().map(|line| Written::parse(line).expect("a checkpoint")).collect()
    }

    async fn head(&self) -> Checkpoint {
        let all = self.db.read(|tx| Box::pin(async move { workspaces::all(tx).await })).await.expect("read");
        of(&self.db, all[0].id).await.expect("read").expect("a head")
    }
}

#[tokio::test]
async fn a_signature_holds_for_what_was_signed_by_that_key_and_nothing_else_t3() {
    let kept = Kept::new().await;
    let (key, checkpoint) = (kept.key(), kept.head().await);
    let written = Written::new(&checkpoint, Some(&key));
    let again = Written::parse(&serde_json::to_string(&written).expect("JSON")).expect("read back");
    assert_eq!(again.checkpoint(), Ok(checkpoint));
    assert_eq!(again.check(&key.public()), Ok(()));
    let forged = [
        Written { seq: written.seq + 1, ..written.clone() },
        Written { hash: "0".repeat(64), ..written.clone() },
        Written { at: "2026-11-23T00:00:00.000Z".to_owned(), ..written.clone() },
        Written { workspace: WorkspaceId(1).to_string(), ..written.clone() },
        Written { signature: Some("0".repeat(128)), ..written.clone() },
        Written { signature: Some("é".repeat(64)), ..written.clone() },
        Written { signature: None, ..written.clone() },
    ];
    for forged in forged {
        assert!(forged.check(&key.public()).is_err(), "{forged:?}");
    }
    for seq in [0, -5] {
        let refused = Written { seq, ..written.clone() }.checkpoint().expect_err("no entry has that number");
        assert!(refused.contains("`seq`"), "{refused}");
    }
    let other = Key::generate(&kept.file.with_extension("other")).expect("another key");
    let resigned = Written::new(&checkpoint, Some(&other));
    let refused = resigned.check(&key.public()).expect_err("another key's");
    assert!(refused.contains(&other.public().id()), "{refused}");
    let borrowed = Written { public_key: written.public_key.clone(), ..resigned };
    assert!(borrowed.check(&key.public()).is_err(), "naming the right key is not having it");
}

#[test]
fn a_key_file_is_its_owners_alone_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.key");
    let key = Key::generate(&file).expect("a key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    }
    assert!(Key::generate(&file).expect_err("it exists").contains("exists already"));
    assert_eq!(Key::read(&file).expect("a key").public(), key.public());
    let public = folder.path().join("audit.pub");
    std::fs::write(&public, format!("{}\n", key.public().hex())).expect("written");
    assert_eq!(PublicKey::read(&public.display().to_string()), Ok(key.public()));
    assert!(PublicKey::read("nonsense").is_err());
    assert!(Key::read(&public).expect_err("not private").contains("lull audit keygen"));
    assert!(!format!("{key:?}").contains(&key.public().hex()));
}

#[tokio::test]
async fn while_the_trail_grows_one_checkpoint_an_hour_is_kept_t3() {
    let kept = Kept::new().await;
    let checkpoints = kept.to_file();
    assert_eq!(checkpoints.next(&kept.db).await.expect("read").map(|at| at < kept.db.now()), Some(true), "at once");
    checkpoints.keep(&kept.db, PATIENT).await.expect("kept");
    assert_eq!(kept.lines().len(), 1);
    assert_eq!(kept.lines()[0].checkpoint(), Ok(kept.head().await));
    assert_eq!(checkpoints.next(&kept.db).await.expect("read"), None, "nothing in sight while nothing happens");

    kept.grow("second@one.test").await;
    let due = kept.db.now().plus(EVERY);
    assert_eq!(checkpoints.next(&kept.db).await.expect("read"), Some(due));
    kept.clock.move_to(due.minus(Span::millis(1)));
    checkpoints.keep(&kept.db, PATIENT).await.expect("not due");
    assert_eq!(kept.lines().len(), 1);
    kept.clock.move_to(due);
    checkpoints.keep(&kept.db, PATIENT).await.expect("kept");
    assert_eq!(kept.lines().len(), 2);
    assert!(kept.lines()[1].seq > kept.lines()[0].seq);
    kept.clock.move_by(Span::days(9));
    checkpoints.keep(&kept.db, PATIENT).await.expect("nothing new");
    assert_eq!((kept.lines().len(), checkpoints.keep_now(&kept.db).await.expect("nothing new")), (2, 0));

    kept.grow("third@one.test").await;
    let restarted = kept.to_file();
    assert_eq!(restarted.keep_now(&kept.db).await.expect("kept"), 1, "also before the hour is over, when asked");
    assert_eq!(kept.to_file().keep_now(&kept.db).await.expect("known"), 0, "what the file holds is not said twice");
    for line in kept.lines() {
        assert_eq!(line.check(&kept.key().public()), Ok(()));
    }
}

#[tokio::test]
async fn a_trail_that_ends_before_what_was_carried_away_is_reported_t3() {
    let kept = Kept::new().await;
    let head = kept.head().await;
    let ahead = Checkpoint { seq: head.seq + 9, ..head };
    let line = serde_json::to_string(&Written::new(&ahead, Some(&kept.key()))).expect("JSON");
    std::fs::write(&kept.file, format!("{line}\n")).expect("written");
    let checkpoints = kept.to_file();
    let why = checkpoints.keep(&kept.db, BRIEF).await.expect_err("reported").to_string();
    let said = format!("ends at entry {}, but entry {} was carried away before", head.seq, ahead.seq);
    assert!(why.contains(&said) && checkpoints.refused() == Some(why), "{said}");
    assert_eq!(kept.lines().len(), 1, "and nothing is kept in its place");
}

#[tokio::test]
async fn a_torn_line_spoils_no_other() {
    let kept = Kept::new().await;
    std::fs::write(&kept.file, "{\"workspace\":\"wsp_").expect("written");
    kept.to_file().keep_now(&kept.db).await.expect("kept");
    let text = std::fs::read_to_string(&kept.file).expect("the file");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "{\"workspace\":\"wsp_"));
    assert!(Written::parse(lines[1]).is_ok() && text.ends_with('\n'));
}

/// Answers so many posts with these status lines and gives what their bodies were.
fn receiver(statuses: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/kept?token=secret", listener.local_addr().expect("an address"));
    let heard = std::thread::spawn(move || {
        let answer = |status: &&str| {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a line");
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("answered");
            String::from_utf8(body).expect("UTF-8")
        };
        statuses.iter().map(answer).collect()
    });
    (url, heard)
}

#[tokio::test]
async fn a_webhook_gets_the_checkpoint_and_is_asked_again_when_it_refuses_t3() {
    let kept = Kept::new().await;
    let (url, heard) = receiver(&["503 Busy", "204 No Content"]);
    kept.carried_to(&url).keep(&kept.db, PATIENT).await.expect("kept at the second try");
    let bodies = heard.join().expect("heard");
    assert_eq!(bodies[0], bodies[1]);
    let written = Written::parse(&bodies[1]).expect("a checkpoint");
    assert_eq!((written.checkpoint(), written.check(&kept.key().public())), (Ok(kept.head().await), Ok(())));
}

#[tokio::test]
async fn a_place_that_refuses_is_reported_without_its_address_and_tried_again_later_t3_t4() {
    let kept = Kept::new().await;
    let (url, heard) = receiver(&["500 Broken", "302 Found"]);
    let checkpoints = kept.carried_to(&url);
    let fault = checkpoints.keep(&kept.db, BRIEF).await.expect_err("refused").to_string();
    assert!(
        fault.contains("500") && !fault.contains("secret") && !format!("{checkpoints:?}").contains("secret"),
        "{fault}"
    );
    assert_eq!(checkpoints.refused(), Some(fault));
    checkpoints.keep(&kept.db, BRIEF).await.expect("not before its time again");
    let again = checkpoints.next(&kept.db).await.expect("read").expect("in sight");
    assert!(again > kept.db.now());
    kept.clock.move_to(again);
    checkpoints.keep(&kept.db, BRIEF).await.expect_err("a redirect leads elsewhere");
    assert_eq!(heard.join().expect("heard").len(), 2);
}

#[test]
fn a_place_is_a_file_or_a_webhook_and_nothing_else() {
    assert!(matches!("/var/lib/checkpoints.jsonl".parse(), Ok(Place::File(_))));
    assert!(matches!("https://hook:secret@example.org/x".parse(), Ok(Place::Webhook(_))));
    for wrong in ["s3://secret@bucket/x", "ftp://x", "http://", "https:///x", "", " "] {
        let refused = wrong.parse::<Place>().expect_err("no place");
        assert!(!refused.contains("secret"), "{refused}");
    }
    let nowhere: Place = "/nowhere/at/all/x.jsonl".parse().expect("a file");
    assert!(nowhere.check().is_err());
}
