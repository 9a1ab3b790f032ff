//! What can go wrong with the database itself. Refusals of the rules are not faults but values.

/// A database fault. Opaque to callers but for one question: may it go away by itself?
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// Nothing can be stored now (disk full, read-only, locked, failing device); nothing of the command was written.
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    /// A defect of ours or a damaged database.
    #[error("the database refused a statement: {0}")]
    Broken(String),
}

impl Fault {
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Fault::Unavailable(_))
    }

    /// A stored value that no version of Lull writes.
    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Fault::Broken(format!("unreadable stored value: {what}"))
    }
}
