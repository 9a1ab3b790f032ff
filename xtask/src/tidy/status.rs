//! Only an act changes a case's status: outside of `acts/` nothing calls a function of the store that writes it.
//!
//! The functions are not listed by hand but found: those whose SQL writes a status into `cases`, and those of the store
//! that call them. So a new one is guarded from its first day.

use super::rust::{Source, function_name, has_word};
use super::{File, Finding, Tree};

const STORE: &str = "crates/store/src/";
const ACTS: &str = "crates/lull/src/acts";

/// A function of the store: its module, its name and its body.
struct Function {
    module: String,
    name: String,
    body: String,
    writes: bool,
}

pub fn only_acts_change_a_status(tree: &Tree) -> Vec<Finding> {
    let writers = writers(tree);
    if writers.is_empty() {
        return vec![Finding::whole(STORE, "no function that writes a case's status was recognised")];
    }
    let outside = |file: &&File| file.path.starts_with("crates/lull/") && !file.path.starts_with(ACTS);
    let mut findings = Vec::new();
    for file in tree.rust().filter(outside) {
        let code = expand_groups(&Source::of(&file.text).code);
        for (index, line) in code.lines().enumerate() {
            for writer in writers.iter().filter(|writer| has_word(line, writer)) {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    format!("{writer} changes a status: go through an act"),
                ));
            }
        }
    }
    findings
}

/// The paths of the writing functions, such as `cases::close`.
fn writers(tree: &Tree) -> Vec<String> {
    let mut functions: Vec<Function> =
        tree.under(STORE).filter(|f| f.has_extension(&["rs"])).flat_map(functions).collect();
    // Each round finds at least one caller more or is the last.
    for _ in 0..functions.len() {
        let known: Vec<(String, String)> =
            functions.iter().filter(|f| f.writes).map(|f| (f.module.clone(), f.name.clone())).collect();
        let calls = |function: &Function| known.iter().any(|(module, name)| function.calls(module, name));
        let new: Vec<usize> = (0..functions.len()).filter(|i| !functions[*i].writes && calls(&functions[*i])).collect();
        if new.is_empty() {
            break;
        }
        new.into_iter().for_each(|index| functions[index].writes = true);
    }
    functions.iter().filter(|f| f.writes).map(|f| format!("{}::{}", f.module, f.name)).collect()
}

impl Function {
    fn calls(&self, module: &str, name: &str) -> bool {
        let bare = || self.module == module && has_word(&self.body, name) && self.body.contains(&format!("{name}("));
        has_word(&self.body, &format!("{module}::{name}")) || bare()
    }
}

/// The functions of a file; a method stands under the type it belongs to, any other under the file's module.
fn functions(file: &File) -> Vec<Function> {
    let source = Source::of(&file.text);
    let stem = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
    let module = stem.rsplit('/').next().unwrap_or_default();
    let mut found = Vec::new();
    let mut owner = module.to_owned();
    for (start, line) in lines_with_offsets(&source.code) {
        let indented = line.starts_with(char::is_whitespace);
        if let Some(name) = implemented_type(line) {
            owner = name;
        } else if !indented && line.starts_with('}') {
            owner = module.to_owned();
        }
        let Some(name) = function_name(line) else { continue };
        let body = body(&source.code[start..]);
        let first = source.code[..start].matches('\n').count() + 1;
        let last = first + body.matches('\n').count();
        let own = source.literals.iter().filter(|literal| (first..=last).contains(&literal.line));
        // A method named `run` is called through the engine of commands, so its type is what a caller names.
        let (module, name) = match owner.as_str() {
            command if command != module && name == "run" => (module.to_owned(), command.to_owned()),
            owner => (owner.to_owned(), name),
        };
        found.push(Function {
            module,
            name,
            body: body.to_owned(),
            writes: own.into_iter().any(|l| writes_a_status(&l.text)),
        });
    }
    found
}

fn lines_with_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line.trim_end()))
    })
}

