//! The report pages render from samples: with figures and pictures, empty, faulty, and with names that break pages.

use super::layout::{Layout, Section};
use super::parts::{Choice, Status};
use super::reports::{
    CaseRow, CasesPage, Change, Column, Empty, Figure, GroupRow, GroupTable, Picker, Picture, Report, ReportsPage,
    SetFilter, Tab, TabLink, Table, Way,
};
use super::samples::{self, LONG, MARKUP, RTL};
use super::tests::{assert_contains, assert_ids_are_unique, assert_safe, html};
use crate::charts::{Bar, Frame, Paint, Size, compare};

fn layout() -> Layout {
    Layout { here: "/reports?period=7d".to_owned(), ..samples::layout(Section::Reports) }
}

fn choice(value: &str, label: &str, selected: bool) -> Choice {
    Choice::new(value, label, selected)
}

fn picker() -> Picker {
    Picker {
        action: "/reports".to_owned(),
        periods: vec![choice("7d", "Last 7 days", true), choice("custom", "Other days", false)],
        first: "2026-11-17".to_owned(),
        last: "2026-11-23".to_owned(),
        dates_error: None,
        compares: vec![choice("previous", "Period before", true)],
        buckets: vec![choice("day", "Day", true)],
        filters: vec![("agent", "Agent", vec![choice("", "Anyone", false), choice("agt_1", MARKUP, true)])],
        tag: MARKUP.to_owned(),
        kept: vec![("sort", "name".to_owned())],
        set: vec![SetFilter { label: "Agent", value: MARKUP.to_owned(), without_url: "/reports?tag=a".to_owned() }],
        clear_url: "/reports?period=7d".to_owned(),
    }
}

