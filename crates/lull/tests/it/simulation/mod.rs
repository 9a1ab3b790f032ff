//! Random histories against the acts and the engine themselves, without HTTP between.

mod history;
mod sweep;
