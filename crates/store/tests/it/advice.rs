//! The histories that the advisor reads (X9): what counts, in order, case after case.

use crate::support::{Desk, Fixture, at, case};
use domain::advice::replay::{Happened, What};
use domain::case::Status;
use domain::closure::Actor;
use domain::feed::FeedEvent;
use domain::id::{MessageId, QueueId, WorkspaceId};
use domain::message::Delivery;
use domain::message::Direction::{self, Inbound, Outbound};
use store::advice::{Histories, Wanted, histories};
use store::cases::{self, Case};
use store::messages::{self, Message};
use store::{Fault, Tx, feed};

const IN: What = What::Message(Inbound);
const OUT: What = What::Message(Outbound);

async fn message(tx: &mut Tx, case: &Case, direction: Direction, minute: i64, automatic: bool) -> Result<(), Fault> {
    let message = Message {
        case: case.id,
        id: MessageId(tx.new_id()),
        channel: case.channel,
        customer: case.customer,
        external_id: None,
        direction,
        text: "Hello".to_owned(),
        author: None,
        automatic,
        sent_at: None,
        received_at: at(minute),
        delivery: Delivery::Received,
    };
    messages::insert(tx, case.workspace, &message).await
}

async fn entry(tx: &mut Tx, case: &Case, minute: i64, event: FeedEvent, data: &str) -> Result<(), Fault> {
    feed::insert_at(tx, case.workspace, case.id, at(minute), Actor::Api, event, data).await
}

