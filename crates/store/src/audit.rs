//! The audit trail: append-only, hash-chained per workspace (T3).

use crate::{Fault, Row, Tx, locks, params};
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

/// The newest entry's number of every workspace that has one.
pub async fn heads(tx: &mut Tx) -> Result<Vec<(WorkspaceId, i64)>, Fault> {
    let sql = "select workspace, seq from audit_heads order by workspace";
    tx.query(sql, params![], |row| Ok((row.get(0)?, row.get(1)?))).await
}

async fn set_head(tx: &mut Tx, ws: WorkspaceId, seq: i64, hash: &Hash) -> Result<(), Fault> {
    tx.put(
        "insert into audit_heads (workspace, seq, hash) values ($1, $2, $3) \
         on conflict (workspace) do update set seq = excluded.seq, hash = excluded.hash",
        params![ws, seq, hex(hash)],
    )
    .await?;
    Ok(())
}

/// An entry that has no place in the trail yet.
struct Unchained {
    at: Timestamp,
    event: String,
    actor: String,
    object_kind: String,
    object_id: String,
    old: Option<String>,
    new: Option<String>,
    address: Option<String>,
}

impl Unchained {
    fn at_place(&self, seq: i64) -> Entry<'_> {
        Entry {
            seq,
            at_micros: self.at.as_micros(),
            event: &self.event,
            actor: &self.actor,
            object_kind: &self.object_kind,
            object_id: &self.object_id,
            old: self.old.as_deref(),
            new: self.new.as_deref(),
            address: self.address.as_deref(),
        }
    }
}

/// Appends one entry.
pub async fn append(tx: &mut Tx, ws: WorkspaceId, new: &New<'_>) -> Result<(), Fault> {
    let actor = actor_json(new.actor, new.actor_name);
    if tx.is_shared() {
        let now = tx.now();
        return tx
            .put(
                "insert into audit_pending (workspace, at, event, actor, object_kind, object_id, old, new, address) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                params![
                    ws,
                    now,
                    new.event.as_str(),
                    actor,
                    new.object_kind,
                    new.object_id,
                    new.old,
                    new.new,
                    new.address
                ],
            )
            .await;
    }
    let entry = Unchained {
        at: tx.now(),
        event: new.event.as_str().to_owned(),
        actor,
        object_kind: new.object_kind.to_owned(),
        object_id: new.object_id.clone(),
        old: new.old.clone(),
        new: new.new.clone(),
        address: new.address.map(str::to_owned),
    };
    chain_all(tx, ws, &[entry]).await
}

/// Appends one engine entry for each of many cases: `(number, old, new)`.
pub async fn append_many(
    tx: &mut Tx,
    ws: WorkspaceId,
    event: AuditEvent,
    cases: &[(i64, String, String)],
) -> Result<(), Fault> {
    append_many_by(tx, ws, (Actor::Engine, None), event, cases).await
}

/// The same by anybody: the actor, and the name they have now.
pub async fn append_many_by(
    tx: &mut Tx,
    ws: WorkspaceId,
    actor: (Actor, Option<&str>),
    event: AuditEvent,
    cases: &[(i64, String, String)],
) -> Result<(), Fault> {
    let (now, actor) = (tx.now(), actor_json(actor.0, actor.1));
    if tx.is_shared() {
        let rows: Vec<_> = cases.iter().map(|(number, old, new)| serde_json::json!([number, old, new])).collect();
        return tx
            .put(
                "insert into audit_pending (workspace, at, event, actor, object_kind, object_id, old, new, address) \
                 select $1, $2, $3, $4, 'case', value->>0, value->>1, value->>2, null from json_each($5)",
                params![ws, now, event.as_str(), actor, serde_json::Value::Array(rows).to_string()],
            )
            .await;
    }
    let entry = |(number, old, new): &(i64, String, String)| Unchained {
        at: now,
        event: event.as_str().to_owned(),
        actor: actor.clone(),
        object_kind: "case".to_owned(),
        object_id: number.to_string(),
        old: Some(old.clone()),
        new: Some(new.clone()),
        address: None,
    };
    chain_all(tx, ws, &cases.iter().map(entry).collect::<Vec<_>>()).await
}

async fn insert(tx: &mut Tx, ws: WorkspaceId, seq: i64, entry: &Unchained, hash: &Hash) -> Result<(), Fault> {
    let Unchained { at, event, actor, object_kind, object_id, old, new, address } = entry;
    tx.put(
        "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![ws, seq, at, event, actor, object_kind, object_id, old, new, address, hex(hash)],
    )
    .await
}

