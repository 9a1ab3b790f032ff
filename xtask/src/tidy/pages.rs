//! The templates obey the content security policy: no inline script, style or handler, which the browser would refuse.

use super::rust::Source;
use super::{File, Finding, Tree};

/// Files of the pages' tests, whose markup is the attack and not the page.
const TESTS: [&str; 2] = ["tests.rs", "samples.rs"];

/// Templates, and the Rust that writes markup (charts).
pub fn templates_obey_the_security_policy(tree: &Tree) -> Vec<Finding> {
    let templates = tree.files.iter().filter(|file| file.has_extension(&["html", "svg"]));
    let mut findings: Vec<_> = templates.flat_map(|file| inspect(file, &file.text, 1)).collect();
    let is_page = |file: &&File| file.has_extension(&["rs"]) && !TESTS.iter().any(|name| file.path.ends_with(name));
    for file in tree.under("crates/lull/src/http/pages/").filter(is_page) {
        let literals = Source::of(&file.text).literals;
        findings.extend(literals.iter().flat_map(|literal| inspect(file, &literal.text, literal.line)));
    }
    findings
}

fn inspect(file: &File, markup: &str, first_line: usize) -> Vec<Finding> {
    let markup = without_template_code(markup);
    let mut findings = Vec::new();
    for (start, _) in markup.match_indices('<') {
        let tag = &markup[start..tag_end(&markup, start)];
        let line = first_line + markup[..start].matches('\n').count();
        findings.extend(faults(tag).into_iter().map(|fault| Finding::at(&file.path, line, fault)));
    }
    findings
}

/// Expressions and statements of the template language become spaces, so that `{% if a < b %}` opens no tag.
fn without_template_code(markup: &str) -> String {
    let mut rest = markup;
    let mut out = String::with_capacity(markup.len());
    while let Some(start) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let close = match &rest[start..start + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = rest[start..].find(close).map_or(rest.len(), |length| start + length + 2);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The end of the tag that opens at `start`: its `>` outside of quotes.
fn tag_end(markup: &str, start: usize) -> usize {
    let mut quote = None;
    for (offset, c) in markup[start..].char_indices() {
        match (quote, c) {
            (None, '>') => return start + offset,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    markup.len()
}

fn faults(tag: &str) -> Vec<String> {
    let Some(name) = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    let attributes = attributes(&tag[1 + name.len()..]);
    let mut faults = Vec::new();
    if name == "script" && !attributes.iter().any(|(name, _)| name == "src") {
        faults.push("a script stands in a file of its own, not in the page".to_owned());
    }
    if name == "style" {
        faults.push("style stands in the stylesheet, not in the page".to_owned());
    }
    for (name, value) in &attributes {
        let is_handler = name.starts_with("on") && name[2..].chars().all(|c| c.is_ascii_lowercase()) && name.len() > 2;
        if name == "style" || is_handler || name.starts_with("hx-on") {
            faults.push(format!("the security policy forbids the attribute {name}"));
        }
        if value.trim_start().starts_with("javascript:") || value.trim_start().starts_with("js:") {
            faults.push(format!("the security policy forbids script in the attribute {name}"));
        }
    }
    faults
}

/// The attributes of a tag, names in lower case, values without their quotes.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.trim_start();
    while !rest.is_empty() {
        let length = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let name = rest[..length].to_lowercase();
        rest = rest[length..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
        }
        found.push((name, value.to_owned()));
        rest = rest.trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(markup: &str) -> usize {
        templates_obey_the_security_policy(&Tree::of(&[("crates/lull/templates/a.html", markup)])).len()
    }

    #[test]
    fn what_the_security_policy_refuses_is_found() {
        for markup in [
            "<script>alert(1)</script>",
            "<p style=\"color: red\">",
            "<p\n  class=a\n  STYLE='x'>",
            "<button onclick=\"go()\">",
            "<a hx-on:click=\"go()\">",
            "<a hx-on::after-request=x>",
            "<style>p { color: red }</style>",
            "<a href=\" javascript:go()\">",
            "<a hx-vals='js:{a: 1}'>",
            "{% if a < b %}<b onfocus=x>{% endif %}",
        ] {
            assert_eq!(count(markup), 1, "{markup}");
        }
    }

    #[test]
    fn what_it_allows_is_not() {
        for markup in [
            "<script src=\"/a.js\" defer></script>",
            "<p title='say style=\"x\" and onclick=y'>style=\"x\" onclick=y</p>",
            "<p {% if one == two %}hidden{% endif %} data-on=\"x\">{{ a < b }}</p>",
            "<option value=\"on_hold\"><svg fill=\"none\"/>",
            "<!-- style=x -->",
        ] {
            assert_eq!(count(markup), 0, "{markup}");
        }
    }

    #[test]
    fn markup_written_by_the_pages_code_is_read_too() {
        let text = "//! x\nfn f() { w(\"<rect style='fill: red'/>\") }\n";
        let found = templates_obey_the_security_policy(&Tree::of(&[("crates/lull/src/http/pages/chart.rs", text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }
}
