//! One request for a case that is falling due, and who came first: it, or the close.

use super::super::connection::{Answer, Pool};
use super::super::dice::Dice;
use super::super::pace::Watch;
use super::super::seed::Seeded;
use super::super::wire;
use anyhow::Result;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What is sent, to which node first.
#[derive(Debug)]
pub struct Attempt {
    request: Vec<u8>,
    node: usize,
    /// The same message to the other node too, at the same moment.
    twice: bool,
    /// Of a message.
    external_id: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub enum Outcome {
    Answered {
        wait: Duration,
        close_came_first: bool,
        twice: bool,
        acknowledged: Option<String>,
    },
    /// Sent to both nodes, and not taken by exactly one of them.
    Unsettled(String),
    Refused(String),
}

impl Attempt {
    /// Of ten requests: six messages of customers, one of them to both nodes at once, one answer of an agent,
    /// two changes of status, one close by hand.
    pub fn draw(case: &Seeded, token: &str, dice: &mut Dice) -> Attempt {
        let (kind, node) = (dice.below(10), dice.below(2) as usize);
        let external_id = format!("race-{}", case.conversation);
        let message = |direction: &str| {
            let body = json!({"channel": case.channel, "external_id": external_id, "direction": direction,
                "customer": {"external_id": case.customer}, "conversation": case.conversation, "text": "Any news?"});
            wire::request("POST", "/v1/messages", token, &body.to_string())
        };
        let status = |status: &str| {
            let body = json!({"status": status}).to_string();
            wire::request("PATCH", &format!("/v1/cases/{}", case.number), token, &body)
        };
        let (request, is_message) = match kind {
            0..=5 => (message("inbound"), true),
            6 => (message("outbound"), true),
            7 | 8 => (status(if case.status == "on_hold" { "in_progress" } else { "on_hold" }), false),
            _ => (status("closed"), false),
        };
        Attempt { request, node, twice: kind == 5, external_id: is_message.then_some(external_id) }
    }

    pub async fn make(&self, pools: &[Arc<Pool>]) -> Outcome {
        let watch = Watch::start();
        let (pool, other) = (&pools[self.node], &pools[1 - self.node]);
        if self.twice {
            let (one, two) = tokio::join!(pool.send(&self.request), other.send(&self.request));
            return self.both(one, two, watch.elapsed());
        }
        match pool.send(&self.request).await {
            Ok(answer) if answer.is_success() => self.answered(&answer.json(), watch.elapsed()),
            other => Outcome::Refused(describe(other)),
        }
    }

    fn both(&self, one: Result<Answer>, two: Result<Answer>, wait: Duration) -> Outcome {
        let (one, two) = match (one, two) {
            (Ok(one), Ok(two)) if one.is_success() && two.is_success() => (one.json(), two.json()),
            (Ok(one), two) if one.is_success() => return Outcome::Refused(describe(two)),
            (one, _) => return Outcome::Refused(describe(one)),
        };
        let duplicates = [&one, &two].map(|answer| answer["outcome"] == "duplicate");
        match duplicates {
            [false, true] => self.answered(&one, wait),
            [true, false] => self.answered(&two, wait),
            _ => Outcome::Unsettled(format!(
                "{}: {} and {}",
                one["message"]["external_id"], one["outcome"], two["outcome"]
            )),
        }
    }

    /// A message's answer holds the case beside it; a change's is the case.
    fn answered(&self, answer: &Value, wait: Duration) -> Outcome {
        let case = if self.external_id.is_some() { &answer["case"] } else { answer };
        let close_came_first =
            case["reopen_count"].as_i64().unwrap_or(0) > 0 || case["closure"]["reason"] == "inactivity";
        Outcome::Answered { wait, close_came_first, twice: self.twice, acknowledged: self.external_id.clone() }
    }
}

fn describe(answer: Result<Answer>) -> String {
    match answer {
        Ok(answer) => format!("{} {}", answer.status, answer.text()),
        Err(error) => format!("{error:#}"),
    }
}
