//! `cargo xtask ci`: every check in order, the quick ones first.

use crate::step::{Outcome, Steps, in_ci, missing};
use crate::tidy::rust::Source;
use crate::tools::{answers, cargo, root, run as command};
use crate::{browser, tidy};
use anyhow::Result;

/// The crates that other crates link, and so the only ones whose documentation can hold tests.
const LIBRARIES: [&str; 2] = ["domain", "store"];

pub fn run() -> Result<()> {
    let mut steps = Steps::begin();
    steps.step("format", format)?;
    steps.step("tidy", || tidy::run().map(|()| Outcome::Passed))?;
    steps.step("clippy", clippy)?;
    steps.step("licences, bans, sources", supply_chain)?;
    steps.step("tests", tests)?;
    steps.step("browser", || browser::run(false))?;
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

/// Documentation tests go first, so that the last lines are those of the whole suite.
fn tests() -> Result<Outcome> {
    for library in LIBRARIES {
        if has_documentation_tests(library) {
            command(
                cargo(&with_lock(&["test", "--package", library, "--doc"])),
                "mend the example in the doc comment",
            )?;
        }
    }
    let advice = "mend the tests named above; one alone: `cargo test -p CRATE NAME`";
    if answers(cargo(&["nextest", "--version"])) {
        command(cargo(&with_lock(&["nextest", "run", "--workspace"])), advice)?;
    } else {
        println!("cargo-nextest is not installed: the same tests run with cargo test");
        let all = ["test", "--workspace", "--lib", "--bins", "--tests"];
        command(cargo(&with_lock(&all)), advice)?;
    }
    Ok(Outcome::Passed)
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
