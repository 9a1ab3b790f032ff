//! Texts of messages and notes: names and addresses in them marked, of long ones the beginning, and the rest on demand.

/// Texts up to this many characters are shown whole.
const WHOLE: usize = 2_000;
/// The beginning of a longer one has about this many.
const BEGINNING: usize = 1_200;
/// How far back the beginning may end to end with a word.
const BACK: usize = 200;
/// A longer address stays text: the beginning of a long text ends before an address, and has to have some length.
const ADDRESS_BYTES: usize = 500;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub mark: Option<Mark>,
}

/// What a stretch of a text is, beside text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It names a member, as `@Ann`.
    Mention,
    /// It is an address that begins with `http://` or `https://`.
    Link,
}

/// First and last byte of a stretch, and what it is.
type Place = (usize, usize, Mark);

/// A text as a page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    pub beginning: Vec<Piece>,
    /// Empty for a text that is shown whole.
    pub rest: Vec<Piece>,
    pub characters: usize,
}

impl Folded {
    /// For templates, which have no sign for it.
    pub fn shown(&self) -> &Folded {
        self
    }

    pub fn of(text: &str) -> Folded {
        Folded::with_mentions(text, &[])
    }

    /// `mentions` are first and last byte of each, in order.
    pub fn with_mentions(text: &str, mentions: &[(usize, usize)]) -> Folded {
        let characters = text.chars().count();
        let mut marks: Vec<Place> = mentions.iter().map(|(from, to)| (*from, *to, Mark::Mention)).collect();
        let apart = |from: usize, to: usize| mentions.iter().all(|(start, end)| to <= *start || *end <= from);
        marks.extend(links(text).into_iter().filter(|(from, to)| apart(*from, *to)).map(|(f, t)| (f, t, Mark::Link)));
        marks.sort_unstable_by_key(|(from, ..)| *from);
        let cut = if characters > WHOLE { cut(text, &marks) } else { text.len() };
        let (before, after): (Vec<_>, Vec<_>) = marks.iter().partition(|(from, ..)| *from < cut);
        Folded { beginning: pieces(text, 0, cut, &before), rest: pieces(text, cut, text.len(), &after), characters }
    }
}

/// Where the beginning ends: behind a word, and never inside of a mention or an address.
fn cut(text: &str, marks: &[Place]) -> usize {
    let most = text.char_indices().nth(BEGINNING).map_or(text.len(), |(at, _)| at);
    let least = text.char_indices().nth(BEGINNING - BACK).map_or(0, |(at, _)| at);
    let space = |c: char| c.is_whitespace();
    let end = text[least..most].rfind(space).map_or(most, |at| least + at);
    marks.iter().find(|(from, to, _)| *from < end && end < *to).map_or(end, |(from, ..)| *from)
}

/// Where addresses stand, as first and last byte. What ends the sentence around an address is no part of it.
fn links(text: &str) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    let mut at = 0;
    while let Some(from) = text[at..].find("http").map(|found| at + found) {
        at = from + "http".len();
        let begins = !text[..from].chars().next_back().is_some_and(char::is_alphanumeric);
        let Some(sign) = ["s://", "://"].into_iter().find(|sign| text[at..].starts_with(sign)) else { continue };
        let host = &text[at + sign.len()..];
        let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '“' | '”');
        let host = trimmed(&host[..host.find(ends).unwrap_or(host.len())]);
        let to = at + sign.len() + host.len();
        let names_a_host = host.starts_with(char::is_alphanumeric);
        if begins && names_a_host && to - from <= ADDRESS_BYTES {
            links.push((from, to));
            at = to;
        }
    }
    links
}

