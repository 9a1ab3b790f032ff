//! Every function of the store on a real SQLite file, one sentence each.
//!
//! A test opens a database of its own in a temporary folder, or a workspace of its own in one where many random worlds
//! follow each other. Time is a number that the test sets.

mod agents;
mod audit;
mod auth;
mod binding;
mod case_list;
mod case_pages;
mod cases;
mod channels;
mod closes_at;
mod closures;
mod customers;
mod feed;
mod files;
mod full_disk;
mod idempotency;
mod messages;
mod migrations;
mod notifications;
mod outbox;
mod plans;
mod policies;
mod queues;
mod runs;
mod support;
mod sweep;
mod sweep_close;
mod sweep_properties;
mod workspaces;
mod writer;
mod writer_faults;
