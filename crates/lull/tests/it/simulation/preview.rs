//! A preview says what the next run then does (X7): over random histories, for every draft that is then saved, the cases
//! the sweep closes are the ones that were listed and counted, and everything else counted is what a plain look finds.

use super::history::{Event, World, event};
use domain::case::Status;
use domain::lifecycle::{Next, WhyNot, next};
use domain::permission::Plan;
use domain::policy::{CloseRule, StatusSet, Threshold};
use domain::time::Span;
use lull::acts::change_policy::view;
use lull::preview::{Draft, Fate, Preview, SOON, Sample, preview};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;
use store::cases::Case;
use store::policies::{self, WORKSPACE};

/// Every case that would close, read a few at a time.
async fn listed(world: &World, draft: Draft) -> (Preview, Vec<i64>) {
    const AT_ONCE: i64 = 2;
    let mut after = None;
    let mut numbers = Vec::new();
    loop {
        let sample = Sample { after, limit: AT_ONCE };
        let found = preview(&world.desk, world.workspace, draft, sample).await.expect("read").expect("a queue");
        let full = found.sample.len() as i64 == AT_ONCE;
        numbers.extend(found.sample.iter().map(|view| view.case.number));
        after = found.sample.last().map(|last| store::case_list::Position {
            key: last.closes_at.map(|at| at.as_micros()),
            id: last.case.id.0,
        });
        if !full {
            return (found, numbers);
        }
    }
}

/// The rule that holds for each open case of the draft's queues now.
async fn ruled(world: &World, draft: Draft) -> Vec<(Case, CloseRule)> {
    let ws = world.workspace;
    let read = world.desk.db.read(move |tx| {
        Box::pin(async move { Ok((view(tx, ws, WORKSPACE).await?.plan, policies::all(tx, ws).await?)) })
    });
    let (plan, rows) = read.await.expect("read");
    let cases = world.cases().await.into_iter();
    let asked = cases.filter(|case| !case.status.is_closed() && [WORKSPACE, case.queue].contains(&draft.queue));
    asked.map(|case| (policies::resolve(plan, &rows, case.queue).effective.close, case)).map(|(r, c)| (c, r)).collect()
}

/// What the preview said against what holds once the draft is saved; answers the cases that are due.
fn compare(world: &World, said: &Preview, ruled: &[(Case, CloseRule)]) -> Result<BTreeSet<i64>, TestCaseError> {
    let now = world.desk.db.now();
    let count = |wanted: &dyn Fn(&Case, CloseRule) -> bool| {
        ruled.iter().filter(|(case, rule)| wanted(case, *rule)).count() as i64
    };
    let is_due = |case: &Case, rule, at| matches!(next(case.facts(), rule, at), Next::Due { .. });
    let due = |case: &Case, rule: CloseRule| is_due(case, rule, now);
    let waits = |case: &Case| case.waiting_on.is_some_and(|on| on.as_str() == "us");
    let unkept = |case: &Case| domain::lifecycle::Facts { keep_open_until: None, ..case.facts() };
    let why = |case: &Case, rule| match next(case.facts(), rule, now) {
        Next::NotCovered(why) => Some(why),
        _ => None,
    };
    prop_assert_eq!(said.would_close(), count(&due));
    prop_assert_eq!(said.waiting_on_us(), count(&|case, rule| due(case, rule) && waits(case)));
    prop_assert_eq!(said.closes_soon(), count(&|case, rule| is_due(case, rule, now.plus(SOON))));
    let silent = |case: &Case, rule| matches!(why(case, rule), Some(WhyNot::SilentSinceBefore { .. }));
    prop_assert_eq!(said.not_covered(), count(&silent));
    let kept = |case: &Case, rule| matches!(next(unkept(case), rule, now), Next::Due { .. }) && !due(case, rule);
    prop_assert_eq!(said.kept_open(), count(&kept));
    for (fate, reason) in [
        (Fate::Off, WhyNot::SwitchedOff),
        (Fate::Suspended, WhyNot::SuspendedByPlan),
        (Fate::StatusNotSelected, WhyNot::StatusNotSelected),
    ] {
        prop_assert_eq!(said.left(fate), count(&|case, rule| why(case, rule) == Some(reason)), "{:?}", fate);
    }
    let oldest = ruled.iter().filter(|(case, rule)| due(case, *rule)).map(|(case, _)| case.last_activity_at).min();
    prop_assert_eq!(said.oldest(), oldest);
    for group in &said.groups {
        let of = |case: &Case| (case.queue, case.status) == (group.tally.queue, group.tally.status);
        prop_assert_eq!(group.tally.open, count(&|case, _| of(case)));
        prop_assert_eq!(group.tally.due, count(&|case, rule| of(case) && due(case, rule)));
    }
    Ok(ruled.iter().filter(|(case, rule)| due(case, *rule)).map(|(case, _)| case.number).collect())
}

async fn closed_by_a_sweep(world: &mut World, among: &[(Case, CloseRule)]) -> BTreeSet<i64> {
    world.happen(&Event::Sweep).await;
    let open: BTreeSet<i64> =
        world.cases().await.into_iter().filter(|case| !case.status.is_closed()).map(|case| case.number).collect();
    among.iter().map(|(case, _)| case.number).filter(|number| !open.contains(number)).collect()
}

/// Most desks use what this is about: on from the start, and at the end a draft that finds silent cases.
fn switched_on(minutes: i64) -> Event {
    let threshold = Threshold::from_minutes(minutes).expect("in range");
    let statuses = StatusSet::new([Status::Open, Status::InProgress, Status::OnHold]).expect("not empty");
    Event::Policy { enabled: true, threshold, statuses }
}

async fn play(events: Vec<Event>, closed: &Cell<usize>) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    let writes = Event::Writes { customer: 0, automatic: false };
    let last = [Event::Plan(Plan::Advanced), writes, Event::Wait { minutes: 120 }, switched_on(61)];
    for event in [switched_on(60)].into_iter().chain(events).chain(last) {
        let Some(draft) = world.draft(&event) else {
            world.happen(&event).await;
            continue;
        };
        let (said, numbers) = listed(&world, draft).await;
        let is_due: BTreeSet<i64> = numbers.iter().copied().collect();
        prop_assert_eq!(is_due.len(), numbers.len(), "none is listed twice");
        if !world.change(&event).await {
            // The plan does not include it: nothing would close.
            prop_assert_eq!((said.would_close(), numbers.len()), (0, 0));
            continue;
        }
        let ruled = ruled(&world, draft).await;
        prop_assert_eq!(&compare(&world, &said, &ruled)?, &is_due);
        prop_assert_eq!(&closed_by_a_sweep(&mut world, &ruled).await, &is_due);
        closed.set(closed.get() + is_due.len());
    }
    Ok(())
}

#[test]
fn a_preview_says_what_the_next_run_then_does_x7() {
    let closed = Cell::new(0);
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let histories = prop::collection::vec(event(), 20..160);
    let outcome = TestRunner::new(config).run(&histories, |events| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(events, &closed))
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(closed.get() > 96, "only {} cases closed in all histories", closed.get());
    assert!(SOON > Span::ZERO);
}
