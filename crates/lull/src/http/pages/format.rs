//! Words for lengths of time and for counts, as pages say them.
//!
//! A length is rounded down, so that a page never promises a close later than it happens. One unit is
//! enough to act on; the exact moment always stands beside it.

/// Microseconds in a minute: times inside Lull are integer microseconds.
pub const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Up to two days, hours say more than "1 day" does.
const HOURS_UP_TO: i64 = 48 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The length of a span of microseconds in one unit: `5 h`, `3 days`; the sign is ignored.
pub fn span(micros: i64) -> String {
    let length = micros.saturating_abs();
    if length < MINUTE {
        "under 1 min".to_owned()
    } else if length < HOUR {
        format!("{} min", length / MINUTE)
    } else if length < HOURS_UP_TO {
        format!("{} h", length / HOUR)
    } else if length < 2 * YEAR {
        format!("{} days", length / DAY)
    } else {
        format!("{} years", length / YEAR)
    }
}

/// How far `then` lies from `now`, both in microseconds: `2 min ago`, `in 3 days`, `just now`.
pub fn relative(now: i64, then: i64) -> String {
    let distance = then.saturating_sub(now);
    if distance.saturating_abs() < MINUTE {
        return if distance > 0 { "in under 1 min" } else { "just now" }.to_owned();
    }
    if distance > 0 { format!("in {}", span(distance)) } else { format!("{} ago", span(distance)) }
}

/// A set length in minutes, exactly: `24 h`, `3 days`, `90 min`.
pub fn duration(minutes: u32) -> String {
    const HOUR: u32 = 60;
    const DAY: u32 = 24 * HOUR;
    if minutes >= 2 * DAY && minutes.is_multiple_of(DAY) {
        format!("{} days", minutes / DAY)
    } else if minutes >= HOUR && minutes.is_multiple_of(HOUR) {
        format!("{} h", minutes / HOUR)
    } else {
        format!("{minutes} min")
    }
}

/// A count with its thousands set apart: `1,203`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of something that has a plain plural: `1 case`, `1,203 cases`.
pub fn counted(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

/// A measured length in seconds: `45 s`, `12 min`, `2 h 05 min`, `3 days 4 h`. Rounded to what is shown.
pub fn seconds(seconds: f64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let rounded_to = |unit: u64| (seconds.max(0.0) / unit as f64).round() as u64 * unit;
    if rounded_to(1) < MINUTE {
        return format!("{} s", rounded_to(1));
    }
    let minutes = rounded_to(MINUTE);
    if minutes < HOUR {
        return format!("{} min", minutes / MINUTE);
    }
    if minutes < 2 * DAY {
        return format!("{} h {:02} min", minutes / HOUR, minutes % HOUR / MINUTE);
    }
    let hours = rounded_to(HOUR);
    format!("{} days {} h", hours / DAY, hours % DAY / HOUR)
}

/// A part of one in per cent: `67.3 %`.
pub fn share(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// Names as a list in a sentence: `Open, In progress or On hold`.
pub fn any_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// Names of people in a sentence; of many the first.
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_largest_useful_unit_and_rounded_down() {
        for (micros, words) in [
            (0, "under 1 min"),
            (MINUTE - 1, "under 1 min"),
            (MINUTE, "1 min"),
            (HOUR - 1, "59 min"),
            (HOUR, "1 h"),
            (6 * HOUR - 1, "5 h"),
            (47 * HOUR, "47 h"),
            (48 * HOUR, "2 days"),
            (-3 * DAY, "3 days"),
            (800 * DAY, "2 years"),
            (i64::MIN, "292471 years"),
        ] {
            assert_eq!(span(micros), words, "{micros}");
        }
    }

    #[test]
    fn one_of_something_is_not_several() {
        let words = [0, 1, 2, 1_203].map(|n| counted(n, "case"));
        assert_eq!(words, ["0 cases", "1 case", "2 cases", "1,203 cases"]);
    }

    #[test]
    fn a_moment_is_told_from_now_in_both_directions() {
        let now = 1_800_000_000_000_000;
        for (then, words) in [
            (now, "just now"),
            (now - MINUTE + 1, "just now"),
            (now + 1, "in under 1 min"),
            (now - 2 * MINUTE, "2 min ago"),
            (now + 5 * HOUR, "in 5 h"),
            (now + 3 * DAY, "in 3 days"),
        ] {
            assert_eq!(relative(now, then), words);
        }
    }

    #[test]
    fn a_duration_keeps_its_exact_length() {
        for (minutes, words) in [
            (59, "59 min"),
            (60, "1 h"),
            (90, "90 min"),
            (1440, "24 h"),
            (2880, "2 days"),
            (30_240, "21 days"),
            (2940, "49 h"),
        ] {
            assert_eq!(duration(minutes), words);
        }
    }

    #[test]
    fn a_measured_length_is_rounded_to_what_is_shown() {
        for (measured, words) in [
            (0.0, "0 s"),
            (59.4, "59 s"),
            (59.6, "1 min"),
            (3_569.0, "59 min"),
            (3_571.0, "1 h 00 min"),
            (7_500.0, "2 h 05 min"),
            (172_700.0, "47 h 58 min"),
            (172_799.0, "2 days 0 h"),
            (273_600.0, "3 days 4 h"),
        ] {
            assert_eq!(seconds(measured), words, "{measured}");
        }
    }

    #[test]
    fn a_share_has_one_decimal() {
        assert_eq!([share(0.0), share(0.6731), share(1.0)], ["0.0 %", "67.3 %", "100.0 %"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        for (n, words) in [(0, "0"), (999, "999"), (1_203, "1,203"), (1_000_000, "1,000,000")] {
            assert_eq!(count(n), words);
        }
    }

    #[test]
    fn a_list_of_names_ends_with_or() {
        assert_eq!(any_of(&[]), "");
        assert_eq!(any_of(&["Open"]), "Open");
        assert_eq!(any_of(&["Open", "In progress", "On hold"]), "Open, In progress or On hold");
    }
}
