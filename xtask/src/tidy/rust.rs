//! Splits Rust source into code, comments and string literals, so that a word in a comment is not taken for code.
//!
//! This is a lexer for these three things only; it knows raw strings, nested comments, and a lifetime from a character.

/// Source text by kind. `code` and `comments` keep their places: what belongs to the other kinds is blank.
#[derive(Debug, Default)]
pub struct Source {
    pub code: String,
    pub comments: String,
    pub literals: Vec<Literal>,
}

/// A string literal: the line it begins on and its text, with a continued line joined.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    pub line: usize,
    pub text: String,
}

impl Source {
    pub fn of(text: &str) -> Source {
        let mut lexer = Lexer { input: text.chars().collect(), at: 0, line: 1, source: Source::default() };
        while lexer.at < lexer.input.len() {
            lexer.next();
        }
        lexer.source
    }

    /// The lines of code that hold `word` as a whole word, counted from 1.
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        let lines = self.code.lines().enumerate();
        lines.filter(|(_, line)| has_word(line, word)).map(|(index, _)| index + 1).collect()
    }
}

/// Whether `word` stands in `text` with no letter, digit or underscore at either side.
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The name of the function whose signature begins on this line of code.
pub fn function_name(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let qualifies = |word: &str| word.starts_with("pub") || matches!(word, "async" | "const" | "super)" | "crate)");
    let name: String = after.chars().take_while(|c| is_word(*c)).collect();
    (before.split_whitespace().all(qualifies) && !name.is_empty()).then_some(name)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Lexer {
    input: Vec<char>,
    at: usize,
    line: usize,
    source: Source,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    /// Takes one character as `kind`, blanking it in the others.
    fn take(&mut self, kind: Kind) {
        let Some(c) = self.peek(0) else { return };
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        let shown = |wanted: Kind| if c == '\n' || kind == wanted { c } else { ' ' };
        self.source.code.push(shown(Kind::Code));
        self.source.comments.push(shown(Kind::Comment));
    }

    fn take_many(&mut self, count: usize, kind: Kind) {
        for _ in 0..count {
            self.take(kind);
        }
    }

    fn next(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (Some('/'), Some('/')) => self.line_comment(),
            (Some('/'), Some('*')) => self.block_comment(),
            (Some('"'), _) => self.string(),
            (Some('\''), _) => self.quote(),
            (Some(c), _) if is_word(c) => self.word(),
            _ => self.take(Kind::Code),
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.take(Kind::Comment);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {
                    self.take(Kind::Comment);
                    continue;
                }
            }
            self.take_many(2, Kind::Comment);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.take(Kind::Text);
        while let Some(c) = self.peek(0) {
            self.take(Kind::Text);
            match c {
                '"' => break,
                '\\' => self.escape(&mut text),
                _ => text.push(c),
            }
        }
        self.source.literals.push(Literal { line, text });
    }

    /// The backslash is taken. A line end joins the next line without its indent; other escapes stand for themselves.
    fn escape(&mut self, text: &mut String) {
        match self.peek(0) {
            Some('\n') => {
                while self.peek(0).is_some_and(char::is_whitespace) {
                    self.take(Kind::Text);
                }
            }
            Some('n') => {
                text.push('\n');
                self.take(Kind::Text);
            }
            Some(c) => {
                text.push(c);
                self.take(Kind::Text);
            }
            None => {}
        }
    }

    /// A character literal, or the quote of a lifetime.
    fn quote(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                self.take_many(3, Kind::Text);
                while self.peek(0).is_some_and(|c| c != '\'' && c != '\n') {
                    self.take(Kind::Text);
                }
                self.take(Kind::Text);
            }
            (Some(_), Some('\'')) => self.take_many(3, Kind::Text),
            _ => self.take(Kind::Code),
        }
    }

    /// An identifier, a number, or the prefix of a raw string.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.take(Kind::Code);
        }
        let raw = matches!(self.input[start..self.at], ['r'] | ['b' | 'c', 'r']);
        let hashes = (0..).take_while(|ahead| self.peek(*ahead) == Some('#')).count();
        if raw && self.peek(hashes) == Some('"') {
            self.raw_string(hashes);
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        let line = self.line;
        let mut text = String::new();
        self.take_many(hashes + 1, Kind::Text);
        while let Some(c) = self.peek(0) {
            if c == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.take_many(hashes + 1, Kind::Text);
                break;
            }
            text.push(c);
            self.take(Kind::Text);
        }
        self.source.literals.push(Literal { line, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_comments_and_strings_are_not_code() {
        let source = Source::of("// tokio\nlet a = \"tokio\"; /* tokio /* tokio */ tokio */\nuse tokio::x; // tokio\n");
        assert_eq!(source.lines_with("tokio"), [3]);
        assert_eq!(source.comments.matches("tokio").count(), 5);
    }

    #[test]
    fn a_word_inside_a_longer_word_is_not_that_word() {
        let source = Source::of("let tokio_like = my_tokio + tokios;");
        assert!(source.lines_with("tokio").is_empty());
    }

    #[test]
    fn literals_keep_their_text_and_line_in_every_spelling() {
        let text = "f(\"a \\\" b\",\n r#\"raw \"quoted\" \\ text\"#, br\"x\",\n b\"y\", \"one \\\n      line\");";
        let found: Vec<_> = Source::of(text).literals.into_iter().map(|l| (l.line, l.text)).collect();
        let expected = [(1, "a \" b"), (2, "raw \"quoted\" \\ text"), (2, "x"), (3, "y"), (3, "one line")];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn quotes_of_characters_and_lifetimes_open_no_string() {
        let source = Source::of("fn f<'a>(c: &'a str) { g('\"', '\\'', b'\"', '\\u{22}', r#type); h(\"end\") }");
        assert_eq!(source.literals, [Literal { line: 1, text: "end".into() }]);
        assert!(source.code.contains("fn f<'a>(c: &'a str)") && source.code.contains("r#type"));
    }

    #[test]
    fn a_signature_names_its_function() {
        assert_eq!(function_name("    pub(crate) async fn close<T>(tx: T) {").as_deref(), Some("close"));
        assert_eq!(function_name("let f: fn (u8) = g;"), None);
        assert_eq!(function_name("call(|x| x.fn )"), None);
    }

    #[test]
    fn code_keeps_its_columns() {
        let text = "let a = \"xyz\"; b();\n";
        assert_eq!(Source::of(text).code, "let a =      ; b();\n");
    }

    #[test]
    fn an_unfinished_text_comes_to_an_end() {
        for text in ["\"open", "r#\"open\"", "/* open", "'", "'\\", "\"\\"] {
            assert_eq!(Source::of(text).code.chars().count(), text.chars().count(), "{text}");
        }
    }
}
