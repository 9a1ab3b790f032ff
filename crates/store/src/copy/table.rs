//! What both databases must agree on: a table's columns, its key, its rows, and its figures.

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A table as SQLite knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The primary key, as places among the columns.
    pub key: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// The only kinds of values that the schema uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Text,
    Bool,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bool(bool),
}

/// Rows that follow each other in their table, at least one, and the key of the last.
#[derive(Debug)]
pub struct Batch {
    pub rows: Vec<Vec<Cell>>,
    pub last: Key,
}

/// A row's key, as JSON: numbers and texts.
pub type Key = Vec<serde_json::Value>;

/// The number of rows and, for each column, a sum over its values. Lost, doubled and changed rows show in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Figures(pub Vec<i64>);

impl Figures {
    pub fn rows(&self) -> u64 {
        self.0.first().map_or(0, |rows| rows.unsigned_abs())
    }
}

impl Kind {
    /// What either database calls it.
    pub fn named(name: &str) -> Option<Kind> {
        match name {
            "bigint" | "integer" => Some(Kind::Int),
            "text" => Some(Kind::Text),
            "boolean" => Some(Kind::Bool),
            _ => None,
        }
    }

    pub fn for_driver(self) -> Type {
        match self {
            Kind::Int => Type::INT8,
            Kind::Text => Type::TEXT,
            Kind::Bool => Type::BOOL,
        }
    }
}

impl Table {
    /// The question for its figures, in words of both databases. A sum of the lower 31 bits fits for any number of rows;
    /// texts count with their length. An absent value counts differently from each that is there and short.
    pub fn figures(&self) -> String {
        let sums = self.columns.iter().map(|column| {
            let name = quoted(&column.name);
            let number = match column.kind {
                Kind::Int => format!("{name} & 2147483647"),
                Kind::Text => format!("octet_length({name})"),
                Kind::Bool => format!("cast({name} as int)"),
            };
            format!("coalesce(cast(sum(coalesce({number}, -1)) as bigint), 0)")
        });
        let sums: Vec<String> = sums.collect();
        format!("select count(*), {} from {}", sums.join(", "), quoted(&self.name))
    }

    /// The next rows in the order of the key: after the one that the parameters name, or from the first.
    pub fn batch(&self, after: bool, rows: usize) -> String {
        let key = self.key.iter().map(|place| quoted(&self.columns[*place].name)).collect::<Vec<_>>().join(", ");
        let parameters = (1..=self.key.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let condition = if after { format!(" where ({key}) > ({parameters})") } else { String::new() };
        format!("select {} from {}{condition} order by {key} limit {rows}", self.column_list(), quoted(&self.name))
    }

    pub fn copy_in(&self) -> String {
        format!("copy {} ({}) from stdin (format binary)", quoted(&self.name), self.column_list())
    }

    fn column_list(&self) -> String {
        self.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }
}

/// A name as it stands in a statement of either database.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl ToSql for Cell {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Cell::Null => Ok(IsNull::Yes),
            Cell::Int(number) => number.to_sql(kind, out),
            Cell::Text(text) => text.to_sql(kind, out),
            Cell::Bool(truth) => truth.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BOOL)
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(key: &[usize]) -> Table {
        let column = |name: &str, kind| Column { name: name.to_owned(), kind };
        let columns = vec![column("ws", Kind::Int), column("key", Kind::Text), column("on", Kind::Bool)];
        Table { name: "t".to_owned(), columns, key: key.to_vec() }
    }

    #[test]
    fn a_batch_begins_after_the_key_of_the_last_one() {
        assert_eq!(table(&[0]).batch(false, 5), r#"select "ws", "key", "on" from "t" order by "ws" limit 5"#);
        assert_eq!(
            table(&[0, 1]).batch(true, 5),
            r#"select "ws", "key", "on" from "t" where ("ws", "key") > (?1, ?2) order by "ws", "key" limit 5"#
        );
    }

    #[test]
    fn a_name_can_hold_no_statement() {
        assert_eq!(quoted(r#"a"; drop"#), r#""a""; drop""#);
    }
}
