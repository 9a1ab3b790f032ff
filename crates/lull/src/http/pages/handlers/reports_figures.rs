//! Headline figures with what they were before, how they are defined (section 5 of the rules), and the cases behind them.

use super::super::format::{count, seconds, share};
use super::super::reports::{Change, Figure, Way};
use super::reports_address::Address;
use domain::metrics::Counts;

/// Where the cases behind a figure are listed.
pub const CASES: &str = "/reports/cases";

/// How a figure with cases behind it is called, defined, dated, and named in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    pub key: &'static str,
    pub label: &'static str,
    /// Over the list of the cases behind it.
    pub heading: &'static str,
    pub words: &'static str,
    pub dated_by: &'static str,
}

/// M2 to M9; the keys are those of `/v1/reports/cases/behind`.
pub const OPENED: Definition = Definition {
    key: "cases_opened",
    label: "Cases opened",
    heading: "Cases opened",
    words: "Cases created in these days. A reopened case is not opened again.",
    dated_by: "creation",
};
pub const CLOSED: Definition = Definition {
    key: "total_cases_closed",
    label: "Cases closed",
    heading: "Closings",
    words: "Closings in these days, whoever or whatever closed. A case that closes twice counts twice.",
    dated_by: "closing",
};
pub const SETTLED: Definition = Definition {
    key: "same_period_cases_closed",
    label: "Opened and closed",
    heading: "Cases opened and closed",
    words: "Cases created in these days that were closed at their end.",
    dated_by: "creation",
};
pub const REOPENED: Definition = Definition {
    key: "cases_reopened",
    label: "Cases reopened",
    heading: "Reopenings",
    words: "Reopenings in these days, by customers or by people.",
    dated_by: "reopening",
};
pub const UNDONE: Definition = Definition {
    key: "closed_and_reopened_later",
    label: "Reopen rate",
    heading: "Closings undone later",
    words: "Of the closings in these days, the share that was undone later, whenever that was.",
    dated_by: "closing",
};
pub const REPLIED: Definition = Definition {
    key: "first_reply",
    label: "First reply",
    heading: "Cases answered",
    words: "Mean time from creation to the first message a person wrote. Cases without one are left out.",
    dated_by: "creation",
};
const COMPLETION: &str = "Of the cases opened, the share that was closed at the end of these days.";
const HANDLE: &str =
    "Mean time from opening, or the last reopening, to closing. A closing by inactivity counts at its own moment.";
const ACTIVE: &str = "The same, but a closing by inactivity counts only up to the last activity.";

/// Every figure that has cases behind it.
pub const DEFINITIONS: [Definition; 6] = [OPENED, CLOSED, SETTLED, REOPENED, UNDONE, REPLIED];

/// The headline figures.
pub fn figures(address: &Address, now: Counts, before: Option<Counts>) -> Vec<Figure> {
    let counted = |of: fn(Counts) -> i64| (count_words(of(now)), before.map(|b| by_count(of(now), of(b))));
    let part = |of: fn(Counts) -> Option<f64>| (or_none(of(now), share), before.and_then(|b| by_share(of(now), of(b))));
    let time =
        |of: fn(Counts) -> Option<f64>| (or_none(of(now), seconds), before.and_then(|b| by_time(of(now), of(b))));
    let cases = |of: Definition, number: i64, one: &str, many: &str| link(address, of, number, one, many);
    let figure = |of: Definition, label, words, value: (String, Option<Change>), cases| Figure {
        label,
        value: value.0,
        parts: Vec::new(),
        change: value.1,
        definition: words,
        dated_by: of.dated_by,
        cases,
    };
    let reasons =
        [("By people", now.closed_manual), ("By inactivity", now.closed_inactivity), ("By API", now.closed_api)];
    let closings = cases(CLOSED, now.closed(), "closing", "closings");
    let settled = cases(SETTLED, now.settled, "case", "cases");
    let own = |of: Definition, value, cases| figure(of, of.label, of.words, value, cases);
    let mut closed = own(CLOSED, counted(Counts::closed), closings.clone());
    closed.parts = reasons.map(|(name, number)| (name.to_owned(), count_words(number))).to_vec();
    vec![
        own(OPENED, counted(|c| c.opened), cases(OPENED, now.opened, "case", "cases")),
        closed,
        figure(SETTLED, "Completion rate", COMPLETION, part(Counts::completion_rate), settled),
        figure(CLOSED, "Handle time", HANDLE, time(Counts::average_handle_seconds), closings.clone()),
        figure(CLOSED, "Handle time without idle tail", ACTIVE, time(Counts::average_active_seconds), closings),
        own(REPLIED, time(Counts::average_reply_seconds), cases(REPLIED, now.replied, "case", "cases")),
        own(REOPENED, counted(|c| c.reopened), cases(REOPENED, now.reopened, "reopening", "reopenings")),
        own(UNDONE, part(Counts::reopen_rate), cases(UNDONE, now.undone, "closing", "closings")),
        own(SETTLED, counted(|c| c.settled), cases(SETTLED, now.settled, "case", "cases")),
    ]
}