fn figures() -> Vec<Figure> {
    let change = Change { way: Way::Up, words: "12 more (4.0 %)".to_owned(), before: "300".to_owned() };
    let closed = Figure {
        label: "Cases closed",
        value: "312".to_owned(),
        parts: [("By people", "100"), ("By inactivity", "210"), ("By API", "2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        change: Some(change),
        definition: "Closings in these days.",
        dated_by: "closing",
        cases: Some(("Show the 312 closings".to_owned(), "/reports/cases?figure=total_cases_closed".to_owned())),
    };
    vec![closed, Figure { label: "Reopen rate", value: "–".to_owned(), ..Figure::default() }]
}

fn picture() -> Picture {
    let bars = [MARKUP, LONG, RTL].map(|name| Bar { name: name.to_owned(), parts: vec![3.0, 4.0, 1.0] });
    let paints = [(Paint::People, "By people"), (Paint::Inactivity, "By inactivity"), (Paint::Api, "By API")];
    let sizes = [Size::Full, Size::Narrow, Size::Paper];
    Picture {
        key: "compared",
        title: "Closed, compared",
        finding: format!("Most closings: {MARKUP} with 8."),
        note: Some("The 30 with the most closings.".to_owned()),
        drawings: sizes.map(|size| compare(Frame { id: "compared", size }, &paints, &bars)).to_vec(),
        full: true,
        svg_url: "/reports/agents/compared.svg?tag=a%26b".to_owned(),
        png_url: "/reports/agents/compared.png?tag=a%26b".to_owned(),
        table: Table {
            columns: vec!["Agent".to_owned(), "Closed".to_owned()],
            rows: vec![vec![MARKUP.to_owned(), "8".to_owned()]],
        },
    }
}

fn groups() -> GroupTable {
    let column = |label, url: &str, sorted| Column { label, url: url.to_owned(), sorted };
    GroupTable {
        caption: "2 agents".to_owned(),
        columns: vec![
            column("Agent", "/reports/agents?sort=name", None),
            column("Closed", "/reports/agents?sort=total_cases_closed", Some("descending")),
        ],
        rows: vec![
            GroupRow {
                name: MARKUP.to_owned(),
                url: Some("/reports?agent=agt_1".to_owned()),
                cells: vec!["8".to_owned()],
            },
            GroupRow { name: "No tag".to_owned(), url: None, cells: vec!["0".to_owned()] },
        ],
        totals: vec!["8".to_owned()],
    }
}

fn report() -> Report {
    Report {
        period: "17–23 Nov 2026".to_owned(),
        compared: Some("10–16 Nov 2026".to_owned()),
        zone: "Europe/Berlin".to_owned(),
        as_of: samples::hours(0),
        empty: None,
        figures: figures(),
        pictures: vec![picture()],
        groups: Some(groups()),
        csv_url: "/reports/overview/figures.csv?period=7d".to_owned(),
    }
}

fn page(report: Option<Report>) -> ReportsPage {
    let tabs = Tab::ALL.map(|tab| TabLink {
        label: tab.word(),
        url: format!("{}?period=7d", tab.path()),
        current: tab == Tab::Agents,
    });
    ReportsPage { layout: layout(), tab: Tab::Agents, tabs: tabs.to_vec(), picker: picker(), report }
}

fn cases() -> CasesPage {
    CasesPage {
        layout: layout(),
        back_url: "/reports?period=7d".to_owned(),
        label: "Closings",
        definition: "Closings in these days.",
        dated_by: "closing",
        period: "17–23 Nov 2026".to_owned(),
        filters: picker().set,
        range: "51–100 of 312".to_owned(),
        rows: vec![CaseRow {
            number: 17,
            title: MARKUP.to_owned(),
            customer: RTL.to_owned(),
            status: Status::Closed,
            queue: LONG.to_owned(),
            agent: "Nobody".to_owned(),
            at: samples::hours(-5),
            closed: "By inactivity".to_owned(),
            took: "2 h 05 min".to_owned(),
        }],
        first_url: Some("/reports/cases?figure=total_cases_closed".to_owned()),
        older_url: Some("/reports/cases?figure=total_cases_closed&cursor=1.2.3".to_owned()),
    }
}

#[test]
fn the_pages_keep_the_security_policy_whatever_names_agents_and_tags_have() {
    for page in [html(&page(Some(report()))), html(&page(None)), html(&cases())] {
        assert_safe(&page);
        assert_ids_are_unique(&page);
        assert_contains(&page, &["<!doctype html>", "href=\"/reports\" aria-current=\"page\"", "<h1>"]);
    }
}

#[test]
fn a_figure_says_its_change_its_definition_its_date_and_leads_to_its_cases() {
    assert_contains(
        &html(&page(Some(report()))),
        &[
            "<h3>Cases closed</h3>",
            "<strong>312</strong>",
            "<span aria-hidden=\"true\">▲</span> 12 more (4.0 %)",
            "before: 300",
            "<dt>By inactivity</dt><dd>210</dd>",
            "Closings in these days. <span>Counts by closing.</span>",
            "href=\"/reports/cases?figure=total_cases_closed\">Show the 312 closings</a>",
            "as of <time",
            "compared with 10–16 Nov 2026",
            "href=\"/reports/overview/figures.csv?period=7d\" download",
        ],
    );
}

#[test]
fn a_picture_is_a_finding_a_drawing_that_readers_pass_over_its_table_and_its_files() {
    let page = html(&page(Some(report())));
    assert_contains(
        &page,
        &[
            "<figcaption><h2>Closed, compared</h2><p>Most closings: &#60;script&#62;",
            "<svg class=\"chart wide\" viewBox",
            "<svg class=\"chart narrow\" viewBox",
            "<svg class=\"chart paper\" viewBox",
            "href=\"/reports/agents/compared.svg?tag=a%26b\" download",
            "href=\"/reports/agents/compared.png?tag=a%26b\" download",
            "<th scope=\"row\">&#60;script&#62;",
        ],
    );
    let drawings = page.matches("<svg class=\"chart").count();
    assert_eq!(page.matches("aria-hidden=\"true\" focusable=\"false\"").count(), drawings);
}

#[test]
fn a_table_of_groups_is_sorted_by_its_address_and_says_so() {
    assert_contains(
        &html(&page(Some(report()))),
        &[
            "<th scope=\"col\" aria-sort=\"descending\"><a href=\"/reports/agents?sort=total_cases_closed\">Closed</a>",
            "<th scope=\"col\"><a href=\"/reports/agents?sort=name\">Agent</a>",
            "<a href=\"/reports?agent=agt_1\"><bdi>",
            "<th scope=\"row\"><bdi>No tag</bdi></th>",
            "All cases",
        ],
    );
}

#[test]
fn what_is_asked_for_is_a_form_in_the_address_and_every_filter_can_be_taken_off() {
    assert_contains(
        &html(&page(Some(report()))),
        &[
            "method=\"get\" action=\"/reports\"",
            "name=\"sort\" value=\"name\"",
            "<option value=\"7d\" selected>",
            "name=\"first\" type=\"date\" value=\"2026-11-17\"",
            "name=\"compare\"",
            "name=\"bucket\"",
            "Filters (1)",
            "href=\"/reports?tag=a\"><span>Agent:",
            "Clear filters",
        ],
    );
    let fewer = Picker { compares: vec![], buckets: vec![], set: vec![], ..picker() };
    let page = html(&ReportsPage { picker: fewer, ..page(Some(report())) });
    assert!(!page.contains("name=\"compare\"") && !page.contains("name=\"bucket\"") && !page.contains("Clear filters"));
}

#[test]
fn days_that_cannot_be_are_said_beside_their_fields_and_nothing_is_counted() {
    let error = Some("The first day must not be after the last.".to_owned());
    let wrong = ReportsPage { picker: Picker { dates_error: error, ..picker() }, ..page(None) };
    let shown = html(&wrong);
    assert_contains(
        &shown,
        &["id=\"dates-error\" role=\"alert\"", "must not be after", "aria-describedby=\"dates-error\""],
    );
    assert!(!shown.contains("<figure") && !shown.contains("figures.csv"));
}

#[test]
fn the_two_empty_reports_say_two_different_things() {
    let shown = |empty| html(&page(Some(Report { empty: Some(empty), ..report() })));
    assert_contains(&shown(Empty::Quiet), &["Nothing happened in these days", "longer period"]);
    assert_contains(&shown(Empty::FilteredOut), &["No case matches the filters", "href=\"/reports?period=7d\""]);
    assert!(!shown(Empty::Quiet).contains("<figure"));
}

#[test]
fn the_cases_behind_a_figure_are_a_table_that_leads_to_each_and_back() {
    assert_contains(
        &html(&cases()),
        &[
            "<h1>Closings</h1>",
            "<a href=\"/reports?period=7d\">Reports</a>",
            "href=\"/cases/17\"",
            "By inactivity",
            "2 h 05 min",
            "51–100 of 312",
            "First page",
            "cursor=1.2.3",
        ],
    );
    assert_contains(&html(&CasesPage { rows: vec![], ..cases() }), &["No case is behind this figure"]);
}
