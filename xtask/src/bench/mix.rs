//! The messages the desk is loaded with: real texts, one in five starting a case, the others joining a thread that is
//! there already, of those one in four an answer of an agent sent elsewhere.

use super::wire;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// Every so many messages start a case.
const STARTS: u64 = 5;
/// Every so many of those that join a thread are outbound.
const ANSWERS: u64 = 4;
/// Spreads the joining messages over the threads.
const SPREAD: u64 = 2_654_435_761;

pub const DESCRIPTION: &str = "1/5 start a case, 3/5 are further words of customers, 1/5 are agents' answers";

/// An endless supply of messages, no two alike.
pub struct Mix {
    texts: Vec<String>,
    channel: String,
    token: String,
    threads: u64,
    next: u64,
}

impl Mix {
    /// `threads` is how many messages will be taken with [`Mix::opening`] first.
    pub fn new(texts: Vec<String>, channel: String, token: String, threads: usize) -> Mix {
        Mix { texts, channel, token, threads: threads as u64, next: 0 }
    }

    /// Whether the message of this number, counted from the first of the opening, starts a case of its own.
    pub fn starts_case(number: usize) -> bool {
        (number as u64).is_multiple_of(STARTS)
    }

    /// Whether nothing was taken yet.
    pub fn is_new(&self) -> bool {
        self.next == 0
    }

    /// One message for each of the threads, which starts it.
    pub fn opening(&mut self) -> Vec<Vec<u8>> {
        (0..self.threads).map(|thread| self.message(thread, "inbound")).collect()
    }

    /// The next messages of the mix.
    pub fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count)
            .map(|_| {
                let n = self.next;
                if n.is_multiple_of(STARTS) {
                    return self.message(n, "inbound");
                }
                let thread = ((n * SPREAD) >> 8) % self.threads;
                self.message(thread, if n % STARTS == ANSWERS { "outbound" } else { "inbound" })
            })
            .collect()
    }

    fn message(&mut self, thread: u64, direction: &str) -> Vec<u8> {
        let n = self.next;
        self.next += 1;
        let text = &self.texts[n as usize % self.texts.len()];
        let body = json!({
            "channel": self.channel,
            "external_id": format!("{n:018}"),
            "direction": direction,
            "customer": {"external_id": format!("user_{thread}"), "name": format!("Customer {thread}"), "handle": format!("@c{thread}")},
            "conversation": format!("thread_{thread}"),
            "text": text,
            "sent_at": "2018-05-02T16:14:43.031Z",
        });
        wire::request("POST", "/v1/messages", &self.token, &body.to_string())
    }
}

/// The texts of the demo's conversations.
pub fn texts(repository: &Path) -> Result<Vec<String>> {
    let path = repository.join("data/conversations.jsonl");
    let file = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut texts = Vec::new();
    for line in file.lines() {
        let conversation: Value = serde_json::from_str(line)?;
        let messages = conversation["messages"].as_array().into_iter().flatten();
        texts.extend(messages.filter_map(|message| message["text"].as_str().map(str::to_owned)));
    }
    anyhow::ensure!(!texts.is_empty(), "{} holds no messages", path.display());
    Ok(texts)
}
