//! `lull backup`.

use super::Database;
use anyhow::anyhow;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    database: Database,
    /// Where the copy goes; the file must not exist yet
    file: PathBuf,
}

impl Backup {
    pub async fn run(self) -> anyhow::Result<()> {
        let db = self.database.open_existing().await?;
        db.backup(&self.file).map_err(|reason| anyhow!("no backup was made: {reason}"))?;
        println!("backed up to {}", self.file.display());
        Ok(())
    }
}
