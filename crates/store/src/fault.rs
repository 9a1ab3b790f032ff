//! What can go wrong with the database itself. Refusals of the rules are not faults but values.

/// A database fault. Opaque to callers but for one question: may it go away by itself?
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// Nothing can be stored now (disk full, read-only, locked, failing device); nothing of the command was written.
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    /// The database went away while a command was being committed and did not come back in time: it may be stored or not.
    #[error("the database went away during a commit: {0}")]
    Unsettled(String),
    /// Another transaction came in between, on a database that several nodes share: run again, it goes through.
    #[error("the database was busy with the same rows: {0}")]
    Raced(String),
    /// A defect of ours or a damaged database.
    #[error("the database refused a statement: {0}")]
    Broken(String),
}

impl Fault {
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Fault::Unavailable(_) | Fault::Unsettled(_))
    }

    /// A stored value that no version of Lull writes.
    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Fault::Broken(format!("unreadable stored value: {what}"))
    }
}
