//! The form of a file: it says what it is, is short enough to read in one go, and leaves nothing open.

use super::rust::Source;
use super::{File, Finding, Tree};

const MAX_LINES: usize = 500;

/// Files over the limit, each with its reason. An entry that is no longer needed is a finding too.
const LONG: [(&str, &str); 0] = [];

pub fn every_file_says_what_it_is(tree: &Tree) -> Vec<Finding> {
    let silent = tree.rust().filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| Finding::at(&file.path, 1, "a file begins with `//! ` and says what it is and why")).collect()
}

pub fn long_files_have_a_reason(tree: &Tree) -> Vec<Finding> {
    long_files(tree, &LONG)
}

fn long_files(tree: &Tree, excused: &[(&str, &str)]) -> Vec<Finding> {
    let is_ours = |file: &&File| {
        file.has_extension(&["rs", "html", "css", "js", "mjs", "sql"]) && !file.path.contains("/vendor/")
    };
    let is_excused = |path: &str| excused.iter().any(|(excused, _)| *excused == path);
    let is_long = |file: &&File| file.text.lines().count() > MAX_LINES;
    let long = tree.files.iter().filter(is_ours).filter(|file| is_long(file) && !is_excused(&file.path));
    let what = |file: &File| {
        format!("{} lines, over {MAX_LINES}: split it, or list it with a reason", file.text.lines().count())
    };
    let mut findings: Vec<_> = long.map(|file| Finding::whole(&file.path, what(file))).collect();
    let stale = excused.iter().filter(|(path, _)| !tree.get(path).as_ref().is_some_and(is_long));
    findings.extend(stale.map(|(path, _)| Finding::whole(path, "listed as long, but is not: take it off the list")));
    findings
}

/// Calls that mark unfinished or forgotten work.
const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

pub fn nothing_is_left_open(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let source = Source::of(&file.text);
        for (index, line) in source.code.lines().enumerate() {
            for call in UNFINISHED.iter().filter(|call| calls(line, call)) {
                findings.push(Finding::at(&file.path, index + 1, format!("{call} is left in the code")));
            }
        }
        for (index, _) in source.comments.lines().enumerate().filter(|(_, line)| line.contains("FIXME")) {
            findings.push(Finding::at(&file.path, index + 1, "finish it, or write down why it stays"));
        }
    }
    findings
}

/// Whether a macro is called, not one whose name merely ends so.
fn calls(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(start, _)| !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        let tree = Tree::of(&[("a.rs", "//! What it is.\n"), ("b.rs", "use std::fs;\n"), ("c.rs", "//!\n")]);
        let found: Vec<_> = every_file_says_what_it_is(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["b.rs", "c.rs"]);
    }

    #[test]
    fn a_long_file_wants_a_reason_and_a_reason_wants_a_long_file() {
        let (long, short) = ("x\n".repeat(MAX_LINES + 1), "x\n".repeat(MAX_LINES));
        let tree =
            Tree::of(&[("long.css", &long), ("short.rs", &short), ("vendor.md", &long), ("a/vendor/b.js", &long)]);
        let paths = |excused| long_files(&tree, excused).into_iter().map(|finding| finding.path).collect::<Vec<_>>();
        assert_eq!(paths(&[]), ["long.css"]);
        assert!(paths(&[("long.css", "one table")]).is_empty());
        assert_eq!(paths(&[("long.css", "one table"), ("short.rs", "x"), ("gone.rs", "x")]), ["short.rs", "gone.rs"]);
    }

    #[test]
    fn unfinished_code_is_found_and_a_word_about_it_is_not() {
        let text =
            "//! x\nfn a() { todo!() }\nfn b() { my_dbg!(1); \"todo!()\"; } // todo!() is forbidden\n// FIXME later\n";
        let lines: Vec<_> = nothing_is_left_open(&Tree::of(&[("a.rs", text)])).iter().map(|f| f.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}
