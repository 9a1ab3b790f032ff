//! What a crate may know: the domain nothing outside itself, SQL and databases the store alone, the clock one module.

use super::rust::Source;
use super::{File, Finding, Tree};

const DOMAIN: &str = "crates/domain/";
const STORE: &str = "crates/store/";
/// Who speaks SQL outside of the store, and why.
const SPEAK_SQL: [(&str, &str); 9] = [
    ("crates/lull/tests/it/postgres_only/", "looks into what several nodes share, and sets times back"),
    ("xtask/src/bench", "measures the desk against raw SQL"),
    ("xtask/src/drill", "seeds what falls due by the second, and reads afterwards what happened"),
    ("crates/scratch-postgres/", "makes and removes the databases of tests"),
    ("crates/lull/tests/it/reports/pairs.rs", "plants the sums of more cases than a test can close"),
    ("crates/lull/tests/it/sqlite_only/alone.rs", "plants damaged rows, to which no public road leads"),
    ("crates/lull/tests/it/sqlite_only/undo_late.rs", "puts back a closing that another node would have written late"),
    ("crates/lull/tests/it/sqlite_only/audit_verify.rs", "tampers with the trail, as nobody can through the desk"),
    ("crates/lull/tests/it/sqlite_only/stuck_case.rs", "plants a damaged row, to which no public road leads"),
];

/// The rules count time (jiff) and chain the audit trail (sha2); neither does any IO.
const DOMAIN_MAY_USE: [&str; 2] = ["jiff", "sha2"];

/// What would let IO, a clock or a format into the rules.
const NOT_IN_DOMAIN: [&str; 12] = [
    "serde",
    "serde_json",
    "tokio",
    "rusqlite",
    "axum",
    "async",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant",
];

pub fn domain_is_pure(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let manifest = format!("{DOMAIN}Cargo.toml");
    match tree.get(&manifest) {
        None => findings.push(Finding::whole(&manifest, "missing")),
        Some(file) => {
            let strange = dependencies(&file.text).into_iter().filter(|(_, name)| !DOMAIN_MAY_USE.contains(&&**name));
            let what = |name: &str| format!("the domain may depend on jiff and sha2 alone, not on {name}");
            findings.extend(strange.map(|(line, name)| Finding::at(&manifest, line, what(&name))));
        }
    }
    for file in tree.under("crates/domain/src/").filter(|file| file.has_extension(&["rs"])) {
        findings.extend(words(file, &NOT_IN_DOMAIN, "the domain does no IO and reads no clock, so it may not name"));
    }
    findings
}

fn words(file: &File, forbidden: &[&str], what: &str) -> Vec<Finding> {
    let source = Source::of(&file.text);
    let found = |word: &&str| {
        let finding = |line| Finding::at(&file.path, line, format!("{what} {word}"));
        source.lines_with(word).into_iter().map(finding).collect::<Vec<_>>()
    };
    forbidden.iter().flat_map(found).collect()
}

/// The names under a manifest's dependency tables, those for tests excepted, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(table) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let for_tests = table.contains("dev-dependencies");
            inside = !for_tests && table.ends_with("dependencies");
            if let Some((_, name)) = table.split_once("dependencies.").filter(|_| !for_tests) {
                found.push((index + 1, name.to_owned()));
            }
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside) {
            let name = name.trim().split('.').next().unwrap_or_default();
            found.push((index + 1, name.to_owned()));
        }
    }
    found
}

pub fn sql_stays_in_the_store(tree: &Tree) -> Vec<Finding> {
    let outside = |file: &&File| !file.path.starts_with(STORE) && !speaks_sql(&file.path);
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(outside) {
        if file.has_extension(&["sql"]) {
            findings.push(Finding::whole(&file.path, "SQL stands in crates/store alone"));
        } else if file.has_extension(&["rs"]) {
            let statements = Source::of(&file.text).literals.into_iter().filter(|literal| is_statement(&literal.text));
            findings.extend(statements.map(|l| Finding::at(&file.path, l.line, "SQL stands in crates/store alone")));
        }
    }
    findings
}

fn speaks_sql(path: &str) -> bool {
    SPEAK_SQL.iter().any(|(place, _)| path.starts_with(place))
}

/// Whether a literal begins as a statement does, in either case; a sentence begins with one capital ("Select a queue").
fn is_statement(literal: &str) -> bool {
    let mut words = literal.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let one_case = first.chars().all(char::is_lowercase) || first.chars().all(char::is_uppercase);
    let Some(second) = second.map(str::to_lowercase).filter(|_| one_case) else { return false };
    match first.to_lowercase().as_str() {
        "select" => true,
        "insert" => matches!(second.as_str(), "into" | "or"),
        "delete" => second == "from",
        "update" => words.next().is_some_and(|third| third.eq_ignore_ascii_case("set")),
        "create" | "drop" | "alter" => matches!(second.as_str(), "table" | "index" | "unique" | "view" | "trigger"),
        "pragma" => true,
        _ => false,
    }
}

/// The files of the store that know which database they talk to; whole folders end in a slash.
const KNOW_THE_DATABASE: [&str; 11] = [
    "crates/store/src/sqlite.rs",
    "crates/store/src/sqlite/",
    "crates/store/src/postgres.rs",
    "crates/store/src/postgres/",
    "crates/store/src/copy/",
    "crates/store/src/dialect.rs",
    "crates/store/src/row.rs",
    "crates/store/src/lib.rs",
    "crates/store/src/migrate.rs",
    "crates/store/src/search.rs",
    "crates/store/src/tx.rs",
];

