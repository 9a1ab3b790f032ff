//! Periods and their buckets in a workspace's time zone, across daylight-saving changes.

use crate::time::{TimeZoneName, Timestamp};
use crate::words;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
const DAY_SECONDS: i64 = 86_400;
const MICROS: i64 = 1_000_000;
/// Points of one series, at most.
pub const POINTS: usize = 10_000;
/// Days of one period, at most: ten years.
pub const DAYS: i64 = 3_660;

words! {
    Bucket {
        Hour = "hour",
        Day = "day",
        /// From Monday.
        Week = "week",
        Month = "month",
    }
}

/// From a moment up to another one, which is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What the days of a time zone are.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    pub fn new(zone: &TimeZoneName) -> Calendar {
        // A name that was parsed is in the database; should another version's lack it, days are those of UTC.
        Calendar { zone: TimeZone::get(zone.as_str()).unwrap_or(TimeZone::UTC) }
    }

    fn local(&self, at: Timestamp) -> DateTime {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_datetime(at)
    }

    /// The day a moment lies on, counted from 1970-01-01 as the zone's own clocks show it.
    pub fn day(&self, at: Timestamp) -> i64 {
        number(self.local(at).date())
    }

    /// The weekday, Monday first, and the hour that local clocks show.
    pub fn hour_of_week(&self, at: Timestamp) -> (usize, usize) {
        let local = self.local(at);
        (usize::from(local.weekday().to_monday_zero_offset().unsigned_abs()), usize::from(local.hour().unsigned_abs()))
    }

    /// The first moment of a day. Where clocks are put forward at midnight, it is the first one there is.
    pub fn midnight(&self, day: i64) -> Timestamp {
        self.start(date(day))
    }

    fn start(&self, date: Date) -> Timestamp {
        let start = date.to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp().as_microsecond());
        Timestamp::from_micros(start.unwrap_or(i64::MAX))
    }

    /// The days from midnight to midnight that a period is, if it is.
    pub fn days(&self, period: Period) -> Option<(i64, i64)> {
        let (from, to) = (self.day(period.from), self.day(period.to));
        (self.midnight(from) == period.from && self.midnight(to) == period.to).then_some((from, to))
    }

    /// A day as people write it, `2026-11-22`: its first moment.
    pub fn read_date(&self, text: &str) -> Option<Timestamp> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0, |number, c| c.is_ascii_digit().then(|| number * 10 + u16::from(c - b'0')))
        };
        let year = i16::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?;
        let (month, day) = (number(&[*m1, *m2])?, number(&[*d1, *d2])?);
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        let start = date.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp::from_micros(start.timestamp().as_microsecond()))
    }

    /// The edges of a period's buckets: `n + 1` for `n` buckets. The first and the last may be cut short by the period.
    /// `None` if there would be more than [`POINTS`].
    pub fn edges(&self, period: Period, bucket: Bucket) -> Option<Vec<Timestamp>> {
        let mut edges = vec![period.from];
        let mut edge = self.next(period.from, bucket);
        while edge < period.to {
            if edges.len() >= POINTS {
                return None;
            }
            edges.push(edge);
            edge = self.next(edge, bucket);
        }
        edges.push(period.to);
        Some(edges)
    }

    /// The first boundary after a moment.
    fn next(&self, after: Timestamp, bucket: Bucket) -> Timestamp {
        let local = self.local(after);
        let date = local.date();
        let days = |days| self.start(date.checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX));
        let next = match bucket {
            Bucket::Hour => {
                let into = i64::from(local.minute()) * 60 + i64::from(local.second());
                let into = into * MICROS + i64::from(local.subsec_nanosecond()) / 1_000;
                Timestamp::from_micros(after.as_micros().saturating_sub(into).saturating_add(3_600 * MICROS))
            }
            Bucket::Day => days(1),
            Bucket::Week => days(7 - i64::from(date.weekday().since(Weekday::Monday))),
            Bucket::Month => {
                let first = date.first_of_month().checked_add(jiff::Span::new().months(1));
                self.start(first.unwrap_or(Date::MAX))
            }
        };
        // Past the end of the calendar there is no boundary any more.
        if next > after { next } else { Timestamp::from_micros(i64::MAX) }
    }
}

fn number(date: Date) -> i64 {
    date.to_datetime(jiff::civil::Time::midnight()).duration_since(EPOCH).as_secs().div_euclid(DAY_SECONDS)
}

fn date(day: i64) -> Date {
    let span = jiff::Span::new().try_days(day);
    span.and_then(|span| EPOCH.date().checked_add(span)).unwrap_or(Date::MAX)
}
