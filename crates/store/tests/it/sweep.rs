//! The sweep's questions: which queues and statuses, from when on, which cases in which order.

use crate::support::{Desk, Fixture, at, case, json_ids, minutes, off, on, overrides, store_policy};
use domain::case::Status;
use domain::id::QueueId;
use domain::permission::Plan;
use domain::policy::{Overrides, StatusSet};
use domain::time::{Span, Timestamp};
use store::cases::Case;
use store::policies::WORKSPACE;
use store::sweep::{self, Candidate, Partition};
use store::workspaces;

fn change(desk: &Desk, fixture: &Fixture, queue: QueueId, settings: Overrides) {
    let ws = fixture.ws;
    desk.write(async move |tx| store_policy(tx, ws, queue, settings).await);
}

fn partitions(desk: &Desk) -> Vec<Partition> {
    let mut found = desk.read(async |tx| sweep::partitions(tx).await);
    found.sort_by_key(|p| (p.workspace, p.queue, p.status));
    found
}

fn open_partition(fixture: &Fixture, enabled_at: Timestamp, threshold: i64) -> Partition {
    Partition {
        workspace: fixture.ws,
        queue: fixture.queue,
        status: Status::Open,
        enabled_at,
        threshold: minutes(threshold),
    }
}

fn candidates(desk: &Desk, partition: &Partition, now: Timestamp, limit: i64) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    // Bounded: each step moves on, and there are few cases.
    for _ in 0..100 {
        let (partition, after) = (partition.clone(), all.last().copied());
        let page = desk.read(async move |tx| sweep::candidates(tx, &partition, now, after, limit).await);
        let full = page.len() as i64 == limit;
        all.extend(page);
        if !full {
            return all;
        }
    }
    panic!("the candidates do not end");
}

fn numbers(fixture: &Fixture, candidates: &[Candidate]) -> Vec<i64> {
    candidates.iter().map(|candidate| candidate.id.0 - fixture.ws.0 * 1_000_000).collect()
}

#[test]
fn there_is_a_partition_for_each_queue_and_status_in_which_auto_close_is_in_effect() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    assert_eq!(partitions(&desk), []);
    change(&desk, &fixture, WORKSPACE, off(120));
    assert_eq!(partitions(&desk), []);

    let two = StatusSet::new([Status::Open, Status::OnHold]).expect("a set");
    desk.clock.set(at(5));
    change(&desk, &fixture, WORKSPACE, Overrides { statuses: Some(two), ..on(120) });
    change(&desk, &fixture, fixture.other_queue, Overrides { threshold: Some(minutes(60)), ..overrides() });
    let of = |queue, status, threshold| Partition { queue, status, ..open_partition(&fixture, at(5), threshold) };
    let expected = [
        of(fixture.queue, Status::Open, 120),
        of(fixture.queue, Status::OnHold, 120),
        of(fixture.other_queue, Status::Open, 60),
        of(fixture.other_queue, Status::OnHold, 60),
    ];
    assert_eq!(partitions(&desk), expected);

    change(&desk, &fixture, fixture.queue, Overrides { enabled: Some(false), ..overrides() });
    assert_eq!(partitions(&desk), expected[2..]);
    change(&desk, &fixture, WORKSPACE, Overrides { statuses: Some(two), ..off(120) });
    assert_eq!(partitions(&desk), []);
    desk.clock.set(at(9));
    change(&desk, &fixture, fixture.queue, Overrides { enabled: Some(true), ..overrides() });
    let own =
        [Status::Open, Status::OnHold].map(|status| Partition { enabled_at: at(9), ..of(fixture.queue, status, 120) });
    assert_eq!(partitions(&desk), own, "a queue may be on while the workspace is off (X1)");
}

#[test]
fn a_suspended_workspace_has_no_partitions_and_the_others_keep_theirs_a2() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await);
    change(&desk, &fixture, WORKSPACE, on(60));
    change(&desk, &other, WORKSPACE, on(60));
    assert_eq!(partitions(&desk).len(), 12);
    let plan = |plan: Plan| {
        let ws = fixture.ws;
        desk.write(async move |tx| {
            let workspace = workspaces::get(tx, ws).await?;
            workspaces::update(tx, &workspaces::Workspace { plan, ..workspace }).await
        });
    };
    plan(Plan::Professional);
    assert!(partitions(&desk).iter().all(|partition| partition.workspace == other.ws));
    assert_eq!(partitions(&desk).len(), 6);
    desk.pass(Span::hours(1));
    plan(Plan::Enterprise);
    assert_eq!(partitions(&desk).len(), 12);
    assert!(partitions(&desk).iter().all(|partition| partition.enabled_at == at(0)), "with the date they had");
}

