//! Full-text search: what is found, what is not, and what nobody can break it with.

use crate::support::{Desk, Fixture, at, case, customer};
use domain::id::{CommentId, CustomerId, MessageId};
use domain::message::{Delivery, Direction};
use store::case_list::{self, Filter, Key, Sort};
use store::cases::{self, Case};
use store::messages::{self, Comment, Message};
use store::{customers, params};

fn found(desk: &Desk, fixture: &Fixture, text: &str) -> Vec<i64> {
    let filter = Filter { text: Some(text.to_owned()), ..Filter::default() };
    list(desk, fixture, filter)
}

fn list(desk: &Desk, fixture: &Fixture, filter: Filter) -> Vec<i64> {
    let (ws, sort) = (fixture.ws, Sort { key: Key::Number, descending: false });
    let page = desk.read(async move |tx| case_list::page(tx, ws, &filter, sort, &[], None, 100).await).rows;
    page.into_iter().map(|listed| listed.case.number).collect()
}

fn says(desk: &Desk, fixture: &Fixture, case: i64, id: i64, text: &str) {
    let (ws, text) = (fixture.ws, text.to_owned());
    let message = Message {
        case: super::support::case(fixture, case, at(0)).id,
        id: MessageId(id),
        channel: fixture.channel,
        customer: fixture.customer,
        external_id: None,
        direction: Direction::Inbound,
        text,
        author: None,
        automatic: false,
        sent_at: None,
        received_at: at(0),
        delivery: Delivery::Received,
    };
    desk.write(async move |tx| messages::insert(tx, ws, &message).await);
}

/// Cases 1 to `n`, each titled `Case n`.
fn desk_with(n: i64) -> (Desk, Fixture) {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    for number in 1..=n {
        fixture.store(&desk, &case(&fixture, number, at(number)));
    }
    (desk, fixture)
}

#[test]
fn every_word_must_occur_and_each_may_stand_in_another_text() {
    let (desk, fixture) = desk_with(3);
    says(&desk, &fixture, 1, 1, "My lamp arrived broken.");
    says(&desk, &fixture, 1, 2, "I want a refund!");
    says(&desk, &fixture, 2, 3, "The lamp is fine, thank you");
    assert_eq!(found(&desk, &fixture, "lamp"), [1, 2]);
    assert_eq!(found(&desk, &fixture, "refund lamp"), [1]);
    assert_eq!(found(&desk, &fixture, "lamp Case"), [1, 2], "title and message together");
    assert_eq!(found(&desk, &fixture, "ada refund"), [1], "customer and message together");
    assert_eq!(found(&desk, &fixture, "lamp sofa"), [] as [i64; 0]);
}

#[test]
fn a_phrase_stands_in_one_text_and_the_last_word_may_go_on() {
    let (desk, fixture) = desk_with(2);
    says(&desk, &fixture, 1, 1, "the broken lamp");
    says(&desk, &fixture, 2, 2, "broken: a very nice lamp");
    assert_eq!(found(&desk, &fixture, "broken lamp"), [1, 2]);
    assert_eq!(found(&desk, &fixture, "\"broken lamp\""), [1]);
    assert_eq!(found(&desk, &fixture, "bro"), [1, 2]);
    assert_eq!(found(&desk, &fixture, "bro lamp"), [] as [i64; 0], "only the last word goes on");
    assert_eq!(found(&desk, &fixture, "lamp bro"), [1, 2]);
    assert_eq!(found(&desk, &fixture, "\"bro\""), [] as [i64; 0]);
}

#[test]
fn comments_customers_and_case_numbers_lead_to_a_case() {
    let (desk, fixture) = desk_with(12);
    let (ws, id) = (fixture.ws, case(&fixture, 2, at(0)).id);
    let comment = Comment {
        id: CommentId(9),
        author: None,
        text: "escalated to Brünhilde".to_owned(),
        at: at(1),
        mentions: Vec::new(),
    };
    desk.write(async move |tx| messages::insert_comment(tx, ws, id, &comment).await);
    let other = customer(CustomerId(fixture.customer.0 + 50), "u_2", at(0));
    let named = customers::Customer { name: Some("Grace".to_owned()), handle: Some("@hopper".to_owned()), ..other };
    desk.write(async move |tx| customers::insert(tx, ws, &named).await);
    let hers = Case { customer: CustomerId(fixture.customer.0 + 50), ..case(&fixture, 13, at(13)) };
    fixture.store(&desk, &hers);
    assert_eq!(found(&desk, &fixture, "brunhilde"), [2]);
    assert_eq!(found(&desk, &fixture, "hopper"), [13]);
    assert_eq!(found(&desk, &fixture, "Grace"), [13]);
    assert_eq!(found(&desk, &fixture, "#12"), [12]);
    assert_eq!(found(&desk, &fixture, "grace Case 13"), [13]);
}

