//! The advisor (X9): which silences count, what a replay closes, what is wrong, and what is recommended.

use crate::{HOUR, MINUTE, config, micros, threshold, window};
use domain::advice::replay::{Close, Engine, Happened, Period, Seen, Then, What, replay};
use domain::advice::{LADDER, Outlook, Rate, Recommendation, Study, Terms, ladder, wilson};
use domain::case::Status::{self, Closed, InProgress, OnHold, Open};
use domain::message::Direction::{Inbound, Outbound};
use domain::policy::{CloseRule, StatusSet, Threshold};
use domain::survival::GapEnd::{self, Censored, Reply};
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const IN: What = What::Message(Inbound);
const OUT: What = What::Message(Outbound);
const FOUR_DAYS: i64 = 4 * 24 * 60;

/// What happened, at so many hours.
fn history(happened: &[(i64, What)]) -> Vec<Happened> {
    happened.iter().map(|(hours, what)| Happened { at: micros(hours * HOUR), what: *what }).collect()
}

fn hour(n: i64) -> Timestamp {
    micros(n * HOUR)
}

fn follows(hours: i64, statuses: &[Status]) -> Engine {
    let statuses = StatusSet::new(statuses.iter().copied()).expect("a set that may be chosen");
    Engine::Follows(CloseRule::On { enabled_at: micros(i64::MIN), threshold: threshold(hours * 60), statuses })
}

fn played(happened: &[(i64, What)], engine: Engine, as_of: i64) -> Seen {
    replay(&history(happened), engine, window(FOUR_DAYS), hour(as_of))
}

/// The gaps of a history in hours.
fn gaps(happened: &[(i64, What)], as_of: i64) -> Vec<(i64, GapEnd)> {
    let seen = played(happened, Engine::Idle, as_of);
    seen.gaps.iter().map(|gap| (gap.length.as_micros() / HOUR, gap.end)).collect()
}

#[test]
fn every_activity_starts_a_gap_and_only_the_customer_ends_one_with_a_reply_x9() {
    assert_eq!(gaps(&[(0, IN), (2, OUT), (5, IN)], 15), [(2, Censored), (3, Reply), (10, Censored)]);
    assert_eq!(gaps(&[(0, IN), (1, IN)], 1), [(1, Reply), (0, Censored)], "whoever spoke last");
    let status = What::Status(InProgress);
    assert_eq!(gaps(&[(0, IN), (4, status), (9, IN)], 9), [(4, Censored), (5, Reply), (0, Censored)]);
    assert_eq!(gaps(&[(0, What::Created), (3, IN)], 3), [(3, Reply), (0, Censored)], "a case made by hand");
    assert_eq!(gaps(&[], 9), []);
}

#[test]
fn a_close_by_hand_ends_a_gap_and_none_begins_until_the_case_opens_again_x9() {
    let closed = [(0, IN), (2, What::Status(Closed)), (3, OUT), (9, IN), (10, OUT)];
    assert_eq!(gaps(&closed, 12), [(2, Censored), (1, Censored), (2, Censored)]);
    let by_hand = [(0, IN), (2, What::Status(Closed)), (9, What::Status(OnHold)), (10, IN)];
    assert_eq!(gaps(&by_hand, 10), [(2, Censored), (1, Reply), (0, Censored)]);
    assert_eq!(gaps(&[(0, IN), (2, What::Status(Closed))], 99), [(2, Censored)]);
}

/// C4: the engine's close is no activity, and the customer's next message is seen all the same.
#[test]
fn a_gap_goes_on_through_the_engines_own_close_x9() {
    assert_eq!(gaps(&[(0, IN), (24, What::EngineClosed), (40, IN)], 41), [(40, Reply), (1, Censored)]);
    assert_eq!(gaps(&[(0, IN), (24, What::EngineClosed), (40, OUT), (41, IN)], 41)[..2], [(40, Censored), (1, Reply)]);
    assert_eq!(gaps(&[(0, IN), (24, What::EngineClosed)], 30), [(30, Censored)]);
}

#[test]
fn a_status_that_is_set_again_is_nothing_x9() {
    assert_eq!(gaps(&[(0, IN), (1, What::Status(Open)), (5, IN)], 5), [(5, Reply), (0, Censored)]);
    assert_eq!(gaps(&[(0, IN), (1, What::Status(Closed)), (3, What::Status(Closed))], 5), [(1, Censored)]);
}

#[test]
fn what_has_not_happened_yet_is_not_looked_at_x9() {
    assert_eq!(gaps(&[(0, IN), (5, OUT), (7, IN)], 4), [(4, Censored)]);
    assert!(played(&[(5, IN)], follows(1, &[Open]), 4).periods.is_empty());
}

