//! Reading a request's fields so that every fault is found, not only the first: types, ranges, words, unknown names.

use crate::acts::Invalid;
use domain::time::Timestamp;
use serde_json::{Map, Value};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// An object under reading. Every read removes its field; what is left at the end is unknown.
pub struct Fields {
    path: String,
    rest: Map<String, Value>,
    faults: Arc<Mutex<Vec<Invalid>>>,
}

/// How long a text may be, and whether it may be empty.
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    pub most: usize,
    pub blank: bool,
}

pub const fn text(most: usize) -> TextRule {
    TextRule { most, blank: false }
}

pub const fn maybe_blank(most: usize) -> TextRule {
    TextRule { most, blank: true }
}

impl Fields {
    pub fn new(body: Value) -> Result<Fields, Vec<Invalid>> {
        match body {
            Value::Object(rest) => Ok(Fields { path: String::new(), rest, faults: Arc::default() }),
            _ => Err(vec![Invalid::new("", "wrong_type", "the body must be a JSON object")]),
        }
    }

    fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    pub fn fault(&self, field: &str, code: &'static str, message: impl Into<String>) {
        let fault = Invalid::new(self.name(field), code, message);
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    fn required(&self, field: &str) {
        self.fault(field, "required", "this field is required");
    }

    fn wrong_type(&self, field: &str, wanted: &str) {
        self.fault(field, "wrong_type", format!("this must be {wanted}"));
    }

    /// A field that may be absent (`None`) or null (`Some(None)`).
    fn take(&mut self, field: &str) -> Option<Option<Value>> {
        self.rest.remove(field).map(|value| if value.is_null() { None } else { Some(value) })
    }

    fn as_text(&self, field: &str, value: Value, rule: TextRule) -> Option<String> {
        let Value::String(text) = value else {
            self.wrong_type(field, "a text");
            return None;
        };
        self.checked(field, text, rule)
    }

    fn checked(&self, field: &str, text: String, rule: TextRule) -> Option<String> {
        if text.contains('\0') {
            self.fault(field, "invalid_text", "a text cannot hold the character NUL");
        } else if !rule.blank && text.trim().is_empty() {
            self.fault(field, "blank", "this cannot be empty");
        } else if text.chars().nth(rule.most).is_some() {
            self.fault(field, "too_long", format!("this can have at most {} characters", rule.most));
        } else {
            return Some(text);
        }
        None
    }

    /// A required text.
    pub fn text(&mut self, field: &str, rule: TextRule) -> Option<String> {
        match self.take(field).flatten() {
            Some(value) => self.as_text(field, value, rule),
            None => {
                self.required(field);
                None
            }
        }
    }

    /// A text that may be absent or null.
    pub fn optional_text(&mut self, field: &str, rule: TextRule) -> Option<String> {
        let value = self.take(field).flatten()?;
        self.as_text(field, value, rule)
    }

    /// A text that is read into something else; null and absence are the same.
    pub fn optional<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        self.nullable(field, read).flatten()
    }

    /// A text or null that is read into something else: `None` absent, `Some(None)` null.
    pub fn nullable<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<Option<T>> {
        match self.take(field)? {
            None => Some(None),
            Some(Value::String(text)) => match read(&text) {
                Ok(value) => Some(Some(value)),
                Err((code, message)) => {
                    self.fault(field, code, message);
                    None
                }
            },
            Some(_) => {
                self.wrong_type(field, "a text");
                None
            }
        }
    }

