//! A desk in a temporary file, and things that can happen to it, drawn by proptest.

use crate::support::desk::on_postgres;
use domain::case::Status;
use domain::id::{ChannelId, QueueId, WorkspaceId};
use domain::message::{Direction, Network};
use domain::permission::Plan;
use domain::policy::{Overrides, StatusSet, Threshold, Window};
use domain::routing::Assignment;
use domain::time::{Span, Timestamp};
use lull::acts::Caller;
use lull::acts::change_case::{ChangeCase, Changes};
use lull::acts::change_policy::ChangePolicy;
use lull::acts::channels::CreateChannel;
use lull::acts::comment::AddComment;
use lull::acts::queues::CreateQueue;
use lull::acts::receive_message::{ReceiveMessage, Sender};
use lull::acts::reply::Reply;
use lull::acts::workspaces::{ChangeWorkspace, CreateOwner};
use lull::clock::TestClock;
use lull::desk::Desk;
use lull::engine::Engine;
use lull::preview::Draft;
use metrics_exporter_prometheus::PrometheusBuilder;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use store::case_list::{self, Filter, Key, Sort};
use store::cases::Case;
use store::policies::WORKSPACE;
use store::{DatabaseUrl, Db, Settings};

/// Customers who may write, and so cases there may be.
pub const CUSTOMERS: u8 = 4;
pub const QUEUES: usize = 3;

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Event {
    Writes {
        customer: u8,
        automatic: bool,
    },
    Reply {
        case: u8,
    },
    Comment {
        case: u8,
    },
    Status {
        case: u8,
        status: Status,
    },
    Move {
        case: u8,
        queue: usize,
    },
    /// Keeps a case open for so many minutes; 0 ends that.
    Keep {
        case: u8,
        minutes: u16,
    },
    Policy {
        enabled: bool,
        threshold: Threshold,
        statuses: StatusSet,
    },
    Override {
        queue: usize,
        enabled: Option<bool>,
        threshold: Option<Threshold>,
        statuses: Option<StatusSet>,
    },
    Inherit {
        queue: usize,
    },
    Plan(Plan),
    /// Time passes; 0 keeps the very millisecond.
    Wait {
        minutes: u16,
    },
    Sweep,
}

// Few values, so that moments meet: what falls on the very edge is what goes wrong.
fn threshold() -> impl Strategy<Value = Threshold> {
    prop::sample::select(vec![60, 61, 120]).prop_map(|m| Threshold::from_minutes(m).expect("in range"))
}

fn statuses() -> impl Strategy<Value = StatusSet> {
    let open = [Status::Open, Status::InProgress, Status::OnHold];
    prop::sample::subsequence(open.to_vec(), 1..=3).prop_map(|s| StatusSet::new(s).expect("not empty"))
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL)
}

pub fn event() -> impl Strategy<Value = Event> {
    let case = 0..CUSTOMERS;
    let on = prop::bool::weighted(0.75);
    let own = prop_oneof![2 => Just(None), 3 => Just(Some(true)), 2 => Just(Some(false))];
    let plan = prop_oneof![4 => Just(Plan::Advanced), 1 => Just(Plan::Standard)];
    let minutes = prop::sample::select(vec![0u16, 1, 30, 59, 60, 61, 120]);
    prop_oneof![
        6 => (0..CUSTOMERS, prop::bool::weighted(0.1)).prop_map(|(customer, automatic)| Event::Writes { customer, automatic }),
        2 => case.clone().prop_map(|case| Event::Reply { case }),
        1 => case.clone().prop_map(|case| Event::Comment { case }),
        2 => (case.clone(), status()).prop_map(|(case, status)| Event::Status { case, status }),
        3 => (case.clone(), prop::sample::select(vec![0u16, 30, 60, 61, 150]))
            .prop_map(|(case, minutes)| Event::Keep { case, minutes }),
        4 => (case, 0..QUEUES).prop_map(|(case, queue)| Event::Move { case, queue }),
        3 => (on, threshold(), statuses())
            .prop_map(|(enabled, threshold, statuses)| Event::Policy { enabled, threshold, statuses }),
        4 => (0..QUEUES, own, prop::option::of(threshold()), prop::option::of(statuses())).prop_map(
            |(queue, enabled, threshold, statuses)| Event::Override { queue, enabled, threshold, statuses }
        ),
        1 => (0..QUEUES).prop_map(|queue| Event::Inherit { queue }),
        2 => plan.prop_map(Event::Plan),
        8 => minutes.prop_map(|minutes| Event::Wait { minutes }),
        6 => Just(Event::Sweep),
    ]
}

/// A desk with three queues and a channel, the clock standing still.
pub struct World {
    _place: (tempfile::TempDir, Option<scratch_postgres::Database>),
    pub desk: Desk,
    pub workspace: WorkspaceId,
    clock: Arc<TestClock>,
    queues: Vec<QueueId>,
    channel: ChannelId,
    messages: u64,
    /// Whether the last change of settings was accepted.
    taken: bool,
}

