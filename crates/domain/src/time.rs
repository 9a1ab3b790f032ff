//! Points and lengths of time: whole microseconds, UTC.
//!
//! The database stores the same integers. Nothing here knows what time it is now.

use jiff::civil::{Date, DateTime};
use std::fmt;
use std::ops::RangeInclusive;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The microseconds that four digits of a year can say: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z.
const WRITABLE: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A length of time in microseconds; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// A text that is not an RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATime;

impl Timestamp {
    /// Before anything a customer-care desk could have received: mail as we know it is younger.
    pub const EARLIEST_MESSAGE: Timestamp = Timestamp(631_152_000_000_000); // 1990-01-01

    pub const fn from_micros(micros: i64) -> Self {
        Timestamp(micros)
    }

    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis.saturating_mul(1_000))
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This moment and `span` more; the far end of time stands still instead of wrapping.
    pub const fn plus(self, span: Span) -> Self {
        Timestamp(self.0.saturating_add(span.0))
    }

    pub const fn minus(self, span: Span) -> Self {
        Timestamp(self.0.saturating_sub(span.0))
    }

    /// The time from `earlier` to here, zero if it lies the other way round.
    pub const fn since(self, earlier: Timestamp) -> Span {
        let micros = self.0.saturating_sub(earlier.0);
        Span(if micros < 0 { 0 } else { micros })
    }

    /// Reads RFC 3339 with any offset, to the letter: no bracketed zone, no comma, no shortened form. Digits beyond the
    /// microsecond are dropped. What lies outside the years 0001–9999 UTC does not parse. A leap second counts as the
    /// second before it.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        read_rfc3339(text.as_bytes()).filter(|micros| WRITABLE.contains(micros)).map(Timestamp).ok_or(NotATime)
    }
}

impl Span {
    pub const ZERO: Span = Span(0);

    pub const fn from_micros(micros: i64) -> Self {
        Span(if micros < 0 { 0 } else { micros })
    }

    pub const fn millis(n: i64) -> Self {
        Self::from_micros(n.saturating_mul(1_000))
    }

    pub const fn seconds(n: i64) -> Self {
        Self::from_micros(n.saturating_mul(1_000_000))
    }

    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }
}

/// RFC 3339 in UTC with milliseconds, `2026-11-22T15:14:03.120Z`: the form of the API. Finer digits are cut off. What
/// four digits of a year cannot say, only reachable by adding to the ends of time, shows as the first or last moment
/// they can.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.clamp(*WRITABLE.start(), *WRITABLE.end());
        let utc = EPOCH.saturating_add(jiff::SignedDuration::from_micros(micros));
        write!(f, "{utc:.3}Z")
    }
}

/// An IANA time zone that exists, such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    pub fn parse(name: &str) -> Option<Self> {
        // The database holds one entry that stands for "nobody has set this machine's zone yet".
        let zone = jiff::tz::TimeZone::get(name).ok()?;
        let canonical = zone.iana_name().filter(|name| *name != "Factory")?;
        Some(TimeZoneName(canonical.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Microseconds since 1970 of a text in the form of RFC 3339, section 5.6; `None` for any other form.
fn read_rfc3339(text: &[u8]) -> Option<i64> {
    let (moment, rest) = text.split_at_checked(19)?;
    if (moment[4], moment[7], moment[13], moment[16]) != (b'-', b'-', b':', b':')
        || !matches!(moment[10], b'T' | b't' | b' ')
    {
        return None;
    }
    let year = i16::try_from(digits(&moment[..4])?).ok().filter(|year| *year > 0)?;
    let part = |at: usize| digits(&moment[at..at + 2]).map(|n| n as i8);
    let second = part(17)?;
    let seconds_of_minute = if second == 60 { 59 } else { second };
    let date = Date::new(year, part(5)?, part(8)?).ok()?;
    let time = jiff::civil::Time::new(part(11)?, part(14)?, seconds_of_minute, 0).ok()?;

    let (micros, offset) = match rest.strip_prefix(b".") {
        None => (0, rest),
        Some(fraction) => {
            let length = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
            let (fraction, offset) = fraction.split_at(length);
            (micros_of(fraction)?, offset)
        }
    };
    let since_epoch = date.to_datetime(time).duration_since(EPOCH).as_secs() - offset_seconds(offset)?;
    Some(since_epoch * 1_000_000 + micros)
}

/// Seconds east of Greenwich of `Z` or `±hh:mm`.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = digits(&[*h1, *h2]).filter(|hours| *hours < 24)?;
            let minutes = digits(&[*m1, *m2]).filter(|minutes| *minutes < 60)?;
            let seconds = hours * 3_600 + minutes * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// The first six digits after the point, as microseconds.
fn micros_of(fraction: &[u8]) -> Option<i64> {
    let kept = &fraction[..fraction.len().min(6)];
    Some(digits(kept)? * 10_i64.pow(6 - kept.len() as u32))
}

/// A number of a few decimal digits and nothing else; no digit at all is no number.
fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0, |number, c| c.is_ascii_digit().then(|| number * 10 + i64::from(c - b'0')))
}
