//! Which days a report covers: a named period or typed days, and what it is compared with, in the workspace's zone.

use domain::metrics::{DAYS, Period};
use domain::time::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Zoned};

/// Past it the calendar ends, and with it what can be counted.
const LAST_YEAR: i16 = 9_998;

/// A period by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Named {
    Today,
    Week,
    #[default]
    FourWeeks,
    Month,
    LastMonth,
    Quarter,
    Year,
    Custom,
}

impl Named {
    pub const ALL: [Named; 8] = [
        Named::Today,
        Named::Week,
        Named::FourWeeks,
        Named::Month,
        Named::LastMonth,
        Named::Quarter,
        Named::Year,
        Named::Custom,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Named::Today => "today",
            Named::Week => "7d",
            Named::FourWeeks => "28d",
            Named::Month => "month",
            Named::LastMonth => "last_month",
            Named::Quarter => "quarter",
            Named::Year => "year",
            Named::Custom => "custom",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Named::Today => "Today",
            Named::Week => "Last 7 days",
            Named::FourWeeks => "Last 28 days",
            Named::Month => "This month",
            Named::LastMonth => "Last month",
            Named::Quarter => "This quarter",
            Named::Year => "This year",
            Named::Custom => "Other days",
        }
    }
}

/// What a period is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compare {
    #[default]
    Previous,
    LastYear,
    Nothing,
}

impl Compare {
    pub const ALL: [Compare; 3] = [Compare::Previous, Compare::LastYear, Compare::Nothing];

    pub fn key(self) -> &'static str {
        match self {
            Compare::Previous => "previous",
            Compare::LastYear => "last_year",
            Compare::Nothing => "none",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Compare::Previous => "Period before",
            Compare::LastYear => "Same days last year",
            Compare::Nothing => "Nothing",
        }
    }
}

/// Local times, from one up to another that is not in it. Both are midnights, but for the end of today so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    from: DateTime,
    to: DateTime,
}

/// A named period as of now. It ends with the current day (today: with the current hour), since later ones are empty.
pub fn named(period: Named, now: &Zoned) -> Range {
    let today = now.date();
    let days = |first: Date| Range { from: midnight(first), to: midnight(shift(today, 1.day())) };
    match period {
        Named::Today => {
            let hours = i64::from(now.hour()) + 1;
            let to = midnight(today).checked_add(hours.hours()).unwrap_or(DateTime::MAX);
            Range { from: midnight(today), to }
        }
        Named::Week => days(shift(today, -6.days())),
        Named::FourWeeks | Named::Custom => days(shift(today, -27.days())),
        Named::Month => days(today.first_of_month()),
        Named::LastMonth => {
            let to = today.first_of_month();
            Range { from: midnight(shift(to, -1.month())), to: midnight(to) }
        }
        Named::Quarter => days(shift(today.first_of_month(), -i64::from((today.month() - 1) % 3).months())),
        Named::Year => days(today.first_of_year()),
    }
}

/// Typed days, both included, or what is wrong with them.
pub fn custom(first: &str, last: &str) -> Result<Range, String> {
    let is_day = |day: &Date| (1..=LAST_YEAR).contains(&day.year());
    let read = |typed: &str| typed.parse().ok().filter(|_| typed.len() == "2026-11-22".len()).filter(is_day);
    let (Some(first), Some(last)) = (read(first), read(last)) else {
        return Err("Type both days, such as 2026-11-22.".to_owned());
    };
    if first > last {
        return Err("The first day must not be after the last.".to_owned());
    }
    let days = first.until(last).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
    if days > DAYS {
        return Err("A report covers ten years at most.".to_owned());
    }
    Ok(Range { from: midnight(first), to: midnight(shift(last, 1.day())) })
}

fn midnight(date: Date) -> DateTime {
    date.to_datetime(jiff::civil::Time::midnight())
}

/// At the ends of the calendar there is nothing to shift to.
fn shift(date: Date, by: Span) -> Date {
    date.checked_add(by).unwrap_or(date)
}

impl Range {
    /// The moments it goes from and to.
    pub fn period(&self, zone: &TimeZone) -> Period {
        let at = |local: DateTime| {
            let zoned = local.to_zoned(zone.clone()).map(|zoned| zoned.timestamp().as_microsecond());
            Timestamp::from_micros(zoned.unwrap_or(i64::MAX))
        };
        Period { from: at(self.from), to: at(self.to) }
    }

    /// What it is compared with. As many days, so that a month that has only begun is compared with the beginning of the
    /// month before.
    pub fn compared(&self, compare: Compare, period: Named) -> Option<Range> {
        let back = |span: Span| {
            let of = |local: DateTime| local.checked_sub(span).unwrap_or(local);
            Range { from: of(self.from), to: of(self.to) }
        };
        let months = |months: i64| {
            let from = shift(self.from.date(), -months.months());
            let to = shift(from, i64::from(self.days()).days()).min(self.from.date());
            Range { from: midnight(from), to: midnight(to) }
        };
        Some(match (compare, period) {
            (Compare::Nothing, _) => return None,
            (Compare::LastYear, _) => back(1.year()),
            (Compare::Previous, Named::Today) => back(1.day()),
            (Compare::Previous, Named::Month) => months(1),
            // A whole month with the whole one before it, however long.
            (Compare::Previous, Named::LastMonth) => {
                Range { from: midnight(shift(self.from.date(), -1.month())), to: self.from }
            }
            (Compare::Previous, Named::Quarter) => months(3),
            (Compare::Previous, Named::Year) => months(12),
            (Compare::Previous, Named::Week | Named::FourWeeks | Named::Custom) => back(i64::from(self.days()).days()),
        })
    }

