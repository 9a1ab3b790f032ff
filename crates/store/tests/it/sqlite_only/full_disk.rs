//! A disk that fills up: writes are refused and nothing is lost, reads go on, and space freed is found again.
//!
//! The test runs itself once more inside a mount namespace of its own, where a small memory disk is mounted; the mount
//! goes with the namespace.

use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use store::{Clock, Command, DatabaseUrl, Db, Fault, Settings, Tx, params};

/// Names the mounted disk to the inner run.
const DISK: &str = "LULL_TEST_SMALL_DISK";
const NAME: &str = "sqlite_only::full_disk::a_full_disk_refuses_writes_loses_nothing_and_is_found_free_again";
/// The disk is smaller than all these rows together.
const ROWS: i64 = 400;
const ROW_BYTES: usize = 64 << 10;

#[test]
fn a_full_disk_refuses_writes_loses_nothing_and_is_found_free_again() {
    match std::env::var_os(DISK) {
        Some(disk) => fill_and_free(&PathBuf::from(disk)),
        None => run_on_a_small_disk(),
    }
}

fn run_on_a_small_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = !Process::new("unshare").arg("-m").arg("true").status().is_ok_and(|status| status.success());
    let flags: &[&str] = if root { &["-r", "-m"] } else { &["-m"] };
    let mount = "mount -t tmpfs -o size=8m lull-test \"$0\"";
    let may_mount = Process::new("unshare").args(flags).args(["sh", "-c", mount]).arg(folder.path()).output();
    if !may_mount.is_ok_and(|output| output.status.success()) {
        let why = "a small disk cannot be mounted here: unshare and mount are needed, as root or with user namespaces";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{why}");
        eprintln!("SKIPPED: {why}");
        return;
    }
    let this = std::env::current_exe().expect("this test's program");
    let script = format!("{mount} && exec \"$1\" --exact {NAME} --nocapture");
    let output = Process::new("unshare")
        .args(flags)
        .args(["sh", "-c", &script])
        .arg(folder.path())
        .arg(this)
        .env(DISK, folder.path())
        .output()
        .expect("the inner run starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        crate::support::START
    }
}

/// A row of a size that fills the disk soon.
struct Big(i64);

impl Command for Big {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let filling = "x".repeat(ROW_BYTES);
        let sql = "insert into audit_heads (workspace, seq, hash) values ($1, 0, $2)";
        tx.execute(sql, params![self.0, filling]).await.map(|_| ())
    }
}

fn fill_and_free(disk: &Path) {
    let path = disk.join("lull.db");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let url = DatabaseUrl::Sqlite(path);
    let open = async { Db::open(&url, &Settings::default(), Arc::new(Still)).await };
    let db = runtime.block_on(open).expect("it opens");
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![0; 4 << 20]).expect("room for the ballast");

    let mut stored = Vec::new();
    let mut refusals = Vec::new();
    for n in 0..ROWS {
        match runtime.block_on(db.write(Big(n))) {
            Ok(()) => stored.push(n),
            Err(fault) => refusals.push(fault),
        }
        if refusals.len() == 3 {
            break;
        }
    }
    assert!(!stored.is_empty() && refusals.len() == 3, "stored {}, refused {refusals:?}", stored.len());
    assert!(refusals.iter().all(Fault::is_unavailable), "{refusals:?}");
    let problem = db.health().problem().expect("health tells");
    assert!(problem.contains("full"), "{problem}");
    assert_eq!(runtime.block_on(numbers(&db)), stored, "every acknowledged row, and no other");

    std::fs::remove_file(&ballast).expect("space is freed");
    runtime.block_on(db.write(Big(ROWS))).expect("it recovers by itself");
    stored.push(ROWS);
    assert_eq!(db.health().problem(), None);
    assert_eq!(runtime.block_on(numbers(&db)), stored);
    assert_eq!(runtime.block_on(db.integrity()).expect("a check"), Vec::<String>::new());
}

async fn numbers(db: &Db) -> Vec<i64> {
    let sql = "select workspace from audit_heads order by workspace";
    let rows = crate::support::read(db, async move |tx: &mut Tx| tx.query(sql, params![], |row| row.get(0)).await);
    rows.await.expect("reads go on")
}
