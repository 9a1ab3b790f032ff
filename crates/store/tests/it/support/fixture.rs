//! A workspace with the little that a case needs around it.

use super::Desk;
use domain::case::{CaseType, Priority, Status};
use domain::id::{AgentId, CaseId, ChannelId, CustomerId, QueueId, WorkspaceId};
use domain::message::Network;
use domain::permission::{Plan, Role};
use domain::routing::{Assignment, Availability};
use domain::time::Timestamp;
use store::agents::Agent;
use store::cases::{self, Case};
use store::channels::{self, Channel};
use store::customers::{self, Customer};
use store::queues::{self, Queue};
use store::workspaces::{self, Workspace};
use store::{Fault, Tx, agents};

/// Where a test's things stand. Ids are small numbers of the workspace's own, so that a failure is easy to read.
#[derive(Debug, Clone, Copy)]
pub struct Fixture {
    pub ws: WorkspaceId,
    pub queue: QueueId,
    pub other_queue: QueueId,
    pub channel: ChannelId,
    pub customer: CustomerId,
    pub agent: AgentId,
}

impl Fixture {
    /// The workspace number `n`: `General` and `Second`, one channel, one customer, one agent.
    pub async fn insert(tx: &mut Tx, n: i64) -> Result<Fixture, Fault> {
        let of = |place: i64| n * 1_000_000 + place;
        let fixture = Fixture {
            ws: WorkspaceId(n),
            queue: QueueId(of(1)),
            other_queue: QueueId(of(2)),
            channel: ChannelId(of(3)),
            customer: CustomerId(of(4)),
            agent: AgentId(of(5)),
        };
        let (ws, now) = (fixture.ws, tx.now());
        let name = format!("Workspace {n}");
        let plan = Plan::Advanced;
        workspaces::insert(tx, &Workspace { id: ws, name, time_zone: "UTC".to_owned(), plan, created_at: now }).await?;
        queues::insert(tx, ws, &queue(fixture.queue, queues::FIRST_QUEUE, now)).await?;
        queues::insert(tx, ws, &queue(fixture.other_queue, "Second", now)).await?;
        channels::insert(tx, ws, &channel(fixture.channel, "Shop", fixture.queue, now)).await?;
        customers::insert(tx, ws, &customer(fixture.customer, "u_1", now)).await?;
        agents::insert(tx, &agent(&fixture, fixture.agent, "ada")).await?;
        Ok(fixture)
    }

    pub fn new(desk: &Desk) -> Fixture {
        desk.write(async |tx| Fixture::insert(tx, 1).await)
    }

    /// Writes a case as it is.
    pub fn store(&self, desk: &Desk, case: &Case) {
        let case = case.clone();
        desk.write(async move |tx| cases::insert(tx, &case).await);
    }

    pub fn load(&self, desk: &Desk, id: CaseId) -> Case {
        let ws = self.ws;
        desk.read(async move |tx| cases::get(tx, ws, id).await).expect("the case is there")
    }
}

pub fn queue(id: QueueId, name: &str, created_at: Timestamp) -> Queue {
    Queue { id, name: name.to_owned(), assignment: Assignment::Manual, last_assigned: None, created_at }
}

pub fn channel(id: ChannelId, name: &str, queue: QueueId, created_at: Timestamp) -> Channel {
    Channel { id, name: name.to_owned(), network: Network::X, queue, created_at }
}

pub fn customer(id: CustomerId, external_id: &str, created_at: Timestamp) -> Customer {
    Customer {
        id,
        scope: "x".to_owned(),
        external_id: external_id.to_owned(),
        name: Some("Ada".to_owned()),
        handle: Some("@ada".to_owned()),
        created_at,
    }
}

/// An agent who is there, takes part in everything and has no limit.
pub fn agent(fixture: &Fixture, id: AgentId, name: &str) -> Agent {
    Agent {
        workspace: fixture.ws,
        id,
        name: name.to_owned(),
        email: format!("{name}.{}@example.org", fixture.ws.0),
        role: Role::Agent,
        capacity: None,
        auto_assign: true,
        active: true,
        availability: Availability::Online,
        theme: "system".to_owned(),
        letter_keys: true,
        password_hash: None,
        created_at: super::START,
    }
}

/// An open case of the fixture, number and id `n`, silent since `at`.
pub fn case(fixture: &Fixture, n: i64, at: Timestamp) -> Case {
    Case {
        workspace: fixture.ws,
        id: CaseId(fixture.ws.0 * 1_000_000 + n),
        number: n,
        version: 1,
        status: Status::Open,
        kind: CaseType::General,
        priority: Priority::Medium,
        title: format!("Case {n}"),
        queue: fixture.queue,
        assignee: None,
        channel: fixture.channel,
        network: Network::X,
        customer: fixture.customer,
        thread: String::new(),
        tags: Vec::new(),
        created_at: at,
        updated_at: at,
        last_activity_at: at,
        armed_at: None,
        last_inbound_at: None,
        last_outbound_at: None,
        first_reply_at: None,
        waiting_on: None,
        waiting_since: None,
        opened_at: at,
        closed_at: None,
        reopen_count: 0,
        follow_up_of: None,
        last_reply_by: None,
        keep_open_until: None,
        keep_open_reason: None,
        keep_open_by: None,
    }
}
