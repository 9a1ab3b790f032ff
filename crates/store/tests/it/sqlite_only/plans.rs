//! Every statement of the store finds its rows by an index, on a desk of any size.
//!
//! The statements are read from the source, so that a new one is looked at from its first day; the planner is asked what
//! it would do. The list of cases puts its statements together and is not among them.

use crate::support::Desk;
use std::collections::BTreeMap;
use store::{Param, params};

/// Statements that walk through a table or a whole workspace: a part of each that tells it apart, and why it may.
const WALKS: &[(&str, &str)] = &[
    ("with r (key, queue, status, enabled_at, threshold)", "a list in JSON; cases are counted by their queue's index"),
    ("from workspaces w join queues q", "all queues of all workspaces is what the sweep asks for; both are few"),
    ("from queues q join queue_members m", "a workspace's queues that hand out cases, which are few"),
    ("from workspaces w join bulk_acts b", "the oldest act of each workspace, and those are few"),
    ("from workspaces order by id", "all workspaces, which are few"),
    ("from workspaces where name =", "workspaces are few"),
    ("from queues where workspace = $1 order by id limit 1", "the first of a workspace's queues"),
    ("select id from queues where workspace = $1 order by id", "a workspace's queues, which are few"),
    ("(select count(*) from cases c where c.workspace = a.workspace", "a beginning, narrowed where it is used"),
    ("from report_pairs where workspace = $1", "a workspace's pairs, of which there can be a hundred"),
    ("update report_pairs set counted_to", "the same"),
    ("report_pairs where counted_to is not null", "the pairs of all workspaces, which are few"),
    ("from report_cursor", "one row"),
    ("from report_progress p join workspaces w", "one workspace"),
    ("from workspaces w left join report_progress p", "all workspaces, which are few"),
    ("update report_progress set counted_to", "all workspaces, which are few"),
    ("delete from case_phases where workspace", "the first of a workspace, up to a bound"),
    ("delete from report_counts where workspace = $1 and (of_dimension, dimension, of_value, day)", "the same"),
    ("from policies where workspace = $1 order by queue", "a workspace's settings, which are few"),
    (
        "from canned_replies c where c.workspace = $1 and (c.queue is null",
        "a workspace's canned replies, up to a bound",
    ),
    ("from (select o.tags from cases o", "a workspace's open cases, up to a bound"),
    ("from tags c where c.becomes is not null", "renamings under way, by an index that holds nothing else"),
    ("select id from outbox order by id limit", "the oldest rows, in order of the key, up to a bound"),
    (
        "from audit_pending where workspace = $1 order by id limit",
        "the oldest of a workspace, in order of the key, up to a bound",
    ),
    ("select distinct workspace from audit_pending", "empty with SQLite, and with PostgreSQL soon after each entry"),
    ("from run_undos where finished_at is null", "undoings under way, which are few, out of an index of nothing else"),
    ("select workspace, seq from audit_heads order by workspace", "one row for each workspace, which are few"),
    ("select count(*) from cases c where c.status", "`lull check` looks at everything"),
    ("select count(*) from closures", "`lull check` looks at everything"),
    ("select count(*) from messages m where", "`lull check` looks at everything"),
    ("delete from sessions where expires_at", "sessions are few"),
    ("delete from sign_in_links where expires_at", "links are few"),
];
/// Fewer statements than this means that the test reads the source wrongly.
const AT_LEAST: usize = 90;
/// More parameters than any statement has.
const PARAMETERS: usize = 40;

/// The string literals of Rust source, joined where a backslash continues them.
fn literals(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            // A quotation mark as a character.
            '\'' if rest.peek() == Some(&'"') => drop(rest.next()),
            '"' => {
                found.push((std::mem::take(&mut before), literal(&mut rest)));
            }
            c => before.push(c),
        }
    }
    found
}

fn literal(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => match rest.next() {
                Some('\n') => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                other => text.extend(other),
            },
            c => text.push(c),
        }
    }
    text
}

/// The complete statements of one source file, with its constants put in.
fn statements(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let literals = literals(source);
    let constant = |before: &str| {
        let (_, declaration) = before.rsplit_once("const ")?;
        let name = declaration.strip_suffix(": &str =").or(declaration.trim_end().strip_suffix(": &str ="))?;
        Some(format!("{{{name}}}"))
    };
    let constants: BTreeMap<String, String> =
        literals.iter().filter_map(|(before, text)| Some((constant(before)?, text.clone()))).collect();
    let whole = literals
        .iter()
        .map(|(_, text)| constants.iter().fold(text.clone(), |text, (name, value)| text.replace(name, value)));
    let verbs = ["select ", "insert into ", "update ", "delete from ", "with "];
    let complete = |text: &String| verbs.iter().any(|verb| text.starts_with(verb)) && !text.contains('{');
    whole.filter(complete).filter(|text| !text.contains("pg_")).collect()
}

