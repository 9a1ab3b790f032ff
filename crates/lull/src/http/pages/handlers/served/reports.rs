//! The report pages over HTTP: who sees them, what they count, and their files.

use super::{OWNER, STRANGER, Served, VIEWER};

#[tokio::test]
async fn reports_are_for_every_role_and_count_only_their_own_workspace() {
    let desk = Served::new().await;
    let tabs = ["/reports", "/reports/agents", "/reports/queues", "/reports/channels", "/reports/tags"];
    for path in tabs {
        assert_eq!(desk.get("", path).await.status, 303, "{path}");
        for who in [OWNER, VIEWER] {
            let page = desk.get(who, path).await;
            assert!(page.status == 200 && page.text.contains("<figure"), "{who} {path}");
        }
        let elsewhere = desk.get(STRANGER, path).await;
        assert!(elsewhere.status == 200 && elsewhere.text.contains("Nothing happened in these days"), "{path}");
    }
    let found = desk.get(OWNER, "/reports?tag=unheard-of").await;
    assert!(found.text.contains("No case matches the filters"), "{}", found.text);
    for path in ["/reports/overview", "/reports/nothing", "/reports/agents/closed-over-time.svg", "/reports/tags/x.png"]
    {
        assert_eq!(desk.get(OWNER, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_closing_by_a_person_is_in_the_figures_the_pictures_the_files_and_the_list_behind() {
    let desk = Served::new().await;
    desk.post(OWNER, "/cases/1/status", "status=closed&version=1").await;
    let page = desk.get(OWNER, "/reports?period=today").await.text;
    for part in ["<dt>By people</dt><dd>1</dd>", "<dt>By inactivity</dt><dd>0</dd>", "Show the closing", "100.0 %"] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let agents = desk.get(OWNER, "/reports/agents?period=today").await.text;
    assert!(agents.contains("Most closings: Ann Okafor with 1, of them 1 by people, 0 by inactivity and 0 by API."));
    let cases = desk.get(OWNER, "/reports/cases?figure=total_cases_closed&period=today").await.text;
    assert!(cases.contains("href=\"/cases/1\"") && cases.contains("By people") && !cases.contains("Next"));
    let csv = desk.get(OWNER, "/reports/agents/figures.csv?period=today").await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains(".csv\""));
    let row = csv.text.lines().find(|line| line.contains("Ann Okafor")).unwrap_or_default();
    assert!(row.contains(",Ann Okafor,1,1,1,0,0,1,"), "{}", csv.text);
    let svg = desk.get(OWNER, "/reports/overview/closed-over-time.svg?period=today").await;
    assert_eq!((svg.status, svg.header("content-type")), (200, "image/svg+xml"));
    assert!(
        svg.text.contains(".people{fill:#073f52}") && svg.text.contains("<desc>1 closed: 1 by people (100.0 %)"),
        "{}",
        svg.text
    );
    let png = desk.get(OWNER, "/reports/overview/inbound-by-hour.png?period=today").await;
    assert_eq!((png.status, png.header("content-type")), (200, "image/png"));
    assert!(png.text.contains("PNG") && png.header("content-disposition").contains("inbound-by-hour-"));
}

#[tokio::test]
async fn an_address_that_cannot_be_a_report_is_refused_and_says_why() {
    let desk = Served::new().await;
    let wrong = "period=custom&first=2026-11-23&last=2026-11-01";
    for path in ["/reports", "/reports/tags"] {
        let page = desk.get(OWNER, &format!("{path}?{wrong}")).await;
        assert!(page.status == 422 && page.text.contains("The first day must not be after the last."), "{path}");
        assert!(page.text.contains("value=\"2026-11-23\""), "what was typed stays");
    }
    for path in ["/reports/overview/figures.csv", "/reports/overview/handle-time.png"] {
        assert_eq!(desk.get(OWNER, &format!("{path}?{wrong}")).await.status, 422, "{path}");
    }
    for figure in ["", "happiness"] {
        assert_eq!(desk.get(OWNER, &format!("/reports/cases?figure={figure}")).await.status, 422, "{figure}");
    }
    for (first, last) in [("0001-01-01", "0001-02-01"), ("9998-12-30", "9998-12-31")] {
        for path in ["/reports", "/reports/agents", "/reports/overview/closed-over-time.svg"] {
            let page =
                desk.get(OWNER, &format!("{path}?period=custom&first={first}&last={last}&compare=last_year")).await;
            assert_eq!(page.status, 200, "{path}: the ends of the calendar are days too");
        }
    }
    let hours = desk.get(OWNER, "/reports?period=year&bucket=hour").await;
    assert!(hours.status == 200 && !hours.text.contains("value=\"hour\""), "too fine a bucket is not offered");
}
