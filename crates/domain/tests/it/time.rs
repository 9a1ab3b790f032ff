//! Times in and out: RFC 3339 to the letter, milliseconds, the ends of the calendar, time zones by name.

use crate::{MILLI, YEAR_1, YEAR_9999, at, config, micros};
use domain::time::{NotATime, Span, TimeZoneName, Timestamp};
use proptest::prelude::*;

/// The last microsecond of year 9999.
const LAST: i64 = 253_402_300_799_999_999;

#[test]
fn a_time_in_any_allowed_form_is_the_moment_it_names() {
    let table = [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:00Z", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T14:30:00-09:30", 0),
        ("1970-01-01T23:59:00+23:59", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.120Z", 120_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T00:00:00.0000019Z", 1),
        ("1970-01-01T00:00:00.123456789012Z", 123_456),
        ("1970-01-01T00:00:00.0000000000000000000000000000000000001Z", 0),
        ("2018-05-02T16:14:43.031Z", 1_525_277_683_031_000),
        ("2024-02-29T12:00:00+05:45", 1_709_187_300_000_000),
        // A leap second, real or claimed, is the second before it.
        ("2016-12-31T23:59:60Z", 1_483_228_799_000_000),
        ("0001-01-01T00:00:00Z", YEAR_1),
        ("9999-01-01T00:00:00Z", YEAR_9999),
        ("9999-12-31T23:59:59.999999Z", LAST),
    ];
    for (text, expected) in table {
        assert_eq!(Timestamp::parse(text), Ok(micros(expected)), "{text}");
    }
}

#[test]
fn what_is_not_rfc_3339_is_no_time() {
    let table = [
        "",
        "Z",
        "now",
        "1970",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00 Z",
        " 1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z ",
        "1970-01-01T00:00:00Z\0",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01_00:00:00Z",
        "1970/01/01T00:00:00Z",
        "1970-01-01T00.00.00Z",
        "19700101T000000Z",
        "1970-01-01T00:00Z",
        "1970-01-01T00Z",
        "1970-1-1T00:00:00Z",
        "70-01-01T00:00:00Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00.5",
        "1970-01-01T00:00:00.-5Z",
        "1970-01-01T00:00:00+1:00",
        "1970-01-01T00:00:00+01",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+01:00:30",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+00:60",
        "1970-01-01T00:00:00 01:00",
        "1970-01-01T00:00:00\u{2212}01:00",
        "1970-01-01T00:00:00Z[UTC]",
        "1970-01-01T00:00:00+01:00[Europe/Berlin]",
        "1970-01-01T00:00:00+01:00[u-ca=hebrew]",
        "1970-00-01T00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "1970-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:61Z",
        "1970-01-01T-1:00:00Z",
        "1970-W01-4T00:00:00Z",
        "+001970-01-01T00:00:00Z",
        "-000044-03-15T00:00:00Z",
        "-044-03-15T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        // Written with a year that fits, meant for one that does not.
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-12-31T23:59:59-00:01",
        "１９７０-01-01T00:00:00Z",
        "1970-01-01T00:00:0\u{e9}",
    ];
    for text in table {
        assert_eq!(Timestamp::parse(text), Err(NotATime), "{text:?}");
    }
}

