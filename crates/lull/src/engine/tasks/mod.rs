//! The engine's tasks, one file each.

pub mod assign_waiting;
pub mod auto_close;
pub mod chain_audit;
pub mod count_reports;
pub mod housekeeping;
pub mod keep_checkpoints;
pub mod retag;
pub mod revive;
pub mod send_mails;
pub mod undo_runs;
