//! Black-box tests: the real binary, started as a person would start it, spoken to over HTTP and its command line.
//!
//! They are written from the contract alone. Each is a sentence; a rule's number in a name or a doc comment says which
//! rule it proves. Every test has a server and a database of its own, because the desk's clock is shared by all that
//! one server does.

mod api;
mod cli;
mod faults;
mod postgres_only;
mod reports;
mod rules;
mod simulation;
mod sqlite_only;
mod support;
