//! PostgreSQL servers that tests and benchmarks start and throw away.
//!
//! It drives the programs of an installed PostgreSQL (`initdb`, `postgres`, `pg_basebackup`, `psql`), each cluster in a
//! temporary folder, on a free port of the loopback address, without passwords. A [`Server`] belongs to one program and
//! ends with it. A [`Database`] lies in a server that all test processes of a checkout share: starting one takes half a
//! second, which is too long for each of several hundred tests.

mod cluster;
mod database;
mod postmaster;
mod programs;
mod server;
mod shared;
mod standby;

pub use database::Database;
pub use server::{Mode, Options, Server};

/// The installed version in words, or the one line that says what to install.
pub fn installed() -> Result<String, String> {
    programs::Programs::find()?.version()
}