#[test]
fn the_first_armed_case_says_when_a_partition_needs_a_look() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let partition = open_partition(&fixture, at(10), 60);
    let first = || {
        let partition = partition.clone();
        desk.read(async move |tx| sweep::first_armed_from(tx, &partition, partition.enabled_at).await)
    };
    assert_eq!(first(), None);
    let armed = |n, armed| Case { armed_at: armed, ..case(&fixture, n, at(500)) };
    let cases = [
        armed(1, Some(at(30))),
        armed(2, None),
        armed(3, Some(at(9))),
        Case { status: Status::OnHold, ..armed(4, Some(at(11))) },
        Case { status: Status::Closed, ..armed(5, Some(at(11))) },
        Case { queue: fixture.other_queue, ..armed(6, Some(at(11))) },
    ];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    assert_eq!(first(), Some(at(30)));
    fixture.store(&desk, &armed(7, Some(at(10))));
    assert_eq!(first(), Some(at(10)));
    let from = |from: Timestamp| {
        let partition = partition.clone();
        desk.read(async move |tx| sweep::first_armed_from(tx, &partition, from).await)
    };
    assert_eq!((from(at(10)), from(at(11)), from(at(31))), (Some(at(10)), Some(at(30)), None));
}

#[test]
fn candidates_come_oldest_first_in_bounded_batches_a6() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let partition = open_partition(&fixture, at(0), 60);
    // Silent since minutes that fall and repeat, so that neither number nor order of insertion is the answer.
    let minute = |n: i64| (97 - 7 * n).rem_euclid(23);
    for n in 1..=40 {
        let silent = at(minute(n));
        fixture.store(&desk, &Case { armed_at: Some(silent), ..case(&fixture, n, silent) });
    }
    let mut expected: Vec<i64> = (1..=40).collect();
    expected.sort_by_key(|n| (minute(*n), *n));
    for limit in [1, 3, 40, 100] {
        assert_eq!(numbers(&fixture, &candidates(&desk, &partition, at(1_000), limit)), expected, "by {limit}");
    }
}

#[test]
fn a_case_is_a_candidate_from_its_very_deadline_on_a4_a9() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let partition = open_partition(&fixture, at(0), 60);
    let covered = |n, silent: Timestamp| Case { armed_at: Some(silent), ..case(&fixture, n, silent) };
    let before = Timestamp::from_micros(at(0).as_micros() - 1);
    for case in [covered(1, at(0)), covered(2, at(10)), covered(3, before)] {
        fixture.store(&desk, &case);
    }
    let found = |now: Timestamp| numbers(&fixture, &candidates(&desk, &partition, now, 10));
    let deadline = at(70);
    assert_eq!(found(Timestamp::from_micros(deadline.as_micros() - 1)), [1], "3 was silent before the switch-on");
    assert_eq!(found(deadline), [1, 2]);
}

#[test]
fn rearming_moves_the_bound_up_to_the_last_activity_and_touches_nothing_else() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let armed = |n, armed| Case { armed_at: armed, ..case(&fixture, n, at(50)) };
    let cases = [
        armed(1, Some(at(10))),
        armed(2, Some(at(50))),
        armed(3, None),
        Case { status: Status::Closed, ..armed(4, Some(at(10))) },
        armed(5, Some(at(10))),
    ];
    cases.iter().for_each(|case| fixture.store(&desk, case));
    let (ws, ids) = (fixture.ws, json_ids(cases[..4].iter().map(|case| case.id.0)));
    assert_eq!(desk.write(async move |tx| sweep::rearm(tx, ws, &ids).await), 1);
    let after: Vec<_> = cases.iter().map(|case| fixture.load(&desk, case.id)).collect();
    assert_eq!(after[0], Case { armed_at: Some(at(50)), ..cases[0].clone() });
    assert_eq!(after[1..], cases[1..], "5 was not asked for");
}
