//! Canned replies, and the tags a workspace knows.

use crate::support::{Desk, START};
use domain::id::{AgentId, CannedReplyId, QueueId, WorkspaceId};
use store::canned::{self, CannedReply};

fn reply(id: i64, name: &str, queue: Option<i64>) -> CannedReply {
    CannedReply {
        id: CannedReplyId(id),
        name: name.to_owned(),
        text: format!("Hello {{customer_name}}, {name}"),
        queue: queue.map(QueueId),
        version: 1,
        updated_at: START,
        updated_by: Some(AgentId(5)),
    }
}

#[test]
fn canned_replies_are_kept_changed_listed_and_removed_in_their_workspace_alone() {
    let desk = Desk::new();
    let (ws, other) = (WorkspaceId(1), WorkspaceId(2));
    desk.write(async move |tx| {
        canned::insert(tx, ws, &reply(1, "thanks", None)).await?;
        canned::insert(tx, ws, &reply(2, "refund", Some(7))).await?;
        canned::insert(tx, other, &reply(1, "thanks", None)).await
    });
    let changed = CannedReply { name: "thank you".to_owned(), version: 2, updated_by: None, ..reply(1, "", Some(8)) };
    let update = changed.clone();
    desk.write(async move |tx| canned::update(tx, ws, &update).await);
    let (all, after, mine, named, theirs) = desk.read(async move |tx| {
        Ok((
            canned::list(tx, ws, None, 10).await?,
            canned::list(tx, ws, Some(CannedReplyId(1)), 10).await?,
            canned::names(tx, ws, QueueId(8), 10).await?,
            canned::by_name(tx, ws, "refund").await?,
            canned::get(tx, other, CannedReplyId(1)).await?,
        ))
    });
    assert_eq!(all, [changed, reply(2, "refund", Some(7))]);
    assert_eq!(after, [reply(2, "refund", Some(7))]);
    assert_eq!(mine, ["thank you"]);
    assert_eq!(named, Some(reply(2, "refund", Some(7))));
    assert_eq!(theirs, Some(reply(1, "thanks", None)), "another workspace's stays as it was");
    desk.write(async move |tx| canned::delete(tx, ws, CannedReplyId(2)).await);
    assert_eq!(desk.read(async move |tx| canned::list(tx, ws, None, 10).await).len(), 1);
}

#[test]
fn two_canned_replies_of_one_name_are_refused_by_the_schema() {
    let desk = Desk::new();
    desk.write(async move |tx| canned::insert(tx, WorkspaceId(1), &reply(1, "thanks", None)).await);
    let second = desk.try_write(async move |tx| canned::insert(tx, WorkspaceId(1), &reply(2, "thanks", None)).await);
    assert!(second.is_err());
}
