//! `lull import`: conversations from a JSON Lines file, line by line; a refused line stops nothing.

use super::{Database, InWorkspace};
use crate::acts::Invalid;
use crate::acts::import_conversation::{HistoricMessage, ImportConversation, Imported, RecordImport};
use crate::http::fields::{Fields, text, time, word};
use anyhow::{Context, bail};
use clap::Args;
use domain::id::WorkspaceId;
use domain::message::{EXTERNAL_ID_CHARS, NAME_CHARS, TEXT_CHARS};
use domain::time::Timestamp;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::PathBuf;
use store::Db;

/// A line longer than this is refused, not read into memory without end.
const LINE: usize = 16 << 20;
/// Conversations written at once: they share commits.
const AT_ONCE: usize = 64;
/// The same where each needs a connection of its own: long ones would let the others wait for theirs too long.
const AT_ONCE_SHARED: usize = super::SIDE_CONNECTIONS;
/// Refused lines reported one by one; the summary counts them all.
const REPORTED: usize = 100;

#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: InWorkspace,
    /// JSON Lines, one conversation a line
    file: PathBuf,
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Summary {
    pub lines: u64,
    pub conversations: u64,
    pub refused: u64,
    pub imported: Imported,
}

impl Import {
    pub async fn run(self) -> anyhow::Result<()> {
        let file = File::open(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let size = file.metadata()?.len();
        let db = self.database.open_existing().await?;
        let workspace = self.workspace.find(&db).await?;
        let bar = progress(size);
        let summary = take_in_lines(&db, workspace.id, &mut BufReader::new(file), |told| match told {
            Told::Read(bytes) => bar.inc(bytes),
            Told::Refused(line, reasons) => bar.suspend(|| eprintln!("line {line}: {reasons}")),
        })
        .await?;
        bar.finish_and_clear();
        println!("{}", summary.words());
        if summary.refused > 0 {
            bail!("{} of {} lines were refused", summary.refused, summary.lines);
        }
        Ok(())
    }
}

fn progress(bytes: u64) -> ProgressBar {
    // On a terminal a bar; in a log the summary is enough.
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(bytes), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Reads one line with its end, at most [`LINE`] and one bytes of it; the rest of a longer one is skipped.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = piece.iter().position(|b| *b == b'\n');
        let used = end.map_or(piece.len(), |e| e + 1);
        let room = (LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&piece[..used.min(room)]);
        reader.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// What is said on the way.
pub enum Told {
    Read(u64),
    /// A line's number, and what is wrong with it.
    Refused(u64, String),
}

/// Takes in all lines of a file. One that is refused stops nothing.
pub async fn take_in_lines(
    db: &Db,
    workspace: WorkspaceId,
    reader: &mut (impl BufRead + Send),
    mut tell: impl FnMut(Told) + Send,
) -> anyhow::Result<Summary> {
    let at_once = if db.is_shared() { AT_ONCE_SHARED } else { AT_ONCE };
    let mut summary = Summary::default();
    let mut waiting = Vec::new();
    // The messages of those that wait.
    let mut held = HashSet::new();
    let mut line = Vec::new();
    while next_line(reader, &mut line)? {
        summary.lines += 1;
        tell(Told::Read(line.len() as u64));
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match read_line(workspace, &line, db.now()) {
            Ok(act) => {
                // A message that stands in two conversations is that of the first one in the file.
                if act.messages.iter().any(|message| held.contains(&message.external_id)) {
                    take_in(db, &mut waiting, &mut summary).await?;
                    held.clear();
                }
                held.extend(act.messages.iter().map(|message| message.external_id.clone()));
                waiting.push(act);
            }
            Err(faults) => {
                summary.refused += 1;
                if summary.refused <= REPORTED as u64 {
                    tell(Told::Refused(summary.lines, reasons(&faults)));
                }
            }
        }
        if waiting.len() == at_once {
            take_in(db, &mut waiting, &mut summary).await?;
            held.clear();
        }
    }
    take_in(db, &mut waiting, &mut summary).await?;
    let Summary { conversations, refused, imported, .. } = summary;
    db.write(RecordImport { workspace, conversations, refused, imported }).await?;
    Ok(summary)
}

fn reasons(faults: &[Invalid]) -> String {
    let reason =
        |f: &Invalid| if f.field.is_empty() { f.message.clone() } else { format!("{}: {}", f.field, f.message) };
    faults.iter().map(reason).collect::<Vec<_>>().join("; ")
}

async fn take_in(db: &Db, waiting: &mut Vec<ImportConversation>, summary: &mut Summary) -> anyhow::Result<()> {
    let writes: Vec<_> = waiting
        .drain(..)
        .map(|act| {
            let db = db.clone();
            tokio::spawn(async move { db.write(act).await })
        })
        .collect();
    for write in writes {
        let imported = write.await??.map_err(super::refused)?;
        summary.conversations += 1;
        summary.imported.cases += imported.cases;
        summary.imported.messages += imported.messages;
        summary.imported.duplicates += imported.duplicates;
    }
    Ok(())
}

fn read_line(workspace: WorkspaceId, line: &[u8], now: Timestamp) -> Result<ImportConversation, Vec<Invalid>> {
    let fault = |code, message: String| vec![Invalid::new("", code, message)];
    if line.len() > LINE {
        return Err(fault("too_long", format!("a line can have at most {LINE} bytes")));
    }
    // Some editors begin a file with a mark of its encoding.
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = std::str::from_utf8(line).map_err(|_| fault("invalid_utf8", "this line is not UTF-8".to_owned()))?;
    let value: serde_json::Value = serde_json::from_str(line)
        .map_err(|e| fault("malformed_json", format!("this line is not JSON (column {})", e.column())))?;
    read_conversation(workspace, value, now)
}

/// Reads one conversation of the import format.
pub fn read_conversation(
    workspace: WorkspaceId,
    value: serde_json::Value,
    now: Timestamp,
) -> Result<ImportConversation, Vec<Invalid>> {
    let mut fields = Fields::new(value)?;
    let conversation = fields.text("conversation", text(EXTERNAL_ID_CHARS));
    let brand = fields.text("brand", text(NAME_CHARS));
    let network = fields.required_as("network", word);
    let messages = fields.objects("messages");
    let mut read = Vec::new();
    for mut message in messages {
        let direction = message.required_as("direction", word);
        let author = message.text("author", text(EXTERNAL_ID_CHARS));
        let at = message.required_as("at", |t| past(t, now));
        let external_id = message.text("external_id", text(EXTERNAL_ID_CHARS));
        let words = message.text("text", text(TEXT_CHARS));
        message.close();
        if let (Some(direction), Some(author), Some(at), Some(external_id), Some(text)) =
            (direction, author, at, external_id, words)
        {
            read.push(HistoricMessage { direction, author, at, external_id, text });
        }
    }
    fields.finish()?;
    let (Some(conversation), Some(brand), Some(network)) = (conversation, brand, network) else {
        return Err(Vec::new());
    };
    // A conversation reads in its own order, whatever the file's.
    read.sort_by_key(|m| m.at);
    Ok(ImportConversation { workspace, conversation, brand, network, messages: read })
}

/// History has happened.
fn past(text: &str, now: Timestamp) -> Result<Timestamp, (&'static str, String)> {
    let at = time(text)?;
    if at < Timestamp::EARLIEST_MESSAGE || at > now {
        return Err(("out_of_range", "this must lie between 1990 and now".to_owned()));
    }
    Ok(at)
}

impl Summary {
    pub fn words(&self) -> String {
        let Imported { cases, messages, duplicates } = self.imported;
        let of = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        format!(
            "{}: {} taken in, {} refused; new: {} and {}, there already: {}",
            of(self.lines, "line"),
            of(self.conversations, "conversation"),
            self.refused,
            of(cases, "case"),
            of(messages, "message"),
            of(duplicates, "message")
        )
    }
}
