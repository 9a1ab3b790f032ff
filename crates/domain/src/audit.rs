//! The audit trail's events and its hash chain (T2, T3).
//!
//! Each entry's hash covers its own fields and the hash before it, so an edited, deleted, inserted or reordered entry
//! breaks the chain at its place. A chain cut at its end is whole in itself; only a checkpoint kept elsewhere shows it.

use crate::words;
use sha2::{Digest, Sha256};

words! {
    AuditEvent {
        CaseCreated = "CASE_CREATED",
        MessageReceived = "MESSAGE_RECEIVED",
        MessageSent = "MESSAGE_SENT",
        CommentAdded = "COMMENT_ADDED",
        CaseUpdated = "CASE_UPDATED",
        CaseClosed = "CASE_CLOSED",
        CaseAutoClosed = "CASE_AUTO_CLOSED",
        CaseReopened = "CASE_REOPENED",
        CaseAutoReopened = "CASE_AUTO_REOPENED",
        /// Somebody had a run of auto close undone (X8); each case that came back has an entry of its own.
        RunUndone = "RUN_UNDONE",
        CaseSettingsUpdated = "CASE_SETTINGS_UPDATED",
        UserStatusChanged = "USER_STATUS_CHANGED",
        UserCreated = "USER_CREATED",
        UserUpdated = "USER_UPDATED",
        /// A role or the active flag changed.
        UserPermissionsChanged = "USER_PERMISSIONS_CHANGED",
        SignedIn = "SIGNED_IN",
        SignInFailed = "SIGN_IN_FAILED",
        SignedOut = "SIGNED_OUT",
        SignInLinkCreated = "SIGN_IN_LINK_CREATED",
        TokenCreated = "TOKEN_CREATED",
        TokenRevoked = "TOKEN_REVOKED",
        QueueCreated = "QUEUE_CREATED",
        QueueUpdated = "QUEUE_UPDATED",
        ChannelCreated = "CHANNEL_CREATED",
        ChannelUpdated = "CHANNEL_UPDATED",
        /// A list of the inbox got a name, another one, or lost it.
        ViewCreated = "VIEW_CREATED",
        ViewUpdated = "VIEW_UPDATED",
        ViewDeleted = "VIEW_DELETED",
        CannedReplyCreated = "CANNED_REPLY_CREATED",
        CannedReplyUpdated = "CANNED_REPLY_UPDATED",
        CannedReplyDeleted = "CANNED_REPLY_DELETED",
        /// Everywhere: the cases follow one by one, each with an entry of its own.
        TagRenamed = "TAG_RENAMED",
        TagDeleted = "TAG_DELETED",
        WorkspaceCreated = "WORKSPACE_CREATED",
        WorkspaceUpdated = "WORKSPACE_UPDATED",
        AuditExported = "AUDIT_EXPORTED",
        /// Cases, closures or messages left the desk as a file.
        DataExported = "DATA_EXPORTED",
        DataImported = "DATA_IMPORTED",
    }
}

pub type Hash = [u8; 32];

/// The hash before the first entry.
pub const GENESIS: Hash = [0; 32];

/// The hash before a workspace's first entry: its own, so that one workspace's trail is not another's.
pub fn genesis(workspace: crate::id::WorkspaceId) -> Hash {
    let mut sha = Sha256::new();
    sha.update(GENESIS);
    sha.update(workspace.0.to_be_bytes());
    sha.finalize().into()
}

/// One entry as it is hashed: exactly the stored texts.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub seq: i64,
    pub at_micros: i64,
    pub event: &'a str,
    pub actor: &'a str,
    pub object_kind: &'a str,
    pub object_id: &'a str,
    pub old: Option<&'a str>,
    pub new: Option<&'a str>,
    pub address: Option<&'a str>,
}

