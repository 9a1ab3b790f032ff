//! Long texts: the beginning, and the rest on demand.

/// Texts up to this many characters are shown whole.
const WHOLE: usize = 2_000;
/// The beginning of a longer one has about this many.
const BEGINNING: usize = 1_200;
/// How far back the beginning may end to end with a word.
const BACK: usize = 200;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// It names a member, as `@Ann`.
    pub mention: bool,
}

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
        let cut = if characters > WHOLE { cut(text, mentions) } else { text.len() };
        let (before, after): (Vec<_>, Vec<_>) = mentions.iter().partition(|(from, _)| *from < cut);
        Folded { beginning: pieces(text, 0, cut, &before), rest: pieces(text, cut, text.len(), &after), characters }
    }
}

/// Where the beginning ends: behind a word, and never inside of a mention.
fn cut(text: &str, mentions: &[(usize, usize)]) -> usize {
    let most = text.char_indices().nth(BEGINNING).map_or(text.len(), |(at, _)| at);
    let least = text.char_indices().nth(BEGINNING - BACK).map_or(0, |(at, _)| at);
    let space = |c: char| c.is_whitespace();
    let end = text[least..most].rfind(space).map_or(most, |at| least + at);
    mentions.iter().find(|(from, to)| *from < end && end < *to).map_or(end, |(from, _)| *from)
}

fn pieces(text: &str, from: usize, to: usize, mentions: &[(usize, usize)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = from;
    let mut push = |text: &str, mention| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), mention });
        }
    };
    for (start, end) in mentions {
        push(&text[at..*start], false);
        push(&text[*start..*end], true);
        at = *end;
    }
    push(&text[at..to], false);
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
        let mentions: Vec<_> = told.beginning.iter().filter(|p| p.mention).map(|p| p.text.as_str()).collect();
        assert_eq!((mentions, joined(&told.beginning).as_str()), (vec!["@Ann", "@Bea"], text));
        let name = format!("@{}", "n".repeat(300));
        let text = format!("{}{name}{}", "x".repeat(1_100), "y".repeat(2_000));
        let told = Folded::with_mentions(&text, &[(1_100, 1_100 + name.len())]);
        assert_eq!(joined(&told.beginning).len(), 1_100);
        assert_eq!((told.rest[0].text.as_str(), told.rest[0].mention), (name.as_str(), true));
    }
}
