//! The few words in which the databases differ.
//!
//! Statements and migrations are one text. Where the databases need other words, the text carries a mark that SQLite
//! takes for a comment:
//! - `/*lock*/` after a query: its rows of `c` are locked, so that they do not change until the transaction ends;
//! - `/*share*/` after a query: the same, but others may hold them so as well;
//! - `/*claim*/` after a query: the same, leaving out rows that somebody else has locked;
//! - `/*unicode*/` after `lower`: in every alphabet, whatever the database's locale, as [`lower`] does it;
//! - `/*sqlite: … */` and `/*pg: … */` in migrations: words for one of the databases.
//!
//! What SQLite calls `json_each` is a function of that name on PostgreSQL, made by a migration.

use std::borrow::Cow;

/// Which database a migration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// The marks of statements and what PostgreSQL reads in their place. Only transactions that write lock anything.
const MARKS: [(&str, &str); 4] = [
    ("/*lock*/", "for update of c"),
    ("/*share*/", "for key share of c"),
    ("/*claim*/", "for update of c skip locked"),
    ("/*unicode*/", "_unicode"),
];

/// A statement as PostgreSQL takes it.
pub fn for_postgres(sql: &str, writes: bool) -> Cow<'_, str> {
    if !sql.contains("/*") {
        return Cow::Borrowed(sql);
    }
    let mut text = sql.to_owned();
    for (mark, words) in MARKS {
        let locks = words.starts_with("for ");
        text = text.replace(mark, if writes || !locks { words } else { "" });
    }
    Cow::Owned(text)
}

/// The condition that a JSON list of texts holds `value`.
pub fn list_holds(shared: bool, list: &str, value: &str) -> String {
    if shared {
        format!("cast({list} as jsonb) ? {value}")
    } else {
        format!("exists (select 1 from json_each({list}) t where t.value = {value})")
    }
}

/// How the outbox is read so that nothing comes to stand before what was read already. The order of ids is not enough:
/// ids are given before their transaction ends, and by several processes. The words speak of `outbox o`.
#[derive(Debug)]
pub struct Commits {
    /// A row's place; rows of one place follow each other by id.
    pub place: &'static str,
    /// The condition that a row is the one of the place `$1` and the id `$2`, or comes after it.
    pub from: &'static str,
    /// The condition that no row will ever come to stand before this one.
    pub settled: &'static str,
    /// The condition that a row was written in this database, and not in the one a dump was made of.
    pub own: &'static str,
    pub forwards: &'static str,
    pub backwards: &'static str,
}

/// SQLite numbers rows as they are written, and one transaction writes at a time, whatever its process.
const SQLITE_COMMITS: Commits = Commits {
    place: "o.rowid",
    from: "o.rowid >= $1",
    settled: "true",
    own: "true",
    forwards: "o.rowid",
    backwards: "o.rowid desc",
};

/// PostgreSQL numbers transactions as they begin to write, those of all databases of the server together; all below the
/// oldest one under way have ended. One that is known to be at work in another database is not waited for.
const POSTGRES_COMMITS: Commits = Commits {
    place: "cast(cast(o.tx as text) as bigint)",
    from: "(o.tx, o.id) >= (cast(cast(cast($1 as bigint) as text) as xid8), $2)",
    settled: "o.tx < coalesce((select min(running.tx) from pg_snapshot_xip(pg_current_snapshot()) running (tx) \
              where not exists (select 1 from pg_stat_activity elsewhere where elsewhere.backend_xid = xid(running.tx) \
              and elsewhere.datname <> current_database())), pg_snapshot_xmax(pg_current_snapshot()))",
    own: "o.tx > '1'",
    forwards: "o.tx, o.id",
    backwards: "o.tx desc, o.id desc",
};

pub fn commits(shared: bool) -> &'static Commits {
    if shared { &POSTGRES_COMMITS } else { &SQLITE_COMMITS }
}

/// What `search_docs d` is read with and the condition that it says the term of the parameter `term`: whole words, or with
/// `beginning` the last of them as the beginning of one. The right one of two tables is looked at row by row.
pub fn says(shared: bool, workspace: &str, term: &str, beginning: bool) -> (&'static str, String) {
    if shared {
        return ("search_docs d", format!("d.words @@ search_query({workspace}, {term}, {beginning})"));
    }
    ("search_docs d cross join search_words w", format!("w.rowid = d.id and w.search_words match {term}"))
}

