//! Mentions: `@Name` in an internal note stands for a member of the workspace.

/// The members that `text` mentions, each once, in the order of their first mention.
///
/// A mention begins where a word begins, takes the longest name that fits (`@Ann Lee` is not `@Ann` where both are there),
/// whatever its letters' case, and ends where the name's word ends.
pub fn mentioned<'a, T: Copy + PartialEq>(text: &str, members: impl IntoIterator<Item = (T, &'a str)>) -> Vec<T> {
    let mut found = Vec::new();
    for (_, _, member) in places(text, members) {
        if !found.contains(&member) {
            found.push(member);
        }
    }
    found
}

/// Where the mentions stand: first and last byte (exclusive) of each with its `@`, and whom it means.
pub fn places<'a, T: Copy>(text: &str, members: impl IntoIterator<Item = (T, &'a str)>) -> Vec<(usize, usize, T)> {
    let mut members: Vec<(T, &str)> = members.into_iter().filter(|(_, name)| !name.trim().is_empty()).collect();
    members.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let mut found = Vec::new();
    let mut taken_to = 0;
    for (at, _) in text.match_indices('@') {
        let begins = text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if at < taken_to || !begins {
            continue;
        }
        let rest = &text[at + 1..];
        let fits = |name: &str| length_of(rest, name).filter(|length| ends(&rest[*length..]));
        if let Some((length, member)) = members.iter().find_map(|(member, name)| Some((fits(name)?, *member))) {
            taken_to = at + 1 + length;
            found.push((at, taken_to, member));
        }
    }
    found
}

/// The bytes at the beginning of `text` that read as `name`.
fn length_of(text: &str, name: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for wanted in name.chars() {
        let (_, letter) = letters.next()?;
        if !letter.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(letters.next().map_or(text.len(), |(at, _)| at))
}

fn ends(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| !next.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: [(u8, &str); 4] = [(1, "Ann"), (2, "Ann Lee"), (3, "Émile"), (4, "O'Hara")];

    #[test]
    fn a_mention_is_the_longest_name_behind_an_at_sign() {
        for (text, whom) in [
            ("@Ann look", &[1][..]),
            ("@ann lee, and @ANN!", &[2, 1]),
            ("@Ann @Ann", &[1]),
            ("(@émile) cc @o'hara.", &[3, 4]),
            ("ann@ann.example", &[]),
            ("@Anna", &[]),
            ("@Nobody @", &[]),
            ("@Ann's case", &[1]),
        ] {
            assert_eq!(mentioned(text, MEMBERS), whom, "{text}");
        }
    }

    #[test]
    fn a_place_is_that_of_the_text_itself() {
        let text = "ç @Ann Lee!";
        let places = places(text, MEMBERS);
        assert_eq!(places.iter().map(|(from, to, _)| &text[*from..*to]).collect::<Vec<_>>(), ["@Ann Lee"]);
    }
}
