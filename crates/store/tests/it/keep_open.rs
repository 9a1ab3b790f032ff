//! Cases that somebody keeps open: parked until then, armed again, and never closed before (X3, A7).

use crate::support::{Desk, Fixture, at, case, json_ids, minutes, on, store_policy};
use domain::id::RunId;
use domain::policy::StatusSet;
use domain::time::Timestamp;
use store::cases::Case;
use store::policies::WORKSPACE;
use store::sweep::{self, Rule};

fn kept(fixture: &Fixture, n: i64, until: Option<Timestamp>) -> Case {
    Case { keep_open_until: until, ..case(fixture, n, at(0)) }
}

fn first(desk: &Desk) -> Option<Timestamp> {
    desk.read(async |tx| sweep::first_release(tx).await)
}

#[test]
fn a_parked_case_is_armed_when_its_moment_has_come_and_not_before_x3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    assert_eq!(first(&desk), None);
    let cases = [kept(&fixture, 1, Some(at(50))), kept(&fixture, 2, Some(at(40))), kept(&fixture, 3, None)];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    assert_eq!(first(&desk), Some(at(40)));
    desk.clock.set(Timestamp::from_micros(at(40).as_micros() - 1));
    assert_eq!(desk.write(async |tx| sweep::release(tx, 10).await), 0);
    desk.clock.set(at(50));
    assert_eq!(desk.write(async |tx| sweep::release(tx, 1).await), 1, "as many as are asked for");
    assert_eq!(first(&desk), Some(at(50)), "the one that waited longest came first");
    assert_eq!(desk.write(async |tx| sweep::release(tx, 10).await), 1);
    assert_eq!(first(&desk), None);
    let armed = cases.each_ref().map(|case| fixture.load(&desk, case.id).armed_at);
    assert_eq!(armed, [Some(at(0)), Some(at(0)), None]);
}

#[test]
fn closing_asks_again_whether_the_case_is_kept_open_x3_a7() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let (ws, queue) = (fixture.ws, fixture.queue);
    desk.write(async move |tx| store_policy(tx, ws, WORKSPACE, on(60)).await);
    // Armed although kept open: as if somebody kept it open after the sweep had met it.
    let armed = |n, until| Case { armed_at: Some(at(0)), ..kept(&fixture, n, Some(until)) };
    let cases = [armed(1, at(90)), armed(2, Timestamp::from_micros(at(90).as_micros() + 1))];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    desk.clock.set(at(90));
    let rule = Rule { enabled_at: at(0), threshold: minutes(60), statuses: StatusSet::ALL, queues: vec![queue] };
    let ids = json_ids(cases.iter().map(|case| case.id.0));
    let closed = desk.write(async move |tx| {
        let closed = sweep::close(tx, ws, &rule, &ids, RunId(1)).await?;
        sweep::rearm(tx, ws, &ids).await?;
        Ok(closed)
    });
    assert_eq!(closed.iter().map(|closed| closed.id).collect::<Vec<_>>(), [cases[0].id], "its moment has come");
    assert_eq!(fixture.load(&desk, cases[1].id).armed_at, None, "parked");
    assert_eq!(desk.number("select case_version from closures"), cases[0].version + 1);
}