    /// A required text that is read into something else.
    pub fn required_as<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        if !self.has(field) {
            self.rest.remove(field);
            self.required(field);
            return None;
        }
        self.optional(field, read)
    }

    /// A value that may not be null if it is given.
    pub fn unless_null<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        match self.nullable(field, read) {
            Some(None) => {
                self.wrong_type(field, "a text, not null");
                None
            }
            value => value.flatten(),
        }
    }

    pub fn boolean(&mut self, field: &str) -> Option<bool> {
        match self.take(field).flatten()? {
            Value::Bool(value) => Some(value),
            _ => {
                self.wrong_type(field, "true or false");
                None
            }
        }
    }

    /// A required true or false.
    pub fn required_boolean(&mut self, field: &str) -> Option<bool> {
        if !self.has(field) {
            self.rest.remove(field);
            self.required(field);
            return None;
        }
        self.boolean(field)
    }

    /// A whole number in bounds, or null.
    pub fn nullable_integer(&mut self, field: &str, least: i64, most: i64) -> Option<Option<i64>> {
        match self.take(field)? {
            None => Some(None),
            Some(value) => self.as_integer(field, &value, least, most).map(Some),
        }
    }

    /// A required whole number in bounds.
    pub fn integer(&mut self, field: &str, least: i64, most: i64) -> Option<i64> {
        match self.take(field).flatten() {
            Some(value) => self.as_integer(field, &value, least, most),
            None => {
                self.required(field);
                None
            }
        }
    }

    fn as_integer(&self, field: &str, value: &Value, least: i64, most: i64) -> Option<i64> {
        let out_of_range = || {
            self.fault(field, "out_of_range", format!("this must be from {least} to {most}"));
            None
        };
        match value.as_i64() {
            Some(n) if n < least || n > most => out_of_range(),
            Some(n) => Some(n),
            // 60.0 is a whole number too; 1e400 is only a number.
            None => match value.as_f64() {
                Some(n) if n.fract() == 0.0 && n >= least as f64 && n <= most as f64 => Some(n as i64),
                Some(n) if n.fract() == 0.0 => out_of_range(),
                _ => {
                    self.wrong_type(field, "a whole number");
                    None
                }
            },
        }
    }

    /// A list of texts, each read into something else; each fault names its place.
    pub fn list<T>(
        &mut self,
        field: &str,
        most: usize,
        read: impl Fn(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = self.take(field).flatten()? else {
            self.wrong_type(field, "a list");
            return None;
        };
        if items.len() > most {
            self.fault(field, "too_long", format!("this can have at most {most} entries"));
            return None;
        }
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = format!("{field}.{index}");
            match item.as_str().map(&read) {
                Some(Ok(value)) => values.push(value),
                Some(Err((code, message))) => self.fault(&place, code, message),
                None => self.wrong_type(&place, "a text"),
            }
        }
        (values.len() == items.len()).then_some(values)
    }

    /// A list of whole numbers from 1.
    pub fn integers(&mut self, field: &str, most: usize) -> Option<Vec<i64>> {
        let Value::Array(items) = self.take(field).flatten()? else {
            self.wrong_type(field, "a list");
            return None;
        };
        if items.len() > most {
            self.fault(field, "too_long", format!("this can have at most {most} entries"));
            return None;
        }
        let read = |(index, item): (usize, &Value)| self.as_integer(&format!("{field}.{index}"), item, 1, i64::MAX);
        let values: Vec<i64> = items.iter().enumerate().filter_map(read).collect();
        (values.len() == items.len()).then_some(values)
    }

    /// An object's texts by their names, whatever those are.
    pub fn texts(&mut self, field: &str) -> Option<Vec<(String, String)>> {
        let Value::Object(all) = self.take(field).flatten()? else {
            self.wrong_type(field, "an object");
            return None;
        };
        let mut texts = Vec::with_capacity(all.len());
        for (name, value) in all {
            match value {
                Value::String(text) => texts.push((name, text)),
                _ => self.wrong_type(&format!("{field}.{name}"), "a text"),
            }
        }
        Some(texts)
    }

    /// Leaves a field unread.
    pub fn skip(&mut self, field: &str) {
        self.rest.remove(field);
    }

    /// Whether anything was wrong so far.
    pub fn has_faults(&self) -> bool {
        !self.faults.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// An object within this one; `None` when absent or null.
    pub fn object(&mut self, field: &str) -> Option<Fields> {
        match self.take(field).flatten()? {
            Value::Object(rest) => Some(Fields { path: self.name(field), rest, faults: self.faults.clone() }),
            _ => {
                self.wrong_type(field, "an object");
                None
            }
        }
    }

    /// A required list of objects, at least one.
    pub fn objects(&mut self, field: &str) -> Vec<Fields> {
        match self.take(field).flatten() {
            None => self.required(field),
            Some(Value::Array(items)) if items.is_empty() => {
                self.fault(field, "required", "this needs at least one entry")
            }
            Some(Value::Array(items)) => {
                let mut objects = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    let place = format!("{field}.{index}");
                    match item {
                        Value::Object(rest) => {
                            objects.push(Fields { path: self.name(&place), rest, faults: self.faults.clone() });
                        }
                        _ => self.wrong_type(&place, "an object"),
                    }
                }
                return objects;
            }
            Some(_) => self.wrong_type(field, "a list"),
        }
        Vec::new()
    }

    /// A required object within this one.
    pub fn required_object(&mut self, field: &str) -> Option<Fields> {
        if !self.has(field) {
            self.rest.remove(field);
            self.required(field);
            return None;
        }
        self.object(field)
    }

    /// Whether a field was given and is not null.
    pub fn has(&self, field: &str) -> bool {
        self.rest.get(field).is_some_and(|value| !value.is_null())
    }

    /// A field that this version takes only in one form.
    pub fn only(&mut self, field: &str, allowed: &Value) {
        match self.rest.remove(field) {
            None | Some(Value::Null) => {}
            Some(value) if value == *allowed => {}
            Some(_) => self.fault(field, "not_available", format!("this version takes only {allowed} here")),
        }
    }

    /// Ends the reading of an inner object: what is left is unknown.
    pub fn close(mut self) {
        for (field, _) in std::mem::take(&mut self.rest) {
            self.fault(&field, "unknown_field", "there is no such field");
        }
    }

    /// Ends the reading: every fault there is, or none.
    pub fn finish(mut self) -> Result<(), Vec<Invalid>> {
        for (field, _) in std::mem::take(&mut self.rest) {
            self.fault(&field, "unknown_field", "there is no such field");
        }
        let faults = std::mem::take(&mut *self.faults.lock().unwrap_or_else(PoisonError::into_inner));
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Reads one of an enumeration's words.
pub fn word<T: FromStr<Err = domain::UnknownWord>>(text: &str) -> Result<T, (&'static str, String)> {
    text.parse().map_err(|e: domain::UnknownWord| {
        let said: String = text.chars().take(40).collect();
        ("unknown_value", format!("`{said}` is not one of: {}", e.known.join(", ")))
    })
}

/// Reads an id of one kind.
pub fn id<T>(parse: fn(&str) -> Option<T>, what: &'static str) -> impl Fn(&str) -> Result<T, (&'static str, String)> {
    move |text| parse(text).ok_or_else(|| ("not_found", format!("there is no such {what}")))
}

/// Reads an RFC 3339 time, to the millisecond.
pub fn time(text: &str) -> Result<Timestamp, (&'static str, String)> {
    let time = Timestamp::parse(text)
        .map_err(|_| ("invalid_time", "this must be a time such as 2026-11-22T15:14:03.120Z".to_owned()))?;
    Ok(Timestamp::from_millis(time.as_millis()))
}

/// Reads an e-mail address into its one stored form.
pub fn email(text: &str) -> Result<String, (&'static str, String)> {
    let address = text.trim().to_lowercase();
    let plausible = address.len() <= 254
        && !address.contains(|c: char| c.is_whitespace() || c.is_control())
        && address
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if plausible { Ok(address) } else { Err(("invalid_email", "this must be an e-mail address".to_owned())) }
}

/// Whether a character leaves a mark: a name of others alone cannot be seen, nor clicked at. (White space, controls, and
/// what Unicode calls default ignorable.)
fn is_seen(c: char) -> bool {
    let ignorable = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{e0000}'..='\u{e0fff}');
    !(c.is_whitespace() || c.is_control() || ignorable)
}

/// Reads a short text: trimmed, not empty.
pub fn short(most: usize) -> impl Fn(&str) -> Result<String, (&'static str, String)> {
    move |text| {
        let text = text.trim();
        if text.contains('\0') {
            return Err(("invalid_text", "a text cannot hold the character NUL".to_owned()));
        }
        if !text.chars().any(is_seen) {
            return Err(("blank", "this cannot be empty".to_owned()));
        }
        if text.chars().nth(most).is_some() {
            return Err(("too_long", format!("this can have at most {most} characters")));
        }
        Ok(text.to_owned())
    }
}
