//! The tidy checks: what ARCHITECTURE.md and the style promise and the text of the repository can show.
//!
//! Each check is a function from the tree of files to findings, so that its tests feed it a small tree which breaks the
//! promise and see it found.

mod boundaries;
mod documents;
mod form;
mod pages;
mod rules;
pub mod rust;
mod status;

use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::Path;
use std::process::Command;

type Check = fn(&Tree) -> Vec<Finding>;

/// The checks by name; a finding is printed with the name of its check.
const CHECKS: &[(&str, Check)] = &[
    ("domain", boundaries::domain_is_pure),
    ("sql", boundaries::sql_stays_in_the_store),
    ("database", boundaries::databases_stay_behind_the_dialect),
    ("clock", boundaries::clock_and_chance_have_one_home),
    ("status", status::only_acts_change_a_status),
    ("header", form::every_file_says_what_it_is),
    ("length", form::long_files_have_a_reason),
    ("left open", form::nothing_is_left_open),
    ("pages", pages::templates_obey_the_security_policy),
    ("rules", rules::every_rule_has_a_test),
    ("wording", documents::the_repository_speaks_of_itself_alone),
    ("readme", documents::the_readme_names_its_commands),
    ("cargo run", documents::a_plain_cargo_run_starts_the_desk),
    ("links", documents::links_lead_somewhere),
];

/// One file of the repository; `text` is empty for what is not text.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }
}

/// The files that git tracks or would track.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    pub fn read(root: &Path) -> Result<Tree> {
        let listing = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("git is needed to list the repository's files")?;
        if !listing.status.success() {
            bail!("git could not list the repository's files; the checks need a clone, not an unpacked archive");
        }
        let names = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
        let mut files = Vec::new();
        // A file that was deleted and not yet committed is still listed; it is no longer part of the tree.
        for path in names.split('\0').filter(|name| !name.is_empty() && root.join(name).is_file()) {
            let bytes = std::fs::read(root.join(path)).with_context(|| format!("{path} cannot be read"))?;
            files.push(File { path: path.to_owned(), text: String::from_utf8(bytes).unwrap_or_default() });
        }
        Ok(Tree { files })
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.path.starts_with(folder))
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.has_extension(&["rs"]))
    }

    /// A tree of the test's own.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Tree { files: files.iter().map(file).collect() }
    }
}

/// A place that breaks a promise.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    /// Counted from 1; 0 stands for the file as a whole.
    pub line: usize,
    pub what: String,
}

impl Finding {
    pub fn at(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }

    pub fn whole(path: &str, what: impl Into<String>) -> Finding {
        Finding::at(path, 0, what)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

pub fn run() -> Result<()> {
    let tree = Tree::read(&crate::tools::root())?;
    let mut count = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree) {
            println!("tidy ({name}): {finding}");
            count += 1;
        }
    }
    if count > 0 {
        bail!("tidy found {count}; each line above names the place and the promise it breaks");
    }
    println!("tidy: {} checks over {} files, nothing found", CHECKS.len(), tree.files.len());
    Ok(())
}
