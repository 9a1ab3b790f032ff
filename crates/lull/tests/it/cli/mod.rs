//! The command line: what it prints, what it refuses and by which exit code.

mod audit_verify;
mod backup;
mod commands;
mod demo;
mod import;