/// Without the signs that end a sentence, and without a bracket that was opened before.
fn trimmed(address: &str) -> &str {
    let mut rest = address;
    while let Some(last) = rest.chars().next_back() {
        let opened = |sign: char| rest.contains(sign);
        let stays = match last {
            ')' => opened('('),
            ']' => opened('['),
            '}' => opened('{'),
            sign => !".,;:!?'’…*".contains(sign),
        };
        if stays {
            break;
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}

fn pieces(text: &str, from: usize, to: usize, marks: &[&Place]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = from;
    let mut push = |text: &str, mark| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), mark });
        }
    };
    for (start, end, mark) in marks {
        push(&text[at..*start], None);
        push(&text[*start..*end], Some(*mark));
        at = *end;
    }
    push(&text[at..to], None);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn a_short_text_is_whole_and_a_long_one_is_cut_between_words_and_loses_nothing() {
        let short = Folded::of("Hello\n  there");
        assert_eq!((joined(&short.beginning).as_str(), short.rest.len()), ("Hello\n  there", 0));
        let text = "wörter und mehr ".repeat(700);
        let long = Folded::of(&text);
        assert_eq!(joined(&long.beginning) + &joined(&long.rest), text);
        assert!(joined(&long.beginning).chars().count() <= BEGINNING);
        assert!(joined(&long.rest).starts_with(' '));
        let unbroken = "ö".repeat(10_000);
        let long = Folded::of(&unbroken);
        assert_eq!(joined(&long.beginning).chars().count(), BEGINNING);
        assert_eq!(long.characters, 10_000);
    }

    #[test]
    fn a_mention_is_a_piece_of_its_own_and_never_cut_through() {
        let text = "Hi @Ann, hi @Bea";
        let told = Folded::with_mentions(text, &[(3, 7), (12, 16)]);
        let mentions: Vec<_> =
            told.beginning.iter().filter(|p| p.mark == Some(Mark::Mention)).map(|p| p.text.as_str()).collect();
        assert_eq!((mentions, joined(&told.beginning).as_str()), (vec!["@Ann", "@Bea"], text));
        let name = format!("@{}", "n".repeat(300));
        let text = format!("{}{name}{}", "x".repeat(1_100), "y".repeat(2_000));
        let told = Folded::with_mentions(&text, &[(1_100, 1_100 + name.len())]);
        assert_eq!(joined(&told.beginning).len(), 1_100);
        assert_eq!((told.rest[0].text.as_str(), told.rest[0].mark), (name.as_str(), Some(Mark::Mention)));
    }

    #[test]
    fn an_address_is_a_link_without_what_ends_the_sentence_around_it() {
        for (text, links) in [
            ("See https://example.com/a?b=c&d=1#e.", vec!["https://example.com/a?b=c&d=1#e"]),
            (
                "(http://a.test), https://b.test/x_(y)! https://c.test…",
                vec!["http://a.test", "https://b.test/x_(y)", "https://c.test"],
            ),
            ("<https://a.test/b> and \"https://ü.test/ö\"", vec!["https://a.test/b", "https://ü.test/ö"]),
            ("https://a.test\nhttps://b.test", vec!["https://a.test", "https://b.test"]),
            ("javascript:alert(1) ftp://a.test xhttps://a.test https:// http https://. https://-", vec![]),
        ] {
            let told = Folded::of(text);
            let found: Vec<_> = told.beginning.iter().filter(|p| p.mark.is_some()).map(|p| p.text.as_str()).collect();
            assert_eq!((found, joined(&told.beginning)), (links, text.to_owned()));
        }
        let endless = format!("https://a.test/{}", "x".repeat(600));
        assert_eq!(Folded::of(&endless).beginning[0].mark, None);
    }

    #[test]
    fn an_address_is_never_cut_through_and_holds_no_mention() {
        let address = format!("https://a.test/{}", "x".repeat(300));
        let text = format!("{} {address} {}", "y".repeat(1_000), "z".repeat(2_000));
        let told = Folded::of(&text);
        assert_eq!(joined(&told.beginning), "y".repeat(1_000));
        assert_eq!((told.rest[1].text.as_str(), told.rest[1].mark), (address.as_str(), Some(Mark::Link)));
        let told = Folded::with_mentions("https://a.test/@Ann", &[(15, 19)]);
        let marks: Vec<_> = told.beginning.iter().map(|piece| piece.mark).collect();
        assert_eq!(marks, [None, Some(Mark::Mention)]);
    }
}
