//! Being at a case: what somebody has seen of it, and that they look at it or write there now.
//!
//! It is no act on the case: it leaves no trace, moves no clock and raises no version. Pages renew it while they are looked
//! at; nobody has to say goodbye, since what is not renewed runs out.

use domain::id::{AgentId, CaseId, WorkspaceId};
use domain::time::{Span, Timestamp};
use store::presence::{self, Presence};
use store::{Command, Fault, Tx, outbox, seen};

/// How long a page counts as looked at that is not heard of. It asks for its parts at least twice in that time.
const LASTS: Span = Span::millis(75_000);
/// A page that is heard of is written down again once less than this is left.
const RENEWED_BELOW: Span = Span::millis(50_000);
/// How long somebody counts as writing after they last went on.
const TYPING_LASTS: Span = Span::millis(40_000);
const TYPING_RENEWED_BELOW: Span = Span::millis(20_000);
/// Something that was written longer ago than this is news to nobody, and what was seen then is forgotten.
pub const NEWS_LAST: Span = Span::days(30);

/// Tells pages to look again; programs do not hear of it.
pub const EVENT: &str = "presence.changed";

/// How a case is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Its page was opened.
    Opened,
    /// The page is still looked at.
    Still,
}

/// Whose presence where. By a test clock it goes by real time all the same: `real_time` then says it.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub case: CaseId,
    pub number: i64,
    pub real_time: Option<Timestamp>,
}

impl Place {
    fn now(&self, tx: &Tx) -> Timestamp {
        self.real_time.unwrap_or(tx.now())
    }

    async fn tell(&self, tx: &mut Tx) -> Result<(), Fault> {
        outbox::insert(tx, self.workspace, EVENT, Some(self.number), "{}").await
    }
}

/// Whether a page that is still looked at has to be written down again.
pub fn runs_out(presence: Option<&Presence>, now: Timestamp) -> bool {
    presence.is_none_or(|presence| presence.until.minus(RENEWED_BELOW) <= now)
}

/// Somebody looks at a case, and saw its messages and notes up to `upto`.
#[derive(Debug, Clone, Copy)]
pub struct Attend {
    pub place: Place,
    pub look: Look,
    pub upto: Option<i64>,
}

impl Command for Attend {
    /// When their newest page was opened.
    type Output = Timestamp;

    async fn run(&self, tx: &mut Tx) -> Result<Timestamp, Fault> {
        let Place { workspace: ws, agent, case, .. } = self.place;
        if let Some(upto) = self.upto {
            seen::save(tx, ws, case, agent, upto).await?;
        }
        let now = self.place.now(tx);
        let before = presence::get(tx, ws, case, agent).await?.filter(|before| before.until > now);
        let since = before.as_ref().filter(|_| self.look == Look::Still).map_or(now, |before| before.since);
        let typing = before.as_ref().and_then(|before| before.typing.clone());
        presence::save(tx, ws, case, agent, &Presence { since, until: now.plus(LASTS), typing }).await?;
        if before.is_none() {
            self.place.tell(tx).await?;
        }
        Ok(since)
    }
}

/// Somebody saw what came meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct See {
    pub place: Place,
    pub upto: i64,
}

impl Command for See {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        seen::save(tx, self.place.workspace, self.place.case, self.place.agent, self.upto).await
    }
}

/// The page that was opened at `since` is closed.
#[derive(Debug, Clone, Copy)]
pub struct Leave {
    pub place: Place,
    pub since: Timestamp,
}

impl Command for Leave {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let Place { workspace: ws, agent, case, .. } = self.place;
        if presence::leave(tx, ws, case, agent, self.since).await? {
            self.place.tell(tx).await?;
        }
        Ok(())
    }
}

/// Somebody goes on with a text of this kind, or, with an empty one, has none any more.
pub async fn typing(tx: &mut Tx, place: Place, kind: &str, text: &str) -> Result<(), Fault> {
    let Place { workspace: ws, agent, case, .. } = place;
    let now = place.now(tx);
    let before = presence::get(tx, ws, case, agent).await?.filter(|before| before.until > now);
    let known = before.as_ref().and_then(|before| before.typing.clone()).filter(|(_, until)| *until > now);
    let same = known.as_ref().filter(|(known, _)| known == kind);
    let typing = match (text.is_empty(), same) {
        (true, None) => return Ok(()),
        (false, Some((_, until))) if until.minus(TYPING_RENEWED_BELOW) > now => return Ok(()),
        (true, Some(_)) => None,
        (false, _) => Some((kind.to_owned(), now.plus(TYPING_LASTS))),
    };
    let since = before.as_ref().map_or(now, |before| before.since);
    let changed = typing.is_none() || same.is_none();
    presence::save(tx, ws, case, agent, &Presence { since, until: now.plus(LASTS), typing }).await?;
    if changed {
        place.tell(tx).await?;
    }
    Ok(())
}