/// Hours of the closes, with what came of them.
fn closes(happened: &[(i64, What)], engine: Engine, as_of: i64) -> Vec<(i64, Then)> {
    played(happened, engine, as_of).closes.iter().map(|close| (close.at.as_micros() / HOUR, close.then)).collect()
}

const ALL: [Status; 3] = [Open, InProgress, OnHold];

#[test]
fn a_close_is_wrong_when_the_customer_comes_back_within_the_window_x9() {
    let day = follows(24, &ALL);
    let back_after = |hours: i64| closes(&[(0, IN), (1, OUT), (25 + hours, IN)], day, 500)[0];
    assert_eq!(back_after(1), (25, Then::Returned));
    assert_eq!(back_after(96), (25, Then::Returned), "the window's last moment (R2)");
    assert_eq!(back_after(97), (25, Then::FollowedUp), "R5");
    assert_eq!(closes(&[(0, IN), (1, OUT), (24, IN)], day, 30), [], "in time");
    assert_eq!(closes(&[(0, IN), (1, OUT)], day, 25), [(25, Then::Silence)]);
    assert_eq!(closes(&[(0, IN), (1, OUT)], day, 24), [], "not due yet (A9)");
}

/// A6: what is due closes before what happens at that very moment.
#[test]
fn a_message_at_the_deadline_finds_the_case_closed_x9() {
    assert_eq!(closes(&[(0, IN), (24, IN)], follows(24, &ALL), 24), [(24, Then::Returned)]);
}

#[test]
fn a_case_that_came_back_can_close_again_x9() {
    let twice = [(0, IN), (30, IN), (60, IN)];
    let expected = [(24, Then::Returned), (54, Then::Returned), (84, Then::Silence)];
    assert_eq!(closes(&twice, follows(24, &ALL), 100), expected);
    assert_eq!(closes(&[(0, IN), (200, IN)], follows(24, &ALL), 300), [(24, Then::FollowedUp), (224, Then::Silence)]);
}

#[test]
fn people_s_acts_are_played_as_they_were_x9() {
    let day = follows(24, &ALL);
    // R8: an answer leaves the closed case closed; the customer's answer to it still comes within the window.
    assert_eq!(closes(&[(0, IN), (30, OUT), (40, IN)], day, 41), [(24, Then::Returned)]);
    let by_hand = [(0, IN), (30, What::Status(Open)), (40, IN)];
    assert_eq!(closes(&by_hand, day, 41), [(24, Then::ReopenedByHand)]);
    // The close by hand came later than the engine's and changes nothing.
    assert_eq!(closes(&[(0, IN), (30, What::Status(Closed)), (120, IN)], day, 121), [(24, Then::Returned)]);
    assert_eq!(closes(&[(0, IN), (20, What::Status(Closed)), (30, IN)], day, 40), [], "people were quicker");
}

/// A3 asks nothing here: a replay is covered from the beginning. A1: statuses that are not selected stay open.
#[test]
fn only_the_selected_statuses_close_x9() {
    let held = [(0, IN), (1, What::Status(OnHold)), (50, What::Status(InProgress))];
    assert_eq!(closes(&held, follows(24, &[Open, InProgress]), 100), [(74, Then::Silence)]);
    assert_eq!(closes(&held, follows(24, &[Open]), 100), []);
    assert_eq!(closes(&held, follows(24, &[OnHold]), 100), [(25, Then::ReopenedByHand)]);
}

#[test]
fn what_the_engine_closed_in_fact_binds_no_replay_but_the_one_of_what_was_x9() {
    let recorded = [(0, IN), (24, What::EngineClosed), (30, IN), (54, What::EngineClosed)];
    assert_eq!(closes(&recorded, follows(48, &ALL), 200), [(78, Then::Silence)]);
    assert_eq!(closes(&recorded, follows(12, &ALL), 200), [(12, Then::Returned), (42, Then::Silence)]);
    let was = played(&recorded, Engine::AsRecorded, 200);
    let period = |from, to| Period { from: hour(from), to: hour(to), closed: true };
    assert_eq!((was.periods, was.closes), (vec![period(0, 24), period(30, 54)], vec![]));
}