/// Gives entries their places at the end of the trail.
async fn chain_all(tx: &mut Tx, ws: WorkspaceId, entries: &[Unchained]) -> Result<(), Fault> {
    let (mut seq, mut hash) = head(tx, ws).await?.unwrap_or((0, genesis(ws)));
    if let [only] = entries {
        hash = chain(&hash, &only.at_place(seq + 1));
        insert(tx, ws, seq + 1, only, &hash).await?;
        return set_head(tx, ws, seq + 1, &hash).await;
    }
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        hash = chain(&hash, &entry.at_place(seq));
        let Unchained { at, event, actor, object_kind, object_id, old, new, address } = entry;
        let at = at.as_micros();
        rows.push(serde_json::json!([seq, at, event, actor, object_kind, object_id, old, new, address, hex(&hash)]));
    }
    tx.put(
        "insert into audit (workspace, seq, at, event, actor, object_kind, object_id, old, new, address, hash) \
         select $1, cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3, value->>4, value->>5, \
         value->>6, value->>7, value->>8, value->>9 from json_each($2)",
        params![ws, serde_json::Value::Array(rows).to_string()],
    )
    .await?;
    set_head(tx, ws, seq, &hash).await
}

/// Entries chained in one transaction.
const CHAINED: i64 = 2_000;

/// Chains what was committed since the last time; answers whether there may be more. In the order of their ids an entry
/// stands behind every one that was committed before it was written.
pub async fn chain_pending(tx: &mut Tx, ws: WorkspaceId) -> Result<bool, Fault> {
    locks::chain(tx, ws).await?;
    let sql = "select id, at, event, actor, object_kind, object_id, old, new, address from audit_pending \
               where workspace = $1 order by id limit $2";
    let pending = tx
        .query(sql, params![ws, CHAINED], |row| {
            let entry = Unchained {
                at: row.get(1)?,
                event: row.get(2)?,
                actor: row.get(3)?,
                object_kind: row.get(4)?,
                object_id: row.get(5)?,
                old: row.get(6)?,
                new: row.get(7)?,
                address: row.get(8)?,
            };
            Ok((row.get::<i64>(0)?, entry))
        })
        .await?;
    if pending.is_empty() {
        return Ok(false);
    }
    let (ids, entries): (Vec<i64>, Vec<Unchained>) = pending.into_iter().unzip();
    chain_all(tx, ws, &entries).await?;
    // These and no others: one with a lower number may be committed only now.
    let sql =
        "delete from audit_pending where workspace = $1 and id in (select cast(value as bigint) from json_each($2))";
    tx.change(ids.len() as u64, sql, params![ws, serde_json::json!(ids).to_string()]).await?;
    Ok(ids.len() as i64 == CHAINED)
}

/// Workspaces that have entries to be chained.
pub async fn workspaces_pending(tx: &mut Tx) -> Result<Vec<WorkspaceId>, Fault> {
    let sql = "select distinct workspace from audit_pending order by workspace";
    tx.query(sql, params![], |row| row.get(0)).await
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
        "select {COLUMNS} from audit where workspace = $1 and seq < $2 and (cast($3 as text) is null or event = $3) \
         and (cast($4 as text) is null or object_kind = $4) and (cast($5 as text) is null or object_id = $5) and (cast($6 as bigint) is null or at >= $6) \
         and (cast($7 as bigint) is null or at < $7) order by seq desc limit $8"
    );
    let before = before.unwrap_or(i64::MAX);
    tx.query(
        &sql,
        params![ws, before, filter.event, filter.object_kind, filter.object_id, filter.from, filter.to, limit],
        read,
    )
    .await
}

/// What matches among the entries after the number `after` up to and with `up_to`, oldest first. Numbers have no gaps, so a
/// window bounds what is read, however little of it matches.
pub async fn window(
    tx: &mut Tx,
    ws: WorkspaceId,
    filter: &Filter,
    after: i64,
    up_to: i64,
) -> Result<Vec<AuditEntry>, Fault> {
    let sql = format!(
        "select {COLUMNS} from audit where workspace = $1 and seq > $2 and seq <= $3 and (cast($4 as text) is null or event = $4) \
         and (cast($5 as text) is null or object_kind = $5) and (cast($6 as text) is null or object_id = $6) \
         and (cast($7 as bigint) is null or at >= $7) and (cast($8 as bigint) is null or at < $8) order by seq"
    );
    tx.query(
        &sql,
        params![ws, after, up_to, filter.event, filter.object_kind, filter.object_id, filter.from, filter.to],
        read,
    )
    .await
}

/// Entries read in one step of a verification.
const VERIFY_STEP: i64 = 5_000;

/// Walks a workspace's whole trail and compares it with `checkpoints` that were kept elsewhere. The inner result is the
/// newest entry's number and hash, or what is broken.
pub async fn verify(
    tx: &mut Tx,
    ws: WorkspaceId,
    checkpoints: impl IntoIterator<Item = (i64, Hash)>,
) -> Result<Result<(i64, Hash), Broken>, Fault> {
    // A missing head counts as one that knows of no entry: it goes missing only by somebody's hand.
    let known = Some(head(tx, ws).await?.unwrap_or((0, genesis(ws))));
    let mut verifier = Verifier::starting_at(genesis(ws), checkpoints);
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
