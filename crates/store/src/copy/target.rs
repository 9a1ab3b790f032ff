//! The PostgreSQL side of a copy: one connection that holds a lock against a second copy, and the note of how far it is.

use super::table::{Batch, Column, Figures, Key, Kind, Table, quoted};
use crate::migrate;
use crate::postgres::address::Address;
use crate::postgres::connect;
use crate::postgres::session::fault;
use std::collections::HashMap;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::{Client, Error};

/// The session lock under which one copy runs.
const COPYING: i64 = 0x6c75_6c6c_636f_7079;
/// A copy that was killed a moment ago may still hold its lock, until the server notices; and large tables take their time
/// to be counted.
const PATIENCE: &str = "set lock_timeout = '3s'; set client_connection_check_interval = '1s'; \
                        set statement_timeout = 0; set idle_in_transaction_session_timeout = 0";
/// The books of migrations and of this copy have no counterpart; what is searched is written by triggers.
const OWN: [&str; 3] = ["schema_migrations", "copy_progress", SEARCHED];
const SEARCHED: &str = "search_docs";
const NOTE: &str =
    "create table copy_progress (source text not null, place bigint not null, last text, rows bigint not null)";
const IS_THERE: &str = "select to_regclass('copy_progress') is not null";

pub struct Target {
    client: Client,
    shown: String,
    position: Position,
}

/// How far a copy has come.
#[derive(Debug, Default)]
pub struct Position {
    /// The table that is being copied, as its place among the tables; those before it are done.
    pub table: usize,
    /// The key of the last row copied of it.
    last: Option<Key>,
    /// Rows copied of all tables.
    pub rows: u64,
}

impl Position {
    /// The key of the last row copied of a table.
    pub fn last_in(&self, table: usize) -> Option<&Key> {
        self.last.as_ref().filter(|_| self.table == table)
    }
}

/// Refuses to use a database in which part of a desk is missing. To be asked by a node that has said that it is there:
/// a copy asks in the other order.
pub(crate) async fn refuse_unfinished(client: &Client) -> Result<(), String> {
    if client.query_one(IS_THERE, &[]).await.map_err(text)?.get(0) {
        return Err(
            "this database holds an unfinished copy: run the same `lull copy` again, it goes on where it stopped"
                .to_owned(),
        );
    }
    Ok(())
}

