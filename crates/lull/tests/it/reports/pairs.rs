//! When the sums of two dimensions together begin to be kept: where somebody asks who would else wait for much to be read.

use super::place::{Dice, House, Place};
use domain::id::WorkspaceId;
use domain::metrics::{Calendar, Dimension, Period};
use domain::time::TimeZoneName;
use lull::reports::{self, Query};
use store::reports::{Pair, Selection, Standing};
use store::{Command, Fault, Tx, params};

/// A day on which so many cases were closed, as far as sums tell.
struct Closed(WorkspaceId, i64, i64);

impl Command for Closed {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let Closed(ws, day, closed) = *self;
        let sql = "insert into report_counts (workspace, of_dimension, dimension, of_value, day, created_day, value, opened, \
                   settled, replied, reply_millis, closed_manual, closed_api, closed_inactivity, handle_millis, active_millis, \
                   undone, reopened) values ($1, 0, 0, '', $2, $2, '', 0, 0, 0, 0, $3, 0, 0, 0, 0, 0, 0)";
        tx.put(sql, params![ws, day, closed]).await
    }
}

/// Whether the pair is kept after a report of three days that begins with the busy one; and one from a moment within it.
async fn asked(closed: i64, from_midnight: bool) -> Standing {
    let house = House::new().await;
    let (mut place, mut dice) = (Place::new(&house, "busy", "UTC").await, Dice::new(1));
    for _ in 0..20 {
        place.step(&mut dice).await;
    }
    reports::catch_up(&house.desk).await.expect("counted");
    let calendar = Calendar::new(&TimeZoneName::parse("UTC").expect("a zone"));
    let busy = calendar.day(house.desk.db.now()) - 40;
    house.desk.db.write(Closed(place.workspace, busy, closed)).await.expect("stored");
    let mut period = Period { from: calendar.midnight(busy), to: calendar.midnight(busy + 3) };
    if !from_midnight {
        period.from = period.from.plus(domain::time::Span::minutes(1));
    }
    let selection = Selection { queue: Some(place.queues[0]), ..Selection::default() };
    let query = Query { period, group_by: Some(Dimension::Agent), bucket: None, selection };
    reports::read(&house.desk, place.workspace, query).await.expect("a report");
    reports::add_to_pairs(&house.desk).await.expect("added");
    let (ws, pair) = (place.workspace, Pair { of: Dimension::Queue, by: Dimension::Agent });
    house
        .desk
        .db
        .read(move |tx| Box::pin(async move { store::reports::standing(tx, ws, pair).await }))
        .await
        .expect("read")
}

#[tokio::test]
async fn a_pair_is_kept_once_somebody_asked_for_it_over_very_many_cases() {
    assert_eq!(asked(50_000, true).await, Standing::Whole);
    assert_eq!(asked(40_000, true).await, Standing::Missing, "so many are read at once");
    assert_eq!(asked(50_000, false).await, Standing::Missing, "sums of days would not serve");
}
