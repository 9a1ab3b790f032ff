//! What the advisor says, in sentences a care manager can check against the table beside them.

use super::Advice;
use crate::http::pages::format::{count, duration};
use domain::advice::{Interval, Outlook, Recommendation};

/// A share as a percentage, as exact as it needs to be: `3.3 %`, `0.25 %`, `20 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    // Two digits where one would say "0.0", and none where it would say "20.0".
    let digits = if value != 0.0 && value.abs() < 1.0 { 2 } else { 1 };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

pub fn interval(interval: Interval) -> String {
    format!("{} to {}", percent(interval.low), percent(interval.high))
}

fn closes(n: u64) -> String {
    if n == 1 { "1 close".to_owned() } else { format!("{} closes", count(n)) }
}

/// What a threshold would have done: how many closes, and how many of them were wrong.
pub fn outlook(advice: &Advice, outlook: &Outlook) -> String {
    let (after, window) = (duration(outlook.threshold.minutes()), duration(advice.terms.window.minutes()));
    let made = format!("Closing after {after} would have made {}", closes(outlook.closes));
    if outlook.closes == 0 {
        return format!("Closing after {after} would have closed nothing.");
    }
    let Some(rate) = outlook.wrong_close_rate() else {
        return format!(
            "{made}; whether they were right is not known before their reopen windows of {window} have passed."
        );
    };
    let (wrong, rate) = (count(outlook.wrong), percent(rate));
    if outlook.decided == outlook.closes {
        return match (outlook.closes, outlook.wrong) {
            (1, 0) => format!("{made}; the customer did not come back within {window}."),
            (1, _) => format!("{made}; the customer came back within {window}."),
            _ => format!("{made}; after {wrong} of them ({rate}) the customer came back within {window}."),
        };
    }
    let (decided, open) = (count(outlook.decided), count(outlook.closes - outlook.decided));
    format!(
        "{made}. After {wrong} of the {decided} whose reopen window has passed ({rate}) the customer came back within \
         {window}; for {open} the window is not over yet."
    )
}

/// What no wrong-close rate shows of a threshold: cases it would have closed on people. Empty when there are none.
pub fn caution(outlook: &Outlook) -> String {
    let waited = format!("{} while the customer waited for an answer", count(outlook.while_customer_waited));
    let taken_up = format!("{} before somebody took the case up again by hand", count(outlook.reopened_by_hand));
    let which = match (outlook.while_customer_waited, outlook.reopened_by_hand) {
        (0, 0) => return String::new(),
        (_, 0) => waited,
        (0, _) => taken_up,
        _ => format!("{waited}, and {taken_up}"),
    };
    format!("Of its {} it would have made {which}.", closes(outlook.closes))
}

/// Why this threshold, or why none.
pub fn reason(advice: &Advice) -> String {
    let rate = percent(advice.question.rate.share());
    match &advice.recommended {
        Recommendation::Threshold(found) => {
            let after = duration(found.threshold.minutes());
            let share = percent(found.wrong_close_rate().unwrap_or_default());
            let certain = match found.interval() {
                Some(range) if range.high > advice.question.rate.share() => format!(
                    " It is not certain: with 95 % confidence the true rate is {}, so it may be above {rate}.",
                    interval(range)
                ),
                Some(range) => format!(" With 95 % confidence the true rate is {}.", interval(range)),
                None => String::new(),
            };
            let caution = caution(found);
            let text = format!(
                "{after} is the shortest threshold at which at most {rate} of the closes were wrong: {} of {}, {share}.{certain} {caution}",
                count(found.wrong),
                count(found.decided)
            );
            text.trim_end().to_owned()
        }
        Recommendation::TooFewCloses { least, most } => format!(
            "This history is too small to recommend a threshold. It takes {} whose reopen window has passed to tell whether \
             at most {rate} are wrong, for with fewer even a spotless record would not show it; the most that any threshold has of \
             them is {}.",
            closes(*least),
            count(*most)
        ),
        Recommendation::NoneWithin(best) => format!(
            "No threshold with closes enough to tell keeps wrong closes within {rate}. The lowest rate is {}, after {}.",
            percent(best.wrong_close_rate().unwrap_or_default()),
            duration(best.threshold.minutes())
        ),
    }
}

/// What the answer rests on.
pub fn looked_at(advice: &Advice) -> String {
    let (seen, curve) = (&advice.looked_at, &advice.study.curve);
    let cases = if seen.cases == 1 { "1 case".to_owned() } else { format!("{} cases", count(seen.cases)) };
    let cut = if seen.cut { "the newest of the period, older ones were left out" } else { "all of the period" };
    format!(
        "Looked at {cases} ({cut}), with {} silences, {} of which the customer ended.",
        count(curve.gaps),
        count(curve.replies)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_said_as_exactly_as_it_needs() {
        for (share, words) in [
            (0.0, "0 %"),
            (0.0025, "0.25 %"),
            (0.001, "0.1 %"),
            (0.033_27, "3.3 %"),
            (0.05, "5 %"),
            (0.2, "20 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), words);
        }
    }
}
