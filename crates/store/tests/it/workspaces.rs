//! Workspaces, and the counter their case numbers come from.

use crate::support::{Desk, Fixture, at};
use domain::audit::AuditEvent;
use domain::id::WorkspaceId;
use domain::permission::Plan;
use store::workspaces::{self, Workspace};
use store::{Fault, audit};

#[test]
fn a_workspace_comes_back_as_written_and_as_changed() {
    let desk = Desk::new();
    let zone = "Europe/Berlin".to_owned();
    let written = Workspace {
        id: WorkspaceId(7),
        name: "Shop".to_owned(),
        time_zone: zone,
        plan: Plan::Standard,
        created_at: at(2),
    };
    let changed =
        Workspace { name: "Store".to_owned(), time_zone: "UTC".to_owned(), plan: Plan::Enterprise, ..written.clone() };
    let (first, second) = (written.clone(), changed.clone());
    let (one, two) = desk.write(async move |tx| {
        workspaces::insert(tx, &first).await?;
        let one = workspaces::by_name(tx, "Shop").await?;
        workspaces::update(tx, &second).await?;
        Ok((one, workspaces::get(tx, second.id).await?))
    });
    assert_eq!((one, two), (vec![written], changed.clone()));
    Fixture::new(&desk);
    let all = desk.read(async |tx| workspaces::all(tx).await);
    assert_eq!(all.iter().map(|w| w.id.0).collect::<Vec<_>>(), [1, 7]);
    assert_eq!(all[1], changed);
    assert_eq!(desk.read(async |tx| workspaces::by_name(tx, "Shop").await), []);
    assert!(desk.try_read(async |tx| workspaces::get(tx, WorkspaceId(9)).await).is_err());
}

#[test]
fn case_numbers_have_no_gap_even_when_a_command_is_undone() {
    let desk = Desk::new();
    let ws = Fixture::new(&desk).ws;
    let other = desk.write(async |tx| Fixture::insert(tx, 2).await).ws;
    let next = |ws: WorkspaceId| desk.write(async move |tx| workspaces::next_case_number(tx, ws).await);
    assert_eq!((next(ws), next(ws), next(other)), (1, 2, 1));
    let undone = desk.try_write(async move |tx| {
        workspaces::next_case_number(tx, ws).await?;
        Err::<(), _>(Fault::Broken("undone".to_owned()))
    });
    assert!(undone.is_err());
    assert_eq!(next(ws), 3);
    assert!(desk.try_write(async |tx| workspaces::next_case_number(tx, WorkspaceId(9)).await).is_err());
}

#[test]
fn a_probe_writes_and_leaves_nothing() {
    let desk = Desk::new();
    desk.write(async |tx| workspaces::probe(tx).await);
    desk.write(async |tx| workspaces::probe(tx).await);
    assert_eq!(desk.number("select count(*) from idempotency"), 0);
    assert!(desk.try_read(async |tx| workspaces::probe(tx).await).is_err(), "a connection that cannot write says so");
}

#[test]
fn the_newest_moment_is_that_of_the_newest_audit_entry() {
    let desk = Desk::new();
    let first = Fixture::new(&desk).ws;
    let second = desk.write(async |tx| Fixture::insert(tx, 2).await).ws;
    let newest = || desk.read(async |tx| workspaces::newest_moment(tx).await);
    assert_eq!(newest(), None);
    for (ws, minutes) in [(second, 3), (first, 9), (second, 5)] {
        desk.clock.set(at(minutes));
        desk.write(async move |tx| {
            audit::append_many(tx, ws, AuditEvent::CaseAutoClosed, &[(1, "{}".to_owned(), "{}".to_owned())]).await?;
            audit::chain_pending(tx, ws).await
        });
    }
    assert_eq!(newest(), Some(at(9)));
}
