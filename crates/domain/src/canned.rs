//! Canned replies: text with placeholders that are filled in for one case and one agent.
//!
//! A placeholder is a known word in braces. Braces around anything else are just braces; around something that looks like a
//! word but is not known they are a mistake, which is refused when the reply is kept and not discovered by a customer.

use crate::words;

/// Characters of a short name.
pub const NAME_CHARS: usize = 60;
/// A name in braces is at most so long; anything longer is text.
const WORD_BYTES: usize = 40;

words! {
    /// What can stand in braces.
    Placeholder {
        CustomerName = "customer_name",
        CustomerFirstName = "customer_first_name",
        AgentName = "agent_name",
        AgentFirstName = "agent_first_name",
        CaseNumber = "case_number",
        CaseTitle = "case_title",
        QueueName = "queue_name",
        WorkspaceName = "workspace_name",
    }
}

/// The pieces of a text: plain stretches, and what looks like a placeholder.
enum Piece<'a> {
    Plain(&'a str),
    Word(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let inner = &rest[open + 1..];
        let is_word = |word: &str| {
            !word.is_empty() && word.len() <= WORD_BYTES && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        match inner.find('}').map(|close| &inner[..close]).filter(|word| is_word(word)) {
            Some(word) => {
                pieces.push(Piece::Plain(&rest[..open]));
                pieces.push(Piece::Word(word));
                rest = &inner[word.len() + 1..];
            }
            None => {
                pieces.push(Piece::Plain(&rest[..=open]));
                rest = inner;
            }
        }
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

/// Words in braces that are no placeholder, each once, in order.
pub fn unknown(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if let Piece::Word(word) = piece
            && word.parse::<Placeholder>().is_err()
            && !found.iter().any(|known| known == word)
        {
            found.push(word.to_owned());
        }
    }
    found
}

/// The text with every placeholder replaced by what `value` says. What is filled in is not looked at again: a customer
/// called `{agent_name}` stays that.
pub fn fill(text: &str, mut value: impl FnMut(Placeholder) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => filled.push_str(plain),
            Piece::Word(word) => match word.parse() {
                Ok(placeholder) => filled.push_str(&value(placeholder)),
                Err(_) => {
                    filled.push('{');
                    filled.push_str(word);
                    filled.push('}');
                }
            },
        }
    }
    filled
}

/// The first word of a name, by which one greets: `Ada` of `Ada Lindqvist`.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_all_other_braces_stay() {
        let value = |placeholder| match placeholder {
            Placeholder::CustomerName => "{agent_name}".to_owned(),
            other => other.as_str().to_uppercase(),
        };
        for (text, filled) in [
            ("Hi {customer_name}!", "Hi {agent_name}!"),
            ("{case_number}{case_title}", "CASE_NUMBERCASE_TITLE"),
            ("a { b } {} {X} {a b} {{agent_name}}", "a { b } {} {X} {a b} {AGENT_NAME}"),
            ("{customer_name", "{customer_name"),
            ("{nobody_knows} é{agent_name}", "{nobody_knows} éAGENT_NAME"),
            ("", ""),
        ] {
            assert_eq!(fill(text, value), filled, "{text}");
        }
    }

    #[test]
    fn a_word_in_braces_that_is_no_placeholder_is_named_once() {
        assert_eq!(unknown("{nam} {customer_name} {nam} {Foo} {order_id}"), ["nam", "order_id"]);
        assert!(unknown("{ } {} text").is_empty());
    }

    #[test]
    fn the_first_name_is_the_first_word() {
        assert_eq!([first_name("Ada Lindqvist"), first_name("@ada"), first_name("")], ["Ada", "@ada", ""]);
    }
}
