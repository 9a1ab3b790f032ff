//! `cargo xtask ci`: every check in order, the quick ones first.

use crate::step::{Outcome, Steps, in_ci, missing};
use crate::tidy::rust::Source;
use crate::tools::{answers, cargo, root, run as command};
use crate::{bench, browser, drill, oracle, postgresql, tidy};
use anyhow::Result;

/// The crates that other crates link, and so the only ones whose documentation can hold tests.
const LIBRARIES: [&str; 2] = ["domain", "store"];

pub fn run() -> Result<()> {
    let mut steps = Steps::begin();
    steps.step("format", format)?;
    steps.step("tidy", || tidy::run().map(|()| Outcome::Passed))?;
    steps.step("clippy", clippy)?;
    steps.step("licences, bans, sources", supply_chain)?;
    steps.step("postgresql", postgresql::provide)?;
    steps.step("tests", tests)?;
    steps.step("tests on PostgreSQL", tests_on_postgresql)?;
    steps.step("oracle", || oracle::run(false))?;
    steps.step("browser", || browser::run(&[]))?;
    steps.step("drills", drill::in_ci)?;
    steps.step("benchmark, in small", bench::in_ci)?;
    steps.finish();
    Ok(())
}

fn format() -> Result<Outcome> {
    if !answers(cargo(&["fmt", "--version"])) {
        return missing("rustfmt is missing: `rustup component add rustfmt`");
    }
    command(cargo(&["fmt", "--all", "--check"]), "run `cargo fmt --all`")?;
    Ok(Outcome::Passed)
}

fn clippy() -> Result<Outcome> {
    if !answers(cargo(&["clippy", "--version"])) {
        return missing("clippy is missing: `rustup component add clippy`");
    }
    let arguments = with_lock(&["clippy", "--workspace", "--all-targets"]);
    let arguments = [&arguments[..], &["--", "-D", "warnings"]].concat();
    command(cargo(&arguments), "mend the warnings above (clippy.toml gives the reasons of ours)")?;
    Ok(Outcome::Passed)
}

fn supply_chain() -> Result<Outcome> {
    if !answers(cargo(&["deny", "--version"])) {
        return missing("cargo-deny is missing: `cargo install cargo-deny --locked`");
    }
    let check = cargo(&["deny", "--workspace", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    command(check, "deny.toml says what may be depended on and why")?;
    Ok(Outcome::Passed)
}

const ADVICE: &str = "mend the tests named above; one alone: `cargo test -p CRATE NAME`";

/// Documentation tests go first, so that the last lines are those of the whole suite. What needs PostgreSQL, which are the
/// modules named `postgres_only` and the crate that starts it, has a step of its own.
fn tests() -> Result<Outcome> {
    for library in LIBRARIES {
        if has_documentation_tests(library) {
            command(
                cargo(&with_lock(&["test", "--package", library, "--doc"])),
                "mend the example in the doc comment",
            )?;
        }
    }
    let tests = if has_nextest() {
        let chosen = "not (package(scratch-postgres) | test(/(^|::)postgres_only::/))";
        cargo(&with_lock(&["nextest", "run", "--workspace", "--filterset", chosen]))
    } else {
        println!("cargo-nextest is not installed: the same tests run with cargo test");
        let all = ["test", "--workspace", "--exclude", "scratch-postgres", "--lib", "--bins", "--tests"];
        cargo(&[&with_lock(&all)[..], &["--", "--skip", "postgres_only::"]].concat())
    };
    command(tests, ADVICE)?;
    Ok(Outcome::Passed)
}

/// The same tests of store and desk on the other database. Modules named `sqlite_only` hold what is about SQLite's file
/// itself.
fn tests_on_postgresql() -> Result<Outcome> {
    if let Err(why) = scratch_postgres::installed() {
        return missing(&why);
    }
    command(cargo(&with_lock(&["test", "--package", "scratch-postgres"])), ADVICE)?;
    let server = postgresql::for_tests()?;
    let mut tests = if has_nextest() {
        let chosen = "(package(store) | package(lull)) & not test(/(^|::)sqlite_only::/)";
        cargo(&with_lock(&["nextest", "run", "--workspace", "--filterset", chosen]))
    } else {
        let packages = ["test", "--package", "store", "--package", "lull", "--lib", "--bins", "--tests"];
        cargo(&[&with_lock(&packages)[..], &["--", "--skip", "sqlite_only::"]].concat())
    };
    let url = server.url("postgres");
    println!("LULL_TEST_DATABASE=postgres LULL_TEST_POSTGRES={url}");
    tests.env("LULL_TEST_DATABASE", "postgres").env("LULL_TEST_POSTGRES", url);
    command(tests, ADVICE)?;
    Ok(Outcome::Passed)
}

fn has_nextest() -> bool {
    answers(cargo(&["nextest", "--version"]))
}

/// In CI the committed lock file is taken as it is; a person may just be changing it.
fn with_lock<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = arguments.to_vec();
    if in_ci() {
        all.push("--locked");
    }
    all
}

fn has_documentation_tests(library: &str) -> bool {
    let folder = format!("crates/{library}/src/");
    let files = tidy::Tree::read(&root()).map(|tree| tree.files).unwrap_or_default();
    files.iter().filter(|file| file.path.starts_with(&folder)).any(|file| holds_an_example(&file.text))
}

/// Whether a doc comment opens a block of code. Blocks marked as another language are counted too; running none is cheap.
fn holds_an_example(text: &str) -> bool {
    let opens = |line: &str| line.trim_start_matches(['/', '!']).trim_start().starts_with("```");
    Source::of(text).comments.lines().map(str::trim).any(|line| line.starts_with("//") && opens(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_in_a_doc_comment_is_seen() {
        assert!(holds_an_example("/// Adds.\n/// ```\n/// assert_eq!(1 + 1, 2);\n/// ```\nfn add() {}\n"));
        assert!(!holds_an_example("/// Adds.\nfn add() { let fence = \"/// ```\"; }\n"));
    }
}