/// The type of `impl Type {`, `impl<T> Type<T> {` or `impl Trait for Type {`.
fn implemented_type(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl")?.trim_end_matches('{').trim();
    let name = match rest.rsplit_once(" for ") {
        Some((_, name)) => name,
        None if rest.starts_with('<') => rest.split_once("> ")?.1,
        None => rest,
    };
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

/// From the signature to the brace that closes the body; a signature without a body ends at its semicolon.
fn body(code: &str) -> &str {
    let mut depth = 0;
    for (index, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return &code[..index],
            '}' => depth -= 1,
            ';' if depth == 0 && !code[..index].ends_with(|c: char| c.is_ascii_digit()) => return &code[..index],
            _ => {}
        }
    }
    code
}

/// Whether a statement writes the column `status` of the table `cases`: by an update, or for a new row.
fn writes_a_status(sql: &str) -> bool {
    let words: Vec<String> = sql
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let follows = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    let text = sql.to_lowercase();
    let assigned = || {
        let set = text.split_once(" set ").or_else(|| text.split_once("\nset ")).map_or("", |(_, after)| after);
        let assignments = set.split("where").next().unwrap_or_default();
        assignments.split(',').any(|part| part.split('=').next().is_some_and(|column| column.trim() == "status"))
    };
    (follows("update", "cases") && assigned()) || (follows("into", "cases") && has_word(&text, "status"))
}

/// Writes `cases::{close, reopen}` out as `cases::close, cases::reopen`, so that an import is seen as a call is.
fn expand_groups(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(open) = rest.find("::{") {
        let path_start = rest[..open].rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |i| i + 1);
        let (module, group) = (&rest[path_start..open], &rest[open + 3..]);
        let end = group.find(['}', '{']).unwrap_or(group.len());
        out.push_str(&rest[..open]);
        for part in group[..end].split(',') {
            let indent = part.len() - part.trim_start().len();
            out.push_str(&format!(", {}{module}::{}", &part[..indent], part.trim_start()));
        }
        rest = &group[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &str = "//! x\n\
        pub async fn close(tx: &mut Tx) -> Result<()> {\n    tx.execute(\"update cases\n set status = 'closed', version = 2 where id = $1\").await\n}\n\
        pub async fn touch(tx: &mut Tx) {\n    tx.execute(\"update cases set seen = $1 where status = 'open'\").await\n}\n\
        pub async fn close_all(tx: &mut Tx) {\n    for _ in 0..3 { close(tx).await }\n}\n\
        pub struct Create;\n\nimpl Command for Create {\n    async fn run(&self) { tx.execute(\"insert into cases (id, status) values ($1, $2)\") }\n}\n\n\
        pub async fn find() {}\n";
    const SWEEP: &str = "//! x\npub async fn sweep(tx: &mut Tx) { cases::close_all(tx).await }\n";

    fn store() -> Vec<(&'static str, &'static str)> {
        vec![("crates/store/src/cases.rs", CASES), ("crates/store/src/sweep.rs", SWEEP)]
    }

    #[test]
    fn the_writers_are_found_with_their_callers() {
        let found = writers(&Tree::of(&store()));
        assert_eq!(found, ["cases::close", "cases::close_all", "cases::Create", "sweep::sweep"]);
    }

    #[test]
    fn a_status_written_outside_an_act_is_found() {
        let texts = [
            "//! x\nasync fn f() {\n    store::cases::close(tx).await\n}\n",
            "//! x\n\nuse store::cases::{find, Create};\n",
            "//! x\n\nuse store::{sweep::sweep, cases};\n",
        ];
        for text in texts {
            let files = |path| [store(), vec![(path, text)]].concat();
            let found = only_acts_change_a_status(&Tree::of(&files("crates/lull/src/http/api/cases.rs")));
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].line, 3);
            assert!(only_acts_change_a_status(&Tree::of(&files("crates/lull/src/acts/close.rs"))).is_empty());
        }
    }

    #[test]
    fn reading_a_case_is_not_writing_its_status() {
        let text = "//! x\nasync fn f() { cases::find().await; cases::touch(tx).await; cases::closed(); }\n";
        let files = [store(), vec![("crates/lull/src/http/api/cases.rs", text)]].concat();
        assert!(only_acts_change_a_status(&Tree::of(&files)).is_empty());
    }

    #[test]
    fn a_store_in_which_nothing_is_recognised_is_found() {
        let text = "//! x\npub async fn find() {}\n";
        assert_eq!(only_acts_change_a_status(&Tree::of(&[("crates/store/src/cases.rs", text)])).len(), 1);
    }
}
