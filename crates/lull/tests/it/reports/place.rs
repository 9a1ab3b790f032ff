//! Workspaces whose cases live random lives, and what was seen of each case after every step.

use super::reference::{Life, Seen, State};
use crate::support::desk::on_postgres;
use domain::case::{CaseType, Priority, Status};
use domain::closure::{Actor, ClosingReason};
use domain::id::{AgentId, CaseId, ChannelId, QueueId, WorkspaceId};
use domain::message::{Direction, Network};
use domain::permission::Role;
use domain::policy::{Overrides, StatusSet, Threshold, Window};
use domain::routing::{Assignment, Availability};
use domain::time::{Span, Timestamp};
use lull::acts::agents::{AgentChanges, ChangeAgent, ChangeAvailability, CreateAgent};
use lull::acts::change_case::{ChangeCase, Changes};
use lull::acts::change_policy::ChangePolicy;
use lull::acts::channels::CreateChannel;
use lull::acts::comment::AddComment;
use lull::acts::queues::CreateQueue;
use lull::acts::receive_message::{ReceiveMessage, Sender};
use lull::acts::reply::Reply;
use lull::acts::workspaces::{ChangeWorkspace, CreateOwner};
use lull::acts::{Caller, Refusal};
use lull::clock::TestClock;
use lull::desk::Desk;
use lull::engine::Engine;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::case_list::{self, Filter, Key, Sort};
use store::cases::Case;
use store::policies::WORKSPACE;
use store::{Command, DatabaseUrl, Db, Settings, closures};

pub const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Auckland",
];

/// Numbers from a seed: the same ones every time (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A database of workspaces, its clock standing still.
pub struct House {
    _place: (tempfile::TempDir, Option<scratch_postgres::Database>),
    pub desk: Desk,
    pub clock: Arc<TestClock>,
}

impl House {
    pub async fn new() -> House {
        let folder = tempfile::tempdir().expect("a folder");
        // Shortly before clocks are put forward in America and Europe, and back in the south.
        let clock = Arc::new(TestClock::starting_at(Timestamp::from_millis(1_804_500_000_000)));
        let postgres = on_postgres().then(scratch_postgres::Database::fresh);
        let url = match &postgres {
            Some(database) => DatabaseUrl::Postgres(database.url()),
            None => DatabaseUrl::Sqlite(folder.path().join("desk.db")),
        };
        let settings = Settings { readers: 1, connections: 4, durable: false, ..Settings::default() };
        let db = Db::open(&url, &settings, clock.clone()).await.expect("a database");
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let desk = Desk::new(db, Some(clock.clone()), Engine::new(Duration::from_secs(1)), metrics, None);
        House { _place: (folder, postgres), desk, clock }
    }

    pub async fn write<C, T>(&self, act: C) -> T
    where
        C: Command<Output = Result<T, Refusal>>,
        T: Send + 'static,
    {
        self.try_write(act).await.expect("accepted")
    }

    pub async fn try_write<C, T>(&self, act: C) -> Result<T, Refusal>
    where
        C: Command<Output = Result<T, Refusal>>,
        T: Send + 'static,
    {
        self.desk.db.write(act).await.expect("stored")
    }
}

/// One workspace.
pub struct Place<'a> {
    pub house: &'a House,
    pub workspace: WorkspaceId,
    pub zone: &'static str,
    pub agents: Vec<AgentId>,
    pub queues: Vec<QueueId>,
    pub channels: Vec<ChannelId>,
    pub lives: BTreeMap<CaseId, Life>,
    messages: u64,
}

const CUSTOMERS: usize = 5;
pub const TAGS: [&str; 3] = ["billing", "vip", "refund"];

