//! What a picture says, in a sentence and as a table of the same values.

use super::super::format::{seconds, share};
use super::super::reports::Table;
use super::reports_figures::{count_words, or_none};
use super::reports_pictures::{Kind, Material, REASONS, classes};
use crate::charts::BARS;
use crate::reports::{Group, Slot};
use domain::metrics::{Bucket, Counts};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub fn finding(kind: Kind, material: &Material) -> String {
    let totals = material.report.totals;
    match kind {
        Kind::ClosedOverTime => closed(material, totals),
        Kind::OpenedAndClosed => balance(totals),
        Kind::CompletionRate => match totals.completion_rate() {
            None => "No case was opened.".to_owned(),
            Some(rate) => format!(
                "{} of the cases opened were closed at the end: {} of {}.",
                share(rate),
                count_words(totals.settled),
                count_words(totals.opened)
            ),
        },
        Kind::HandleTime => handle_times(material, totals),
        Kind::ReopenRate => match totals.reopen_rate() {
            None => "No case was closed.".to_owned(),
            Some(rate) => format!(
                "{} of the closings were undone later: {} of {}.",
                share(rate),
                count_words(totals.undone),
                count_words(totals.closed())
            ),
        },
        Kind::Inbound => busiest(material),
        Kind::Compared => most(material),
    }
}

/// What has to be known to read a picture.
pub fn note(kind: Kind, material: &Material) -> Option<String> {
    let each = match material.bucket {
        Bucket::Hour => "hour",
        Bucket::Day => "day",
        Bucket::Week => "week",
        Bucket::Month => "month",
    };
    match kind {
        Kind::CompletionRate => {
            Some(format!("Each point: of the cases opened in that {each}, the share closed at its end."))
        }
        Kind::ReopenRate => Some(format!("Each point: of the closings in that {each}, the share undone later.")),
        Kind::HandleTime => Some("Closings by how long their case had been open, up to each bound.".to_owned()),
        Kind::Inbound => {
            let newest = material.inbound.only_from.map(|from| {
                format!("There are very many: only those since {} are looked at.", material.moments.words(from))
            });
            let reason = "A message has no closing reason: that filter does not apply here.";
            let said: Vec<_> = newest.into_iter().chain(material.by_reason.then(|| reason.to_owned())).collect();
            (!said.is_empty()).then(|| said.join(" "))
        }
        Kind::Compared if material.report.groups.len() > BARS => {
            Some(format!("The {BARS} with the most closings; all are in the table."))
        }
        _ => None,
    }
}

fn reasons(counts: Counts) -> [i64; 3] {
    [counts.closed_manual, counts.closed_inactivity, counts.closed_api]
}

fn closed(material: &Material, totals: Counts) -> String {
    let all = totals.closed();
    if all == 0 {
        return "No case was closed.".to_owned();
    }
    let parts: Vec<String> = REASONS
        .into_iter()
        .zip(reasons(totals))
        .filter(|(_, number)| *number > 0)
        .map(|((_, name), number)| {
            let name = name.replacen('B', "b", 1);
            format!("{} {name} ({})", count_words(number), share(number as f64 / all as f64))
        })
        .collect();
    let most = material.report.series.iter().max_by_key(|slot| (slot.counts.closed(), std::cmp::Reverse(slot.from)));
    let most = most.filter(|_| material.report.series.len() > 1);
    let most = most.map_or_else(String::new, |slot| {
        format!("; most on {} ({})", in_sentence(material, slot), count_words(slot.counts.closed()))
    });
    format!("{} closed: {}{most}.", count_words(all), parts.join(", "))
}

/// A slot after `on`.
fn in_sentence(material: &Material, slot: &Slot) -> String {
    material.long(slot).replacen("Week of", "the week of", 1)
}

fn balance(totals: Counts) -> String {
    let (opened, closed) = (totals.opened, totals.closed());
    let difference = count_words((opened - closed).abs());
    let said = format!("{} opened, {} closed", count_words(opened), count_words(closed));
    match opened - closed {
        0 => format!("{said}: as many closed as opened."),
        1.. => format!("{said}: {difference} more opened than closed."),
        _ => format!("{said}: {difference} more closed than opened."),
    }
}