#[test]
fn a_close_says_whether_the_customer_waited_x9() {
    let waited = |happened: &[(i64, What)]| -> Vec<bool> {
        let closes: Vec<Close> = played(happened, follows(24, &ALL), 60).closes;
        closes.iter().map(|close| close.customer_waited).collect()
    };
    assert_eq!(waited(&[(0, IN)]), [true]);
    assert_eq!(waited(&[(0, IN), (1, OUT)]), [false]);
    assert_eq!(waited(&[(0, What::Created), (3, What::Status(OnHold))]), [false]);
    assert_eq!(waited(&[(0, IN), (30, OUT), (31, IN)]), [true, true]);
}

fn terms(as_of: i64) -> Terms {
    Terms { statuses: StatusSet::ALL, window: window(FOUR_DAYS), current: threshold(1_440), as_of: hour(as_of) }
}

fn study(histories: &[&[(i64, What)]], as_of: i64) -> Study {
    let histories: Vec<_> = histories.iter().map(|happened| history(happened)).collect();
    Study::of(&histories, &terms(as_of))
}

fn at(study: &Study, minutes: i64) -> Outlook {
    *study.outlook(threshold(minutes)).expect("on the ladder")
}

/// Three cases: one comes back a day after a day's silence, one after three weeks, one is closed by hand in time.
#[test]
fn a_study_counts_closes_wrong_ones_and_follow_ups_for_each_threshold_x9() {
    let cases: [&[(i64, What)]; 3] =
        [&[(0, IN), (48, IN)], &[(0, IN), (2, OUT), (506, IN)], &[(0, IN), (20, What::Status(Closed))]];
    let study = study(&cases, 2_000);
    let told = |minutes| {
        let row = at(&study, minutes);
        (row.closes, row.decided, row.wrong, row.follow_ups, row.while_customer_waited)
    };
    assert_eq!(told(1_440), (4, 4, 1, 1, 3), "a day: twice each of the first two");
    assert_eq!(told(2_880), (4, 4, 1, 1, 3), "two days: the first close falls on the answer's moment");
    assert_eq!(told(4_320), (3, 3, 0, 1, 2), "three days");
    // 504 h: the answer comes at the very deadline of the second case's silence.
    assert_eq!(told(30_240), (3, 3, 1, 0, 2), "three weeks");
    assert_eq!(told(720), (5, 5, 1, 1, 4), "twelve hours come before the close by hand");
}

#[test]
fn handle_time_counts_to_the_close_and_open_time_to_the_end_x9() {
    let study = study(&[&[(0, IN), (10, What::Status(Closed))], &[(0, IN)]], 100);
    let was = study.as_it_was;
    assert_eq!((was.closes, was.average_seconds(), was.open_hours()), (1, Some(36_000.0), 110.0));
    let day = at(&study, 1_440).handled;
    assert_eq!((day.closes, day.average_seconds(), day.open_hours()), (2, Some(17.0 * 3_600.0), 34.0));
    let week = at(&study, 10_080).handled;
    assert_eq!((week.closes, week.average_seconds(), week.open_hours()), (1, Some(36_000.0), 110.0));
    assert_eq!(super::advice::study(&[], 100).as_it_was.average_seconds(), None);
}

/// A close whose window is still open may yet turn out wrong: it is in no rate, whatever came of it so far.
#[test]
fn a_close_is_judged_once_its_window_has_passed_x9() {
    let returned: &[(i64, What)] = &[(0, IN), (30, IN)];
    let row = |as_of| {
        let row = at(&study(&[returned], as_of), 1_440);
        (row.closes, row.decided, row.wrong, row.wrong_close_rate())
    };
    assert_eq!(row(30), (1, 0, 0, None));
    assert_eq!(row(120), (2, 0, 0, None), "24 h and the window's 96 h: a message could still come this moment");
    assert_eq!(row(121), (2, 1, 1, Some(1.0)));
    assert_eq!(row(151), (2, 2, 1, Some(0.5)));
}

#[test]
fn the_ladder_holds_both_ends_of_the_range_and_the_current_threshold_once_x9() {
    assert_eq!((LADDER[0], LADDER[14]), (i64::from(Threshold::LEAST), i64::from(Threshold::MOST)));
    assert_eq!(ladder(threshold(1_440)).len(), 15);
    let with_odd = ladder(threshold(100));
    assert_eq!(with_odd.len(), 16);
    assert!(with_odd.is_sorted() && with_odd.contains(&threshold(100)));
}

#[test]
fn a_rate_says_how_many_closes_it_takes_to_show_it_x9() {
    let rate = |share| Rate::new(share).expect("a rate within its bounds");
    for (share, least) in [(0.05, 73), (0.01, 381), (0.1, 35), (0.2, 16), (0.5, 4), (0.001, 3_838)] {
        assert_eq!(rate(share).least_closes(), least, "{share}");
        assert!(wilson(0, least).expect("closes").high <= share, "{least} closes without a wrong one show {share}");
        assert!(wilson(0, least - 1).expect("closes").high > share, "one fewer does not");
    }
    assert_eq!((Rate::new(0.0), Rate::new(0.000_9), Rate::new(0.51), Rate::new(f64::NAN)), (None, None, None, None));
    assert_eq!(Rate::default(), rate(0.05));
}

