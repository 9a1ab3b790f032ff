//! The conversation of a case: messages, notes and what happened in between, put into one order.

use super::super::folded::Folded;
use super::super::thread::{self, Direction, Entry, Event, EventKind, Events, Message, Note, Thread};
use super::case::{Facts, Wanted};
use super::feed::Telling;
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::mention;
use domain::message::{self, Delivery};
use domain::time::Timestamp;
use store::feed::FeedEntry;
use store::messages;

/// A conversation about to be shown.
pub struct Talk<'a> {
    facts: &'a Facts,
    telling: Telling<'a>,
}

/// Where an entry stands: by time, then the opening of the case before all else of that moment, then by id, which
/// rises with time.
type Place = (Timestamp, u8, i64);

impl<'a> Talk<'a> {
    pub fn of(facts: &'a Facts) -> Self {
        Talk { facts, telling: Telling::of(facts) }
    }

    pub fn thread(&self, refresh_seconds: u32, works: bool) -> Thread {
        let facts = self.facts;
        let (case, wanted) = (facts.case(), facts.wanted);
        let path = format!("/cases/{}", case.number);
        let other = |events: Events| {
            let events = if wanted.events == events { Events::Among } else { events };
            Wanted { events, ..wanted }.under(&path)
        };
        Thread {
            refresh_url: wanted.under(&format!("{path}/thread")),
            refresh_seconds,
            entries: self.entries(),
            latest: facts.messages.last().map(|message| message.id.to_string()).unwrap_or_default(),
            earlier_url: (facts.earlier && !wanted.is_most()).then(|| wanted.more().under(&path)),
            events: wanted.events,
            // From a list of their own the events come back among the messages, too.
            fold_url: other(if wanted.events == Events::Apart { Events::Apart } else { Events::Folded }),
            apart_url: other(Events::Apart),
            can_reopen: works,
            number: case.number.unsigned_abs(),
            version: case.version,
        }
    }

    fn entries(&self) -> Vec<Entry> {
        let facts = self.facts;
        // What happened before the first message shown belongs to the earlier part.
        let start = facts.messages.first().filter(|_| facts.earlier).map(|message| message.received_at);
        let mut placed: Vec<(Place, Entry)> = Vec::new();
        placed.extend(facts.messages.iter().map(|m| ((m.received_at, 1, m.id.0), Entry::Message(self.message(m)))));
        placed.extend(facts.notes.iter().map(|note| ((note.at, 1, note.id.0), Entry::Note(self.note(note)))));
        let standing = self.standing_close();
        for entry in facts.feed.iter().filter(|entry| !self.is_told(entry)) {
            let rank = u8::from(entry.event != FeedEvent::CaseCreated);
            let event = self.event(entry, standing);
            placed.extend(event.map(|event| ((entry.at, rank, entry.id.0), Entry::Event(event))));
        }
        placed.retain(|((at, ..), _)| start.is_none_or(|start| *at >= start));
        placed.sort_by_key(|(place, _)| *place);
        self.with_days(placed)
    }

    fn with_days(&self, placed: Vec<(Place, Entry)>) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(placed.len() + 8);
        let mut current = String::new();
        for ((at, ..), entry) in placed {
            let day = self.facts.moments.day(at);
            if day != current {
                entries.push(Entry::Day(day.clone()));
                current = day;
            }
            entries.push(entry);
        }
        entries
    }

    fn message(&self, message: &messages::Message) -> Message {
        Message {
            id: message.id.to_string(),
            direction: match message.direction {
                message::Direction::Inbound => Direction::Inbound,
                message::Direction::Outbound => Direction::Outbound,
            },
            author: self.author(message),
            at: self.facts.moments.at(message.received_at),
            automatic: message.automatic,
            text: Folded::of(&message.text),
            delivery: match message.delivery {
                Delivery::Received | Delivery::Recorded => None,
                Delivery::Queued => Some(thread::Delivery::Queued),
                Delivery::Sent => Some(thread::Delivery::Sent),
                Delivery::Failed => Some(thread::Delivery::Failed),
            },
        }
    }

    /// Who wrote a message, by name.
    pub fn author(&self, message: &messages::Message) -> String {
        match (message.direction, message.author) {
            (message::Direction::Inbound, _) => self.facts.customer(),
            (message::Direction::Outbound, Some(agent)) => self.facts.names.agent(agent).to_owned(),
            (message::Direction::Outbound, None) => "Us".to_owned(),
        }
    }

    fn note(&self, note: &messages::Comment) -> Note {
        let author = note.author.map_or("a program", |agent| self.facts.names.agent(agent));
        Note {
            id: note.id.to_string(),
            author: author.to_owned(),
            at: self.facts.moments.at(note.at),
            text: Folded::with_mentions(&note.text, &self.mentions(note)),
        }
    }

    /// Where a note names those it mentions, by the names they have now.
    fn mentions(&self, note: &messages::Comment) -> Vec<(usize, usize)> {
        let named = self.facts.members.iter().filter(|member| note.mentions.contains(&member.id));
        let places = mention::places(&note.text, named.map(|member| (member.id, member.name.as_str())));
        places.into_iter().map(|(from, to, _)| (from, to)).collect()
    }

    /// What happened, newest first, for a list of its own.
    pub fn activity(&self) -> Vec<Event> {
        let told = self.facts.feed.iter().rev().filter(|entry| !self.is_told(entry));
        told.filter_map(|entry| self.event(entry, None)).collect()
    }

    fn event(&self, entry: &FeedEntry, standing: Option<i64>) -> Option<Event> {
        let kind = match entry.event {
            FeedEvent::CaseClosed | FeedEvent::CaseAutoClosed => EventKind::Closed,
            FeedEvent::CaseReopened | FeedEvent::CaseAutoReopened => EventKind::Reopened,
            _ => EventKind::Quiet,
        };
        Some(Event {
            id: entry.id.to_string(),
            kind,
            at: self.facts.moments.at(entry.at),
            text: self.telling.sentence(entry)?,
            detail: self.telling.detail(entry),
            offers_reopen: standing == Some(entry.id.0),
        })
    }

    /// Whom an automatic reopening gave the case to stands in its own sentence.
    fn is_told(&self, entry: &FeedEntry) -> bool {
        let gives = matches!(entry.event, FeedEvent::Assigned | FeedEvent::Unassigned) && entry.actor == Actor::Engine;
        let reopened = |e: &FeedEntry| e.event == FeedEvent::CaseAutoReopened && e.at == entry.at;
        gives && self.facts.feed.iter().any(reopened)
    }

    /// The closing that still stands.
    fn standing_close(&self) -> Option<i64> {
        let is_close = |e: &&FeedEntry| matches!(e.event, FeedEvent::CaseClosed | FeedEvent::CaseAutoClosed);
        let last = self.facts.feed.iter().rev().find(is_close)?;
        self.facts.case().status.is_closed().then_some(last.id.0)
    }

    /// What the clock of the case counts from: `Message from Ada`.
    pub fn last_activity(&self) -> String {
        let at = self.facts.case().last_activity_at;
        let newest_first = self.facts.feed.iter().rev().filter(|entry| entry.at == at);
        newest_first.clone().find_map(|entry| self.telling.activity(entry)).unwrap_or_else(|| "Case opened".to_owned())
    }
}
