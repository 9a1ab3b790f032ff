//! The documents: they speak of the project alone, the README names the two commands, and links lead somewhere.

use super::{File, Finding, Tree};
use std::collections::HashSet;

/// Places that exist on one machine or in one tool's registry only. Each is written in two parts, so that this file
/// does not find itself.
const PLACES: [&str; 10] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("sha", "red/"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("deb.", "debian.org"),
    concat!("proxy.", "golang.org"),
];

pub fn the_repository_speaks_of_itself_alone(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The demo's conversations are what customers wrote; vendored files are their authors'.
    let is_ours = |file: &&File| !file.has_extension(&["jsonl"]) && !file.path.contains("/vendor/");
    for file in tree.files.iter().filter(is_ours) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(place) = PLACES.iter().find(|place| names_place(line, place)) {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    format!("names {place}, which only one machine knows"),
                ));
            }
            if names_an_issue(line) {
                findings.push(Finding::at(&file.path, index + 1, "names an issue by number: say what it is about"));
            }
        }
    }
    findings
}

/// A place is named where it is not the tail of a longer word, such as `unshared/`.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(start, _)| !line[..start].ends_with(|c: char| c.is_alphanumeric()))
}

fn names_an_issue(line: &str) -> bool {
    let line = line.to_lowercase();
    line.match_indices("issue").any(|(start, word)| {
        let rest = line[start + word.len()..].trim_start_matches([' ', '#']);
        let separated = rest.len() < line.len() - start - word.len();
        separated && rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

const README: &str = "README.md";
const COMMANDS: [&str; 2] = ["cargo run --release -- serve --demo", "cargo xtask ci"];
/// Without it `cargo run` finds two programs, this one and the desk, and refuses to choose.
const DEFAULT_MEMBER: &str = "default-members = [\"crates/lull\"]";

pub fn the_readme_names_its_commands(tree: &Tree) -> Vec<Finding> {
    let Some(readme) = tree.get(README) else { return vec![Finding::whole(README, "missing")] };
    let absent = COMMANDS.iter().filter(|command| !readme.text.contains(**command));
    absent.map(|command| Finding::whole(README, format!("does not name the command `{command}`"))).collect()
}

pub fn a_plain_cargo_run_starts_the_desk(tree: &Tree) -> Vec<Finding> {
    let chosen = tree.get("Cargo.toml").is_some_and(|manifest| manifest.text.contains(DEFAULT_MEMBER));
    if chosen { Vec::new() } else { vec![Finding::whole("Cargo.toml", format!("lacks `{DEFAULT_MEMBER}`"))] }
}

pub fn links_lead_somewhere(tree: &Tree) -> Vec<Finding> {
    let mut places: HashSet<&str> = HashSet::new();
    for file in &tree.files {
        places.insert(&file.path);
        let folders = file.path.match_indices('/').map(|(end, _)| &file.path[..end]);
        places.extend(folders);
    }
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.has_extension(&["md"]) && !file.path.contains("/vendor/")) {
        for (line, link) in relative_links(&file.text) {
            let leads =
                resolve(&file.path, &link).is_some_and(|path| path.is_empty() || places.contains(path.as_str()));
            if !leads {
                findings.push(Finding::at(&file.path, line, format!("the link to {link} leads nowhere")));
            }
        }
    }
    findings
}

/// The targets of `](…)` outside of code that are paths in this repository, without their anchors.
fn relative_links(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in markdown.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split(['#', ' ']).next().unwrap_or_default();
            if !path.is_empty() && !path.contains(':') {
                found.push((index + 1, path.to_owned()));
            }
        }
    }
    found
}

/// The link's path from the top of the repository; `None` when it leads out of it.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_s_own_place_is_found() {
        for place in PLACES {
            let text = format!("see {place}x");
            let found = the_repository_speaks_of_itself_alone(&Tree::of(&[("a.md", &text)]));
            assert_eq!(found.len(), 1, "{place}");
            assert!(the_repository_speaks_of_itself_alone(&Tree::of(&[("a.jsonl", &text)])).is_empty());
        }
        let other = concat!("un", "sha", "red/ and /network/ and crates.io");
        assert!(the_repository_speaks_of_itself_alone(&Tree::of(&[("a.md", other)])).is_empty());
    }

    #[test]
    fn the_number_of_an_issue_is_found() {
        for number in ["#2", " #2", " 2", "s 3"] {
            let text = format!("as is{}{number} says", "sue");
            assert_eq!(names_an_issue(&text), !number.starts_with('s'), "{text}");
        }
        assert!(!names_an_issue("issued 2 tokens, an issue of style, issue2"));
    }

    #[test]
    fn a_readme_without_a_command_is_found() {
        let both = COMMANDS.join("\n");
        assert!(the_readme_names_its_commands(&Tree::of(&[(README, &both)])).is_empty());
        assert_eq!(the_readme_names_its_commands(&Tree::of(&[(README, COMMANDS[1])])).len(), 1);
        assert_eq!(the_readme_names_its_commands(&Tree::default()).len(), 1);
    }

    #[test]
    fn a_workspace_without_a_default_program_is_found() {
        let manifest = format!("[workspace]\n{DEFAULT_MEMBER}\n");
        assert!(a_plain_cargo_run_starts_the_desk(&Tree::of(&[("Cargo.toml", &manifest)])).is_empty());
        assert_eq!(a_plain_cargo_run_starts_the_desk(&Tree::of(&[("Cargo.toml", "[workspace]\n")])).len(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[a](../README.md#top) [b](spec/) ![c](no.png \"t\") [d](https://a.b/c)\n`[e](x)`\n```\n[f](y)\n```\n\
                    [g](#here) [h](../../out.md)\n";
        let tree = Tree::of(&[("README.md", ""), ("docs/a.md", text), ("docs/spec/b.md", "")]);
        let found: Vec<_> = links_lead_somewhere(&tree).into_iter().map(|f| (f.line, f.what)).collect();
        let nowhere = |line, link| (line, format!("the link to {link} leads nowhere"));
        assert_eq!(found, [nowhere(1, "no.png"), nowhere(6, "../../out.md")]);
    }
}
