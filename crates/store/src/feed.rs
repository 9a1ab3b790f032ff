//! The activity feed of cases.

use crate::{Fault, Row, Tx, params};
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{ActivityId, AgentId, CaseId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone)]
pub struct FeedEntry {
    pub id: ActivityId,
    pub at: Timestamp,
    pub actor: Actor,
    pub event: FeedEvent,
    /// A JSON object.
    pub data: String,
}

pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    actor: Actor,
    event: FeedEvent,
    data: &str,
) -> Result<(), Fault> {
    let now = tx.now();
    insert_at(tx, ws, case, now, actor, event, data).await
}

/// For imported history, which has times of its own.
pub async fn insert_at(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    at: Timestamp,
    actor: Actor,
    event: FeedEvent,
    data: &str,
) -> Result<(), Fault> {
    let id = tx.new_id();
    tx.put(
        "insert into activity (workspace, case_id, id, at, actor, actor_agent, event, data) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![ws, case, id, at, actor.kind(), actor.agent(), event.as_str(), data],
    )
    .await?;
    Ok(())
}

/// One entry by the engine for each of many cases; `rows` is a JSON list of `[case id, entry id, data]`.
pub async fn insert_many(tx: &mut Tx, ws: WorkspaceId, event: FeedEvent, rows: &str) -> Result<(), Fault> {
    insert_many_by(tx, ws, Actor::Engine, event, rows).await
}

/// The same by anybody.
pub async fn insert_many_by(
    tx: &mut Tx,
    ws: WorkspaceId,
    actor: Actor,
    event: FeedEvent,
    rows: &str,
) -> Result<(), Fault> {
    let now = tx.now();
    tx.put(
        "insert into activity (workspace, case_id, id, at, actor, actor_agent, event, data) \
         select $1, cast(value->>0 as bigint), cast(value->>1 as bigint), $2, $5, $6, $3, value->>2 from json_each($4)",
        params![ws, now, event.as_str(), rows, actor.kind(), actor.agent()],
    )
    .await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<FeedEntry, Fault> {
    let agent: Option<AgentId> = row.get(3)?;
    let actor = match (row.text(2)?, agent) {
        ("agent", Some(agent)) => Actor::Agent(agent),
        ("api", _) => Actor::Api,
        ("customer", _) => Actor::Customer,
        _ => Actor::Engine,
    };
    Ok(FeedEntry { id: row.get(0)?, at: row.get(1)?, actor, event: row.word(4)?, data: row.get(5)? })
}

/// Oldest first.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    after: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<FeedEntry>, Fault> {
    let sql = "select id, at, actor, actor_agent, event, data from activity \
               where workspace = $1 and case_id = $2 and id > $3 order by id limit $4";
    tx.query(sql, params![ws, case, after.unwrap_or(ActivityId(0)), limit], read).await
}

/// Newest first.
pub async fn latest(tx: &mut Tx, ws: WorkspaceId, case: CaseId, limit: i64) -> Result<Vec<FeedEntry>, Fault> {
    let sql = "select id, at, actor, actor_agent, event, data from activity \
               where workspace = $1 and case_id = $2 order by id desc limit $3";
    tx.query(sql, params![ws, case, limit], read).await
}
