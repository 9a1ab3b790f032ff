//! The audit trail: appended, chained, and every kind of tampering is found (T2, T3).

use crate::support::{Desk, Fixture, at};
use domain::audit::{AuditEvent, Broken, Hash, genesis};
use domain::closure::Actor;
use domain::id::{AgentId, WorkspaceId};
use domain::time::Span;
use store::audit::{self, AuditEntry, Filter, New};

fn new(event: AuditEvent, object_id: &str) -> New<'static> {
    New {
        event,
        actor: Actor::Agent(AgentId(5)),
        actor_name: Some("Ada \"the\" Countess"),
        object_kind: "workspace",
        object_id: object_id.to_owned(),
        old: Some(r#"{"threshold":60}"#.to_owned()),
        new: None,
        address: Some("2001:db8::1"),
    }
}

/// Six entries, one by one and by the set, a minute apart.
fn trail(desk: &Desk, ws: WorkspaceId) {
    for n in 0..3 {
        let entry = new(AuditEvent::CaseSettingsUpdated, &format!("w{n}"));
        desk.write(async move |tx| audit::append(tx, ws, &entry).await);
        desk.pass(Span::minutes(1));
    }
    let cases: Vec<_> =
        (1..=3).map(|n| (n, r#"{"status":"open"}"#.to_owned(), r#"{"status":"closed"}"#.to_owned())).collect();
    desk.write(async move |tx| audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &cases).await);
    chain(desk, ws);
}

/// On PostgreSQL entries wait to be chained: what reads the trail sees to that first.
fn chain(desk: &Desk, ws: WorkspaceId) {
    while desk.write(async move |tx| audit::chain_pending(tx, ws).await) {}
}

fn verify(desk: &Desk, ws: WorkspaceId, checkpoint: Option<(i64, Hash)>) -> Result<(i64, Hash), Broken> {
    chain(desk, ws);
    desk.read(async move |tx| audit::verify(tx, ws, checkpoint).await)
}

fn list(desk: &Desk, ws: WorkspaceId, filter: Filter, before: Option<i64>, limit: i64) -> Vec<AuditEntry> {
    chain(desk, ws);
    desk.read(async move |tx| audit::list(tx, ws, &filter, before, limit).await)
}

fn seqs(entries: &[AuditEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.seq).collect()
}

#[test]
fn entries_come_back_as_written_newest_first_t2() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    trail(&desk, ws);
    let all = list(&desk, ws, Filter::default(), None, 100);
    assert_eq!(seqs(&all), [6, 5, 4, 3, 2, 1]);
    let (first, last) = (&all[5], &all[0]);
    assert_eq!((first.at, first.event.as_str()), (at(0), "CASE_SETTINGS_UPDATED"));
    let actor = audit::actor_json(Actor::Agent(AgentId(5)), Some("Ada \"the\" Countess"));
    assert_eq!(
        (first.actor.as_str(), first.object_kind.as_str(), first.object_id.as_str()),
        (actor.as_str(), "workspace", "w0")
    );
    let (old, address) = (first.old.as_deref(), first.address.as_deref());
    assert_eq!((old, first.new.as_deref(), address), (Some(r#"{"threshold":60}"#), None, Some("2001:db8::1")));
    assert_eq!((last.at, last.event.as_str(), last.object_id.as_str()), (at(3), "CASE_AUTO_CLOSED", "3"));
    assert_eq!(last.actor, audit::actor_json(Actor::Engine, None));
    assert_eq!(
        (last.old.as_deref(), last.new.as_deref()),
        (Some(r#"{"status":"open"}"#), Some(r#"{"status":"closed"}"#))
    );
}

#[test]
fn entries_are_found_by_event_object_and_time() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    trail(&desk, ws);
    let text = |text: &str| Some(text.to_owned());
    let found = |filter: Filter| seqs(&list(&desk, ws, filter, None, 100));
    assert_eq!(found(Filter { event: text("CASE_AUTO_CLOSED"), ..Filter::default() }), [6, 5, 4]);
    assert_eq!(found(Filter { object_kind: text("workspace"), ..Filter::default() }), [3, 2, 1]);
    assert_eq!(found(Filter { object_kind: text("case"), object_id: text("2"), ..Filter::default() }), [5]);
    assert_eq!(
        found(Filter { from: Some(at(1)), to: Some(at(3)), ..Filter::default() }),
        [3, 2],
        "from, and before to"
    );
    assert_eq!(found(Filter { event: text("NOTHING"), ..Filter::default() }), [] as [i64; 0]);
    assert_eq!(seqs(&list(&desk, ws, Filter::default(), None, 2)), [6, 5]);
    assert_eq!(seqs(&list(&desk, ws, Filter::default(), Some(5), 2)), [4, 3]);
    assert!(list(&desk, WorkspaceId(9), Filter::default(), None, 9).is_empty());
}

#[test]
fn a_whole_trail_verifies_and_each_workspace_has_its_own_t3() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await).ws;
    assert_eq!(verify(&desk, ws, None), Ok((0, genesis(ws))), "nothing was written yet");
    trail(&desk, ws);
    trail(&desk, other);
    let head = desk.read(async move |tx| audit::head(tx, ws).await).expect("a head");
    assert_eq!(head.0, 6);
    assert_eq!(verify(&desk, ws, None), Ok(head));
    assert_eq!(verify(&desk, ws, Some(head)), Ok(head), "a checkpoint of now");
    let entry = new(AuditEvent::SignedIn, "x");
    desk.write(async move |tx| audit::append(tx, ws, &entry).await);
    let later = verify(&desk, ws, Some(head)).expect("a checkpoint of before");
    assert_eq!(later.0, 7);
    assert_eq!(verify(&desk, other, None).expect("untouched").0, 6);
    assert_eq!(desk.read(async |tx| audit::head(tx, WorkspaceId(9)).await), None);
}

#[test]
fn an_empty_set_appends_nothing() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let append = || desk.write(async move |tx| audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &[]).await);
    append();
    assert_eq!(verify(&desk, ws, None), Ok((0, genesis(ws))));
    trail(&desk, ws);
    append();
    assert_eq!(verify(&desk, ws, None).expect("whole").0, 6);
}

