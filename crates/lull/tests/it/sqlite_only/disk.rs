//! A full disk, for real: a small file system of its own in a namespace of its own, which ends with the test.

use crate::support::desk::Place;
use crate::support::process::{Server, binary, forget_settings};
use crate::support::{Client, inbound};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Room for the database and a few hundred messages.
const SIZE: &str = "6m";
const TRIES: usize = 2_000;
/// More messages than fit.
const MOST: usize = 20_000;

/// A process that holds a mount namespace with a small file system; it ends when its input is closed.
struct SmallDisk {
    holder: Child,
    mount: tempfile::TempDir,
    /// How to follow the holder into its namespaces.
    enter: &'static [&'static str],
}

impl SmallDisk {
    /// `None`, said aloud, where neither root nor user namespaces allow a mount.
    fn make() -> Option<Self> {
        let mount = tempfile::TempDir::new().expect("a directory");
        let script =
            format!("mount -t tmpfs -o size={SIZE} tmpfs '{}' && echo ready && exec cat", mount.path().display());
        let ways: [(&str, &'static [&'static str]); 2] =
            [("-rm", &["--user", "--mount", "--preserve-credentials"]), ("-m", &["--mount"])];
        for (options, enter) in ways {
            let mut command = Command::new("unshare");
            command
                .args([options, "sh", "-c", &script])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
            let Ok(mut holder) = command.spawn() else { continue };
            let mut line = String::new();
            let _ = BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut line);
            if line.trim() == "ready" {
                return Some(Self { holder, mount, enter });
            }
            let _ = holder.kill();
            let _ = holder.wait();
        }
        assert!(std::env::var_os("CI").is_none(), "CI needs `unshare` with a mount");
        // Written straight to the stream: what goes through the macro is hidden when the test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no mount is allowed here, so no disk can be filled");
        None
    }

    /// The small disk as seen from outside its namespace.
    fn outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.mount.path().strip_prefix("/").expect("an absolute path"))
    }

    /// A command that runs inside the namespace.
    fn inside(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string()]).args(self.enter).args(arguments);
        forget_settings(&mut command);
        command
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.mount.path().join("lull.db").display())
    }

    fn serve(&self) -> Result<Server, crate::support::process::Finished> {
        Server::spawn(self.inside(&[binary(), "serve", "--database", &self.database(), "--listen", "127.0.0.1:0"]))
    }

    /// Fills what is left, and gives the file that does.
    fn fill(&self) -> PathBuf {
        let path = self.outside().join("filler");
        let mut file = std::fs::File::create(&path).expect("a file");
        for size in [65_536, 4_096, 512] {
            let block = vec![0_u8; size];
            while file.write_all(&block).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Copies a prepared database onto the small disk.
fn bring(place: &Place, disk: &SmallDisk) {
    for entry in std::fs::read_dir(place.dir()).expect("readable") {
        let from = entry.expect("an entry").path();
        let to = disk.outside().join(Path::new(from.file_name().expect("a name")));
        if !from.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&from, &to).expect("copied");
        }
    }
}

/// A database with a channel, and the channel's id.
fn prepared() -> (Place, String) {
    let mut desk = Place::new().open(&["--test-clock"]);
    desk.server.kill();
    let channel = desk.channel.clone();
    (desk.place, channel)
}

/// Sends messages until one is refused; gives the ids of those that were acknowledged.
fn send_until_refused(client: &Client, channel: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for turn in 0..MOST {
        let id = format!("m{turn}");
        let message =
            inbound(channel, &format!("c{}", turn % 20)).with("external_id", id.clone()).text(&"x".repeat(2_000));
        let answer = client.post("/v1/messages", message.body());
        match answer.status {
            201 => acknowledged.push(id),
            _ => {
                answer.problem(503, "unavailable");
                assert!(answer.header("retry-after").is_some(), "503 says when to come back");
                return acknowledged;
            }
        }
    }
    panic!("{MOST} messages fitted on {SIZE}");
}

fn stored(client: &Client) -> Vec<String> {
    let cases = client.all("/v1/cases?limit=100");
    let messages = cases.iter().flat_map(|case| client.messages(case["number"].as_i64().expect("a number")));
    messages.map(|message| message["external_id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn on_a_full_disk_writes_are_503_reads_work_and_nothing_acknowledged_is_lost() {
    let Some(disk) = SmallDisk::make() else { return };
    let (place, channel) = prepared();
    bring(&place, &disk);
    let mut server = disk.serve().expect("it starts");
    let client = Client::new(server.base(), Some(&place.token));
    client.receive(&inbound(&channel, "first").with("external_id", "first"));
    let filler = disk.fill();
    let mut acknowledged = send_until_refused(&client, &channel);
    acknowledged.push("first".to_owned());
    assert_eq!(client.anonymous().get("/readyz").status, 503, "it says so");
    assert_eq!(client.anonymous().get("/livez").status, 200, "the process lives");
    let count = |held: &[String], id: &String| held.iter().filter(|other| *other == id).count();
    let held = stored(&client);
    assert!(acknowledged.iter().all(|id| count(&held, id) == 1), "reads go on, and all that was acknowledged is there");
    std::fs::remove_file(filler).expect("space is freed");
    let late = inbound(&channel, "late").with("external_id", "late");
    assert!((0..TRIES).any(|_| client.post("/v1/messages", late.body()).status == 201), "it recovers by itself");
    assert_eq!(client.anonymous().get("/readyz").status, 200);
    assert!(server.is_alive());
    server.kill();
    let again = disk.serve().expect("it starts again");
    let client = Client::new(again.base(), Some(&place.token));
    let held = stored(&client);
    acknowledged.push("late".to_owned());
    assert!(acknowledged.iter().all(|id| count(&held, id) == 1), "and after a kill all of it still is");
}

#[test]
fn a_database_on_a_read_only_disk_is_refused_in_words_or_served_for_reading() {
    let Some(disk) = SmallDisk::make() else { return };
    let (place, channel) = prepared();
    bring(&place, &disk);
    let mount = disk.mount.path().display().to_string();
    let output = disk.inside(&["mount", "-o", "remount,ro", &mount]).output().expect("mount runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    match disk.serve() {
        Err(finished) => {
            let finished = finished.refused();
            assert!(finished.stderr.contains("lull.db"), "it says which file cannot be written: {finished:?}");
        }
        Ok(server) => {
            let client = Client::new(server.base(), Some(&place.token));
            client.post("/v1/messages", inbound(&channel, "ada").body()).problem(503, "unavailable");
            assert_eq!(client.anonymous().get("/readyz").status, 503);
            client.get("/v1/cases").expect(200);
        }
    }
}