    fn days(&self) -> i32 {
        self.from.date().until(self.to.date()).map_or(0, |span| span.get_days())
    }

    /// First and last day as a date field has them.
    pub fn typed(&self) -> [String; 2] {
        [self.from.date().to_string(), self.last().to_string()]
    }

    /// The last day that is in it.
    fn last(&self) -> Date {
        self.to.checked_sub(1.nanosecond()).unwrap_or(self.to).date()
    }

    /// `23 Nov 2026`, `17–23 Nov 2026`, `27 Oct – 23 Nov 2026`; today so far: `23 Nov 2026 to 15:00`.
    pub fn words(&self) -> String {
        let (first, last) = (self.from.date(), self.last());
        let whole = last.strftime("%-d %b %Y");
        if self.to != midnight(self.to.date()) {
            return format!("{whole} to {}", self.to.strftime("%H:%M"));
        }
        if first == last {
            whole.to_string()
        } else if first.first_of_month() == last.first_of_month() {
            format!("{}–{whole}", first.day())
        } else if first.year() == last.year() {
            format!("{} – {whole}", first.strftime("%-d %b"))
        } else {
            format!("{} – {whole}", first.strftime("%-d %b %Y"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(text: &str) -> Zoned {
        text.parse().expect("a time with its zone")
    }

    fn said(period: Named, at: &str) -> [String; 3] {
        let range = named(period, &now(at));
        let compared = |compare| range.compared(compare, period).map_or_else(String::new, |range| range.words());
        [range.words(), compared(Compare::Previous), compared(Compare::LastYear)]
    }

    #[test]
    fn a_period_ends_today_and_is_compared_with_as_many_days() {
        let at = "2026-11-23T14:20:00[Europe/Berlin]";
        for (period, words) in [
            (Named::Today, ["23 Nov 2026 to 15:00", "22 Nov 2026 to 15:00", "23 Nov 2025 to 15:00"]),
            (Named::Week, ["17–23 Nov 2026", "10–16 Nov 2026", "17–23 Nov 2025"]),
            (Named::FourWeeks, ["27 Oct – 23 Nov 2026", "29 Sep – 26 Oct 2026", "27 Oct – 23 Nov 2025"]),
            (Named::Month, ["1–23 Nov 2026", "1–23 Oct 2026", "1–23 Nov 2025"]),
            (Named::LastMonth, ["1–31 Oct 2026", "1–30 Sep 2026", "1–31 Oct 2025"]),
            (Named::Quarter, ["1 Oct – 23 Nov 2026", "1 Jul – 23 Aug 2026", "1 Oct – 23 Nov 2025"]),
            (Named::Year, ["1 Jan – 23 Nov 2026", "1 Jan – 23 Nov 2025", "1 Jan – 23 Nov 2025"]),
        ] {
            assert_eq!(said(period, at), words, "{period:?}");
        }
    }

    #[test]
    fn the_beginning_of_a_long_month_is_not_compared_with_more_than_the_short_month_before() {
        let words = said(Named::Month, "2026-03-31T10:00:00[Europe/Berlin]");
        assert_eq!(words, ["1–31 Mar 2026", "1–28 Feb 2026", "1–31 Mar 2025"]);
        let leap = said(Named::Today, "2028-02-29T23:59:00[UTC]");
        assert_eq!(leap, ["29 Feb 2028", "28 Feb 2028", "28 Feb 2027"], "the last hour ends at midnight");
    }

    #[test]
    fn days_are_those_of_the_zone_across_a_change_of_clocks() {
        let range = named(Named::Today, &now("2026-10-25T23:30:00[Europe/Berlin]"));
        let period = range.period(&TimeZone::get("Europe/Berlin").expect("a zone"));
        assert_eq!(period.to.since(period.from), domain::time::Span::hours(25));
        assert_eq!(range.words(), "25 Oct 2026");
    }

    #[test]
    fn typed_days_are_both_in_it() {
        let range = custom("2026-12-27", "2027-01-03").expect("a range");
        assert_eq!(range.words(), "27 Dec 2026 – 3 Jan 2027");
        assert_eq!(range.typed(), ["2026-12-27", "2027-01-03"]);
        let before = range.compared(Compare::Previous, Named::Custom).expect("a range");
        assert_eq!(before.words(), "19–26 Dec 2026");
        assert_eq!(custom("2026-12-27", "2026-12-27").expect("a day").words(), "27 Dec 2026");
    }

    #[test]
    fn days_that_cannot_be_are_said_to_be_wrong() {
        for (first, last, why) in [
            ("2026-11-23", "2026-11-22", "not be after"),
            ("", "2026-11-22", "both days"),
            ("2026-02-30", "2026-03-01", "both days"),
            ("yesterday", "today", "both days"),
            ("9999-12-30", "9999-12-31", "both days"),
            ("1926-01-01", "2026-01-01", "ten years"),
            ("2026-11-22T10:00", "2026-11-23", "both days"),
        ] {
            let error = custom(first, last).expect_err(first);
            assert!(error.contains(why), "{first} {last}: {error}");
        }
    }
}
