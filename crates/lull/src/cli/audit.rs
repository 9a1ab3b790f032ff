//! `lull audit`: making a key, carrying a checkpoint away, and checking the trail against what was carried away.

use super::Database;
use super::audit_verify::Verify;
use crate::checkpoints::{Checkpoints, Key, Place};
use anyhow::anyhow;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Audit {
    /// Walk the hash chain and name the first entry that is not what was written
    Verify(Verify),
    /// Make a key that signs checkpoints, and print its public half alone
    Keygen(Keygen),
    /// Carry a checkpoint of each workspace away now
    Checkpoint(Now),
}

#[derive(Args)]
pub struct Keygen {
    /// Where the private key goes (PKCS#8, readable by you alone); the file must not exist yet
    file: PathBuf,
}

/// Which key signs, and where checkpoints go.
#[derive(Args, Debug, Clone)]
pub struct Keeping {
    /// The private key that signs checkpoints of the audit trail, made by `lull audit keygen`
    #[arg(long, env = "LULL_AUDIT_KEY", value_name = "FILE")]
    audit_key: Option<PathBuf>,
    /// Where signed checkpoints go once an hour: a file that each is appended to, or a webhook at http(s)://
    #[arg(
        long,
        env = "LULL_AUDIT_CHECKPOINTS",
        hide_env_values = true,
        value_name = "FILE_OR_URL",
        requires = "audit_key"
    )]
    audit_checkpoints: Option<Place>,
}

impl Keeping {
    pub fn open(&self) -> anyhow::Result<Checkpoints> {
        let key = self.audit_key.as_deref().map(Key::read).transpose().map_err(|why| anyhow!("--audit-key: {why}"))?;
        if let Some(place) = &self.audit_checkpoints {
            place.check().map_err(|why| anyhow!("--audit-checkpoints: {why}"))?;
        }
        Ok(Checkpoints::new(key, self.audit_checkpoints.clone()))
    }
}

#[derive(Args)]
pub struct Now {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keeping: Keeping,
}

impl Audit {
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Audit::Verify(verify) => verify.run().await,
            Audit::Keygen(keygen) => {
                let key = Key::generate(&keygen.file).map_err(anyhow::Error::msg)?;
                println!("{}", key.public().hex());
                Ok(())
            }
            Audit::Checkpoint(now) => now.run().await,
        }
    }
}

impl Now {
    async fn run(self) -> anyhow::Result<()> {
        if self.keeping.audit_checkpoints.is_none() {
            anyhow::bail!("say where to: --audit-checkpoints FILE_OR_URL, with --audit-key FILE");
        }
        let checkpoints = self.keeping.open()?;
        let db = self.database.open_existing().await?;
        match checkpoints.keep_now(&db).await? {
            0 => println!("nothing new: what is kept there already is the newest"),
            1 => println!("one checkpoint is kept"),
            many => println!("{many} checkpoints are kept"),
        }
        Ok(())
    }
}
