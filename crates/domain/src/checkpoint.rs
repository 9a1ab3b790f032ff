//! Checkpoints of the audit trail (T3): what is signed, so that somebody who holds only the public key can tell that the
//! desk said it.

use crate::audit::{Hash, hex};
use crate::id::WorkspaceId;
use crate::time::Timestamp;

/// The trail of a workspace reached this entry, with this hash, at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    pub workspace: WorkspaceId,
    pub seq: i64,
    pub hash: Hash,
    pub at: Timestamp,
}

impl Checkpoint {
    /// The bytes a signature covers: every field in the form in which it is shown, one a line, under a name of its own so that
    /// a signature of anything else is none of a checkpoint.
    pub fn signed_text(&self) -> String {
        let Checkpoint { workspace, seq, hash, at } = self;
        format!("lull audit checkpoint v1\nworkspace {workspace}\nseq {seq}\nhash {}\nat {at}\n", hex(hash))
    }
}
