//! Many at once: whoever is given a case automatically was online and had room at that moment, in the order in which
//! things happened (R3, R4).

use crate::support::cases::number;
use crate::support::message::unique;
use crate::support::{Client, Desk, Member, inbound};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const THREADS: usize = 6;
/// Acts of each thread.
const ACTS: usize = 30;

/// Two queues that hand out cases, among agents who come and go.
pub struct Storm<'a> {
    desk: &'a Desk,
    /// The capacity of each.
    team: BTreeMap<String, (Member, usize)>,
    channels: [String; 2],
}

impl<'a> Storm<'a> {
    pub fn new(desk: &'a Desk) -> Storm<'a> {
        let mut team = Vec::new();
        for capacity in [1, 2, 3, 4] {
            team.push((desk.agent(&unique("Agent "), Some(capacity as i64)), capacity));
        }
        let (absent, apart) = (desk.member("Absent", "agent"), desk.agent("Apart", None));
        desk.patch(&format!("/v1/agents/{}", apart.id), &json!({"auto_assign": false})).expect(200);
        let members: Vec<&Member> = team.iter().map(|(member, _)| member).chain([&absent, &apart]).collect();
        let channels = [("round_robin", &members[..]), ("most_capacity", &members[1..])]
            .map(|(rule, members)| desk.channel_into(&desk.queue(rule, members), "x"));
        let team = team.into_iter().map(|(member, capacity)| (member.id.clone(), (member, capacity))).collect();
        Storm { desk, team, channels }
    }

    /// Everybody does something all the time, through whichever of the clients.
    pub fn rage(&self, clients: &[Client], seed: u64) {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let client = clients[thread % clients.len()].clone();
                scope.spawn(move || self.act(&client, thread, seed));
            }
        });
    }

    fn act(&self, client: &Client, thread: usize, seed: u64) {
        let mut state = seed * THREADS as u64 + thread as u64 + 1;
        // SplitMix64: what a seed draws is the same everywhere.
        let mut draw = |below: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed >> 33) as usize % below
        };
        let mut cases: Vec<(i64, String, usize)> = Vec::new();
        for _ in 0..ACTS {
            let known = (!cases.is_empty()).then(|| cases[draw(cases.len())].clone());
            match (draw(10), known) {
                (0..=1, Some((case, ..))) => {
                    drop(client.patch(&format!("/v1/cases/{case}"), &json!({"status": "closed"})))
                }
                (2, Some((case, ..))) => {
                    drop(client.patch(&format!("/v1/cases/{case}"), &json!({"status": "on_hold"})))
                }
                (3, Some((_, customer, channel))) => drop(client.receive(&inbound(&self.channels[channel], &customer))),
                (4..=5, _) => {
                    let agent = self.team.keys().nth(draw(self.team.len())).expect("one of them");
                    let availability = ["online", "away", "online"][draw(3)];
                    let path = format!("/v1/agents/{agent}/availability");
                    client.put(&path, &json!({"availability": availability})).expect(200);
                }
                _ => {
                    let (customer, channel) = (unique("customer"), draw(2));
                    let case = number(&client.receive(&inbound(&self.channels[channel], &customer))["case"]);
                    cases.push((case, customer, channel));
                }
            }
        }
    }

    /// Plays the audit trail again: at each automatic assignment the agent was there and had room.
    pub fn check(&self) {
        let mut online: BTreeSet<String> = self.team.keys().cloned().collect();
        let mut held: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
        let mut given = 0;
        for entry in self.desk.audit() {
            let object = entry["object"]["id"].as_str().unwrap_or_default().to_owned();
            if entry["event"] == "USER_STATUS_CHANGED" && self.team.contains_key(&object) {
                match entry["new"]["availability"] == "online" {
                    true => drop(online.insert(object)),
                    false => drop(online.remove(&object)),
                }
                continue;
            }
            if entry["object"]["kind"] != "case" {
                continue;
            }
            let before = held.get(&object).cloned().unwrap_or_default();
            let text = |field: &str| entry["new"][field].as_str().map(str::to_owned);
            let has = |field: &str| entry["new"].get(field).is_some();
            let after = (
                text("status").unwrap_or(before.0.clone()),
                if has("assignee") { text("assignee") } else { before.1.clone() },
            );
            if let Some(agent) = after.1.as_ref().filter(|agent| before.1.as_ref() != Some(*agent)) {
                given += 1;
                let load = held.iter().filter(|(case, (status, assignee))| {
                    **case != object
                        && assignee.as_ref() == Some(agent)
                        && matches!(status.as_str(), "open" | "in_progress")
                });
                let (load, room) = (load.count(), self.team.get(agent).map(|(_, capacity)| *capacity));
                assert!(online.contains(agent), "{agent} was not online: {entry}");
                assert!(room.is_some_and(|room| load < room), "{agent} had {load} of {room:?}: {entry}");
            }
            held.insert(object, after);
        }
        assert!(given > self.team.len(), "only {given} cases were given away: nothing was tried");
        for (agent, (_, capacity)) in &self.team {
            let filter = |status: &str| format!("/v1/cases?assignee={agent}&status={status}&limit=100");
            let load = self.desk.all(&filter("open")).len() + self.desk.all(&filter("in_progress")).len();
            assert!(load <= *capacity, "{agent} has {load} of {capacity}");
        }
    }
}

#[test]
fn nobody_is_given_a_case_who_is_not_online_or_has_no_room_however_much_happens_at_once_r3_r4() {
    for seed in 0..3 {
        let desk = Desk::start();
        let storm = Storm::new(&desk);
        storm.rage(&[desk.owner().clone()], seed);
        desk.run_due();
        storm.check();
        let waiting = desk.all("/v1/cases?assignee=none&status=open&limit=100");
        let queues: Vec<Value> = desk.all("/v1/queues");
        for (agent, (_, capacity)) in &storm.team {
            let at_work =
                desk.all("/v1/agents").iter().any(|a| a["id"] == agent.as_str() && a["availability"] == "online");
            let load = desk.all(&format!("/v1/cases?assignee={agent}&status=open&limit=100")).len();
            let of = |queue: &Value| {
                let queue = queues.iter().find(|q| q["id"] == *queue).expect("a queue");
                queue["members"].as_array().expect("members").iter().any(|member| member == agent.as_str())
            };
            let could = waiting.iter().find(|case| case["queue"] != desk.general.as_str() && of(&case["queue"]));
            assert!(!at_work || load >= *capacity || could.is_none(), "{agent} has room, and {could:?} waits");
        }
    }
}
