//! The engine's tasks, one file each.

pub mod auto_close;
pub mod chain_audit;
pub mod housekeeping;
pub mod revive;
