//! What the demo's customers and agents do, by the same acts as everybody's.
//!
//! A scene is one transaction. Whoever watches may have changed anything meanwhile, so an act that is refused is simply
//! not done, and the play goes on.

use super::opening::Cast;
use super::team::{self, TEAM, Who};
use crate::acts::Caller;
use crate::acts::agents::ChangeAvailability;
use crate::acts::change_case::{ChangeCase, Changes};
use crate::acts::comment::AddComment;
use crate::acts::receive_message::ReceiveMessage;
use domain::case::Status;
use domain::routing::Availability;
use domain::time::Timestamp;
use std::sync::Arc;
use store::case_list::{self, Assignee, Filter, Key, Sort};
use store::cases::{self, Case};
use store::{Command, Fault, Tx, agents};

/// Cases looked at to fill somebody's hands.
const FILLERS: i64 = 100;

pub struct Scene {
    pub cast: Arc<Cast>,
    pub kind: Kind,
}

pub enum Kind {
    /// The customer writes.
    Ask(ReceiveMessage),
    /// Somebody answers the case of this number; a case that closed meanwhile is opened first.
    Reply {
        number: i64,
        message: ReceiveMessage,
        /// A case that nobody has becomes theirs.
        claims: bool,
        /// The customer has the next word.
        holds: bool,
    },
    /// `owner` takes the case and says what it is.
    Take {
        number: i64,
        owner: Who,
        sorted: Changes,
    },
    Note {
        number: i64,
        text: &'static str,
    },
    Close {
        number: i64,
    },
    /// Somebody takes cases, none of `spared`, until they are full.
    Crowd {
        who: Who,
        spared: Vec<i64>,
    },
    /// Shifts change as planned after `since`; without one everybody takes their place.
    Hour {
        since: Option<Timestamp>,
    },
    /// A step of a case that never came to be.
    Nothing,
}

impl Command for Scene {
    /// The case of an answered [`Kind::Ask`].
    type Output = Option<i64>;

    async fn run(&self, tx: &mut Tx) -> Result<Option<i64>, Fault> {
        match &self.kind {
            Kind::Ask(message) => {
                let received = message.run(tx).await?.ok();
                return Ok(received.and_then(|received| received.case).map(|view| view.case.number));
            }
            Kind::Reply { number, message, claims, holds } => {
                self.reply(tx, *number, message, *claims).await?;
                if *holds {
                    self.hold(tx, *number).await?;
                }
            }
            Kind::Take { number, owner, sorted } => self.take(tx, *number, *owner, sorted).await?,
            Kind::Note { number, text } => self.note(tx, *number, text).await?,
            Kind::Close { number } => self.close(tx, *number).await?,
            Kind::Crowd { who, spared } => self.crowd(tx, *who, spared).await?,
            Kind::Hour { since } => self.hour(tx, *since).await?,
            Kind::Nothing => {}
        }
        Ok(None)
    }
}

impl Scene {
    async fn case(&self, tx: &mut Tx, number: i64) -> Result<Option<Case>, Fault> {
        cases::by_number(tx, self.cast.workspace, number).await
    }

    async fn change(&self, tx: &mut Tx, number: i64, caller: Caller, changes: Changes) -> Result<(), Fault> {
        // A refusal leaves everything as it is, which is what the play does then.
        let _ = ChangeCase { caller, number, changes, if_version: None, quiet: false }.run(tx).await?;
        Ok(())
    }

    /// Who acts on a case: its assignee, unless they are gone; else whoever is on duty.
    fn hands(&self, tx: &Tx, case: &Case) -> Who {
        let now = tx.now();
        let assignee = case.assignee.and_then(|agent| self.cast.who(agent));
        let there = |who: &Who| team::planned(*who, now) != Some(Availability::Offline);
        assignee.filter(there).unwrap_or_else(|| team::on_duty(now))
    }