/// A case as a message makes it.
async fn started(tx: &mut Tx, case: &Case, minute: i64) -> Result<(), Fault> {
    cases::insert(tx, case).await?;
    entry(tx, case, minute, FeedEvent::CaseCreated, r#"{"message":"msg_1","follow_up_of":null}"#).await?;
    message(tx, case, Inbound, minute, false).await
}

fn read(desk: &Desk, ws: WorkspaceId, queue: Option<QueueId>, from: i64, to: i64, most: usize) -> Histories {
    let wanted = Wanted { queue, from: at(from), to: at(to) };
    desk.read(async move |tx| histories(tx, ws, &wanted, most).await)
}

fn told(histories: &Histories) -> Vec<Vec<(i64, What)>> {
    let minute = |happened: &Happened| (happened.at.since(at(0)).as_micros() / 60_000_000, happened.what);
    histories.histories.iter().map(|history| history.iter().map(minute).collect()).collect()
}

#[test]
fn a_history_holds_what_moves_the_clock_or_closes_and_nothing_else_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let one = case(&fixture, 1, at(0));
    desk.write(async move |tx| {
        started(tx, &one, 0).await?;
        message(tx, &one, Inbound, 1, true).await?;
        entry(tx, &one, 1, FeedEvent::MessageReceived, r#"{"message":"msg_2","automatic":true}"#).await?;
        entry(tx, &one, 2, FeedEvent::CommentAdded, "{}").await?;
        entry(tx, &one, 3, FeedEvent::Assigned, "{}").await?;
        message(tx, &one, Outbound, 4, false).await?;
        entry(tx, &one, 5, FeedEvent::StatusChanged, r#"{"from":"open","to":"on_hold"}"#).await?;
        entry(tx, &one, 6, FeedEvent::CaseAutoClosed, r#"{"threshold_minutes":60}"#).await?;
        entry(tx, &one, 7, FeedEvent::CaseReopened, r#"{"status":"in_progress","closed_at":null}"#).await?;
        entry(tx, &one, 8, FeedEvent::CaseClosed, r#"{"reason":"manual"}"#).await?;
        message(tx, &one, Inbound, 9, false).await?;
        entry(tx, &one, 9, FeedEvent::CaseAutoReopened, "{}").await
    });
    let read = read(&desk, fixture.ws, None, 0, 1, 10);
    let status = What::Status;
    assert_eq!(
        told(&read),
        [[
            (0, IN),
            (4, OUT),
            (5, status(Status::OnHold)),
            (6, What::EngineClosed),
            (7, status(Status::InProgress)),
            (8, status(Status::Closed)),
            (9, IN),
        ]]
    );
    assert_eq!((read.cases, read.continued, read.cut, read.oldest), (1, 0, false, Some(at(0))));
}

#[test]
fn a_case_made_by_hand_begins_without_a_message_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let one = case(&fixture, 1, at(0));
    desk.write(async move |tx| {
        cases::insert(tx, &one).await?;
        entry(tx, &one, 0, FeedEvent::CaseCreated, "{}").await?;
        message(tx, &one, Outbound, 0, false).await
    });
    assert_eq!(told(&read(&desk, fixture.ws, None, 0, 1, 10)), [[(0, What::Created), (0, OUT)]]);
}

/// C5: imported history comes in any order and keeps its own times.
#[test]
fn what_happened_at_one_moment_keeps_its_order_and_the_rest_goes_by_time_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let one = case(&fixture, 1, at(5));
    desk.write(async move |tx| {
        started(tx, &one, 5).await?;
        message(tx, &one, Inbound, 3, false).await?;
        entry(tx, &one, 5, FeedEvent::StatusChanged, r#"{"to":"on_hold"}"#).await?;
        message(tx, &one, Outbound, 5, false).await
    });
    let seen = told(&read(&desk, fixture.ws, None, 0, 9, 10));
    assert_eq!(seen, [[(3, IN), (5, IN), (5, What::Status(Status::OnHold)), (5, OUT)]]);
}

#[test]
fn a_follow_up_continues_its_case_wherever_it_is_found_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let chain: Vec<Case> = [(1, 0, None), (2, 100, Some(1)), (3, 200, Some(2))]
        .map(|(n, minute, follow_up_of)| Case { follow_up_of, ..case(&fixture, n, at(minute)) })
        .into();
    let mut moved = chain.clone();
    // Somebody moved the last one: it still continues the history.
    moved[2].queue = fixture.other_queue;
    desk.write(async move |tx| {
        for (case, minute) in moved.iter().zip([0, 100, 200]) {
            started(tx, case, minute).await?;
        }
        // Done to the old case after the conversation had moved on: left out.
        entry(tx, &moved[0], 150, FeedEvent::CaseReopened, r#"{"status":"open"}"#).await?;
        entry(tx, &moved[0], 50, FeedEvent::CaseClosed, "{}").await
    });
    let closed = (50, What::Status(Status::Closed));
    let whole = [[(0, IN), closed, (100, IN), (200, IN)]];
    let all = read(&desk, fixture.ws, None, 0, 300, 10);
    assert_eq!((told(&all), all.cases, all.continued), (whole.map(Vec::from).to_vec(), 3, 0));
    let first = read(&desk, fixture.ws, Some(fixture.queue), 0, 1, 10);
    assert_eq!((told(&first), first.cases, first.continued), (whole.map(Vec::from).to_vec(), 1, 2));
    // What follows a case outside of the period is a history of its own.
    assert_eq!(told(&read(&desk, fixture.ws, None, 1, 101, 10)), [[(100, IN), (200, IN)]]);
}

#[test]
fn the_newest_cases_of_the_period_and_queue_are_looked_at_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let all: Vec<Case> = (1..=9)
        .map(|n| Case {
            queue: if n % 3 == 0 { fixture.other_queue } else { fixture.queue },
            // Two at each moment, so that a page ends between equals.
            ..case(&fixture, n, at(n / 2))
        })
        .collect();
    desk.write(async move |tx| {
        for case in &all {
            started(tx, case, case.number / 2).await?;
        }
        Ok(())
    });
    let minutes = |histories: &Histories| -> Vec<i64> { told(histories).iter().map(|history| history[0].0).collect() };
    let some = read(&desk, fixture.ws, None, 0, 99, 4);
    assert_eq!((minutes(&some), some.cut, some.oldest), (vec![4, 4, 3, 3], true, Some(at(3))));
    let all = read(&desk, fixture.ws, None, 0, 99, 9);
    assert_eq!((all.cases, all.cut), (9, false));
    assert_eq!(minutes(&read(&desk, fixture.ws, None, 1, 3, 9)), [2, 2, 1, 1], "the end is not included");
    assert_eq!(minutes(&read(&desk, fixture.ws, Some(fixture.other_queue), 0, 99, 9)), [4, 3, 1]);
    let stranger = read(&desk, WorkspaceId(9), None, 0, 99, 9);
    assert_eq!(stranger, Histories::default());
}

/// More than one page of cases, and of ids handed to a statement.
#[test]
fn many_cases_are_read_page_by_page_x9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    desk.write(async move |tx| {
        for n in 1..=2_500 {
            let one = Case { follow_up_of: (n == 2_500).then_some(1), ..case(&fixture, n, at(n / 100)) };
            cases::insert(tx, &one).await?;
            message(tx, &one, Inbound, n / 100, false).await?;
        }
        Ok(())
    });
    let all = read(&desk, fixture.ws, None, 0, 99, 10_000);
    assert_eq!((all.cases, all.histories.len(), all.cut), (2_500, 2_499, false));
    assert_eq!(all.histories.iter().map(Vec::len).sum::<usize>(), 2_500);
    let newest = read(&desk, fixture.ws, None, 0, 99, 2_000);
    assert_eq!((newest.cases, newest.cut, newest.oldest), (2_000, true, Some(at(5))));
}
