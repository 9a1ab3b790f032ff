//! First answers, kept for a while.

use crate::support::{Desk, Fixture, at};
use domain::id::WorkspaceId;
use domain::time::{Span, Timestamp};
use store::idempotency::{self, Kept};

fn keep(desk: &Desk, ws: WorkspaceId, sender: &'static str, key: &'static str, answer: &'static str) {
    let kept = Kept { request: format!("print of {answer}"), status: 201, answer: answer.to_owned() };
    desk.write(async move |tx| idempotency::keep(tx, ws, sender, key, &kept).await);
}

fn get(desk: &Desk, ws: WorkspaceId, sender: &'static str, key: &'static str, since: Timestamp) -> Option<Kept> {
    desk.read(async move |tx| idempotency::get(tx, ws, sender, key, since).await)
}

#[test]
fn an_answer_is_kept_for_its_sender_and_key() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    keep(&desk, ws, "tok_a", "k", "first");
    keep(&desk, ws, "tok_b", "k", "second");
    let kept = get(&desk, ws, "tok_a", "k", at(-1)).expect("kept");
    assert_eq!((kept.request.as_str(), kept.status, kept.answer.as_str()), ("print of first", 201, "first"));
    assert_eq!(get(&desk, ws, "tok_b", "k", at(-1)).expect("kept").answer, "second");
    assert!(get(&desk, ws, "tok_a", "other", at(-1)).is_none());
    assert!(get(&desk, WorkspaceId(9), "tok_a", "k", at(-1)).is_none());
}

#[test]
fn an_answer_expires_and_its_key_may_be_used_anew() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    keep(&desk, ws, "tok_a", "k", "first");
    keep(&desk, ws, "tok_a", "young", "first");
    assert!(get(&desk, ws, "tok_a", "k", at(0)).is_none(), "as old as the limit is too old");
    desk.pass(Span::hours(25));
    keep(&desk, ws, "tok_a", "k", "second");
    assert_eq!(get(&desk, ws, "tok_a", "k", at(60)).expect("kept").answer, "second");
    desk.write(async |tx| idempotency::prune(tx, at(0)).await);
    assert_eq!(desk.number("select count(*) from idempotency"), 1);
    assert!(get(&desk, ws, "tok_a", "k", at(-1)).is_some());
}
