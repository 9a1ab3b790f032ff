//! Migrations run once each, are understood by both databases, and a newer schema is refused.

use crate::support::{Desk, START};
use domain::time::Span;

/// The newest schema version this program brings.
const NEWEST: i64 = 14;

#[test]
fn migrations_run_once_and_are_dated() {
    let desk = Desk::new();
    desk.sql("insert into audit_heads (workspace, seq, hash) values (1, 0, '')");
    desk.clock.set(START.plus(Span::days(1)));
    let desk = desk.restart();
    assert_eq!(desk.number("select count(*) from schema_migrations"), NEWEST);
    assert_eq!(desk.number("select max(version) from schema_migrations"), NEWEST);
    assert_eq!(desk.number("select max(applied_at) from schema_migrations"), START.as_micros());
    assert_eq!(desk.number("select count(*) from audit_heads"), 1, "what was there stays");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let desk = Desk::new();
    desk.sql("insert into schema_migrations (version, name, applied_at) values (1000, 'from the future', 0)");
    let refusal = desk.open_again().err().expect("refused").to_string();
    assert!(refusal.contains("1000") && refusal.contains("newer version"), "{refusal}");
    assert_eq!(desk.number("select count(*) from schema_migrations"), NEWEST + 1);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.beside("letter.db"), "Dear customer, ".repeat(500)).expect("a file");
    let url = store::DatabaseUrl::Sqlite(desk.beside("letter.db"));
    let refusal = desk.open_at(&url, &store::Settings::default()).err().expect("refused");
    assert!(refusal.to_string().contains("letter.db"), "{refusal}");
}

/// Every migration's text with its markers taken out, by file name.
fn migrations() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().into_string().expect("a plain name"), entry.path()))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("a text")))
        .collect();
    found.sort();
    found
}

#[test]
fn every_migration_file_has_its_turn() {
    let versions: Vec<i64> = migrations()
        .iter()
        .map(|(name, _)| name[..4].parse().expect("a file's name begins with its version, four digits"))
        .collect();
    assert_eq!(versions, (1..=NEWEST).collect::<Vec<_>>());
}

#[test]
fn columns_have_only_the_types_that_both_databases_have() {
    let mut columns = 0;
    for (name, text) in migrations() {
        for line in text.lines().filter(|line| line.starts_with("  ")).map(str::trim) {
            let line = line.split("/*").next().unwrap_or_default().trim();
            let words: Vec<&str> = line.trim_end_matches(',').split_whitespace().collect();
            match words[..] {
                ["--", ..] | ["primary", "key", ..] => {}
                [_, kind, ref rest @ ..] => {
                    assert!(["bigint", "text", "boolean"].contains(&kind), "{name}: {line}");
                    let known = [vec![], vec!["not", "null"], vec!["primary", "key"]];
                    assert!(known.iter().any(|known| known == rest), "{name}: {line}");
                    columns += 1;
                }
                _ => panic!("{name}: not understood: {line}"),
            }
        }
    }
    assert!(columns > 150, "only {columns} columns recognised");
}

#[test]
fn a_marker_is_closed_and_names_a_database() {
    for (name, text) in migrations() {
        for marker in text.split("/*").skip(1) {
            let (words, _) = marker.split_once("*/").unwrap_or_else(|| panic!("{name}: an open marker: {marker}"));
            assert!(words.starts_with("sqlite: ") || words.starts_with("pg: "), "{name}: {words}");
        }
    }
}

#[test]
fn every_table_but_the_few_global_ones_leads_its_key_with_the_workspace() {
    let desk = Desk::new();
    let sql = if crate::support::on_postgres() {
        "select c.relname::text, a.attname::text from pg_index i join pg_class c on c.oid = i.indrelid \
         join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] \
         where i.indisprimary and n.nspname = 'public' order by 1"
    } else {
        "select t.name, c.name from pragma_table_list t join pragma_table_info(t.name) c on c.pk = 1 \
         where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite_%' and t.name not like 'search_%' order by t.name"
    };
    let keys = desk.read(async move |tx| {
        tx.query(sql, store::params![], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?))).await
    });
    let others: Vec<_> = keys.into_iter().filter(|(_, key)| key != "workspace").map(|(table, _)| table).collect();
    assert_eq!(others, ["outbox", "report_cursor", "schema_migrations", "sessions", "sign_in_links", "workspaces"]);
}
