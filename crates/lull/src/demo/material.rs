//! The conversations the demo plays: `data/conversations.jsonl`, real and public, embedded so that the binary works
//! anywhere.

use anyhow::Context;
use domain::message::{Direction, Network};
use domain::time::{Span, Timestamp};
use serde::Deserialize;
use std::collections::HashSet;

const LINES: &str = include_str!("../../../../data/conversations.jsonl");

#[derive(Debug, Clone)]
pub struct Conversation {
    pub key: String,
    pub brand: String,
    pub network: Network,
    /// Who wrote first; others who joined in are quoted in the thread.
    pub customer: String,
    /// In order of time, the first from the customer.
    pub messages: Vec<Said>,
}

#[derive(Debug, Clone)]
pub struct Said {
    pub direction: Direction,
    pub at: Timestamp,
    /// Unique within the demo; some posts stand in two conversations.
    pub external_id: String,
    pub text: String,
}

#[derive(Deserialize)]
struct Line {
    conversation: String,
    brand: String,
    network: String,
    messages: Vec<LineMessage>,
}

#[derive(Deserialize)]
struct LineMessage {
    direction: String,
    author: String,
    at: String,
    external_id: String,
    text: String,
}

/// All of them, in the file's order. A conversation that repeats another one is left out.
pub fn conversations() -> anyhow::Result<Vec<Conversation>> {
    let mut posts = HashSet::new();
    let mut all = Vec::new();
    for (number, line) in LINES.lines().enumerate() {
        let line: Line = serde_json::from_str(line).with_context(|| format!("line {} of the data", number + 1))?;
        let known = line.messages.iter().filter(|m| posts.contains(&m.external_id)).count();
        if known < line.messages.len() {
            all.extend(read(line, &mut posts).with_context(|| format!("line {} of the data", number + 1))?);
        }
    }
    Ok(all)
}

/// Posts stand in the data as their network keeps them, with three characters of HTML written out.
fn as_written(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn read(line: Line, posts: &mut HashSet<String>) -> anyhow::Result<Option<Conversation>> {
    let mut messages = Vec::with_capacity(line.messages.len());
    let mut customer = None;
    for message in line.messages {
        let direction: Direction = message.direction.parse().ok().context("an unknown direction")?;
        let at = Timestamp::parse(&message.at).ok().context("an unreadable time")?;
        if direction == Direction::Inbound {
            customer.get_or_insert(message.author);
        }
        let mut external_id = message.external_id;
        if !posts.insert(external_id.clone()) {
            external_id = format!("{external_id}-{}", line.conversation);
        }
        messages.push(Said { direction, at, external_id, text: as_written(&message.text) });
    }
    messages.sort_by_key(|said| said.at);
    let starts = messages.first().is_some_and(|said| said.direction == Direction::Inbound);
    let Some(customer) = customer.filter(|_| starts) else { return Ok(None) };
    let network = line.network.parse().ok().context("an unknown network")?;
    Ok(Some(Conversation { key: line.conversation, brand: line.brand, network, customer, messages }))
}

impl Conversation {
    /// How long after the first message this one was written.
    pub fn after(&self, message: usize) -> Span {
        self.messages[message].at.since(self.messages[0].at)
    }

    /// A number below `of` that is always the same for this conversation and question: the demo's only chance.
    pub fn draw(&self, question: &str, of: u64) -> u64 {
        // FNV-1a, then its better mixed upper half.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.key.bytes().chain(question.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        (hash >> 32) % of.max(1)
    }

    /// Whether the customer's first message has one of these words.
    pub fn mentions(&self, words: &[&str]) -> bool {
        let text = self.messages[0].text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_are_shown_as_they_were_written() {
        assert_eq!(as_written("a &lt;b&gt; &amp; c &amp;lt; d"), "a <b> & c &lt; d");
        let all = conversations().expect("the data can be read");
        let escaped = |said: &&Said| said.text.contains("&amp;");
        assert_eq!(all.iter().flat_map(|one| &one.messages).filter(escaped).count(), 0);
    }
}
