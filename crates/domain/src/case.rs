//! What a case is made of: its status, type and priority, and how many of each text it takes.

use crate::words;
use std::collections::HashSet;

words! {
    /// Where a case stands. A new case is `Open`.
    Status {
        Open = "open",
        InProgress = "in_progress",
        OnHold = "on_hold",
        Closed = "closed",
    }
}

words! {
    CaseType {
        General = "general",
        Support = "support",
        Question = "question",
        Feedback = "feedback",
        Lead = "lead",
    }
}

words! {
    Priority {
        Critical = "critical",
        High = "high",
        Medium = "medium",
        Low = "low",
        None = "none",
    }
}

words! {
    /// Who the next word is expected from.
    WaitingOn { Us = "us", Customer = "customer" }
}

pub const TITLE_CHARS: usize = 200;
/// The title a case gets from its first message is cut shorter than one a person types.
pub const DERIVED_TITLE_CHARS: usize = 80;
pub const TAGS: usize = 20;
pub const TAG_CHARS: usize = 50;

impl Status {
    /// A case counts towards its assignee's load while somebody works or should work it (R4).
    pub const fn counts_as_load(self) -> bool {
        matches!(self, Status::Open | Status::InProgress)
    }

    pub const fn is_closed(self) -> bool {
        matches!(self, Status::Closed)
    }
}

/// A case's number as people write it: `12`, `#12` or `Case 12`, as pages call it.
pub fn number(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let called = typed.get(.."case".len()).filter(|word| word.eq_ignore_ascii_case("case"));
    let number = called.map_or(typed, |word| typed[word.len()..].trim_start());
    number.trim_start_matches('#').parse().ok()
}

/// The title of a case that nobody named: the first line of its first message, without leading mentions.
pub fn title_from(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    let mut words = line.split_whitespace().peekable();
    while words.peek().is_some_and(|word| word.starts_with('@') && word.len() > 1) {
        words.next();
    }
    let mut title = words.collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        title = line.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if !title.chars().any(is_visible) {
        return "(no text)".to_owned();
    }
    if let Some((cut, next)) = title.char_indices().nth(DERIVED_TITLE_CHARS) {
        title.truncate(cut);
        // Break between words where one ends near the cut.
        if next != ' '
            && let Some(space) = title.rfind(' ')
            && space > cut / 2
        {
            title.truncate(space);
        }
        title.push('…');
    }
    title
}

/// Whether a character alone shows anything. A list of cases must not hold a row nobody can see or click; the common
/// characters without ink are named here because the standard library does not know them.
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}')
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && !matches!(c, '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
        && !matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Tags as stored: lower case, single spaces, no doubles, in the order given.
pub fn normal_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut normal: Vec<String> = Vec::new();
    // A set, because a request may hold many more tags than a case will take.
    let mut seen = HashSet::new();
    for tag in tags {
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if !tag.is_empty() && seen.insert(tag.clone()) {
            normal.push(tag);
        }
    }
    normal
}
