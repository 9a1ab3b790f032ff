//! Clients that never give up: each sends one message after another and repeats what was not answered with 2xx, under
//! the same external id, at the other node, until it is.

use super::connection::{Answer, Pool};
use super::dice::Dice;
use super::pace::{self, Watch};
use super::place::{CUSTOMERS, Place, customer_name};
use super::report::{Report, thousands};
use super::seed::Seeded;
use super::wire;
use anyhow::{Result, bail};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

const CLIENTS: u64 = 8;
/// Between two attempts at one message.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// A message that could not be handed over for this long is given up, which fails the drill.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Conversations of each client's own.
const CONVERSATIONS: u64 = 20;
/// Of the cases that fall due, the latest, to which one message in four goes.
const DUE_KEPT: usize = 400;
const PROBE_EVERY: Duration = Duration::from_millis(20);

/// What the clients were told.
#[derive(Debug, Default, Clone)]
pub struct Told {
    pub acknowledged: Vec<String>,
    pub repeated: u64,
    pub unanswered: u64,
    pub unavailable: u64,
    /// 503 without `Retry-After`.
    pub abrupt: Vec<String>,
    /// Neither 2xx nor 503.
    pub odd: Vec<String>,
    pub given_up: Vec<String>,
}

struct Shared {
    pools: Vec<Arc<Pool>>,
    token: String,
    channels: Vec<(String, String)>,
    stop: AtomicBool,
    acknowledged: AtomicU64,
    probes: AtomicU64,
    told: Mutex<Told>,
    due: Mutex<Vec<Seeded>>,
}

/// A load under way.
pub struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

impl Load {
    pub fn start(place: &Place) -> Load {
        let shared = Arc::new(Shared {
            pools: place.nodes.iter().map(|node| node.pool.clone()).collect(),
            token: place.token.clone(),
            channels: place.layout.channels.iter().map(|c| (c.public.clone(), c.network.to_owned())).collect(),
            stop: AtomicBool::new(false),
            acknowledged: AtomicU64::new(0),
            probes: AtomicU64::new(0),
            told: Mutex::default(),
            due: Mutex::default(),
        });
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(shared.clone().client(client));
        }
        Load { shared, clients }
    }

    /// Some of the messages go to these cases from now on.
    pub fn also_to(&self, cases: Vec<Seeded>) {
        let mut due = self.shared.due();
        due.extend(cases);
        let excess = due.len().saturating_sub(DUE_KEPT);
        due.drain(..excess);
    }

    /// Waits until so many more messages are acknowledged.
    pub async fn await_acknowledged(&self, more: u64) -> Result<()> {
        let goal = self.shared.acknowledged.load(Ordering::Relaxed) + more;
        let watch = Watch::start();
        while self.shared.acknowledged.load(Ordering::Relaxed) < goal {
            if watch.elapsed() > GIVE_UP {
                bail!("{more} messages were not acknowledged within {GIVE_UP:?}");
            }
            pace::pause(PROBE_EVERY).await;
        }
        Ok(())
    }

    /// Sends a message of its own to one node, once.
    pub async fn probe(&self, node: usize) -> Result<Answer> {
        let probe = self.shared.probes.fetch_add(1, Ordering::Relaxed);
        let id = format!("probe-{probe}");
        let answer = self.shared.pools[node].send(&self.shared.message(&id, &format!("probe-{node}"), 0)).await;
        if let Ok(answer) = &answer {
            self.shared.hear(&id, answer);
        }
        answer
    }

    /// How long it takes from now until a node answers 2xx.
    pub async fn until_served(&self, node: usize) -> Result<Duration> {
        let watch = Watch::start();
        while watch.elapsed() < GIVE_UP {
            if self.probe(node).await.is_ok_and(|answer| answer.is_success()) {
                return Ok(watch.elapsed());
            }
            pace::pause(PROBE_EVERY).await;
        }
        bail!("node {node} did not answer 2xx within {GIVE_UP:?}")
    }

    /// Lets every client finish the message it is at, and answers what they were told.
    pub async fn finish(mut self) -> Result<Told> {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client?;
        }
        Ok(self.shared.told().clone())
    }
}

impl Told {
    pub fn report(&self, report: &mut Report) {
        report.figure("messages acknowledged", thousands(self.acknowledged.len() as u64));
        report.figure("sent again for want of a 2xx", thousands(self.repeated));
        report.figure("requests without an answer", thousands(self.unanswered));
        report.figure("answers 503", thousands(self.unavailable));
        report.none_of("answers 503 without Retry-After", &self.abrupt);
        report.none_of("answers neither 2xx nor 503", &self.odd);
        report.none_of("messages given up", &self.given_up);
    }
}

impl Shared {
    async fn client(self: Arc<Shared>, client: u64) {
        let mut dice = Dice::new(client);
        let mut sent = 0_u64;
        while !self.stop.load(Ordering::Relaxed) {
            let id = format!("load-{client}-{sent}");
            let request = self.draw(&id, client, &mut dice);
            self.hand_over(&id, &request, dice.below(self.pools.len() as u64) as usize).await;
            sent += 1;
        }
    }

    /// One message in four goes to a case that falls due about now.
    fn draw(&self, id: &str, client: u64, dice: &mut Dice) -> Vec<u8> {
        let due = self.due();
        if dice.below(4) == 0 && !due.is_empty() {
            let case = &due[dice.below(due.len() as u64) as usize];
            return self.request(id, &case.channel, &case.customer, &case.conversation);
        }
        drop(due);
        let conversation = client * CONVERSATIONS + dice.below(CONVERSATIONS);
        self.message(id, &format!("load-{conversation}"), conversation % CUSTOMERS)
    }

    /// A customer writes on one channel.
    fn message(&self, id: &str, conversation: &str, customer: u64) -> Vec<u8> {
        let (channel, network) = &self.channels[(customer % self.channels.len() as u64) as usize];
        self.request(id, channel, &customer_name(network, customer), conversation)
    }

    fn request(&self, id: &str, channel: &str, customer: &str, conversation: &str) -> Vec<u8> {
        let body = json!({"channel": channel, "external_id": id, "direction": "inbound",
            "customer": {"external_id": customer}, "conversation": conversation, "text": "Is anybody there?"});
        wire::request("POST", "/v1/messages", &self.token, &body.to_string())
    }

    async fn hand_over(&self, id: &str, request: &[u8], mut node: usize) {
        let watch = Watch::start();
        while watch.elapsed() < GIVE_UP {
            match self.pools[node].send(request).await {
                Ok(answer) if self.hear(id, &answer) => return,
                Ok(_) => (),
                Err(_) => self.told().unanswered += 1,
            }
            self.told().repeated += 1;
            node = (node + 1) % self.pools.len();
            pace::pause(AGAIN_AFTER).await;
        }
        self.told().given_up.push(id.to_owned());
    }

    /// Notes an answer; whether it acknowledged the message.
    fn hear(&self, id: &str, answer: &Answer) -> bool {
        let mut told = self.told();
        if answer.is_success() {
            told.acknowledged.push(id.to_owned());
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        if answer.status != 503 {
            told.odd.push(format!("{id}: {} {}", answer.status, answer.text()));
        } else if !answer.says_when_to_retry() {
            told.abrupt.push(format!("{id}: {}", answer.text()));
        }
        told.unavailable += u64::from(answer.status == 503);
        false
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn due(&self) -> MutexGuard<'_, Vec<Seeded>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
