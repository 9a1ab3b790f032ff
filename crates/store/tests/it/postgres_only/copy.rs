//! Moving from SQLite to PostgreSQL, with every table that there is.

use super::address::{Still, open};
use crate::support::on_postgres;
use scratch_postgres::Database;
use std::path::PathBuf;
use std::sync::Arc;
use store::copy::{CopyError, Progress, Summary, copy};
use store::{Command, DatabaseUrl, Db, Fault, Settings, Tx, params};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// More messages than fit into one batch, or into two.
const MESSAGES: u64 = 12_000;
/// Rows of each other table: present and absent values, both truths.
const OTHERS: u64 = 7;

/// A full SQLite file and an empty PostgreSQL database.
struct Move {
    runtime: Runtime,
    folder: TempDir,
    target: Database,
}

/// Statements of the test's own, as one command.
struct Sql(Vec<String>);

impl Command for Sql {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        for statement in &self.0 {
            tx.execute(statement, params![]).await?;
        }
        Ok(())
    }
}

impl Move {
    /// `None` where the tests run without PostgreSQL.
    fn new() -> Option<Move> {
        if !on_postgres() {
            return None;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let prepared = Move { runtime, folder, target: Database::fresh() };
        let fill = prepared.tables().iter().map(fill).collect();
        prepared.write(fill);
        Some(prepared)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("lull.db")
    }

    fn from(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.path())
    }

    fn to(&self) -> DatabaseUrl {
        DatabaseUrl::Postgres(self.target.url())
    }

    fn source(&self) -> Db {
        let settings = Settings { readers: 1, durable: false, ..Settings::default() };
        self.runtime.block_on(Db::open(&self.from(), &settings, Arc::new(Still))).expect("the source opens")
    }

    fn write(&self, statements: Vec<String>) {
        let db = self.source();
        self.runtime.block_on(db.write(Sql(statements))).expect("the statements are the schema's");
    }

    /// The first column of each row that the source answers.
    fn ask(&self, question: &str) -> Vec<String> {
        let (db, question) = (self.source(), question.to_owned());
        let asked = db.read(move |tx| Box::pin(async move { tx.query(&question, params![], |row| row.get(0)).await }));
        self.runtime.block_on(asked).expect("an answer")
    }

    /// The names of all tables, and of their columns with type, `1` where a value must be there, and the place in the key.
    fn tables(&self) -> Vec<(String, Vec<[String; 4]>)> {
        let names = "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'search%' and name <> 'schema_migrations' order by name";
        let columns = |name: &String| {
            let question = format!(
                "select concat_ws(' ', name, type, \"notnull\" or pk > 0, pk) from pragma_table_info('{name}') order by cid"
            );
            let words =
                |line: String| line.split(' ').map(str::to_owned).collect::<Vec<_>>().try_into().expect("four words");
            self.ask(&question).into_iter().map(words).collect()
        };
        self.ask(names).into_iter().map(|name| (name.clone(), columns(&name))).collect()
    }

    fn copy(&self) -> Result<Summary, CopyError> {
        self.copy_watched(|_| ())
    }

    fn copy_watched(&self, progress: impl FnMut(Progress<'_>)) -> Result<Summary, CopyError> {
        self.runtime.block_on(copy(&self.from(), &self.to(), Arc::new(Still), progress))
    }

    fn refusal(&self) -> String {
        self.copy().expect_err("the copy is refused").to_string()
    }

    /// Begins a copy and breaks it off after the first batch of messages.
    fn break_off(&self) {
        let (messages, stop) = tokio::sync::oneshot::channel();
        let mut messages = Some(messages);
        let mut before = 0;
        let progress = |now: Progress<'_>| {
            if now.table == "messages" && now.rows > before {
                messages.take().map(|m| m.send(()));
            }
            if now.table != "messages" {
                before = now.rows;
            }
        };
        self.runtime.block_on(async {
            let (from, to) = (self.from(), self.to());
            tokio::select! {
                biased;
                _ = stop => (),
                done = copy(&from, &to, Arc::new(Still), progress) => panic!("it was to stop: {done:?}"),
            }
        });
    }

    fn assert_copied(&self, summary: &Summary) {
        for (name, columns) in self.tables() {
            let rows = if name == "messages" { MESSAGES } else { OTHERS };
            assert!(summary.tables.contains(&(name.clone(), rows)), "{name} in {summary:?}");
            let [sqlite, postgres] = ["", " collate \"C\""].map(|order| all_text(&name, &columns, order));
            assert_eq!(self.target.psql(&postgres), Ok(self.ask(&sqlite).concat()), "{name}");
        }
        assert_eq!(self.target.psql("select to_regclass('copy_progress') is null"), Ok("t".to_owned()));
    }
}

