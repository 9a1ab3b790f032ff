//! `lull serve`.

use super::Database;
use super::audit::Keeping;
use super::mailing::Mailing;
use crate::clock::{self, SystemClock, TestClock};
use crate::desk::Desk;
use crate::engine::{self, Engine};
use crate::http::proxies::{self, Proxies};
use crate::mail::Mailer;
use crate::{demo, http};
use anyhow::{Context, bail};
use axum::middleware;
use axum::serve::ListenerExt;
use clap::Args;
use domain::time::{Span, Timestamp};
use metrics_exporter_prometheus::PrometheusBuilder;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{Clock, Db, Settings};
use tokio::net::TcpListener;

/// How long answers under way may take once the process was asked to end: an export, or one whose client takes no more.
const GRACE: Duration = Duration::from_secs(20);

#[derive(Args)]
pub struct Serve {
    /// `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/DATABASE` for one or more nodes; without one it is sqlite:./lull.db
    // Whether one was named must be known: the demo takes none.
    #[arg(long, env = "LULL_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// Address to listen on; port 0 picks a free one
    #[arg(long, env = "LULL_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Proxies in front of the desk whose X-Forwarded-For says who asks: addresses and networks, such as 127.0.0.1,10.0.0.0/8
    #[arg(long, env = "LULL_TRUSTED_PROXIES", default_value = "", hide_default_value = true, value_name = "NETWORKS",
        value_parser = Proxies::parse)]
    trusted_proxies: Proxies,
    /// A throw-away workspace with real conversations, by a test clock; takes no --database
    #[arg(long, env = "LULL_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    demo: bool,
    /// What the demo takes for the present, such as 2026-03-04T10:30:00Z: what is shown is then the same each time
    #[arg(long, env = "LULL_DEMO_NOW", value_name = "MOMENT", value_parser = moment, requires = "demo")]
    demo_now: Option<Timestamp>,
    /// A clock that stands still until `POST /v1/test-clock/advance` moves it
    #[arg(long, env = "LULL_TEST_CLOCK", value_parser = clap::builder::FalseyValueParser::new())]
    test_clock: bool,
    /// Seconds between two runs of the auto-close job
    #[arg(long, env = "LULL_AUTO_CLOSE_EVERY", default_value = "1", value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    auto_close_every: u64,
    /// Connections to PostgreSQL
    #[arg(long, env = "LULL_CONNECTIONS", default_value = "16", value_name = "N",
        value_parser = clap::value_parser!(u16).range(2..=512))]
    connections: u16,
    /// SQLite: read-only database connections
    #[arg(long, env = "LULL_READERS", default_value = "4", value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=64))]
    readers: u16,
    /// SQLite: how much of the database file each reader may map into memory, in MiB
    #[arg(long, env = "LULL_MMAP_MIB", default_value = "256", value_name = "MIB")]
    mmap_mib: u64,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    mailing: Mailing,
}

impl Serve {
    pub async fn run(self) -> anyhow::Result<()> {
        if self.demo {
            return self.run_demo().await;
        }
        let mailer = self.mailing.open(&self.listen.to_string())?;
        let test_clock = self.test_clock.then(|| Arc::new(TestClock::starting_now()));
        let system_clock = Arc::new(SystemClock::default());
        let clock: Arc<dyn Clock> = match &test_clock {
            Some(clock) => clock.clone(),
            None => system_clock.clone(),
        };
        let database = Database { database: self.database.clone().unwrap_or_else(|| "sqlite:./lull.db".to_owned()) };
        let db = Db::open(&database.url()?, &Settings { mails: mailer.is_some(), ..self.settings() }, clock).await?;
        let _lock = db.lock_for_serving()?;
        let newest = db.read(|tx| Box::pin(async move { store::workspaces::newest_moment(tx).await })).await?;
        // Time goes on where it was: a clock that stands before what is stored would cover and close the wrong cases.
        if let Some(newest) = newest {
            let start = newest.plus(Span::millis(1));
            system_clock.not_before(start);
            if let Some(clock) = &test_clock {
                clock.move_to(start);
            }
        }
        let desk = self.desk(db, test_clock, None, mailer)?;
        self.serve(desk, |_| ()).await
    }

