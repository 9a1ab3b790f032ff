//! Channels: connected profiles.

use crate::support::{Desk, Fixture, at, channel};
use domain::id::{ChannelId, WorkspaceId};
use domain::message::Network;
use store::channels::{self, Channel};

#[test]
fn a_channel_comes_back_as_written_and_as_changed() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let written = Channel { network: Network::Email, ..channel(ChannelId(50), "Mail", fixture.queue, at(7)) };
    let changed = Channel { name: "Post".to_owned(), queue: fixture.other_queue, ..written.clone() };
    let (first, second) = (written.clone(), changed.clone());
    let (one, two) = desk.write(async move |tx| {
        channels::insert(tx, ws, &first).await?;
        let one = channels::get(tx, ws, first.id).await?;
        channels::update(tx, ws, &second).await?;
        Ok((one, channels::by_name(tx, ws, "Post").await?))
    });
    assert_eq!((one, two), (Some(written.clone()), Some(changed)));
    assert_eq!(desk.read(async move |tx| channels::by_name(tx, ws, "Mail").await), None);
    assert_eq!(desk.read(async move |tx| channels::get(tx, WorkspaceId(9), written.id).await), None);
}

#[test]
fn channels_are_listed_page_by_page_and_a_name_is_taken_once() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, queue) = (fixture.ws, fixture.queue);
    let insert = |id: i64, name: &'static str| {
        desk.try_write(async move |tx| channels::insert(tx, ws, &channel(ChannelId(id), name, queue, at(0))).await)
    };
    insert(20, "b").expect("stored");
    insert(10, "a").expect("stored");
    assert!(insert(30, "a").is_err());
    let page = |after: Option<ChannelId>, limit: i64| -> Vec<i64> {
        let page = desk.read(async move |tx| channels::list(tx, ws, after, limit).await);
        page.iter().map(|channel| channel.id.0).collect()
    };
    assert_eq!(page(None, 2), [10, 20]);
    assert_eq!(page(Some(ChannelId(20)), 2), [fixture.channel.0]);
}
