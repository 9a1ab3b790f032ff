//! Lifecycle settings: what inherits from what, and that switching on covers what it must.

use crate::support::{Desk, Fixture, at, case, minutes, off, on, overrides, store_policy};
use domain::case::Status;
use domain::id::{AgentId, QueueId};
use domain::permission::Plan;
use domain::policy::{CloseRule, Effective, Overrides, StatusSet, Window};
use domain::time::Timestamp;
use store::cases::Case;
use store::policies::{self, InForce, Stored, WORKSPACE};
use store::workspaces::{self, Workspace};

fn change(desk: &Desk, fixture: &Fixture, queue: QueueId, settings: Overrides) {
    let ws = fixture.ws;
    desk.write(async move |tx| store_policy(tx, ws, queue, settings).await);
}

fn in_force(desk: &Desk, fixture: &Fixture, plan: Plan, queue: QueueId) -> InForce {
    let ws = fixture.ws;
    desk.write(async move |tx| {
        let workspace = workspaces::get(tx, ws).await?;
        workspaces::update(tx, &Workspace { plan, ..workspace }).await
    });
    let (one, rows) =
        desk.read(async move |tx| Ok((policies::in_force(tx, ws, queue).await?, policies::all(tx, ws).await?)));
    assert_eq!(one, policies::resolve(plan, &rows, queue), "one queue or many at once, the same answer");
    one
}

fn closes_under(enabled_at: Timestamp, threshold: i64, statuses: StatusSet) -> CloseRule {
    CloseRule::On { enabled_at, threshold: minutes(threshold), statuses }
}

#[test]
fn settings_come_back_as_they_were_written() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let full = Stored {
        queue: WORKSPACE,
        settings: Overrides {
            enabled: Some(true),
            enabled_at: Some(at(1)),
            threshold: Some(minutes(60)),
            statuses: StatusSet::new([Status::OnHold, Status::Open]).ok(),
            reopen_enabled: Some(false),
            window: Window::from_minutes(60).ok(),
        },
        version: 7,
        updated_at: at(2),
        updated_by: Some(AgentId(5)),
    };
    let empty = Stored { queue: fixture.queue, settings: overrides(), version: 1, updated_at: at(3), updated_by: None };
    for stored in [full.clone(), empty.clone()] {
        desk.write(async move |tx| policies::put(tx, ws, &stored).await);
    }
    let queue = fixture.queue;
    let all = desk.read(async move |tx| policies::all(tx, ws).await);
    assert_eq!(all, [full.clone(), empty.clone()], "the workspace's own first");
    assert_eq!(desk.read(async move |tx| policies::get(tx, ws, queue).await), Some(empty));

    let changed = Stored { settings: on(30_240), version: 8, ..full };
    let stored = changed.clone();
    desk.write(async move |tx| policies::put(tx, ws, &stored).await);
    assert_eq!(desk.read(async move |tx| policies::get(tx, ws, WORKSPACE).await), Some(changed));
    desk.write(async move |tx| policies::delete(tx, ws, queue).await);
    assert_eq!(desk.read(async move |tx| policies::get(tx, ws, queue).await), None);
    assert_eq!(desk.read(async move |tx| policies::get(tx, domain::id::WorkspaceId(9), WORKSPACE).await), None);
}

#[test]
fn without_settings_auto_close_is_off_and_auto_reopen_on_a1_r1() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let expected = Effective { close: CloseRule::Off, reopen: Some(Window::default()) };
    let found = in_force(&desk, &fixture, Plan::Advanced, fixture.queue);
    assert_eq!(found, InForce { effective: expected, arm_from: None });
}