#[test]
fn a_new_title_and_a_new_name_are_found_and_the_old_ones_are_not() {
    let (desk, fixture) = desk_with(1);
    let mut renamed = customer(fixture.customer, "u_1", at(0));
    renamed.name = Some("Lovelace".to_owned());
    let (ws, before) = (fixture.ws, fixture.load(&desk, case(&fixture, 1, at(0)).id));
    desk.write(async move |tx| {
        customers::rename(tx, ws, &renamed).await?;
        let mut after = Case { title: "Zanzibar".to_owned(), ..before.clone() };
        cases::save(tx, &before, &mut after).await
    });
    for (text, expected) in [("zanzibar", true), ("lovelace", true), ("case", false), ("Ada", true)] {
        // The handle is still @ada.
        assert_eq!(!found(&desk, &fixture, text).is_empty(), expected, "{text}");
    }
}

#[test]
fn words_of_every_script_are_found() {
    let (desk, fixture) = desk_with(4);
    says(&desk, &fixture, 1, 1, "Où est ma Größe? ПРИВЕТ ΟΔΥΣΣΕΥΣ");
    says(&desk, &fixture, 2, 2, "配送状況を教えてください");
    says(&desk, &fixture, 3, 3, "أين طلبي");
    says(&desk, &fixture, 4, 4, "see https://shop.example/returns?id=AB-12 😀");
    for (text, number) in [
        ("ou größe", 1),
        ("grosse größe", 0),
        ("GRÖSSE", 0),
        ("привет", 1),
        ("οδυσσευς", 1),
        ("配送", 2),
        ("状況", 2),
        ("送配", 0),
        ("طلبي", 3),
        ("shop.example", 4),
        ("returns", 4),
        ("ab-12", 4),
    ] {
        let expected: Vec<i64> = (number > 0).then_some(number).into_iter().collect();
        assert_eq!(found(&desk, &fixture, text), expected, "{text}");
    }
}

#[test]
fn nothing_that_is_typed_is_an_operator_or_an_error() {
    let (desk, fixture) = desk_with(1);
    says(&desk, &fixture, 1, 1, "plain words");
    for text in [
        "\"",
        "\"\"",
        "\"\"\"",
        "'",
        "*",
        "^",
        "(",
        ")",
        "NEAR(",
        "a AND",
        "OR",
        "NOT x",
        "text:plain",
        "-plain -",
        "{plain",
        "plain*:",
        "pl*in",
        "a & b | !c",
        ":*",
        "<->",
        "\\",
        "'; drop table cases; --",
        "%",
        "\u{200b}",
        "😀",
        "½",
        "a\u{301}",
        "\u{301}a",
        "x:1A",
        "plain <-> words)",
        "\u{e000}",
        "ﬁ",
        "²",
    ] {
        found(&desk, &fixture, text);
    }
    assert_eq!(found(&desk, &fixture, "plain"), [1], "everything is still there");
    assert_eq!(found(&desk, &fixture, "?! …"), [] as [i64; 0], "nothing to look for finds nothing");
    assert_eq!(found(&desk, &fixture, &"plain ".repeat(30)), [1]);
}

#[test]
fn a_search_finds_only_what_its_workspace_says() {
    let (desk, fixture) = desk_with(1);
    let stranger = desk.write(async |tx| Fixture::insert(tx, 2).await);
    stranger.store(&desk, &case(&stranger, 1, at(1)));
    says(&desk, &stranger, 1, 77, "a secret word");
    assert_eq!(found(&desk, &fixture, "secret"), [] as [i64; 0]);
    assert_eq!(found(&desk, &stranger, "secret"), [1]);
}

