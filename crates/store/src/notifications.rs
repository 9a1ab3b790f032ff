//! What an agent is told of, where they want to hear of it, and the mails that tell it.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, NotificationId, QueueId, WorkspaceId};
use domain::notice::{Notice, Wanted};
use domain::time::Timestamp;

/// Read notifications forgotten in one go.
const PRUNE: i64 = 2_000;

#[derive(Debug, Clone)]
pub struct Notification {
    pub id: NotificationId,
    pub at: Timestamp,
    pub event: String,
    pub case_number: Option<i64>,
    /// A JSON object.
    pub data: String,
    pub read_at: Option<Timestamp>,
}

/// Something to tell.
#[derive(Debug, Clone)]
pub struct News<'a> {
    pub notice: Notice,
    pub case_number: i64,
    /// How many cases this is about; the one is named.
    pub cases: i64,
    /// Whose act it was: they need not be told.
    pub by: Option<AgentId>,
    /// A JSON object.
    pub data: &'a str,
}

/// Tells one agent where they want to hear of it, unless it was their own act.
pub async fn tell(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, news: &News<'_>) -> Result<(), Fault> {
    if news.by == Some(agent) {
        return Ok(());
    }
    let (id, now, kind, wanted) = (tx.new_id(), tx.now(), news.notice.as_str(), news.notice.wanted_at_first());
    let sql = "insert into notifications (workspace, agent, id, at, event, case_number, data, read_at) \
               select a.workspace, a.id, $3, $4, $5, $6, $7, null from agents a where a.workspace = $1 and a.id = $2 \
               and coalesce((select p.in_page from notification_preferences p \
               where p.workspace = $1 and p.agent = $2 and p.kind = $5), $8)";
    tx.put(sql, params![ws, agent, id, now, kind, news.case_number, news.data, wanted.in_page]).await?;
    if tx.mails {
        let sql = "insert into mails (workspace, id, agent, kind, case_number, by_agent, at, due_at, attempts, sent_at, fault, cases) \
                   select a.workspace, $3, a.id, $5, $6, $7, $4, $4, 0, null, null, $9 from agents a \
                   where a.workspace = $1 and a.id = $2 and a.active and coalesce((select p.email \
                   from notification_preferences p where p.workspace = $1 and p.agent = $2 and p.kind = $5), $8)";
        tx.put(sql, params![ws, agent, id, now, kind, news.case_number, news.by, wanted.email, news.cases]).await?;
    }
    Ok(())
}