impl Target {
    /// Connects, keeps other copies out, and makes the tables where they are missing.
    pub async fn open(url: &str) -> Result<Target, String> {
        let address = Address::parse(url)?;
        let client = connect::connect(&address).await?;
        client.batch_execute(PATIENCE).await.map_err(text)?;
        client.execute("select pg_advisory_lock($1)", &[&COPYING]).await.map_err(|e| match e.code() {
            Some(code) if code.code() == "55P03" => format!("another copy to {} is under way", address.shown()),
            _ => text(e),
        })?;
        let now = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)";
        let now = client.query_one(now, &[]).await.map_err(text)?.get(0);
        migrate::migrate_postgres(&client, now).await?;
        Ok(Target { client, shown: address.shown(), position: Position::default() })
    }

    pub fn shown(&self) -> &str {
        &self.shown
    }

    pub fn position(&self) -> &Position {
        &self.position
    }

    pub async fn version(&self) -> Result<i64, String> {
        Ok(self.client.query_one("select max(version) from schema_migrations", &[]).await.map_err(text)?.get(0))
    }

    /// Both sides must have the same tables with the same columns; here there may be more that fill themselves.
    pub async fn check_tables(&self, tables: &[Table]) -> Result<(), String> {
        let question =
            "select c.table_name, c.column_name, c.data_type, c.column_default is not null or c.is_nullable = 'YES'
             from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
             where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' order by 1, c.ordinal_position";
        let mut found: HashMap<String, Vec<(String, String, bool)>> = HashMap::new();
        for row in self.client.query(question, &[]).await.map_err(text)? {
            found.entry(row.get(0)).or_default().push((row.get(1), row.get(2), row.get(3)));
        }
        OWN.iter().for_each(|own| drop(found.remove(*own)));
        for table in tables {
            let name = &table.name;
            let columns = found.remove(name).ok_or_else(|| format!("the target has no table {name}"))?;
            check_columns(table, &columns)?;
        }
        found.keys().min().map_or(Ok(()), |more| Err(format!("the target has a table {more}, the source has none")))
    }

    /// Finds where to begin: at the start of an empty target, or where a copy of the same source stopped. Answers how many
    /// rows are there already.
    pub async fn begin(&mut self, tables: &[Table], figures: &[Figures]) -> Result<u64, String> {
        let source = serde_json::to_string(&figures).map_err(|e| e.to_string())?;
        if self.client.query_one(IS_THERE, &[]).await.map_err(text)?.get(0) {
            self.resume(&source).await?;
        } else {
            self.begin_anew(tables, &source).await?;
        }
        Ok(self.position.rows)
    }

    async fn resume(&mut self, source: &str) -> Result<(), String> {
        let question = "select source = $1, place, last, rows from copy_progress";
        let note = self.client.query_one(question, &[&source]).await.map_err(text)?;
        if !note.get::<_, bool>(0) {
            return Err(format!(
                "{} holds an unfinished copy of another database, or of this one as it was before it changed: make the target anew (`dropdb`, `createdb`) and copy again",
                self.shown
            ));
        }
        let last: Option<String> = note.get(2);
        let last = last.map(|last| serde_json::from_str(&last)).transpose();
        let number = |column| u64::try_from(note.get::<_, i64>(column)).unwrap_or_default();
        let last = last.map_err(|e| format!("the target's copy_progress cannot be read: {e}"))?;
        self.position = Position { table: number(1) as usize, last, rows: number(3) };
        Ok(())
    }

    async fn begin_anew(&mut self, tables: &[Table], source: &str) -> Result<(), String> {
        for table in tables {
            let question = format!("select exists (select 1 from {})", quoted(&table.name));
            if self.client.query_one(&question, &[]).await.map_err(text)?.get(0) {
                return Err(format!(
                    "{} is in use already (its table {} has rows): copy goes into an empty database, made by `createdb`",
                    self.shown, table.name
                ));
            }
        }
        let tx = self.client.transaction().await.map_err(text)?;
        tx.execute(NOTE, &[]).await.map_err(text)?;
        tx.execute("insert into copy_progress (source, place, rows) values ($1, 0, 0)", &[&source])
            .await
            .map_err(text)?;
        tx.commit().await.map_err(text)?;
        // A node that was there before the note was has not seen it.
        let nodes = connect::nodes(&self.client).await.map_err(text)?;
        if nodes > 0 {
            self.client.execute("drop table copy_progress", &[]).await.map_err(text)?;
            return Err(format!("{} is used by another process of Lull ({nodes} in all): stop it first", self.shown));
        }
        Ok(())
    }

    /// Writes a batch of the table at this place and how far that is.
    pub async fn write(&mut self, place: usize, table: &Table, batch: Batch) -> Result<(), String> {
        let rows = self.position.rows + batch.rows.len() as u64;
        let stopped = |e: Error| {
            let why = text(e);
            format!(
                "the copy of table {} stopped: {why}; run the same command again, it goes on where it stopped",
                table.name
            )
        };
        self.try_write(place, table, &batch, rows).await.map_err(stopped)?;
        self.position = Position { table: place, last: Some(batch.last), rows };
        Ok(())
    }

    async fn try_write(&mut self, place: usize, table: &Table, batch: &Batch, rows: u64) -> Result<(), Error> {
        let types: Vec<_> = table.columns.iter().map(|column| column.kind.for_driver()).collect();
        let tx = self.client.transaction().await?;
        let mut writer = pin!(BinaryCopyInWriter::new(tx.copy_in(&table.copy_in()).await?, &types));
        for row in &batch.rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await?;
        let last = serde_json::Value::from(batch.last.clone()).to_string();
        let (place, rows) = (place as i64, rows as i64);
        tx.execute("update copy_progress set place = $1, last = $2, rows = $3", &[&place, &last, &rows]).await?;
        tx.commit().await
    }

    pub async fn figures(&self, table: &Table) -> Result<Figures, String> {
        let row = self.client.query_one(&table.figures(), &[]).await.map_err(text)?;
        Ok(Figures((0..row.len()).map(|n| row.get(n)).collect()))
    }

    /// Readies the target for its nodes: numbers go on after the copied ones, the planner knows the tables.
    pub async fn finish(&self, tables: &[Table]) -> Result<(), String> {
        let question = "select table_name, column_name from information_schema.columns
             where table_schema = current_schema() and is_identity = 'YES' order by 1, 2";
        for row in self.client.query(question, &[]).await.map_err(text)? {
            let (table, column): (String, String) = (row.get(0), row.get(1));
            let (name, newest) = (quoted(&table), format!("(select max({}) from {})", quoted(&column), quoted(&table)));
            let set = format!("select setval(pg_get_serial_sequence($1, $2), {newest}) where {newest} is not null");
            self.client.query(&set, &[&name, &column]).await.map_err(text)?;
        }
        let names = tables.iter().map(|table| table.name.as_str()).chain([SEARCHED]);
        let names: Vec<String> = names.map(quoted).collect();
        self.client.batch_execute(&format!("analyze {}", names.join(", "))).await.map_err(text)?;
        self.client.batch_execute("drop table copy_progress").await.map_err(text)
    }
}

fn check_columns(table: &Table, found: &[(String, String, bool)]) -> Result<(), String> {
    for Column { name, kind } in &table.columns {
        let column = found.iter().find(|column| column.0 == *name);
        let (_, other, _) = column.ok_or_else(|| format!("table {} of the target has no column {name}", table.name))?;
        if Kind::named(other) != Some(*kind) {
            return Err(format!(
                "column {name} of table {} is {other} in the target, which is not {kind:?}",
                table.name
            ));
        }
    }
    for (name, _, fills_itself) in found {
        if !fills_itself && !table.columns.iter().any(|column| column.name == *name) {
            return Err(format!("table {} of the target has a column {name}, the source has none", table.name));
        }
    }
    Ok(())
}

fn text(error: Error) -> String {
    fault(error).to_string()
}
