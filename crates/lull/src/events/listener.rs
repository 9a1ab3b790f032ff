//! One listener: what it is told and when, where it is, and whether it may still listen.

use super::wire::{self, Told};
use super::{BATCH, EVERY, News, concern_rights, read};
use crate::clock;
use crate::desk::Desk;
use domain::id::WorkspaceId;
use domain::permission::Role;
use std::time::Duration;
use store::Fault;
use store::auth::Bearer;
use store::outbox::{self, Cursor};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Interval;

/// A sign of life this often: what stands between does not take the stream for dead, and rights that ran out are seen.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Whose right it is to listen; asked again whenever it may have gone.
#[derive(Debug)]
pub enum Who {
    Token(String),
    Session(String),
}

impl Who {
    pub async fn bearer(&self, desk: &Desk) -> Result<Option<Bearer>, Fault> {
        match self {
            Who::Token(secret) => desk.bearer_of_token(secret).await,
            Who::Session(secret) => desk.bearer_of_session(secret).await,
        }
    }
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Each under its own name: a program picks those it wants.
    Named,
    /// All under one: a page decides by what they say.
    Plain,
}

pub struct Listener {
    desk: Desk,
    seat: Receiver<News>,
    closing: watch::Receiver<bool>,
    who: Who,
    workspace: WorkspaceId,
    role: Role,
    style: Style,
    /// Everything up to here was told.
    at: Cursor,
    /// Up to here it must read by itself: the room does not have it any more.
    behind: Option<Cursor>,
    /// What is said before anything else.
    first: String,
    beat: Interval,
}

impl Listener {
    pub(super) fn new(desk: &Desk, seat: Receiver<News>, who: Who, style: Style, bearer: &Bearer) -> Listener {
        let mut beat = clock::beat(HEARTBEAT);
        beat.reset();
        Listener {
            desk: desk.clone(),
            seat,
            closing: desk.events.closing.subscribe(),
            who,
            workspace: bearer.workspace,
            role: bearer.role,
            style,
            at: Cursor::START,
            behind: None,
            first: wire::opening(),
            beat,
        }
    }

    /// From this moment on, which it is told the name of: a stream that breaks before its first event misses nothing.
    pub(super) fn now(mut self, at: Cursor) -> Listener {
        self.at = at;
        self.first.push_str(&wire::heartbeat(at));
        self
    }

    /// From after an event it has; the room has what comes after `reached`.
    pub(super) fn from(mut self, at: Cursor, reached: Cursor) -> Listener {
        (self.at, self.behind) = (at, Some(reached));
        self
    }

    /// From this moment on, having missed what nobody can tell it any more.
    pub(super) fn anew(mut self, at: Cursor) -> Listener {
        let reset = self.reset(at);
        self.first.push_str(&reset);
        self
    }

    /// What is to be sent next; waits until there is something. `None` ends the stream.
    pub async fn next(&mut self) -> Option<String> {
        if !self.first.is_empty() {
            return Some(std::mem::take(&mut self.first));
        }
        loop {
            if *self.closing.borrow() {
                return None;
            }
            let said = match self.behind {
                Some(reached) => self.catch_up(reached).await,
                None => self.wait().await,
            };
            match said {
                Said::Words(words) if words.is_empty() => {}
                Said::Words(words) => return Some(words),
                Said::Goodbye => return None,
            }
        }
    }

    async fn wait(&mut self) -> Said {
        tokio::select! {
            biased;
            _ = self.closing.changed() => Said::Goodbye,
            _ = self.beat.tick() => self.heartbeat().await,
            news = self.seat.recv() => match news {
                Ok(News::Told(told)) => self.tell(&told).await,
                Ok(News::Gap) | Err(RecvError::Lagged(_)) => {
                    self.behind = Some(self.desk.events.at());
                    Said::Words(String::new())
                }
                Err(RecvError::Closed) => Said::Goodbye,
            },
        }
    }

    pub(super) async fn heartbeat(&mut self) -> Said {
        if !self.may_listen().await {
            return Said::Goodbye;
        }
        self.advance();
        Said::Words(wire::heartbeat(self.at))
    }

    /// Moves past what was for other workspaces, if nothing waits.
    fn advance(&mut self) {
        let state = self.desk.events.lock();
        if let Some(at) = state.at.filter(|_| self.seat.is_empty()) {
            self.at = self.at.max(at);
        }
    }

    /// Tells what is new and may be seen. A right that ended ends the stream before it hears what came after.
    async fn tell(&mut self, told: &[Told]) -> Said {
        if told.iter().any(|told| told.concerns_rights) && !self.may_listen().await {
            return Said::Goodbye;
        }
        let mut words = String::new();
        for told in told.iter().filter(|told| told.cursor > self.at && told.is_for(self.role, self.style)) {
            told.write(self.style == Style::Named, &mut words);
        }
        if let Some(last) = told.last() {
            self.at = self.at.max(last.cursor);
        }
        Said::Words(words)
    }

    /// Reads a batch from the database.
    async fn catch_up(&mut self, reached: Cursor) -> Said {
        let at = self.at;
        let found = read(&self.desk, move |tx| Box::pin(async move { outbox::after(tx, at, BATCH).await })).await;
        let Ok(found) = found else {
            // It comes again, by its cursor, when the database does.
            return Said::Goodbye;
        };
        let Some(events) = found else {
            let to = self.desk.events.at();
            return Said::Words(self.reset(to));
        };
        if events.len() < BATCH as usize {
            if events.last().map_or(at, |event| event.cursor) >= reached {
                self.behind = None;
            } else {
                // A transaction under way is seen from here, and was not where the node read: it ends soon.
                clock::pause(EVERY).await;
            }
        }
        let mine: Vec<_> = events.iter().filter(|event| event.workspace == self.workspace).cloned().collect();
        if concern_rights(&mine) {
            self.desk.rights_changed();
        }
        let said = self.tell(&mine.iter().map(Told::of).collect::<Vec<_>>()).await;
        if let Some(last) = events.last() {
            self.at = self.at.max(last.cursor);
        }
        said
    }

    fn reset(&mut self, to: Cursor) -> String {
        (self.at, self.behind) = (to, None);
        wire::reset(to, self.style == Style::Named, self.desk.db.now().to_string())
    }

    /// Asks again. While the database cannot be asked there is nothing to hear either.
    async fn may_listen(&mut self) -> bool {
        match self.who.bearer(&self.desk).await {
            Ok(Some(bearer)) if bearer.workspace == self.workspace => {
                self.role = bearer.role;
                true
            }
            Ok(_) => false,
            Err(_) => true,
        }
    }
}

/// What a listener has to say after it waited.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Perhaps nothing.
    Words(String),
    Goodbye,
}