#[test]
fn an_undone_command_leaves_no_hole() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    trail(&desk, ws);
    let undone = desk.try_write(async move |tx| {
        audit::append(tx, ws, &new(AuditEvent::SignedIn, "x")).await?;
        Err::<(), _>(store::Fault::Broken("undone".to_owned()))
    });
    assert!(undone.is_err());
    trail(&desk, ws);
    assert_eq!(verify(&desk, ws, None).expect("whole").0, 12);
}

/// Every column that is hashed, each in an entry written alone and in one of a set (T3).
#[test]
fn an_edited_entry_is_found_t3() {
    let edits = [
        "at = at + 1",
        "event = 'CASE_CLOSED'",
        "actor = '{}'",
        "object_kind = 'cases'",
        "object_id = '99'",
        "old = null",
        "old = ''",
        "new = '{}'",
        "address = ''",
        "hash = upper(hash)",
        "hash = ''",
        "hash = '0000000000000000000000000000000000000000000000000000000000000000'",
    ];
    for (edit, seq) in edits.into_iter().flat_map(|edit| [(edit, 2), (edit, 5)]) {
        let desk = Desk::new();
        let ws = Fixture::new(&desk).ws;
        trail(&desk, ws);
        desk.unguard_the_trail();
        desk.sql(&format!("update audit set {edit} where seq = {seq}"));
        assert_eq!(verify(&desk, ws, None), Err(Broken::Altered { seq }), "{edit}");
    }
}

