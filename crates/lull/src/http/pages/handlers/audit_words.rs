//! Audit entries as sentences: "Ann changed the threshold from 24 h to 48 h".

use super::super::format;
use super::words::Names;
use domain::audit::AuditEvent;
use domain::id::{AgentId, QueueId};
use serde_json::Value;
use std::collections::BTreeMap;
use store::audit::AuditEntry;

/// Changes told in one sentence; the entry behind it has all of them.
const TOLD: usize = 3;

/// What an entry says, in a person's words. The actor's name is the one kept with the entry.
pub fn sentence(entry: &AuditEntry, names: &Names) -> String {
    let actor: Value = serde_json::from_str(&entry.actor).unwrap_or_default();
    let told = Told { entry, names, old: json(entry.old.as_deref()), new: json(entry.new.as_deref()) };
    let who = told.who(&actor);
    match entry.event.parse() {
        Ok(AuditEvent::SignInFailed) => format!("Somebody failed to sign in as {}", told.object()),
        Ok(event) => format!("{who} {}", told.act(event)),
        // Written by a newer version.
        Err(_) => format!("{who}: {}, {}", event_words(&entry.event).to_lowercase(), told.object()),
    }
}

/// `Case settings updated`.
pub fn event_words(event: &str) -> String {
    let words = event.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn json(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

struct Told<'a> {
    entry: &'a AuditEntry,
    names: &'a Names,
    old: Value,
    new: Value,
}

impl Told<'_> {
    fn who(&self, actor: &Value) -> String {
        let named = actor["name"].as_str().map(str::to_owned);
        named.unwrap_or_else(|| match actor["kind"].as_str() {
            Some("engine") => "Lull".to_owned(),
            Some("api") => "A program".to_owned(),
            Some("customer") => "A customer".to_owned(),
            _ => actor["id"].as_str().map_or_else(|| "Somebody".to_owned(), |id| self.value("", &id.into())),
        })
    }

    /// What the entry is about.
    fn object(&self) -> String {
        let id = &self.entry.object_id;
        match self.entry.object_kind.as_str() {
            "case" => format!("case {id}"),
            "agent" => self.name().unwrap_or_else(|| self.value("", &id.as_str().into())),
            "queue" => format!("the queue {}", self.name().unwrap_or_else(|| self.value("", &id.as_str().into()))),
            "channel" => self.name().map_or_else(|| "a channel".to_owned(), |name| format!("the channel {name}")),
            "token" => self.name().map_or_else(|| "a token".to_owned(), |name| format!("the token “{name}”")),
            "view" => self.name().map_or_else(|| "a view".to_owned(), |name| format!("the view “{name}”")),
            "tag" => format!("the tag “{id}”"),
            "canned_reply" => {
                self.name().map_or_else(|| "a canned reply".to_owned(), |name| format!("the canned reply “{name}”"))
            }
            "message" => "a message that belongs to no case".to_owned(),
            "workspace" => "the workspace".to_owned(),
            kind => format!("{kind} {id}"),
        }
    }

    /// What the entry itself says the object is called.
    fn name(&self) -> Option<String> {
        [&self.new, &self.old].into_iter().find_map(|side| side["name"].as_str()).map(str::to_owned)
    }

    fn act(&self, event: AuditEvent) -> String {
        use AuditEvent::*;
        let object = self.object();
        match event {
            CaseCreated => format!("opened {object}"),
            MessageReceived if self.entry.object_kind == "message" => format!("took in {object}"),
            MessageReceived => format!("took in a message of {object}"),
            MessageSent => format!("sent a message in {object}"),
            CommentAdded => format!("added an internal note to {object}"),
            CaseClosed => format!("closed {object}"),
            CaseAutoClosed => match self.new["threshold_minutes"].as_u64() {
                Some(minutes) => format!("closed {object} after {} without activity", self.minutes(minutes)),
                None => format!("closed {object} due to inactivity"),
            },
            CaseReopened => format!("reopened {object}"),
            CaseAutoReopened => format!("reopened {object}: the customer wrote again"),
            RunUndone => "undid a run of auto close".to_owned(),
            CaseSettingsUpdated if self.entry.object_kind == "queue" => self.changes(&format!(" for {object}")),
            CaseSettingsUpdated => self.changes(""),
            CaseUpdated
            | UserUpdated
            | UserPermissionsChanged
            | UserStatusChanged
            | QueueUpdated
            | ChannelUpdated
            | CannedReplyUpdated
            | WorkspaceUpdated => self.changes(&format!(" of {object}")),
            UserCreated => format!("added {object} as {}", self.value("role", &self.new["role"]).to_lowercase()),
            SignedIn => format!("signed in by {}", self.value("by", &self.new["by"])),
            SignInFailed => format!("failed to sign in as {object}"),
            SignedOut => "signed out".to_owned(),
            SignInLinkCreated => format!("made a sign-in link for {object}"),
            TokenCreated => format!("made {object}"),
            TokenRevoked => format!("revoked {object}"),
            ViewCreated => format!("saved {object}"),
            ViewUpdated => format!("changed {object}"),
            ViewDeleted => format!("deleted {object}"),
            CannedReplyDeleted | TagDeleted => format!("deleted {object}"),
            TagRenamed => format!("renamed {object} to “{}” in all cases", self.new["name"].as_str().unwrap_or("?")),
            QueueCreated | ChannelCreated | CannedReplyCreated | WorkspaceCreated => format!("made {object}"),
            AuditExported => format!("exported the audit trail{}", self.form()),
            DataExported => format!("exported the {}{}", self.new["what"].as_str().unwrap_or("data"), self.form()),
            DataImported => {
                let number = |what: &str| self.new[what].as_u64().unwrap_or_default();
                format!("imported {} messages in {} cases", number("messages"), number("cases"))
            }
        }
    }

    fn form(&self) -> &'static str {
        match self.new["format"].as_str() {
            Some("csv") => " as CSV",
            Some("jsonl") => " as JSON Lines",
            _ => "",
        }
    }

    /// `changed the threshold from 24 h to 48 h and auto close from off to on`; the first says of what.
    fn changes(&self, of: &str) -> String {
        let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
        leaves("", &self.old, &mut was);
        leaves("", &self.new, &mut is);
        let paths: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let null = Value::Null;
        let changed = paths.into_iter().filter_map(|path| {
            let (old, new) = (was.get(path).unwrap_or(&null), is.get(path).unwrap_or(&null));
            self.change(path, old, new)
        });
        let told = changed.enumerate().map(|(place, (what, how))| {
            let of = if place == 0 { of } else { "" };
            format!("{what}{of}{how}")
        });
        let mut told: Vec<String> = told.collect();
        let more = told.len().saturating_sub(TOLD);
        told.truncate(TOLD);
        match (told.as_slice(), more) {
            ([], _) => format!("saved the settings{of}"),
            (some, 0) => format!("changed {}", some.join(" and ")),
            (some, more) => format!("changed {} and {more} more", some.join(", ")),
        }
    }

    /// What changed, and how.
    fn change(&self, path: &str, old: &Value, new: &Value) -> Option<(String, String)> {
        let what = label(path)?;
        // The words themselves stay out of the trail.
        if new == "changed" {
            return Some((what, String::new()));
        }
        let how = || format!(" from {} to {}", self.value(path, old), self.value(path, new));
        (old != new).then(|| (what, how()))
    }

    fn value(&self, path: &str, value: &Value) -> String {
        match value {
            Value::Null => absent(path).to_owned(),
            Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
            Value::Number(number) => match number.as_u64().filter(|_| path.ends_with("_minutes")) {
                Some(minutes) => self.minutes(minutes),
                None => number.to_string(),
            },
            Value::String(text) => self.text(text),
            Value::Array(values) if values.is_empty() => "none".to_owned(),
            Value::Array(values) => values.iter().map(|v| self.value(path, v)).collect::<Vec<_>>().join(", "),
            Value::Object(_) => value.to_string(),
        }
    }

    fn minutes(&self, minutes: u64) -> String {
        u32::try_from(minutes).map_or_else(|_| format!("{minutes} min"), format::duration)
    }

    /// An id as what it is called; a word of ours as a word.
    fn text(&self, text: &str) -> String {
        if let Some(agent) = AgentId::parse(text) {
            return self.names.agent(agent).to_owned();
        }
        match QueueId::parse(text) {
            Some(queue) => self.names.queue(queue).to_owned(),
            None => text.replace('_', " "),
        }
    }
}

