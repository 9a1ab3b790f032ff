//! Every write of the process is refused, as on a read-only disk: 503, reads go on, and it recovers.
//!
//! The limit on file sizes, set to nothing on the running process, makes each write fail. That needs no privilege.

use crate::support::desk::Place;
use crate::support::process::{Server, forget_settings};
use crate::support::{Desk, inbound};
use serde_json::json;
use std::io::Write;
use std::process::Command;

/// How often a recovered server may still answer 503 before the test says that it did not recover.
const TRIES: usize = 2_000;

/// Whether `prlimit` is there; a missing tool is a visible skip outside CI.
fn can_limit() -> bool {
    let there = Command::new("prlimit").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "CI needs `prlimit` (util-linux)");
    if !there {
        // Written straight to the stream: what goes through the macro is hidden when the test passes.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: `prlimit` (util-linux) is missing, so writes cannot be refused here");
    }
    there
}

/// A desk whose server ignores the signal that goes with the limit, as a full disk sends none.
fn limited_desk() -> Desk {
    let place = Place::new();
    let mut desk = place.open(&["--test-clock"]);
    desk.server.kill();
    let script = format!(
        "trap '' XFSZ; exec '{}' serve --database '{}' --listen 127.0.0.1:0 --test-clock",
        crate::support::process::binary(),
        desk.place.database()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    forget_settings(&mut command);
    desk.take_over(Server::spawn(command).expect("it starts"));
    desk
}

#[track_caller]
fn limit(desk: &Desk, bytes: &str) {
    let id = desk.server.id().to_string();
    let output = Command::new("prlimit")
        .args(["--pid", &id, &format!("--fsize={bytes}:unlimited")])
        .output()
        .expect("prlimit runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn while_no_write_succeeds_writes_are_503_reads_work_and_it_recovers_a8() {
    if !can_limit() {
        return;
    }
    let mut desk = limited_desk();
    let case = desk.case_of("ada");
    let before = (desk.case(case), desk.messages(case));
    limit(&desk, "0");
    for _ in 0..3 {
        let refused = inbound(&desk.channel, "ada").with("external_id", "refused");
        let answer = desk.post("/v1/messages", refused.body());
        answer.problem(503, "unavailable");
        assert!(
            answer.header("retry-after").is_some_and(|value| value.parse::<u32>().is_ok()),
            "503 says when to come back"
        );
        desk.patch(&format!("/v1/cases/{case}"), &json!({"status": "closed"})).problem(503, "unavailable");
        assert_eq!(desk.anonymous().get("/readyz").status, 503, "it says so");
        assert_eq!(desk.anonymous().get("/livez").status, 200, "the process lives");
        assert_eq!((desk.case(case), desk.messages(case)), before, "reads go on, and nothing is half-written");
    }
    limit(&desk, "unlimited");
    let late = inbound(&desk.channel, "ada").with("external_id", "late");
    let taken = (0..TRIES).any(|_| desk.post("/v1/messages", late.body()).status == 201);
    assert!(taken, "it recovers by itself");
    assert_eq!(desk.anonymous().get("/readyz").status, 200);
    let told: Vec<_> = desk.messages(case).iter().map(|message| message["external_id"].clone()).collect();
    assert_eq!(told.len(), 2, "what was refused is not there, what was taken is: {told:?}");
    assert!(desk.server.is_alive());
    desk.restart(&["--test-clock"]);
    assert_eq!(desk.messages(case).len(), 2);
}
