//! Who looks at a case now, and who writes there. Rows run out by themselves; what is out is as good as gone.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::time::Timestamp;

/// Rows pruned in one go, so that the writer is never held long.
const PRUNE: i64 = 2_000;
/// People shown at once, at most.
const MOST: i64 = 500;

/// Somebody who looks at a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub case: CaseId,
    pub agent: AgentId,
    /// `reply` or `note`, while they write one.
    pub typing: Option<String>,
}

/// An agent's own row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// When their newest page was opened.
    pub since: Timestamp,
    pub until: Timestamp,
    /// What they write, and until when that is believed.
    pub typing: Option<(String, Timestamp)>,
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, case: CaseId, agent: AgentId) -> Result<Option<Presence>, Fault> {
    let sql =
        "select since, until, typing, typing_until from presence where workspace = $1 and case_id = $2 and agent = $3";
    tx.query_opt(sql, params![ws, case, agent], read).await
}

fn read(row: &Row<'_>) -> Result<Presence, Fault> {
    let typing = row.get::<Option<String>>(2)?.zip(row.get(3)?);
    Ok(Presence { since: row.get(0)?, until: row.get(1)?, typing })
}

pub async fn save(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    agent: AgentId,
    presence: &Presence,
) -> Result<(), Fault> {
    let (typing, typing_until) = presence.typing.clone().unzip();
    let sql = "insert into presence (workspace, case_id, agent, since, until, typing, typing_until) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace, case_id, agent) do update set \
               since = excluded.since, until = excluded.until, typing = excluded.typing, typing_until = excluded.typing_until";
    tx.put(sql, params![ws, case, agent, presence.since, presence.until, typing, typing_until]).await
}

/// Takes an agent away if `since` is their newest page; answers whether it was.
pub async fn leave(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    agent: AgentId,
    since: Timestamp,
) -> Result<bool, Fault> {
    let sql = "delete from presence where workspace = $1 and case_id = $2 and agent = $3 and since = $4";
    Ok(tx.execute(sql, params![ws, case, agent, since]).await? > 0)
}

/// Who else than `agent` looks at `cases` (a JSON list of ids) at `now`. Nobody writes who has nothing written any more.
pub async fn others(
    tx: &mut Tx,
    ws: WorkspaceId,
    cases: &str,
    agent: AgentId,
    now: Timestamp,
) -> Result<Vec<Here>, Fault> {
    let sql = "select p.case_id, p.agent, d.kind from json_each($2) j \
               join presence p on p.workspace = $1 and p.case_id = cast(j.value as bigint) \
               left join drafts d on d.workspace = $1 and d.case_id = p.case_id and d.agent = p.agent \
               and d.kind = p.typing and p.typing_until > $4 \
               where p.agent <> $3 and p.until > $4 limit $5";
    let found = tx
        .query(sql, params![ws, cases, agent, now, MOST], |row| {
            Ok(Here { case: row.get(0)?, agent: row.get(1)?, typing: row.get(2)? })
        })
        .await;
    let mut found = found?;
    found.sort_by_key(|here| (here.case, here.agent));
    Ok(found)
}

/// Forgets rows that ran out before `before`; answers whether it was a full batch, and there may be more.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    let sql = "delete from presence where (workspace, case_id, agent) in (select p.workspace, p.case_id, p.agent \
               from presence p where p.until < $1 order by p.until limit $2)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}
