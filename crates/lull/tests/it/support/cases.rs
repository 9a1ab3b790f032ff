//! What tests do with cases, and how they read feed, audit trail and notifications.

use super::client::Client;
use super::desk::Desk;
use super::message::{Message, inbound, unique};
use super::time::moment;
use jiff::Timestamp;
use serde_json::{Value, json};

/// These read and write through whichever client does the act.
impl Client {
    /// Takes a new message in; gives the answer of 201.
    #[track_caller]
    pub fn receive(&self, message: &Message) -> Value {
        self.post("/v1/messages", message.body()).expect(201)
    }

    #[track_caller]
    pub fn case(&self, number: i64) -> Value {
        self.get(&format!("/v1/cases/{number}")).expect(200)
    }

    #[track_caller]
    pub fn change(&self, number: i64, body: &Value) -> Value {
        self.patch(&format!("/v1/cases/{number}"), body).expect(200)
    }

    #[track_caller]
    pub fn status(&self, number: i64, status: &str) -> Value {
        self.change(number, &json!({"status": status}))
    }

    #[track_caller]
    pub fn close(&self, number: i64) -> Value {
        self.status(number, "closed")
    }

    #[track_caller]
    pub fn assign(&self, number: i64, agent: &str) -> Value {
        self.change(number, &json!({"assignee": agent}))
    }

    #[track_caller]
    pub fn reply(&self, number: i64, text: &str) -> Value {
        self.post(&format!("/v1/cases/{number}/messages"), &json!({"text": text})).expect(201)
    }

    #[track_caller]
    pub fn comment(&self, number: i64, text: &str) -> Value {
        self.post(&format!("/v1/cases/{number}/comments"), &json!({"text": text})).expect(201)
    }

    #[track_caller]
    pub fn messages(&self, number: i64) -> Vec<Value> {
        self.all(&format!("/v1/cases/{number}/messages?limit=100"))
    }

    #[track_caller]
    pub fn feed(&self, number: i64) -> Vec<Value> {
        self.all(&format!("/v1/cases/{number}/activity?limit=100"))
    }

    /// The names of the feed's events, oldest first.
    #[track_caller]
    pub fn events(&self, number: i64) -> Vec<String> {
        self.feed(number).iter().map(|entry| entry["event"].as_str().expect("an event").to_owned()).collect()
    }

    /// The entries of one event in a case's feed.
    #[track_caller]
    pub fn feed_of(&self, number: i64, event: &str) -> Vec<Value> {
        self.feed(number).into_iter().filter(|entry| entry["event"] == event).collect()
    }

    /// The workspace's audit trail by `seq`.
    #[track_caller]
    pub fn audit(&self) -> Vec<Value> {
        let mut entries = self.all("/v1/audit-log?limit=100");
        entries.sort_by_key(|entry| entry["seq"].as_i64().expect("an audit entry has a seq"));
        entries
    }

    #[track_caller]
    pub fn audit_of(&self, event: &str) -> Vec<Value> {
        self.audit().into_iter().filter(|entry| entry["event"] == event).collect()
    }

    /// The caller's notifications about one case.
    #[track_caller]
    pub fn notified(&self, number: i64) -> usize {
        self.all("/v1/notifications?limit=100").iter().filter(|note| speaks_of(note, number)).count()
    }

    #[track_caller]
    pub fn last_activity(&self, number: i64) -> Timestamp {
        moment(&self.case(number)["last_activity_at"])
    }
}

impl Desk {
    /// A new open case of a customer nobody else has.
    #[track_caller]
    pub fn open_case(&self) -> i64 {
        self.case_of(&unique("customer"))
    }

    /// The case that a first message of this customer opens on the desk's channel.
    #[track_caller]
    pub fn case_of(&self, customer: &str) -> i64 {
        self.case_on(&self.channel, customer)
    }

    #[track_caller]
    pub fn case_on(&self, channel: &str, customer: &str) -> i64 {
        let answer = self.receive(&inbound(channel, customer));
        assert_eq!(answer["outcome"], "created", "{answer}");
        number(&answer["case"])
    }

    /// The customer writes again; gives the answer.
    #[track_caller]
    pub fn writes_again(&self, customer: &str) -> Value {
        self.receive(&inbound(&self.channel, customer))
    }

    /// A case that was closed by hand just now, with this assignee.
    #[track_caller]
    pub fn closed_case(&self, customer: &str, assignee: Option<&str>) -> i64 {
        let case = self.case_of(customer);
        if let Some(agent) = assignee {
            self.assign(case, agent);
        }
        self.close(case);
        case
    }

    #[track_caller]
    pub fn is_closed(&self, number: i64) -> bool {
        self.case(number)["status"] == "closed"
    }
}

/// The number of a case.
#[track_caller]
pub fn number(case: &Value) -> i64 {
    case["number"].as_i64().unwrap_or_else(|| panic!("a case has a number: {case}"))
}

/// Whether a notification speaks of this case; where the number stands in it the contract leaves open.
fn speaks_of(notification: &Value, case: i64) -> bool {
    let candidates = [
        &notification["case"],
        &notification["case"]["number"],
        &notification["object"]["id"],
        &notification["case_number"],
    ];
    candidates.into_iter().any(|held| *held == json!(case) || *held == json!(case.to_string()))
}
