//! Mails that tell of something: written with it, claimed by whichever node sends them, and marked.

use crate::notifications::News;
use crate::{Fault, Tx, params};
use domain::id::{AgentId, WorkspaceId};
use domain::notice::Notice;
use domain::time::Timestamp;

/// Mails forgotten in one go.
const PRUNE: i64 = 2_000;

/// One mail as its sender needs it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub workspace: WorkspaceId,
    pub id: i64,
    pub notice: Notice,
    pub case_number: i64,
    /// How many cases it tells of, that one among them.
    pub cases: i64,
    pub at: Timestamp,
    /// With this one.
    pub attempts: i64,
    pub to_name: String,
    pub to_address: String,
    /// Whether they still work here.
    pub active: bool,
    pub by_name: Option<String>,
    pub workspace_name: String,
    pub case_title: String,
}

/// Leaves a mail to one agent.
pub(crate) async fn insert(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, news: &News<'_>) -> Result<(), Fault> {
    let (id, now) = (tx.new_id(), tx.now());
    let sql = "insert into mails (workspace, id, agent, kind, case_number, by_agent, at, due_at, attempts, sent_at, fault, cases) \
               values ($1, $2, $3, $4, $5, $6, $7, $7, 0, null, null, $8)";
    tx.put(sql, params![ws, id, agent, news.notice.as_str(), news.case_number, news.by, now, news.cases]).await
}

/// When the next mail is due.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>, Fault> {
    let sql = "select due_at from mails where due_at is not null order by due_at limit 1";
    tx.query_opt(sql, params![], |row| row.get(0)).await
}

/// Takes the mails that are due and that no other node takes at this moment, oldest first. Until `until` nobody else takes
/// them; then the node that did is taken to be gone.
pub async fn claim(tx: &mut Tx, until: Timestamp, limit: i64) -> Result<Vec<Mail>, Fault> {
    let now = tx.now();
    let sql = "select c.workspace, c.id from mails c where c.due_at is not null and c.due_at <= $1 \
               order by c.due_at, c.workspace, c.id limit $2 /*claim*/";
    let due = tx.query(sql, params![now, limit], |row| Ok((row.get::<WorkspaceId>(0)?, row.get::<i64>(1)?))).await?;
    let mut claimed = Vec::with_capacity(due.len());
    for (ws, id) in due {
        let sql = "update mails set due_at = $3, attempts = attempts + 1 where workspace = $1 and id = $2";
        tx.put(sql, params![ws, id, until]).await?;
        let sql = "select m.workspace, m.id, m.kind, m.case_number, m.at, m.attempts, a.name, a.email, a.active, b.name, w.name, \
                   k.title, m.cases from mails m join agents a on a.workspace = m.workspace and a.id = m.agent \
                   join workspaces w on w.id = m.workspace \
                   join cases k on k.workspace = m.workspace and k.number = m.case_number \
                   left join agents b on b.workspace = m.workspace and b.id = m.by_agent \
                   where m.workspace = $1 and m.id = $2";
        let read = |row: &crate::Row<'_>| {
            Ok(Mail {
                workspace: row.get(0)?,
                id: row.get(1)?,
                notice: row.word(2)?,
                case_number: row.get(3)?,
                at: row.get(4)?,
                attempts: row.get(5)?,
                to_name: row.get(6)?,
                to_address: row.get(7)?,
                active: row.get(8)?,
                by_name: row.get(9)?,
                workspace_name: row.get(10)?,
                case_title: row.get(11)?,
                cases: row.get(12)?,
            })
        };
        claimed.extend(tx.query_opt(sql, params![ws, id], read).await?);
    }
    Ok(claimed)
}

/// Notes that a mail was sent, or need not be. `attempt` is the claim's: who took it over has another.
pub async fn sent(tx: &mut Tx, ws: WorkspaceId, id: i64, attempt: i64) -> Result<(), Fault> {
    let now = tx.now();
    let sql =
        "update mails set due_at = null, sent_at = $4, fault = null where workspace = $1 and id = $2 and attempts = $3";
    tx.put(sql, params![ws, id, attempt, now]).await
}

/// Notes that a mail could not be sent: it is tried again at `again`, or given up.
pub async fn failed(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: i64,
    attempt: i64,
    again: Option<Timestamp>,
    fault: &str,
) -> Result<(), Fault> {
    let sql = "update mails set due_at = $4, fault = $5 where workspace = $1 and id = $2 and attempts = $3";
    tx.put(sql, params![ws, id, attempt, again, fault]).await
}

/// How many mails were given up since `since`, over all workspaces, up to `most`.
pub async fn given_up(tx: &mut Tx, since: Timestamp, most: i64) -> Result<i64, Fault> {
    let sql = "select id from mails where at >= $1 and due_at is null and sent_at is null limit $2";
    Ok(tx.query(sql, params![since, most], |row| row.get::<i64>(0)).await?.len() as i64)
}

/// Forgets mails written before `before` that are done with; answers whether it was a full batch.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    let sql = "delete from mails where (workspace, id) in (select m.workspace, m.id from mails m \
               where m.at < $1 and m.due_at is null order by m.at limit $2)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}
