//! The sweep's ranges and the pure rule are one rule: over random histories with queue moves, policy edits, overrides,
//! plans and re-enabling, a sweep closes exactly what [`domain::lifecycle::next`] calls due.

use super::history::{Event, World, event};
use domain::lifecycle::{Next, next};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::collections::BTreeSet;
use store::policies;

/// The numbers of the cases that the pure rule calls due now.
async fn due(world: &World) -> BTreeSet<i64> {
    let (ws, now) = (world.workspace, world.desk.db.now());
    let read = world.desk.db.read(move |tx| {
        Box::pin(async move { Ok((store::workspaces::get(tx, ws).await?.plan, policies::all(tx, ws).await?)) })
    });
    let (plan, rows) = read.await.expect("read");
    let mut due = BTreeSet::new();
    for case in world.cases().await {
        let rule = policies::resolve(plan, &rows, case.queue).effective.close;
        if matches!(next(case.facts(), rule, now), Next::Due { .. }) {
            due.insert(case.number);
        }
    }
    due
}

async fn open(world: &World) -> BTreeSet<i64> {
    world.cases().await.into_iter().filter(|case| !case.status.is_closed()).map(|case| case.number).collect()
}

async fn play(events: Vec<Event>) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    for event in events {
        if !matches!(event, Event::Sweep) {
            world.happen(&event).await;
            continue;
        }
        let (expected, before) = (due(&world).await, open(&world).await);
        world.happen(&event).await;
        let closed: BTreeSet<i64> = before.difference(&open(&world).await).copied().collect();
        prop_assert_eq!(closed, expected);
        // A second sweep in the same moment finds nothing: everything due is closed, nothing twice (A7).
        prop_assert!(due(&world).await.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_sweep_closes_exactly_what_the_rule_calls_due_a4(events in prop::collection::vec(event(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(events))?;
    }
}