    async fn run_demo(self) -> anyhow::Result<()> {
        if self.database.is_some() {
            bail!(
                "the demo has a database of its own and throws it away: leave out --demo or --database (LULL_DATABASE)"
            );
        }
        // Before everything else, so that it goes last.
        let folder = demo::Folder::new()?;
        let (desk, access) = tokio::select! {
            opened = self.open_demo(&folder) => opened?,
            () = stopped() => return Ok(()),
        };
        self.serve(desk, |base| access.print(base)).await
    }

    /// The demo's desk at the present moment.
    async fn open_demo(&self, folder: &demo::Folder) -> anyhow::Result<(Desk, demo::Access)> {
        let (clock, present) = demo::clock(self.demo_now);
        // Nobody misses what a power cut takes from a database that goes with its process.
        let settings = Settings { durable: false, ..self.settings() };
        let db = Db::open(&folder.database(), &settings, clock.clone()).await?;
        let (demo, access) = demo::prepare(&db, present).await?;
        let desk = self.desk(db, Some(clock), Some(demo), None)?;
        demo::catch_up(&desk).await?;
        Ok((desk, access))
    }

    fn settings(&self) -> Settings {
        Settings {
            readers: self.readers.into(),
            mmap_bytes: self.mmap_mib << 20,
            connections: self.connections.into(),
            ..Settings::default()
        }
    }

    fn desk(
        &self,
        db: Db,
        test_clock: Option<Arc<TestClock>>,
        demo: Option<demo::Demo>,
        mailer: Option<Mailer>,
    ) -> anyhow::Result<Desk> {
        let metrics = PrometheusBuilder::new().install_recorder().context("metrics")?;
        let engine = Engine::new(Duration::from_secs(self.auto_close_every))
            .with_checkpoints(self.keeping.open()?)
            .with_mailer(mailer);
        Ok(Desk::new(db, test_clock, engine, metrics, demo))
    }

    async fn serve(self, desk: Desk, announce: impl FnOnce(&str)) -> anyhow::Result<()> {
        let listener =
            TcpListener::bind(self.listen).await.with_context(|| format!("cannot listen on {}", self.listen))?;
        let base = format!("http://{}", listener.local_addr()?);
        let fresh = desk.db.read(|tx| Box::pin(async move { store::workspaces::all(tx).await })).await?.is_empty();
        let code = if fresh { Some(desk.setup.open()) } else { None };
        engine::start(&desk);
        // Small answers are not held back to be joined with later ones.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let (ending, ended) = (desk.clone(), desk.clone());
        let mut router = http::router(desk);
        if !self.trusted_proxies.is_empty() {
            router = router.layer(middleware::from_fn_with_state(self.trusted_proxies, proxies::believe));
        }
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        println!("listening on {base}");
        announce(&base);
        if let Some(code) = code {
            println!("nobody owns this desk yet: set it up at {base}/setup?code={code}");
        }
        let (asked, was_asked) = tokio::sync::oneshot::channel();
        let stop = async move {
            stopped().await;
            // Answers without an end would keep the process for ever.
            ending.events.close();
            let _ = asked.send(());
        };
        let overdue = async {
            let _ = was_asked.await;
            clock::pause(GRACE).await;
        };
        tokio::select! {
            served = axum::serve(listener, service).with_graceful_shutdown(stop).into_future() => served?,
            () = overdue => tracing::warn!("answers that were not taken in time are cut off"),
        }
        // What happened since the last hour is carried away too.
        if let Err(unkept) = ended.engine.checkpoints.keep_now(&ended.db).await {
            tracing::error!(%unkept, "nobody tries that again before the next start");
        }
        Ok(())
    }
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).map_err(|_| "write a date and time with its offset, such as 2026-03-04T10:30:00Z")
}

/// Ends when the process is asked to: requests under way are answered first.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! { _ = interrupted => (), _ = terminated.recv() => () }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        serve: Serve,
    }

    #[test]
    fn the_present_of_the_demo_can_be_named_and_of_nothing_else() {
        let now = "--demo-now=2026-03-04T10:30:00Z";
        let named = Command::try_parse_from(["serve", "--demo", now]).expect("this can be asked").serve.demo_now;
        assert_eq!(named, Timestamp::parse("2026-03-04T10:30:00Z").ok());
        assert!(Command::try_parse_from(["serve", now]).is_err());
        assert!(Command::try_parse_from(["serve", "--demo", "--demo-now=noon"]).is_err());
    }
}
