//! Every function of the store on a real database, one sentence each: on a SQLite file, and with
//! `LULL_TEST_DATABASE=postgres` the same sentences on a PostgreSQL.
//!
//! A test opens a database of its own in a temporary folder, or a workspace of its own in one where many random worlds
//! follow each other. Time is a number that the test sets.

mod advice;
mod agents;
mod audit;
mod audit_guarded;
mod audit_tampering;
mod auth;
mod bulk;
mod canned;
mod case_list;
mod case_pages;
mod cases;
mod channels;
mod closes_at;
mod closures;
mod customers;
mod exports;
mod feed;
mod idempotency;
mod keep_open;
mod messages;
mod migrations;
mod notifications;
mod outbox;
mod policies;
mod postgres_only;
mod presence;
mod queues;
mod reports;
mod runs;
mod search;
mod sqlite_only;
mod support;
mod sweep;
mod sweep_close;
mod sweep_properties;
mod tags;
mod workspaces;