fn handle_times(material: &Material, totals: Counts) -> String {
    if totals.closed() == 0 {
        return "No case was closed.".to_owned();
    }
    let whole = half(&material.handle);
    let active = half(&material.active);
    let mean = |value: Option<f64>| or_none(value, seconds);
    format!(
        "Half of the closings took {whole}, without the idle tail {active}; the means are {} and {}.",
        mean(totals.average_handle_seconds()),
        mean(totals.average_active_seconds())
    )
}

/// The class within which half of the closings lie.
fn half(groups: &[Group]) -> String {
    let classes = classes(groups);
    let all: i64 = classes.iter().map(|(_, closed)| closed).sum();
    let mut so_far = 0;
    for (bound_of, closed) in &classes {
        so_far += closed;
        if 2 * so_far >= all {
            return bound_of.map_or_else(|| "longer than 30 d".to_owned(), |_| format!("up to {}", bound(*bound_of)));
        }
    }
    String::new()
}

/// The upper bound of a class: `15 min`, `4 h`, `7 d`, `longer`.
pub fn bound(seconds: Option<i64>) -> String {
    match seconds {
        None => "longer".to_owned(),
        Some(seconds) if seconds < 3_600 => format!("{} min", seconds / 60),
        Some(seconds) if seconds < 86_400 => format!("{} h", seconds / 3_600),
        Some(seconds) => format!("{} d", seconds / 86_400),
    }
}

fn busiest(material: &Material) -> String {
    let week = &material.inbound.hours;
    let all: i64 = week.iter().flatten().sum();
    if all == 0 {
        return "No customer wrote.".to_owned();
    }
    let hours = (0..7).flat_map(|day| (0..24).map(move |hour| (day, hour)));
    let busiest = hours.max_by_key(|(day, hour)| (week[*day][*hour], std::cmp::Reverse((*day, *hour))));
    let (day, hour) = busiest.unwrap_or_default();
    format!(
        "{} messages; most come on {}s from {hour:02}:00 to {:02}:00 ({}).",
        count_words(all),
        DAYS[day],
        hour + 1,
        count_words(week[day][hour])
    )
}

fn most(material: &Material) -> String {
    let all = || material.report.groups.iter().filter(|group| group.counts.closed() > 0);
    // What nobody has is worth a sentence only where it is all there is.
    let named = all().any(|group| group.key.is_some());
    let groups = || all().filter(|group| !named || group.key.is_some());
    let Some(first) = groups().max_by_key(|group| group.counts.closed()) else {
        return "No case was closed.".to_owned();
    };
    let ties = groups().filter(|group| group.counts.closed() == first.counts.closed()).count();
    if ties > 1 {
        return format!("{ties} share the most closings: {} each.", count_words(first.counts.closed()));
    }
    let [people, inactivity, api] = reasons(first.counts).map(count_words);
    format!(
        "Most closings: {} with {}, of them {people} by people, {inactivity} by inactivity and {api} by API.",
        first.name,
        count_words(first.counts.closed())
    )
}

/// The values of a picture, as rows.
pub fn table(kind: Kind, material: &Material) -> Table {
    match kind {
        Kind::ClosedOverTime => slots(material, &["By people", "By inactivity", "By API", "Closed"], |counts| {
            let [people, inactivity, api] = reasons(counts).map(count_words);
            vec![people, inactivity, api, count_words(counts.closed())]
        }),
        Kind::OpenedAndClosed => slots(material, &["Opened", "Closed"], |counts| {
            vec![count_words(counts.opened), count_words(counts.closed())]
        }),
        Kind::CompletionRate => slots(material, &["Opened", "Of them closed", "Completion rate"], |counts| {
            vec![count_words(counts.opened), count_words(counts.settled), or_none(counts.completion_rate(), share)]
        }),
        Kind::ReopenRate => slots(material, &["Closed", "Undone later", "Reopen rate"], |counts| {
            vec![count_words(counts.closed()), count_words(counts.undone), or_none(counts.reopen_rate(), share)]
        }),
        Kind::HandleTime => spread(material),
        Kind::Inbound => hours(material),
        Kind::Compared => compared(material),
    }
}

