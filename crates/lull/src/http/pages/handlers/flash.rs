//! What an act says on the page that follows it, carried in a short-lived cookie.
//!
//! The cookie names case, field and value of an undo instead of an address, so that it can lead nowhere else.

use super::super::layout::{Flash, Tone, Undo};
use super::session;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::id::BulkId;

pub const COOKIE: &str = "lull_flash";
/// Longer than the way to the next page takes, shorter than anybody remembers.
const SECONDS: i64 = 30;
/// A cookie holds 4 KiB; a character takes up to 12 bytes of it.
const TEXT_CHARS: usize = 200;

/// A way back: one form of the case with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    pub number: i64,
    pub field: Field,
    pub value: String,
    /// The version the act left behind: anything that happened since refuses the undo.
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Status,
    Assignee,
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Field::Status => "status",
            Field::Assignee => "assignee",
        }
    }

    fn form(self) -> &'static str {
        match self {
            Field::Status => "status",
            Field::Assignee => "assign",
        }
    }
}

/// Lets the next page say `text`.
pub fn say(response: Response, tone: Tone, text: &str, undo: Option<WayBack>, https: bool) -> Response {
    let text: String = text.chars().take(TEXT_CHARS).collect();
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("tone", tone.key()).append_pair("text", &text);
    if let Some(undo) = undo {
        pairs.append_pair("case", &undo.number.to_string()).append_pair("undo", undo.field.name());
        pairs.append_pair("value", &undo.value).append_pair("version", &undo.version.to_string());
    }
    with_cookie(response, &session::cookie(COOKIE, &pairs.finish(), SECONDS, https))
}

/// The same after an act on many cases: with the way to its results, and back.
pub fn say_bulk(response: Response, tone: Tone, text: &str, act: BulkId, undo: bool, https: bool) -> Response {
    let text: String = text.chars().take(TEXT_CHARS).collect();
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("tone", tone.key()).append_pair("text", &text).append_pair("bulk", &act.to_string());
    if undo {
        pairs.append_pair("undo", "bulk");
    }
    with_cookie(response, &session::cookie(COOKIE, &pairs.finish(), SECONDS, https))
}

/// Forgets what was said.
pub fn said(response: Response, https: bool) -> Response {
    with_cookie(response, &session::cookie(COOKIE, "", 0, https))
}

pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

pub fn read(value: &str) -> Option<Flash> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(value.as_bytes()).into_owned().collect();
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let tone = if get("tone")? == Tone::Bad.key() { Tone::Bad } else { Tone::Good };
    let undo = || {
        let field = [Field::Status, Field::Assignee].into_iter().find(|f| get("undo").as_deref() == Some(f.name()))?;
        let number: i64 = get("case")?.parse().ok()?;
        let version: i64 = get("version")?.parse().ok()?;
        let fields = vec![(field.name().to_owned(), get("value")?), ("version".to_owned(), version.to_string())];
        Some(Undo { action: format!("/cases/{number}/{}", field.form()), fields, label: "Undo".to_owned() })
    };
    let bulk = get("bulk").and_then(|id| BulkId::parse(&id));
    let undo = match bulk {
        Some(act) if get("undo").is_some() => {
            Some(Undo { action: format!("/inbox/bulk/{act}/undo"), fields: Vec::new(), label: "Undo".to_owned() })
        }
        Some(_) => None,
        None => undo(),
    };
    let more = bulk.map(|act| (format!("/inbox/bulk/{act}"), "Each case".to_owned()));
    Some(Flash { tone, text: get("text")?, undo, more })
}
