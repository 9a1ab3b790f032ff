//! The database as a file: who may serve it, copies of it, and whether it is whole.

use crate::support::{Desk, read};
use std::path::PathBuf;
use store::{DatabaseUrl, OpenError, Settings, Tx, params};

#[test]
fn a_second_server_on_the_same_file_is_refused_until_the_first_lets_go() {
    let desk = Desk::new();
    let other = desk.open_again().expect("opening is not serving");
    let held = desk.db.lock_for_serving().expect("the first may serve");
    let refused = other.lock_for_serving().expect_err("the second may not");
    assert!(matches!(refused, OpenError::AlreadyServed { .. }), "{refused}");
    assert!(refused.to_string().contains("already served"), "{refused}");
    drop(held);
    other.lock_for_serving().expect("now it may");
}

#[cfg(unix)]
#[test]
fn another_name_of_the_same_file_is_the_same_database() {
    let desk = Desk::new();
    let link = desk.beside("alias.db");
    std::os::unix::fs::symlink(desk.path(), &link).expect("a link");
    let _held = desk.db.lock_for_serving().expect("the first may serve");
    let other = desk.open_at(&DatabaseUrl::Sqlite(link), &Settings::default()).expect("it opens");
    assert!(matches!(other.lock_for_serving(), Err(OpenError::AlreadyServed { .. })));
}

#[test]
fn addresses_name_their_database_and_others_are_refused_by_name() {
    let sqlite = |path: &str| Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
    assert_eq!("sqlite:./lull.db".parse(), sqlite("./lull.db"));
    assert_eq!("sqlite:/var/lib/lull.db".parse(), sqlite("/var/lib/lull.db"));
    assert_eq!("sqlite:///var/lib/lull.db".parse(), sqlite("/var/lib/lull.db"));
    let postgres = "postgres://desk:secret@db/lull";
    assert_eq!(postgres.parse(), Ok(DatabaseUrl::Postgres(postgres.to_owned())));
    for (address, scheme) in
        [("mysql://root:secret@db/x", "mysql"), ("lull.db", "lull.db"), ("", ""), ("sqlite:", "sqlite")]
    {
        let refusal = address.parse::<DatabaseUrl>().expect_err(address);
        assert_eq!(refusal.0, scheme);
        assert!(!refusal.to_string().contains("secret"), "{refusal}");
    }
}

#[test]
fn a_database_that_lives_nowhere_is_refused() {
    let desk = Desk::new();
    for path in [":memory:", ""] {
        let url = DatabaseUrl::Sqlite(PathBuf::from(path));
        let opened = desk.open_at(&url, &Settings::default());
        assert!(matches!(opened, Err(OpenError::Failed { .. })), "{path:?}: each connection would see another one");
    }
}

/// Both counters rise in one transaction, so a copy in which they differ is torn.
async fn count_up(tx: &mut Tx) -> Result<(), store::Fault> {
    let sql = "update audit_heads set seq = seq + 1 where workspace = 1";
    tx.execute(sql, params![]).await?;
    tx.execute("update workspaces set last_case_number = last_case_number + 1 where id = 1", params![]).await?;
    Ok(())
}

#[test]
fn a_backup_made_while_others_write_is_of_one_moment() {
    let desk = Desk::new();
    desk.sql("insert into audit_heads (workspace, seq, hash) values (1, 0, '')");
    desk.sql(
        "insert into workspaces (id, name, time_zone, plan, last_case_number, created_at) \
         values (1, 'a', 'UTC', 'advanced', 0, 0)",
    );
    // Pages to copy between those of the two counters.
    desk.sql(
        "insert into outbox (id, workspace, at, event, data) with recursive n (i) as \
         (select 1 union all select i + 1 from n where i < 5000) select i, 1, 0, 'e', printf('%.200c', 'x') from n",
    );
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (db, stop) = (desk.db.clone(), stop.clone());
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let mut commands = 0;
            while !stop.load(std::sync::atomic::Ordering::SeqCst) || commands < 10 {
                let command = crate::support::Once::new(async |tx: &mut Tx| count_up(tx).await);
                runtime.block_on(db.write(command)).expect("writing goes on");
                commands += 1;
            }
        }
    });
    let copies: Vec<_> = (0..5).map(|n| desk.beside(&format!("copy-{n}.db"))).collect();
    let made: Vec<_> = copies.iter().map(|copy| desk.db.backup(copy)).collect();
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    writer.join().expect("the writer");
    for (copy, made) in copies.iter().zip(made) {
        made.expect("a backup");
        assert!(!copy.with_extension("db-wal").exists(), "the copy is one file");
        let bytes = std::fs::read(copy).expect("the copy");
        assert_eq!(bytes[18..20], [1, 1], "and needs no log");
        let db = desk.open_at(&DatabaseUrl::Sqlite(copy.clone()), &Settings::default()).expect("opens");
        let counters = desk.block_on(read(&db, async |tx: &mut Tx| {
            let sql = "select (select seq from audit_heads), (select last_case_number from workspaces), \
                       (select count(*) from outbox)";
            tx.query_one(sql, params![], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?))).await
        }));
        let (heads, numbers, rows) = counters.expect("a read");
        assert_eq!((heads, rows), (numbers, 5000));
        assert_eq!(desk.block_on(db.integrity()).expect("a check"), Vec::<String>::new());
    }
}

#[test]
fn a_backup_never_overwrites_and_leaves_nothing_half_written() {
    let desk = Desk::new();
    let copy = desk.beside("copy.db");
    std::fs::write(&copy, "dear to somebody").expect("a file");
    assert!(desk.db.backup(&copy).expect_err("refused").contains("never overwrites"));
    assert_eq!(std::fs::read_to_string(&copy).expect("the file"), "dear to somebody");
    assert!(desk.db.backup(&desk.path()).is_err(), "least of all the database itself");
    assert!(desk.db.backup(&desk.beside("no/such/folder/copy.db")).is_err());
}

#[test]
fn a_damaged_page_is_found() {
    let desk = Desk::new();
    desk.sql(
        "insert into outbox (id, workspace, at, event, data) with recursive n (i) as \
         (select 1 union all select i + 1 from n where i < 2000) select i, 1, 0, 'e', printf('%.100c', 'x') from n",
    );
    assert_eq!(desk.block_on(desk.db.integrity()).expect("a check"), Vec::<String>::new());
    let copy = desk.beside("copy.db");
    desk.db.backup(&copy).expect("a backup");
    let mut bytes = std::fs::read(&copy).expect("the copy");
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    // A page in the middle of the largest table, its header and cell pointers.
    let middle = (bytes.len() / page - 8) * page;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0x5a);
    std::fs::write(&copy, bytes).expect("the damage");
    let db = desk.open_at(&DatabaseUrl::Sqlite(copy), &Settings::default()).expect("it opens");
    let found = desk.block_on(db.integrity());
    assert!(found.as_ref().is_err() || found.as_ref().is_ok_and(|found| !found.is_empty()), "{found:?}");
}