/// `Show the 312 cases`, and where; nothing if there are none.
fn link(address: &Address, of: Definition, number: i64, one: &str, many: &str) -> Option<(String, String)> {
    let url = || address.with(CASES, &[("figure", of.key)]);
    match number {
        ..=0 => None,
        1 => Some((format!("Show the {one}"), url())),
        _ => Some((format!("Show the {} {many}", count_words(number)), url())),
    }
}

pub fn count_words(number: i64) -> String {
    count(number.max(0).unsigned_abs())
}

/// A mean or share, or a dash where there is nothing to divide by.
pub fn or_none(value: Option<f64>, words: fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), words)
}

fn way(difference: f64) -> Way {
    match difference {
        d if d > 0.0 => Way::Up,
        d if d < 0.0 => Way::Down,
        _ => Way::Same,
    }
}

const UNCHANGED: &str = "no change";

fn by_count(now: i64, before: i64) -> Change {
    let difference = now - before;
    let size = count_words(difference.abs());
    let words = match difference {
        0 => UNCHANGED.to_owned(),
        1.. => format!("{size} more"),
        _ => format!("{size} fewer"),
    };
    let relative = (difference != 0 && before > 0).then(|| difference.abs() as f64 / before as f64);
    let words = relative.map_or(words.clone(), |part| format!("{words} ({})", share(part)));
    Change { way: way(difference as f64), words, before: count_words(before) }
}

/// Of two values; where one is missing there is nothing to compare.
fn by(
    now: Option<f64>,
    before: Option<f64>,
    size: fn(f64) -> String,
    words: [&str; 2],
    shown: fn(f64) -> String,
) -> Option<Change> {
    let (now, old) = now.zip(before)?;
    // What looks the same is the same.
    let difference = if shown(now) == shown(old) { 0.0 } else { now - old };
    let words = match way(difference) {
        Way::Same => UNCHANGED.to_owned(),
        Way::Up => format!("{} {}", size(difference.abs()), words[0]),
        Way::Down => format!("{} {}", size(difference.abs()), words[1]),
    };
    Some(Change { way: way(difference), words, before: shown(old) })
}

fn by_share(now: Option<f64>, before: Option<f64>) -> Option<Change> {
    by(now, before, |difference| format!("{:.1} points", difference * 100.0), ["more", "less"], share)
}

fn by_time(now: Option<f64>, before: Option<f64>) -> Option<Change> {
    by(now, before, seconds, ["longer", "shorter"], seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_how_much_which_way_and_what_it_was() {
        let said = |change: Change| (change.way, format!("{}; {}", change.words, change.before));
        for (now, before, way, words) in [
            (312, 300, Way::Up, "12 more (4.0 %); 300"),
            (0, 4, Way::Down, "4 fewer (100.0 %); 4"),
            (4, 0, Way::Up, "4 more; 0"),
            (7, 7, Way::Same, "no change; 7"),
        ] {
            assert_eq!(said(by_count(now, before)), (way, words.to_owned()));
        }
        let points = by_share(Some(0.673), Some(0.7));
        assert_eq!(points.map(said), Some((Way::Down, "2.7 points less; 70.0 %".to_owned())));
        let time = by_time(Some(9_600.0), Some(7_500.0));
        assert_eq!(time.map(said), Some((Way::Up, "35 min longer; 2 h 05 min".to_owned())));
        let same = by_share(Some(0.70004), Some(0.70001));
        assert_eq!(same.map(said), Some((Way::Same, "no change; 70.0 %".to_owned())));
        assert_eq!(by_share(None, Some(0.7)), None);
    }

    #[test]
    fn closing_reasons_stand_beside_the_closings_and_sum_up_to_them() {
        let now = Counts { closed_manual: 3, closed_inactivity: 4, closed_api: 1, opened: 1, ..Counts::ZERO };
        let figures = figures(&Address::default(), now, None);
        let closed = figures.iter().find(|figure| figure.label == "Cases closed").expect("a figure");
        assert_eq!(closed.value, "8");
        let parts: Vec<_> = closed.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        assert_eq!(parts, ["By people 3", "By inactivity 4", "By API 1"]);
        let url = "/reports/cases?figure=total_cases_closed".to_owned();
        assert_eq!(closed.cases, Some(("Show the 8 closings".to_owned(), url)));
        assert_eq!(figures[0].cases.as_ref().map(|(words, _)| words.as_str()), Some("Show the case"));
        assert!(figures.iter().all(|figure| figure.change.is_none()));
        let reopened = figures.iter().find(|figure| figure.label == "Cases reopened").expect("a figure");
        assert_eq!((reopened.value.as_str(), &reopened.cases), ("0", &None));
    }
}
