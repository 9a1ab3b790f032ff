//! The demo's team: who works when, and which queue a brand's cases go to.
//!
//! Three shifts cover the day, each with one agent who has room and one who is soon full. So whenever a conversation
//! plays, somebody is there, somebody is full and somebody has just left.

use domain::permission::Role;
use domain::routing::{Assignment, Availability};
use domain::time::{Span, Timestamp};

/// An index into [`TEAM`].
pub type Who = usize;

pub struct Person {
    pub name: &'static str,
    pub email: &'static str,
    pub role: Role,
    pub capacity: Option<i64>,
}

const fn person(name: &'static str, email: &'static str, role: Role, capacity: Option<i64>) -> Person {
    Person { name, email, role, capacity }
}

/// Names by the alphabet, made up for the demo.
pub const TEAM: [Person; 9] = [
    person("Ava", "ava@demo.example", Role::Owner, None),
    person("Ben", "ben@demo.example", Role::CareManager, None),
    person("Cleo", "cleo@demo.example", Role::Agent, None),
    person("Dan", "dan@demo.example", Role::Agent, Some(3)),
    person("Eve", "eve@demo.example", Role::Agent, Some(60)),
    person("Fay", "fay@demo.example", Role::Agent, Some(2)),
    person("Gus", "gus@demo.example", Role::Agent, Some(40)),
    person("Hal", "hal@demo.example", Role::Agent, Some(3)),
    person("Ida", "ida@demo.example", Role::Viewer, None),
];

/// Whom the sign-in link and the token act as.
pub const OWNER: Who = 0;
const CARE_MANAGER: Who = 1;

struct Shift {
    from: i64,
    roomy: Who,
    small: Who,
}

const SHIFT_HOURS: i64 = 8;
/// How long somebody who left is `away` before they are `offline`.
const LEAVING_HOURS: i64 = 3;
const SHIFTS: [Shift; 3] = [
    Shift { from: 5, roomy: 2, small: 3 },
    Shift { from: 13, roomy: 4, small: 5 },
    Shift { from: 21, roomy: 6, small: 7 },
];

const DAY: i64 = Span::days(1).as_micros();
const HOUR: i64 = Span::hours(1).as_micros();

/// Since midnight, UTC.
pub fn time_of_day(at: Timestamp) -> Span {
    Span::from_micros(at.as_micros().rem_euclid(DAY))
}

fn hour(at: Timestamp) -> i64 {
    time_of_day(at).as_micros() / HOUR
}

fn hours_since(from: i64, at: Timestamp) -> i64 {
    (hour(at) - from).rem_euclid(24)
}

fn shift(at: Timestamp) -> usize {
    SHIFTS.iter().position(|s| hours_since(s.from, at) < SHIFT_HOURS).unwrap_or(0)
}

/// Somebody who is there and has room.
pub fn on_duty(at: Timestamp) -> Who {
    SHIFTS[shift(at)].roomy
}

/// Somebody who is there and soon full.
pub fn small(at: Timestamp) -> Who {
    SHIFTS[shift(at)].small
}

/// Somebody who had room and has left.
pub fn left(at: Timestamp) -> Who {
    SHIFTS[(shift(at) + SHIFTS.len() - 1) % SHIFTS.len()].roomy
}

/// What the plan has somebody be; `None` where there is no plan, as for whoever watches the demo.
pub fn planned(who: Who, at: Timestamp) -> Option<Availability> {
    if who == CARE_MANAGER {
        let working = (7..19).contains(&hour(at));
        return Some(if working { Availability::Online } else { Availability::Offline });
    }
    let shift = SHIFTS.iter().find(|s| s.roomy == who || s.small == who)?;
    Some(match hours_since(shift.from, at) {
        h if h < SHIFT_HOURS => Availability::Online,
        h if h < SHIFT_HOURS + LEAVING_HOURS => Availability::Away,
        _ => Availability::Offline,
    })
}

/// The next full hour: shifts change at some of them.
pub fn next_hour(at: Timestamp) -> Timestamp {
    Timestamp::from_micros((at.as_micros().div_euclid(HOUR) + 1) * HOUR)
}

pub struct QueuePlan {
    pub name: &'static str,
    pub assignment: Assignment,
    pub brands: &'static [&'static str],
}

impl QueuePlan {
    pub fn is_manual(&self) -> bool {
        self.assignment == Assignment::Manual
    }
}

const fn queue(name: &'static str, assignment: Assignment, brands: &'static [&'static str]) -> QueuePlan {
    QueuePlan { name, assignment, brands }
}

/// The queue with a policy of its own (X1): players come back after days.
pub const PATIENT: &str = "Gaming";

/// The first is the one every workspace has; brands that stand nowhere go there.
pub const QUEUES: [QueuePlan; 8] = [
    queue("General", Assignment::Manual, &[]),
    queue(PATIENT, Assignment::RoundRobin, &["RockstarSupport", "MojangSupport", "AskPlayStation", "XboxSupport"]),
    queue("Streaming", Assignment::Manual, &["TeamYouTube", "hulu_support", "SpotifyCares"]),
    queue(
        "Software",
        Assignment::Manual,
        &["AppleSupport", "AdobeCare", "DropboxSupport", "MicrosoftHelps", "zoom_us"],
    ),
    queue("Retail", Assignment::MostCapacity, &["AskeBay", "AmazonHelp"]),
    queue("Telecom", Assignment::MostCapacity, &["TMobileHelp", "Ask_Spectrum"]),
    queue("Banking", Assignment::Manual, &["Ask_WellsFargo", "ChaseSupport"]),
    queue("Travel", Assignment::Manual, &["SouthwestAir", "Delta", "Uber_Support"]),
];

/// Where a brand's cases go.
pub fn queue_of(brand: &str) -> &'static QueuePlan {
    QUEUES.iter().find(|queue| queue.brands.contains(&brand)).unwrap_or(&QUEUES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_every_hour_somebody_is_there_somebody_is_full_and_somebody_has_left() {
        for h in 0..24 {
            let at = Timestamp::from_micros(h * HOUR);
            assert_eq!(planned(on_duty(at), at), Some(Availability::Online), "at {h}");
            assert_eq!(planned(small(at), at), Some(Availability::Online), "at {h}");
            assert_ne!(planned(left(at), at), Some(Availability::Online), "at {h}");
            assert_ne!(on_duty(at), left(at));
            assert!(TEAM[small(at)].capacity.is_some_and(|most| most <= 3));
        }
        assert_eq!(planned(OWNER, Timestamp::from_micros(0)), None);
        assert_eq!(next_hour(Timestamp::from_micros(HOUR)), Timestamp::from_micros(2 * HOUR));
    }
}
