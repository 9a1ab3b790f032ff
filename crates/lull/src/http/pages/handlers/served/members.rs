//! What a member's page says of the cases that are theirs, above all when they leave.

use super::{OWNER, Served, VIEWER};
use crate::acts::Caller;
use crate::acts::agents::CreateAgent;
use domain::permission::Role;

#[tokio::test]
async fn whoever_leaves_open_cases_behind_is_not_let_go_without_a_word() {
    let served = Served::new().await;
    let act = CreateAgent {
        caller: Caller::engine(served.ws),
        name: "Bea <3".to_owned(),
        email: "bea@one.test".to_owned(),
        role: Role::Agent,
        capacity: None,
        auto_assign: false,
        password_hash: None,
    };
    let bea = served.db.write(act).await.expect("stored").expect("accepted").id;
    let (here, inbox) = (format!("/settings/members/{bea}"), format!("href=\"/inbox?assignee={bea}\">1 open case</a>"));
    let page = async || served.get(OWNER, &here).await.text;
    let save = async |active: &str| {
        let form = format!("name=Bea+%3C3&email=bea%40one.test&role=agent&capacity={active}");
        let page = served.post(OWNER, &here, &form).await;
        page.leads().1.to_owned()
    };
    assert!(!page().await.contains("open case"), "none is hers");
    assert_eq!(save("").await, "/settings/members", "nothing is left behind");
    assert_eq!(save("&active=on").await, "/settings/members");
    assert_eq!(served.post(OWNER, "/cases/1/assign", &format!("assignee={bea}&version=1")).await.status, 303);
    let told = page().await;
    assert!(told.contains(&inbox) && !told.contains("works here no longer"), "{told}");
    assert_eq!(save("").await, here, "the page that says so");
    let told = page().await;
    assert!(told.contains(&inbox) && told.contains("Bea &#60;3 works here no longer"), "{told}");
    assert!(served.get(VIEWER, &here).await.text.contains(&inbox), "for whoever may look at members");
    assert!(served.get(OWNER, &format!("/inbox?assignee={bea}")).await.text.contains("href=\"/cases/1"));
}
