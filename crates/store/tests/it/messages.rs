//! Messages, comments and drafts of a case.

use crate::support::{Desk, Fixture, at};
use domain::id::{AgentId, CaseId, ChannelId, CommentId, MessageId, WorkspaceId};
use domain::message::{Delivery, Direction};
use store::messages::{self, Comment, Latest, Message};

fn message(fixture: &Fixture, case: i64, id: i64) -> Message {
    Message {
        case: CaseId(case),
        id: MessageId(id),
        channel: fixture.channel,
        customer: fixture.customer,
        external_id: None,
        direction: Direction::Inbound,
        text: format!("Message {id}"),
        author: None,
        automatic: false,
        sent_at: None,
        received_at: at(id),
        delivery: Delivery::Received,
    }
}

fn insert(desk: &Desk, fixture: &Fixture, message: &Message) -> Result<(), store::Fault> {
    let (ws, message) = (fixture.ws, message.clone());
    desk.try_write(async move |tx| messages::insert(tx, ws, &message).await)
}

#[test]
fn a_message_comes_back_as_it_was_written() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let full = Message {
        external_id: Some("991712597505445888".to_owned()),
        direction: Direction::Outbound,
        text: "Zeile eins\nline two 👋 'quoted'".to_owned(),
        author: Some(fixture.agent),
        automatic: true,
        sent_at: Some(at(-5)),
        delivery: Delivery::Recorded,
        ..message(&fixture, 1, 7)
    };
    insert(&desk, &fixture, &full).expect("stored");
    let ws = fixture.ws;
    assert_eq!(desk.read(async move |tx| messages::list(tx, ws, CaseId(1), None, 9).await), vec![full.clone()]);
    let channel = fixture.channel;
    let by_id = |ws: WorkspaceId, channel: ChannelId| {
        desk.read(async move |tx| messages::by_external_id(tx, ws, channel, "991712597505445888").await)
    };
    assert_eq!(by_id(ws, channel), Some(full));
    assert_eq!(by_id(ws, ChannelId(8)), None);
    assert_eq!(by_id(WorkspaceId(8), channel), None);
}

#[test]
fn a_networks_id_is_one_message_whatever_its_case_r7() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let with =
        |case, id, channel| Message { external_id: Some("same".to_owned()), channel, ..message(&fixture, case, id) };
    insert(&desk, &fixture, &with(1, 1, fixture.channel)).expect("the first");
    assert!(insert(&desk, &fixture, &with(2, 2, fixture.channel)).is_err());
    insert(&desk, &fixture, &with(2, 3, ChannelId(8))).expect("another channel's");
    // Without an id nothing can be told apart, so nothing is refused.
    insert(&desk, &fixture, &message(&fixture, 1, 4)).expect("stored");
    insert(&desk, &fixture, &message(&fixture, 1, 5)).expect("stored");
}

#[test]
fn a_conversation_is_read_from_either_end_and_page_by_page() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    for (case, id) in [(1, 3), (1, 1), (2, 2), (1, 5), (1, 4), (0, 6)] {
        insert(&desk, &fixture, &message(&fixture, case, id)).expect("stored");
    }
    let ws = fixture.ws;
    let ids = |found: Vec<Message>| found.iter().map(|message| message.id.0).collect::<Vec<_>>();
    let list = |case: i64, after: Option<i64>, limit: i64| {
        let after = after.map(MessageId);
        ids(desk.read(async move |tx| messages::list(tx, ws, CaseId(case), after, limit).await))
    };
    let latest = |before: Option<i64>, limit: i64| {
        let before = before.map(MessageId);
        ids(desk.read(async move |tx| messages::latest(tx, ws, CaseId(1), before, limit).await))
    };
    assert_eq!((list(1, None, 3), list(1, Some(4), 3)), (vec![1, 3, 4], vec![5]));
    assert_eq!((latest(None, 2), latest(Some(4), 9)), (vec![5, 4], vec![3, 1]));
    assert_eq!((list(2, None, 9), list(0, None, 9)), (vec![2], vec![6]), "an automatic one belongs to no case (R6)");
}

