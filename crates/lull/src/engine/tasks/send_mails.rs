//! Sending what waits to be told by e-mail. Every node that was told a mail server does it; what one claims no other sends
//! while its lease lasts. A mail goes out twice only if its node ended between handing it over and saying so.

use crate::desk::Desk;
use crate::mail::{Mailer, Unsent};
use domain::time::{Span, Timestamp};
use store::mails::{self, Mail};
use store::{Command, Fault, Tx};

/// Mails claimed at a time.
const BATCH: i64 = 20;
/// Batches of one run, at most.
const BATCHES: usize = 50;
/// How long a claim lasts: a batch takes less, even if the server lets every mail wait to the end of its patience.
const LEASE: Span = Span::minutes(10);
/// Pauses before the next attempts; after the last one a mail is given up. About eleven hours together.
const PAUSES: [Span; 7] = [
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(15),
    Span::hours(1),
    Span::hours(2),
    Span::hours(3),
    Span::hours(5),
];

pub async fn run(desk: &Desk) -> Result<(), Fault> {
    let Some(mailer) = &desk.engine.mailer else { return Ok(()) };
    for _ in 0..BATCHES {
        // Most of the time nothing is due: one look at the index's edge tells.
        let (due, now) =
            desk.db.glance(|tx| Box::pin(async move { Ok((mails::next_due(tx).await?, tx.now())) })).await?;
        if due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let claimed = desk.db.write(Claim).await?;
        if claimed.is_empty() || !deliver(desk, mailer, claimed).await? {
            return Ok(());
        }
    }
    Ok(())
}

pub async fn next(desk: &Desk) -> Result<Option<Timestamp>, Fault> {
    if desk.engine.mailer.is_none() {
        return Ok(None);
    }
    desk.db.read(|tx| Box::pin(async move { mails::next_due(tx).await })).await
}

/// Sends a batch; `false` when the server is away, and the next beat tries again.
async fn deliver(desk: &Desk, mailer: &Mailer, claimed: Vec<Mail>) -> Result<bool, Fault> {
    let mut away = None;
    for mail in claimed {
        let outcome = match (&away, mail.active) {
            (_, false) => Err(Unsent::Never("they do not work here any more".to_owned())),
            // The others of the batch would wait as long for the same.
            (Some(why), _) => Err(Unsent::Away(String::clone(why))),
            (None, true) => mailer.send(&mail).await,
        };
        if let Err(Unsent::Away(why)) = &outcome {
            away = Some(why.clone());
        }
        desk.db.write(Note { mail, outcome }).await?;
    }
    Ok(away.is_none())
}

struct Claim;

impl Command for Claim {
    type Output = Vec<Mail>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Mail>, Fault> {
        let until = tx.now().plus(LEASE);
        mails::claim(tx, until, BATCH).await
    }
}

/// What became of a mail.
struct Note {
    mail: Mail,
    outcome: Result<(), Unsent>,
}

impl Command for Note {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let Mail { workspace, id, attempts, .. } = self.mail;
        let Err(unsent) = &self.outcome else {
            metrics::counter!("lull_mails_total", "outcome" => "sent").increment(1);
            return mails::sent(tx, workspace, id, attempts).await;
        };
        let tried = usize::try_from(attempts - 1).unwrap_or(0);
        let pause = PAUSES.get(tried).filter(|_| !matches!(unsent, Unsent::Never(_)));
        let again = pause.map(|pause| tx.now().plus(*pause));
        let outcome = if again.is_some() { "put_off" } else { "given_up" };
        metrics::counter!("lull_mails_total", "outcome" => outcome).increment(1);
        if again.is_none() {
            tracing::warn!(%workspace, mail = id, case = self.mail.case_number, why = unsent.why(), "mail.given_up");
        }
        mails::failed(tx, workspace, id, attempts, again, unsent.why()).await
    }
}
