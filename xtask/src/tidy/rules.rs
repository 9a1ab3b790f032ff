//! Every rule of the lifecycle has a test that carries its number in its name or its doc comment.

use super::rust::{Source, function_name, has_word};
use super::{Finding, Tree};

const RULES: &str = "docs/spec/lifecycle.md";
/// The sections that hold numbered rules which must already be shown; section 7 is what lies beyond.
const SECTIONS: std::ops::RangeInclusive<u32> = 2..=6;
/// The metrics M2 to M11 are the reports', which come later; M1 is the credit of a close.
const LATER: [&str; 10] = ["M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11"];
/// Fewer rules than this means that the document changed its form and the check looks past it.
const AT_LEAST: usize = 30;

pub fn every_rule_has_a_test(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.get(RULES) else {
        return vec![Finding::whole(RULES, "missing: the rules are part of the repository")];
    };
    let rules = numbers(&document.text);
    if rules.len() < AT_LEAST {
        return vec![Finding::whole(
            RULES,
            format!("only {} rules recognised, expected {AT_LEAST} or more", rules.len()),
        )];
    }
    uncovered(tree, rules)
}

fn uncovered(tree: &Tree, rules: Vec<(usize, String)>) -> Vec<Finding> {
    let tests: Vec<Test> = tree.rust().filter(|file| file.text.contains("test")).flat_map(|f| tests(&f.text)).collect();
    let shown = |rule: &str| tests.iter().any(|test| test.shows(rule));
    let missing = rules.into_iter().filter(|(_, rule)| !shown(rule));
    missing.map(|(line, rule)| Finding::at(RULES, line, format!("no test names the rule {rule}"))).collect()
}

/// The rules' numbers with their lines: what stands in bold as a letter and a number, in the sections wanted.
fn numbers(document: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut wanted = false;
    for (index, line) in document.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## ") {
            let section = heading.split('.').next().and_then(|number| number.trim().parse().ok());
            wanted = section.is_some_and(|section| SECTIONS.contains(&section));
        }
        for bold in line.split("**").skip(1).step_by(2).filter(|_| wanted) {
            let word = bold.trim_end_matches('†').trim();
            if is_number(word) && !LATER.contains(&word) {
                found.push((index + 1, word.to_owned()));
            }
        }
    }
    found
}

fn is_number(word: &str) -> bool {
    let mut characters = word.chars();
    let letter = characters.next().is_some_and(|c| c.is_ascii_uppercase());
    let digits = characters.as_str();
    letter && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

struct Test {
    name: String,
    documentation: String,
}

impl Test {
    fn shows(&self, rule: &str) -> bool {
        self.name.split('_').any(|word| word.eq_ignore_ascii_case(rule)) || has_word(&self.documentation, rule)
    }
}

/// The test functions of a file: a `fn` under an attribute that ends in `test`, with the doc comment around it.
fn tests(text: &str) -> Vec<Test> {
    let source = Source::of(text);
    let mut found = Vec::new();
    let mut documentation = String::new();
    let mut is_test = false;
    for (code, comment) in source.code.lines().map(str::trim).zip(source.comments.lines().map(str::trim)) {
        if code.is_empty() {
            if comment.starts_with("///") {
                documentation.push_str(comment);
                documentation.push('\n');
            }
        } else if let Some(attribute) = code.strip_prefix("#[") {
            is_test |= is_test_attribute(attribute);
        } else {
            if let Some(name) = function_name(code).filter(|_| is_test) {
                found.push(Test { name, documentation: std::mem::take(&mut documentation) });
            }
            is_test = false;
            documentation.clear();
        }
    }
    found
}

fn is_test_attribute(attribute: &str) -> bool {
    let path = attribute.split(['(', ']']).next().unwrap_or_default();
    path == "test" || path.ends_with("::test")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Rules\n## 1. Words\n**C9** x\n## 2. Clock\n- **C1 †** It **counts**.\n- **C2** x\n\
                            ## 5. Credit\n- **M1 †** x\n| **M2** Opened | x |\n## 7. Beyond\n- **X1**: x\n";

    #[test]
    fn the_numbers_of_the_wanted_sections_are_read() {
        let names: Vec<_> = numbers(DOCUMENT).into_iter().map(|(line, rule)| format!("{line} {rule}")).collect();
        assert_eq!(names, ["5 C1", "6 C2", "8 M1"]);
    }

    #[test]
    fn a_rule_is_shown_by_a_test_name_or_its_doc_comment_and_by_nothing_else() {
        let shown = |text: &str| {
            let tree = Tree::of(&[("crates/domain/src/a.rs", text)]);
            uncovered(&tree, vec![(1, "C1".to_owned())]).is_empty()
        };
        for text in [
            "#[test]\nfn a_case_counts_c1() {}",
            "#[tokio::test(flavor = \"x\")]\npub async fn c1_holds() {}",
            "/// Shows C1 and C2.\n#[test]\n#[should_panic]\nfn a() {}",
            "#[test]\n/// C1: a case counts.\nfn a() {}",
        ] {
            assert!(shown(text), "{text}");
        }
        for text in [
            "fn a_case_counts_c1() {}",
            "#[test]\nfn a_case_counts_c11() {}",
            "/// C1\nfn a() {}\n#[test]\nfn b() {}",
            "/// C12\n#[test]\nfn a() {}",
            "#[test]\nfn a() { /* C1 */ }",
            "/// #[test]\n/// fn of_c1() {}\nfn a() {}",
            "#[cfg(test)]\nmod c1 { fn c1() {} }",
        ] {
            assert!(!shown(text), "{text}");
        }
    }

    #[test]
    fn a_document_that_changed_its_form_is_found() {
        let found = every_rule_has_a_test(&Tree::of(&[(RULES, DOCUMENT)]));
        assert!(found[0].what.starts_with("only 3 rules"), "{found:?}");
        assert_eq!(every_rule_has_a_test(&Tree::default()).len(), 1);
    }
}
