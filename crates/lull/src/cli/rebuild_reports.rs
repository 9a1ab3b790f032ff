//! `lull rebuild-reports`: the figures of reports, counted anew from cases, closures and the feed.

use super::Database;
use crate::reports::{StartAnew, catch_up_db};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::IsTerminal;

#[derive(Args)]
pub struct RebuildReports {
    #[command(flatten)]
    database: Database,
}

impl RebuildReports {
    pub async fn run(self) -> anyhow::Result<()> {
        let db = self.database.open_existing().await?;
        db.write(StartAnew).await?;
        let shown = std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let counted = |cases| {
            bar.inc(cases);
            true
        };
        catch_up_db(&db, counted).await?;
        let counted = bar.position();
        bar.finish_and_clear();
        println!("counted {counted} cases anew");
        Ok(())
    }
}