fn all_statements() -> Vec<String> {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders = [src.clone(), src.join("reports")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("the source"));
    let files = entries.map(|entry| entry.expect("an entry").path());
    // The migrations' own bookkeeping, and what only PostgreSQL is asked.
    let others = ["migrate.rs", "postgres.rs", "locks.rs"];
    let files = files.filter(|path| path.is_file() && !others.iter().any(|other| path.ends_with(other)));
    files.flat_map(|path| statements(&std::fs::read_to_string(path).expect("a text"))).collect()
}

fn plan(desk: &Desk, statement: &str) -> Vec<String> {
    let question = format!("explain query plan {statement}");
    desk.try_read(async move |tx| tx.query(&question, &[Param::Null; PARAMETERS], |row| row.get::<String>(3)).await)
        .unwrap_or_else(|fault| panic!("{statement}\n{fault}"))
}

/// Whether a line of a plan reads a whole table, a whole workspace, or an index made for the occasion.
fn walks(line: &str) -> bool {
    // A list in JSON is walked, which is what it is for; of the audit trail's heads the workspace is the whole key.
    let bounded =
        line.contains("VIRTUAL TABLE") || line == "SCAN CONSTANT ROW" || line.starts_with("SEARCH audit_heads ");
    !bounded && (line.starts_with("SCAN ") || line.contains("(workspace=?)") || line.contains("AUTOMATIC"))
}

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let desk = Desk::new();
    let statements = all_statements();
    assert!(statements.len() >= AT_LEAST, "only {} statements recognised", statements.len());
    let mut unexplained = Vec::new();
    let mut used = vec![false; WALKS.len()];
    for statement in &statements {
        let plan = plan(&desk, statement);
        if !plan.iter().any(|line| walks(line)) {
            continue;
        }
        match WALKS.iter().position(|(part, _)| statement.contains(part)) {
            Some(known) => used[known] = true,
            None => unexplained.push(format!("{statement}\n    {}", plan.join("\n    "))),
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    let stale: Vec<_> = WALKS.iter().zip(used).filter(|(_, used)| !used).map(|(walk, _)| walk.0).collect();
    assert!(stale.is_empty(), "listed as walking, but finds its rows: {stale:?}");
}

#[test]
fn a_walk_would_be_noticed() {
    let desk = Desk::new();
    for statement in
        ["select id from cases where title = 'x'", "select id from cases where workspace = 1 and title = 'x'"]
    {
        assert!(plan(&desk, statement).iter().any(|line| walks(line)), "{statement}");
    }
    let source = "const COLUMNS: &str =\n    \"id, \\\n     seq\"; // \"select 3\"\nlet sql = format!(\"select {COLUMNS} from audit\");";
    assert_eq!(statements(source), ["select id, seq from audit"]);
}

/// The planner would guess where nothing is said, and guess wrong (see `statistics.rs`).
#[test]
fn the_planner_is_told_of_every_index_and_of_each_of_its_columns() {
    let desk = Desk::new();
    let told = desk.read(async |tx| {
        let sql = "select tbl || ' ' || idx, stat from sqlite_stat1 order by 1";
        tx.query(sql, params![], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?))).await
    });
    let indexes = desk.read(async |tx| {
        // The primary key of a table without rowid stands under the table's name.
        let sql = "select t.name || ' ' || case when i.origin = 'pk' and t.wr then t.name else i.name end, \
                   (select count(*) from pragma_index_info(i.name)) \
                   from pragma_table_list t join pragma_index_list(t.name) i \
                   where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite_%' and t.name <> 'schema_migrations' order by 1";
        tx.query(sql, params![], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?))).await
    });
    let shape = |stat: &str| stat.split(' ').filter(|word| word.parse::<i64>().is_ok()).count() as i64 - 1;
    let told: Vec<(String, i64)> = told.into_iter().map(|(name, stat)| (name, shape(&stat))).collect();
    assert_eq!(told, indexes);
}

#[test]
fn statistics_measured_by_somebody_are_replaced_and_the_written_ones_left_alone() {
    let desk = Desk::new();
    let told = "select count(*) from sqlite_stat1 where tbl = 'cases' and stat like '1000000 %'";
    let written = desk.number(told);
    assert!(written > 0);
    desk.sql("delete from sqlite_stat1 where tbl = 'cases'");
    let desk = desk.restart();
    assert_eq!(desk.number(told), written);
    let changes = |desk: &Desk| desk.number("select data_version from pragma_data_version");
    let before = changes(&desk);
    drop(desk.open_again().expect("a second handle"));
    assert_eq!(changes(&desk), before, "opening once more writes nothing");
}
