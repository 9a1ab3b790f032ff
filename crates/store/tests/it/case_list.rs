//! The list of cases: every filter and every sort against a plain search through the same random cases.

use crate::support::random::{CUSTOMERS, Drawn, TAGS, drawn, settings};
use crate::support::{Desk, Fixture, at, config, customer};
use domain::case::{CaseType, Priority, Status};
use domain::closure::ClosingReason;
use domain::id::{AgentId, ChannelId, CustomerId};
use domain::lifecycle::closes_at;
use domain::message::{Delivery, Direction, Network};
use domain::permission::Plan;
use domain::policy::Overrides;
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::cmp::Reverse;
use store::case_list::{self, Assignee, Filter, Key, Listed, Sort};
use store::cases::{self, Case};
use store::closures::{self, Closure};
use store::messages::{self, Message};
use store::policies::{self, Stored};
use store::sweep::{self, Partition};
use store::{Fault, Tx, customers};

/// How many cases a random workspace has.
const CASES: usize = 300;
/// Customer, in [`CUSTOMERS`], and the text of the one message that every fifth case has.
const NAMES: [&str; CUSTOMERS as usize] = ["Ada", "Grace_H", "Ünal 100%"];
const MESSAGE: &str = "Wo ist MEINE Größe?";

/// A workspace with its cases, and all that the plain search knows about them.
pub struct World {
    pub fixture: Fixture,
    pub cases: Vec<Case>,
    pub rules: Vec<Partition>,
    settings: [Option<Overrides>; 3],
}

impl World {
    /// Writes the cases and the settings of the workspace, its first and its second queue.
    pub async fn insert(
        tx: &mut Tx,
        n: i64,
        drawn: &[Drawn],
        settings: [Option<Overrides>; 3],
    ) -> Result<World, Fault> {
        let fixture = Fixture::insert(tx, n).await?;
        for (index, name) in (0..CUSTOMERS).zip(NAMES) {
            let id = CustomerId(fixture.customer.0 + index);
            let mut customer = customer(id, &format!("u_{}", index + 1), tx.now());
            customer.name = Some(name.to_owned());
            match index {
                0 => customers::rename(tx, fixture.ws, &customer).await?,
                _ => customers::insert(tx, fixture.ws, &customer).await?,
            }
        }
        let mut all = Vec::new();
        for (number, drawn) in (1..).zip(drawn) {
            let case = drawn.case(&fixture, number);
            cases::insert(tx, &case).await?;
            if case.status.is_closed() {
                closures::insert(tx, &case, Status::Open, &closure(&case)).await?;
            }
            if number % 5 == 0 {
                messages::insert(tx, fixture.ws, &message(&case)).await?;
            }
            all.push(case);
        }
        let queues = [policies::WORKSPACE, fixture.queue, fixture.other_queue];
        for (queue, settings) in queues.into_iter().zip(settings) {
            if let Some(settings) = settings {
                let stored = Stored { queue, settings, version: 1, updated_at: at(100_000), updated_by: None };
                policies::put(tx, fixture.ws, &stored).await?;
            }
        }
        let mut rules = sweep::partitions(tx).await?;
        rules.retain(|rule| rule.workspace == fixture.ws);
        Ok(World { fixture, cases: all, rules, settings })
    }

    /// When a case closes, by the rule and not by SQL.
    fn closes_at(&self, case: &Case) -> Option<Timestamp> {
        let [workspace, first, second] = &self.settings;
        let own = if case.queue == self.fixture.queue { first } else { second };
        let policy = workspace.as_ref().map(policies::policy_of).unwrap_or_default();
        closes_at(case.facts(), policy.effective(Plan::Advanced, own.as_ref()).close)
    }

    fn matches(&self, case: &Case, filter: &Filter) -> bool {
        let among = |statuses: &[Status]| statuses.is_empty() || statuses.contains(&case.status);
        among(&filter.statuses)
            && filter.queue.is_none_or(|queue| queue == case.queue)
            && filter.assignee.is_none_or(|wanted| match wanted {
                Assignee::Agent(agent) => case.assignee == Some(agent),
                Assignee::Nobody => case.assignee.is_none(),
            })
            && filter.channel.is_none_or(|channel| channel == case.channel)
            && filter.network.is_none_or(|network| network == case.network)
            && filter.priority.is_none_or(|priority| priority == case.priority)
            && filter.kind.is_none_or(|kind| kind == case.kind)
            && filter.tag.as_ref().is_none_or(|tag| case.tags.contains(tag))
            && filter.customer.is_none_or(|customer| customer == case.customer)
            && filter.text.as_ref().is_none_or(|text| self.says(case, text))
            && filter.closing_before.is_none_or(|before| self.closes_at(case).is_some_and(|at| at < before))
            && filter.closed_reason.is_none_or(|reason| case.status.is_closed() && closure(case).reason == reason)
            && filter.updated_after.is_none_or(|after| case.updated_at > after)
    }

