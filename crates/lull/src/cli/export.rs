//! `lull export`: rows as a file, of any length, beside a running server too.

use super::{Database, InWorkspace, refused};
use crate::acts::Caller;
use crate::exports::{self, Export as Running, Filter, Format, Wanted, What};
use crate::http::fields;
use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use domain::time::Timestamp;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: InWorkspace,
    /// What to export
    what: Rows,
    /// csv or jsonl; without it as the file's name ends, else csv
    #[arg(long, env = "LULL_FORMAT", value_name = "FORMAT")]
    format: Option<Format>,
    /// Where it goes; it is there whole or not at all. Without it, standard output
    #[arg(long, env = "LULL_OUTPUT", value_name = "FILE")]
    output: Option<PathBuf>,
    /// From this moment on (RFC 3339): creation of cases, closing, receipt of messages
    #[arg(long, env = "LULL_FROM", value_name = "TIME")]
    from: Option<String>,
    /// Before this moment
    #[arg(long, env = "LULL_TO", value_name = "TIME")]
    to: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rows {
    Cases,
    Closures,
    Messages,
    AuditLog,
}

impl From<Rows> for What {
    fn from(rows: Rows) -> What {
        match rows {
            Rows::Cases => What::Cases,
            Rows::Closures => What::Closures,
            Rows::Messages => What::Messages,
            Rows::AuditLog => What::AuditLog,
        }
    }
}

impl Export {
    pub async fn run(self) -> anyhow::Result<()> {
        let (from, to) = (moment("--from", self.from.as_deref())?, moment("--to", self.to.as_deref())?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            bail!("--from must not be after --to");
        }
        let wanted =
            Wanted { what: self.what.into(), format: self.format(), filter: Filter { from, to, ..Filter::default() } };
        let db = self.database.open_existing().await?;
        let workspace = self.workspace.find(&db).await?;
        // Before anything is recorded: a place that cannot be written is no export.
        let mut sink = Sink::open(self.output.as_deref())?;
        let mut export = exports::begin(&db, &Caller::engine(workspace.id), wanted).await?.map_err(refused)?;
        let bar = progress(export.expected().await?);
        while let Some(piece) = export.next().await? {
            sink.write(&piece)?;
            bar.set_position(export.read);
        }
        bar.finish_and_clear();
        sink.finish()?;
        self.tell(&export);
        Ok(())
    }

    fn format(&self) -> Format {
        let ending = self.output.as_deref().and_then(|file| file.extension()?.to_str()?.parse().ok());
        self.format.or(ending).unwrap_or(Format::Csv)
    }

    /// Standard output holds the rows, and must hold nothing else.
    fn tell(&self, export: &Running) {
        if let Some(file) = &self.output {
            println!("{} {} in {}", export.written, export.wanted().what.as_str(), file.display());
        }
    }
}

fn moment(option: &str, given: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    given.map(fields::time).transpose().map_err(|(_, message)| anyhow!("{option}: {message}"))
}

fn progress(expected: u64) -> ProgressBar {
    // On a terminal a bar; in a log the last line is enough.
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(expected), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Standard output, or a file that gets its name when it is whole.
enum Sink<'a> {
    Standard(std::io::Stdout),
    File { name: &'a Path, unfinished: Unfinished, writer: BufWriter<File> },
}

impl<'a> Sink<'a> {
    fn open(output: Option<&'a Path>) -> anyhow::Result<Sink<'a>> {
        let Some(name) = output else { return Ok(Sink::Standard(std::io::stdout())) };
        let file_name = name.file_name().with_context(|| format!("{} is no name of a file", name.display()))?;
        let unfinished = name.with_file_name(format!(".{}.{}.part", file_name.to_string_lossy(), std::process::id()));
        let file = File::create(&unfinished).with_context(|| format!("cannot write {}", name.display()))?;
        Ok(Sink::File { name, unfinished: Unfinished(Some(unfinished)), writer: BufWriter::new(file) })
    }

    fn write(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        match self {
            Sink::Standard(out) => out.write_all(piece).context("standard output takes no more"),
            Sink::File { name, writer, .. } => {
                writer.write_all(piece).with_context(|| format!("cannot write {}", name.display()))
            }
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Sink::Standard(mut out) => out.flush().context("standard output takes no more"),
            Sink::File { name, mut unfinished, writer } => {
                let failed = || format!("cannot write {}", name.display());
                let file = writer.into_inner().map_err(|e| e.into_error()).with_context(failed)?;
                file.sync_all().with_context(failed)?;
                unfinished.becomes(name).with_context(failed)
            }
        }
    }
}

/// A file under a name of its own until it is whole; one that never is goes.
struct Unfinished(Option<PathBuf>);

impl Unfinished {
    fn becomes(&mut self, name: &Path) -> std::io::Result<()> {
        let Some(unfinished) = &self.0 else { return Ok(()) };
        std::fs::rename(unfinished, name)?;
        self.0 = None;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.0 {
            let _ = std::fs::remove_file(unfinished);
        }
    }
}
