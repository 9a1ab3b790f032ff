//! What can be done at the desk, one file per act.
//!
//! Every act is a [`store::Command`]: it loads the facts, asks the domain, and writes state, feed, audit and outbox in one
//! transaction. Pages, API, import and engine call the same acts with another [`Caller`]. A refusal is a value.

pub mod agents;
pub mod assign_waiting;
pub mod attend;
pub mod bulk;
pub mod canned;
pub mod chain_audit;
pub mod change_case;
pub mod change_policy;
pub mod channels;
pub mod close_inactive;
pub mod comment;
pub mod create_case;
pub mod draft;
pub mod export;
pub mod import_conversation;
pub mod notice_settings;
pub mod notices;
pub mod once;
pub mod password;
pub mod queues;
pub mod receive_message;
pub mod reopen;
pub mod reply;
pub mod route;
pub mod saved_views;
pub mod set_up;
pub mod sign_in;
pub mod tags;
pub mod tokens;
pub mod traces;
pub mod undo_run;
pub mod workspaces;

use domain::closure::Actor;
use domain::id::WorkspaceId;
use domain::permission::{Denied, Permission, Role};

/// Who acts, and with what right.
#[derive(Debug, Clone)]
pub struct Caller {
    pub workspace: WorkspaceId,
    pub actor: Actor,
    /// The actor's name, kept with audit entries.
    pub name: Option<String>,
    pub role: Role,
    /// Where the request came from, for the audit trail.
    pub address: Option<String>,
}

impl Caller {
    /// The engine itself, or a person at the machine's own command line.
    pub fn engine(workspace: WorkspaceId) -> Self {
        Caller { workspace, actor: Actor::Engine, name: None, role: Role::Owner, address: None }
    }

    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        self.role.require(permission).map_err(Refusal::Denied)
    }
}

/// Why an act was not done. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Denied(Denied),
    NotFound,
    /// The caller's version is not the stored one.
    VersionConflict {
        current: i64,
    },
    /// An idempotency key was used for another request.
    IdempotencyConflict,
    Invalid(Vec<Invalid>),
}

/// One field that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Dotted path, as in the request.
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

impl Invalid {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Invalid { field: field.into(), code, message: message.into() }
    }

    /// A reference to something that is not there, or not for this caller.
    pub fn not_found(field: &str, what: &str) -> Self {
        Invalid::new(field, "not_found", format!("there is no such {what}"))
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Refusal::Invalid(vec![invalid])
    }
}

/// What an act answers: a fault of the store outside, a refusal of the rules inside.
pub type Answer<T> = Result<Result<T, Refusal>, store::Fault>;

/// Leaves an act with a refusal.
#[macro_export]
macro_rules! refuse {
    ($refusal:expr) => {
        return Ok(Err($crate::acts::Refusal::from($refusal)))
    };
}

/// Unwraps an inner refusal or leaves with it.
#[macro_export]
macro_rules! accept {
    ($answer:expr) => {
        match $answer {
            Ok(value) => value,
            Err(refusal) => return Ok(Err($crate::acts::Refusal::from(refusal))),
        }
    };
}
