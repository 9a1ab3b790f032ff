//! The audit trail: append-only, hash-chained per workspace (T3).

use crate::{Fault, Row, Tx, params};
use domain::audit::{AuditEvent, Broken, Entry, GENESIS, Hash, Verifier, chain, genesis, hash_from_hex, hex};
use domain::closure::Actor;
use domain::id::WorkspaceId;
use domain::time::Timestamp;

/// Something to be written down.
#[derive(Debug, Clone)]
pub struct New<'a> {
    pub event: AuditEvent,
    pub actor: Actor,
    /// Kept with the entry, because a name may change later.
    pub actor_name: Option<&'a str>,
    pub object_kind: &'static str,
    pub object_id: String,
    /// JSON objects.
    pub old: Option<String>,
    pub new: Option<String>,
    pub address: Option<&'a str>,
}

#[derive(Debug, Clone)]
pub struct AuditEntry {
    pub seq: i64,
    pub at: Timestamp,
    pub event: String,
    /// A JSON object: kind, id, name.
    pub actor: String,
    pub object_kind: String,
    pub object_id: String,
    pub old: Option<String>,
    pub new: Option<String>,
    pub address: Option<String>,
    pub hash: String,
}

/// Which entries a list wants.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub event: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// A person or program as the trail and its readers know it.
pub fn actor_json(actor: Actor, name: Option<&str>) -> String {
    let id = actor.agent().map(|id| id.to_string());
    serde_json::json!({"kind": actor.kind(), "id": id, "name": name}).to_string()
}

/// The newest entry's number and hash.
pub async fn head(tx: &mut Tx, ws: WorkspaceId) -> Result<Option<(i64, Hash)>, Fault> {
    tx.query_opt("select seq, hash from audit_heads where workspace = $1", params![ws], |row| {
        let hash = hash_from_hex(row.text(1)?).ok_or_else(|| Fault::damaged("audit head"))?;
        Ok((row.get(0)?, hash))
    })
    .await
}

async fn set_head(tx: &mut Tx, ws: WorkspaceId, seq: i64, hash: &Hash) -> Result<(), Fault> {
    tx.execute(
        "insert into audit_heads (workspace, seq, hash) values ($1, $2, $3) \
         on conflict (workspace) do update set seq = excluded.seq, hash = excluded.hash",
        params![ws, seq, hex(hash)],
    )
    .await?;
    Ok(())
}

/// Appends one entry.
pub async fn append(tx: &mut Tx, ws: WorkspaceId, new: &New<'_>) -> Result<(), Fault> {
    let (previous_seq, previous) = head(tx, ws).await?.unwrap_or((0, genesis(ws)));
    let (seq, at) = (previous_seq + 1, tx.now());
    let actor = actor_json(new.actor, new.actor_name);
    let entry = Entry {
        seq,
        at_micros: at.as_micros(),
        event: new.event.as_str(),
        actor: &actor,
        object_kind: new.object_kind,
        object_id: &new.object_id,
        old: new.old.as_deref(),
        new: new.new.as_deref(),
        address: new.address,
    };
    let hash = chain(&previous, &entry);
    tx.execute(
        "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            ws,
            seq,
            at,
            entry.event,
            actor,
            entry.object_kind,
            entry.object_id,
            entry.old,
            entry.new,
            entry.address,
            hex(&hash)
        ],
    )
    .await?;
    set_head(tx, ws, seq, &hash).await
}

/// Appends one engine entry for each of many cases: `(number, old, new)`.
pub async fn append_many(
    tx: &mut Tx,
    ws: WorkspaceId,
    event: AuditEvent,
    cases: &[(i64, String, String)],
) -> Result<(), Fault> {
    let (mut seq, mut hash) = head(tx, ws).await?.unwrap_or((0, genesis(ws)));
    let at = tx.now();
    let actor = actor_json(Actor::Engine, None);
    let mut rows = Vec::with_capacity(cases.len());
    for (number, old, new) in cases {
        seq += 1;
        let object_id = number.to_string();
        let entry = Entry {
            seq,
            at_micros: at.as_micros(),
            event: event.as_str(),
            actor: &actor,
            object_kind: "case",
            object_id: &object_id,
            old: Some(old),
            new: Some(new),
            address: None,
        };
        hash = chain(&hash, &entry);
        rows.push(serde_json::json!([seq, object_id, old, new, hex(&hash)]));
    }
    tx.execute(
        "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
         select $1, cast(value->>0 as bigint), $2, $3, $4, 'case', value->>1, value->>2, value->>3, null, value->>4 \
         from json_each($5)",
        params![ws, at, event.as_str(), actor, serde_json::Value::Array(rows).to_string()],
    )
    .await?;
    set_head(tx, ws, seq, &hash).await
}

fn read(row: &Row<'_>) -> Result<AuditEntry, Fault> {
    Ok(AuditEntry {
        seq: row.get(0)?,
        at: row.get(1)?,
        event: row.get(2)?,
        actor: row.get(3)?,
        object_kind: row.get(4)?,
        object_id: row.get(5)?,
        old: row.get(6)?,
        new: row.get(7)?,
        address: row.get(8)?,
        hash: row.get(9)?,
    })
}

const COLUMNS: &str = "seq, at, event, actor, object_kind, object_id, old, new, address, hash";

/// Newest first, below `before`.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>, Fault> {
    let sql = format!(
        "select {COLUMNS} from audit where workspace = $1 and seq < $2 and ($3 is null or event = $3) \
         and ($4 is null or object_kind = $4) and ($5 is null or object_id = $5) and ($6 is null or at >= $6) \
         and ($7 is null or at < $7) order by seq desc limit $8"
    );
    let before = before.unwrap_or(i64::MAX);
    tx.query(
        &sql,
        params![ws, before, filter.event, filter.object_kind, filter.object_id, filter.from, filter.to, limit],
        read,
    )
    .await
}

/// Entries read in one step of a verification.
const VERIFY_STEP: i64 = 5_000;

/// Walks a workspace's whole trail. The inner result is the newest entry's number and hash, or what is broken.
pub async fn verify(
    tx: &mut Tx,
    ws: WorkspaceId,
    checkpoint: Option<(i64, Hash)>,
) -> Result<Result<(i64, Hash), Broken>, Fault> {
    // A missing head counts as one that knows of no entry: it goes missing only by somebody's hand.
    let known = Some(head(tx, ws).await?.unwrap_or((0, genesis(ws))));
    let mut verifier = Verifier::starting_at(genesis(ws), checkpoint);
    let mut after = i64::MIN;
    loop {
        let sql = format!("select {COLUMNS} from audit where workspace = $1 and seq > $2 order by seq limit $3");
        let entries = tx.query(&sql, params![ws, after, VERIFY_STEP], read).await?;
        let Some(last) = entries.last() else { return Ok(verifier.finish(known)) };
        after = last.seq;
        for e in &entries {
            let entry = Entry {
                seq: e.seq,
                at_micros: e.at.as_micros(),
                event: &e.event,
                actor: &e.actor,
                object_kind: &e.object_kind,
                object_id: &e.object_id,
                old: e.old.as_deref(),
                new: e.new.as_deref(),
                address: e.address.as_deref(),
            };
            // A hash that is not even a hash cannot be the right one.
            let stored = hash_from_hex(&e.hash).unwrap_or(GENESIS);
            if let Err(broken) = verifier.push(&entry, &stored) {
                return Ok(Err(broken));
            }
        }
    }
}