/// Wilson (1927), as tables of it print: 5 of 100, 1 of 10, none and all.
#[test]
fn the_interval_is_wilsons_x9() {
    for (wrong, decided, low, high) in
        [(5, 100, 0.0215, 0.1118), (1, 10, 0.0179, 0.4042), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0)]
    {
        let interval = wilson(wrong, decided).expect("closes");
        assert!((interval.low - low).abs() < 1e-4 && (interval.high - high).abs() < 1e-4, "{interval:?}");
    }
    assert_eq!(wilson(0, 0), None);
}

/// A case that is answered after this many hours of silence, and then stays silent.
fn answered_after(hours: i64) -> Vec<Happened> {
    history(&[(0, IN), (1, OUT), (1 + hours, IN), (2 + hours, OUT)])
}

/// So many cases that stay silent and so many that are answered after this many hours.
fn crowd(silent: usize, answered: usize, hours: i64) -> Study {
    let silent = (0..silent).map(|_| history(&[(0, IN), (1, OUT)]));
    let histories: Vec<_> = silent.chain((0..answered).map(|_| answered_after(hours))).collect();
    Study::of(&histories, &terms(5_000))
}

#[test]
fn the_shortest_threshold_within_the_rate_is_recommended_x9() {
    // The answers come 30 h after ours: up to a day closes are wrong, from 36 h on none is.
    let wrong_until_a_day = crowd(100, 20, 30);
    let Recommendation::Threshold(found) = wrong_until_a_day.recommend(Rate::default()) else { panic!("none") };
    assert_eq!((found.threshold, found.wrong, found.decided), (threshold(2_160), 0, 120));
    // 20 wrong ones of 140 closes are 14 %: a day is within 20 %, and so is an hour.
    let Recommendation::Threshold(found) = wrong_until_a_day.recommend(Rate::new(0.2).expect("a rate")) else {
        panic!("none")
    };
    assert_eq!((found.threshold, found.wrong, found.decided), (threshold(60), 20, 140));
}

#[test]
fn the_very_rate_is_within_itself_x9() {
    // 7 wrong of 140: 133 silent in the end, each answered case closes twice.
    let study = crowd(126, 7, 30);
    let row = at(&study, 60);
    assert_eq!((row.wrong, row.decided), (7, 140));
    let Recommendation::Threshold(found) = study.recommend(Rate::default()) else { panic!("none") };
    assert_eq!(found.threshold, threshold(60));
}

#[test]
fn a_history_too_small_to_tell_gets_no_recommendation_x9() {
    assert_eq!(crowd(72, 0, 0).recommend(Rate::default()), Recommendation::TooFewCloses { least: 73, most: 72 });
    assert!(matches!(crowd(73, 0, 0).recommend(Rate::default()), Recommendation::Threshold(_)));
    assert_eq!(study(&[], 9).recommend(Rate::default()), Recommendation::TooFewCloses { least: 73, most: 0 });
}

#[test]
fn a_history_in_which_every_threshold_is_wrong_too_often_says_so_x9() {
    // For every threshold there are 30 who come back within the four days after it.
    let days = [30, 5 * 24, 8 * 24, 12 * 24, 16 * 24, 20 * 24, 24 * 24];
    let histories: Vec<_> = days.iter().flat_map(|hours| (0..30).map(|_| answered_after(*hours))).collect();
    let study = Study::of(&histories, &terms(5_000));
    let Recommendation::NoneWithin(best) = study.recommend(Rate::default()) else { panic!("one") };
    assert!(study.outlooks.iter().all(|row| row.wrong_close_rate() >= best.wrong_close_rate()));
    assert!(best.wrong_close_rate().is_some_and(|share| share > 0.05), "{best:?}");
}

