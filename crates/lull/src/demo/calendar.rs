//! When each conversation plays.
//!
//! Conversations move by whole days, so that each keeps its own time of day and its real gaps. Those whose customer
//! answers a closed case are placed so that the answer falls on a wanted day; the others are spread evenly.

use super::material::Conversation;
use super::story::Story;
use super::team::{self, Who};
use domain::time::{Span, Timestamp};

/// How much has happened when the demo starts.
pub const PAST: Span = Span::days(14);
/// All conversations play once in this time, then they come again.
pub const LAP: Span = Span::days(21);
const PAST_DAYS: i64 = 14;
const LAP_DAYS: i64 = 21;
/// Of each sight on the first day.
const FIRST_DAY: usize = 3;
/// Sights on each later day of the first weeks.
const LATER_DAYS: i64 = 2;
/// An answer of the first day keeps this far from the day's ends: starting takes a moment, and so does looking.
const MARGIN: Span = Span::minutes(30);

/// What there is to see when a customer answers a closed case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Reopened, the agent who knows it is back on it.
    Returned,
    /// Reopened into the queue: that agent has left.
    Away,
    /// Reopened into the queue: that agent is full.
    Full,
    /// Too late: a new case, linked to the old one.
    FollowUp,
}

const SIGHTS: [Sight; 4] = [Sight::Returned, Sight::Away, Sight::Full, Sight::FollowUp];

/// A conversation on its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    pub conversation: usize,
    pub start: Timestamp,
}

/// Everything that can play, with the sight each conversation is for.
pub struct Calendar {
    present: Timestamp,
    /// The time of day and the length until the answer are all the days need to know.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    first: Timestamp,
    sight: Option<Sight>,
    answer_after: Span,
}

impl Calendar {
    /// `order` is drawn from the conversations themselves, so that brands mix.
    pub fn new(present: Timestamp, conversations: &[Conversation], stories: &[Story]) -> Calendar {
        let mut counts = [0; 3];
        let parts = conversations.iter().zip(stories).map(|(conversation, story)| {
            let sight = story.answer.map(|answer| match answer.reopens {
                false => Sight::FollowUp,
                true => reopening(&mut counts, team::queue_of(&conversation.brand).is_manual()),
            });
            let answer_after = story.answer.map_or(Span::ZERO, |answer| answer.after);
            Part { first: conversation.messages[0].at, sight, answer_after }
        });
        Calendar { present, parts: parts.collect() }
    }

    pub fn sight(&self, conversation: usize) -> Option<Sight> {
        self.parts[conversation].sight
    }

    /// Who knows the case of a conversation, by what there is to see.
    pub fn owner(&self, conversation: usize) -> Who {
        let part = &self.parts[conversation];
        // Whole days are all that a conversation moves: the hour of its answer is known.
        let answered = part.first.plus(part.answer_after);
        match part.sight {
            Some(Sight::Away) => team::left(answered),
            Some(Sight::Full) => team::small(answered),
            Some(Sight::Returned | Sight::FollowUp) | None => team::on_duty(answered),
        }
    }

    /// The first step of lap `lap`: the first begins in the past.
    pub fn begins(&self, lap: u32) -> Timestamp {
        let laps = Span::from_micros(LAP.as_micros() * i64::from(lap));
        self.present.minus(PAST).plus(laps)
    }

    /// When each conversation of a lap starts.
    pub fn cues(&self, lap: u32, conversations: &[Conversation]) -> Vec<Cue> {
        let mut order: Vec<usize> = (0..self.parts.len()).collect();
        order.sort_by_key(|index| conversations[*index].draw("order", 1 << 32));
        let (sights, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|i| self.sight(*i).is_some());
        let mut cues = self.spread(lap, &others);
        cues.extend(if lap == 0 { self.shown(&sights) } else { self.spread(lap, &sights) });
        cues
    }

    /// Evenly over the days of a lap.
    fn spread(&self, lap: u32, conversations: &[usize]) -> Vec<Cue> {
        let begins = self.begins(lap);
        let cue = |(place, index): (usize, &usize)| {
            let day = place as i64 * LAP_DAYS / conversations.len() as i64;
            Cue { conversation: *index, start: on_day(begins, day, self.parts[*index].first) }
        };
        conversations.iter().enumerate().map(cue).collect()
    }

