//! The advisor against desks that lived through it (X9): what people do is done at two desks, one whose history the
//! advisor looks at, under whatever settings, and one that had the threshold in question from the first day. What the
//! advisor says the second would have done is what the second did, sweeps, windows, follow-ups and all.

use super::history::{Event, World};
use domain::advice::{Handled, Outlook, Study, Terms};
use domain::case::Status;
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::policy::{StatusSet, Threshold, Window};
use domain::time::{Span, Timestamp};
use lull::acts::Caller;
use lull::acts::change_case::{ChangeCase, Changes};
use lull::acts::reply::Reply;
use lull::engine::{Jump, jump};
use proptest::prelude::*;
use proptest::test_runner::Config;
use store::advice::{CASES, Wanted, histories};
use store::cases::Case;
use store::feed::{self, FeedEntry};

const CUSTOMERS: u8 = 3;
/// Entries of one case's feed, at most.
const ENTRIES: i64 = 10_000;

/// What people do.
#[derive(Debug, Clone)]
enum Deed {
    Writes { customer: u8, automatic: bool },
    Reply { customer: u8 },
    Status { customer: u8, status: Status },
    Wait { minutes: i64 },
}

fn deed() -> impl Strategy<Value = Deed> {
    // The window is four days, 5,760 minutes; moments meet its edges and those of the thresholds.
    let minutes = prop::sample::select(vec![0, 1, 59, 60, 61, 120, 1_440, 5_699, 5_700, 5_760, 5_761, 6_000]);
    prop_oneof![
        5 => (0..CUSTOMERS, prop::bool::weighted(0.1)).prop_map(|(customer, automatic)| Deed::Writes { customer, automatic }),
        2 => (0..CUSTOMERS).prop_map(|customer| Deed::Reply { customer }),
        2 => (0..CUSTOMERS, prop::sample::select(Status::ALL)).prop_map(|(customer, status)| Deed::Status { customer, status }),
        6 => minutes.prop_map(|minutes| Deed::Wait { minutes }),
    ]
}

fn threshold() -> impl Strategy<Value = Threshold> {
    prop::sample::select(vec![60, 61, 120, 1_440]).prop_map(|m| Threshold::from_minutes(m).expect("in range"))
}

fn statuses() -> impl Strategy<Value = StatusSet> {
    let open = [Status::Open, Status::InProgress, Status::OnHold];
    prop::sample::subsequence(open.to_vec(), 1..=3).prop_map(|s| StatusSet::new(s).expect("not empty"))
}

impl World {
    async fn policy(&mut self, threshold: Threshold, statuses: StatusSet) {
        self.happen(&Event::Policy { enabled: true, threshold, statuses }).await;
    }

    async fn wait(&self, minutes: i64) {
        let clock = self.desk.test_clock.clone().expect("a test clock");
        jump(&self.desk, &clock, Jump::By(Span::minutes(minutes))).await.expect("jumped");
    }

    /// The case in which people of either side meet this customer now.
    async fn newest(&self, customer: u8) -> Option<Case> {
        let ws = self.workspace;
        let read = self.desk.db.read(move |tx| {
            Box::pin(async move { store::customers::by_external_id(tx, ws, "x", &customer.to_string()).await })
        });
        let customer = read.await.expect("read")?.id;
        self.cases().await.into_iter().filter(|case| case.customer == customer).max_by_key(|case| case.id)
    }

    fn person(&self) -> Caller {
        Caller { actor: Actor::Api, ..Caller::engine(self.workspace) }
    }

    async fn reply(&self, case: &Case) {
        let act = Reply { caller: self.person(), number: case.number, text: "Hello".to_owned(), seen: None };
        self.desk.db.write(act).await.expect("stored").expect("accepted");
    }

    async fn set(&self, case: &Case, status: Status) {
        let changes = Changes { status: Some(status), ..Changes::default() };
        let act = ChangeCase { caller: self.person(), number: case.number, changes, if_version: None, quiet: false };
        self.desk.db.write(act).await.expect("stored").expect("accepted");
    }

    async fn feed(&self, case: &Case) -> Vec<FeedEntry> {
        let (ws, case) = (self.workspace, case.id);
        let read = self.desk.db.read(move |tx| Box::pin(async move { feed::list(tx, ws, case, None, ENTRIES).await }));
        read.await.expect("read")
    }

    async fn study(&self, threshold: Threshold, statuses: StatusSet) -> Study {
        let (ws, now) = (self.workspace, self.desk.db.now());
        let wanted = Wanted { queue: None, from: Timestamp::from_micros(0), to: now.plus(Span::from_micros(1)) };
        let read = self.desk.db.read(move |tx| Box::pin(async move { histories(tx, ws, &wanted, CASES).await }));
        let terms = Terms { statuses, window: Window::default(), current: threshold, as_of: now };
        Study::of(&read.await.expect("read").histories, &terms)
    }

    /// What this desk did, counted from its feeds alone.
    async fn lived(&self) -> Lived {
        let (mut lived, now) = (Lived::default(), self.desk.db.now());
        for case in self.cases().await {
            let feed = self.feed(&case).await;
            lived.count(&case, &feed, now);
        }
        lived
    }
}

