//! Random histories against the acts and the engine themselves, without HTTP between.

mod advice;
mod history;
mod preview;
mod sweep;