fn columns(first: &str, more: &[&str]) -> Vec<String> {
    std::iter::once(first).chain(more.iter().copied()).map(str::to_owned).collect()
}

fn slots(material: &Material, names: &[&str], cells: fn(Counts) -> Vec<String>) -> Table {
    let first = match material.bucket {
        Bucket::Hour => "Hour",
        Bucket::Day => "Day",
        Bucket::Week => "Week",
        Bucket::Month => "Month",
    };
    let row = |slot: &Slot| std::iter::once(material.long(slot)).chain(cells(slot.counts)).collect();
    Table { columns: columns(first, names), rows: material.report.series.iter().map(row).collect() }
}

fn spread(material: &Material) -> Table {
    let pairs = classes(&material.handle).into_iter().zip(classes(&material.active));
    let row = |((up_to, with), (_, without)): ((Option<i64>, i64), (_, i64))| {
        let name = up_to.map_or_else(|| "longer".to_owned(), |_| format!("up to {}", bound(up_to)));
        vec![name, count_words(with), count_words(without)]
    };
    Table { columns: columns("Handle time", &["With the idle tail", "Without"]), rows: pairs.map(row).collect() }
}

fn hours(material: &Material) -> Table {
    let short = DAYS.map(|day| &day[..3]);
    let row = |hour: usize| {
        let counts = material.inbound.hours.iter().map(|day| count_words(day[hour]));
        std::iter::once(format!("{hour:02}:00")).chain(counts).collect()
    };
    Table { columns: columns("Hour", &short), rows: (0..24).map(row).collect() }
}

