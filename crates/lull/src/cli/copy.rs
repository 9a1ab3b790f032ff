//! `lull copy`: a desk moves from SQLite to PostgreSQL.

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use store::copy::{Progress, Summary};
use store::{Clock, DatabaseUrl};

#[derive(Args)]
pub struct Copy {
    /// `sqlite:PATH`, which nobody serves meanwhile
    #[arg(long, value_name = "URL")]
    from: String,
    /// `postgres://USER:PASSWORD@HOST/DATABASE`: an empty database, or one that holds part of this copy
    #[arg(long, value_name = "URL")]
    to: String,
}

impl Copy {
    pub async fn run(self) -> anyhow::Result<()> {
        let from: DatabaseUrl = self.from.parse().context("--from")?;
        let to: DatabaseUrl = self.to.parse().context("--to")?;
        let clock: Arc<dyn Clock> = Arc::new(crate::clock::SystemClock::default());
        let mut shown = Shown::new();
        let summary = store::copy::copy(&from, &to, clock, |progress| shown.show(&progress)).await;
        shown.bar.finish_and_clear();
        print(&summary?);
        Ok(())
    }
}

/// On a terminal a bar; in a log a line for each table.
struct Shown {
    bar: ProgressBar,
    lines: bool,
    table: String,
}

impl Shown {
    fn new() -> Shown {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} rows, {eta} left: {msg}") {
            bar.set_style(style);
        }
        Shown { bar, lines: !terminal, table: String::new() }
    }

    fn show(&mut self, progress: &Progress<'_>) {
        if self.table != progress.table {
            if self.table.is_empty() {
                self.bar.set_length(progress.of);
                // What an earlier run did says nothing about how long the rest takes.
                self.bar.set_position(progress.rows);
                self.bar.reset_eta();
            }
            progress.table.clone_into(&mut self.table);
            self.bar.set_message(self.table.clone());
            if self.lines {
                eprintln!("{} of {} rows; copying {}", progress.rows, progress.of, progress.table);
            }
        }
        self.bar.set_position(progress.rows);
    }
}

fn print(summary: &Summary) {
    let rows: u64 = summary.tables.iter().map(|(_, rows)| rows).sum();
    let widest = summary.tables.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, rows) in &summary.tables {
        println!("{name:widest$} {rows:>12}");
    }
    println!("{:widest$} {rows:>12}", "all");
    if summary.before > 0 {
        println!("{} rows of them were there from an earlier run", summary.before);
    }
    println!(
        "{} holds the same rows as its source; serve it with --database, and keep the file until all is well",
        summary.to
    );
}
