//! The HTTP contract, resource by resource, and the conventions that hold for all of them.

mod accounts;
mod activity;
mod advice;
mod bad_bodies;
mod bad_times;
mod bulk;
mod canned;
mod case_changes;
mod case_filters;
mod channels;
mod events;
mod exports;
mod health;
mod idempotency;
mod isolation;
mod lists;
mod messages;
mod notifications;
mod preview;
mod problems;
mod queues;
mod roles;
mod tags;
mod team;
mod test_clock;
mod versions;
