//! Ids: 63-bit, ordered by time, opaque outside.
//!
//! 42 bits of milliseconds since 2020 (until 2159), 6 bits of node (processes sharing a database), 15 bits of
//! counter. A UUID would cost twice the bytes in every index; the order keeps a case's rows together.
//! Outside, an id is its kind's prefix and 13 digits of Crockford's base 32.

use crate::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

const EPOCH_MILLIS: i64 = 1_577_836_800_000; // 2020-01-01
const NODE_BITS: u32 = 6;
const COUNTER_BITS: u32 = 15;
/// The last millisecond an id is dated with. A clock further on, as only a test clock can be, would spill into the
/// sign; the 2^30 milliseconds left above it hold every id such a desk could still count up to.
const LAST_MILLIS: i64 = (1 << (63 - NODE_BITS - COUNTER_BITS)) - (1 << 30);
/// Node numbers are below this.
pub const NODES: u8 = 1 << NODE_BITS;
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 13;

/// Makes ids that rise within this process, whatever the clock does.
#[derive(Debug)]
pub struct IdGenerator {
    node: AtomicI64,
    /// Milliseconds and counter of the last id, without the node between them.
    last: AtomicI64,
}

impl IdGenerator {
    /// `node` must differ between processes that write to one database at a time.
    pub fn new(node: u8) -> Self {
        IdGenerator { node: AtomicI64::new(i64::from(node % NODES)), last: AtomicI64::new(0) }
    }

    /// Goes on under another number: one that no other process holds now.
    pub fn become_node(&self, node: u8) {
        self.node.store(i64::from(node % NODES), Ordering::Relaxed);
    }

    /// Keeps every later id above `newest`, the newest one that is stored. Without it, a clock that stepped back while
    /// the process was down could make an id that exists.
    pub fn rise_above(&self, newest: i64) {
        let millis = (newest >> (NODE_BITS + COUNTER_BITS)).max(0);
        self.last.fetch_max(millis << COUNTER_BITS | ((1 << COUNTER_BITS) - 1), Ordering::Relaxed);
    }

    /// The next id: dated `now`, or just after the last one if the clock stood still or stepped back.
    pub fn next(&self, now: Timestamp) -> i64 {
        let fresh = (now.as_millis() - EPOCH_MILLIS).clamp(1, LAST_MILLIS) << COUNTER_BITS;
        let sequence =
            match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(fresh.max(last + 1))) {
                Ok(last) | Err(last) => fresh.max(last + 1),
            };
        let (millis, counter) = (sequence >> COUNTER_BITS, sequence & ((1 << COUNTER_BITS) - 1));
        (millis << (NODE_BITS + COUNTER_BITS)) | (self.node.load(Ordering::Relaxed) << COUNTER_BITS) | counter
    }
}

fn encode(prefix: &str, id: i64) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + LENGTH);
    text.push_str(prefix);
    text.push('_');
    for place in (0..LENGTH).rev() {
        text.push(DIGITS[((id >> (place * 5)) & 31) as usize] as char);
    }
    text
}

fn decode(prefix: &str, text: &str) -> Option<i64> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?.as_bytes();
    if digits.len() != LENGTH {
        return None;
    }
    let mut id: i64 = 0;
    for digit in digits {
        let value = DIGITS.iter().position(|d| d == digit)? as i64;
        // 13 digits hold 65 bits: the first may only fill what is left of 63.
        id = id.checked_mul(32)?.checked_add(value)?;
    }
    Some(id)
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// Reads the outside form; anything else, also another kind's id, is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                decode($prefix, text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }
    )+ };
}

ids! {
    WorkspaceId = "wsp",
    AgentId = "agt",
    QueueId = "que",
    ChannelId = "chn",
    CustomerId = "cus",
    /// Internal: people and programs name a case by its number.
    CaseId = "cas",
    MessageId = "msg",
    CommentId = "cmt",
    ActivityId = "act",
    ClosureId = "clo",
    NotificationId = "ntf",
    TokenId = "tok",
    CannedReplyId = "can",
    RunId = "run",
    EventId = "evt",
    /// An act on many cases.
    BulkId = "blk",
    /// A list under a name.
    ViewId = "vew",
}
