//! `closes_at` in SQL says what the rule says, for random policies, overrides and plans (X10, A3, A4).

use crate::support::random::{Drawn, drawn, random_settings};
use crate::support::{Desk, Fixture, at, config};
use domain::lifecycle::closes_at;
use domain::permission::Plan;
use domain::policy::Overrides;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use store::case_list::{self, Filter, Key, Listed, Sort};
use store::policies::{self, Stored};
use store::workspaces::{self, Workspace};
use store::{Fault, Tx, cases, sweep};

/// A random desk: how its cases, its settings and its plan came to be.
#[derive(Debug, Clone)]
struct World {
    plan: Plan,
    settings: [Option<Overrides>; 3],
    cases: Vec<Drawn>,
}

fn world() -> impl Strategy<Value = World> {
    let plan = prop_oneof![4 => Just(Plan::Advanced), 1 => select(Plan::ALL)];
    (plan, random_settings(), prop::collection::vec(drawn(), 12)).prop_map(|(plan, settings, cases)| World {
        plan,
        settings,
        cases,
    })
}

/// What the list says of every case, with what holds in the case's queue.
async fn list(tx: &mut Tx, n: i64, world: &World) -> Result<Vec<(Listed, policies::InForce)>, Fault> {
    let fixture = Fixture::insert(tx, n).await?;
    let ws = fixture.ws;
    let mut workspace: Workspace = workspaces::get(tx, ws).await?;
    workspace.plan = world.plan;
    workspaces::update(tx, &workspace).await?;
    let queues = [policies::WORKSPACE, fixture.queue, fixture.other_queue];
    for (queue, settings) in queues.into_iter().zip(world.settings) {
        if let Some(settings) = settings {
            let stored = Stored { queue, settings, version: 1, updated_at: at(100_000), updated_by: None };
            policies::put(tx, ws, &stored).await?;
        }
    }
    for (number, drawn) in (1..).zip(&world.cases) {
        let case = drawn.case(&fixture, number);
        cases::insert(tx, &cases::Case { customer: fixture.customer, ..case }).await?;
    }
    let mut rules = sweep::partitions(tx).await?;
    rules.retain(|rule| rule.workspace == ws);
    let sort = Sort { key: Key::ClosesAt, descending: false };
    let listed = case_list::page(tx, ws, &Filter::default(), sort, &rules, None, 100).await?.rows;
    let mut found = Vec::new();
    for listed in listed {
        let in_force = policies::in_force(tx, ws, listed.case.queue).await?;
        found.push((listed, in_force));
    }
    Ok(found)
}

#[test]
fn closes_at_in_the_list_is_what_the_rule_says_x10() {
    let desk = Desk::new();
    let (number, closing) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let outcome = TestRunner::new(config(60)).run(&world(), |world| {
        number.set(number.get() + 1);
        let (n, asked) = (number.get(), world.clone());
        let found = desk.write(async move |tx| list(tx, n, &asked).await);
        prop_assert_eq!(found.len(), world.cases.len());
        for (listed, in_force) in found {
            let expected = closes_at(listed.case.facts(), in_force.effective.close);
            prop_assert_eq!(listed.closes_at, expected, "{:?} under {:?}", listed.case, in_force);
            closing.set(closing.get() + i64::from(expected.is_some()));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(closing.get() > 50, "only {} of the random cases close at all", closing.get());
}
