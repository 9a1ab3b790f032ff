//! The audit page over HTTP: who sees it, what its filters leave, and what it exports.

use super::*;
use crate::acts::change_policy::ChangePolicy;
use domain::audit::AuditEvent;
use domain::policy::{Overrides, Policy, Threshold};
use store::policies::WORKSPACE;
use store::{Command, Fault, Tx, audit};

/// Changes the threshold as the owner.
async fn threshold(desk: &Served, minutes: i64) {
    let caller =
        Caller { actor: Actor::Agent(desk.owner), name: Some("Ann <b>Okafor".to_owned()), ..Caller::engine(desk.ws) };
    let threshold = Threshold::from_minutes(minutes).ok();
    let settings = Overrides { threshold, ..Overrides::from(Policy::default()) };
    let act = ChangePolicy { caller, queue: WORKSPACE, settings: Some(settings), if_version: None };
    desk.db.write(act).await.expect("stored").expect("accepted");
}

/// Many entries of the engine's.
struct Many {
    workspace: WorkspaceId,
    entries: i64,
}

impl Command for Many {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Fault> {
        let cases: Vec<_> = (1..=self.entries).map(|n| (n, "{}".to_owned(), "{}".to_owned())).collect();
        audit::append_many(tx, self.workspace, AuditEvent::CaseAutoClosed, &cases).await
    }
}

fn entries(page: &Page) -> usize {
    page.text.matches("<li id=\"entry-").count()
}

/// The address that a link of the page with these words leads to.
fn link(page: &Page, words: &str) -> String {
    let before = page.text.split(words).next().unwrap_or_default();
    let href = before.rsplit("href=\"").next().unwrap_or_default();
    href.split('"').next().unwrap_or_default().replace("&#38;", "&")
}

#[tokio::test]
async fn the_trail_is_for_who_may_read_it() {
    let desk = Served::new().await;
    let page = desk.get(OWNER, "/audit").await;
    assert!(page.status == 200 && page.text.contains("opened case 1"), "{}", page.text);
    assert!(page.text.contains("<a href=\"/audit\" aria-current=\"page\">"));
    for path in ["/audit", "/audit/export?format=csv"] {
        assert_eq!(desk.get(VIEWER, path).await.status, 403, "{path}");
        assert_eq!(desk.get("", path).await.status, 303, "{path}");
    }
    assert!(!desk.get(VIEWER, "/inbox").await.text.contains("href=\"/audit\""), "nor a way there");
    assert!(!desk.get(STRANGER, "/audit").await.text.contains("case 1"), "each workspace has its own");
}

#[tokio::test]
async fn an_entry_is_told_as_a_sentence_with_the_name_kept_in_it() {
    let desk = Served::new().await;
    threshold(&desk, 2_880).await;
    let page = desk.get(OWNER, "/audit?event=CASE_SETTINGS_UPDATED").await;
    assert_eq!(entries(&page), 1);
    assert!(page.text.contains("Ann &#60;b&#62;Okafor changed the threshold from 24 h to 2 days"), "{}", page.text);
    assert!(page.text.contains("<summary>CASE_SETTINGS_UPDATED</summary>") && page.text.contains(" UTC</time>"));
}

#[tokio::test]
async fn filters_stand_in_the_address_and_the_export_is_what_they_leave() {
    let desk = Served::new().await;
    threshold(&desk, 2_880).await;
    let ann = desk.owner.to_string();
    for (query, found) in [
        ("object=case&id=1", 1),
        ("object=case&id=9", 0),
        (&format!("actor={ann}&event=SIGNED_IN"), 1),
        ("q=settings+OKAFOR", 1),
        ("q=settings+nobody", 0),
        ("from=2000-01-01&to=2000-01-02", 0),
        ("from=2000-01-01&object=case", 1),
    ] {
        let page = desk.get(OWNER, &format!("/audit?{query}")).await;
        assert_eq!(entries(&page), found, "{query}");
        let export = desk.get(OWNER, &link(&page, ">Export JSON Lines<")).await;
        assert_eq!((export.status, export.header("content-type")), (200, "application/x-ndjson"), "{query}");
        assert_eq!(export.text.lines().count(), found, "{query}");
        assert!(export.header("content-disposition").contains("audit-log.jsonl"));
    }
    let page = desk.get(OWNER, "/audit?event=AUDIT_EXPORTED").await;
    assert!(entries(&page) == 7 && page.text.contains("exported the audit trail as JSON Lines"));
    assert_eq!(desk.get(OWNER, "/audit/export?format=xlsx").await.status, 422);
}

#[tokio::test]
async fn pages_lead_to_the_beginning_and_what_is_rare_is_found_behind_what_is_not() {
    let desk = Served::new().await;
    desk.db.write(Many { workspace: desk.ws, entries: 1_000 }).await.expect("stored");
    let rare = desk.get(OWNER, "/audit?event=WORKSPACE_CREATED").await;
    assert_eq!(entries(&rare), 1, "beyond the first windows");
    assert!(!rare.text.contains("Look further") && !rare.text.contains(">Older<"));
    let (mut page, mut seen, mut turns) = (desk.get(OWNER, "/audit").await, 0, 0);
    loop {
        seen += entries(&page);
        if !page.text.contains(">Older<") {
            break;
        }
        turns += 1;
        assert!(turns < 100, "the pages end");
        page = desk.get(OWNER, &link(&page, ">Older<")).await;
        assert!(page.text.contains("Newest</a>"));
    }
    let export = desk.get(OWNER, "/audit/export?format=jsonl").await;
    assert_eq!(seen, export.text.lines().count(), "each entry once");
    assert!(seen > 1_000);
}