/// Every value that is no object, by its path.
fn leaves(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, into);
            }
        }
        Value::Null if path.is_empty() => {}
        value => drop(into.insert(path.to_owned(), value.clone())),
    }
}

/// What a field is called in a sentence; `None` for one that follows from others.
fn label(path: &str) -> Option<String> {
    Some(match path {
        "auto_close.enabled_at" | "credited_agent" => return None,
        "auto_close.enabled" => "auto close".to_owned(),
        "auto_close.threshold_minutes" => "the threshold".to_owned(),
        "auto_close.statuses" => "the statuses that close".to_owned(),
        "auto_reopen.enabled" => "auto reopen".to_owned(),
        "auto_reopen.window_minutes" => "the reopen window".to_owned(),
        "keep_open_until" => "“keep open until”".to_owned(),
        "keep_open_reason" => "why it is kept open".to_owned(),
        "email" => "the e-mail address".to_owned(),
        "auto_assign" => "automatic assignment".to_owned(),
        "active" => "“active”".to_owned(),
        path => format!("the {}", path.replace(['_', '.'], " ")),
    })
}

/// What the absence of a value means.
fn absent(path: &str) -> &'static str {
    match path {
        "assignee" => "nobody",
        "capacity" => "no limit",
        path if path.starts_with("auto_") => "the workspace's",
        _ => "none",
    }
}

#[cfg(test)]
mod tests;