pub fn databases_stay_behind_the_dialect(tree: &Tree) -> Vec<Finding> {
    let knows = |file: &&File| KNOW_THE_DATABASE.iter().any(|place| file.path.starts_with(place));
    let outside = tree.rust().filter(|file| !knows(file) && !speaks_sql(&file.path));
    let what = "only the store's own database files may name";
    outside.flat_map(|file| words(file, &["rusqlite", "tokio_postgres", "deadpool_postgres"], what)).collect()
}

/// Who may read the clock, wait, or draw random bytes, and why. The lint is clippy's; this list is its other half.
const TIME_AND_CHANCE: [(&str, &str); 4] = [
    ("crates/store/src/postgres.rs", "the wait for a server that is coming back"),
    ("crates/lull/src/clock.rs", "the desk's clock and its waits"),
    ("crates/lull/src/random.rs", "the desk's random bytes"),
    ("xtask/src/", "stopwatches for people and benchmarks"),
];

pub fn clock_and_chance_have_one_home(tree: &Tree) -> Vec<Finding> {
    let at_home = |path: &str| TIME_AND_CHANCE.iter().any(|(home, _)| path.starts_with(home));
    let mut findings = Vec::new();
    for file in tree.rust() {
        let source = Source::of(&file.text);
        for line in source.lines_with("disallowed_methods") {
            if !at_home(&file.path) && !is_test(&file.path) {
                let what =
                    "time and chance are passed in; the modules that may ask are listed in xtask's boundaries.rs";
                findings.push(Finding::at(&file.path, line, what));
            } else if !gives_a_reason(&source.code, line) {
                findings.push(Finding::at(&file.path, line, "an allowed clock or sleep gives its reason"));
            }
        }
    }
    findings
}

/// Tests that drive a whole process must bound their wait by the real clock.
fn is_test(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/tests/")
}

/// The attribute may stretch over a few lines.
fn gives_a_reason(code: &str, line: usize) -> bool {
    let attribute: Vec<&str> = code.lines().skip(line - 1).take(4).collect();
    attribute.join(" ").split(']').next().is_some_and(|attribute| attribute.contains("reason"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: (&str, &str) = ("crates/domain/Cargo.toml", "[dependencies]\njiff = \"1\"\nsha2.workspace = true\n");

    #[test]
    fn a_dependency_of_the_domain_is_found_in_every_spelling() {
        let manifest = "[dependencies]\njiff = { workspace = true }\nserde.workspace = true\n[dev-dependencies]\n\
                        proptest = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"0\"\n[dependencies.tokio]\nversion = \"1\"\n\
                        [dev-dependencies.insta]\nversion = \"1\"\n";
        let found = domain_is_pure(&Tree::of(&[("crates/domain/Cargo.toml", manifest)]));
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [3, 7, 8], "{found:?}");
    }

    #[test]
    fn a_clock_in_the_domain_is_found_and_a_comment_about_it_is_not() {
        let text = "//! No SystemTime here.\nfn now() { std::time::SystemTime::now(); }\n";
        let found = domain_is_pure(&Tree::of(&[CLEAN, ("crates/domain/src/time.rs", text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn a_statement_outside_the_store_is_found() {
        // One literal, since this file is checked too.
        let statements = "| select 1 |  insert into cases | update cases set x = 1 | DELETE FROM cases | pragma x = 1";
        for sql in statements.split('|').skip(1) {
            let text = format!("//! x\nfn f() {{ query(r#\"\n{sql}\"#) }}\n");
            let found = sql_stays_in_the_store(&Tree::of(&[("crates/lull/src/a.rs", &text)]));
            assert_eq!(found.len(), 1, "{sql}");
            for place in ["crates/store/src/a.rs", "xtask/src/bench/raw.rs"] {
                assert!(sql_stays_in_the_store(&Tree::of(&[(place, &text)])).is_empty(), "{place}");
            }
        }
        assert_eq!(sql_stays_in_the_store(&Tree::of(&[("crates/lull/a.sql", "")])).len(), 1);
    }

    #[test]
    fn a_sentence_is_no_statement() {
        for sentence in ["Select a queue", "update the case", "delete", "Insert into the list", "selected"] {
            assert!(!is_statement(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_driver_named_outside_its_files_is_found() {
        let text = "//! x\nuse rusqlite::Connection;\n";
        let tree = Tree::of(&[("crates/store/src/cases.rs", text), ("crates/store/src/sqlite.rs", text)]);
        let found = databases_stay_behind_the_dialect(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/store/src/cases.rs");
    }

    #[test]
    fn an_allowed_clock_needs_its_home_and_its_reason() {
        let with = "//! x\n#[allow(\n    clippy::disallowed_methods,\n    reason = \"x\"\n)]\nfn f() {}\n";
        let without = "//! x\n#[allow(clippy::disallowed_methods)]\nfn f(reason: u8) {}\n";
        let count = |path, text| clock_and_chance_have_one_home(&Tree::of(&[(path, text)])).len();
        assert_eq!(count("crates/lull/src/acts/reply.rs", with), 1);
        assert_eq!(count("crates/lull/src/clock.rs", with), 0);
        assert_eq!(count("crates/lull/src/clock.rs", without), 1);
        assert_eq!(count("crates/lull/tests/it/kill.rs", with), 0);
        assert_eq!(count("crates/lull/tests/it/kill.rs", without), 1);
    }
}