    /// The first lap's sights: some of each on the first day to come, a few on each of the days after it, and what is
    /// left in the past.
    fn shown(&self, sights: &[usize]) -> Vec<Cue> {
        let of = |sight: Sight| sights.iter().copied().filter(move |i| self.sight(*i) == Some(sight));
        let mut cues = Vec::new();
        let mut later: Vec<Vec<usize>> = Vec::new();
        for sight in SIGHTS {
            let mut rest = Vec::new();
            let mut first = 0;
            for index in of(sight) {
                match self.answered_on(index, 0) {
                    Some(cue) if first < FIRST_DAY && self.is_well_inside(&cue) => {
                        first += 1;
                        cues.push(cue);
                    }
                    _ => rest.push(index),
                }
            }
            later.push(rest);
        }
        for (place, index) in in_turns(&later).into_iter().enumerate() {
            let day = 1 + place as i64 / LATER_DAYS;
            let day = if day < LAP_DAYS - PAST_DAYS { day } else { LAP_DAYS - PAST_DAYS - 1 - day };
            // What began too long ago for that day plays as soon as it can.
            cues.extend((day..LAP_DAYS).find_map(|day| self.answered_on(index, day)));
        }
        cues
    }

    /// So that the answer falls on the given day, counted from the present, unless it would begin before everything.
    fn answered_on(&self, index: usize, day: i64) -> Option<Cue> {
        let part = &self.parts[index];
        let answered = on_day(self.present, day, part.first.plus(part.answer_after));
        let start = answered.minus(part.answer_after);
        (start >= self.begins(0)).then_some(Cue { conversation: index, start })
    }

    fn is_well_inside(&self, cue: &Cue) -> bool {
        let into = cue.start.plus(self.parts[cue.conversation].answer_after).since(self.present);
        (MARGIN..Span::days(1)).contains(&into) && into.as_micros() + MARGIN.as_micros() < Span::days(1).as_micros()
    }
}

/// The sight of a reopening that there is least of. Only where nobody is assigned automatically can one see the queue
/// keep a case, so elsewhere agents come back.
fn reopening(counts: &mut [usize; 3], manual: bool) -> Sight {
    let least = (0..3).min_by_key(|place| (counts[*place], std::cmp::Reverse(*place))).unwrap_or(0);
    let place = if manual { least } else { 0 };
    counts[place] += 1;
    SIGHTS[place]
}

/// The moment of day `day` after `from` that has the time of day of `like`.
fn on_day(from: Timestamp, day: i64, like: Timestamp) -> Timestamp {
    let whole = Span::days(1).as_micros();
    let (of_like, of_from) = (team::time_of_day(like).as_micros(), team::time_of_day(from).as_micros());
    Timestamp::from_micros(from.as_micros() + day * whole + (of_like - of_from).rem_euclid(whole))
}

/// One of each in turn, as long as there are any.
fn in_turns(lists: &[Vec<usize>]) -> Vec<usize> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|place| lists.iter().filter_map(move |list| list.get(place).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{material, rules, story};
    use super::*;

    fn parts() -> (Vec<Conversation>, Vec<Story>) {
        let conversations = material::conversations().expect("the data can be read");
        let stories = conversations.iter().map(|c| story::tell(c, rules(&c.brand))).collect();
        (conversations, stories)
    }

    #[test]
    fn whenever_it_starts_every_sight_is_there_on_the_first_day_and_later() {
        let (conversations, stories) = parts();
        for quarter in 0..96 {
            let present = Timestamp::from_millis(1_800_000_000_000).plus(Span::minutes(15 * quarter));
            let calendar = Calendar::new(present, &conversations, &stories);
            let mut days: Vec<(Sight, i64)> = Vec::new();
            for cue in calendar.cues(0, &conversations) {
                let Some(sight) = calendar.sight(cue.conversation) else { continue };
                let at = cue.start.plus(calendar.parts[cue.conversation].answer_after);
                days.push((sight, (at.as_micros() - present.as_micros()).div_euclid(Span::days(1).as_micros())));
            }
            for sight in SIGHTS {
                let on = |wanted: std::ops::Range<i64>| {
                    days.iter().filter(move |(s, day)| *s == sight && wanted.contains(day))
                };
                assert!(on(0..1).count() >= FIRST_DAY - 1, "{sight:?} on the first day from {present}: {days:?}");
                assert!(on(1..LAP_DAYS).count() >= 2, "{sight:?} later, from {present}: {days:?}");
            }
        }
    }

    #[test]
    fn every_lap_plays_every_conversation_once_at_its_own_time_of_day() {
        let (conversations, stories) = parts();
        let calendar = Calendar::new(Timestamp::from_millis(1_800_000_123_456), &conversations, &stories);
        for lap in [0, 1, 7] {
            let mut cues = calendar.cues(lap, &conversations);
            cues.sort_by_key(|cue| cue.conversation);
            assert_eq!(
                cues.iter().map(|cue| cue.conversation).collect::<Vec<_>>(),
                Vec::from_iter(0..conversations.len())
            );
            for cue in cues {
                let first = conversations[cue.conversation].messages[0].at;
                assert_eq!(team::time_of_day(cue.start), team::time_of_day(first));
                assert!(cue.start >= calendar.begins(lap), "{} before {}", cue.start, calendar.begins(lap));
                let end = calendar.begins(lap + 1).plus(Span::days(1));
                assert!(cue.start < end, "{} after {end}", cue.start);
            }
        }
    }
}