#[test]
fn a_time_shows_in_utc_with_exactly_three_digits_cut_and_not_rounded() {
    let table = [
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.000Z"),
        (MILLI, "1970-01-01T00:00:00.001Z"),
        (999_999, "1970-01-01T00:00:00.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_525_277_683_031_000, "2018-05-02T16:14:43.031Z"),
        (YEAR_1, "0001-01-01T00:00:00.000Z"),
        (LAST, "9999-12-31T23:59:59.999Z"),
        (LAST - 999_999 - 86_400_000_000, "9999-12-30T23:59:59.000Z"),
        // What four digits cannot say stays at the end it lies beyond.
        (LAST + 1, "9999-12-31T23:59:59.999Z"),
        (i64::MAX, "9999-12-31T23:59:59.999Z"),
        (YEAR_1 - 1, "0001-01-01T00:00:00.000Z"),
        (i64::MIN, "0001-01-01T00:00:00.000Z"),
    ];
    for (time, text) in table {
        assert_eq!(micros(time).to_string(), text, "{time}");
    }
}

#[test]
fn milliseconds_round_down_on_both_sides_of_1970() {
    for (time, millis) in [(0, 0), (999, 0), (1_000, 1), (-1, -1), (-1_000, -1), (-1_001, -2)] {
        assert_eq!(micros(time).as_millis(), millis, "{time}");
    }
}

#[test]
fn adding_and_taking_stop_at_the_ends_of_time() {
    let year = Span::days(365);
    assert_eq!(micros(i64::MAX - 1).plus(year), micros(i64::MAX));
    assert_eq!(micros(i64::MIN + 1).minus(year), micros(i64::MIN));
    assert_eq!(Timestamp::from_millis(i64::MAX), micros(i64::MAX));
    assert_eq!(micros(i64::MAX).since(micros(i64::MIN)).as_micros(), i64::MAX);
    assert_eq!(Span::days(i64::MAX).as_micros(), i64::MAX);
    assert_eq!(Span::days(i64::MIN), Span::ZERO);
}

#[test]
fn a_span_is_never_negative() {
    assert_eq!(micros(5).since(micros(9)), Span::ZERO);
    assert_eq!(micros(9).since(micros(5)), Span::from_micros(4));
    assert_eq!(Span::minutes(-3), Span::ZERO);
}

#[test]
fn the_units_of_a_span_are_what_their_names_say() {
    assert_eq!(Span::millis(1).as_micros(), 1_000);
    assert_eq!(Span::seconds(1), Span::millis(1_000));
    assert_eq!(Span::minutes(1), Span::seconds(60));
    assert_eq!(Span::hours(1), Span::minutes(60));
    assert_eq!(Span::days(1), Span::hours(24));
}

#[test]
fn messages_may_be_as_old_as_1990() {
    assert_eq!(Timestamp::EARLIEST_MESSAGE, at("1990-01-01T00:00:00Z"));
}

#[test]
fn a_time_zone_is_the_name_of_one_that_exists() {
    let table = [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Asia/Kathmandu", "Asia/Kathmandu"),
    ];
    for (name, canonical) in table {
        assert_eq!(TimeZoneName::parse(name).as_ref().map(TimeZoneName::as_str), Some(canonical));
    }
}

#[test]
fn what_names_no_time_zone_is_refused() {
    let table = [
        "",
        " ",
        " UTC",
        "UTC ",
        "UTC\0",
        "Mars/Olympus",
        "Europe",
        "Europe/",
        "Europe/Berlin/",
        "../UTC",
        "/etc/localtime",
        "localtime",
        "local",
        "posix/UTC",
        "posixrules",
        "Factory",
        "factory",
        "Etc/Unknown",
        "+01:00",
        "CET-1CEST",
        "EST5EDT,M3.2.0,M11.1.0",
        "Europe/Bérlin",
    ];
    for name in table {
        assert_eq!(TimeZoneName::parse(name), None, "{name:?}");
    }
    assert_eq!(TimeZoneName::parse(&"A".repeat(100_000)), None);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_shown_reads_back_as_the_same_millisecond(time in YEAR_1..=LAST) {
        let shown = micros(time).to_string();
        prop_assert_eq!(shown.len(), 24);
        prop_assert_eq!(Timestamp::parse(&shown).map(Timestamp::as_millis), Ok(micros(time).as_millis()));
    }

    #[test]
    fn shown_times_sort_as_the_moments_do(a in any::<i64>(), b in any::<i64>()) {
        let (earlier, later) = (micros(a.min(b)), micros(a.max(b)));
        prop_assert!(earlier.to_string() <= later.to_string());
    }

    #[test]
    fn an_offset_is_taken_off(
        time in YEAR_1 + 86_400_000_000..LAST - 86_400_000_000, h in 0_i64..24, m in 0_i64..60, east in any::<bool>(),
    ) {
        let offset = (h * 60 + m) * 60_000_000 * if east { 1 } else { -1 };
        let wall = micros(time + offset).to_string().replace('Z', "");
        let text = format!("{wall}{}{h:02}:{m:02}", if east { '+' } else { '-' });
        prop_assert_eq!(Timestamp::parse(&text).map(Timestamp::as_millis), Ok(micros(time).as_millis()));
    }

    #[test]
    fn no_text_makes_the_parsers_panic(
        text in "\\PC{0,45}", near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:]{8}[.,]?[0-9]{0,9}(Z|[+-][0-9:]{5})?",
    ) {
        for text in [text, near] {
            if let Ok(time) = Timestamp::parse(&text) {
                prop_assert!((YEAR_1..=LAST).contains(&time.as_micros()));
            }
            let _ = TimeZoneName::parse(&text);
        }
    }
}
