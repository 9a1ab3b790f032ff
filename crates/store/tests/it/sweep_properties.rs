//! Over random histories, with queue moves, policy edits, switching off and on, plans and overrides, the sweep closes
//! exactly what the pure rule calls due (A3–A7).

use crate::support::{Desk, Fixture, case, config, json_ids, minutes, store_policy};
use domain::case::Status;
use domain::id::{CaseId, QueueId, RunId};
use domain::lifecycle::{Next, next};
use domain::permission::Plan;
use domain::policy::{CloseRule, Overrides, StatusSet};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::BTreeSet;
use store::cases::{self, Case};
use store::sweep::{self, Rule};
use store::workspaces::{self, Workspace};
use store::{Fault, Tx, policies};

/// Something that happens to a desk.
#[derive(Debug, Clone)]
enum Step {
    Pass(i64),
    Create {
        second_queue: bool,
    },
    Message(Index),
    Status(Index, Status),
    Move(Index),
    /// Keeps a case open for so many minutes; 0 ends that.
    Keep(Index, i64),
    Policy {
        place: usize,
        settings: Overrides,
    },
    Inherit {
        second_queue: bool,
    },
    Plan(Plan),
    Sweep,
}

/// How many of them make a history.
const STEPS: std::ops::Range<usize> = 10..60;

fn settings() -> impl Strategy<Value = Overrides> {
    let enabled = prop_oneof![4 => Just(Some(true)), 2 => Just(Some(false)), 1 => Just(None)];
    let selectable = vec![Status::Open, Status::InProgress, Status::OnHold];
    let statuses = subsequence(selectable, 1..=3).prop_map(|chosen| StatusSet::new(chosen).expect("not empty"));
    (enabled, prop::option::of(select(vec![60_i64, 90, 180])), prop::option::of(statuses)).prop_map(
        |(enabled, threshold, statuses)| Overrides {
            enabled,
            threshold: threshold.map(minutes),
            statuses,
            ..Overrides::default()
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let minutes = prop_oneof![Just(0_i64), Just(30), Just(60), 1_i64..200];
    prop_oneof![
        5 => minutes.prop_map(Step::Pass),
        4 => any::<bool>().prop_map(|second_queue| Step::Create { second_queue }),
        5 => any::<Index>().prop_map(Step::Message),
        3 => (any::<Index>(), select(Status::ALL)).prop_map(|(case, status)| Step::Status(case, status)),
        2 => any::<Index>().prop_map(Step::Move),
        3 => (any::<Index>(), select(vec![0_i64, 30, 60, 90, 200])).prop_map(|(case, m)| Step::Keep(case, m)),
        4 => (0_usize..3, settings()).prop_map(|(place, settings)| Step::Policy { place, settings }),
        1 => any::<bool>().prop_map(|second_queue| Step::Inherit { second_queue }),
        1 => select(vec![Plan::Advanced, Plan::Enterprise, Plan::Standard]).prop_map(Step::Plan),
        4 => Just(Step::Sweep),
    ]
}

/// One desk and what the plain rule needs to know of it.
struct History {
    fixture: Fixture,
    cases: Vec<CaseId>,
    /// Cases closed by sweeps, to know that the histories reach them.
    closed: usize,
}

impl History {
    async fn take(&mut self, tx: &mut Tx, step: &Step) -> Result<(), Fault> {
        let (ws, now) = (self.fixture.ws, tx.now());
        let queue = |second| if second { self.fixture.other_queue } else { self.fixture.queue };
        match step {
            Step::Pass(_) => {}
            Step::Create { second_queue } => {
                let mut new =
                    Case { queue: queue(*second_queue), ..case(&self.fixture, self.cases.len() as i64 + 1, now) };
                let arm_from = self.arm_from(tx, new.queue).await?;
                new.active_at(now, arm_from);
                cases::insert(tx, &new).await?;
                self.cases.push(new.id);
            }
            Step::Message(index) => self.change(tx, index, now, |_| {}).await?,
            Step::Status(index, status) => self.change(tx, index, now, |case| set_status(case, *status, now)).await?,
            Step::Move(index) => {
                let Some(before) = self.pick(tx, index).await? else { return Ok(()) };
                let mut after = before.clone();
                after.queue = queue(before.queue == self.fixture.queue);
                // Another rule may hold there.
                after.rearm(now);
                cases::save(tx, &before, &mut after).await?;
            }
            Step::Keep(index, minutes) => {
                let Some(before) = self.pick(tx, index).await?.filter(|case| !case.status.is_closed()) else {
                    return Ok(());
                };
                let mut after = before.clone();
                after.keep_open_until = (*minutes > 0).then(|| now.plus(Span::minutes(*minutes)));
                after.rearm(now);
                cases::save(tx, &before, &mut after).await?;
            }
            Step::Policy { place, settings } => {
                let queues = [policies::WORKSPACE, self.fixture.queue, self.fixture.other_queue];
                store_policy(tx, ws, queues[*place], *settings).await?;
            }
            Step::Inherit { second_queue } => policies::delete(tx, ws, queue(*second_queue)).await?,
            Step::Plan(plan) => {
                let workspace = workspaces::get(tx, ws).await?;
                workspaces::update(tx, &Workspace { plan: *plan, ..workspace }).await?;
            }
            Step::Sweep => self.sweep(tx, now).await?,
        }
        Ok(())
    }

    async fn pick(&self, tx: &mut Tx, index: &Index) -> Result<Option<Case>, Fault> {
        if self.cases.is_empty() {
            return Ok(None);
        }
        cases::get(tx, self.fixture.ws, *index.get(&self.cases)).await
    }

    async fn arm_from(&self, tx: &mut Tx, queue: QueueId) -> Result<Option<Timestamp>, Fault> {
        Ok(policies::in_force(tx, self.fixture.ws, queue).await?.arm_from)
    }

    /// An activity: a message, or a change of status.
    async fn change(
        &self,
        tx: &mut Tx,
        index: &Index,
        now: Timestamp,
        change: impl FnOnce(&mut Case),
    ) -> Result<(), Fault> {
        let Some(before) = self.pick(tx, index).await? else { return Ok(()) };
        let mut after = before.clone();
        change(&mut after);
        let arm_from = self.arm_from(tx, after.queue).await?;
        after.active_at(now, arm_from);
        cases::save(tx, &before, &mut after).await
    }

    /// What the rule calls due, asked case by case.
    async fn due(&self, tx: &mut Tx, now: Timestamp) -> Result<BTreeSet<CaseId>, Fault> {
        let mut due = BTreeSet::new();
        for id in &self.cases {
            let case = cases::get(tx, self.fixture.ws, *id).await?.ok_or(Fault::Broken("lost a case".to_owned()))?;
            let rule = policies::in_force(tx, self.fixture.ws, case.queue).await?.effective.close;
            if matches!(next(case.facts(), rule, now), Next::Due { .. }) {
                due.insert(*id);
            }
        }
        Ok(due)
    }

    /// One run as the engine makes it, a few cases at a time.
    async fn sweep(&mut self, tx: &mut Tx, now: Timestamp) -> Result<(), Fault> {
        const BATCH: i64 = 3;
        let ws = self.fixture.ws;
        let due = self.due(tx, now).await?;
        let parked = sweep::first_release(tx).await?;
        while sweep::release(tx, BATCH).await? == BATCH as u64 {}
        let left = sweep::first_release(tx).await?;
        check(left.is_none_or(|until| until > now), || format!("{parked:?} was released, {left:?} was left"))?;
        let mut closed = BTreeSet::new();
        for partition in sweep::partitions(tx).await?.into_iter().filter(|partition| partition.workspace == ws) {
            let first = sweep::first_armed_from(tx, &partition, partition.enabled_at).await?;
            let mut seen = None;
            // Each batch moves on, and a re-armed case is met at most once more.
            for _ in 0..=2 * self.cases.len() {
                let batch = sweep::candidates(tx, &partition, now, seen, BATCH).await?;
                let Some(last) = batch.last() else { break };
                check(first.is_some_and(|first| first <= last.armed_at), || format!("{first:?} is not the first"))?;
                seen = Some(*last);
                let in_force = policies::in_force(tx, ws, partition.queue).await?;
                let CloseRule::On { enabled_at, threshold, statuses } = in_force.effective.close else {
                    return Err(Fault::Broken(format!("a partition where nothing is in effect: {partition:?}")));
                };
                let rule = Rule { enabled_at, threshold, statuses, queues: vec![partition.queue] };
                let ids = json_ids(batch.iter().map(|candidate| candidate.id.0));
                closed.extend(sweep::close(tx, ws, &rule, &ids, RunId(1)).await?.into_iter().map(|closed| closed.id));
                sweep::rearm(tx, ws, &ids).await?;
            }
        }
        check(closed == due, || format!("closed {closed:?}, due by the rule {due:?}"))?;
        self.closed += closed.len();
        Ok(())
    }
}

fn set_status(case: &mut Case, status: Status, now: Timestamp) {
    if case.status.is_closed() && !status.is_closed() {
        (case.closed_at, case.opened_at, case.reopen_count) = (None, now, case.reopen_count + 1);
    }
    if status.is_closed() {
        case.closed_at = Some(now);
    }
    case.status = status;
}

/// A panic would cross the writer's thread and lose its words.
fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Broken(otherwise())) }
}