/// One statement that fills a table, whatever its columns are.
fn fill((name, columns): &(String, Vec<[String; 4]>)) -> String {
    let values = columns.iter().map(|[_, kind, needed, _]| {
        let value = match &**kind {
            "text" => "'ä🦉 ' || i",
            "boolean" => "i % 2",
            _ => "i * 1234567890123",
        };
        if needed == "1" { value.to_owned() } else { format!("case when i % 3 > 0 then {value} end") }
    });
    let rows = if name == "messages" { MESSAGES } else { OTHERS };
    let values: Vec<String> = values.collect();
    format!(
        "insert into {name} with recursive n (i) as (select 1 union all select i + 1 from n where i < {rows}) select {} from n",
        values.join(", ")
    )
}

/// A question of both databases whose answer is all that a table holds, in the order of its key.
fn all_text(name: &str, columns: &[[String; 4]], order: &str) -> String {
    let text = |[name, kind, ..]: &[String; 4]| {
        let value = if kind == "boolean" { format!("cast(\"{name}\" as int)") } else { format!("\"{name}\"") };
        format!("coalesce(cast({value} as text), '~')")
    };
    let mut key: Vec<_> = columns.iter().filter(|[_, _, _, place]| place != "0").collect();
    key.sort_by_key(|[_, _, _, place]| place.clone());
    let key = key.iter().map(|[name, kind, ..]| format!("\"{name}\"{}", if kind == "text" { order } else { "" }));
    let (texts, key): (Vec<_>, Vec<_>) = (columns.iter().map(text).collect(), key.collect());
    format!("select string_agg({}, ';' order by {}) from {name}", texts.join(" || '|' || "), key.join(", "))
}

#[test]
fn every_row_of_every_table_arrives_as_it_was() {
    let Some(moving) = Move::new() else { return };
    let mut seen = Vec::new();
    let summary = moving.copy_watched(|p| seen.push((p.rows, p.of))).expect("the copy is complete");
    let rows: u64 = summary.tables.iter().map(|(_, rows)| rows).sum();
    assert_eq!((seen.first(), seen.last()), (Some(&(0, rows)), Some(&(rows, rows))));
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!(summary.before, 0);
    assert!(moving.target.url().ends_with(&summary.to) && summary.to.contains('/'), "{summary:?}");
    assert!(!moving.folder.path().join("lull.db-wal").exists(), "the file is whole by itself");
    moving.assert_copied(&summary);
    assert_eq!(open(&moving.target.url(), || ()), Ok(()), "nodes take it");
    let next =
        "insert into audit_pending (workspace, at, event, actor, object_kind, object_id) values (1, 1, '', '', '', '')";
    assert_eq!(
        moving.target.psql(next),
        Ok(String::new()),
        "numbers that the database gives go on after the copied ones"
    );
    let why = moving.refusal();
    assert!(why.contains("is in use already") && why.contains("into an empty database"), "{why}");
}

#[test]
fn a_copy_that_broke_off_goes_on_where_it_stopped() {
    let Some(moving) = Move::new() else { return };
    moving.break_off();
    let stored: u64 = moving.target.psql("select count(*) from messages").expect("psql").parse().expect("a number");
    assert!(stored > 0 && stored < MESSAGES, "{stored} messages were copied at first");
    let why = open(&moving.target.url(), || ()).expect_err("part of the desk is missing");
    assert!(why.contains("holds an unfinished copy"), "{why}");
    let mut first = None;
    let summary = moving.copy_watched(|p| first = first.or(Some(p.rows))).expect("the copy goes on");
    assert!(summary.before > stored && first == Some(summary.before), "{summary:?} {first:?}");
    moving.assert_copied(&summary);
}

#[test]
fn a_source_that_changed_since_is_not_continued() {
    let Some(moving) = Move::new() else { return };
    moving.break_off();
    moving.write(vec!["update agents set theme = 'light' where id = (select max(id) from agents)".to_owned()]);
    let why = moving.refusal();
    assert!(why.contains("of this one as it was before it changed") && why.contains("make the target anew"), "{why}");
}

#[test]
fn a_target_that_changes_meanwhile_is_noticed() {
    let Some(moving) = Move::new() else { return };
    moving.break_off();
    moving
        .target
        .psql("delete from agents where id = (select max(id) from agents);\nupdate messages set text = ''")
        .expect("psql");
    let why = moving.refusal();
    assert!(why.contains("agents has 6 rows instead of 7, messages has other values"), "{why}");
}

#[test]
fn a_target_that_somebody_uses_is_refused_and_left_as_it_is() {
    let Some(moving) = Move::new() else { return };
    let why = open(&moving.target.url(), || moving.refusal()).expect("a node opens it");
    assert!(why.contains("is used by another process of Lull (1 in all): stop it first"), "{why}");
    assert_eq!(open(&moving.target.url(), || ()), Ok(()), "no unfinished copy is left behind");
}

