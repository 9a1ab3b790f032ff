//! Credentials: API tokens, sessions of the pages, one-time sign-in links. Only hashes are stored.

use crate::{Fault, Row, Tx, params};
use domain::id::{AgentId, TokenId, WorkspaceId};
use domain::permission::{Plan, Role};
use domain::time::Timestamp;

#[derive(Debug, Clone)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub role: Role,
    /// Whom it acts as; `None` is nobody.
    pub agent: Option<AgentId>,
    pub created_at: Timestamp,
    pub created_by: Option<AgentId>,
}

/// The expiry of a standing link: it neither expires nor is used up. Only the demo has one, whose clock may be played for
/// weeks and whose workspace is thrown away.
pub const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// Who a credential speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub time_zone: String,
    pub plan: Plan,
    pub role: Role,
    pub token: Option<TokenId>,
    pub agent: Option<BearerAgent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerAgent {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
}

/// An agent's token holds no more than both the token's and the agent's role, and only while the agent is active.
pub async fn bearer_of_token(tx: &mut Tx, hash: &str) -> Result<Option<Bearer>, Fault> {
    let sql = "select w.id, w.name, w.time_zone, w.plan, t.role, t.id, a.id, a.name, a.role from tokens t \
               join workspaces w on w.id = t.workspace left join agents a on a.workspace = t.workspace and a.id = t.agent \
               where t.hash = $1 and (t.agent is null or a.active)";
    tx.query_opt(sql, params![hash], |row| {
        let mut bearer = read_bearer(row)?;
        bearer.token = row.get(5)?;
        if let Some(agent) = &bearer.agent {
            bearer.role = bearer.role.max(agent.role);
        }
        Ok(bearer)
    })
    .await
}

pub async fn bearer_of_session(tx: &mut Tx, hash: &str) -> Result<Option<Bearer>, Fault> {
    let now = tx.now();
    let sql = "select w.id, w.name, w.time_zone, w.plan, a.role, null, a.id, a.name, a.role from sessions s \
               join workspaces w on w.id = s.workspace join agents a on a.workspace = s.workspace and a.id = s.agent \
               where s.hash = $1 and s.expires_at > $2 and a.active";
    tx.query_opt(sql, params![hash, now], read_bearer).await
}

fn read_bearer(row: &Row<'_>) -> Result<Bearer, Fault> {
    let agent = match row.get::<Option<AgentId>>(6)? {
        Some(id) => Some(BearerAgent { id, name: row.get(7)?, role: row.word(8)? }),
        None => None,
    };
    Ok(Bearer {
        workspace: row.get(0)?,
        workspace_name: row.get(1)?,
        time_zone: row.get(2)?,
        plan: row.word(3)?,
        role: row.word(4)?,
        token: None,
        agent,
    })
}

pub async fn insert_token(tx: &mut Tx, ws: WorkspaceId, token: &Token, hash: &str) -> Result<(), Fault> {
    tx.put(
        "insert into tokens (workspace, id, name, role, agent, hash, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![ws, token.id, token.name, token.role.as_str(), token.agent, hash, token.created_at, token.created_by],
    )
    .await?;
    Ok(())
}

pub async fn tokens(tx: &mut Tx, ws: WorkspaceId, after: Option<TokenId>, limit: i64) -> Result<Vec<Token>, Fault> {
    let sql = "select id, name, role, agent, created_at, created_by from tokens \
               where workspace = $1 and id > $2 order by id limit $3";
    tx.query(sql, params![ws, after.unwrap_or(TokenId(0)), limit], |row| {
        Ok(Token {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.word(2)?,
            agent: row.get(3)?,
            created_at: row.get(4)?,
            created_by: row.get(5)?,
        })
    })
    .await
}

/// Answers the name and the role of the token, if there was one.
pub async fn delete_token(tx: &mut Tx, ws: WorkspaceId, id: TokenId) -> Result<Option<(String, Role)>, Fault> {
    let sql = "delete from tokens where workspace = $1 and id = $2 returning name, role";
    tx.query_opt(sql, params![ws, id], |row| Ok((row.get(0)?, row.word(1)?))).await
}

pub async fn insert_session(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    hash: &str,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let now = tx.now();
    let sql = "insert into sessions (hash, workspace, agent, created_at, expires_at) values ($1, $2, $3, $4, $5)";
    tx.put(sql, params![hash, ws, agent, now, expires_at]).await?;
    Ok(())
}

pub async fn delete_session(tx: &mut Tx, hash: &str) -> Result<(), Fault> {
    tx.put("delete from sessions where hash = $1", params![hash]).await?;
    Ok(())
}

pub async fn insert_link(
    tx: &mut Tx,
    ws: WorkspaceId,
    agent: AgentId,
    hash: &str,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let sql = "insert into sign_in_links (hash, workspace, agent, expires_at, used_at) values ($1, $2, $3, $4, null)";
    tx.put(sql, params![hash, ws, agent, expires_at]).await?;
    Ok(())
}

/// Uses a sign-in link up, unless it is a standing one ([`NEVER`]); `None` if it is unknown, used or expired.
pub async fn use_link(tx: &mut Tx, hash: &str) -> Result<Option<(WorkspaceId, AgentId)>, Fault> {
    let now = tx.now();
    let sql = "update sign_in_links set used_at = case when expires_at < $3 then $2 end \
               where hash = $1 and used_at is null and expires_at > $2 returning workspace, agent";
    tx.query_opt(sql, params![hash, now, NEVER], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Ends an agent's sessions and takes their sign-in links back.
pub async fn forget_agent(tx: &mut Tx, ws: WorkspaceId, agent: AgentId) -> Result<(), Fault> {
    tx.put("delete from sessions where workspace = $1 and agent = $2", params![ws, agent]).await?;
    tx.put("delete from sign_in_links where workspace = $1 and agent = $2", params![ws, agent]).await?;
    Ok(())
}

/// Ends an agent's sessions but one, and takes their sign-in links back; a standing one ([`NEVER`]) stays.
pub async fn keep_session_alone(tx: &mut Tx, ws: WorkspaceId, agent: AgentId, hash: &str) -> Result<(), Fault> {
    let sessions = "delete from sessions where workspace = $1 and agent = $2 and hash <> $3";
    tx.put(sessions, params![ws, agent, hash]).await?;
    let links = "delete from sign_in_links where workspace = $1 and agent = $2 and expires_at < $3";
    tx.put(links, params![ws, agent, NEVER]).await?;
    Ok(())
}

/// Forgets what has expired.
pub async fn prune(tx: &mut Tx) -> Result<(), Fault> {
    let now = tx.now();
    tx.put("delete from sessions where expires_at <= $1", params![now]).await?;
    tx.put("delete from sign_in_links where expires_at <= $1", params![now]).await?;
    Ok(())
}
