//! `lull audit verify`: the trail against itself, and against every checkpoint that was kept elsewhere.

use super::check::{describe, verify};
use super::{Database, InWorkspace};
use crate::checkpoints::{PublicKey, Written};
use anyhow::{Context, anyhow, bail};
use clap::Args;
use domain::audit::{Hash, hex};
use domain::id::WorkspaceId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::workspaces::Workspace;

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: InWorkspace,
    /// Checkpoints kept elsewhere: one from `GET /v1/audit-log/checkpoint`, or a file with one a line. They find a trail that
    /// was cut or replaced since
    #[arg(long, env = "LULL_CHECKPOINT", value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Whose signature each of them must carry: the public key that `lull audit keygen` printed, or a file with it
    #[arg(long, env = "LULL_AUDIT_PUBLIC_KEY", value_name = "HEX_OR_FILE", requires = "checkpoint")]
    public_key: Option<String>,
}

/// Each workspace's checkpoints.
type Known = BTreeMap<i64, Vec<(i64, Hash)>>;

impl Verify {
    pub async fn run(self) -> anyhow::Result<()> {
        let key = self
            .public_key
            .as_deref()
            .map(PublicKey::read)
            .transpose()
            .map_err(|why| anyhow!("--public-key: {why}"))?;
        let known = self.checkpoint.as_deref().map(|file| read(file, key.as_ref())).transpose()?;
        let db = self.database.open_existing().await?;
        let all = db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?;
        let mut broken = Vec::new();
        let chosen = match &self.workspace.workspace {
            Some(_) => vec![self.workspace.find(&db).await?],
            None => named(all, known.as_ref(), &mut broken),
        };
        if chosen.is_empty() {
            bail!("there is no such workspace in this database");
        }
        for workspace in chosen {
            let mine = known.as_ref().and_then(|known| known.get(&workspace.id.0)).cloned().unwrap_or_default();
            match verify(&db, workspace.id, mine.clone()).await? {
                Ok((seq, hash)) => {
                    println!("{}: {seq} entries, whole; newest hash {}{}", workspace.name, hex(&hash), met(&mine));
                }
                Err(fault) => broken.push(format!("{}: {}", workspace.name, describe(fault))),
            }
        }
        if !broken.is_empty() {
            bail!("the audit trail is broken: {}", broken.join("; "));
        }
        if known.is_some() && key.is_none() {
            eprintln!("the signatures of the checkpoints were not checked: give the public key with --public-key");
        }
        Ok(())
    }
}

/// The workspaces that checkpoints speak of; all of them where there are none.
fn named(all: Vec<Workspace>, known: Option<&Known>, broken: &mut Vec<String>) -> Vec<Workspace> {
    let Some(known) = known else { return all };
    for id in known.keys().filter(|id| known.len() > 1 && !all.iter().any(|w| w.id.0 == **id)) {
        broken.push(format!("{} has checkpoints, but is not in this database", WorkspaceId(*id)));
    }
    all.into_iter().filter(|workspace| known.contains_key(&workspace.id.0)).collect()
}

fn met(checkpoints: &[(i64, Hash)]) -> String {
    match checkpoints.iter().map(|(seq, _)| seq).max() {
        None => String::new(),
        Some(newest) if checkpoints.len() == 1 => format!("; as 1 checkpoint says, up to entry {newest}"),
        Some(newest) => format!("; as {} checkpoints say, up to entry {newest}", checkpoints.len()),
    }
}

/// One checkpoint as a whole file, on however many lines, or one on each line.
fn read(file: &Path, key: Option<&PublicKey>) -> anyhow::Result<Known> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut known = Known::new();
    let mut take = |text: &str, place: &str| -> anyhow::Result<()> {
        let read = || {
            let written = Written::parse(text)?;
            key.map_or(Ok(()), |key| written.check(key))?;
            written.checkpoint()
        };
        let checkpoint =
            read().map_err(|why: String| anyhow!("{}{place} is no checkpoint to rely on: {why}", file.display()))?;
        known.entry(checkpoint.workspace.0).or_default().push((checkpoint.seq, checkpoint.hash));
        Ok(())
    };
    if Written::parse(&text).is_ok() {
        take(&text, "")?;
        return Ok(known);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (place, line) in lines {
        take(line, &format!(", line {},", place + 1))?;
    }
    if known.is_empty() {
        bail!("{} holds no checkpoint", file.display());
    }
    Ok(known)
}
