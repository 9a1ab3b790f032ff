//! A node whose own clock is ten minutes off closes nothing early and dates everything right (A9).

use crate::support::desk::Place;
use domain::time::Timestamp;
use lull::desk::Desk;
use lull::engine::Engine;
use lull::engine::tasks::auto_close;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::{Clock, DatabaseUrl, Db, Settings};

const MINUTE: i64 = 60_000_000;

/// Minutes ahead of the machine's clock, or behind it.
struct Wrong(i64);

impl Clock for Wrong {
    #[allow(clippy::disallowed_methods, reason = "a real clock is what this test is about")]
    fn now(&self) -> Timestamp {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        Timestamp::from_micros(micros as i64 + self.0 * MINUTE)
    }
}

/// A node in this process, without the rhythm of a real one.
async fn node(place: &Place, minutes: i64) -> Desk {
    let url = DatabaseUrl::Postgres(place.database());
    let db = Db::open(&url, &Settings { connections: 4, ..Settings::default() }, Arc::new(Wrong(minutes))).await;
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    Desk::new(db.expect("it opens"), None, Engine::new(Duration::from_secs(1)), metrics, None)
}

#[test]
fn a_node_ten_minutes_off_closes_nothing_early_and_all_that_is_due_a9() {
    let place = Place::in_postgres();
    let desk = place.open(&["--auto-close-every", "86400"]);
    desk.auto_close(60);
    let (due, early) = (desk.open_case(), desk.open_case());
    // As if it had been so for hours: one case silent for an hour and a minute, one for 55 minutes.
    desk.place.psql(&format!("update policies set enabled_at = enabled_at - {};", 300 * MINUTE));
    for (case, silent) in [(due, 61 * MINUTE), (early, 55 * MINUTE)] {
        let times = format!("last_activity_at = last_activity_at - {silent}, armed_at = armed_at - {silent}");
        desk.place.psql(&format!("update cases set {times} where number = {case};"));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let ahead = node(&desk.place, 10).await;
        auto_close::run(&ahead).await.expect("a run");
        let behind = node(&desk.place, -10).await;
        auto_close::run(&behind).await.expect("a run");
    });
    assert!(desk.is_closed(due));
    assert!(!desk.is_closed(early), "by the database's clock it has five minutes left");
    let gap = format!(
        "select abs(extract(epoch from clock_timestamp()) * 1000000 - closed_at) < {} from closures;",
        5 * MINUTE
    );
    assert_eq!(desk.place.psql(&gap).trim(), "t", "the closing is dated by the database's clock");
}
