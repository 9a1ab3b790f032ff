//! Messages and what counts as activity.

use crate::words;

words! {
    Direction { Inbound = "inbound", Outbound = "outbound" }
}

words! {
    /// Where a channel's messages come from.
    Network {
        Instagram = "instagram",
        Facebook = "facebook",
        X = "x",
        Tiktok = "tiktok",
        Threads = "threads",
        Whatsapp = "whatsapp",
        Linkedin = "linkedin",
        Youtube = "youtube",
        Pinterest = "pinterest",
        Bluesky = "bluesky",
        Email = "email",
        Web = "web",
        Other = "other",
    }
}

words! {
    /// How far an outbound message got. `Recorded` was sent elsewhere and only noted here.
    Delivery { Received = "received", Recorded = "recorded", Queued = "queued", Sent = "sent", Failed = "failed" }
}

pub const TEXT_CHARS: usize = 20_000;
pub const NAME_CHARS: usize = 200;
pub const EXTERNAL_ID_CHARS: usize = 255;

impl Network {
    /// Whether one customer id means one person on every channel of the network. The catch-all networks join
    /// unrelated sites, where `42` on one is somebody else than `42` on the other.
    pub const fn shares_customers(self) -> bool {
        !matches!(self, Network::Web | Network::Other)
    }
}

/// Anything that can happen to a case, as far as the inactivity clock asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Created,
    Message {
        direction: Direction,
        automatic: bool,
    },
    StatusChanged,
    /// A close, warning, closing message or survey of the engine's own (C4).
    EngineAct,
    Comment,
    TagsChanged,
    AssignmentChanged,
    QueueChanged,
    TypeChanged,
    PriorityChanged,
    TitleChanged,
    Read,
    Notification,
    PolicyEdited,
}

/// Whether this moves `last_activity_at` (C1–C4, C6). An automatic message never does, in either direction: two
/// auto-responders would otherwise keep a case alive (R6).
pub const fn is_activity(happening: Happening) -> bool {
    match happening {
        Happening::Created | Happening::StatusChanged => true,
        Happening::Message { automatic, .. } => !automatic,
        Happening::EngineAct
        | Happening::Comment
        | Happening::TagsChanged
        | Happening::AssignmentChanged
        | Happening::QueueChanged
        | Happening::TypeChanged
        | Happening::PriorityChanged
        | Happening::TitleChanged
        | Happening::Read
        | Happening::Notification
        | Happening::PolicyEdited => false,
    }
}
