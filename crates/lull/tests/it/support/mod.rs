//! The harness: processes, a small HTTP client, a desk to work at, and builders for what is sent to it.

pub mod cases;
pub mod client;
pub mod desk;
pub mod history;
pub mod message;
pub mod policy;
pub mod process;
pub mod raw;
pub mod smtp;
pub mod time;

pub use client::{Answer, Client, encode};
pub use desk::{Desk, Member};
pub use message::{Message, inbound, outbound};
pub use time::{millis_after, moment, written};
