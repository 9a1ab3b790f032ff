//! A workspace full of random cases, with a plain search through them to hold the store's against.

use super::random::{CUSTOMERS, Drawn};
use super::{Fixture, at, customer};
use domain::case::Status;
use domain::closure::ClosingReason;
use domain::id::{CustomerId, MessageId};
use domain::lifecycle::closes_at;
use domain::message::{Delivery, Direction};
use domain::permission::Plan;
use domain::policy::Overrides;
use domain::time::Timestamp;
use std::cmp::Reverse;
use store::case_list::{Assignee, Filter, Key, Sort};
use store::cases::{self, Case};
use store::closures::{self, Closure};
use store::messages::{self, Message};
use store::policies::{self, Stored};
use store::sweep::{self, Partition};
use store::{Fault, Tx, customers};

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
    pub fn closes_at(&self, case: &Case) -> Option<Timestamp> {
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

    /// Every term must stand in one of the case's texts: as whole words, the last word of all perhaps as a beginning.
    fn says(&self, case: &Case, text: &str) -> bool {
        let name = NAMES[(case.customer.0 - self.fixture.customer.0) as usize];
        let message = if case.number % 5 == 0 { MESSAGE } else { "" };
        let texts = [words(&case.title), words(&format!("{name} @ada")), words(message)];
        let terms: Vec<Vec<String>> = text.split_whitespace().map(words).filter(|term| !term.is_empty()).collect();
        let said = |at: usize, term: &[String]| {
            let goes_on = at + 1 == terms.len() && text.trim_end().ends_with(char::is_alphanumeric);
            texts.iter().any(|text| text.windows(term.len()).any(|said| follows(said, term, goes_on)))
        };
        let number = text.trim().trim_start_matches('#').parse::<i64>().ok();
        number == Some(case.number) || !terms.is_empty() && terms.iter().enumerate().all(|(at, term)| said(at, term))
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

/// Lower case, without accents, taken apart where no letter or digit stands.
fn words(text: &str) -> Vec<String> {
    let plain = |c| match c {
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        c => c,
    };
    let folded: String = text.to_lowercase().chars().map(plain).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn follows(said: &[String], term: &[String], goes_on: bool) -> bool {
    let last = said.len() - 1;
    said.iter()
        .zip(term)
        .enumerate()
        .all(|(at, (said, word))| said == word || goes_on && at == last && said.starts_with(word))
}

fn closure(case: &Case) -> Closure {
    let reason = ClosingReason::ALL[(case.number % 3) as usize];
    let closed_at = case.updated_at;
    Closure { closed_at, reason, closed_by: None, credited_agent: None, threshold_minutes: None, reopened_at: None }
}

fn message(case: &Case) -> Message {
    Message {
        case: case.id,
        id: MessageId(case.id.0),
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
