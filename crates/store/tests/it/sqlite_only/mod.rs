//! What is about SQLite's own ways: its file, its one writer, its planner.

mod binding;
mod files;
mod full_disk;
mod plans;
mod writer;
mod writer_faults;
