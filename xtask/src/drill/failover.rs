//! Two servers in synchronous replication; the primary dies under load and its standby takes over.

use super::load::Load;
use super::pace::{self, Clock, Watch};
use super::place::{self, Place};
use super::report::{Report, thousands};
use super::seed::Seeder;
use super::verdict;
use anyhow::{Result, anyhow};
use scratch_postgres::{Options, Server};
use std::path::Path;
use std::time::Duration;

/// Before the primary dies.
const LOAD_BEFORE: u64 = 500;
/// After both nodes are served again.
const LOAD_AFTER: u64 = 500;
/// Whoever watches over the servers needs some time to notice: longer than a node waits before it answers 503.
const NOTICED_AFTER: Duration = Duration::from_secs(12);
/// Cases that fall due before, during and after.
const DUE: usize = 600;
const DUE_OVER_MILLIS: i64 = 20_000;
const BACK_WITHIN: Duration = Duration::from_secs(30);

/// The primary, its standby in step with it, and the address that names both.
fn servers() -> Result<(Server, Server, String), String> {
    let options = Options::durable().with("track_commit_timestamp", "on");
    let primary = Server::start(&options)?;
    primary.create_database("lull")?;
    let standby = Server::standby_of(&primary, &options)?;
    primary.make_synchronous()?;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let url = format!("postgres://lull@{hosts}/lull?target_session_attrs=read-write");
    Ok((primary, standby, url))
}

pub async fn run(lull: &Path) -> Result<Report> {
    let (mut primary, standby, url) = servers().map_err(|why| anyhow!(why))?;
    let place = Place::open(lull, &url).await?;
    let mut database = place::connect(&url).await?;
    let clock = Clock::of(&database).await?;
    let load = Load::start(&place);
    let mut seeder = Seeder::new(place.layout.clone(), clock.now());
    load.also_to(seeder.put(&mut database, DUE, clock.now(), DUE_OVER_MILLIS).await?);
    let all_due = clock.now() + DUE_OVER_MILLIS * 1_000;
    load.await_acknowledged(LOAD_BEFORE).await?;
    primary.kill().map_err(|why| anyhow!(why))?;
    pace::pause(NOTICED_AFTER).await;
    let watch = Watch::start();
    standby.promote().map_err(|why| anyhow!(why))?;
    let promotion = watch.elapsed();
    let (one, other) = tokio::join!(load.until_served(0), load.until_served(1));
    let back = [one, other].map(|served| served.map_err(|error| error.context(place.last_lines())));
    load.await_acknowledged(LOAD_AFTER).await?;
    clock.until(all_due).await;
    let told = load.finish().await?;
    let mut report = Report::default();
    report.heading("Failover: the primary is killed under load, its synchronous standby promoted");
    report.figure("cases that fell due", thousands(DUE as u64));
    told.report(&mut report);
    report.figure("the promotion itself", format!("{:.2} s", promotion.as_secs_f64()));
    for (n, took) in back.into_iter().enumerate() {
        let took = took?;
        let goal = format!("≤ {} s", BACK_WITHIN.as_secs());
        let shown = format!("{:.2} s", took.as_secs_f64());
        report.goal(&format!("from promotion to a 2xx of node {n}"), shown, &goal, took <= BACK_WITHIN);
    }
    let database = place::connect(&standby.url("lull")).await?;
    report.collisions(&standby.log());
    verdict::pass(&place, &database, &told.acknowledged, &mut report).await?;
    if !report.met() {
        report.note(place.last_lines());
    }
    Ok(report)
}
