//! The hub on a database of its own: who is slow, who comes back late, who is one too many.

use super::listener::Said;
use super::*;
use crate::acts::sign_in::{SESSION, SignIn};
use crate::acts::workspaces::CreateOwner;
use crate::clock::TestClock;
use crate::engine::Engine;
use domain::time::Span;
use metrics_exporter_prometheus::PrometheusBuilder;
use store::{Db, Settings};

const ANN: &str = "ann@one.test";

/// A desk with one workspace whose owner is signed in. The file lives as long as this does.
struct Place {
    desk: Desk,
    ws: WorkspaceId,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(TestClock::starting_now());
        let url = store::DatabaseUrl::Sqlite(folder.path().join("lull.db"));
        let db = Db::open(&url, &Settings { durable: false, ..Settings::default() }, clock.clone()).await;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let engine = Engine::new(Duration::from_secs(1));
        let desk = Desk::new(db.expect("a new database opens"), Some(clock.clone()), engine, metrics, None);
        let (workspace, name, email) = ("One".to_owned(), "Ann".to_owned(), ANN.to_owned());
        let owner = CreateOwner { workspace, plan: None, name, email, password_hash: "none".to_owned() };
        let ws = desk.db.write(owner).await.expect("stored").expect("accepted").workspace;
        let session_hash = crate::random::hash(ANN);
        let act = SignIn { email: ANN.to_owned(), session_hash, lasts: SESSION, address: None };
        desk.db.write(act).await.expect("stored").expect("accepted");
        Place { desk, ws, clock, _folder: folder }
    }

    /// Somebody new, who was told that it begins.
    async fn listener(&self, after: Option<EventId>) -> (Listener, String) {
        self.listener_of(Style::Named, after).await
    }

    async fn listener_of(&self, style: Style, after: Option<EventId>) -> (Listener, String) {
        let who = Who::Session(ANN.to_owned());
        let mut listener = listen(&self.desk, who, style, after).await.expect("a place").expect("a right");
        let opening = listener.next().await.expect("an opening");
        (listener, opening)
    }

    /// Something happens to the case of this number.
    async fn happens(&self, ws: WorkspaceId, case: i64) {
        self.desk.db.write(Happens(ws, case)).await.expect("stored");
    }

    async fn newest(&self) -> Cursor {
        read(&self.desk, |tx| Box::pin(async move { outbox::newest(tx).await })).await.expect("read")
    }
}

struct Happens(WorkspaceId, i64);

impl Command for Happens {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        outbox::insert(tx, self.0, "case.updated", Some(self.1), "{}").await
    }
}

/// Forgets all but the newest.
struct Forget;

impl Command for Forget {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        outbox::prune(tx, tx.now()).await
    }
}

/// Numbers of the cases told of.
fn cases(words: &str) -> Vec<i64> {
    let numbers = words.split("\"case_number\":").skip(1).map(|rest| rest.split(',').next().unwrap_or_default());
    numbers.map(|number| number.parse().expect("a number")).collect()
}

async fn hear(listener: &mut Listener, count: usize) -> Vec<i64> {
    let mut heard = Vec::new();
    while heard.len() < count {
        heard.extend(cases(&listener.next().await.expect("more")));
    }
    heard
}

#[tokio::test]
async fn who_falls_behind_reads_by_themselves_and_hears_everything_once() {
    let place = Place::new().await;
    let (mut slow, _) = place.listener(None).await;
    let many = WAITING as i64 * 2;
    for n in 0..many {
        place.happens(place.ws, n).await;
        look(&place.desk).await.expect("a look");
    }
    assert_eq!(hear(&mut slow, many as usize).await, (0..many).collect::<Vec<_>>());
    place.happens(place.ws, many).await;
    assert_eq!(hear(&mut slow, 1).await, [many], "and goes on like everybody");
}

struct Comes(WorkspaceId, i64);

impl Command for Comes {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        outbox::insert(tx, self.0, crate::acts::attend::EVENT, Some(self.1), "{}").await
    }
}

#[tokio::test]
async fn who_looks_at_a_case_moves_pages_and_programs_hear_nothing_of_it() {
    let place = Place::new().await;
    let (mut page, _) = place.listener_of(Style::Plain, None).await;
    let (mut program, _) = place.listener(None).await;
    place.desk.db.write(Comes(place.ws, 7)).await.expect("stored");
    place.happens(place.ws, 8).await;
    look(&place.desk).await.expect("a look");
    assert_eq!(hear(&mut page, 2).await, [7, 8]);
    assert_eq!(hear(&mut program, 1).await, [8]);
}

