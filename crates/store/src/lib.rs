//! Lull's database: the only crate that speaks SQL.
//!
//! A [`Command`] is one transaction: it runs against a [`Tx`] and its answer is given only after the commit, so an answer
//! means durable. [`Db`] runs commands and reads. Everything else here is one module per noun, each function one
//! statement or two, starting from the workspace. Statements are written once for both databases; what differs stands
//! in `dialect.rs`.

pub mod advice;
pub mod agents;
pub mod audit;
pub mod auth;
pub mod bulk;
pub mod canned;
pub mod case_list;
pub mod cases;
pub mod channels;
pub mod closing;
pub mod closures;
pub mod copy;
pub mod customers;
mod db;
mod dialect;
pub mod exports;
mod fault;
pub mod feed;
pub mod idempotency;
mod integrity;
pub mod locks;
pub mod mails;
pub mod messages;
mod migrate;
pub mod notifications;
pub mod outbox;
pub mod policies;
mod postgres;
pub mod presence;
pub mod queues;
pub mod reports;
mod row;
pub mod runs;
pub mod saved_views;
mod search;
pub mod seen;
mod sqlite;
pub mod sweep;
pub mod tags;
mod tx;
pub mod undo;
pub mod workspaces;

pub use db::{BoxFuture, Clock, Command, DatabaseUrl, Db, Health, OpenError, Serving, Settings, UnknownScheme};
pub use fault::Fault;
pub use row::{Column, Param, Row, ToParam};
pub use tx::Tx;

/// The parameters of a statement, by their numbers: `params![workspace, id]` are `$1` and `$2`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::ToParam::to_param(&$value)),*] };
}
