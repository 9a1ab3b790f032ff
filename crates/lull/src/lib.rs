//! Lull: a self-hosted customer-care case desk whose cases look after themselves.
//!
//! `docs/spec/lifecycle.md` says what it must do; `ARCHITECTURE.md` how it is built. This is the program's library, so
//! that tests and benchmarks reach the acts; `main.rs` only starts it.

pub mod acts;
pub mod advice;
pub mod audit_search;
pub mod bulk;
pub mod charts;
pub mod checkpoints;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod desk;
pub mod engine;
pub mod events;
pub mod exports;
pub mod http;
pub mod mail;
pub mod player;
pub mod preview;
pub mod random;
pub mod reports;
pub mod setup;
pub mod views;
