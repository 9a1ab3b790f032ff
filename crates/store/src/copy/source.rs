//! The SQLite side of a copy: one connection that only reads, in one snapshot.

use super::table::{Batch, Cell, Column, Figures, Key, Kind, Table};
use crate::{Settings, sqlite};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Rows written in one transaction at most: enough that the disk is waited for rarely, few enough to see progress.
const BATCH_ROWS: usize = 5_000;
/// … and bytes of text, after which a batch ends early.
const BATCH_BYTES: usize = 8 << 20;
/// The book of migrations is each database's own.
const BOOKS: &str = "schema_migrations";

pub struct Source {
    conn: Connection,
    path: PathBuf,
}

impl Source {
    pub fn open(path: &Path) -> Result<Source, String> {
        sqlite::check_path(path)?;
        if !path.exists() {
            return Err(format!("there is no database at {}", path.display()));
        }
        let conn = sqlite::open_reader(path, &Settings::default());
        let conn = conn.map_err(|why| format!("cannot open {}: {why}", path.display()))?;
        Ok(Source { conn, path: path.to_owned() })
    }

    /// Refuses a source whose schema is another than the target's, which is this program's.
    pub fn check_version(&self, wanted: i64) -> Result<(), String> {
        let shown = self.path.display();
        let found = self.conn.query_row(&format!("select max(version) from {BOOKS}"), [], |row| row.get(0));
        let found: i64 = found.map_err(|_| format!("{shown} is no database of Lull's"))?;
        match found.cmp(&wanted) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(format!(
                "{shown} is at schema version {found}, this program writes {wanted}: bring it up to date with `lull check --database sqlite:{shown}`, then copy"
            )),
            std::cmp::Ordering::Greater => Err(format!(
                "{shown} is at schema version {found}, this program knows up to {wanted}: copy with the newer version of Lull"
            )),
        }
    }

    /// From now on everything is read as it is at this moment.
    pub fn hold_still(&self) -> Result<(), String> {
        self.conn.execute_batch("begin").map_err(|e| self.failed(&e))
    }

    /// All tables, in an order that does not change; without what is searched, which the target's triggers write.
    pub fn tables(&self) -> Result<Vec<Table>, String> {
        let names = "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' \
                     and name not like 'search\\_%' escape '\\' and name <> ?1 order by name";
        let failed = |e: rusqlite::Error| self.failed(&e);
        let mut statement = self.conn.prepare(names).map_err(failed)?;
        let names = statement.query_map([BOOKS], |row| row.get(0)).map_err(failed)?;
        names.map(|name| self.table(name.map_err(failed)?)).collect()
    }

    fn table(&self, name: String) -> Result<Table, String> {
        let failed = |e: rusqlite::Error| self.failed(&e);
        let question = "select name, lower(type), pk from pragma_table_info(?1) order by cid";
        let mut statement = self.conn.prepare(question).map_err(failed)?;
        let mut rows = statement.query([&name]).map_err(failed)?;
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next().map_err(failed)? {
            let (column, kind, place): (String, String, i64) =
                (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?, row.get(2).map_err(failed)?);
            let unknown = || format!("column {column} of table {name} is of the type {kind}, which cannot be copied");
            let kind = Kind::named(&kind).ok_or_else(unknown)?;
            if place > 0 {
                key.push((place, columns.len()));
            }
            columns.push(Column { name: column, kind });
        }
        if key.is_empty() {
            return Err(format!("table {name} has no primary key, so it cannot be copied piece by piece"));
        }
        key.sort_unstable();
        Ok(Table { name, columns, key: key.into_iter().map(|(_, place)| place).collect() })
    }

    pub fn figures(&self, table: &Table) -> Result<Figures, String> {
        let width = table.columns.len() + 1;
        let read = |row: &rusqlite::Row<'_>| (0..width).map(|n| row.get(n)).collect();
        self.conn.query_row(&table.figures(), [], read).map(Figures).map_err(|e| self.failed(&e))
    }

    /// The rows after a key, or the first ones; `None` if there are no more.
    pub fn batch(&self, table: &Table, after: Option<&Key>) -> Result<Option<Batch>, String> {
        let failed = |e: rusqlite::Error| self.failed(&e);
        let mut statement = self.conn.prepare_cached(&table.batch(after.is_some(), BATCH_ROWS)).map_err(failed)?;
        let parameters = after.into_iter().flatten().map(parameter);
        let mut found = statement.query(rusqlite::params_from_iter(parameters)).map_err(failed)?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH_BYTES
            && let Some(row) = found.next().map_err(failed)?
        {
            let mut cells = Vec::with_capacity(table.columns.len());
            for (place, column) in table.columns.iter().enumerate() {
                let value = row.get_ref(place).map_err(failed)?;
                let cell = cell(value, column.kind).map_err(|why| {
                    format!("table {}, column {}, row {}: {why}", table.name, column.name, rows.len() + 1)
                })?;
                bytes += if let Cell::Text(text) = &cell { text.len() } else { 0 };
                cells.push(cell);
            }
            rows.push(cells);
        }
        let Some(last) = rows.last() else { return Ok(None) };
        let last = table.key.iter().map(|place| key_part(&last[*place])).collect();
        Ok(Some(Batch { rows, last }))
    }

    fn failed(&self, error: &rusqlite::Error) -> String {
        format!("cannot read {}: {error}", self.path.display())
    }
}

/// SQLite keeps any value in any column; PostgreSQL does not.
fn cell(value: ValueRef<'_>, kind: Kind) -> Result<Cell, String> {
    match (kind, value) {
        (_, ValueRef::Null) => Ok(Cell::Null),
        (Kind::Int, ValueRef::Integer(number)) => Ok(Cell::Int(number)),
        (Kind::Bool, ValueRef::Integer(number @ (0 | 1))) => Ok(Cell::Bool(number == 1)),
        (Kind::Text, ValueRef::Text(bytes)) => {
            let text = std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8")?;
            if text.contains('\0') {
                return Err("the text holds a NUL character, which PostgreSQL cannot store".to_owned());
            }
            Ok(Cell::Text(text.to_owned()))
        }
        (kind, value) => Err(format!("a value of type {} where {kind:?} belongs", value.data_type())),
    }
}

fn key_part(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(number) => Value::from(*number),
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Bool(truth) => Value::from(*truth),
    }
}

fn parameter(part: &Value) -> rusqlite::types::Value {
    match part {
        Value::String(text) => rusqlite::types::Value::Text(text.clone()),
        Value::Bool(truth) => rusqlite::types::Value::Integer(i64::from(*truth)),
        other => other.as_i64().map_or(rusqlite::types::Value::Null, rusqlite::types::Value::Integer),
    }
}