/// The hash of an entry that follows one with hash `previous`. Every field is preceded by its length, so no two
/// different entries feed the same bytes.
pub fn chain(previous: &Hash, entry: &Entry<'_>) -> Hash {
    let mut sha = Sha256::new();
    sha.update(previous);
    sha.update(entry.seq.to_be_bytes());
    sha.update(entry.at_micros.to_be_bytes());
    let fields = [
        Some(entry.event),
        Some(entry.actor),
        Some(entry.object_kind),
        Some(entry.object_id),
        entry.old,
        entry.new,
        entry.address,
    ];
    for field in fields {
        match field {
            // No text is this long, so absence cannot be mistaken for one.
            None => sha.update(u64::MAX.to_be_bytes()),
            Some(text) => {
                sha.update((text.len() as u64).to_be_bytes());
                sha.update(text.as_bytes());
            }
        }
    }
    sha.finalize().into()
}

/// What is wrong with a trail, at which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The sequence jumps: entries are missing before this one, or stand in the wrong order.
    Gap { expected: i64, found: i64 },
    /// The entry or the one before it is not what was written.
    Altered { seq: i64 },
    /// The trail ends before the newest entry that is known to have been written.
    Truncated { ends_at: i64, known: i64 },
    /// The entry at a checkpoint is not the one the checkpoint saw.
    NotTheCheckpoint { seq: i64 },
}

/// Walks a trail entry by entry.
#[derive(Debug)]
pub struct Verifier {
    seq: i64,
    hash: Hash,
    /// In the order of the trail; those that were met are in front of `next`.
    checkpoints: Vec<(i64, Hash)>,
    next: usize,
}

impl Verifier {
    /// `checkpoints` are sequence numbers and their hashes, exported earlier and kept elsewhere, in any order.
    pub fn new(checkpoints: impl IntoIterator<Item = (i64, Hash)>) -> Self {
        Self::starting_at(GENESIS, checkpoints)
    }

    /// For a trail whose first entry follows `genesis`.
    pub fn starting_at(genesis: Hash, checkpoints: impl IntoIterator<Item = (i64, Hash)>) -> Self {
        let mut checkpoints: Vec<_> = checkpoints.into_iter().filter(|(seq, _)| *seq > 0).collect();
        checkpoints.sort_unstable();
        Verifier { seq: 0, hash: genesis, checkpoints, next: 0 }
    }

    /// Takes the next entry in stored order with its stored hash.
    pub fn push(&mut self, entry: &Entry<'_>, stored: &Hash) -> Result<(), Broken> {
        let expected = self.seq + 1;
        if entry.seq != expected {
            return Err(Broken::Gap { expected, found: entry.seq });
        }
        let hash = chain(&self.hash, entry);
        if hash != *stored {
            return Err(Broken::Altered { seq: entry.seq });
        }
        while let Some((seq, known)) = self.checkpoints.get(self.next).filter(|(seq, _)| *seq == entry.seq) {
            if *known != hash {
                return Err(Broken::NotTheCheckpoint { seq: *seq });
            }
            self.next += 1;
        }
        self.seq = entry.seq;
        self.hash = hash;
        Ok(())
    }

    /// Ends the walk; `head` is the newest entry the database says it wrote, read in the same transaction as the trail.
    /// Answers the trail's last entry.
    pub fn finish(self, head: Option<(i64, Hash)>) -> Result<(i64, Hash), Broken> {
        let known =
            [head, self.checkpoints.last().copied()].into_iter().flatten().map(|(seq, _)| seq).max().unwrap_or(0);
        if self.seq < known {
            return Err(Broken::Truncated { ends_at: self.seq, known });
        }
        if let Some((seq, hash)) = head {
            // An entry that was put behind the newest one fits the chain; only the head knows that nobody wrote it.
            if seq < self.seq {
                return Err(Broken::Altered { seq: seq + 1 });
            }
            if hash != self.hash {
                return Err(Broken::Altered { seq });
            }
        }
        Ok((self.seq, self.hash))
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hexadecimal, the form in which hashes are shown and stored.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [DIGITS[(b >> 4) as usize] as char, DIGITS[(b & 15) as usize] as char]).collect()
}

/// Reads [`hex`] back, and only that: a hash has one text.
pub fn hash_from_hex(text: &str) -> Option<Hash> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let mut hash = GENESIS;
    for (byte, pair) in hash.iter_mut().zip(text.chunks(2)) {
        let digit = |c: u8| DIGITS.iter().position(|d| *d == c).map(|value| value as u8);
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}