#[test]
fn of_two_copies_at_once_the_second_is_refused() {
    let Some(moving) = Move::new() else { return };
    let mut why = None;
    let first = moving.copy_watched(|_| {
        why.get_or_insert_with(|| {
            let second = || {
                tokio::runtime::Runtime::new().expect("a runtime").block_on(copy(
                    &moving.from(),
                    &moving.to(),
                    Arc::new(Still),
                    |_| (),
                ))
            };
            std::thread::scope(|scope| scope.spawn(second).join().expect("no panic"))
                .expect_err("one is under way")
                .to_string()
        });
    });
    let why = why.expect("the first copy shows its progress");
    assert!(why.starts_with("another copy to 127.0.0.1:") && why.ends_with(" is under way"), "{why}");
    moving.assert_copied(&first.expect("the first copy goes through"));
}

#[test]
fn a_source_that_is_served_is_refused() {
    let Some(moving) = Move::new() else { return };
    let db = moving.source();
    let serving = db.lock_for_serving().expect("nobody else serves it");
    let why = moving.refusal();
    assert!(why.contains("is already served by another `lull serve`: stop that one first"), "{why}");
    drop(serving);
    assert!(moving.copy().is_ok());
}

#[test]
fn a_source_that_is_not_there_or_not_of_this_version_is_refused() {
    let Some(moving) = Move::new() else { return };
    let copy_from = |path: PathBuf| {
        let (from, to) = (DatabaseUrl::Sqlite(path), moving.to());
        moving.runtime.block_on(copy(&from, &to, Arc::new(Still), |_| ())).expect_err("the copy is refused").to_string()
    };
    let nowhere = moving.folder.path().join("nowhere.db");
    assert!(copy_from(nowhere.clone()).contains("there is no database at"));
    assert!(!nowhere.exists(), "nothing is made of it");
    let words = moving.folder.path().join("words.db");
    std::fs::write(&words, "not a database").expect("a file");
    let why = copy_from(words);
    assert!(why.contains("words.db"), "{why}");

    for (change, says) in [
        ("delete from schema_migrations where version > 1", "is at schema version 1, this program writes"),
        ("insert into schema_migrations values (999, 'later', 0)", "copy with the newer version of Lull"),
    ] {
        let path = moving.folder.path().join("other.db");
        moving.source().backup(&path).expect("a backup");
        let settings = Settings::default();
        let other = DatabaseUrl::Sqlite(path.clone());
        let db = moving.runtime.block_on(Db::open(&other, &settings, Arc::new(Still))).expect("it opens");
        moving.runtime.block_on(db.write(Sql(vec![change.to_owned()]))).expect("a change");
        drop(db);
        let why = copy_from(path.clone());
        assert!(why.contains(says), "{why}");
        std::fs::remove_file(path).expect("it was there");
    }
}

#[test]
fn a_table_or_column_that_only_one_side_has_stops_the_copy_by_name() {
    let Some(moving) = Move::new() else { return };
    for (here, there, says) in [
        ("alter table agents add column mood text", "select 1", "table agents of the target has no column mood"),
        (
            "alter table agents drop column mood",
            "alter table runs add column mood text not null",
            "table runs of the target has a column mood, the source has none",
        ),
        (
            "select 1 where false",
            "alter table runs drop column mood;\ncreate table moods (id bigint)",
            "the target has a table moods",
        ),
        ("create table weather (id bigint primary key)", "drop table moods", "the target has no table weather"),
        (
            "drop table weather",
            "alter table runs alter column closed type text",
            "column closed of table runs is text in the target",
        ),
        (
            "create table weather (id bigint)",
            "alter table runs alter column closed type bigint using 0",
            "table weather has no primary key",
        ),
    ] {
        if !here.starts_with("select") {
            moving.write(vec![here.to_owned()]);
        }
        moving.target.psql(there).expect("psql");
        let why = moving.refusal();
        assert!(why.contains(says), "{here}; {there}: {why}");
    }
}

#[test]
fn a_value_that_postgresql_cannot_hold_stops_the_copy_by_name() {
    for (change, says) in [
        ("update runs set closed = 'many'", "table runs, column closed, row 1: a value of type Text where Int belongs"),
        (
            "update agents set active = 2",
            "table agents, column active, row 1: a value of type Integer where Bool belongs",
        ),
        ("update agents set name = 'a' || char(0)", "table agents, column name, row 1: the text holds a NUL character"),
        ("update agents set name = cast(x'ff' as text)", "table agents, column name, row 1: the text is not UTF-8"),
    ] {
        let Some(moving) = Move::new() else { return };
        moving.write(vec![change.to_owned()]);
        let why = moving.refusal();
        assert!(why.contains(says), "{change}: {why}");
    }
}

#[test]
fn copies_go_from_a_file_to_a_server_only() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let urls =
        ["sqlite:here.db", "postgres://ada:hush@db/desk"].map(|url| url.parse::<DatabaseUrl>().expect("an address"));
    for (from, to, says) in [(0, 0, "both addresses are SQLite files"), (1, 0, "not back"), (1, 1, "pg_dump")] {
        let refused = runtime.block_on(copy(&urls[from], &urls[to], Arc::new(Still), |_| ()));
        let why = refused.expect_err("the wrong way").to_string();
        assert!(why.contains(says) && !why.contains("hush"), "{why}");
    }
}