/// The same where the words are looked up first and lead to the rows.
pub fn said_in(shared: bool, workspace: &str, term: &str, beginning: bool) -> (&'static str, String) {
    match says(shared, workspace, term, beginning) {
        (_, condition) if !shared => ("search_words w cross join search_docs d", condition),
        fragment => fragment,
    }
}

/// A term of a search as `says` takes it. Words are quoted: nothing that a person types is an operator.
pub fn search_term(shared: bool, words: &str, beginning: bool) -> String {
    if shared {
        return words.to_owned();
    }
    let quoted = spaced(words).replace('"', "");
    format!("\"{quoted}\"{}", if beginning { " *" } else { "" })
}

/// Whether SQLite has rows of `search_docs` that are not in the index of words yet.
pub const UNINDEXED: &str =
    "select (select max(id) from search_docs) > (select indexed_to from search_progress where id = 1)";
/// Puts them there.
pub const INDEX: [&str; 2] = [
    "insert into search_words (rowid, text) select d.id, spaced(case d.kind \
     when 'message' then (select m.text from messages m where m.workspace = d.workspace and m.case_id = d.owner and m.id = d.object) \
     when 'comment' then (select n.text from comments n where n.workspace = d.workspace and n.case_id = d.owner and n.id = d.object) \
     when 'title' then (select c.title from cases c where c.workspace = d.workspace and c.id = d.object) \
     else (select coalesce(u.name, '') || ' ' || coalesce(u.handle, '') from customers u \
     where u.workspace = d.workspace and u.id = d.object) end) \
     from search_docs d where d.id > (select indexed_to from search_progress where id = 1)",
    "update search_progress set indexed_to = (select max(id) from search_docs) where id = 1",
];

/// Scripts that put no space between words: hiragana and katakana, the Han characters.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2fa1f}')
}

/// A text in which every word stands by itself.
pub fn spaced(text: &str) -> Cow<'_, str> {
    if !text.contains(stands_alone) {
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if stands_alone(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    Cow::Owned(spaced)
}

/// Gives rows that came with a dump of another server, whose transactions were numbered otherwise, a place before all that
/// this server numbers; 1 and 2 are no transaction's.
pub const DISOWN_RESTORED: &str = "update outbox set tx = '1' where tx > '1' and exists \
     (select 1 from outbox newer where newer.tx >= pg_snapshot_xmax(pg_current_snapshot()))";

/// Resolves the markers `/*sqlite: … */` and `/*pg: … */` of a migration.
pub fn resolve(text: &str, dialect: Dialect) -> String {
    let (mine, other) = match dialect {
        Dialect::Sqlite => ("/*sqlite:", "/*pg:"),
        Dialect::Postgres => ("/*pg:", "/*sqlite:"),
    };
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        resolved.push_str(&rest[..start]);
        let tail = &rest[start..];
        let end = tail.find("*/").map_or(tail.len(), |e| e + 2);
        let marker = &tail[..end];
        if let Some(words) = marker.strip_prefix(mine) {
            resolved.push_str(words.trim_end_matches("*/").trim());
        } else if !marker.starts_with(other) {
            resolved.push_str(marker);
        }
        rest = &tail[end..];
    }
    resolved.push_str(rest);
    resolved
}

/// Lower case letter by letter, for every alphabet: SQLite's own `lower` knows only the English one. The sigma at the end
/// of a word is the same letter as within it.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_words_and_not_the_others() {
        let text = "a /*sqlite: b */ c /*pg: d */ e /* kept */";
        assert_eq!(resolve(text, Dialect::Sqlite), "a b c  e /* kept */");
        assert_eq!(resolve(text, Dialect::Postgres), "a  c d e /* kept */");
    }

    #[test]
    fn rows_are_locked_only_by_who_writes() {
        assert_eq!(for_postgres("select 1 from cases c /*lock*/", true), "select 1 from cases c for update of c");
        assert_eq!(for_postgres("select 1 from cases c /*lock*/", false), "select 1 from cases c ");
        assert_eq!(for_postgres("select lower/*unicode*/(a)", false), "select lower_unicode(a)");
    }
}
