//! Forgetting what has served its purpose.

use crate::acts::attend::NEWS_LAST;
use crate::acts::once::REMEMBERED;
use crate::desk::Desk;
use domain::time::{Span, Timestamp};
use store::{Command, Fault, Tx, auth, bulk, idempotency, locks, mails, notifications, outbox, presence, seen};

/// How long listeners have to fetch an event.
const OUTBOX_KEPT: Span = Span::days(7);
/// How long what a person read stays in their list.
const READ_KEPT: Span = Span::days(90);
/// How long it can be seen what became of a mail.
const MAILS_KEPT: Span = Span::days(30);
/// How long a change of many cases can be looked at and taken back.
const BULK_KEPT: Span = Span::days(30);
/// Batches of rows of a kind forgotten in one run, at most.
const BATCHES: usize = 500;

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    desk.db.write(Forget).await?;
    for _ in 0..BATCHES {
        if !desk.db.write(ForgetEvents).await? {
            break;
        }
    }
    for _ in 0..BATCHES {
        if !desk.db.write(ForgetNotifications).await? {
            break;
        }
    }
    for _ in 0..BATCHES {
        if !desk.db.write(ForgetBulk).await? {
            break;
        }
    }
    for _ in 0..BATCHES {
        if !desk.db.write(ForgetLooks { real_time: desk.real_time() }).await? {
            break;
        }
    }
    Ok(())
}

struct Forget;

impl Command for Forget {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(());
        }
        let before = tx.now().minus(REMEMBERED);
        idempotency::prune(tx, before).await?;
        auth::prune(tx).await
    }
}

struct ForgetEvents;

impl Command for ForgetEvents {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(false);
        }
        let before = tx.now().minus(OUTBOX_KEPT);
        outbox::prune(tx, before).await
    }
}

struct ForgetNotifications;

impl Command for ForgetNotifications {
    /// Whether there may be more.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(false);
        }
        let (read, mail) = (tx.now().minus(READ_KEPT), tx.now().minus(MAILS_KEPT));
        let notifications = notifications::prune(tx, read).await?;
        let mails = mails::prune(tx, mail).await?;
        Ok(notifications || mails)
    }
}

struct ForgetLooks {
    real_time: Option<Timestamp>,
}

impl Command for ForgetLooks {
    /// Whether there may be more.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(false);
        }
        let (before, now) = (tx.now().minus(NEWS_LAST), self.real_time.unwrap_or(tx.now()));
        let seen = seen::prune(tx, before).await?;
        let presence = presence::prune(tx, now).await?;
        Ok(seen || presence)
    }
}

struct ForgetBulk;

impl Command for ForgetBulk {
    /// Whether there may be more.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Fault> {
        if !locks::alone(tx, "forget").await? {
            return Ok(false);
        }
        let before = tx.now().minus(BULK_KEPT);
        bulk::prune(tx, before).await
    }
}