impl World {
    pub async fn new() -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock::starting_at(Timestamp::from_millis(1_800_000_000_000)));
        let postgres = on_postgres().then(scratch_postgres::Database::fresh);
        let url = match &postgres {
            Some(database) => DatabaseUrl::Postgres(database.url()),
            None => DatabaseUrl::Sqlite(folder.path().join("desk.db")),
        };
        let settings = Settings { readers: 1, connections: 4, ..Settings::default() };
        let db = Db::open(&url, &settings, clock.clone()).await.expect("a database");
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let desk = Desk::new(db, Some(clock.clone()), Engine::new(Duration::from_secs(1)), metrics, None);
        let owner = CreateOwner {
            workspace: "Desk".to_owned(),
            plan: None,
            name: "Owner".to_owned(),
            email: "owner@desk.test".to_owned(),
            password_hash: String::new(),
        };
        let workspace = desk.db.write(owner).await.expect("stored").expect("accepted").workspace;
        let caller = Caller::engine(workspace);
        let mut queues = Vec::new();
        for number in 0..QUEUES {
            let (caller, name) = (caller.clone(), format!("Queue {number}"));
            let act = CreateQueue { caller, name, assignment: Assignment::Manual, members: Vec::new() };
            queues.push(desk.db.write(act).await.expect("stored").expect("accepted").0.id);
        }
        let act = CreateChannel { caller, name: "Channel".to_owned(), network: Network::X, queue: Some(queues[0]) };
        let channel = desk.db.write(act).await.expect("stored").expect("accepted").id;
        World { _place: (folder, postgres), desk, workspace, clock, queues, channel, messages: 0, taken: false }
    }

    /// Every case there is, as stored.
    pub async fn cases(&self) -> Vec<Case> {
        let ws = self.workspace;
        let sort = Sort { key: Key::Number, descending: false };
        let read = self.desk.db.read(move |tx| {
            Box::pin(async move { Ok(case_list::page(tx, ws, &Filter::default(), sort, &[], None, 1_000).await?.rows) })
        });
        read.await.expect("read").into_iter().map(|row| row.case).collect()
    }

    /// What an event about settings would save.
    pub fn draft(&self, event: &Event) -> Option<Draft> {
        let (queue, settings) = match *event {
            Event::Policy { enabled, threshold, statuses } => {
                let settings = Overrides {
                    enabled: Some(enabled),
                    threshold: Some(threshold),
                    statuses: Some(statuses),
                    reopen_enabled: Some(true),
                    window: Some(Window::default()),
                    ..Overrides::default()
                };
                (WORKSPACE, Some(settings))
            }
            Event::Override { queue, enabled, threshold, statuses } => {
                (self.queues[queue], Some(Overrides { enabled, threshold, statuses, ..Overrides::default() }))
            }
            Event::Inherit { queue } => (self.queues[queue], None),
            _ => return None,
        };
        Some(Draft { queue, settings })
    }

    /// The same as [`World::happen`]; says whether the rules took the last change of settings.
    pub async fn change(&mut self, event: &Event) -> bool {
        self.taken = false;
        self.happen(event).await;
        self.taken
    }

    fn caller(&self) -> Caller {
        Caller::engine(self.workspace)
    }

    /// Lets an event happen. What the rules refuse (another status of no case, a policy under a low plan) does not.
    pub async fn happen(&mut self, event: &Event) {
        let (caller, db) = (self.caller(), self.desk.db.clone());
        let number = |case: u8| i64::from(case) + 1;
        let change =
            |number, changes| ChangeCase { caller: self.caller(), number, changes, if_version: None, quiet: false };
        match event.clone() {
            Event::Writes { customer, automatic } => {
                self.messages += 1;
                let act = ReceiveMessage {
                    caller,
                    channel: self.channel,
                    external_id: self.messages.to_string(),
                    direction: Direction::Inbound,
                    customer: Sender {
                        external_id: customer.to_string(),
                        name: None,
                        handle: None,
                        fallback_handle: None,
                    },
                    conversation: String::new(),
                    text: "Hello".to_owned(),
                    sent_at: None,
                    automatic,
                    author: None,
                    history_at: None,
                };
                db.write(act).await.expect("stored").expect("accepted");
            }
            Event::Reply { case } => {
                let act = Reply { caller, number: number(case), text: "Hello".to_owned(), seen: None };
                let _ = db.write(act).await.expect("stored");
            }
            Event::Comment { case } => {
                let act = AddComment { caller, number: number(case), text: "Note".to_owned() };
                let _ = db.write(act).await.expect("stored");
            }
            Event::Status { case, status } => {
                let act = change(number(case), Changes { status: Some(status), ..Changes::default() });
                let _ = db.write(act).await.expect("stored");
            }
            Event::Move { case, queue } => {
                let act = change(number(case), Changes { queue: Some(self.queues[queue]), ..Changes::default() });
                let _ = db.write(act).await.expect("stored");
            }
            Event::Keep { case, minutes } => {
                let until = self.desk.db.now().plus(Span::minutes(minutes.into()));
                let keep_open_until = Some((minutes > 0).then_some(until));
                let act = change(number(case), Changes { keep_open_until, ..Changes::default() });
                let _ = db.write(act).await.expect("stored");
            }
            Event::Policy { .. } | Event::Override { .. } | Event::Inherit { .. } => {
                let Draft { queue, settings } = self.draft(event).expect("an event about settings");
                let act = ChangePolicy { caller, queue, settings, if_version: None };
                self.taken = db.write(act).await.expect("stored").is_ok();
            }
            Event::Plan(plan) => {
                let act = ChangeWorkspace { caller, name: None, time_zone: None, plan: Some(plan) };
                db.write(act).await.expect("stored").expect("accepted");
            }
            Event::Wait { minutes } => self.clock.move_by(Span::minutes(minutes.into())),
            Event::Sweep => lull::engine::tasks::auto_close::run(&self.desk).await.expect("swept"),
        }
    }
}
