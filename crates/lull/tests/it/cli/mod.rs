//! The command line: what it prints, what it refuses and by which exit code.

mod commands;
mod import;