#[tokio::test]
async fn who_comes_back_hears_what_came_meanwhile_in_more_than_one_batch() {
    let place = Place::new().await;
    let known = place.newest().await.event();
    let many = BATCH + 7;
    for n in 0..many {
        place.happens(place.ws, n).await;
        place.happens(WorkspaceId(1), n).await;
    }
    let (mut back, opening) = place.listener(known).await;
    assert_eq!(opening, "retry: 1000\n\n");
    assert_eq!(hear(&mut back, many as usize).await, (0..many).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_happens_elsewhere_is_not_told_but_moves_the_listener_on() {
    let place = Place::new().await;
    let (mut listener, opening) = place.listener(None).await;
    let start = place.newest().await.event().expect("an event");
    assert_eq!(opening, format!("retry: 1000\n\n: all quiet\nid: {start}\n\n"));
    place.happens(WorkspaceId(1), 1).await;
    place.happens(place.ws, 2).await;
    let told = listener.next().await.expect("an event");
    assert_eq!(cases(&told), [2]);
    place.happens(WorkspaceId(1), 3).await;
    look(&place.desk).await.expect("a look");
    let newest = place.newest().await.event().expect("an event");
    let beat = format!(": all quiet\nid: {newest}\n\n");
    assert_eq!(listener.heartbeat().await, Said::Words(beat));
}

#[tokio::test]
async fn who_missed_what_was_forgotten_is_told_to_begin_anew() {
    let place = Place::new().await;
    let known = place.newest().await;
    // The node looks only when it is told to here: its poller might be quicker than what forgets.
    place.desk.events.lock().at = Some(known);
    let (mut listener, _) = place.listener(None).await;
    // The desk's clock jumps: what was just written is old already.
    place.happens(place.ws, 1).await;
    place.clock.move_by(Span::days(8));
    place.happens(place.ws, 2).await;
    place.desk.db.write(Forget).await.expect("stored");
    look(&place.desk).await.expect("a look");
    let newest = place.newest().await.event().expect("an event");
    let told = listener.next().await.expect("words");
    assert!(told.contains(&format!("event: reset\nid: {newest}\ndata: {{\"event\":\"reset\"")), "{told}");
    let (_, opening) = place.listener(known.event()).await;
    assert!(opening.starts_with("retry: 1000\n\nevent: reset\n"), "{opening}");
    place.happens(place.ws, 3).await;
    look(&place.desk).await.expect("a look");
    assert_eq!(hear(&mut listener, 1).await, [3]);
}

#[tokio::test]
async fn a_workspace_has_so_many_listeners_and_the_place_of_who_leaves_is_free() {
    let place = Place::new().await;
    let hub = Hub { most: usize::MAX, ..Hub::default() };
    let mut seats: Vec<_> = (0..PER_WORKSPACE).map(|_| hub.enter(place.ws).expect("a seat")).collect();
    assert!(matches!(hub.enter(place.ws), Err(Refused::Workspace)));
    assert!(hub.enter(WorkspaceId(1)).is_ok(), "another workspace has its own");
    drop(seats.pop());
    assert!(hub.enter(place.ws).is_ok());
    let small = Hub { most: 2, ..Hub::default() };
    let _two = [small.enter(place.ws), small.enter(WorkspaceId(1))];
    assert!(matches!(small.enter(WorkspaceId(2)), Err(Refused::Node)));
    assert!((1..=PER_NODE).contains(&Hub::default().most));
}

#[tokio::test]
async fn while_nobody_listens_nothing_is_read() {
    let place = Place::new().await;
    let (listener, _) = place.listener(None).await;
    assert!(!place.desk.events.rests());
    drop(listener);
    assert!(place.desk.events.rests());
    assert_eq!(place.desk.events.at(), Cursor::START);
    // And is read again for the next one.
    let (mut next, _) = place.listener(None).await;
    place.happens(place.ws, 1).await;
    assert_eq!(hear(&mut next, 1).await, [1]);
}

#[tokio::test]
async fn a_desk_that_closes_ends_its_streams_and_opens_none() {
    let place = Place::new().await;
    let (mut listener, _) = place.listener(None).await;
    place.desk.events.close();
    assert_eq!(listener.next().await, None);
    assert!(matches!(place.desk.events.enter(place.ws), Err(Refused::Node)));
}

#[tokio::test]
async fn should_the_poller_panic_its_listeners_come_again() {
    let place = Place::new().await;
    let (mut listener, _) = place.listener(None).await;
    let desk = place.desk.clone();
    let ended = tokio::spawn(async move {
        let _panicked = Panicked(&desk.events);
        panic!("as a defect would");
    });
    assert!(ended.await.is_err());
    assert_eq!(listener.next().await, None);
}
