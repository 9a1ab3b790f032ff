//! The list of cases: every filter and every sort against a plain search through the same random cases.

use crate::support::random::{CUSTOMERS, TAGS, drawn, random_settings};
use crate::support::world::World;
use crate::support::{Desk, Fixture, at, config};
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::{AgentId, ChannelId, CustomerId, QueueId, WorkspaceId};
use domain::message::Network;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use store::case_list::{self, Assignee, Filter, Key, Listed, Sort};
use store::sweep::Partition;

/// How many cases a random workspace has.
const CASES: usize = 300;
/// More pages than that has no list of these tests.
const PAGES: usize = 1_000;

/// Reads page by page until one is not full.
pub fn pages(
    desk: &Desk,
    ws: WorkspaceId,
    filter: &Filter,
    sort: Sort,
    rules: &[Partition],
    limit: i64,
) -> Vec<Listed> {
    let mut all: Vec<Listed> = Vec::new();
    for _ in 0..PAGES {
        let after = all.last().map(|last| last.position(sort));
        let (filter, rules) = (filter.clone(), rules.to_vec());
        let page = desk.read(async move |tx| case_list::page(tx, ws, &filter, sort, &rules, after, limit).await).rows;
        let full = page.len() as i64 == limit;
        all.extend(page);
        if !full {
            return all;
        }
    }
    panic!("the pages do not end");
}

fn sort() -> impl Strategy<Value = Sort> {
    let keys = vec![Key::LastActivityAt, Key::CreatedAt, Key::ClosesAt, Key::Number];
    (select(keys), any::<bool>()).prop_map(|(key, descending)| Sort { key, descending })
}

/// Each condition now and then, so that most lists are neither empty nor whole.
fn filter() -> impl Strategy<Value = Filter> {
    fn sometimes<S: Strategy>(what: S) -> impl Strategy<Value = Option<S::Value>>
    where
        S::Value: Clone,
    {
        prop::option::weighted(0.15, what)
    }
    let assignee = prop_oneof![(1_i64..3).prop_map(|n| Assignee::Agent(AgentId(n))), Just(Assignee::Nobody)];
    let texts = vec![
        "größe",
        "ÄRGER",
        "100%",
        "_",
        "\\",
        "ada",
        "unal",
        "#12",
        "12",
        "vip",
        " is ",
        "Ünal",
        "ada wo",
        "meine GRÖ",
        "wo ist",
        "case größe zzz",
    ];
    let places =
        (sometimes(any::<bool>()), sometimes(assignee), sometimes(1_i64..3), sometimes(select(&Network::ALL[..4])));
    let kinds = (sometimes(select(Priority::ALL)), sometimes(select(CaseType::ALL)), sometimes(select(&TAGS[..])));
    let words = (sometimes(0..CUSTOMERS), sometimes(select(texts)));
    let times = (sometimes(100_i64..900), sometimes(select(ClosingReason::ALL)), sometimes(0_i64..600));
    let statuses = prop_oneof![Just(Vec::new()), subsequence(Status::ALL.to_vec(), 1..=4)];
    (statuses, places, kinds, words, times).prop_map(|(statuses, places, kinds, words, times)| Filter {
        statuses,
        // Places are numbers until the world they lie in is known.
        queue: places.0.map(|second| QueueId(i64::from(second))),
        assignee: places.1,
        channel: places.2.map(ChannelId),
        network: places.3,
        priority: kinds.0,
        kind: kinds.1,
        tag: kinds.2.map(str::to_owned),
        customer: words.0.map(CustomerId),
        text: words.1.map(str::to_owned),
        closing_before: times.0.map(at),
        closed_reason: times.1,
        updated_after: times.2.map(at),
        auto_closed_after: None,
    })
}

fn in_world(filter: &Filter, fixture: &Fixture) -> Filter {
    let queue = |n| if n == QueueId(1) { fixture.other_queue } else { fixture.queue };
    Filter {
        queue: filter.queue.map(queue),
        customer: filter.customer.map(|c| CustomerId(fixture.customer.0 + c.0)),
        ..filter.clone()
    }
}

#[test]
fn every_filter_and_sort_gives_the_same_list_as_a_plain_search_page_by_page() {
    let desk = Desk::new();
    let mut runner = proptest::test_runner::TestRunner::new(config(6));
    let number = std::cell::Cell::new(0);
    let questions = prop::collection::vec((filter(), sort(), select(vec![7_i64, 50, 301])), 40);
    let worlds = (prop::collection::vec(drawn(), CASES), random_settings(), questions);
    let outcome = runner.run(&worlds, |(drawn, settings, questions)| {
        number.set(number.get() + 1);
        let n = number.get();
        let world = desk.write(async move |tx| World::insert(tx, n, &drawn, settings).await);
        for (filter, sort, limit) in questions {
            let filter = in_world(&filter, &world.fixture);
            let expected = world.list(&filter, sort);
            let found = pages(&desk, world.fixture.ws, &filter, sort, &world.rules, limit);
            let numbers: Vec<i64> = found.iter().map(|listed| listed.case.number).collect();
            prop_assert_eq!(&numbers, &expected, "{:?} {:?}", filter, sort);
            for listed in &found {
                let case = &world.cases[listed.case.number as usize - 1];
                prop_assert_eq!(&listed.case, case);
                prop_assert_eq!(listed.closes_at, world.closes_at(case));
            }
            let (ws, rules, all) = (world.fixture.ws, world.rules.clone(), expected.len() as i64);
            let most = all / 2 + 3;
            let counted = desk.read(async move |tx| case_list::count(tx, ws, &filter, &rules, most).await);
            prop_assert_eq!(counted, all.min(most));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
