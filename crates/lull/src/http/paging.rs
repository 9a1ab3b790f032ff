//! Pages of lists: how many, and where the last one ended.
//!
//! A cursor carries its list's name, filters and sort as a fingerprint, so that one of another list is refused.

use super::request::Query;
use domain::audit::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

const LIMIT: i64 = 50;
const LIMIT_MOST: i64 = 100;
/// Hex digits of the fingerprint: it guards against mistakes, not against malice.
const FINGERPRINT: usize = 12;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listing<T> {
    pub data: Vec<T>,
    /// Where the next page starts; null on the last page.
    pub next_cursor: Option<String>,
}

/// Which page is asked for.
#[derive(Debug)]
pub struct Page {
    pub limit: i64,
    /// The values the last page ended with.
    pub after: Option<Vec<Option<i64>>>,
    fingerprint: String,
}

impl Page {
    /// Reads `limit` and `cursor`. To be called before the filters are read, which the cursor is bound to.
    pub fn read(query: &mut Query, list: &str) -> Page {
        let mut sha = Sha256::new();
        sha.update(list);
        sha.update(b"\n");
        sha.update(query.filters());
        let fingerprint = hex(&sha.finalize())[..FINGERPRINT].to_owned();
        let limit = query.read("limit", |text| match text.parse::<i64>() {
            Ok(n) if (1..=LIMIT_MOST).contains(&n) => Ok(n),
            Ok(_) => Err(("out_of_range", format!("this must be from 1 to {LIMIT_MOST}"))),
            Err(_) => Err(("wrong_type", "this must be a whole number".to_owned())),
        });
        let after = query.read("cursor", |text| {
            let message = "this cursor is not of this list with these filters: start without one";
            decode(text, &fingerprint).ok_or(("invalid_cursor", message.to_owned()))
        });
        Page { limit: limit.unwrap_or(LIMIT), after, fingerprint }
    }

    /// How many rows to read: one more than the page holds tells whether there is another.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The single id the last page ended with.
    pub fn after_id(&self) -> Option<i64> {
        self.after.as_ref().and_then(|values| values.first().copied().flatten())
    }

    /// The cursor of a page that goes on after these values.
    pub fn from(&self, values: &[Option<i64>]) -> String {
        encode(values, &self.fingerprint)
    }

    /// Cuts the extra row off and names where the next page starts.
    pub fn finish<R, T>(
        &self,
        mut rows: Vec<R>,
        position: impl Fn(&R) -> Vec<Option<i64>>,
        show: impl FnMut(R) -> T,
    ) -> Listing<T> {
        let more = rows.len() as i64 > self.limit;
        rows.truncate(self.limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|last| encode(&position(last), &self.fingerprint));
        Listing { data: rows.into_iter().map(show).collect(), next_cursor }
    }
}

fn encode(values: &[Option<i64>], fingerprint: &str) -> String {
    let values: Vec<String> = values.iter().map(|v| v.map_or_else(String::new, |n| n.to_string())).collect();
    hex(format!("{fingerprint},{}", values.join(",")).as_bytes())
}

fn decode(text: &str, fingerprint: &str) -> Option<Vec<Option<i64>>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || digits.len() > 400 {
        return None;
    }
    let digit = |b: u8| (b as char).to_digit(16);
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)).collect();
    let text = String::from_utf8(bytes?).ok()?;
    let values = text.strip_prefix(fingerprint)?.strip_prefix(',')?;
    values.split(',').map(|v| if v.is_empty() { Some(None) } else { v.parse().ok().map(Some) }).collect()
}
