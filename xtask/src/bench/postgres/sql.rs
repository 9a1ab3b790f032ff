//! A connection of the benchmark's own, beside the desk's: for preparing, for reading what was written, and for raw
//! statements.

use anyhow::{Context, Result};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSqlOwned, ToSql};
use tokio_postgres::{Client, NoTls, Row};

pub struct Sql {
    runtime: Arc<Runtime>,
    client: Client,
}

/// A statement's parameter that outlives its statement.
pub type Value = Box<dyn ToSql + Sync + Send>;

/// Opens a connection whose errors reach whoever waits for an answer.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Sql {
    pub fn open(runtime: &Arc<Runtime>, url: &str) -> Result<Sql> {
        let client = runtime.block_on(connect(url))?;
        Ok(Sql { runtime: runtime.clone(), client })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Runs statements; those of one text are one transaction, unless they say otherwise.
    pub fn batch(&self, sql: &str) -> Result<()> {
        self.runtime.block_on(self.client.batch_execute(sql)).with_context(|| shown(sql))
    }

    pub fn rows(&self, sql: &str) -> Result<Vec<Row>> {
        self.runtime.block_on(self.client.query(sql, &[])).with_context(|| shown(sql))
    }

    pub fn number(&self, sql: &str) -> Result<i64> {
        self.one(sql)
    }

    pub fn text(&self, sql: &str) -> Result<String> {
        self.one(sql)
    }

    fn one<T: FromSqlOwned>(&self, sql: &str) -> Result<T> {
        let row = self.runtime.block_on(self.client.query_one(sql, &[])).with_context(|| shown(sql))?;
        Ok(row.try_get(0)?)
    }

    /// Runs work of this connection's client to its end.
    pub fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime.block_on(work)
    }
}

/// Enough of a statement to know it by.
fn shown(sql: &str) -> String {
    const CHARS: usize = 120;
    format!(
        "PostgreSQL refused: {}",
        sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(CHARS).collect::<String>()
    )
}
