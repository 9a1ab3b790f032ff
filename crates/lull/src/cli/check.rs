//! `lull check`: configuration, database, integrity.

use super::Database;
use super::mailing::Mailing;
use crate::acts::chain_audit::catch_up;
use anyhow::bail;
use clap::Args;
use domain::audit::{Broken, Hash};
use domain::id::WorkspaceId;
use domain::time::Span;
use store::Db;

/// Mails that were given up within this time are told of.
const LATELY: Span = Span::days(7);
/// Counted up to here.
const MOST: i64 = 1_000;

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    mailing: Mailing,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<()> {
        let db = self.database.open_existing().await?;
        println!("database   {}", db.described());
        let mut faults = db.integrity().await?;
        println!("integrity  {}", if faults.is_empty() { "ok" } else { "damaged" });
        self.mail(&db, &mut faults).await?;
        let workspaces = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?;
        if workspaces.is_empty() {
            println!("workspaces none yet: make one with `lull create-owner`");
        }
        for workspace in workspaces {
            let trail = match verify(&db, workspace.id, Vec::new()).await? {
                Ok((seq, _)) => format!("audit trail of {seq} entries ok"),
                Err(broken) => {
                    faults.push(format!("the audit trail of {}: {}", workspace.name, describe(broken)));
                    "audit trail BROKEN".to_owned()
                }
            };
            println!("workspace  {}: {trail}", workspace.name);
        }
        if !faults.is_empty() {
            bail!("{}", faults.join("; "));
        }
        Ok(())
    }

    /// Whether mails can leave, and whether some could not.
    async fn mail(&self, db: &Db, faults: &mut Vec<String>) -> anyhow::Result<()> {
        match self.mailing.open("localhost")? {
            None => println!("e-mail     off: set LULL_SMTP_URL to tell people by e-mail"),
            Some(mailer) => match mailer.try_out().await {
                Ok(()) => println!("e-mail     ok"),
                Err(why) => {
                    println!("e-mail     FAILS");
                    faults.push(format!("e-mail: {why}"));
                }
            },
        }
        let lost = db.read(|tx| {
            Box::pin(async move {
                let since = tx.now().minus(LATELY);
                store::mails::given_up(tx, since, MOST).await
            })
        });
        match lost.await? {
            0 => {}
            lost => println!(
                "           {lost}{} given up within the last week",
                if lost == MOST { " or more" } else { "" }
            ),
        }
        Ok(())
    }
}

pub async fn verify(
    db: &Db,
    ws: WorkspaceId,
    checkpoints: Vec<(i64, Hash)>,
) -> anyhow::Result<Result<(i64, Hash), Broken>> {
    catch_up(db, ws).await?;
    Ok(db.read(move |tx| Box::pin(async move { store::audit::verify(tx, ws, checkpoints).await })).await?)
}

pub fn describe(broken: Broken) -> String {
    match broken {
        Broken::Gap { expected, found } => format!("entry {expected} is missing; entry {found} stands in its place"),
        Broken::Altered { seq } => format!("entry {seq} is not what was written"),
        Broken::Truncated { ends_at, known } => format!("it ends at entry {ends_at}, but entry {known} was written"),
        Broken::NotTheCheckpoint { seq } => format!("entry {seq} is not the one the checkpoint saw"),
    }
}
