//! The list of cases where a plain search says too little: pages under insertion, names, patterns, the current closure.

use crate::case_list::pages;
use crate::support::{Desk, Fixture, at, case};
use domain::case::Status;
use domain::closure::ClosingReason;
use domain::time::Span;
use store::case_list::{self, Filter, Key, Position, Sort, containing};
use store::cases::Case;
use store::closures::{self, Closure};

const BY_ACTIVITY: Sort = Sort { key: Key::LastActivityAt, descending: true };

/// Writes the cases; the numbers of a list of them come from [`numbers`].
fn store(desk: &Desk, fixture: &Fixture, cases: &[Case]) {
    cases.iter().for_each(|case| fixture.store(desk, case));
}

fn numbers(desk: &Desk, fixture: &Fixture, filter: &Filter) -> Vec<i64> {
    let listed = pages(desk, fixture.ws, filter, BY_ACTIVITY, &[], 100);
    listed.iter().map(|listed| listed.case.number).collect()
}

#[test]
fn pages_are_stable_while_rows_are_inserted_between_them() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    // All in the same millisecond, so that the id alone orders them.
    let cases: Vec<Case> = (1..=30).map(|n| case(&fixture, 2 * n, at(0))).collect();
    for (key, descending) in [Key::LastActivityAt, Key::CreatedAt, Key::ClosesAt, Key::Number]
        .into_iter()
        .flat_map(|k| [(k, false), (k, true)])
    {
        let desk = Desk::new();
        let fixture = Fixture::new(&desk);
        cases.iter().for_each(|case| fixture.store(&desk, case));
        let sort = Sort { key, descending };
        let (mut seen, mut after) = (Vec::new(), None::<Position>);
        for step in 0..20 {
            let ws = fixture.ws;
            let filter = Filter::default();
            let page = desk.read(async move |tx| case_list::page(tx, ws, &filter, sort, &[], after, 4).await).rows;
            let Some(last) = page.last() else { break };
            after = Some(last.position(sort));
            seen.extend(page.iter().map(|listed| listed.case.number));
            // A neighbour before what was seen and one after it.
            for number in [2 * step + 1, 61 - 2 * step] {
                let late = case(&fixture, number, at(0));
                let is_new = desk.number(&format!("select count(*) from cases where number = {number}")) == 0;
                if is_new {
                    fixture.store(&desk, &late);
                }
            }
        }
        let mut old: Vec<i64> = seen.iter().copied().filter(|number| number % 2 == 0).collect();
        if descending {
            old.reverse();
        }
        assert_eq!(old, (1..=30).map(|n| 2 * n).collect::<Vec<_>>(), "{sort:?}: each old row exactly once, in order");
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort:?}: no row twice");
    }
}

#[test]
fn a_page_shows_the_customers_name_beside_the_case() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    store(&desk, &fixture, &[case(&fixture, 1, at(0))]);
    let listed = pages(&desk, fixture.ws, &Filter::default(), BY_ACTIVITY, &[], 10);
    assert_eq!(listed.len(), 1);
    let names = (listed[0].customer_name.as_deref(), listed[0].customer_handle.as_deref());
    assert_eq!(names, (Some("Ada"), Some("@ada")));
    assert_eq!(listed[0].closes_at, None, "auto close is off");
}

#[test]
fn a_closing_reason_is_asked_of_the_closure_that_holds_now() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let open_again = Case { reopen_count: 1, ..case(&fixture, 1, at(0)) };
    let closed_twice = Case { reopen_count: 1, status: Status::Closed, ..case(&fixture, 2, at(0)) };
    for (case, period, reason) in [
        (&open_again, 0, ClosingReason::Inactivity),
        (&closed_twice, 0, ClosingReason::Inactivity),
        (&closed_twice, 1, ClosingReason::Manual),
    ] {
        let then = Case { reopen_count: period, ..case.clone() };
        let closed_at = at(period);
        let closure = Closure {
            closed_at,
            reason,
            closed_by: None,
            credited_agent: None,
            threshold_minutes: None,
            reopened_at: None,
        };
        desk.write(async move |tx| closures::insert(tx, &then, Status::Open, &closure).await);
    }
    store(&desk, &fixture, &[open_again, closed_twice]);
    let closed_by = |reason| Filter { closed_reason: Some(reason), ..Filter::default() };
    assert_eq!(numbers(&desk, &fixture, &closed_by(ClosingReason::Inactivity)), [] as [i64; 0]);
    assert_eq!(numbers(&desk, &fixture, &closed_by(ClosingReason::Manual)), [2]);
}

#[test]
fn what_a_pattern_would_take_for_more_is_taken_by_the_letter() {
    assert_eq!(containing("50%_\\"), "%50\\%\\_\\\\%");
    assert_eq!(containing("ÄrGER"), "%ärger%");
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let titled = |n, title: &str| Case { title: title.to_owned(), ..case(&fixture, n, at(n)) };
    let cases = [titled(1, "50% off"), titled(2, "500 off"), titled(3, "ΟΔΥΣΣΕΥΣ"), titled(4, "ПРИВЕТ")];
    store(&desk, &fixture, &cases);
    let saying = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() };
    assert_eq!(numbers(&desk, &fixture, &saying("50%")), [1]);
    assert_eq!(numbers(&desk, &fixture, &saying("50")), [2, 1], "a word may go on where it was left off");
    assert_eq!(numbers(&desk, &fixture, &saying("привет")), [4], "letters beyond English have two cases too");
    assert_eq!(numbers(&desk, &fixture, &saying("οδυσσευσ")), [3]);
    assert_eq!(numbers(&desk, &fixture, &saying("#2")), [2], "a number names its case");
}

#[test]
fn a_tag_inside_another_tag_is_not_that_tag() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    let tagged = |n, tag: &str| Case { tags: vec![tag.to_owned()], ..case(&fixture, n, at(n)) };
    let cases =
        vec![tagged(1, "vip"), tagged(2, "vip 2"), tagged(3, "x \"vip"), tagged(4, "x\",\"vip"), tagged(5, "v_p")];
    store(&desk, &fixture, &cases);
    let with = |tag: &str| Filter { tag: Some(tag.to_owned()), ..Filter::default() };
    assert_eq!(numbers(&desk, &fixture, &with("vip")), [1]);
    assert_eq!(numbers(&desk, &fixture, &with("v_p")), [5]);
    assert_eq!(numbers(&desk, &fixture, &with("x\",\"vip")), [4]);
}

#[test]
fn a_list_shows_one_workspace_alone() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    store(&desk, &fixture, &[case(&fixture, 1, at(0))]);
    let stranger = desk.write(async |tx| Fixture::insert(tx, 2).await);
    assert_eq!(numbers(&desk, &fixture, &Filter::default()), [1]);
    assert_eq!(numbers(&desk, &stranger, &Filter::default()), [] as [i64; 0]);
    let count = |ws| desk.read(async move |tx| case_list::count(tx, ws, &Filter::default(), &[], 9).await);
    assert_eq!((count(fixture.ws), count(stranger.ws)), (1, 0));
}

#[test]
fn updated_after_means_after() {
    let desk = Desk::new();
    let fixture = Fixture::new(&desk);
    store(&desk, &fixture, &[case(&fixture, 1, at(0))]);
    let after = |updated_after| Filter { updated_after: Some(updated_after), ..Filter::default() };
    assert_eq!(numbers(&desk, &fixture, &after(at(0))), [] as [i64; 0]);
    assert_eq!(numbers(&desk, &fixture, &after(at(0).minus(Span::from_micros(1)))), [1]);
}
