//! What goes wrong inside a group: one command is undone alone, a lost transaction is everybody's and is said.

use super::writer::{Act, Row, rows, together};
use crate::support::Desk;
use store::{Fault, params};

/// Ninety-nine that write around one that does not.
fn around(act: Act) -> Vec<Row> {
    let mut rows: Vec<Row> = (1..=99).map(|n| Row(n, Act::Write)).collect();
    rows.insert(50, Row(1_000, act));
    rows
}

#[test]
fn a_failing_command_among_many_is_undone_alone() {
    let desk = Desk::new();
    let answers = together(&desk, around(Act::Fail));
    assert!(matches!(&answers[50], Err(Fault::Broken(why)) if why.contains("changed its mind")), "{:?}", answers[50]);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 99);
    assert_eq!(rows(&desk), 99);
    assert_eq!(desk.number("select count(*) from audit_heads where workspace = 1000"), 0);
    assert_eq!(desk.db.health().problem(), None);
}

#[test]
fn a_panicking_command_is_undone_alone_and_the_writer_lives() {
    let desk = Desk::new();
    let answers = together(&desk, around(Act::Panic));
    assert!(matches!(&answers[50], Err(Fault::Broken(_))), "{:?}", answers[50]);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 99);
    assert_eq!(rows(&desk), 99);
    assert!(together(&desk, vec![Row(2_000, Act::Write)])[0].is_ok());
}

#[test]
fn a_command_that_awaits_something_foreign_is_refused_and_does_not_hang() {
    let desk = Desk::new();
    let answers = together(&desk, around(Act::Wait));
    assert!(matches!(&answers[50], Err(Fault::Broken(_))), "{:?}", answers[50]);
    assert_eq!(rows(&desk), 99);
}

#[test]
fn a_refused_statement_leaves_its_command_nothing() {
    let desk = Desk::new();
    desk.block_on(desk.db.write(Row(1, Act::Write))).expect("stored");
    let twice = desk.try_write(async |tx| {
        tx.execute("insert into audit_heads (workspace, seq, hash) values (2, 0, '')", params![]).await?;
        tx.execute("insert into audit_heads (workspace, seq, hash) values (1, 0, '')", params![]).await
    });
    assert!(matches!(&twice, Err(fault) if !fault.is_unavailable()), "{twice:?}");
    assert_eq!(rows(&desk), 1);
}

#[test]
fn when_the_transaction_is_lost_nobody_in_the_group_is_told_that_it_is_stored() {
    let desk = Desk::new();
    desk.block_on(desk.db.write(Row(1, Act::Write))).expect("stored");
    // What a full disk makes SQLite do by itself.
    let lost = desk.try_write(async |tx| {
        tx.execute("insert into audit_heads (workspace, seq, hash) values (2, 0, '')", params![]).await?;
        tx.execute("rollback", params![]).await
    });
    assert!(matches!(&lost, Err(fault) if fault.is_unavailable()), "{lost:?}");
    assert!(desk.db.health().problem().is_some());
    assert_eq!(rows(&desk), 1);

    desk.block_on(desk.db.write(Row(3, Act::Write))).expect("the next group is a new transaction");
    assert_eq!(desk.db.health().problem(), None);
    assert_eq!(rows(&desk), 2);
}

#[test]
fn a_lost_transaction_names_its_cause_once() {
    let desk = Desk::new();
    let lost = desk.try_write(async |tx| {
        tx.execute("rollback", params![]).await?;
        Err::<(), _>(Fault::Unavailable("database or disk is full".to_owned()))
    });
    let said = lost.expect_err("lost").to_string();
    assert!(said.contains("database or disk is full"), "{said}");
    assert_eq!(said.matches("cannot be used").count(), 1, "{said}");
    let problem = desk.db.health().problem().expect("a problem");
    assert!(problem.contains("database or disk is full"), "{problem}");
}

#[test]
fn a_command_that_finds_the_database_unusable_shows_on_health_until_one_is_stored() {
    let desk = Desk::new();
    let refused = desk.try_write(async |_| Err::<(), _>(Fault::Unavailable("database or disk is full".to_owned())));
    assert!(refused.is_err_and(|fault| fault.is_unavailable()));
    let problem = desk.db.health().problem().expect("a problem");
    assert!(problem.contains("database or disk is full"), "{problem}");
    desk.block_on(desk.db.write(Row(1, Act::Write))).expect("stored");
    assert_eq!(desk.db.health().problem(), None);
}

#[test]
fn a_database_that_became_read_only_answers_unavailable_and_says_why() {
    let desk = Desk::new();
    desk.block_on(desk.db.write(Row(1, Act::Write))).expect("stored");
    desk.write(async |tx| tx.query("pragma query_only = on", params![], |_| Ok(())).await);
    let refused = desk.block_on(desk.db.write(Row(2, Act::Write)));
    assert!(matches!(&refused, Err(fault) if fault.is_unavailable()), "{refused:?}");
    let problem = desk.db.health().problem().expect("a problem");
    assert!(problem.contains("readonly"), "{problem}");
    assert_eq!(rows(&desk), 1, "reads go on");
}
