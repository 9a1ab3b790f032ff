//! The tags a workspace knows, and the renaming of one across its cases.
//!
//! A case's tags stand with the case; here stands which ones there are, so that they can be offered without looking at every
//! case. A renaming is a row that says so: whoever finds it goes on where the last one stopped.

use crate::{Fault, Tx, params};
use domain::id::{AgentId, CaseId, WorkspaceId};
use std::collections::BTreeMap;

/// A tag that was ever used and not removed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    /// What cases get in its place while it is renamed; empty while it is removed.
    pub becomes: Option<String>,
}

/// A renaming or removal under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retag {
    pub workspace: WorkspaceId,
    pub name: String,
    /// Empty: removed.
    pub becomes: String,
    /// The last case that was looked at.
    pub position: CaseId,
    pub asked_by: Option<AgentId>,
}

/// Remembers the tags of a case. A tag given anew while it is renamed makes the renaming begin again, or this case would keep
/// the old one.
pub(crate) async fn remember(tx: &mut Tx, ws: WorkspaceId, tags: &[String]) -> Result<(), Fault> {
    // Each in a list of its own, out of which both databases take a text by the same words.
    let tags = serde_json::Value::from(tags.iter().map(|tag| vec![tag.clone()]).collect::<Vec<_>>()).to_string();
    if tx.is_shared() {
        // A renaming that is being asked for is waited for, and one under way leaves the tag alone until this case has it.
        let sql = "select c.name from tags c where c.workspace = $1 and c.name in (select t.value->>0 from json_each($2) t) \
                   order by c.name /*share*/";
        tx.put(sql, params![ws, tags]).await?;
    }
    let sql = "insert into tags (workspace, name, position) select $1, t.value->>0, 0 from json_each($2) t \
               where true on conflict (workspace, name) do nothing";
    tx.put(sql, params![ws, tags]).await?;
    let sql = "update tags set position = 0 where workspace = $1 and becomes is not null and position > 0 \
               and name in (select t.value->>0 from json_each($2) t)";
    tx.put(sql, params![ws, tags]).await
}

/// In the order of the alphabet, after `after`.
pub async fn list(tx: &mut Tx, ws: WorkspaceId, after: &str, limit: i64) -> Result<Vec<Tag>, Fault> {
    let sql = "select c.name, c.becomes from tags c where c.workspace = $1 and c.name > $2 order by c.name limit $3";
    tx.query(sql, params![ws, after, limit], |row| Ok(Tag { name: row.get(0)?, becomes: row.get(1)? })).await
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<Option<Tag>, Fault> {
    let sql = "select c.name, c.becomes from tags c where c.workspace = $1 and c.name = $2 /*lock*/";
    tx.query_opt(sql, params![ws, name], |row| Ok(Tag { name: row.get(0)?, becomes: row.get(1)? })).await
}

/// Asks for `name` to become `becomes` everywhere; empty: for it to be removed.
pub async fn ask(
    tx: &mut Tx,
    ws: WorkspaceId,
    name: &str,
    becomes: &str,
    asked_by: Option<AgentId>,
) -> Result<(), Fault> {
    let sql = "update tags set becomes = $3, position = 0, asked_by = $4 where workspace = $1 and name = $2";
    tx.change(1, sql, params![ws, name, becomes, asked_by]).await?;
    if becomes.is_empty() {
        return Ok(());
    }
    let sql =
        "insert into tags (workspace, name, position) values ($1, $2, 0) on conflict (workspace, name) do nothing";
    tx.put(sql, params![ws, becomes]).await
}

/// The renamings that are under way in all workspaces.
pub async fn all_under_way(tx: &mut Tx, limit: i64) -> Result<Vec<(WorkspaceId, String)>, Fault> {
    let sql =
        "select c.workspace, c.name from tags c where c.becomes is not null order by c.workspace, c.name limit $1";
    tx.query(sql, params![limit], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// A renaming that is under way and that nobody else is at, its row kept from others until the transaction ends.
pub async fn under_way(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<Option<Retag>, Fault> {
    let sql = "select c.workspace, c.name, c.becomes, c.position, c.asked_by from tags c where c.becomes is not null \
               and c.workspace = $1 and c.name = $2 /*claim*/";
    tx.query_opt(sql, params![ws, name], |row| {
        Ok(Retag {
            workspace: row.get(0)?,
            name: row.get(1)?,
            becomes: row.get(2)?,
            position: row.get(3)?,
            asked_by: row.get(4)?,
        })
    })
    .await
}

/// Says how far a renaming came.
pub async fn came_to(tx: &mut Tx, ws: WorkspaceId, name: &str, position: CaseId) -> Result<(), Fault> {
    tx.put("update tags set position = $3 where workspace = $1 and name = $2", params![ws, name, position]).await
}

/// No case has it any more.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<(), Fault> {
    tx.put("delete from tags where workspace = $1 and name = $2", params![ws, name]).await
}

/// The cases after `after`, with number and tags, in the order of their ids.
pub async fn cases_after(
    tx: &mut Tx,
    ws: WorkspaceId,
    after: CaseId,
    limit: i64,
) -> Result<Vec<(CaseId, i64, Vec<String>)>, Fault> {
    let sql = "select c.id, c.number, c.tags from cases c where c.workspace = $1 and c.id > $2 order by c.id limit $3";
    tx.query(sql, params![ws, after, limit], |row| Ok((row.get(0)?, row.get(1)?, row.texts(2)?))).await
}

/// How many open cases have each tag, among at most `most` open cases; and whether there are more.
pub async fn counts(tx: &mut Tx, ws: WorkspaceId, most: i64) -> Result<(BTreeMap<String, i64>, bool), Fault> {
    let sql = "select c.tags, count(*) from (select o.tags from cases o where o.workspace = $1 and o.status <> 'closed' \
               limit $2) c group by c.tags";
    let rows: Vec<(Vec<String>, i64)> =
        tx.query(sql, params![ws, most], |row| Ok((row.texts(0)?, row.get(1)?))).await?;
    let mut counts = BTreeMap::new();
    let mut seen = 0;
    for (tags, cases) in rows {
        seen += cases;
        for tag in tags {
            *counts.entry(tag).or_insert(0) += cases;
        }
    }
    Ok((counts, seen >= most))
}
