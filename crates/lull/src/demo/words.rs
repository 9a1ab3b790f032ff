//! What the demo's agents make of a conversation: its type, priority, tags and notes, told from the customer's words.

use super::material::Conversation;
use crate::acts::change_case::Changes;
use domain::case::{CaseType, Priority};

/// A word of the customer's and the tag it gets.
const TAGS: [(&str, &[&str]); 8] = [
    ("account", &["account", "log in", "login", "sign in", "password", "locked"]),
    ("billing", &["charge", "refund", "billing", "payment", "money", "paid"]),
    ("security", &["hack", "scam", "fraud", "stolen", "phish"]),
    ("outage", &["down", "outage", "not working", "doesn't work", "won't load"]),
    ("bug", &["bug", "crash", "error", "glitch", "broken", "freez"]),
    ("order", &["order", "deliver", "package", "shipping", "flight"]),
    ("subscription", &["subscri", "cancel", "premium", "plan", "trial"]),
    ("app", &["app ", "iphone", "android", "update", "download"]),
];
/// Tags of one case: more say less.
const TAGGED: usize = 3;

const NOTES: [&str; 6] = [
    "Checked the status page: nothing known on our side.",
    "Same question as yesterday, linked the help article.",
    "Asked the specialists, they look into it today.",
    "Customer has tried the usual steps already.",
    "Could reproduce it, the details are in the ticket.",
    "Please keep an eye on this one.",
];

/// How whoever takes the case sorts it.
pub fn sorted(conversation: &Conversation) -> Changes {
    let tags = TAGS.iter().filter(|(_, words)| conversation.mentions(words)).map(|(tag, _)| (*tag).to_owned());
    let priority = if conversation.mentions(&["hack", "fraud", "stolen", "emergency"]) {
        Priority::Critical
    } else if conversation.mentions(&["urgent", "asap", "refund", "charge", "immediately", "worst"]) {
        Priority::High
    } else if conversation.mentions(&["thank", "love", "suggest", "wish"]) {
        Priority::Low
    } else {
        Priority::Medium
    };
    let kind = if conversation.mentions(&["love", "suggest", "please add", "wish"]) {
        CaseType::Feedback
    } else if conversation.mentions(&["can i", "how ", "when ", "is there", "what "]) {
        CaseType::Question
    } else {
        CaseType::Support
    };
    Changes {
        kind: Some(kind),
        priority: Some(priority),
        tags: Some(tags.take(TAGGED).collect()),
        ..Changes::default()
    }
}

pub fn note(conversation: &Conversation) -> &'static str {
    NOTES[conversation.draw("words", NOTES.len() as u64) as usize]
}

/// Whether somebody who answers a case that nobody has makes it theirs.
pub fn claims(conversation: &Conversation) -> bool {
    conversation.draw("claims", 2) == 0
}

/// Whether a reply leaves the case waiting for the customer.
pub fn holds(conversation: &Conversation, message: usize) -> bool {
    conversation.draw(&format!("hold {message}"), 3) == 0
}