impl<'a> Place<'a> {
    pub async fn new(house: &'a House, name: &str, zone: &'static str) -> Place<'a> {
        let owner = CreateOwner {
            workspace: name.to_owned(),
            plan: None,
            name: "Owner".to_owned(),
            email: format!("{name}@desk.test"),
            password_hash: String::new(),
        };
        let workspace = house.write(owner).await.workspace;
        let caller = Caller::engine(workspace);
        let act = ChangeWorkspace { caller: caller.clone(), name: None, time_zone: Some(zone.to_owned()), plan: None };
        house.write(act).await;
        let mut place = Place {
            house,
            workspace,
            zone,
            agents: Vec::new(),
            queues: Vec::new(),
            channels: Vec::new(),
            lives: BTreeMap::new(),
            messages: 0,
        };
        place.team(&caller, name).await;
        let settings = Overrides {
            enabled: Some(true),
            threshold: Threshold::from_minutes(24 * 60).ok(),
            reopen_enabled: Some(true),
            window: Some(Window::default()),
            statuses: StatusSet::new([Status::Open, Status::InProgress, Status::OnHold]).ok(),
            ..Overrides::default()
        };
        house.write(ChangePolicy { caller, queue: WORKSPACE, settings: Some(settings), if_version: None }).await;
        place
    }

    async fn team(&mut self, caller: &Caller, name: &str) {
        for number in 0..3 {
            let act = CreateAgent {
                caller: caller.clone(),
                name: format!("Agent {number}"),
                email: format!("{number}.{name}@desk.test"),
                role: Role::Agent,
                capacity: (number == 2).then_some(1),
                auto_assign: true,
                password_hash: None,
            };
            let agent = self.house.write(act).await.id;
            self.agents.push(agent);
            let availability = Availability::Online;
            self.house.write(ChangeAvailability { caller: caller.clone(), agent, availability }).await;
        }
        for (number, assignment) in [Assignment::Manual, Assignment::RoundRobin].into_iter().enumerate() {
            let (caller, name, members) = (caller.clone(), format!("Queue {number}"), self.agents.clone());
            self.queues.push(self.house.write(CreateQueue { caller, name, assignment, members }).await.0.id);
        }
        for (number, network) in [Network::X, Network::Email].into_iter().enumerate() {
            let (caller, name, queue) = (caller.clone(), format!("Channel {number}"), Some(self.queues[number]));
            self.channels.push(self.house.write(CreateChannel { caller, name, network, queue }).await.id);
        }
    }

    fn agent(&self, dice: &mut Dice) -> Caller {
        let actor = Actor::Agent(dice.of(&self.agents));
        Caller { actor, ..Caller::engine(self.workspace) }
    }

    fn program(&self) -> Caller {
        Caller { actor: Actor::Api, ..Caller::engine(self.workspace) }
    }

    /// Something happens, and what became of every case is noted.
    pub async fn step(&mut self, dice: &mut Dice) {
        match dice.below(20) {
            0..=3 => self.message(dice).await,
            4..=11 => self.change(dice).await,
            12..=13 => {
                let caller = if dice.below(4) == 0 { self.program() } else { self.agent(dice) };
                let number = 1 + dice.below(8) as i64;
                let _ = self.house.try_write(Reply { caller, number, text: "Hello".to_owned(), seen: None }).await;
            }
            14 => {
                let act = AddComment { caller: self.agent(dice), number: 1, text: "Note".to_owned() };
                let _ = self.house.try_write(act).await;
            }
            15 => {
                let active = Some(dice.below(3) > 0);
                let changes = AgentChanges { active, ..AgentChanges::default() };
                let agent = dice.of(&self.agents);
                let act = ChangeAgent { caller: Caller::engine(self.workspace), agent, changes };
                let _ = self.house.try_write(act).await;
            }
            16 => lull::engine::tasks::auto_close::run(&self.house.desk).await.expect("swept"),
            _ => {
                let waits = [0, 1, 47, 180, 13 * 60, 24 * 60, 25 * 60, 9 * 24 * 60];
                self.house.clock.move_by(Span::minutes(dice.of(&waits)));
            }
        }
        self.look().await;
    }

    async fn message(&mut self, dice: &mut Dice) {
        self.messages += 1;
        let now = self.house.desk.db.now();
        // Sometimes an old conversation comes in, which goes by times of its own (C5).
        let history_at = (dice.below(12) == 0).then(|| now.minus(Span::hours(1 + dice.below(900) as i64)));
        let direction = if dice.below(5) == 0 { Direction::Outbound } else { Direction::Inbound };
        let act = ReceiveMessage {
            caller: self.program(),
            channel: dice.of(&self.channels),
            external_id: self.messages.to_string(),
            direction,
            customer: Sender {
                external_id: dice.below(CUSTOMERS).to_string(),
                name: None,
                handle: None,
                fallback_handle: None,
            },
            conversation: String::new(),
            text: "Hello".to_owned(),
            sent_at: None,
            automatic: dice.below(10) == 0,
            author: None,
            history_at,
        };
        self.house.write(act).await;
    }

    async fn change(&mut self, dice: &mut Dice) {
        let mut changes = Changes::default();
        let assignees: Vec<_> = self.agents.iter().copied().map(Some).chain([None]).collect();
        match dice.below(10) {
            0..=2 => changes.assignee = Some(dice.of(&assignees)),
            3 => changes.queue = Some(dice.of(&self.queues)),
            4 => changes.kind = Some(dice.of(CaseType::ALL)),
            5 => changes.priority = Some(dice.of(Priority::ALL)),
            6 => {
                let tags = TAGS.iter().filter(|_| dice.below(2) == 0).map(|tag| (*tag).to_owned());
                changes.tags = Some(domain::case::normal_tags(tags.collect::<Vec<_>>().iter().map(String::as_str)));
            }
            7 => {
                // Several things at once: assigned and closed in one act.
                changes.assignee = Some(dice.of(&assignees));
                changes.status = Some(Status::Closed);
            }
            _ => changes.status = Some(dice.of(Status::ALL)),
        }
        let caller = if dice.below(4) == 0 { self.program() } else { self.agent(dice) };
        let number = 1 + dice.below(8) as i64;
        let _ = self.house.try_write(ChangeCase { caller, number, changes, if_version: None, quiet: false }).await;
    }

    /// Notes what each case is now.
    async fn look(&mut self) {
        for case in self.cases().await {
            let closed = if case.status.is_closed() { self.closure(&case).await } else { None };
            let state = State {
                closed,
                agent: closed.map_or(case.assignee, |(_, credited)| credited),
                queue: case.queue,
                channel: case.channel,
                network: case.network,
                kind: case.kind,
                priority: case.priority,
                tags: case.tags.clone(),
            };
            let first = case.created_at;
            let life = self.lives.entry(case.id).or_insert_with(|| Life::begin(first));
            life.first_reply_at = case.first_reply_at;
            life.see(Seen { at: case.updated_at, last_activity_at: case.last_activity_at, state });
        }
    }

    async fn cases(&self) -> Vec<Case> {
        let (ws, sort) = (self.workspace, Sort { key: Key::Number, descending: false });
        let read = self.house.desk.db.read(move |tx| {
            Box::pin(async move { Ok(case_list::page(tx, ws, &Filter::default(), sort, &[], None, 1_000).await?.rows) })
        });
        read.await.expect("read").into_iter().map(|row| row.case).collect()
    }

    async fn closure(&self, case: &Case) -> Option<(ClosingReason, Option<AgentId>)> {
        let (ws, id, period) = (case.workspace, case.id, case.reopen_count);
        let db = &self.house.desk.db;
        let read = db.read(move |tx| Box::pin(async move { closures::get(tx, ws, id, period).await }));
        read.await.expect("read").map(|closure| (closure.reason, closure.credited_agent))
    }
}