    async fn reply(&self, tx: &mut Tx, number: i64, message: &ReceiveMessage, claims: bool) -> Result<(), Fault> {
        let Some(case) = self.case(tx, number).await? else { return Ok(()) };
        let who = self.hands(tx, &case);
        let (caller, author) = (self.cast.caller(who), self.cast.agent(who));
        let first = Changes {
            status: case.status.is_closed().then_some(Status::InProgress),
            assignee: (claims && case.assignee.is_none()).then_some(Some(author)),
            ..Changes::default()
        };
        self.change(tx, number, caller.clone(), first).await?;
        let said = ReceiveMessage { caller, author: Some(author), ..message.clone() };
        let _ = said.run(tx).await?;
        Ok(())
    }

    async fn hold(&self, tx: &mut Tx, number: i64) -> Result<(), Fault> {
        let Some(case) = self.case(tx, number).await? else { return Ok(()) };
        let caller = self.cast.caller(self.hands(tx, &case));
        self.change(tx, number, caller, Changes { status: Some(Status::OnHold), ..Changes::default() }).await
    }

    async fn take(&self, tx: &mut Tx, number: i64, owner: Who, sorted: &Changes) -> Result<(), Fault> {
        let open = self.case(tx, number).await?.is_some_and(|case| !case.status.is_closed());
        let changes = Changes {
            assignee: Some(Some(self.cast.agent(owner))),
            status: open.then_some(Status::InProgress),
            ..sorted.clone()
        };
        self.change(tx, number, self.cast.caller(owner), changes).await
    }

    async fn note(&self, tx: &mut Tx, number: i64, text: &str) -> Result<(), Fault> {
        let Some(case) = self.case(tx, number).await? else { return Ok(()) };
        let caller = self.cast.caller(self.hands(tx, &case));
        let _ = AddComment { caller, number, text: text.to_owned() }.run(tx).await?;
        Ok(())
    }

    async fn close(&self, tx: &mut Tx, number: i64) -> Result<(), Fault> {
        let Some(case) = self.case(tx, number).await? else { return Ok(()) };
        let caller = self.cast.caller(self.hands(tx, &case));
        let closed = Changes { status: Some(Status::Closed), ..Changes::default() };
        self.change(tx, number, caller, closed).await
    }

    async fn crowd(&self, tx: &mut Tx, who: Who, spared: &[i64]) -> Result<(), Fault> {
        let (ws, agent) = (self.cast.workspace, self.cast.agent(who));
        let Some(known) = agents::candidate(tx, ws, agent).await? else { return Ok(()) };
        let mut room = known.capacity.map_or(0, |most| most.saturating_sub(known.load));
        // What nobody has comes first, then what others have.
        for assignee in [Some(Assignee::Nobody), None] {
            if room == 0 {
                break;
            }
            let statuses = vec![Status::Open, Status::InProgress];
            let filter = Filter { statuses, assignee, ..Filter::default() };
            let newest = Sort { key: Key::LastActivityAt, descending: true };
            let met = case_list::page(tx, ws, &filter, newest, &[], None, FILLERS).await?.rows;
            let mine = |case: &Case| case.assignee == Some(agent) || spared.contains(&case.number);
            let free: Vec<i64> = met.iter().filter(|met| !mine(&met.case)).map(|met| met.case.number).collect();
            for number in free.into_iter().take(room as usize) {
                let taken = Changes { assignee: Some(Some(agent)), ..Changes::default() };
                self.change(tx, number, self.cast.caller(who), taken).await?;
                room -= 1;
            }
        }
        Ok(())
    }

    async fn hour(&self, tx: &mut Tx, since: Option<Timestamp>) -> Result<(), Fault> {
        let now = tx.now();
        for who in 0..TEAM.len() {
            // Only the plan's own changes: what somebody chose by hand holds until the next of them.
            let Some(availability) = team::planned(who, now) else { continue };
            if since.and_then(|since| team::planned(who, since)) != Some(availability) {
                let agent = self.cast.agent(who);
                let _ = ChangeAvailability { caller: self.cast.caller(who), agent, availability }.run(tx).await?;
            }
        }
        Ok(())
    }
}
