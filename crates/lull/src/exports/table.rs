//! Rows as text: CSV by RFC 4180, or JSON Lines.
//!
//! A spreadsheet takes a cell that starts with `=`, `+`, `-`, `@`, a tab or a line break for a formula, and what a customer
//! wrote must not become one: in CSV such a text gets an apostrophe in front, which spreadsheets do not show. Numbers and
//! times are our own and stay as they are. JSON Lines holds every text exactly.

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use domain::time::Timestamp;
use serde_json::{Map, Value};
use store::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
}

impl Format {
    /// How it is asked for, and how the names of its files end.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
        }
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::JsonLines => "application/x-ndjson",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::JsonLines),
            _ => Err("this must be csv or jsonl".to_owned()),
        }
    }
}

/// A value of an exported row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Number(i64),
    Flag(bool),
    Time(Timestamp),
    /// Written by somebody, or by nobody knows whom.
    Text(String),
    List(Vec<String>),
    /// A stored JSON value: as it is in JSON Lines, its text in CSV.
    Json(String),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Cell::Flag(flag)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Cell::Time(at)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// What a spreadsheet would take for the beginning of a formula, or skip to find one.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

fn harmless(text: String) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text }
}

impl Cell {
    /// About how many bytes it is as text.
    pub fn weight(&self) -> usize {
        match self {
            Cell::Empty | Cell::Number(_) | Cell::Flag(_) | Cell::Time(_) => 24,
            Cell::Text(text) | Cell::Json(text) => text.len(),
            Cell::List(texts) => texts.iter().map(String::len).sum(),
        }
    }

    fn in_csv(self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Number(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Time(at) => at.to_string(),
            Cell::Text(text) | Cell::Json(text) => harmless(text),
            Cell::List(texts) => harmless(texts.join(", ")),
        }
    }

    fn in_json(self) -> Value {
        match self {
            Cell::Empty => Value::Null,
            Cell::Number(number) => number.into(),
            Cell::Flag(flag) => flag.into(),
            Cell::Time(at) => at.to_string().into(),
            Cell::Text(text) => text.into(),
            Cell::List(texts) => texts.into(),
            Cell::Json(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }
}

/// Writes rows of these columns.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub columns: &'static [&'static str],
    pub format: Format,
}

impl Table {
    /// What stands before the first row.
    pub fn head(&self) -> Result<Vec<u8>, Fault> {
        match self.format {
            Format::Csv => {
                let mut writer = writer();
                writer.write_record(self.columns).map_err(failed)?;
                written(writer)
            }
            Format::JsonLines => Ok(Vec::new()),
        }
    }

    pub fn rows(&self, rows: impl Iterator<Item = Vec<Cell>>) -> Result<Vec<u8>, Fault> {
        match self.format {
            Format::Csv => {
                let mut writer = writer();
                for row in rows {
                    writer.write_record(row.into_iter().map(Cell::in_csv)).map_err(failed)?;
                }
                written(writer)
            }
            Format::JsonLines => {
                let mut text = Vec::new();
                for row in rows {
                    let names = self.columns.iter().map(|name| (*name).to_owned());
                    let object: Map<String, Value> = names.zip(row.into_iter().map(Cell::in_json)).collect();
                    serde_json::to_writer(&mut text, &object).map_err(failed)?;
                    text.push(b'\n');
                }
                Ok(text)
            }
        }
    }
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(Vec::new())
}

fn written(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    writer.into_inner().map_err(failed)
}

/// Memory takes every byte and our cells are as many as our columns: what fails here is a defect.
fn failed(error: impl std::fmt::Display) -> Fault {
    Fault::Broken(format!("a row could not be written: {error}"))
}

#[cfg(test)]
mod tests;