#[test]
fn deleted_inserted_and_swapped_entries_are_found_t3() {
    let columns = "workspace, at, event, actor, object_kind, object_id, old, new, address, hash";
    let insert = format!("insert into audit (seq, {columns}) select 7, {columns} from audit where seq = 6");
    let squeeze = format!("insert into audit (seq, {columns}) select 0, {columns} from audit where seq = 1");
    let tampered: [(&[&str], Broken); 6] = [
        (&["delete from audit where seq = 3"], Broken::Gap { expected: 3, found: 4 }),
        (&["delete from audit where seq = 1"], Broken::Gap { expected: 1, found: 2 }),
        (
            &["delete from audit where seq = 3", "update audit set seq = seq - 1 where seq > 3"],
            Broken::Altered { seq: 3 },
        ),
        (&[&insert], Broken::Altered { seq: 7 }),
        (&[&squeeze], Broken::Gap { expected: 1, found: 0 }),
        (
            &[
                "update audit set seq = 100 where seq = 2",
                "update audit set seq = 2 where seq = 3",
                "update audit set seq = 3 where seq = 100",
            ],
            Broken::Altered { seq: 2 },
        ),
    ];
    for (statements, expected) in tampered {
        let desk = Desk::new();
        let ws = Fixture::new(&desk).ws;
        trail(&desk, ws);
        desk.unguard_the_trail();
        for statement in statements {
            assert!(desk.sql(statement) > 0, "{statement}");
        }
        assert_eq!(verify(&desk, ws, None), Err(expected), "{statements:?}");
    }
}

#[test]
fn a_cut_trail_is_found_by_its_head_and_a_cut_head_by_a_checkpoint_t3() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    trail(&desk, ws);
    let checkpoint = desk.read(async move |tx| audit::head(tx, ws).await).expect("a head");
    let wrong = (checkpoint.0, [7; 32]);
    assert_eq!(verify(&desk, ws, Some(wrong)), Err(Broken::NotTheCheckpoint { seq: 6 }));

    desk.unguard_the_trail();
    desk.sql("delete from audit where seq > 4");
    assert_eq!(verify(&desk, ws, None), Err(Broken::Truncated { ends_at: 4, known: 6 }));
    desk.sql("update audit_heads set seq = 4, hash = (select hash from audit where seq = 4)");
    assert!(verify(&desk, ws, None).is_ok(), "whole in itself: only a checkpoint kept elsewhere shows the cut");
    assert_eq!(verify(&desk, ws, Some(checkpoint)), Err(Broken::Truncated { ends_at: 4, known: 6 }));
    desk.sql("delete from audit_heads");
    assert_eq!(verify(&desk, ws, None), Err(Broken::Altered { seq: 1 }), "a head goes missing only by somebody's hand");
    desk.sql("delete from audit");
    assert_eq!(verify(&desk, ws, Some(checkpoint)), Err(Broken::Truncated { ends_at: 0, known: 6 }));
}

#[test]
fn a_forged_end_is_found_by_the_head_t3() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    trail(&desk, ws);
    let head = "select seq, hash from audit_heads";
    let (seq, hash) = desk.read(async move |tx| {
        tx.query_one(head, store::params![], |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?))).await
    });
    // A well-made entry behind the newest one, with the head put back as it was.
    let forged = new(AuditEvent::SignedIn, "nobody");
    desk.write(async move |tx| audit::append(tx, ws, &forged).await);
    chain(&desk, ws);
    desk.sql(&format!("update audit_heads set seq = {seq}, hash = '{hash}'"));
    assert_eq!(verify(&desk, ws, None), Err(Broken::Altered { seq: 7 }));
}

#[test]
fn a_trail_moved_to_another_workspace_is_found_t3() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await).ws;
    trail(&desk, ws);
    desk.unguard_the_trail();
    for table in ["audit", "audit_heads"] {
        desk.sql(&format!("update {table} set workspace = {}", other.0));
    }
    assert_eq!(verify(&desk, other, None), Err(Broken::Altered { seq: 1 }));
}

/// More entries than one step of the walk reads.
#[test]
fn a_long_trail_is_walked_to_its_end_t3() {
    const ENTRIES: i64 = 5_001;
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let cases: Vec<_> = (1..=ENTRIES).map(|n| (n, "{}".to_owned(), "{}".to_owned())).collect();
    desk.write(async move |tx| audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &cases).await);
    assert_eq!(verify(&desk, ws, None).expect("whole").0, ENTRIES);
    desk.unguard_the_trail();
    desk.sql(&format!("update audit set old = null where seq = {ENTRIES}"));
    assert_eq!(verify(&desk, ws, None), Err(Broken::Altered { seq: ENTRIES }));
}
