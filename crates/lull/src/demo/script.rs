//! What is still to happen, in order.
//!
//! It holds the steps of one lap and what is left of the one before; the next lap is written when it begins. So the
//! demo never dries up, and its memory does not grow.

use super::calendar::{Calendar, Cue, Sight};
use super::material::{Conversation, Said};
use super::opening::Cast;
use super::scenes::Kind;
use super::story::{Deed, Step, Story};
use super::{team, words};
use crate::acts::Caller;
use crate::acts::receive_message::{ReceiveMessage, Sender};
use domain::message::Direction;
use domain::time::Timestamp;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// Ten years of laps: an end, so that a jump of the clock by a century ends too.
const LAPS: u32 = 130;

/// Where a conversation is in its play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Playing {
    lap: u32,
    conversation: usize,
}

/// When, in which order among equals, and which step of what.
type Beat = (Timestamp, u64, Playing, usize);

pub struct Script {
    pub cast: Arc<Cast>,
    conversations: Vec<Conversation>,
    /// Of each conversation, with what its sight adds.
    steps: Vec<Vec<Step>>,
    calendar: Calendar,
    beats: BinaryHeap<Reverse<Beat>>,
    order: u64,
    /// The lap to be written next.
    lap: u32,
    hour: Timestamp,
    /// The hour before it.
    struck: Option<Timestamp>,
    /// The newest case of each conversation under way.
    numbers: HashMap<Playing, i64>,
}

impl Script {
    pub fn new(cast: Cast, conversations: Vec<Conversation>, stories: Vec<Story>, calendar: Calendar) -> Script {
        let steps = stories.into_iter().enumerate().map(|(place, story)| match calendar.sight(place) {
            Some(Sight::Full) => story.crowded(),
            _ => story.steps,
        });
        Script {
            cast: Arc::new(cast),
            steps: steps.collect(),
            conversations,
            beats: BinaryHeap::new(),
            order: 0,
            lap: 0,
            hour: calendar.begins(0),
            struck: None,
            numbers: HashMap::new(),
            calendar,
        }
    }

    /// The next moment at which something happens.
    pub fn next(&self) -> Timestamp {
        let lap = (self.lap < LAPS).then(|| self.calendar.begins(self.lap));
        let beat = self.beats.peek().map(|Reverse(beat)| beat.0);
        [lap, beat].into_iter().flatten().fold(self.hour, Timestamp::min)
    }

    /// What happens first among all that is due; `None` when nothing is. It stays due until [`Script::happened`].
    pub fn due(&mut self, now: Timestamp) -> Option<Kind> {
        if self.lap < LAPS && self.calendar.begins(self.lap) <= now {
            self.write_lap();
        }
        let next = self.next();
        if next > now {
            return None;
        }
        // Who is there by the new hour answers what comes at its stroke.
        if self.hour <= next {
            return Some(Kind::Hour { since: self.struck });
        }
        let Reverse((_, _, playing, step)) = *self.beats.peek()?;
        Some(self.kind(playing, step).unwrap_or(Kind::Nothing))
    }

    /// Strikes out what [`Script::due`] named; `case` is the one it led to.
    pub fn happened(&mut self, case: Option<i64>) {
        if self.hour <= self.next() {
            self.struck = Some(self.hour);
            self.hour = team::next_hour(self.hour);
            return;
        }
        let Some(Reverse((_, _, playing, step))) = self.beats.pop() else { return };
        if step + 1 == self.steps[playing.conversation].len() {
            self.numbers.remove(&playing);
        } else if let Some(number) = case {
            self.numbers.insert(playing, number);
        }
    }

    fn write_lap(&mut self) {
        for Cue { conversation, start } in self.calendar.cues(self.lap, &self.conversations) {
            let playing = Playing { lap: self.lap, conversation };
            for (place, step) in self.steps[conversation].iter().enumerate() {
                self.beats.push(Reverse((start.plus(step.after), self.order, playing, place)));
                self.order += 1;
            }
        }
        self.lap += 1;
    }

    /// `None`: it belongs to a case that never came to be.
    fn kind(&self, playing: Playing, step: usize) -> Option<Kind> {
        let conversation = &self.conversations[playing.conversation];
        let deed = self.steps[playing.conversation][step].deed;
        let owner = self.calendar.owner(playing.conversation);
        if let Deed::Say(index) = deed {
            let message = self.message(playing, &conversation.messages[index])?;
            if message.direction == Direction::Inbound {
                return Some(Kind::Ask(message));
            }
            let number = *self.numbers.get(&playing)?;
            let (claims, holds) = (words::claims(conversation), words::holds(conversation, index));
            return Some(Kind::Reply { number, message, claims, holds });
        }
        let number = *self.numbers.get(&playing)?;
        Some(match deed {
            Deed::Say(_) => return None,
            Deed::Take => Kind::Take { number, owner, sorted: words::sorted(conversation) },
            Deed::Note => Kind::Note { number, text: words::note(conversation) },
            Deed::Close => Kind::Close { number },
            Deed::Crowd => Kind::Crowd { who: owner, spared: self.spared() },
        })
    }

    /// Cases that must stay with those who know them.
    fn spared(&self) -> Vec<i64> {
        let known =
            |playing: &Playing| !matches!(self.calendar.sight(playing.conversation), None | Some(Sight::FollowUp));
        self.numbers.iter().filter(|(playing, _)| known(playing)).map(|(_, number)| *number).collect()
    }

    fn message(&self, playing: Playing, said: &Said) -> Option<ReceiveMessage> {
        let conversation = &self.conversations[playing.conversation];
        // Each lap is another conversation to the desk, or its messages would be duplicates of the first (R7).
        let of_lap = |key: &str| if playing.lap == 0 { key.to_owned() } else { format!("{key}-{}", playing.lap) };
        Some(ReceiveMessage {
            caller: Caller { actor: domain::closure::Actor::Api, ..Caller::engine(self.cast.workspace) },
            channel: self.cast.channel(&conversation.brand)?,
            external_id: of_lap(&said.external_id),
            direction: said.direction,
            customer: Sender {
                external_id: conversation.customer.clone(),
                name: None,
                handle: Some(format!("@{}", conversation.customer)),
                fallback_handle: None,
            },
            conversation: of_lap(&conversation.key),
            text: said.text.clone(),
            sent_at: None,
            automatic: false,
            author: None,
            history_at: None,
        })
    }
}
