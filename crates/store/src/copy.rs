//! Moving a desk from SQLite to PostgreSQL: `lull copy`.
//!
//! The source is read in one snapshot while nobody serves it. Rows go over in batches, each in one transaction with a
//! note of how far the copy has come, so that a copy that was killed goes on where it stopped. The note also says what
//! the source looked like; a source that has changed since is not continued. While the note is there nobody serves the
//! target ([`refuse_unfinished`]). It goes when both sides have the same figures: the rows of each table, and a sum over each of
//! its columns.

mod source;
mod table;
mod target;

pub(crate) use target::refuse_unfinished;

use crate::{Clock, DatabaseUrl, Db, Settings};
use source::Source;
use std::path::Path;
use std::sync::Arc;
use table::{Figures, Table};
use target::Target;

/// Why a copy was refused, or stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CopyError(String);

/// How far a copy has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The table that is being copied.
    pub table: &'a str,
    /// Rows copied of all tables, with those of an earlier, unfinished run.
    pub rows: u64,
    /// Rows of all tables.
    pub of: u64,
}

/// A finished copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The target, without its password.
    pub to: String,
    /// Each table's rows, which are as many on both sides.
    pub tables: Vec<(String, u64)>,
    /// Rows that an earlier, unfinished run had copied.
    pub before: u64,
}

/// Copies everything in a SQLite database to a PostgreSQL database that is empty, or that holds the unfinished beginning of
/// a copy of the same.
pub async fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    clock: Arc<dyn Clock>,
    progress: impl FnMut(Progress<'_>),
) -> Result<Summary, CopyError> {
    run(from, to, clock, progress).await.map_err(CopyError)
}

async fn run(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    clock: Arc<dyn Clock>,
    progress: impl FnMut(Progress<'_>),
) -> Result<Summary, String> {
    let (path, url) = direction(from, to)?;
    let source = Source::open(path)?;
    let target = Target::open(url).await?;
    source.check_version(target.version().await?)?;
    // Held until the end, so that nobody serves the source meanwhile.
    let source_db =
        Db::open(from, &Settings { readers: 1, ..Settings::default() }, clock).await.map_err(|e| e.to_string())?;
    let _serving = source_db.lock_for_serving().map_err(|e| e.to_string())?;
    move_rows(source, target, progress).await
}

/// The source's connection ends here, before the handle that folds the log into the file.
async fn move_rows(source: Source, mut target: Target, progress: impl FnMut(Progress<'_>)) -> Result<Summary, String> {
    source.hold_still()?;
    let tables = source.tables()?;
    target.check_tables(&tables).await?;
    let figures = tables.iter().map(|table| source.figures(table)).collect::<Result<Vec<_>, _>>()?;
    let before = target.begin(&tables, &figures).await?;
    copy_rows(&source, &mut target, &tables, &figures, progress).await?;
    compare(&target, &tables, &figures).await?;
    target.finish(&tables).await?;
    let rows = tables.into_iter().zip(&figures).map(|(table, figures)| (table.name, figures.rows()));
    Ok(Summary { to: target.shown().to_owned(), tables: rows.collect(), before })
}

/// From the file to the server; there is no way back that would keep what only the server can hold.
fn direction<'a>(from: &'a DatabaseUrl, to: &'a DatabaseUrl) -> Result<(&'a Path, &'a str), String> {
    match (from, to) {
        (DatabaseUrl::Sqlite(path), DatabaseUrl::Postgres(url)) => Ok((path, url)),
        (DatabaseUrl::Sqlite(_), DatabaseUrl::Sqlite(_)) => {
            Err("both addresses are SQLite files: copy goes from sqlite:PATH to postgres://…; another file is made by `lull backup`".to_owned())
        }
        (DatabaseUrl::Postgres(_), DatabaseUrl::Sqlite(_)) => {
            Err("copy goes from sqlite:PATH to postgres://…, not back".to_owned())
        }
        (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_)) => {
            Err("both addresses are PostgreSQL: copy goes from sqlite:PATH to postgres://…; use pg_dump and pg_restore between servers".to_owned())
        }
    }
}

async fn copy_rows(
    source: &Source,
    target: &mut Target,
    tables: &[Table],
    figures: &[Figures],
    mut progress: impl FnMut(Progress<'_>),
) -> Result<(), String> {
    let of = figures.iter().map(Figures::rows).sum();
    for (at, table) in tables.iter().enumerate() {
        if at < target.position().table {
            continue;
        }
        progress(Progress { table: &table.name, rows: target.position().rows, of });
        // Each batch has rows, so there are no more batches than rows.
        loop {
            let after = target.position().last_in(at);
            let Some(batch) = source.batch(table, after)? else { break };
            target.write(at, table, batch).await?;
            progress(Progress { table: &table.name, rows: target.position().rows, of });
        }
    }
    Ok(())
}

async fn compare(target: &Target, tables: &[Table], figures: &[Figures]) -> Result<(), String> {
    let mut differences = Vec::new();
    for (table, source) in tables.iter().zip(figures) {
        let copied = target.figures(table).await?;
        if copied.rows() != source.rows() {
            differences.push(format!("{} has {} rows instead of {}", table.name, copied.rows(), source.rows()));
        } else if copied != *source {
            differences.push(format!("{} has other values", table.name));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    let found = differences.join(", ");
    Err(format!(
        "the copy is not like its source ({found}): somebody wrote to it meanwhile; make the target anew (`dropdb`, `createdb`) and copy again"
    ))
}