/// A desk that looks at the clock every minute, written without a thought of the replay: time passes, what is due
/// closes, then what people did at that minute happens.
fn minute_by_minute(
    happened: &[Happened],
    minutes: i64,
    statuses: &[Status],
    window: i64,
    as_of: i64,
) -> Vec<(i64, Then)> {
    let mut closes: Vec<(i64, Then)> = Vec::new();
    let (mut status, mut last, mut closed_at, mut ours) = (None::<Status>, 0, 0, false);
    for now in 0..=as_of {
        if let Some(standing) = status
            && statuses.contains(&standing)
            && now - last >= minutes
        {
            closes.push((now, Then::Silence));
            (status, closed_at, ours) = (Some(Closed), now, true);
        }
        for it in happened.iter().filter(|it| it.at.as_micros() == now * MINUTE) {
            let opens = match (it.what, status) {
                (_, None) => Some((Open, Then::Silence)),
                (What::Message(Inbound), Some(Closed)) if now - closed_at <= window => Some((Open, Then::Returned)),
                (What::Message(Inbound), Some(Closed)) => Some((Open, Then::FollowedUp)),
                (What::Message(Outbound), Some(Closed)) => None,
                (What::Message(_), Some(open)) => Some((open, Then::Silence)),
                (What::Status(to), Some(from)) if to == from => None,
                (What::Status(Closed), Some(_)) => {
                    (status, closed_at, ours) = (Some(Closed), now, false);
                    None
                }
                (What::Status(to), Some(from)) => {
                    Some((to, if from == Closed { Then::ReopenedByHand } else { Then::Silence }))
                }
                (What::Created | What::EngineClosed, Some(_)) => None,
            };
            if let Some((to, then)) = opens {
                if status == Some(Closed) && ours {
                    closes.last_mut().expect("it was closed").1 = then;
                }
                (status, last) = (Some(to), now);
            }
        }
    }
    closes
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(IN),
        3 => Just(OUT),
        3 => select(Status::ALL).prop_map(What::Status),
        1 => Just(What::EngineClosed),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_replay_closes_what_a_desk_that_lived_through_it_closes_x9(
        steps in prop::collection::vec((select(vec![0_i64, 1, 30, 59, 60, 61, 120, 200]), what()), 0..20),
        minutes in select(vec![60_i64, 61, 120, 180]),
        window_minutes in select(vec![60_i64, 100, 240]),
        statuses in subsequence(ALL.to_vec(), 1..=3),
        after in 0_i64..400,
    ) {
        let mut now = 0;
        let mut happened = vec![Happened { at: micros(0), what: IN }];
        for (wait, what) in steps {
            now += wait;
            happened.push(Happened { at: micros(now * MINUTE), what });
        }
        let as_of = now + after;
        let set = StatusSet::new(statuses.iter().copied()).expect("a set that may be chosen");
        let rule = CloseRule::On { enabled_at: micros(i64::MIN), threshold: threshold(minutes), statuses: set };
        let seen = replay(&happened, Engine::Follows(rule), window(window_minutes), micros(as_of * MINUTE));
        let ours: Vec<_> = seen.closes.iter().map(|close| (close.at.as_micros() / MINUTE, close.then)).collect();
        prop_assert_eq!(ours, minute_by_minute(&happened, minutes, &statuses, window_minutes, as_of));
        let whole: i64 = seen.periods.iter().map(|period| period.to.since(period.from).as_micros()).sum();
        prop_assert!(whole <= as_of * MINUTE, "open periods do not overlap");
        prop_assert!(seen.periods.iter().rev().skip(1).all(|period| period.closed), "only the last can be open");
    }

    /// Every silence that lasts as long as a threshold closes the case under it, and no other does, while every status is
    /// selected and nobody closes by hand.
    #[test]
    fn the_curve_s_gaps_are_the_silences_that_thresholds_cut_x9(
        steps in prop::collection::vec((0_i64..200, select(vec![IN, OUT])), 0..20), minutes in 60_i64..150,
    ) {
        let mut now = 0;
        let mut happened = vec![Happened { at: micros(0), what: IN }];
        for (wait, what) in &steps {
            now += wait;
            happened.push(Happened { at: micros(now * MINUTE), what: *what });
        }
        let as_of = micros((now + 500) * MINUTE);
        let Seen { gaps, .. } = replay(&happened, Engine::Idle, window(FOUR_DAYS), as_of);
        let rule = CloseRule::On { enabled_at: micros(i64::MIN), threshold: threshold(minutes), statuses: StatusSet::ALL };
        let seen = replay(&happened, Engine::Follows(rule), window(FOUR_DAYS), as_of);
        let long = gaps.iter().filter(|gap| gap.length.as_micros() >= minutes * MINUTE);
        // An answer of ours on a closed case starts no silence there: those closes join into one.
        let outbound_breaks = steps.iter().all(|(_, what)| *what == IN);
        let long = long.count();
        if outbound_breaks {
            prop_assert_eq!(seen.closes.len(), long);
        } else {
            prop_assert!(seen.closes.len() <= long);
        }
    }
}
