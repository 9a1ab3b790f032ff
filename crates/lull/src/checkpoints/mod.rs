//! Signed checkpoints of the audit trail, kept elsewhere (T3): who rewrites the whole trail, hashes and all, cannot rewrite
//! what was carried away before.
//!
//! While the trail grows, each workspace's newest entry is carried away once an hour and when the process ends. What was carried
//! away is remembered only to save repeating it: forgotten, it is found in the file again, or said twice.

mod key;
mod place;

use crate::acts::chain_audit::catch_up;
use domain::audit::hash_from_hex;
use domain::checkpoint::Checkpoint;
use domain::id::WorkspaceId;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use store::{Db, Fault, audit, workspaces};
use utoipa::ToSchema;

pub use key::{Key, PublicKey};
pub use place::Place;

/// Checkpoints of one workspace are at least this far apart.
const EVERY: Span = Span::hours(1);

/// How hard a place is asked.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a webhook is asked for one checkpoint.
    tries: usize,
    /// When everything is tried again after that was in vain.
    again: Span,
}

/// In the course of things.
pub const PATIENT: Patience = Patience { tries: 3, again: Span::minutes(1) };
/// By a test clock, where hours pass while a webhook thinks, and when the process is about to end.
pub const BRIEF: Patience = Patience { tries: 1, again: EVERY };

/// A checkpoint as it is shown and kept: proof, kept elsewhere, that the trail reached this entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditCheckpoint)]
pub struct Written {
    workspace: String,
    seq: i64,
    hash: String,
    at: String,
    /// Tells keys apart for people: the beginning of the public key's SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// Ed25519, in hex. What proves anything is the one that was known before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// Ed25519 over the five lines that docs/audit.md shows, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl Written {
    pub fn new(checkpoint: &Checkpoint, key: Option<&Key>) -> Written {
        let public = key.map(Key::public);
        Written {
            workspace: checkpoint.workspace.to_string(),
            seq: checkpoint.seq,
            hash: domain::audit::hex(&checkpoint.hash),
            at: checkpoint.at.to_string(),
            key_id: public.map(|public| public.id()),
            public_key: public.map(|public| public.hex()),
            signature: key.map(|key| key.sign(&checkpoint.signed_text())),
        }
    }

    pub fn parse(text: &str) -> Result<Written, String> {
        serde_json::from_str(text).map_err(|_| "it needs workspace, seq, hash and at, in JSON".to_owned())
    }

    pub fn checkpoint(&self) -> Result<Checkpoint, String> {
        let workspace = WorkspaceId::parse(&self.workspace).ok_or("`workspace` is no id of a workspace")?;
        let hash = hash_from_hex(&self.hash).ok_or("`hash` is no SHA-256 in hex")?;
        let at = Timestamp::parse(&self.at).map_err(|_| "`at` is no time")?;
        if self.seq < 1 {
            return Err("`seq` is no number of an entry: they count from 1".to_owned());
        }
        Ok(Checkpoint { workspace, seq: self.seq, hash, at })
    }

    /// Why this was not said by who has that key; `Ok` if it was.
    pub fn check(&self, key: &PublicKey) -> Result<(), String> {
        let signature = self.signature.as_deref().ok_or("it is not signed")?;
        if key.signed(&self.checkpoint()?.signed_text(), signature) {
            return Ok(());
        }
        match self.public_key.as_deref().and_then(PublicKey::parse) {
            Some(other) if other != *key => Err(format!("it is signed with another key ({})", other.id())),
            _ => Err("its signature does not fit: it is not what was signed".to_owned()),
        }
    }
}

/// The newest entry of a workspace's trail; `None` before the first.
pub async fn of(db: &Db, ws: WorkspaceId) -> Result<Option<Checkpoint>, Fault> {
    catch_up(db, ws).await?;
    let head = db.read(move |tx| Box::pin(async move { audit::head(tx, ws).await })).await?;
    // To the millisecond, in which it is shown and signed.
    let at = Timestamp::from_millis(db.now().as_millis());
    Ok(head.map(|(seq, hash)| Checkpoint { workspace: ws, seq, hash, at }))
}

/// Why a checkpoint is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("a checkpoint of the audit trail is not kept: {0}")]
    Refused(String),
}

