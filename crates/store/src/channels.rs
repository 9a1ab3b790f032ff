//! Connected profiles: where messages come in, and the queue their new cases go to.

use crate::{Fault, Row, Tx, params};
use domain::id::{ChannelId, QueueId, WorkspaceId};
use domain::message::Network;
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    pub name: String,
    pub network: Network,
    pub queue: QueueId,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, name, network, queue, created_at";

fn read(row: &Row<'_>) -> Result<Channel, Fault> {
    Ok(Channel {
        id: row.get(0)?,
        name: row.get(1)?,
        network: row.word(2)?,
        queue: row.get(3)?,
        created_at: row.get(4)?,
    })
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, channel: &Channel) -> Result<(), Fault> {
    tx.put(
        "insert into channels (workspace, id, name, network, queue, created_at) values ($1, $2, $3, $4, $5, $6)",
        params![ws, channel.id, channel.name, channel.network.as_str(), channel.queue, channel.created_at],
    )
    .await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, ws: WorkspaceId, channel: &Channel) -> Result<(), Fault> {
    let sql = "update channels set name = $3, queue = $4 where workspace = $1 and id = $2";
    tx.put(sql, params![ws, channel.id, channel.name, channel.queue]).await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: ChannelId) -> Result<Option<Channel>, Fault> {
    let sql = "select id, name, network, queue, created_at from channels where workspace = $1 and id = $2";
    tx.query_opt(sql, params![ws, id], read).await
}

pub async fn by_name(tx: &mut Tx, ws: WorkspaceId, name: &str) -> Result<Option<Channel>, Fault> {
    let sql = format!("select {COLUMNS} from channels where workspace = $1 and name = $2");
    tx.query_opt(&sql, params![ws, name], read).await
}

pub async fn list(tx: &mut Tx, ws: WorkspaceId, after: Option<ChannelId>, limit: i64) -> Result<Vec<Channel>, Fault> {
    let sql = format!("select {COLUMNS} from channels where workspace = $1 and id > $2 order by id limit $3");
    tx.query(&sql, params![ws, after.unwrap_or(ChannelId(0)), limit], read).await
}
