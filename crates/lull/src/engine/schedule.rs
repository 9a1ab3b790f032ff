//! Every task and its rhythm, on one screen. Besides them a node looks for events while somebody listens (`events.rs`).

use super::tasks::{
    assign_waiting, auto_close, chain_audit, count_reports, housekeeping, keep_checkpoints, retag, revive, send_mails,
    undo_runs,
};
use crate::desk::Desk;
use domain::time::Timestamp;
use std::time::Duration;
use store::{BoxFuture, Fault};

pub type Run = fn(Desk) -> BoxFuture<'static, Result<(), Fault>>;
pub type Look = fn(Desk) -> BoxFuture<'static, Result<Option<Timestamp>, Fault>>;

#[derive(Clone, Copy)]
pub struct Task {
    pub name: &'static str,
    /// By the process clock.
    pub every: Duration,
    pub run: Run,
    /// By a test clock: the next moment at which the task has something to do, if one is in sight. A task that has no
    /// moments of its own runs once at the end of each jump.
    pub next: Option<Look>,
    /// Goes on with what somebody asked for, and needs no moment to come: by a test clock too it runs without a jump.
    pub asked: bool,
}

pub fn schedule(desk: &Desk) -> Vec<Task> {
    vec![
        // What the demo's customers and agents do comes before what the engine makes of it.
        Task {
            name: "demo",
            every: Duration::from_secs(3_600),
            run: |desk| Box::pin(async move { crate::demo::run(&desk).await }),
            next: Some(|desk| Box::pin(async move { Ok(crate::demo::next(&desk)) })),
            asked: false,
        },
        // Closes what is due (A6).
        Task {
            name: "auto_close",
            every: desk.engine.auto_close_every(),
            run: |desk| Box::pin(async move { auto_close::run(&desk).await }),
            next: Some(|desk| Box::pin(async move { auto_close::next(&desk).await })),
            asked: false,
        },
        // Gives waiting cases to whoever has room, as after a close (R3, R4). It has no moments of its own: it follows
        // whatever else happened at one.
        Task {
            name: "assign_waiting",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { assign_waiting::run(&desk).await }),
            next: Some(|_| Box::pin(async move { Ok(None) })),
            asked: false,
        },
        // Goes on with the undoing of large runs; whoever asked for it saw the first batch done.
        Task {
            name: "undo_runs",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { undo_runs::run(&desk).await }),
            next: None,
            asked: true,
        },
        // Chains the audit entries of the last moments, where several nodes write them.
        Task {
            name: "chain_audit",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { chain_audit::run(&desk).await }),
            next: None,
            asked: false,
        },
        // Adds to the figures of reports. Before events are forgotten: they tell what is to be counted.
        Task {
            name: "count_reports",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { count_reports::run(&desk).await }),
            next: None,
            asked: false,
        },
        // Carries checkpoints of the audit trail away, once an hour while it grows; looks more often, for a first one and after
        // a place refused one.
        Task {
            name: "keep_checkpoints",
            every: Duration::from_secs(60),
            run: |desk| Box::pin(async move { keep_checkpoints::run(&desk).await }),
            next: Some(|desk| Box::pin(async move { keep_checkpoints::next(&desk).await })),
            asked: false,
        },
        // Goes on with tags that are renamed across all cases.
        Task {
            name: "retag",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { retag::run(&desk).await }),
            next: None,
            asked: true,
        },
        // Sends what people want to be told by e-mail, and tries again what could not be sent.
        Task {
            name: "send_mails",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { send_mails::run(&desk).await }),
            next: Some(|desk| Box::pin(async move { send_mails::next(&desk).await })),
            asked: false,
        },
        // Forgets what has served: sessions, links, idempotency keys, old outbox rows, notifications
        // read long ago, mails that are done with, what was seen long ago.
        Task {
            name: "housekeeping",
            every: Duration::from_secs(600),
            run: |desk| Box::pin(async move { housekeeping::run(&desk).await }),
            next: None,
            asked: false,
        },
        // Asks a database that refused a write whether it takes them again, and takes back what was lost with a connection.
        Task {
            name: "revive",
            every: Duration::from_secs(1),
            run: |desk| Box::pin(async move { revive::run(&desk).await }),
            next: None,
            asked: false,
        },
    ]
}
