//! Messages and internal comments: a case's rows lie together, in order.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, CaseId, ChannelId, CommentId, CustomerId, MessageId, WorkspaceId};
use domain::message::{Delivery, Direction};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `CaseId(0)`: belongs to no case (R6).
    pub case: CaseId,
    pub id: MessageId,
    pub channel: ChannelId,
    pub customer: CustomerId,
    pub external_id: Option<String>,
    pub direction: Direction,
    pub text: String,
    pub author: Option<AgentId>,
    pub automatic: bool,
    pub sent_at: Option<Timestamp>,
    pub received_at: Timestamp,
    pub delivery: Delivery,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub author: Option<AgentId>,
    pub text: String,
    pub at: Timestamp,
    /// Members it speaks of by `@name`.
    pub mentions: Vec<AgentId>,
}

/// Something typed and not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub agent: AgentId,
    /// `reply` or `note`.
    pub kind: String,
    /// When they last went on with it.
    pub at: Timestamp,
}

const COLUMNS: &str =
    "case_id, id, channel, customer, external_id, direction, text, author, automatic, sent_at, received_at, delivery";

pub(crate) fn read(row: &Row<'_>) -> Result<Message, Fault> {
    Ok(Message {
        case: row.get(0)?,
        id: row.get(1)?,
        channel: row.get(2)?,
        customer: row.get(3)?,
        external_id: row.get(4)?,
        direction: row.word(5)?,
        text: row.get(6)?,
        author: row.get(7)?,
        automatic: row.get(8)?,
        sent_at: row.get(9)?,
        received_at: row.get(10)?,
        delivery: row.word(11)?,
    })
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, message: &Message) -> Result<(), Fault> {
    tx.put(
        "insert into messages (workspace, case_id, id, channel, customer, external_id, direction, text, author, automatic, \
         sent_at, received_at, delivery) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            ws,
            message.case,
            message.id,
            message.channel,
            message.customer,
            message.external_id,
            message.direction.as_str(),
            message.text,
            message.author,
            message.automatic,
            message.sent_at,
            message.received_at,
            message.delivery.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// The message a network's id stands for (R7).
pub async fn by_external_id(
    tx: &mut Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    external_id: &str,
) -> Result<Option<Message>, Fault> {
    let sql = "select case_id, id, channel, customer, external_id, direction, text, author, automatic, sent_at, received_at, \
               delivery from messages where workspace = $1 and channel = $2 and external_id = $3";
    tx.query_opt(sql, params![ws, channel, external_id], read).await
}

/// A case's messages after `after`, oldest first.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, Fault> {
    let sql = format!(
        "select {COLUMNS} from messages where workspace = $1 and case_id = $2 and id > $3 order by id limit $4"
    );
    tx.query(&sql, params![ws, case, after.unwrap_or(MessageId(0)), limit], read).await
}

/// A case's latest messages before `before`, newest first.
pub async fn latest(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, Fault> {
    let sql = format!(
        "select {COLUMNS} from messages where workspace = $1 and case_id = $2 and id < $3 order by id desc limit $4"
    );
    tx.query(&sql, params![ws, case, before.unwrap_or(MessageId(i64::MAX)), limit], read).await
}

/// What a list shows of a case's latest message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    pub case: CaseId,
    pub direction: Direction,
    pub author: Option<AgentId>,
    pub automatic: bool,
    /// The beginning of the text.
    pub text: String,
}

/// The latest message of each of `cases` (a JSON list of ids), its text cut to `chars` characters. A case without a
/// message has no row.
pub async fn latest_of(tx: &mut Tx, ws: WorkspaceId, cases: &str, chars: i64) -> Result<Vec<Latest>, Fault> {
    let sql = "select m.case_id, m.direction, m.author, m.automatic, substr(m.text, 1, $3) from json_each($2) j \
               join messages m on m.workspace = $1 and m.case_id = cast(j.value as bigint) and m.id = \
               (select max(n.id) from messages n where n.workspace = $1 and n.case_id = cast(j.value as bigint))";
    tx.query(sql, params![ws, cases, chars], |row| {
        Ok(Latest {
            case: row.get(0)?,
            direction: row.word(1)?,
            author: row.get(2)?,
            automatic: row.get(3)?,
            text: row.get(4)?,
        })
    })
    .await
}

pub async fn insert_comment(tx: &mut Tx, ws: WorkspaceId, case: CaseId, comment: &Comment) -> Result<(), Fault> {
    let sql =
        "insert into comments (workspace, case_id, id, author, text, at, mentions) values ($1, $2, $3, $4, $5, $6, $7)";
    let mentions =
        serde_json::Value::from(comment.mentions.iter().map(|agent| agent.0).collect::<Vec<_>>()).to_string();
    tx.put(sql, params![ws, case, comment.id, comment.author, comment.text, comment.at, mentions]).await?;
    Ok(())
}

/// Oldest first.
pub async fn comments(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<Comment>, Fault> {
    let sql = "select id, author, text, at, mentions from comments where workspace = $1 and case_id = $2 and id > $3 order by id limit $4";
    tx.query(sql, params![ws, case, after.unwrap_or(CommentId(0)), limit], |row| {
        let mentions = row.get::<String>(4)?;
        let mentions = read_mentions(&mentions)?;
        Ok(Comment { id: row.get(0)?, author: row.get(1)?, text: row.get(2)?, at: row.get(3)?, mentions })
    })
    .await
}

fn read_mentions(stored: &str) -> Result<Vec<AgentId>, Fault> {
    let ids: Vec<i64> = serde_json::from_str(stored).map_err(|e| Fault::Broken(format!("mentions: {e}")))?;
    Ok(ids.into_iter().map(AgentId).collect())
}

/// What an agent has typed and not sent; an empty text forgets it.
pub async fn save_draft(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    agent: AgentId,
    kind: &str,
    text: &str,
) -> Result<(), Fault> {
    if text.is_empty() {
        let sql = "delete from drafts where workspace = $1 and case_id = $2 and agent = $3 and kind = $4";
        tx.put(sql, params![ws, case, agent, kind]).await?;
        return Ok(());
    }
    let now = tx.now();
    let sql = "insert into drafts (workspace, case_id, agent, kind, text, at) values ($1, $2, $3, $4, $5, $6) \
               on conflict (workspace, case_id, agent, kind) do update set text = excluded.text, at = excluded.at";
    tx.put(sql, params![ws, case, agent, kind, text, now]).await?;
    Ok(())
}

/// Which of `cases` (a JSON list of ids) an agent has a draft on.
pub async fn drafted(tx: &mut Tx, ws: WorkspaceId, cases: &str, agent: AgentId) -> Result<Vec<CaseId>, Fault> {
    let sql = "select distinct d.case_id from json_each($2) j join drafts d on d.workspace = $1 \
               and d.case_id = cast(j.value as bigint) and d.agent = $3";
    tx.query(sql, params![ws, cases, agent], |row| row.get(0)).await
}

/// Kind (`reply`, `note`) and text of an agent's drafts on a case.
pub async fn drafts(
    tx: &mut Tx,
    ws: WorkspaceId,
    case: CaseId,
    agent: AgentId,
) -> Result<Vec<(String, String)>, Fault> {
    let sql = "select kind, text from drafts where workspace = $1 and case_id = $2 and agent = $3";
    tx.query(sql, params![ws, case, agent], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Who else than `agent` has typed something on a case and not sent it.
pub async fn begun(tx: &mut Tx, ws: WorkspaceId, case: CaseId, agent: AgentId) -> Result<Vec<Begun>, Fault> {
    let sql =
        "select agent, kind, at from drafts where workspace = $1 and case_id = $2 and agent <> $3 order by agent, kind";
    tx.query(sql, params![ws, case, agent], |row| Ok(Begun { agent: row.get(0)?, kind: row.get(1)?, at: row.get(2)? }))
        .await
}
