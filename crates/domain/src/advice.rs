//! The advisor (X9): what each threshold would have done to a workspace's own history, and which one to choose.
//!
//! For each threshold the histories are played again ([`replay`]) by the rule the engine itself asks, with the policy's
//! statuses and as if auto close had been on from the first day (A3 covers everything).
//!
//! - A close is *wrong* when the customer's next message came within the reopen window after it, and the case would have
//!   reopened (R2). One that came later is a *follow-up* (R5).
//! - A close is *decided* once its window has passed. Until then nobody knows whether it will turn out wrong, and to count
//!   only those that already did would overstate them. So the wrong-close rate is the wrong ones among the decided.
//! - *Handle time* is M6's, over all closes of the replay, by the engine and by people. *Open time* adds up every open
//!   period, also those that last still; against the same sum of what was it says what a threshold saves.
//!
//! A rate from few closes says little. [`Rate::least_closes`] is how many it takes to speak at all.

pub mod replay;

use crate::policy::{CloseRule, StatusSet, Threshold, Window};
use crate::survival::Curve;
use crate::time::Timestamp;
use replay::{Engine, Happened, Period, Seen, Then, replay};

/// The thresholds that are tried, in minutes: A1's range in steps a person would choose from.
pub const LADDER: [i64; 15] =
    [60, 120, 240, 480, 720, 1_440, 2_160, 2_880, 4_320, 5_760, 7_200, 10_080, 14_400, 20_160, 30_240];

/// The normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;
pub const CONFIDENCE: f64 = 0.95;

/// The thresholds of the ladder and the one that is set now, in order.
pub fn ladder(current: Threshold) -> Vec<Threshold> {
    let mut all: Vec<_> = LADDER.iter().filter_map(|minutes| Threshold::from_minutes(*minutes).ok()).collect();
    all.push(current);
    all.sort_unstable();
    all.dedup();
    all
}

/// The share of wrong closes a workspace puts up with: from 0.1 % to 50 %.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    pub const LEAST: f64 = 0.001;
    pub const MOST: f64 = 0.5;

    pub fn new(share: f64) -> Option<Rate> {
        (Self::LEAST..=Self::MOST).contains(&share).then_some(Rate(share))
    }

    pub fn share(self) -> f64 {
        self.0
    }

    /// The fewest decided closes that a recommendation stands on: with fewer, even a history without one wrong close
    /// would not exclude, at 95 %, that the true rate is above this one. It is the n at which the upper end of Wilson's
    /// interval for 0 of n, z²/(n + z²), comes down to the rate; 73 for 5 %.
    pub fn least_closes(self) -> u64 {
        (Z * Z * (1.0 - self.0) / self.0).ceil() as u64
    }
}

impl Default for Rate {
    /// One close in twenty.
    fn default() -> Self {
        Rate(0.05)
    }
}

/// The ends of an interval that holds the true rate with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Wilson's score interval for `wrong` of `decided`: it keeps its promise for few closes and for rates near zero, where the
/// usual one (± z standard errors) shrinks to nothing. It takes closes for independent of each other.
pub fn wilson(wrong: u64, decided: u64) -> Option<Interval> {
    if decided == 0 {
        return None;
    }
    let (n, share) = (decided as f64, wrong as f64 / decided as f64);
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    // What rounding leaves of nothing is nothing.
    let low = if wrong == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if wrong == decided { 1.0 } else { (middle + half).min(1.0) };
    Some(Interval { low, high })
}

/// Time in which cases were open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Handled {
    /// Periods that ended with a close.
    pub closes: u64,
    closed_micros: i128,
    open_micros: i128,
}

impl Handled {
    fn add(&mut self, periods: &[Period]) {
        for period in periods {
            let length = i128::from(period.to.since(period.from).as_micros());
            self.open_micros += length;
            if period.closed {
                self.closes += 1;
                self.closed_micros += length;
            }
        }
    }

    /// M6's mean over the closes, in seconds; `None` without one.
    pub fn average_seconds(&self) -> Option<f64> {
        (self.closes > 0).then(|| self.closed_micros as f64 / 1e6 / self.closes as f64)
    }

    /// All open periods together, those that last still included.
    pub fn open_hours(&self) -> f64 {
        self.open_micros as f64 / 3.6e9
    }
}

