//! A database opened in this process as the server opens it, for measuring what the engine does without its rhythm.

use anyhow::Result;
use lull::clock::SystemClock;
use lull::desk::Desk;
use lull::engine::Engine;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Settings};
use tokio::runtime::Runtime;

pub struct Opened {
    runtime: Runtime,
    pub desk: Desk,
}

impl Opened {
    pub fn new(url: &str) -> Result<Opened> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let clock = Arc::new(SystemClock::default());
        let db = runtime.block_on(Db::open(&url.parse()?, &Settings::default(), clock))?;
        // Not installed: the recorder would be the whole process's, and is not part of what is measured here.
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let desk = Desk::new(db, None, Engine::new(Duration::from_secs(1)), metrics, None);
        Ok(Opened { runtime, desk })
    }

    /// Runs work as a task of its own, as the engine does.
    pub fn run<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        self.runtime.block_on(self.runtime.spawn(work))?
    }
}