#[test]
fn a_queue_inherits_every_field_that_it_leaves_empty_x1() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    desk.clock.set(at(10));
    change(&desk, &fixture, WORKSPACE, on(120));
    let on_hold = StatusSet::new([Status::OnHold]).expect("a set");
    desk.clock.set(at(20));
    change(&desk, &fixture, fixture.queue, Overrides { threshold: Some(minutes(60)), ..overrides() });
    change(
        &desk,
        &fixture,
        fixture.other_queue,
        Overrides { statuses: Some(on_hold), reopen_enabled: Some(false), ..overrides() },
    );
    let close = |queue| in_force(&desk, &fixture, Plan::Advanced, queue).effective;
    assert_eq!(close(fixture.queue).close, closes_under(at(10), 60, StatusSet::ALL));
    assert_eq!(close(fixture.other_queue).close, closes_under(at(10), 120, on_hold));
    assert_eq!(close(fixture.other_queue).reopen, None);
    assert_eq!(close(QueueId(12_345)).close, closes_under(at(10), 120, StatusSet::ALL), "a queue without a row");
}

#[test]
fn a_queues_own_switch_has_its_own_date_a3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    desk.clock.set(at(10));
    change(&desk, &fixture, fixture.queue, Overrides { enabled: Some(true), ..overrides() });
    let own = in_force(&desk, &fixture, Plan::Advanced, fixture.queue);
    assert_eq!(own.effective.close, closes_under(at(10), 1_440, StatusSet::ALL));
    assert_eq!(own.arm_from, Some(at(10)));
    assert_eq!(in_force(&desk, &fixture, Plan::Advanced, fixture.other_queue).effective.close, CloseRule::Off);

    desk.clock.set(at(30));
    change(&desk, &fixture, WORKSPACE, on(60));
    let own = in_force(&desk, &fixture, Plan::Advanced, fixture.queue);
    assert_eq!(own.effective.close, closes_under(at(10), 60, StatusSet::ALL), "its own switch-on holds");
    assert_eq!(own.arm_from, Some(at(30)), "but activity arms for both, in case it inherits again");
    change(&desk, &fixture, fixture.queue, Overrides { enabled: Some(false), ..overrides() });
    let own = in_force(&desk, &fixture, Plan::Advanced, fixture.queue);
    assert_eq!((own.effective.close, own.arm_from), (CloseRule::Off, Some(at(30))));
}

#[test]
fn a_lower_plan_suspends_and_keeps_the_date_a2() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    change(&desk, &fixture, WORKSPACE, on(60));
    for plan in [Plan::Standard, Plan::Professional] {
        let found = in_force(&desk, &fixture, plan, fixture.queue);
        assert_eq!((found.effective.close, found.arm_from), (CloseRule::Suspended, Some(at(0))));
    }
    let again = in_force(&desk, &fixture, Plan::Enterprise, fixture.queue);
    assert_eq!(again.effective.close, closes_under(at(0), 60, StatusSet::ALL));
}

/// Switching on covers what is active in that very millisecond, and nothing that was silent before (A3).
#[test]
fn a_case_active_in_the_millisecond_of_the_switch_on_is_armed_a3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let moment = at(100);
    let earlier = Timestamp::from_micros(moment.as_micros() - 1);
    let case = |n, at| case(&fixture, n, at);
    let later = at(101);
    let cases = [
        case(1, earlier),
        case(2, moment),
        case(3, later),
        Case { armed_at: Some(earlier), ..case(4, moment) },
        Case { armed_at: Some(moment), ..case(5, later) },
        Case { status: Status::Closed, ..case(6, moment) },
    ];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    desk.clock.set(moment);
    change(&desk, &fixture, WORKSPACE, on(60));
    let armed: Vec<_> = cases.iter().map(|case| fixture.load(&desk, case.id).armed_at).collect();
    assert_eq!(armed, [None, Some(moment), Some(later), Some(moment), Some(moment), None]);
}

#[test]
fn an_edit_without_a_switch_on_arms_nothing_a3() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    change(&desk, &fixture, WORKSPACE, on(60));
    desk.clock.set(at(50));
    let unarmed = case(&fixture, 1, at(50));
    fixture.store(&desk, &unarmed);
    change(&desk, &fixture, WORKSPACE, on(120));
    assert_eq!(fixture.load(&desk, unarmed.id).armed_at, None);
    change(&desk, &fixture, WORKSPACE, off(120));
    assert_eq!(fixture.load(&desk, unarmed.id).armed_at, None);
    change(&desk, &fixture, WORKSPACE, on(120));
    assert_eq!(fixture.load(&desk, unarmed.id).armed_at, Some(at(50)), "off and on again starts over");
}
