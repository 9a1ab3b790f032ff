//! The few words in which the databases differ.

/// Which database a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    /// Not opened by this version yet; the migrations already carry its words.
    #[allow(dead_code)]
    Postgres,
}

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

/// Lower case letter by letter, for every alphabet: SQLite's own `lower` knows only the English one.
pub fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
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
}
