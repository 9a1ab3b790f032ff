//! The temporary folder of the demo's database, gone with the process.

use crate::random::Secret;
use anyhow::Context;
use std::path::{Path, PathBuf};
use store::DatabaseUrl;

/// Removing is tried this often: the database's last file may be written while the folder goes.
const TRIES: usize = 5;

pub struct Folder(PathBuf);

impl Folder {
    /// In the system's place for temporary files, for this user's eyes only.
    pub fn new() -> anyhow::Result<Folder> {
        let path = std::env::temp_dir().join(Secret::new("lull-demo").reveal());
        make(&path).with_context(|| format!("cannot make the demo's folder {}", path.display()))?;
        Ok(Folder(path))
    }

    pub fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.0.join("demo.db"))
    }
}

#[cfg(unix)]
fn make(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir(path)
}

impl Drop for Folder {
    fn drop(&mut self) {
        for _ in 0..TRIES {
            if std::fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
        }
        tracing::warn!(folder = %self.0.display(), "the demo's folder could not be removed");
    }
}
