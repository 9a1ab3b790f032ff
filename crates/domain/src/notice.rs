//! What a person is told of, and what they hear of unless they say otherwise.

use crate::words;

words! {
    /// A kind of notification. Nobody is told of an auto close (A10), nor of what they did themselves.
    Notice {
        /// A new case waits in one of my queues.
        NewCase = "case_created",
        /// A case was given to me.
        Assigned = "case_assigned",
        /// A case came back: to whom it went, or else to the members of its queue (R9).
        Reopened = "case_reopened",
        /// The customer wrote in a case I have.
        Replied = "message_received",
        /// Somebody named me in a comment.
        Mentioned = "mentioned",
        /// Somebody else closed a case I have.
        Closed = "case_closed",
    }
}

/// Where a person wants to hear of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub in_page: bool,
    pub email: bool,
}

impl Notice {
    /// What holds until a person chooses. A busy queue's new cases would drown everything else, so who wants to hear of
    /// them asks for it; a mail is sent for what waits for this one person.
    pub const fn wanted_at_first(self) -> Wanted {
        Wanted {
            in_page: !matches!(self, Notice::NewCase),
            email: matches!(self, Notice::Assigned | Notice::Mentioned),
        }
    }
}
