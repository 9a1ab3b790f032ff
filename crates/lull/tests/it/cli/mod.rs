//! The command line: what it prints, what it refuses and by which exit code.

mod audit;
mod commands;
mod export;
mod import;
