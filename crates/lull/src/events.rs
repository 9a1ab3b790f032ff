//! What happens at the desk, told to whoever listens at this node.
//!
//! One poller reads the outbox by cursor, whichever node wrote there, and hands what it finds to a room for each
//! workspace that somebody listens to. A room holds little: a listener who falls behind reads from the database by a
//! cursor of its own, so nothing is lost and nobody is waited for. While nobody listens nothing is read.

mod listener;
#[cfg(test)]
mod tests;
mod wire;

pub use listener::{Listener, Style, Who};
pub use wire::EventBody;

use crate::clock;
use crate::desk::Desk;
use domain::id::{EventId, WorkspaceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::outbox::{self, Cursor, Event};
use store::{BoxFuture, Command, Fault, Tx};
use tokio::sync::{broadcast, watch};
use wire::Told;

/// Between two looks at the outbox: half of this passes, on average, before a page hears of something.
const EVERY: Duration = Duration::from_millis(150);
/// Events read at once.
const BATCH: i64 = 500;
/// Batches of one look; the rest has time until the next one.
const BATCHES: usize = 64;
/// Batches that wait in a room for those who are slow.
const WAITING: usize = 64;
/// Listeners of one workspace at a node.
const PER_WORKSPACE: usize = 2_000;
/// Listeners at a node. Each is a connection, so this is also bounded by half of the files the process may have open.
const PER_NODE: usize = 10_000;
/// The same where the system does not say how many files there may be.
const PER_NODE_UNKNOWN: usize = 500;

/// The node's listeners and how far it has read for them.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    /// Turns true when the process is to end: open streams must not hold it up.
    closing: watch::Sender<bool>,
    most: usize,
}

#[derive(Debug, Default)]
struct State {
    /// There while the poller runs.
    at: Option<Cursor>,
    rooms: HashMap<WorkspaceId, broadcast::Sender<News>>,
    /// Whether the database's order was looked after since this process began.
    checked: bool,
}

/// What a room is told.
#[derive(Debug, Clone)]
enum News {
    Told(Arc<[Told]>),
    /// Events were forgotten before the node had read them; a listener may have come further by itself, or must begin anew.
    Gap,
}

/// Why nobody more can listen now.
#[derive(Debug)]
pub enum Refused {
    /// The workspace has as many listeners at this node as it may.
    Workspace,
    /// The node has, or it is about to end.
    Node,
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Fault(fault)
    }
}

impl Default for Hub {
    fn default() -> Self {
        Hub { state: Mutex::default(), closing: watch::Sender::new(false), most: listeners_at_most() }
    }
}

impl Hub {
    /// Ends every stream, and lets nobody in any more.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far was read for everybody; at the start while nobody listens.
    fn at(&self) -> Cursor {
        self.lock().at.unwrap_or(Cursor::START)
    }

    /// A seat in the workspace's room. What comes after [`Hub::at`] of this moment arrives there.
    fn enter(&self, ws: WorkspaceId) -> Result<broadcast::Receiver<News>, Refused> {
        let mut state = self.lock();
        if *self.closing.borrow() || state.listeners() >= self.most {
            return Err(Refused::Node);
        }
        let room = state.rooms.entry(ws).or_insert_with(|| broadcast::Sender::new(WAITING));
        if room.receiver_count() >= PER_WORKSPACE {
            return Err(Refused::Workspace);
        }
        Ok(room.subscribe())
    }

    /// Empties rooms nobody is in; answers whether nobody is left, and the poller can go.
    fn rests(&self) -> bool {
        let mut state = self.lock();
        state.rooms.retain(|_, room| room.receiver_count() > 0);
        metrics::gauge!("lull_event_listeners").set(state.listeners() as f64);
        if state.rooms.is_empty() {
            state.at = None;
        }
        state.at.is_none() || *self.closing.borrow()
    }

    /// Tells each room what is for it.
    fn tell(&self, events: &[Event]) {
        let Some(last) = events.last() else { return };
        let mut state = self.lock();
        let mut told: HashMap<WorkspaceId, Vec<Told>> = HashMap::new();
        for event in events.iter().filter(|event| state.rooms.contains_key(&event.workspace)) {
            told.entry(event.workspace).or_default().push(Told::of(event));
        }
        for (ws, told) in told {
            // A room that emptied this moment has nobody to tell.
            let _ = state.rooms.get(&ws).map(|room| room.send(News::Told(told.into())));
        }
        state.at = state.at.max(Some(last.cursor));
    }

