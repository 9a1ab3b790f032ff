//! The rules of the case lifecycle, each through the door a program outside would use.

pub mod assign_race;
mod assign_waiting;
mod clock;
mod close_due;
mod close_many;
mod close_plan;
mod close_race;
mod close_settings;
mod close_trace;
mod credit;
mod keep_open;
mod mails;
mod privacy;
mod queue_policy;
mod reopen_by_hand;
mod reopen_routing;
mod reopen_twice;
mod reopen_window;
mod routing_load;
mod trail;
mod trail_complete;
mod undo_run;
