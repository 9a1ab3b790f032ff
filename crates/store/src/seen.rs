//! How far each member has read each case, and which cases hold something new for them.

use crate::{Fault, Tx, params};
use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::time::Timestamp;

/// Rows pruned in one go, so that the writer is never held long.
const PRUNE: i64 = 2_000;

/// A case with a message or note that a member has not seen and did not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    pub case: CaseId,
    /// Whether they ever looked at it, as far as that is remembered.
    pub looked: bool,
}

/// The newest message or note that an agent saw; 0 if they saw none.
pub async fn upto(tx: &mut Tx, ws: WorkspaceId, case: CaseId, agent: AgentId) -> Result<i64, Fault> {
    let sql = "select upto from case_seen where workspace = $1 and case_id = $2 and agent = $3";
    Ok(tx.query_opt(sql, params![ws, case, agent], |row| row.get(0)).await?.unwrap_or(0))
}

/// Remembers that an agent saw everything up to `upto`; who saw more keeps that.
pub async fn save(tx: &mut Tx, ws: WorkspaceId, case: CaseId, agent: AgentId, upto: i64) -> Result<(), Fault> {
    let now = tx.now();
    let sql = "insert into case_seen (workspace, case_id, agent, upto, at) values ($1, $2, $3, $4, $5) \
               on conflict (workspace, case_id, agent) do update set upto = excluded.upto, at = excluded.at \
               where case_seen.upto <= excluded.upto";
    tx.put(sql, params![ws, case, agent, upto, now]).await
}

/// Which of `cases` (a JSON list of ids) hold something that was written after `after`, by somebody else, and that the agent
/// has not seen.
pub async fn news(
    tx: &mut Tx,
    ws: WorkspaceId,
    cases: &str,
    agent: AgentId,
    after: Timestamp,
) -> Result<Vec<News>, Fault> {
    let sql = "select cast(j.value as bigint), s.upto is not null from json_each($2) j \
               left join case_seen s on s.workspace = $1 and s.case_id = cast(j.value as bigint) and s.agent = $3 \
               where exists (select 1 from messages m where m.workspace = $1 and m.case_id = cast(j.value as bigint) \
               and m.id > coalesce(s.upto, 0) and m.author is distinct from $3 and m.received_at > $4) \
               or exists (select 1 from comments n where n.workspace = $1 and n.case_id = cast(j.value as bigint) \
               and n.id > coalesce(s.upto, 0) and n.author is distinct from $3 and n.at > $4)";
    tx.query(sql, params![ws, cases, agent, after], |row| Ok(News { case: row.get(0)?, looked: row.get(1)? })).await
}

/// Forgets what was seen before `before`; answers whether it was a full batch, and there may be more.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    let sql = "delete from case_seen where (workspace, case_id, agent) in (select s.workspace, s.case_id, s.agent \
               from case_seen s where s.at < $1 order by s.at limit $2)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}