/// The figures of the engine's closes, and of all periods.
#[derive(Debug, Default, PartialEq)]
struct Lived {
    closes: u64,
    decided: u64,
    wrong: u64,
    follow_ups: u64,
    reopened_by_hand: u64,
    /// By anybody.
    closures: u64,
    closed_micros: i64,
    open_micros: i64,
}

impl Lived {
    fn count(&mut self, case: &Case, feed: &[FeedEntry], now: Timestamp) {
        let decided = |closed_at: Timestamp| closed_at.plus(Window::default().span()) < now;
        let mut opened_at = Some(case.created_at);
        // The moment of the engine's close that holds.
        let mut standing: Option<Timestamp> = None;
        for entry in feed {
            match entry.event {
                FeedEvent::CaseAutoClosed | FeedEvent::CaseClosed => {
                    let length = entry.at.since(opened_at.take().expect("an open case")).as_micros();
                    self.closures += 1;
                    self.closed_micros += length;
                    self.open_micros += length;
                    standing = (entry.event == FeedEvent::CaseAutoClosed).then_some(entry.at);
                    self.closes += u64::from(standing.is_some());
                    self.decided += u64::from(standing.is_some_and(decided));
                }
                FeedEvent::CaseAutoReopened => {
                    self.wrong += u64::from(standing.take().is_some_and(decided));
                    opened_at = Some(entry.at);
                }
                FeedEvent::CaseReopened => {
                    self.reopened_by_hand += u64::from(standing.take().is_some());
                    opened_at = Some(entry.at);
                }
                FeedEvent::FollowUpCreated if is_followed(case, entry) => {
                    self.follow_ups += u64::from(standing.take().is_some());
                }
                _ => {}
            }
        }
        self.open_micros += opened_at.map_or(0, |opened_at| now.since(opened_at).as_micros());
    }

    fn of(outlook: &Outlook) -> Lived {
        let handled = handled(&outlook.handled);
        Lived {
            closes: outlook.closes,
            decided: outlook.decided,
            wrong: outlook.wrong,
            follow_ups: outlook.follow_ups,
            reopened_by_hand: outlook.reopened_by_hand,
            closures: handled.0,
            closed_micros: handled.1,
            open_micros: handled.2,
        }
    }
}

/// A follow-up stands in the feeds of both cases.
fn is_followed(case: &Case, entry: &FeedEntry) -> bool {
    let data: serde_json::Value = serde_json::from_str(&entry.data).expect("a feed entry holds JSON");
    data["follow_up_of"] == case.number
}

/// Closes, and the microseconds of their periods and of all; all times here are whole milliseconds.
fn handled(handled: &Handled) -> (u64, i64, i64) {
    let closed = handled.average_seconds().unwrap_or(0.0) * handled.closes as f64;
    (handled.closes, (closed * 1e3).round() as i64 * 1_000, (handled.open_hours() * 3.6e6).round() as i64 * 1_000)
}

/// Lets it happen at the recording desk and, if it changed anything there, at the other one: an act that changed nothing
/// left no trace for anybody to know of.
async fn happen(deed: &Deed, recording: &mut World, other: &mut World) {
    match *deed {
        Deed::Writes { customer, automatic } => {
            recording.happen(&Event::Writes { customer, automatic }).await;
            other.happen(&Event::Writes { customer, automatic }).await;
        }
        Deed::Reply { customer } => {
            if let (Some(here), Some(there)) = (recording.newest(customer).await, other.newest(customer).await) {
                recording.reply(&here).await;
                other.reply(&there).await;
            }
        }
        Deed::Status { customer, status } => {
            if let (Some(here), Some(there)) = (recording.newest(customer).await, other.newest(customer).await)
                && here.status != status
            {
                recording.set(&here, status).await;
                other.set(&there, status).await;
            }
        }
        Deed::Wait { minutes } => {
            recording.wait(minutes).await;
            other.wait(minutes).await;
        }
    }
}

type Settings = (Threshold, StatusSet);

async fn play(deeds: Vec<Deed>, recorded: Option<Settings>, asked: Settings) -> Result<(), TestCaseError> {
    let (mut recording, mut other) = (World::new().await, World::new().await);
    if let Some((threshold, statuses)) = recorded {
        recording.policy(threshold, statuses).await;
    }
    let (threshold, statuses) = asked;
    other.policy(threshold, statuses).await;
    for deed in &deeds {
        happen(deed, &mut recording, &mut other).await;
    }
    // Whatever is due this moment.
    recording.wait(0).await;
    other.wait(0).await;
    prop_assert_eq!(recording.desk.db.now(), other.desk.db.now());
    let study = recording.study(threshold, statuses).await;
    let outlook = study.outlook(threshold).expect("the current threshold is one of them");
    prop_assert_eq!(Lived::of(outlook), other.lived().await);
    let was = recording.lived().await;
    prop_assert_eq!(handled(&study.as_it_was), (was.closures, was.closed_micros, was.open_micros));
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_the_advisor_says_of_a_threshold_is_what_the_engine_does_under_it_x9(
        deeds in prop::collection::vec(deed(), 1..50),
        recorded in prop::option::of((threshold(), statuses())),
        asked in (threshold(), statuses()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(deeds, recorded, asked))?;
    }
}
