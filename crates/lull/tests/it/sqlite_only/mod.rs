//! What is about SQLite's file, or about the demo, which has one of its own: full and refusing disks, backups, intruders.

mod alone;
mod audit_verify;
mod backup;
mod demo;
mod disk;
mod file;
mod refused_writes;
mod stuck_case;
mod undo_late;
