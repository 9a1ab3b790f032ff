//! `POST /v1/messages`: the one door for connectors.

use super::super::answer::{rendered, write};
use super::super::fields::{self, Fields, maybe_blank, text, word};
use super::super::problem::Problem;
use super::super::request::{Auth, Body, Named, named};
use super::super::shapes::ReceivedBody;
use crate::acts::receive_message::{ReceiveMessage, Received, Sender, Taken};
use crate::desk::Desk;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::message::{Direction, EXTERNAL_ID_CHARS, NAME_CHARS, TEXT_CHARS};
use domain::permission::Permission;
use domain::time::{Span, Timestamp};
use utoipa::ToSchema;

/// How far a sender's clock may be ahead of ours before its claim is taken for a mistake.
const AHEAD: Span = Span::hours(24);

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body; the fields are read one by one to find every fault")]
pub struct NewMessage {
    channel: String,
    external_id: String,
    /// `inbound` or `outbound`.
    direction: String,
    customer: NewCustomer,
    /// The network's thread key; absent is the one thread of customer and channel.
    conversation: Option<String>,
    text: String,
    /// The sender's claim, kept for display.
    sent_at: Option<String>,
    /// An auto-reply, out-of-office, bounce or mailing-list mail: shown, but no activity.
    #[schema(default = false)]
    automatic: Option<bool>,
    /// The agent who wrote an outbound message elsewhere.
    author: Option<String>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body")]
pub struct NewCustomer {
    external_id: String,
    name: Option<String>,
    handle: Option<String>,
}

/// The customer of a new message or case.
pub fn sender(fields: &mut Fields) -> Option<Sender> {
    let mut customer = fields.required_object("customer")?;
    let external_id = customer.text("external_id", text(EXTERNAL_ID_CHARS));
    let name = customer.optional_text("name", maybe_blank(NAME_CHARS)).filter(|n| !n.trim().is_empty());
    let handle = customer.optional_text("handle", maybe_blank(NAME_CHARS)).filter(|n| !n.trim().is_empty());
    customer.close();
    Some(Sender { external_id: external_id?, name, handle, fallback_handle: None })
}

pub fn conversation(fields: &mut Fields) -> String {
    fields.optional_text("conversation", maybe_blank(EXTERNAL_ID_CHARS)).unwrap_or_default()
}

/// A time a message claims to have been sent at.
fn sent_at(text: &str, now: Timestamp) -> Result<Timestamp, (&'static str, String)> {
    let at = fields::time(text)?;
    if at < Timestamp::EARLIEST_MESSAGE || at > now.plus(AHEAD) {
        return Err(("out_of_range", "this must lie between 1990 and 24 hours from now".to_owned()));
    }
    Ok(at)
}

/// Take in a message
#[utoipa::path(post, path = "/v1/messages", tag = "messages", request_body = NewMessage, responses(
    (status = 201, description = "Stored durably", body = ReceivedBody),
    (status = 200, description = "This `external_id` of this channel was stored before", body = ReceivedBody),
    (status = 422, body = Problem)))]
pub async fn receive(State(desk): State<Desk>, auth: Auth, mut body: Body) -> Result<Response, Problem> {
    auth.require(Permission::WorkCases)?;
    let f = &mut body.fields;
    let now = desk.db.now();
    let channel = f.required_as("channel", super::channel);
    let external_id = f.text("external_id", text(EXTERNAL_ID_CHARS));
    let direction = f.required_as("direction", word);
    let customer = sender(f);
    let conversation = conversation(f);
    let words = f.text("text", text(TEXT_CHARS));
    let sent_at = f.optional("sent_at", |t| sent_at(t, now));
    let automatic = f.boolean("automatic").unwrap_or(false);
    let author = f.optional("author", super::agent);
    if direction == Some(Direction::Inbound) && author.is_some() {
        f.fault(
            "author",
            "not_outbound",
            "an inbound message is the customer's own: only outbound ones have an author",
        );
    }
    let key = body.key(&auth);
    let names = [named("channel", channel, Named::Channel), named("author", author, Named::Agent)];
    body.finish_with(&desk, &auth, names.into_iter().flatten()).await?;
    // `finish` found no fault, so every required field is there.
    let (Some(channel), Some(external_id), Some(direction), Some(customer), Some(text)) =
        (channel, external_id, direction, customer, words)
    else {
        return Err(Problem::invalid(Vec::new()));
    };
    let caller = auth.caller();
    let act = ReceiveMessage {
        caller,
        channel,
        external_id,
        direction,
        customer,
        conversation,
        text,
        sent_at,
        automatic,
        author,
        history_at: None,
    };
    write(&desk, key, act, |received: Received| {
        metrics::counter!("lull_messages_total", "outcome" => received.taken.as_str()).increment(1);
        let status = if received.taken == Taken::Duplicate { StatusCode::OK } else { StatusCode::CREATED };
        rendered(status, None, &ReceivedBody::from(received))
    })
    .await
}
