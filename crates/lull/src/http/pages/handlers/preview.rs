//! One line of a message for a list: without the mention it starts with, greeting, quote or signature.

/// Characters of a preview: more than any row shows.
const CHARS: usize = 160;
/// Characters of a message that are looked at.
pub const LOOKED_AT: i64 = 600;
/// A greeting is a line of its own and no longer than this.
const GREETING_CHARS: usize = 40;
const GREETINGS: [&str; 12] =
    ["hi", "hello", "hey", "dear", "good", "greetings", "hallo", "guten", "bonjour", "hola", "ciao", "salut"];

pub fn preview(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut kept: Vec<&str> = lines.clone().take_while(|line| !opens_the_old(line)).filter(|l| !is_quoted(l)).collect();
    if kept.len() > 1 && is_greeting(kept[0]) {
        kept.remove(0);
    }
    if kept.is_empty() {
        kept = lines.collect();
    }
    let joined = kept.join(" ");
    let mut words = joined.split_whitespace().skip_while(|word| word.starts_with('@') && word.len() > 1).peekable();
    if words.peek().is_none() {
        return cut(&joined);
    }
    cut(&words.collect::<Vec<_>>().join(" "))
}

fn is_quoted(line: &str) -> bool {
    line.starts_with('>')
}

/// The line a mail program puts before what it quotes, or a signature's dashes.
fn opens_the_old(line: &str) -> bool {
    line == "--" || line.starts_with("-----Original Message") || (line.starts_with("On ") && line.ends_with("wrote:"))
}

fn is_greeting(line: &str) -> bool {
    let first = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    let ends = line.ends_with([',', '!', '.', ':']) || line.split_whitespace().count() <= 2;
    line.chars().count() <= GREETING_CHARS && ends && GREETINGS.contains(&first.as_str())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
