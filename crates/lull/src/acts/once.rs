//! The same request twice is one act: answers kept under the sender's idempotency key.

use super::{Answer, Refusal};
use domain::id::WorkspaceId;
use domain::time::Span;
use store::idempotency::{self, Kept};
use store::{Command, Fault, Tx, locks};

/// How long a key is remembered.
pub const REMEMBERED: Span = Span::hours(24);

/// A key, and what it was sent with.
#[derive(Debug, Clone)]
pub struct Key {
    pub workspace: WorkspaceId,
    /// The credential: two programs may use the same key.
    pub sender: String,
    pub key: String,
    /// Fingerprint of method, path and body.
    pub request: String,
}

/// An answer as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub status: u16,
    pub etag: Option<i64>,
    pub body: String,
}

/// An act whose answer is rendered, and kept if there is a key, in the act's own transaction.
pub struct Once<C, R> {
    pub act: C,
    pub key: Option<Key>,
    pub render: R,
    /// What is kept instead of the answer when that holds a secret.
    pub redact: Option<fn(&str) -> String>,
}

impl<C, T, R> Command for Once<C, R>
where
    C: Command<Output = Result<T, Refusal>>,
    T: Send + 'static,
    R: Fn(T) -> Rendered + Send + Sync + 'static,
{
    type Output = Result<Rendered, Refusal>;

    async fn run(&self, tx: &mut Tx) -> Answer<Rendered> {
        if let Some(key) = &self.key {
            locks::key(tx, key.workspace, &key.sender, &key.key).await?;
            if let Some(kept) = first_answer(tx, key).await? {
                return Ok(kept);
            }
        }
        let rendered = match self.act.run(tx).await? {
            Ok(output) => (self.render)(output),
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(key) = &self.key {
            let body = self.redact.map_or_else(|| rendered.body.clone(), |redact| redact(&rendered.body));
            let etag = rendered.etag.map_or_else(String::new, |v| v.to_string());
            let kept = Kept {
                request: key.request.clone(),
                status: i64::from(rendered.status),
                answer: format!("{etag}\n{body}"),
            };
            idempotency::keep(tx, key.workspace, &key.sender, &key.key, &kept).await?;
        }
        Ok(Ok(rendered))
    }
}

/// Stands in place of an answer's status while the act is under way.
const UNDER_WAY: i64 = 0;

/// What stands under a key.
pub enum Found {
    Nothing,
    /// An act of many steps that is not at its end, in its own words.
    UnderWay(String),
    Answered(Rendered),
}

/// What stands under a key, which is held until the transaction ends.
pub async fn look_up(tx: &mut Tx, key: &Key) -> Answer<Found> {
    locks::key(tx, key.workspace, &key.sender, &key.key).await?;
    let since = tx.now().minus(REMEMBERED);
    let Some(kept) = idempotency::get(tx, key.workspace, &key.sender, &key.key, since).await? else {
        return Ok(Ok(Found::Nothing));
    };
    if kept.request == key.request && kept.status == UNDER_WAY {
        return Ok(Ok(Found::UnderWay(kept.answer)));
    }
    Ok(replay(key, &kept).map(Found::Answered))
}

/// Keeps that an act of many steps is under way, so that the same request goes on with it.
pub async fn keep_under_way(tx: &mut Tx, key: &Key, words: String) -> Result<(), Fault> {
    let kept = Kept { request: key.request.clone(), status: UNDER_WAY, answer: words };
    idempotency::keep(tx, key.workspace, &key.sender, &key.key, &kept).await
}

/// The first answer to a key, for what is not an act of the database itself.
pub struct FirstAnswer(pub Key);

impl Command for FirstAnswer {
    type Output = Option<Result<Rendered, Refusal>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Fault> {
        first_answer(tx, &self.0).await
    }
}

/// An act that only keeps its answer.
pub struct Done;

impl Command for Done {
    type Output = Result<(), Refusal>;

    async fn run(&self, _: &mut Tx) -> Answer<()> {
        Ok(Ok(()))
    }
}

async fn first_answer(tx: &mut Tx, key: &Key) -> Result<Option<Result<Rendered, Refusal>>, Fault> {
    let since = tx.now().minus(REMEMBERED);
    let Some(kept) = idempotency::get(tx, key.workspace, &key.sender, &key.key, since).await? else { return Ok(None) };
    if kept.request == key.request && kept.status == UNDER_WAY {
        return Ok(None);
    }
    Ok(Some(replay(key, &kept)))
}

fn replay(key: &Key, kept: &Kept) -> Result<Rendered, Refusal> {
    if kept.request != key.request {
        return Err(Refusal::IdempotencyConflict);
    }
    let (etag, body) = kept.answer.split_once('\n').unwrap_or(("", &kept.answer));
    let status = u16::try_from(kept.status).unwrap_or(200);
    Ok(Rendered { status, etag: etag.parse().ok(), body: body.to_owned() })
}
