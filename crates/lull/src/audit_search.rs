//! Looking through audit entries for whose they are and for words: what the database is not asked, because a name stands
//! inside an entry's JSON text.

use serde_json::Value;
use store::audit::AuditEntry;

/// Both empty: every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// An agent's id, or a kind of actor: `engine`, `api`, `customer`.
    pub actor: Option<String>,
    /// Each of these words is part of the event, the object or the actor's name, in any case.
    pub words: Option<String>,
}

impl Search {
    pub fn is_empty(&self) -> bool {
        self.actor.is_none() && self.words.is_none()
    }

    pub fn takes(&self, entry: &AuditEntry) -> bool {
        if self.is_empty() {
            return true;
        }
        let actor: Value = serde_json::from_str(&entry.actor).unwrap_or_default();
        let (kind, id) = (actor["kind"].as_str().unwrap_or_default(), actor["id"].as_str());
        let is_theirs = self.actor.as_deref().is_none_or(|wanted| id.unwrap_or(kind) == wanted);
        is_theirs && self.words.as_deref().is_none_or(|words| holds(words, entry, kind, actor["name"].as_str()))
    }
}

fn holds(words: &str, entry: &AuditEntry, kind: &str, name: Option<&str>) -> bool {
    let event = entry.event.replace('_', " ");
    let parts = [&entry.event, &event, &entry.object_kind, &entry.object_id, name.unwrap_or(kind)];
    let text = parts.join(" ").to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    fn entry() -> AuditEntry {
        AuditEntry {
            seq: 1,
            at: Timestamp::from_millis(0),
            event: "CASE_SETTINGS_UPDATED".to_owned(),
            actor: r#"{"id":"agt_1","kind":"agent","name":"Ann \"id\" ÖSTBERG"}"#.to_owned(),
            object_kind: "queue".to_owned(),
            object_id: "que_7".to_owned(),
            old: None,
            new: None,
            address: None,
            hash: String::new(),
        }
    }

    fn takes(actor: &str, words: &str) -> bool {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Search { actor: given(actor), words: given(words) }.takes(&entry())
    }

    #[test]
    fn an_entry_is_found_by_actor_and_by_words_of_event_object_and_name() {
        for (actor, words) in [
            ("", ""),
            ("agt_1", ""),
            ("", "settings updated"),
            ("", "CASE_SETTINGS"),
            ("", "que_7 östberg"),
            ("agt_1", "Queue"),
        ] {
            assert!(takes(actor, words), "{actor:?} {words:?}");
        }
        for (actor, words) in
            [("agt_2", ""), ("agent", ""), ("engine", ""), ("", "kind"), ("", "settings bert"), ("agt_2", "queue")]
        {
            assert!(!takes(actor, words), "{actor:?} {words:?}");
        }
        let engine = AuditEntry { actor: r#"{"id":null,"kind":"engine","name":null}"#.to_owned(), ..entry() };
        assert!(Search { actor: Some("engine".to_owned()), words: Some("engine".to_owned()) }.takes(&engine));
    }
}
