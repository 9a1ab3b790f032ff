//! The address of the audit page: filters and page. What it does not understand it leaves out.

use super::form::Form;
use crate::audit_search::Search;
use domain::audit::AuditEvent;
use domain::case;
use domain::id::AgentId;
use domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::audit;

/// Characters of a search text or an id.
const WORDS: usize = 200;
/// Kinds of actors that are nobody in particular, as they stand in an entry, and what a person calls them.
pub const NOBODIES: [(&str, &str); 2] = [("engine", "Lull"), ("api", "A program")];
/// What entries are about.
pub const OBJECTS: [(&str, &str); 7] = [
    ("case", "Cases"),
    ("message", "Messages"),
    ("agent", "Members"),
    ("queue", "Queues"),
    ("channel", "Channels"),
    ("token", "Tokens"),
    ("workspace", "The workspace"),
];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub q: String,
    pub event: Option<AuditEvent>,
    /// An agent's id or one of [`NOBODIES`].
    pub actor: String,
    /// One of [`OBJECTS`].
    pub object: String,
    pub id: String,
    pub from: Option<Date>,
    /// The whole day belongs to it.
    pub to: Option<Date>,
    /// Entries below this number.
    pub before: Option<i64>,
}

impl Address {
    pub fn parse(query: &str) -> Self {
        let given = Form::parse(query);
        let short = |name: &str| given.line(name).replace('\0', "").trim().chars().take(WORDS).collect::<String>();
        let known = |words: &[(&str, &str)], word: &str| words.iter().any(|(known, _)| *known == word);
        let (actor, object) = (short("actor"), short("object"));
        Address {
            q: short("q"),
            event: given.line("event").parse().ok(),
            actor: Some(actor).filter(|a| known(&NOBODIES, a) || AgentId::parse(a).is_some()).unwrap_or_default(),
            object: Some(object).filter(|object| known(&OBJECTS, object)).unwrap_or_default(),
            id: case::number(&short("id")).map_or_else(|| short("id"), |number| number.to_string()),
            from: given.line("from").parse().ok(),
            to: given.line("to").parse().ok(),
            before: given.number("before").filter(|seq| *seq > 0),
        }
    }

    /// The address under `path`, with only what it needs and what is added.
    pub fn under(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let mine = [
            ("q", self.q.clone()),
            ("event", self.event.map_or("", AuditEvent::as_str).to_owned()),
            ("actor", self.actor.clone()),
            ("object", self.object.clone()),
            ("id", self.id.clone()),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("before", self.before.map_or_else(String::new, |seq| seq.to_string())),
        ];
        for (name, value) in mine.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        for (name, value) in more {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    pub fn is_filtered(&self) -> bool {
        Address { before: None, ..self.clone() } != Address::default()
    }

    pub fn at(&self, before: Option<i64>) -> Address {
        Address { before, ..self.clone() }
    }

    pub fn filter(&self, zone: &str) -> audit::Filter {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        audit::Filter {
            event: self.event.map(|event| event.as_str().to_owned()),
            object_kind: text(&self.object),
            object_id: text(&self.id),
            from: self.from.and_then(|day| midnight(day, &zone)),
            to: self.to.and_then(|day| midnight(day.tomorrow().ok()?, &zone)),
        }
    }

    pub fn search(&self) -> Search {
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Search { actor: text(&self.actor), words: text(&self.q) }
    }
}

/// Where a day begins there; a midnight that the clocks skip is the first moment after.
fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let start = day.to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from_micros(start.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_it_understands_and_leaves_out_the_rest() {
        let query = "q=threshold+48&event=CASE_SETTINGS_UPDATED&actor=engine&object=queue&id=que_1&from=2026-03-29&to=2026-03-29&before=7";
        let address = Address::parse(query);
        assert_eq!(address.under("/audit", &[]), format!("/audit?{query}"));
        let nonsense = Address::parse("event=DANCED&actor=eve&object=moon&from=today&to=2026-13-01&before=-1&other=x");
        assert_eq!(nonsense, Address::default());
        assert_eq!((nonsense.under("/audit", &[]), nonsense.is_filtered()), ("/audit".to_owned(), false));
        for typed in ["12", "%2312", "Case+12"] {
            assert_eq!(Address::parse(&format!("id={typed}")).id, "12", "a case as pages call it");
        }
        assert_eq!(nonsense.under("/audit/export", &[("format", "csv")]), "/audit/export?format=csv");
    }

    #[test]
    fn a_day_is_the_workspaces_own_also_when_the_clocks_change() {
        let address = Address::parse("from=2026-03-29&to=2026-03-29");
        let filter = address.filter("Europe/Berlin");
        let times = (filter.from.map(|at| at.to_string()), filter.to.map(|at| at.to_string()));
        assert_eq!(times, (Some("2026-03-28T23:00:00.000Z".to_owned()), Some("2026-03-29T22:00:00.000Z".to_owned())));
    }
}
