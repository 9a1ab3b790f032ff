//! `lull audit verify`.

use super::check::{describe, verify};
use super::{Database, InWorkspace};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::audit::{Hash, hash_from_hex, hex};
use domain::id::WorkspaceId;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Audit {
    /// Walk the hash chain and name the first entry that is not what was written
    Verify(Verify),
}

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: InWorkspace,
    /// A checkpoint from `GET /v1/audit-log/checkpoint`, kept elsewhere: finds a trail that was cut or replaced since
    #[arg(long, env = "LULL_CHECKPOINT", value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// A checkpoint names its workspace.
struct Checkpoint {
    workspace: WorkspaceId,
    at: (i64, Hash),
}

impl Audit {
    pub async fn run(self) -> anyhow::Result<()> {
        let Audit::Verify(verify) = self;
        verify.run().await
    }
}

impl Verify {
    async fn run(self) -> anyhow::Result<()> {
        let checkpoint = self.checkpoint.as_deref().map(read_checkpoint).transpose()?;
        let db = self.database.open_existing().await?;
        let all = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?;
        let chosen = match (&self.workspace.workspace, &checkpoint) {
            (Some(_), _) => vec![self.workspace.find(&db).await?],
            (None, Some(checkpoint)) => all.into_iter().filter(|w| w.id == checkpoint.workspace).collect(),
            (None, None) => all,
        };
        if chosen.is_empty() {
            bail!("there is no such workspace in this database");
        }
        let mut broken = Vec::new();
        for workspace in chosen {
            let known = checkpoint.as_ref().filter(|c| c.workspace == workspace.id).map(|c| c.at);
            match verify(&db, workspace.id, known).await? {
                Ok((seq, hash)) => println!("{}: {seq} entries, whole; newest hash {}", workspace.name, hex(&hash)),
                Err(fault) => broken.push(format!("{}: {}", workspace.name, describe(fault))),
            }
        }
        if !broken.is_empty() {
            bail!("the audit trail is broken: {}", broken.join("; "));
        }
        Ok(())
    }
}

fn read_checkpoint(file: &Path) -> anyhow::Result<Checkpoint> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let value: serde_json::Value = serde_json::from_str(&text).context("the checkpoint is not JSON")?;
    let seq = value["seq"].as_i64();
    let hash = value["hash"].as_str().and_then(hash_from_hex);
    let workspace = value["workspace"].as_str().and_then(WorkspaceId::parse);
    match (workspace, seq, hash) {
        (Some(workspace), Some(seq), Some(hash)) => Ok(Checkpoint { workspace, at: (seq, hash) }),
        _ => bail!("{} is not a checkpoint: it needs workspace, seq and hash", file.display()),
    }
}
