//! Random cases and policies, from ranges so small that edges and equals are common.

use super::{Fixture, at, case, minutes};
use domain::case::{CaseType, Priority, Status};
use domain::id::{AgentId, ChannelId, CustomerId};
use domain::message::Network;
use domain::policy::{Overrides, StatusSet};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use store::cases::Case;

/// Tags and titles with everything that means something to a pattern or to JSON.
pub const TAGS: [&str; 9] = ["vip", "vi", "50%", "50", "a_b", "x \"vip", "back\\slash", "ärger", "πελάτης"];
pub const TITLES: [&str; 6] = ["Where is it?", "100% off", "ÄRGER mit_Größe", "#12", "back\\slash", "VIP"];

/// Moments of a few hours, some of them equal, some a microsecond apart.
pub fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..600, prop_oneof![4 => Just(0_i64), 1 => 0_i64..3])
        .prop_map(|(m, micros)| at(m).plus(Span::from_micros(micros)))
}

/// Settings of a workspace or a queue, as acts can leave them: what is on is dated.
pub fn settings() -> impl Strategy<Value = Overrides> {
    let threshold = prop::option::of(select(vec![60_i64, 61, 90, 240]).prop_map(minutes));
    let selectable = vec![Status::Open, Status::InProgress, Status::OnHold];
    let statuses = subsequence(selectable, 1..=3).prop_map(|chosen| StatusSet::new(chosen).expect("not empty"));
    let enabled = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (enabled, moment(), threshold, prop::option::of(statuses)).prop_map(|(enabled, since, threshold, statuses)| {
        Overrides {
            enabled,
            enabled_at: enabled.map(|_| since),
            threshold,
            statuses,
            reopen_enabled: None,
            window: None,
        }
    })
}

/// What a case may differ in from the fixture's.
#[derive(Debug, Clone)]
pub struct Drawn {
    status: Status,
    kind: CaseType,
    priority: Priority,
    network: Network,
    second_queue: bool,
    assignee: Option<i64>,
    channel: i64,
    customer: i64,
    title: &'static str,
    tags: Vec<&'static str>,
    times: [Timestamp; 3],
    keep_open_until: Option<Timestamp>,
}

impl Drawn {
    pub fn case(&self, fixture: &Fixture, n: i64) -> Case {
        let [created_at, updated_at, last_activity_at] = self.times;
        Case {
            status: self.status,
            kind: self.kind,
            priority: self.priority,
            network: self.network,
            queue: if self.second_queue { fixture.other_queue } else { fixture.queue },
            assignee: self.assignee.map(AgentId),
            channel: ChannelId(self.channel),
            customer: CustomerId(fixture.customer.0 + self.customer),
            title: self.title.to_owned(),
            tags: self.tags.iter().map(|tag| (*tag).to_owned()).collect(),
            closed_at: self.status.is_closed().then_some(updated_at),
            created_at,
            updated_at,
            last_activity_at,
            keep_open_until: self.keep_open_until,
            // As acts leave it: what is kept open is parked.
            armed_at: self.keep_open_until.is_none().then_some(last_activity_at),
            ..case(fixture, n, created_at)
        }
    }
}

/// How many customers [`drawn`] chooses from.
pub const CUSTOMERS: i64 = 3;

pub fn drawn() -> impl Strategy<Value = Drawn> {
    let places = (any::<bool>(), prop::option::of(1_i64..3), 1_i64..3, 0..CUSTOMERS);
    let kinds = (select(Status::ALL), select(CaseType::ALL), select(Priority::ALL), select(&Network::ALL[..3]));
    let words = (select(&TITLES[..]), subsequence(TAGS.to_vec(), 0..3));
    (places, kinds, words, [moment(), moment(), moment()], prop::option::weighted(0.3, moment())).prop_map(
        |(places, kinds, words, times, keep_open_until)| Drawn {
            status: kinds.0,
            kind: kinds.1,
            priority: kinds.2,
            network: kinds.3,
            second_queue: places.0,
            assignee: places.1,
            channel: places.2,
            customer: places.3,
            title: words.0,
            tags: words.1,
            times,
            keep_open_until,
        },
    )
}

/// Settings of the workspace, its first and its second queue, where there are any.
pub fn random_settings() -> impl Strategy<Value = [Option<Overrides>; 3]> {
    [prop::option::weighted(0.9, settings()), prop::option::of(settings()), prop::option::of(settings())]
}