    fn says(&self, case: &Case, text: &str) -> bool {
        let wanted = text.to_lowercase();
        let name = NAMES[(case.customer.0 - self.fixture.customer.0) as usize];
        let person = format!("{name} @ada");
        let message = if case.number % 5 == 0 { MESSAGE } else { "" };
        let number = text.trim().trim_start_matches('#').parse::<i64>().ok();
        number == Some(case.number)
            || [&case.title, &person, message].iter().any(|words| words.to_lowercase().contains(&wanted))
    }

    /// The whole list, filtered and sorted the plain way.
    pub fn list(&self, filter: &Filter, sort: Sort) -> Vec<i64> {
        let mut found: Vec<&Case> = self.cases.iter().filter(|case| self.matches(case, filter)).collect();
        let value = |case: &Case| match sort.key {
            Key::LastActivityAt => Some(case.last_activity_at.as_micros()),
            Key::CreatedAt => Some(case.created_at.as_micros()),
            Key::ClosesAt => self.closes_at(case).map(Timestamp::as_micros),
            Key::Number => Some(case.number),
        };
        if sort.descending {
            found.sort_by_key(|case| (value(case).is_none(), Reverse(value(case)), Reverse(case.id)));
        } else {
            found.sort_by_key(|case| (value(case).is_none(), value(case), case.id));
        }
        found.iter().map(|case| case.number).collect()
    }
}

fn closure(case: &Case) -> Closure {
    let reason = ClosingReason::ALL[(case.number % 3) as usize];
    let closed_at = case.updated_at;
    Closure { closed_at, reason, closed_by: None, credited_agent: None, threshold_minutes: None, reopened_at: None }
}

fn message(case: &Case) -> Message {
    Message {
        case: case.id,
        id: domain::id::MessageId(case.id.0),
        channel: case.channel,
        customer: case.customer,
        external_id: None,
        direction: Direction::Inbound,
        text: MESSAGE.to_owned(),
        author: None,
        automatic: false,
        sent_at: None,
        received_at: case.created_at,
        delivery: Delivery::Received,
    }
}

/// Reads page by page until one is not full; `rows` bounds the loop.
pub fn pages(desk: &Desk, world: &World, filter: &Filter, sort: Sort, limit: i64) -> Vec<Listed> {
    let mut all: Vec<Listed> = Vec::new();
    for _ in 0..=world.cases.len() {
        let after = all.last().map(|last| last.position(sort));
        let (ws, filter, rules) = (world.fixture.ws, filter.clone(), world.rules.clone());
        let page = desk.read(async move |tx| case_list::page(tx, ws, &filter, sort, &rules, after, limit).await);
        let full = page.len() as i64 == limit;
        all.extend(page);
        if !full {
            return all;
        }
    }
    panic!("the pages do not end");
}

pub fn sort() -> impl Strategy<Value = Sort> {
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
    let texts = vec!["größe", "ÄRGER", "100%", "_", "\\", "ada", "unal", "#12", "12", "vip", " is ", "Ünal"];
    let places =
        (sometimes(any::<bool>()), sometimes(assignee), sometimes(1_i64..3), sometimes(select(&Network::ALL[..4])));
    let kinds = (sometimes(select(Priority::ALL)), sometimes(select(CaseType::ALL)), sometimes(select(&TAGS[..])));
    let words = (sometimes(0..CUSTOMERS), sometimes(select(texts)));
    let times = (sometimes(100_i64..900), sometimes(select(ClosingReason::ALL)), sometimes(0_i64..600));
    let statuses = prop_oneof![Just(Vec::new()), subsequence(Status::ALL.to_vec(), 1..=4)];
    (statuses, places, kinds, words, times).prop_map(|(statuses, places, kinds, words, times)| Filter {
        statuses,
        // Places are numbers until the world they lie in is known.
        queue: places.0.map(|second| domain::id::QueueId(i64::from(second))),
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
    })
}

fn in_world(filter: &Filter, fixture: &Fixture) -> Filter {
    let queue = |n| if n == domain::id::QueueId(1) { fixture.other_queue } else { fixture.queue };
    Filter {
        queue: filter.queue.map(queue),
        customer: filter.customer.map(|c| CustomerId(fixture.customer.0 + c.0)),
        ..filter.clone()
    }
}

pub fn random_settings() -> impl Strategy<Value = [Option<Overrides>; 3]> {
    [prop::option::weighted(0.9, settings()), prop::option::of(settings()), prop::option::of(settings())]
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
            let found = pages(&desk, &world, &filter, sort, limit);
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
