//! Who has seen what of a case, and who looks at one now.

use crate::support::{Desk, START, at, json_ids};
use domain::id::{AgentId, CaseId, CommentId, MessageId, WorkspaceId};
use domain::message::{Delivery, Direction};
use domain::time::Timestamp;
use store::messages::{self, Comment, Message};
use store::presence::{self, Here, Presence};
use store::seen::{self, News};

const WS: WorkspaceId = WorkspaceId(1);
const ANN: AgentId = AgentId(1);
const BEA: AgentId = AgentId(2);

fn message(case: i64, id: i64, author: Option<AgentId>, received_at: Timestamp) -> Message {
    Message {
        case: CaseId(case),
        id: MessageId(id),
        channel: domain::id::ChannelId(1),
        customer: domain::id::CustomerId(1),
        external_id: Some(format!("{case}-{id}")),
        direction: if author.is_some() { Direction::Outbound } else { Direction::Inbound },
        text: "Hello".to_owned(),
        author,
        automatic: false,
        sent_at: None,
        received_at,
        delivery: Delivery::Sent,
    }
}

fn wrote(desk: &Desk, case: i64, id: i64, author: Option<AgentId>, received_at: Timestamp) {
    desk.write(async move |tx| messages::insert(tx, WS, &message(case, id, author, received_at)).await);
}

fn noted(desk: &Desk, case: i64, id: i64, author: AgentId) {
    let note =
        Comment { id: CommentId(id), author: Some(author), text: "Look".to_owned(), at: START, mentions: Vec::new() };
    desk.write(async move |tx| messages::insert_comment(tx, WS, CaseId(case), &note).await);
}

fn saw(desk: &Desk, case: i64, agent: AgentId, upto: i64) {
    desk.write(async move |tx| seen::save(tx, WS, CaseId(case), agent, upto).await);
}

/// The cases with something new for an agent, and whether they ever looked.
fn news(desk: &Desk, agent: AgentId) -> Vec<(i64, bool)> {
    let found = desk.read(async move |tx| seen::news(tx, WS, &json_ids(1..=4), agent, at(-60)).await);
    let mut found: Vec<_> = found.into_iter().map(|News { case, looked }| (case.0, looked)).collect();
    found.sort_unstable();
    found
}

#[test]
fn what_somebody_else_wrote_since_one_looked_is_news() {
    let desk = Desk::new();
    wrote(&desk, 1, 10, None, START);
    wrote(&desk, 2, 11, Some(ANN), START);
    wrote(&desk, 3, 12, None, at(-61));
    assert_eq!(news(&desk, ANN), [(1, false)], "neither what one wrote oneself nor what is long ago");
    assert_eq!(news(&desk, BEA), [(1, false), (2, false)]);
    saw(&desk, 1, ANN, 10);
    assert_eq!(news(&desk, ANN), []);
    assert_eq!(news(&desk, BEA), [(1, false), (2, false)], "what one member saw another has not seen");
    noted(&desk, 1, 20, ANN);
    assert_eq!(news(&desk, ANN), []);
    noted(&desk, 1, 21, BEA);
    assert_eq!(news(&desk, ANN), [(1, true)]);
}

#[test]
fn an_older_look_takes_nothing_back() {
    let desk = Desk::new();
    wrote(&desk, 1, 10, None, START);
    saw(&desk, 1, ANN, 10);
    saw(&desk, 1, ANN, 9);
    assert_eq!(desk.read(async move |tx| seen::upto(tx, WS, CaseId(1), ANN).await), 10);
    assert_eq!(desk.read(async move |tx| seen::upto(tx, WorkspaceId(2), CaseId(1), ANN).await), 0);
    assert_eq!(news(&desk, ANN), []);
}

#[test]
fn what_was_seen_is_forgotten_after_its_time() {
    let desk = Desk::new();
    saw(&desk, 1, ANN, 10);
    desk.clock.set(at(60));
    saw(&desk, 2, ANN, 11);
    assert!(!desk.write(async move |tx| seen::prune(tx, at(60)).await), "no full batch");
    assert_eq!(desk.read(async move |tx| seen::upto(tx, WS, CaseId(1), ANN).await), 0);
    assert_eq!(desk.read(async move |tx| seen::upto(tx, WS, CaseId(2), ANN).await), 11);
}

fn is_here(desk: &Desk, case: i64, agent: AgentId, until: Timestamp, typing: Option<(&str, Timestamp)>) {
    let typing = typing.map(|(kind, until)| (kind.to_owned(), until));
    let row = Presence { since: START, until, typing };
    desk.write(async move |tx| presence::save(tx, WS, CaseId(case), agent, &row).await);
}

fn others(desk: &Desk, now: Timestamp) -> Vec<Here> {
    desk.read(async move |tx| presence::others(tx, WS, &json_ids(1..=2), ANN, now).await)
}

fn here(case: i64, typing: Option<&str>) -> Here {
    Here { case: CaseId(case), agent: BEA, typing: typing.map(str::to_owned) }
}

#[test]
fn who_looks_at_a_case_is_here_until_their_time_is_over() {
    let desk = Desk::new();
    is_here(&desk, 1, ANN, at(2), None);
    is_here(&desk, 1, BEA, at(1), None);
    is_here(&desk, 2, BEA, at(2), None);
    is_here(&desk, 3, BEA, at(2), None);
    assert_eq!(others(&desk, START), [here(1, None), here(2, None)], "of these cases, and not oneself");
    assert_eq!(others(&desk, at(1)), [here(2, None)]);
    assert!(!desk.write(async move |tx| presence::prune(tx, at(2)).await), "no full batch");
    assert_eq!(desk.read(async move |tx| presence::get(tx, WS, CaseId(1), BEA).await), None);
    assert!(desk.read(async move |tx| presence::get(tx, WS, CaseId(2), BEA).await).is_some());
}

#[test]
fn who_writes_does_so_until_it_is_sent_or_their_time_is_over() {
    let desk = Desk::new();
    is_here(&desk, 1, BEA, at(9), Some(("reply", at(3))));
    let draft = |text: &'static str| {
        desk.write(async move |tx| messages::save_draft(tx, WS, CaseId(1), BEA, "reply", text).await);
    };
    assert_eq!(others(&desk, START), [here(1, None)], "nothing is written yet");
    draft("Dear Ada");
    assert_eq!(others(&desk, START), [here(1, Some("reply"))]);
    assert_eq!(others(&desk, at(3)), [here(1, None)], "they stopped");
    draft("");
    assert_eq!(others(&desk, START), [here(1, None)], "it was sent");
}

#[test]
fn an_older_page_that_is_closed_takes_nobody_away() {
    let desk = Desk::new();
    is_here(&desk, 1, BEA, at(9), None);
    assert!(!desk.write(async move |tx| presence::leave(tx, WS, CaseId(1), BEA, at(-1)).await));
    assert_eq!(others(&desk, START), [here(1, None)]);
    assert!(desk.write(async move |tx| presence::leave(tx, WS, CaseId(1), BEA, START).await));
    assert_eq!(others(&desk, START), []);
}