/// The desk's key and where its checkpoints go.
#[derive(Debug, Default)]
pub struct Checkpoints {
    key: Option<Key>,
    place: Option<Place>,
    kept: OnceLock<Mutex<Kept>>,
    refused: Mutex<Option<String>>,
}

#[derive(Debug)]
struct Kept {
    seqs: HashMap<WorkspaceId, i64>,
    /// Not before this moment again.
    next: Timestamp,
}

impl Checkpoints {
    pub fn new(key: Option<Key>, place: Option<Place>) -> Self {
        Checkpoints { key, place, ..Checkpoints::default() }
    }

    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    fn kept<T>(&self, place: &Place, with: impl FnOnce(&mut Kept) -> T) -> T {
        let begun = || Mutex::new(Kept { seqs: place.known(), next: Timestamp::from_micros(i64::MIN) });
        with(&mut self.kept.get_or_init(begun).lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the place took no checkpoint the last time it was asked; `None` while all is well.
    pub fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Carries away what is due. What the place refuses is reported and tried again soon.
    pub async fn keep(&self, db: &Db, patience: Patience) -> Result<(), Unkept> {
        let Some(place) = &self.place else { return Ok(()) };
        if db.now() < self.kept(place, |kept| kept.next) {
            return Ok(());
        }
        let taken = self.keep_all(db, place, patience.tries).await;
        match &taken {
            Ok(0) => {}
            Ok(_) => self.kept(place, |kept| kept.next = db.now().plus(EVERY)),
            Err(_) => self.kept(place, |kept| kept.next = db.now().plus(patience.again)),
        }
        self.report(taken.as_ref().err());
        taken.map(|_| ())
    }

    fn report(&self, unkept: Option<&Unkept>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(unkept @ Unkept::Refused(_)), None) = (unkept, refused.as_ref()) {
            tracing::error!(%unkept, "this is tried again");
        }
        *refused = unkept.map(Unkept::to_string);
    }

    /// Carries away whatever is new, due or not, and answers how many checkpoints that were.
    pub async fn keep_now(&self, db: &Db) -> Result<usize, Unkept> {
        match &self.place {
            Some(place) => self.keep_all(db, place, BRIEF.tries).await,
            None => Ok(0),
        }
    }

    async fn keep_all(&self, db: &Db, place: &Place, tries: usize) -> Result<usize, Unkept> {
        let all = db.read(|tx| Box::pin(async move { workspaces::all(tx).await })).await?;
        let (mut taken, mut cut) = (0, None);
        for workspace in all {
            let known = self.kept(place, |kept| kept.seqs.get(&workspace.id).copied());
            let checkpoint = of(db, workspace.id).await?;
            let seq = checkpoint.map_or(0, |checkpoint| checkpoint.seq);
            if let Some(known) = known.filter(|known| *known > seq) {
                let ws = workspace.id;
                cut = Some(format!(
                    "the trail of {ws} ends at entry {seq}, but entry {known} was carried away before: look with `lull audit verify`"
                ));
            }
            let Some(checkpoint) = checkpoint.filter(|_| known.is_none_or(|known| known < seq)) else { continue };
            let written = Written::new(&checkpoint, self.key());
            place.take(&written, tries).await.map_err(Unkept::Refused)?;
            self.kept(place, |kept| kept.seqs.insert(workspace.id, checkpoint.seq));
            taken += 1;
        }
        cut.map_or(Ok(taken), |why| Err(Unkept::Refused(why)))
    }

    /// When there will be something to carry away, by a clock that stands still until then: at once or at the end of the
    /// hour if the trail grew, else not in sight.
    pub async fn next(&self, db: &Db) -> Result<Option<Timestamp>, Fault> {
        let Some(place) = &self.place else { return Ok(None) };
        let found = db.read(|tx| {
            Box::pin(async move { Ok((audit::heads(tx).await?, !audit::workspaces_pending(tx).await?.is_empty())) })
        });
        let (heads, pending) = found.await?;
        Ok(self.kept(place, |kept| {
            let grew = |(ws, seq): &(WorkspaceId, i64)| kept.seqs.get(ws).is_none_or(|known| known < seq);
            (pending || heads.iter().any(grew)).then_some(kept.next)
        }))
    }
}

#[cfg(test)]
mod tests;