/// What one threshold would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    pub threshold: Threshold,
    /// Closes the engine would have made; a case that came back can close again.
    pub closes: u64,
    /// Closes whose reopen window has passed.
    pub decided: u64,
    /// Decided closes after which the customer came back within the window.
    pub wrong: u64,
    /// Closes after which the customer came back later.
    pub follow_ups: u64,
    /// Closes after which somebody changed the status before the customer wrote.
    pub reopened_by_hand: u64,
    /// Closes while the customer waited for an answer.
    pub while_customer_waited: u64,
    pub handled: Handled,
}

impl Outlook {
    fn new(threshold: Threshold) -> Outlook {
        Outlook {
            threshold,
            closes: 0,
            decided: 0,
            wrong: 0,
            follow_ups: 0,
            reopened_by_hand: 0,
            while_customer_waited: 0,
            handled: Handled::default(),
        }
    }

    fn add(&mut self, seen: &Seen, window: Window, as_of: Timestamp) {
        for close in &seen.closes {
            // At the last moment of the window a message can still come.
            let decided = close.at.plus(window.span()) < as_of;
            self.closes += 1;
            self.decided += u64::from(decided);
            self.wrong += u64::from(decided && close.then == Then::Returned);
            self.follow_ups += u64::from(close.then == Then::FollowedUp);
            self.reopened_by_hand += u64::from(close.then == Then::ReopenedByHand);
            self.while_customer_waited += u64::from(close.customer_waited);
        }
        self.handled.add(&seen.periods);
    }

    /// The share of wrong closes among the decided; `None` without any.
    pub fn wrong_close_rate(&self) -> Option<f64> {
        (self.decided > 0).then(|| self.wrong as f64 / self.decided as f64)
    }

    pub fn interval(&self) -> Option<Interval> {
        wilson(self.wrong, self.decided)
    }
}

/// The settings a history is played under, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub statuses: StatusSet,
    pub window: Window,
    /// The threshold that is set now.
    pub current: Threshold,
    pub as_of: Timestamp,
}

/// Everything the advisor knows of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    pub curve: Curve,
    /// One for each threshold of the ladder, the shortest first.
    pub outlooks: Vec<Outlook>,
    pub as_it_was: Handled,
}

impl Study {
    pub fn of(histories: &[Vec<Happened>], terms: &Terms) -> Study {
        let Terms { window, as_of, .. } = *terms;
        let mut outlooks: Vec<_> = ladder(terms.current).into_iter().map(Outlook::new).collect();
        let (mut gaps, mut as_it_was) = (Vec::new(), Handled::default());
        for history in histories {
            gaps.extend(replay(history, Engine::Idle, window, as_of).gaps);
            as_it_was.add(&replay(history, Engine::AsRecorded, window, as_of).periods);
            for outlook in &mut outlooks {
                let engine = Engine::Follows(always_on(outlook.threshold, terms.statuses));
                outlook.add(&replay(history, engine, window, as_of), window, as_of);
            }
        }
        Study { curve: Curve::of(gaps), outlooks, as_it_was }
    }

    pub fn outlook(&self, threshold: Threshold) -> Option<&Outlook> {
        self.outlooks.iter().find(|outlook| outlook.threshold == threshold)
    }

    /// The shortest threshold whose wrong-close rate is within `rate`, among those with closes enough to tell.
    pub fn recommend(&self, rate: Rate) -> Recommendation {
        let least = rate.least_closes();
        let telling = || self.outlooks.iter().filter(|outlook| outlook.decided >= least);
        let share = |outlook: &Outlook| outlook.wrong_close_rate().unwrap_or(1.0);
        if let Some(found) = telling().find(|outlook| share(outlook) <= rate.share()) {
            return Recommendation::Threshold(*found);
        }
        match telling().min_by(|a, b| share(a).total_cmp(&share(b))) {
            Some(best) => Recommendation::NoneWithin(*best),
            None => {
                let most = self.outlooks.iter().map(|outlook| outlook.decided).max().unwrap_or(0);
                Recommendation::TooFewCloses { least, most }
            }
        }
    }
}

/// A rule that covers a history from its beginning.
fn always_on(threshold: Threshold, statuses: StatusSet) -> CloseRule {
    // Nothing can have happened before the beginning of time.
    CloseRule::On { enabled_at: Timestamp::from_micros(i64::MIN), threshold, statuses }
}

/// What the advisor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    Threshold(Outlook),
    /// No threshold has decided closes enough to tell; the most that one has.
    TooFewCloses {
        least: u64,
        most: u64,
    },
    /// Among the thresholds with closes enough none keeps to the rate; the one with the lowest.
    NoneWithin(Outlook),
}
