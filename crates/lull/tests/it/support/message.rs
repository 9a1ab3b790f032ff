//! Builds the body of `POST /v1/messages` with sensible defaults and a new `external_id` each time.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A name that no other call of this test run has got.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// One message on its way in.
#[derive(Clone, Debug)]
pub struct Message(Value);

/// A message from a customer.
pub fn inbound(channel: &str, customer: &str) -> Message {
    message("inbound", channel, customer)
}

/// A message to a customer that was sent elsewhere.
pub fn outbound(channel: &str, customer: &str) -> Message {
    message("outbound", channel, customer)
}

fn message(direction: &str, channel: &str, customer: &str) -> Message {
    Message(json!({
        "channel": channel,
        "external_id": unique("m"),
        "direction": direction,
        "customer": {"external_id": customer, "name": format!("Customer {customer}"), "handle": format!("@{customer}")},
        "text": "When can I pre-order?",
        // Long ago on purpose: only the moment of receipt may move a clock (C5).
        "sent_at": "2018-05-02T16:14:43.031Z",
        "automatic": false,
        "author": null,
    }))
}

impl Message {
    /// Sets a field, whatever its type.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0[field] = value.into();
        self
    }

    pub fn without(mut self, field: &str) -> Self {
        self.0.as_object_mut().expect("a message is an object").remove(field);
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.with("text", text)
    }

    pub fn automatic(self) -> Self {
        self.with("automatic", true)
    }

    pub fn conversation(self, key: &str) -> Self {
        self.with("conversation", key)
    }

    pub fn author(self, agent: &str) -> Self {
        self.with("author", agent)
    }

    pub fn body(&self) -> &Value {
        &self.0
    }
}