/// More texts than a rare word may have: then the cases are looked through in the list's order.
#[test]
fn words_that_everybody_says_are_found_by_looking_through_the_cases() {
    let (desk, fixture) = desk_with(60);
    let numbers = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20100)";
    desk.sql(&format!(
        "insert into messages (workspace, case_id, id, channel, customer, external_id, direction, text, author, automatic, sent_at, \
         received_at, delivery) {numbers} select {ws}, {base} + 1 + i % 50, 1000 + i, {channel}, {customer}, null, 'inbound', \
         'hello everybody' || case when i % 50 = 6 then ' sesame' else '' end, null, false, null, 0, 'received' from n",
        ws = fixture.ws.0,
        base = fixture.ws.0 * 1_000_000,
        channel = fixture.channel.0,
        customer = fixture.customer.0
    ));
    assert_eq!(found(&desk, &fixture, "hello everybody"), (1..=50).collect::<Vec<_>>());
    assert_eq!(found(&desk, &fixture, "\"everybody hello\""), [] as [i64; 0]);
    assert_eq!(found(&desk, &fixture, "hello sesame"), [7], "a rare word leads the way");
    let ws = fixture.ws;
    let filter = Filter { text: Some("hello".to_owned()), ..Filter::default() };
    assert_eq!(desk.read(async move |tx| case_list::count(tx, ws, &filter, &[], 30).await), 30);
    let unassigned = Filter {
        text: Some("hello".to_owned()),
        assignee: Some(case_list::Assignee::Nobody),
        closing_before: Some(at(9)),
        ..Filter::default()
    };
    assert_eq!(list(&desk, &fixture, unassigned), [] as [i64; 0], "with filters as without");
}

#[test]
fn what_a_command_took_back_is_not_found() {
    let (desk, fixture) = desk_with(1);
    let ws = fixture.ws;
    let comment =
        Comment { id: CommentId(5), author: None, text: "whispered".to_owned(), at: at(1), mentions: Vec::new() };
    let id = case(&fixture, 1, at(1)).id;
    let undone = desk.try_write(async move |tx| {
        messages::insert_comment(tx, ws, id, &comment).await?;
        tx.execute("insert into no_such_table values (1)", params![]).await
    });
    assert!(undone.is_err());
    says(&desk, &fixture, 1, 1, "spoken");
    assert_eq!(found(&desk, &fixture, "whispered"), [] as [i64; 0]);
    assert_eq!(found(&desk, &fixture, "spoken"), [1]);
}

#[test]
fn words_that_nearly_every_text_says_are_looked_for_case_by_case_to_the_end() {
    let last = case_list::WALK + 50;
    let (desk, fixture) = desk_with(1);
    let cases: Vec<Case> = (2..=last).map(|number| case(&fixture, number, at(number))).collect();
    desk.write(async move |tx| {
        for case in &cases {
            cases::insert(tx, case).await?;
        }
        Ok(())
    });
    says(&desk, &fixture, 1, 1, "common words");
    says(&desk, &fixture, last, 2, "words in common");
    let copies = serde_json::json!((1_000_000..1_020_000).collect::<Vec<i64>>()).to_string();
    desk.write(async move |tx| {
        let copy = "insert into messages select workspace, case_id, cast(value as bigint), channel, customer, external_id, direction, \
                    text, author, automatic, sent_at, received_at, delivery from json_each($1) cross join (select * from messages where id = 1) said";
        tx.execute(copy, params![copies]).await
    });
    let (ws, sort) = (fixture.ws, Sort { key: Key::Number, descending: false });
    let look = |after| {
        let filter = Filter { text: Some("common words".to_owned()), ..Filter::default() };
        desk.read(async move |tx| case_list::page(tx, ws, &filter, sort, &[], after, 100).await)
    };
    let numbers = |page: &case_list::Page| page.rows.iter().map(|listed| listed.case.number).collect::<Vec<_>>();
    let first = look(None);
    assert_eq!(numbers(&first), [1]);
    assert_eq!(first.walked_to.and_then(|at| at.key), Some(case_list::WALK), "and says where to look on");
    let second = look(first.walked_to);
    assert_eq!(numbers(&second), [last]);
    assert_eq!(second.walked_to, None, "that was all");
}