/// Tells the active members of a queue in the same way.
pub async fn tell_members(tx: &mut Tx, ws: WorkspaceId, queue: QueueId, news: &News<'_>) -> Result<(), Fault> {
    let (id, now, kind, wanted) = (tx.new_id(), tx.now(), news.notice.as_str(), news.notice.wanted_at_first());
    let by = news.by.unwrap_or(AgentId(0));
    // One id for all: a notification is its agent's own.
    let sql = "insert into notifications (workspace, agent, id, at, event, case_number, data, read_at) \
               select a.workspace, a.id, $3, $4, $5, $6, $7, null from queue_members m \
               join agents a on a.workspace = m.workspace and a.id = m.agent \
               left join notification_preferences p on p.workspace = m.workspace and p.agent = m.agent and p.kind = $5 \
               where m.workspace = $1 and m.queue = $2 and a.active and a.id <> $8 and coalesce(p.in_page, $9)";
    tx.put(sql, params![ws, queue, id, now, kind, news.case_number, news.data, by, wanted.in_page]).await?;
    if tx.mails {
        // Each mail is sent by itself, so each needs an id of its own.
        let sql = "select a.id from queue_members m join agents a on a.workspace = m.workspace and a.id = m.agent \
                   left join notification_preferences p on p.workspace = m.workspace and p.agent = m.agent and p.kind = $3 \
                   where m.workspace = $1 and m.queue = $2 and a.active and a.id <> $4 and coalesce(p.email, $5)";
        let members = tx.query(sql, params![ws, queue, kind, by, wanted.email], |row| row.get::<AgentId>(0)).await?;
        for agent in members {
            crate::mails::insert(tx, ws, agent, news).await?;
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Notification, Fault> {
    Ok(Notification {
        id: row.get(0)?,
        at: row.get(1)?,
        event: row.get(2)?,
        case_number: row.get(3)?,
        data: row.get(4)?,
        read_at: row.get(5)?,
    })
}

/// Newest first.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<Notification>, Fault> {
    let sql = "select id, at, event, case_number, data, read_at from notifications \
               where workspace = $1 and agent = $2 and id < $3 order by id desc limit $4";
    tx.query(sql, params![ws, agent, before.unwrap_or(NotificationId(i64::MAX)), limit], read).await
}

/// The unread ones, newest first.
pub async fn list_unread(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<Notification>, Fault> {
    let sql = "select id, at, event, case_number, data, read_at from notifications \
               where workspace = $1 and agent = $2 and id < $3 and read_at is null order by id desc limit $4";
    tx.query(sql, params![ws, agent, before.unwrap_or(NotificationId(i64::MAX)), limit], read).await
}

/// How many are unread, counted up to `most`.
pub async fn count_unread(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, most: i64) -> Result<i64, Fault> {
    let sql = "select id from notifications where workspace = $1 and agent = $2 and read_at is null limit $3";
    Ok(tx.query(sql, params![ws, agent, most], |row| row.get::<NotificationId>(0)).await?.len() as i64)
}

/// Marks one as read, keeping the first time it was; `None` if it is not this agent's.
pub async fn mark_read(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    id: NotificationId,
) -> Result<Option<Notification>, Fault> {
    let now = tx.now();
    let sql = "update notifications set read_at = coalesce(read_at, $4) where workspace = $1 and agent = $2 and id = $3 \
               returning id, at, event, case_number, data, read_at";
    tx.query_opt(sql, params![ws, agent, id, now], read).await
}

/// Marks all of an agent's as read, up to and with `newest`: what came after was not on the list they looked at. Answers
/// how many there were.
pub async fn mark_all_read(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, newest: NotificationId) -> Result<u64, Fault> {
    let now = tx.now();
    let sql =
        "update notifications set read_at = $3 where workspace = $1 and agent = $2 and id <= $4 and read_at is null";
    tx.execute(sql, params![ws, agent, now, newest]).await
}

/// Marks what an agent was told of a case as read: they look at it.
pub async fn mark_case_read(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, number: i64) -> Result<u64, Fault> {
    let now = tx.now();
    let sql = "update notifications set read_at = $3 where workspace = $1 and agent = $2 and read_at is null \
               and case_number = $4";
    tx.execute(sql, params![ws, agent, now, number]).await
}

/// Forgets notifications read before `before`; answers whether it was a full batch, and there may be more.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<bool, Fault> {
    let sql = "delete from notifications where (workspace, agent, id) in (select n.workspace, n.agent, n.id \
               from notifications n where n.read_at < $1 and n.read_at is not null order by n.read_at limit $2)";
    Ok(tx.execute(sql, params![before, PRUNE]).await? == PRUNE as u64)
}

/// What an agent chose; for the other kinds holds what is wanted at first.
pub async fn preferences(tx: &mut Tx, ws: WorkspaceId, agent: AgentId) -> Result<Vec<(Notice, Wanted)>, Fault> {
    let sql = "select kind, in_page, email from notification_preferences where workspace = $1 and agent = $2";
    tx.query(sql, params![ws, agent], |row| Ok((row.word(0)?, Wanted { in_page: row.get(1)?, email: row.get(2)? })))
        .await
}

pub async fn prefer(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, notice: Notice, wanted: Wanted) -> Result<(), Fault> {
    let sql = "insert into notification_preferences (workspace, agent, kind, in_page, email) values ($1, $2, $3, $4, $5) \
               on conflict (workspace, agent, kind) do update set in_page = excluded.in_page, email = excluded.email";
    tx.put(sql, params![ws, agent, notice.as_str(), wanted.in_page, wanted.email]).await
}
