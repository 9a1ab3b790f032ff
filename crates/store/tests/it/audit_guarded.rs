//! The database itself refuses to change, remove or replace an entry of the audit trail (T3).

use crate::support::{Desk, Fixture, on_postgres};
use domain::audit::AuditEvent;
use domain::id::WorkspaceId;
use store::audit::{self, Filter};
use store::{Fault, params};

fn trail(desk: &Desk) -> WorkspaceId {
    let ws = Fixture::new(desk).ws;
    let cases: Vec<_> = (1..=3).map(|n| (n, "{}".to_owned(), "{}".to_owned())).collect();
    desk.write(async move |tx| audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &cases).await);
    while desk.write(async move |tx| audit::chain_pending(tx, ws).await) {}
    ws
}

fn entries(desk: &Desk, ws: WorkspaceId) -> Vec<String> {
    let filter = Filter::default();
    let found = desk.read(async move |tx| audit::window(tx, ws, &filter, 0, 100).await);
    found.into_iter().map(|entry| format!("{entry:?}")).collect()
}

#[test]
fn an_entry_is_never_changed_removed_or_replaced_t3() {
    let desk = Desk::new();
    let ws = trail(&desk);
    let before = entries(&desk, ws);
    assert_eq!(before.len(), 3);
    let columns = "workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash";
    let replace = if on_postgres() {
        format!(
            "insert into audit ({columns}) select {columns} from audit on conflict (workspace, seq) do update set event = 'x'"
        )
    } else {
        format!("insert or replace into audit ({columns}) select {columns} from audit where seq = 2")
    };
    let mut attempts = vec![
        "update audit set old = null".to_owned(),
        "update audit set seq = seq + 10 where seq = 3".to_owned(),
        "delete from audit where seq = 3".to_owned(),
        "delete from audit".to_owned(),
        replace,
    ];
    if on_postgres() {
        attempts.push("truncate audit".to_owned());
    } else {
        attempts.push("update or replace audit set seq = 2 where seq = 3".to_owned());
    }
    for attempt in attempts {
        let statement = attempt.clone();
        let refused = desk.try_write(async move |tx| tx.execute(&statement, params![]).await);
        let Err(Fault::Broken(why)) = &refused else { panic!("{attempt}: {refused:?}") };
        // What PostgreSQL says besides the code stays out of faults (T4); whoever sits at `psql` reads it.
        let said = if on_postgres() { "SQLSTATE 23001" } else { "the audit trail is append-only" };
        assert!(why.contains(said), "{attempt}: {why}");
        assert_eq!(entries(&desk, ws), before, "{attempt}");
    }
}

#[test]
fn the_guard_lets_the_trail_grow_and_goes_only_by_a_hand_that_owns_the_database_t3() {
    let desk = Desk::new();
    let ws = trail(&desk);
    desk.write(async move |tx| {
        audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &[(4, "{}".to_owned(), "{}".to_owned())]).await
    });
    while desk.write(async move |tx| audit::chain_pending(tx, ws).await) {}
    assert_eq!(entries(&desk, ws).len(), 4);
    desk.unguard_the_trail();
    assert_eq!(desk.sql("delete from audit where seq = 4"), 1, "so a test that tampers really does");
}