fn compared(material: &Material) -> Table {
    let row = |group: &Group| {
        let [people, inactivity, api] = reasons(group.counts).map(count_words);
        vec![group.name.clone(), people, inactivity, api, count_words(group.counts.closed())]
    };
    let mut groups: Vec<&Group> = material.report.groups.iter().filter(|group| group.counts.closed() > 0).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.counts.closed()));
    Table {
        columns: columns(material.group_word, &["By people", "By inactivity", "By API", "Closed"]),
        rows: groups.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::moments::Moments;
    use super::*;
    use crate::reports::Report;
    use domain::metrics::Period;
    use domain::time::{Span, Timestamp};

    /// Monday 23 November 2026, midnight UTC.
    const MONDAY: i64 = 1_795_392_000_000_000;

    fn counts([manual, inactivity, api]: [i64; 3]) -> Counts {
        Counts { closed_manual: manual, closed_inactivity: inactivity, closed_api: api, ..Counts::ZERO }
    }

    fn group(key: Option<&str>, name: &str, reasons: [i64; 3]) -> Group {
        Group { key: key.map(str::to_owned), name: name.to_owned(), counts: counts(reasons) }
    }

    /// Two days: one closing on the first, the rest on the second.
    fn material(totals: Counts) -> Material {
        let day = |days| Timestamp::from_micros(MONDAY).plus(Span::days(days));
        let slot = |days, counts| Slot { from: day(days), to: day(days + 1), counts };
        let report = Report {
            period: Period { from: day(0), to: day(2) },
            time_zone: "UTC".to_owned(),
            as_of: day(2),
            totals,
            groups: Vec::new(),
            series: vec![slot(0, counts([1, 0, 0])), slot(1, counts([0, 3, 0]))],
        };
        Material {
            report,
            moments: Moments::new("UTC", day(2)),
            bucket: Bucket::Day,
            handle: Vec::new(),
            active: Vec::new(),
            inbound: Default::default(),
            by_reason: false,
            group_word: "Agent",
        }
    }

    #[test]
    fn closings_are_told_by_what_closed_and_when_most_did() {
        let said = finding(Kind::ClosedOverTime, &material(counts([1, 3, 0])));
        assert_eq!(said, "4 closed: 1 by people (25.0 %), 3 by inactivity (75.0 %); most on Tue 24 Nov (3).");
        assert_eq!(finding(Kind::ClosedOverTime, &material(Counts::ZERO)), "No case was closed.");
        let rows = table(Kind::ClosedOverTime, &material(Counts::ZERO)).rows;
        assert_eq!(rows, [["Mon 23 Nov", "1", "0", "0", "1"], ["Tue 24 Nov", "0", "3", "0", "3"]]);
    }

    #[test]
    fn rates_are_told_with_what_they_are_of() {
        let totals = Counts { opened: 8, settled: 6, undone: 1, ..counts([4, 0, 0]) };
        let said = |kind| finding(kind, &material(totals));
        assert_eq!(said(Kind::CompletionRate), "75.0 % of the cases opened were closed at the end: 6 of 8.");
        assert_eq!(said(Kind::ReopenRate), "25.0 % of the closings were undone later: 1 of 4.");
        assert_eq!(said(Kind::OpenedAndClosed), "8 opened, 4 closed: 4 more opened than closed.");
        assert_eq!(finding(Kind::CompletionRate, &material(Counts::ZERO)), "No case was opened.");
    }

    #[test]
    fn half_of_the_closings_lie_within_a_class_and_no_class_is_left_out_of_the_table() {
        let mut found = material(Counts { handle_millis: 40_000_000, active_millis: 4_000_000, ..counts([0, 4, 0]) });
        found.handle = vec![group(Some("3600"), "", [0, 1, 0]), group(Some("86400"), "", [0, 3, 0])];
        found.active = vec![group(Some("900"), "", [0, 2, 0]), group(Some("longer"), "", [0, 2, 0])];
        assert_eq!(
            finding(Kind::HandleTime, &found),
            "Half of the closings took up to 1 d, without the idle tail up to 15 min; the means are 2 h 47 min and 17 min."
        );
        let rows = table(Kind::HandleTime, &found).rows;
        assert_eq!((rows.len(), &rows[6], &rows[13]), (14, &row("up to 1 d", 3, 0), &row("longer", 0, 2)));
    }

    fn row(name: &str, with: i64, without: i64) -> Vec<String> {
        vec![name.to_owned(), with.to_string(), without.to_string()]
    }

    #[test]
    fn the_busiest_hour_is_named_and_the_table_has_every_hour_of_every_day() {
        let mut found = material(Counts::ZERO);
        assert_eq!(finding(Kind::Inbound, &found), "No customer wrote.");
        found.inbound.hours[6][23] = 9;
        found.inbound.hours[0][8] = 4;
        assert_eq!(finding(Kind::Inbound, &found), "13 messages; most come on Sundays from 23:00 to 24:00 (9).");
        let rows = table(Kind::Inbound, &found).rows;
        assert_eq!((rows.len(), rows[23].last().map(String::as_str), rows[8][1].as_str()), (24, Some("9"), "4"));
    }

    #[test]
    fn what_does_not_apply_to_messages_is_said() {
        let mut found = material(Counts::ZERO);
        assert_eq!(note(Kind::Inbound, &found), None);
        found.inbound.only_from = Some(Timestamp::from_micros(MONDAY));
        let newest = "There are very many: only those since 23 Nov 2026, 00:00 are looked at.";
        assert_eq!(note(Kind::Inbound, &found).as_deref(), Some(newest));
        found.by_reason = true;
        let both = format!("{newest} A message has no closing reason: that filter does not apply here.");
        assert_eq!(note(Kind::Inbound, &found), Some(both));
    }

    #[test]
    fn who_closed_most_is_named_unless_several_did_or_nobody_has_a_name() {
        let said = |groups: Vec<Group>| {
            let mut found = material(Counts::ZERO);
            found.report.groups = groups;
            finding(Kind::Compared, &found)
        };
        let ann = || group(Some("agt_1"), "Ann", [2, 5, 1]);
        let nobody = || group(None, "Nobody", [0, 90, 0]);
        let most = "Most closings: Ann with 8, of them 2 by people, 5 by inactivity and 1 by API.";
        assert_eq!(said(vec![nobody(), ann()]), most);
        let tie = vec![ann(), group(Some("agt_2"), "Ben", [8, 0, 0])];
        assert_eq!(said(tie), "2 share the most closings: 8 each.");
        assert!(said(vec![nobody()]).starts_with("Most closings: Nobody with 90"));
        assert_eq!(said(vec![]), "No case was closed.");
    }
}