#[test]
fn the_latest_message_of_many_cases_is_read_at_once_and_cut() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let outbound = Message {
        direction: Direction::Outbound,
        author: Some(fixture.agent),
        text: "Größe 👋 und mehr".to_owned(),
        ..message(&fixture, 1, 9)
    };
    for message in [message(&fixture, 1, 3), outbound, Message { automatic: true, ..message(&fixture, 2, 4) }] {
        insert(&desk, &fixture, &message).expect("stored");
    }
    let ws = fixture.ws;
    let latest = |ws: WorkspaceId, cases: &'static str| {
        let mut found = desk.read(async move |tx| messages::latest_of(tx, ws, cases, 7).await);
        found.sort_by_key(|latest| latest.case);
        found
    };
    let of = |case, direction, author, automatic, text: &str| Latest {
        case: CaseId(case),
        direction,
        author,
        automatic,
        text: text.to_owned(),
    };
    let expected = [
        of(1, Direction::Outbound, Some(fixture.agent), false, "Größe 👋"),
        of(2, Direction::Inbound, None, true, "Message"),
    ];
    assert_eq!(latest(ws, "[1,2,3]"), expected, "a case without a message has no row");
    assert_eq!(latest(ws, "[2]"), expected[1..]);
    assert_eq!(latest(ws, "[]"), []);
    assert_eq!(latest(WorkspaceId(9), "[1,2]"), []);
}

#[test]
fn comments_are_kept_in_order_apart_from_messages() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let comment = |id, author| Comment {
        id: CommentId(id),
        author,
        text: format!("note {id}"),
        at: at(id),
        mentions: vec![AgentId(9), AgentId(7)],
    };
    let written = [comment(1, Some(fixture.agent)), comment(2, None), comment(3, None)];
    let stored = written.clone();
    desk.write(async move |tx| {
        for comment in stored.iter().rev() {
            messages::insert_comment(tx, ws, CaseId(1), comment).await?;
        }
        messages::insert_comment(tx, ws, CaseId(2), &Comment { id: CommentId(4), ..stored[0].clone() }).await
    });
    let page = |after: Option<i64>, limit: i64| {
        let after = after.map(CommentId);
        desk.read(async move |tx| messages::comments(tx, ws, CaseId(1), after, limit).await)
    };
    assert_eq!(page(None, 2), written[..2]);
    assert_eq!(page(Some(2), 2), written[2..]);
    assert!(desk.read(async move |tx| messages::list(tx, ws, CaseId(1), None, 9).await).is_empty());
}

#[test]
fn a_draft_is_one_for_each_agent_and_kind_and_an_empty_text_forgets_it() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let save = |agent: i64, kind: &'static str, text: &'static str| {
        desk.write(async move |tx| messages::save_draft(tx, ws, CaseId(1), AgentId(agent), kind, text).await);
    };
    let drafts = |agent: i64| {
        let mut found = desk.read(async move |tx| messages::drafts(tx, ws, CaseId(1), AgentId(agent)).await);
        found.sort();
        found
    };
    let draft = |kind: &str, text: &str| (kind.to_owned(), text.to_owned());
    save(1, "reply", "Dear");
    save(1, "note", "odd one");
    save(2, "reply", "Hello");
    save(1, "reply", "Dear Ada");
    assert_eq!(drafts(1), [draft("note", "odd one"), draft("reply", "Dear Ada")]);
    save(1, "reply", "");
    save(1, "reply", "");
    assert_eq!(drafts(1), [draft("note", "odd one")]);
    assert_eq!(drafts(2), [draft("reply", "Hello")]);
    assert!(desk.read(async move |tx| messages::drafts(tx, ws, CaseId(2), AgentId(1)).await).is_empty());
}
