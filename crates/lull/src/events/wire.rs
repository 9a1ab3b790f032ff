//! Events as server-sent events: made once, sent to everybody who may see them.

use super::Style;
use crate::acts::attend;
use domain::id::EventId;
use domain::permission::{Permission, Role};
use serde::Serialize;
use serde_json::value::RawValue;
use store::outbox::{Cursor, Event};

/// Events that whoever may read at all may hear of. They name what changed; what it says is fetched, and asked for anew.
/// All others (sign-ins, tokens, exports) are for who may read the audit trail.
const FOR_ALL: [&str; 8] = ["case.", "message.", "comment.", "user.", "queue.", "channel.", "workspace.", "data."];
/// Milliseconds after which a listener whose stream broke comes again.
const COME_AGAIN: u32 = 1_000;

/// The data of one server-sent event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Event)]
pub struct EventBody<'a> {
    /// `case.created`, `message.received`, `case.closed`, …
    event: &'a str,
    at: String,
    /// The case it is about, if it is about one.
    case_number: Option<i64>,
    #[schema(value_type = Object)]
    data: &'a RawValue,
}

/// An event ready to be sent.
#[derive(Debug)]
pub struct Told {
    pub cursor: Cursor,
    pub concerns_rights: bool,
    needs: Permission,
    /// Moves pages alone; programs have no use for it.
    for_pages: bool,
    name: String,
    /// Its id and data.
    text: String,
}

impl Told {
    pub fn of(event: &Event) -> Told {
        let body = EventBody {
            event: &event.name,
            at: event.at.to_string(),
            case_number: event.case_number,
            data: serde_json::from_str(&event.data).unwrap_or(RawValue::NULL),
        };
        let for_pages = event.name == attend::EVENT;
        let for_all = for_pages || FOR_ALL.iter().any(|prefix| event.name.starts_with(prefix));
        Told {
            cursor: event.cursor,
            concerns_rights: event.case_number.is_none(),
            needs: if for_all { Permission::Read } else { Permission::ReadAuditLog },
            for_pages,
            name: event.name.clone(),
            text: format!("{}{}", id(event.cursor), data(&body)),
        }
    }

    pub fn is_for(&self, role: Role, style: Style) -> bool {
        role.allows(self.needs) && (style == Style::Plain || !self.for_pages)
    }

    /// Adds it to what is to be sent, under its name if that is wanted.
    pub fn write(&self, named: bool, out: &mut String) {
        if named {
            out.push_str("event: ");
            out.push_str(&self.name);
            out.push('\n');
        }
        out.push_str(&self.text);
    }
}

fn data(body: &EventBody<'_>) -> String {
    // Compact JSON has no line breaks, which would end the field.
    format!("data: {}\n\n", serde_json::to_string(body).unwrap_or_default())
}

fn id(cursor: Cursor) -> String {
    cursor.event().map(|event: EventId| format!("id: {event}\n")).unwrap_or_default()
}

/// Begins a stream.
pub fn opening() -> String {
    format!("retry: {COME_AGAIN}\n\n")
}

/// A sign of life, with where the listener is.
pub fn heartbeat(cursor: Cursor) -> String {
    format!(": all quiet\n{}\n", id(cursor))
}

/// Tells a listener to fetch everything anew: something was forgotten before it was heard.
pub fn reset(cursor: Cursor, named: bool, at: String) -> String {
    let nothing = serde_json::from_str("{}").unwrap_or(RawValue::NULL);
    let body = EventBody { event: "reset", at, case_number: None, data: nothing };
    let name = if named { "event: reset\n" } else { "" };
    format!("{name}{}{}", id(cursor), data(&body))
}
