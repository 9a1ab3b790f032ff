//! Customers: known by their id on a network.

use crate::{Fault, Row, Tx, params};
use domain::id::{CustomerId, WorkspaceId};
use domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    /// A network, or a channel's id where a network's ids do not name one person everywhere.
    pub scope: String,
    pub external_id: String,
    pub name: Option<String>,
    pub handle: Option<String>,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, scope, external_id, name, handle, created_at";

fn read(row: &Row<'_>) -> Result<Customer, Fault> {
    Ok(Customer {
        id: row.get(0)?,
        scope: row.get(1)?,
        external_id: row.get(2)?,
        name: row.get(3)?,
        handle: row.get(4)?,
        created_at: row.get(5)?,
    })
}

pub async fn get(tx: &mut Tx, ws: WorkspaceId, id: CustomerId) -> Result<Option<Customer>, Fault> {
    tx.query_opt(&format!("select {COLUMNS} from customers where workspace = $1 and id = $2"), params![ws, id], read)
        .await
}

pub async fn by_external_id(
    tx: &mut Tx,
    ws: WorkspaceId,
    scope: &str,
    external_id: &str,
) -> Result<Option<Customer>, Fault> {
    let sql = "select id, scope, external_id, name, handle, created_at from customers \
               where workspace = $1 and scope = $2 and external_id = $3";
    tx.query_opt(sql, params![ws, scope, external_id], read).await
}

pub async fn insert(tx: &mut Tx, ws: WorkspaceId, customer: &Customer) -> Result<(), Fault> {
    tx.put(
        "insert into customers (workspace, id, scope, external_id, name, handle, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        params![ws, customer.id, customer.scope, customer.external_id, customer.name, customer.handle, customer.created_at],
    )
    .await?;
    Ok(())
}

pub async fn rename(tx: &mut Tx, ws: WorkspaceId, customer: &Customer) -> Result<(), Fault> {
    let sql = "update customers set name = $3, handle = $4 where workspace = $1 and id = $2";
    tx.put(sql, params![ws, customer.id, customer.name, customer.handle]).await?;
    Ok(())
}

/// In order of id, which is of first contact; `like` is a pattern over name, handle and external id.
pub async fn list(
    tx: &mut Tx,
    ws: WorkspaceId,
    like: Option<&str>,
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<Customer>, Fault> {
    let sql = format!(
        "select {COLUMNS} from customers where workspace = $1 and id > $2 and (cast($3 as text) is null or lower/*unicode*/(coalesce(name, '') || ' ' || \
         coalesce(handle, '') || ' ' || external_id) like $3 escape '\\') order by id limit $4"
    );
    tx.query(&sql, params![ws, after.unwrap_or(CustomerId(0)), like, limit], read).await
}