    /// Goes on from here, having missed what came before.
    fn leap(&self, to: Cursor) {
        let mut state = self.lock();
        state.at = Some(to);
        state.rooms.values().for_each(|room| drop(room.send(News::Gap)));
    }
}

impl State {
    fn listeners(&self) -> usize {
        self.rooms.values().map(broadcast::Sender::receiver_count).sum()
    }
}

/// Listens to a workspace from this moment on, or from after the event that was heard last.
pub async fn listen(desk: &Desk, who: Who, style: Style, after: Option<EventId>) -> Result<Option<Listener>, Refused> {
    let Some(bearer) = who.bearer(desk).await? else { return Ok(None) };
    let seat = desk.events.enter(bearer.workspace)?;
    wake(desk).await?;
    let found = match after {
        Some(event) => read(desk, move |tx| Box::pin(async move { outbox::find(tx, event).await })).await?,
        None => None,
    };
    let newest = read(desk, |tx| Box::pin(async move { outbox::newest(tx).await })).await?;
    let listener = Listener::new(desk, seat, who, style, &bearer);
    let reached = desk.events.at();
    Ok(Some(match found {
        Some(cursor) => listener.from(cursor, reached),
        None if after.is_some() => listener.anew(newest.max(reached)),
        None => listener.now(newest.max(reached)),
    }))
}

/// Starts the poller if it does not run. Somebody must have a seat, or it stops at once.
async fn wake(desk: &Desk) -> Result<(), Fault> {
    let checked = {
        let state = desk.events.lock();
        if state.at.is_some() {
            return Ok(());
        }
        state.checked
    };
    if !checked && desk.db.is_shared() {
        desk.db.write(DisownRestored).await?;
    }
    let newest = read(desk, |tx| Box::pin(async move { outbox::newest(tx).await })).await?;
    let mut state = desk.events.lock();
    state.checked = true;
    if state.at.is_none() {
        state.at = Some(newest);
        tokio::spawn(poll(desk.clone()));
    }
    Ok(())
}

/// Reads what is little, without waking a thread where the database is at hand.
async fn read<T, F>(desk: &Desk, query: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, Fault>> + Send + 'static,
{
    if desk.db.is_shared() { desk.db.read(query).await } else { desk.db.glance(query).await }
}

/// Should the poller panic, listeners hear that nothing more comes, and come again.
struct Panicked<'a>(&'a Hub);

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.lock();
            state.at = None;
            state.rooms.clear();
        }
    }
}

async fn poll(desk: Desk) {
    let _panicked = Panicked(&desk.events);
    let mut beat = clock::beat(EVERY);
    let mut troubled = false;
    loop {
        beat.tick().await;
        if desk.events.rests() {
            return;
        }
        let outcome = look(&desk).await;
        if let Err(fault) = &outcome
            && !troubled
        {
            tracing::warn!(%fault, "events cannot be read; it is tried again all the time");
        }
        troubled = outcome.is_err();
    }
}

/// One look at what is new.
async fn look(desk: &Desk) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        let at = desk.events.at();
        let found = read(desk, move |tx| Box::pin(async move { outbox::after(tx, at, BATCH).await })).await?;
        let Some(events) = found else {
            let newest = read(desk, |tx| Box::pin(async move { outbox::newest(tx).await })).await?;
            desk.events.leap(newest);
            continue;
        };
        if concern_rights(&events) {
            // Another process may have changed them.
            desk.rights_changed();
        }
        desk.events.tell(&events);
        if events.len() < BATCH as usize {
            break;
        }
    }
    Ok(())
}

/// What is not about a case is about members, tokens, settings: it may end somebody's right to listen.
fn concern_rights(events: &[Event]) -> bool {
    events.iter().any(|event| event.case_number.is_none())
}

struct DisownRestored;

impl Command for DisownRestored {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let disowned = outbox::disown_restored(tx).await?;
        if disowned > 0 {
            tracing::info!(events = disowned, "this database was restored from a dump: listeners begin anew");
        }
        Ok(())
    }
}

/// Half of the files that this process may have open; the other half is for everything else.
fn listeners_at_most() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = files.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    soft.map_or(PER_NODE_UNKNOWN, |files| files / 2).min(PER_NODE)
}