/// Most desks use what this is about: on, with cases in both queues.
fn switched_on() -> [Step; 3] {
    let settings = Overrides { enabled: Some(true), threshold: Some(minutes(90)), ..Overrides::default() };
    let create = |second_queue| Step::Create { second_queue };
    [Step::Policy { place: 0, settings }, create(false), create(true)]
}

/// Lives through a history, a transaction for all that happens at one moment, and answers how many cases it closed.
fn live(desk: &Desk, n: i64, steps: &[Step]) -> Result<usize, Fault> {
    desk.pass(Span::minutes(1));
    let fixture = desk.try_write(async move |tx| Fixture::insert(tx, n).await)?;
    let mut history = History { fixture, cases: Vec::new(), closed: 0 };
    let (first, last) = (switched_on(), [Step::Pass(31), Step::Sweep, Step::Pass(200), Step::Sweep]);
    let steps: Vec<Step> = first.iter().chain(steps).chain(&last).cloned().collect();
    for moment in steps.chunk_by(|_, next| !matches!(next, Step::Pass(_))) {
        if let Step::Pass(minutes) = moment[0] {
            desk.pass(Span::minutes(minutes));
        }
        let moment = moment.to_vec();
        history = desk.try_write(async move |tx| {
            for step in &moment {
                history.take(tx, step).await?;
            }
            Ok(history)
        })?;
    }
    Ok(history.closed)
}

#[test]
fn the_sweep_closes_exactly_what_the_rule_calls_due_a3_a4_a5_a7() {
    let desk = Desk::new();
    let (number, closed) = (Cell::new(0), Cell::new(0));
    let histories = prop::collection::vec(step(), STEPS);
    let outcome = TestRunner::new(config(200)).run(&histories, |steps| {
        number.set(number.get() + 1);
        let reached = live(&desk, number.get(), &steps).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        closed.set(closed.get() + reached);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(closed.get() > 300, "only {} closes in all histories", closed.get());
}
