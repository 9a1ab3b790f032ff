//! The tags a workspace knows, and a renaming under way.

use crate::support::{Desk, Fixture, at, case};
use domain::id::{AgentId, CaseId, WorkspaceId};
use store::cases::{self, Case};
use store::tags::{self, Retag};

fn tagged(fixture: &Fixture, n: i64, tags: &[&str]) -> Case {
    Case { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..case(fixture, n, at(n)) }
}

fn known(desk: &Desk, ws: WorkspaceId) -> Vec<String> {
    let tags = desk.read(async move |tx| tags::list(tx, ws, "", 100).await);
    tags.into_iter().map(|tag| tag.name).collect()
}

#[test]
fn a_tag_is_known_from_the_first_case_that_has_it() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    fixture.store(&desk, &tagged(&fixture, 1, &["vip", "refund"]));
    assert_eq!(known(&desk, ws), ["refund", "vip"]);
    let before = fixture.load(&desk, tagged(&fixture, 1, &[]).id);
    let changed = Case { tags: vec!["vip".to_owned(), "late".to_owned()], ..before.clone() };
    desk.write(async move |tx| cases::save(tx, &before, &mut changed.clone()).await);
    assert_eq!(known(&desk, ws), ["late", "refund", "vip"], "one that no case has any more is still offered");
    let page = desk.read(async move |tx| tags::list(tx, ws, "late", 1).await);
    assert_eq!(page[0].name, "refund");
    assert!(known(&desk, WorkspaceId(99)).is_empty());
}

#[test]
fn open_cases_are_counted_by_tag_up_to_a_bound() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    fixture.store(&desk, &tagged(&fixture, 1, &["vip", "refund"]));
    fixture.store(&desk, &tagged(&fixture, 2, &["vip"]));
    fixture.store(&desk, &tagged(&fixture, 3, &[]));
    fixture.store(&desk, &Case { status: domain::case::Status::Closed, ..tagged(&fixture, 4, &["vip"]) });
    let (counts, more) = desk.read(async move |tx| tags::counts(tx, ws, 100).await);
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("refund".to_owned(), 1), ("vip".to_owned(), 2)]);
    assert!(!more);
    assert!(desk.read(async move |tx| tags::counts(tx, ws, 2).await).1);
}

#[test]
fn a_renaming_is_found_goes_on_and_begins_again_for_a_tag_given_meanwhile() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    let (one, two) = (tagged(&fixture, 1, &["vip"]), tagged(&fixture, 2, &[]));
    fixture.store(&desk, &one);
    fixture.store(&desk, &two);
    let under_way = || desk.write(async move |tx| tags::under_way(tx, ws, "vip").await);
    assert_eq!(under_way(), None);
    desk.write(async move |tx| tags::ask(tx, ws, "vip", "gold", Some(AgentId(4))).await);
    let asked = Retag {
        workspace: ws,
        name: "vip".to_owned(),
        becomes: "gold".to_owned(),
        position: CaseId(0),
        asked_by: Some(AgentId(4)),
    };
    assert_eq!(under_way(), Some(asked.clone()));
    assert_eq!(known(&desk, ws), ["gold", "vip"]);
    desk.write(async move |tx| tags::came_to(tx, ws, "vip", one.id).await);
    assert_eq!(under_way().map(|retag| retag.position), Some(one.id));
    let rest = desk.read(async move |tx| tags::cases_after(tx, ws, one.id, 10).await);
    assert_eq!(rest, [(two.id, two.number, vec![])]);
    fixture.store(&desk, &tagged(&fixture, 3, &["vip"]));
    assert_eq!(under_way(), Some(asked), "a case given the old tag is met again");
    desk.write(async move |tx| tags::forget(tx, ws, "vip").await);
    assert_eq!((under_way(), known(&desk, ws)), (None, vec!["gold".to_owned()]));
}

#[test]
fn a_tag_that_is_not_known_cannot_be_asked_to_become_another() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let ws = fixture.ws;
    assert_eq!(desk.read(async move |tx| tags::get(tx, ws, "vip").await), None);
    assert!(desk.try_write(async move |tx| tags::ask(tx, ws, "vip", "", None).await).is_err());
}
