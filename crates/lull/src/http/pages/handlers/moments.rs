//! Points in time as a person of the workspace reads them: in its zone, and seen from now.

use super::super::format;
use super::super::parts::Moment;
use domain::time::Timestamp;
use jiff::Zoned;
use jiff::tz::TimeZone;

#[derive(Debug, Clone)]
pub struct Moments {
    zone: TimeZone,
    pub now: Timestamp,
}

impl Moments {
    /// `zone` is an IANA name, checked when it was set.
    pub fn new(zone: &str, now: Timestamp) -> Self {
        Moments { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), now }
    }

    /// As the zone's own clocks show it.
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        // Only a test clock sent to the end of time lies outside of what the library can say.
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::MAX);
        at.to_zoned(self.zone.clone())
    }

    /// What a person typed into a field for date and time, by the zone's clocks.
    pub fn typed(&self, text: &str) -> Option<Timestamp> {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        let zoned = civil.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    }

    /// In a form of `strftime`.
    pub fn written(&self, at: Timestamp, form: &str) -> String {
        self.zoned(at).strftime(form).to_string()
    }

    /// `22 Nov 2026, 14:00`, with how far that is from now.
    pub fn at(&self, at: Timestamp) -> Moment {
        Moment::new(self.words(at), at.to_string(), self.now.as_micros(), at.as_micros())
    }

    /// `22 Nov 2026, 14:00`.
    pub fn words(&self, at: Timestamp) -> String {
        self.written(at, "%-d %b %Y, %H:%M")
    }

    /// `Monday 23 November 2026`.
    pub fn day(&self, at: Timestamp) -> String {
        self.written(at, "%A %-d %B %Y")
    }

    /// `Mon 23 Nov 2026`.
    pub fn short_day(&self, at: Timestamp) -> String {
        self.written(at, "%a %-d %b %Y")
    }

    /// `14:00:05`.
    pub fn clock(&self, at: Timestamp) -> String {
        self.written(at, "%H:%M:%S")
    }

    /// `22 Nov 2026, 14:00:05 CET`: for what must be exact without anything around it.
    pub fn to_the_second(&self, at: Timestamp) -> String {
        self.written(at, "%-d %b %Y, %H:%M:%S %Z")
    }

    /// How long ago that was: `5 h`.
    pub fn since(&self, at: Timestamp) -> String {
        format::span(self.now.since(at).as_micros())
    }
}
