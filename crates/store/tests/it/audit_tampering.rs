//! The tampering table (T3): whatever somebody who owns the database does to the trail, hashes and head included, a checkpoint
//! that was carried away before finds it.

use crate::support::{Desk, Fixture};
use domain::audit::{AuditEvent, Broken, Entry, Hash, chain, genesis, hash_from_hex, hex};
use domain::closure::Actor;
use domain::id::{AgentId, WorkspaceId};
use domain::time::Span;
use store::audit::{self, AuditEntry, Filter, New};
use store::params;

const ENTRIES: i64 = 8;

fn write_entry(desk: &Desk, ws: WorkspaceId, n: i64) {
    desk.write(async move |tx| {
        let new = New {
            event: AuditEvent::CaseUpdated,
            actor: Actor::Agent(AgentId(5)),
            actor_name: Some("Ada"),
            object_kind: "case",
            object_id: n.to_string(),
            old: Some(r#"{"priority":"low"}"#.to_owned()),
            new: Some(r#"{"priority":"high"}"#.to_owned()),
            address: Some("2001:db8::1"),
        };
        audit::append(tx, ws, &new).await
    });
    desk.pass(Span::minutes(1));
}

/// A trail of [`ENTRIES`] with a checkpoint carried away after every second entry.
fn trail(desk: &Desk) -> (WorkspaceId, Vec<(i64, Hash)>) {
    let ws = Fixture::new(desk).ws;
    let mut checkpoints = Vec::new();
    for n in 1..=ENTRIES {
        write_entry(desk, ws, n);
        while desk.write(async move |tx| audit::chain_pending(tx, ws).await) {}
        if n % 2 == 0 {
            checkpoints.extend(desk.read(async move |tx| audit::head(tx, ws).await));
        }
    }
    (ws, checkpoints)
}

fn read(desk: &Desk, ws: WorkspaceId) -> Vec<AuditEntry> {
    desk.read(async move |tx| audit::window(tx, ws, &Filter::default(), 0, i64::MAX).await)
}

/// Puts `entries` in the place of the trail. A careless intruder leaves hashes and head as they find them; a thorough one makes
/// the whole trail fit in itself.
fn replace(desk: &Desk, ws: WorkspaceId, entries: Vec<AuditEntry>, thorough: bool) {
    desk.unguard_the_trail();
    desk.sql("delete from audit");
    let mut previous = genesis(ws);
    let last = entries.len() as i64;
    for (entry, seq) in entries.into_iter().zip(1..) {
        let hash = if thorough { chain(&previous, &hashed(&entry, seq)) } else { stored(&entry) };
        previous = hash;
        desk.write(async move |tx| {
            let AuditEntry { at, event, actor, object_kind, object_id, old, new, address, .. } = &entry;
            let sql = "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
                       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
            let hash = hex(&hash);
            tx.put(sql, params![ws, seq, at, event, actor, object_kind, object_id, old, new, address, hash]).await
        });
    }
    if thorough {
        desk.sql(&format!("update audit_heads set seq = {last}, hash = '{}'", hex(&previous)));
    }
}

fn stored(entry: &AuditEntry) -> Hash {
    hash_from_hex(&entry.hash).expect("a hash")
}

fn hashed(entry: &AuditEntry, seq: i64) -> Entry<'_> {
    Entry {
        seq,
        at_micros: entry.at.as_micros(),
        event: &entry.event,
        actor: &entry.actor,
        object_kind: &entry.object_kind,
        object_id: &entry.object_id,
        old: entry.old.as_deref(),
        new: entry.new.as_deref(),
        address: entry.address.as_deref(),
    }
}

fn verify(desk: &Desk, ws: WorkspaceId, checkpoints: Vec<(i64, Hash)>) -> Result<(i64, Hash), Broken> {
    desk.read(async move |tx| audit::verify(tx, ws, checkpoints).await)
}

type Attack = fn(&mut Vec<AuditEntry>);

fn edited(entry: &mut AuditEntry) {
    entry.new = Some(r#"{"priority":"critical"}"#.to_owned());
}

fn another(entry: &AuditEntry) -> AuditEntry {
    AuditEntry { object_id: "99".to_owned(), ..entry.clone() }
}

/// What is done to the entries 1 to 8, and what a thorough intruder's work shows when the newest checkpoint is at hand, and when
/// all are.
fn attacks() -> [(&'static str, Attack, Broken, Broken); 7] {
    let newest = Broken::NotTheCheckpoint { seq: ENTRIES };
    [
        ("edit", |trail| edited(&mut trail[4]), newest, Broken::NotTheCheckpoint { seq: 6 }),
        (
            "delete",
            |trail| drop(trail.remove(4)),
            Broken::Truncated { ends_at: ENTRIES - 1, known: ENTRIES },
            Broken::NotTheCheckpoint { seq: 6 },
        ),
        (
            "insert",
            |trail| {
                let more = another(&trail[4]);
                trail.insert(4, more);
            },
            newest,
            Broken::NotTheCheckpoint { seq: 6 },
        ),
        ("reorder", |trail| trail.swap(4, 5), newest, Broken::NotTheCheckpoint { seq: 6 }),
        (
            "truncate",
            |trail| trail.truncate(5),
            Broken::Truncated { ends_at: 5, known: ENTRIES },
            Broken::Truncated { ends_at: 5, known: ENTRIES },
        ),
        (
            "truncate and re-append",
            |trail| {
                trail.truncate(5);
                let more = another(&trail[4]);
                trail.extend(std::iter::repeat_n(more, 5));
            },
            newest,
            Broken::NotTheCheckpoint { seq: 6 },
        ),
        (
            "rewrite from the first entry",
            |trail| trail.iter_mut().for_each(edited),
            newest,
            Broken::NotTheCheckpoint { seq: 2 },
        ),
    ]
}

#[test]
fn each_of_seven_kinds_of_tampering_is_found_with_an_exported_checkpoint_t3() {
    let mut found = 0;
    for (name, attack, with_newest, with_all) in attacks() {
        let desk = Desk::new();
        let (ws, checkpoints) = trail(&desk);
        let newest = vec![*checkpoints.last().expect("a checkpoint")];
        assert!(verify(&desk, ws, checkpoints.clone()).is_ok(), "{name}: untouched");
        let mut entries = read(&desk, ws);
        attack(&mut entries);
        replace(&desk, ws, entries, true);
        assert!(
            verify(&desk, ws, Vec::new()).is_ok(),
            "{name}: the trail fits in itself, so only a checkpoint can tell"
        );
        assert_eq!(verify(&desk, ws, newest), Err(with_newest), "{name}");
        assert_eq!(verify(&desk, ws, checkpoints), Err(with_all), "{name}: the first checkpoint that is not met");
        found += 1;
    }
    assert_eq!(found, 7);
}

#[test]
fn a_careless_intruder_is_found_without_a_checkpoint_t3() {
    for (name, attack, ..) in attacks() {
        let desk = Desk::new();
        let (ws, _) = trail(&desk);
        let mut entries = read(&desk, ws);
        attack(&mut entries);
        replace(&desk, ws, entries, false);
        assert!(verify(&desk, ws, Vec::new()).is_err(), "{name}");
    }
}

/// What checkpoints cannot show: they say nothing of what came after the newest of them.
#[test]
fn what_came_after_the_newest_checkpoint_is_not_shown_by_it_t3() {
    let desk = Desk::new();
    let (ws, checkpoints) = trail(&desk);
    write_entry(&desk, ws, ENTRIES + 1);
    while desk.write(async move |tx| audit::chain_pending(tx, ws).await) {}
    let mut entries = read(&desk, ws);
    entries.pop();
    replace(&desk, ws, entries, true);
    assert!(verify(&desk, ws, checkpoints).is_ok());
}
