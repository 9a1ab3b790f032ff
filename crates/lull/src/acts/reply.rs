//! Answering the customer from the desk.

use super::receive_message::{hear, record_message, trace_message};
use super::{Answer, Caller, Invalid, Refusal};
use crate::views::{self, CaseView};
use crate::{accept, refuse};
use domain::id::MessageId;
use domain::message::{Delivery, Direction};
use domain::permission::Permission;
use store::cases;
use store::locks;
use store::messages::{self, Message};
use store::{Command, Tx};

/// An outbound message written here. On a closed case it leaves the case closed (R8).
#[derive(Debug, Clone)]
pub struct Reply {
    pub caller: Caller,
    pub number: i64,
    pub text: String,
    /// The latest message the writer had seen: a newer one from the customer refuses the reply, so that nobody answers
    /// past a question. `None` does not ask.
    pub seen: Option<MessageId>,
}

impl Command for Reply {
    type Output = Result<(Message, CaseView), Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<(Message, CaseView)> {
        accept!(self.caller.require(Permission::WorkCases));
        let ws = self.caller.workspace;
        locks::hold_settings(tx, ws).await?;
        let Some(before) = cases::by_number(tx, ws, self.number).await? else { refuse!(Refusal::NotFound) };
        if let Some(seen) = self.seen {
            let newer = messages::list(tx, ws, before.id, Some(seen), 1).await?;
            if !newer.is_empty() {
                refuse!(Invalid::new("seen", "newer_message", "a newer message came in meanwhile: read it first"))
            }
        }
        let mut case = before.clone();
        let message = Message {
            case: case.id,
            id: MessageId(tx.new_id()),
            channel: case.channel,
            customer: case.customer,
            external_id: None,
            direction: Direction::Outbound,
            text: self.text.clone(),
            author: self.caller.actor.agent(),
            automatic: false,
            sent_at: None,
            received_at: tx.now(),
            delivery: Delivery::Queued,
        };
        let arm_from = views::in_force(tx, &case).await?.arm_from;
        hear(&mut case, &message, arm_from);
        cases::save(tx, &before, &mut case).await?;
        messages::insert(tx, ws, &message).await?;
        record_message(tx, &case, &message, self.caller.actor).await?;
        trace_message(tx, &self.caller, &case, &message).await?;
        if let Some(agent) = self.caller.actor.agent() {
            messages::save_draft(tx, ws, case.id, agent, "reply", "").await?;
        }
        let view = views::of_case(tx, case).await?;
        Ok(Ok((message, view)))
    }
}
