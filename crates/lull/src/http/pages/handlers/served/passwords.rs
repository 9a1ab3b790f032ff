//! Passwords that members choose themselves: with a sign-in link, and on the page of settings.

use super::*;

async fn viewer(desk: &Served) -> AgentId {
    let ws = desk.ws;
    let members = desk.db.read(move |tx| Box::pin(async move { store::agents::list(tx, ws, None, 10).await }));
    members.await.expect("read").into_iter().find(|member| member.email == VIEWER).expect("a viewer").id
}

async fn link(desk: &Served, secret: &str) {
    let caller = Caller { actor: Actor::Agent(desk.owner), ..Caller::engine(desk.ws) };
    let act = CreateSignInLink { caller, agent: viewer(desk).await, hash: hash(secret) };
    desk.db.write(act).await.expect("stored").expect("accepted");
}

/// Whether the viewer may sign in with it.
async fn signs_in(desk: &Served, password: &str) -> bool {
    let page = desk.post("", "/sign-in", &format!("email=vic%40one.test&password={password}")).await;
    page.status == 303
}

fn session(page: &Page) -> String {
    page.header("set-cookie").split(['=', ';']).nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_link_lets_its_owner_choose_a_password_and_ends_what_was_begun_before() {
    let desk = Served::new().await;
    link(&desk, "link_1").await;
    link(&desk, "link_2").await;
    assert!(desk.get("", "/sign-in/link_1").await.text.contains("autocomplete=\"new-password\""));
    let short = desk.post("", "/sign-in/link_1", "password=short").await;
    assert!(short.status == 422 && short.text.contains("8 to 200 characters"), "{}", short.text);
    assert!(!short.text.contains("value=\"short\""), "a password is not sent back");
    let page = desk.post("", "/sign-in/link_1", "password=correct+horse").await;
    assert_eq!(page.leads(), (303, "/inbox"), "what was refused did not use the link up");
    assert_eq!(desk.get(&session(&page), "/inbox").await.status, 200);
    assert_eq!(desk.get(VIEWER, "/inbox").await.status, 303, "the older session is over");
    assert_eq!(desk.post("", "/sign-in/link_2", "").await.status, 410, "the other link is taken back");
    assert!(signs_in(&desk, "correct+horse").await);
    link(&desk, "link_3").await;
    assert_eq!(desk.post("", "/sign-in/link_3", "password=").await.status, 303);
    assert!(signs_in(&desk, "correct+horse").await, "an empty one leaves what there is");
}

#[tokio::test]
async fn a_member_sets_a_password_and_changes_it_by_showing_the_old_one() {
    let desk = Served::new().await;
    assert!(!desk.get(VIEWER, "/settings/password").await.text.contains("name=\"old\""), "there is none to show");
    assert_eq!(desk.post(VIEWER, "/settings/password", "new=short").await.status, 422);
    let set = desk.post(VIEWER, "/settings/password", "new=correct+horse").await;
    assert_eq!(set.leads(), (303, "/settings/password"));
    assert!(signs_in(&desk, "correct+horse").await);
    for old in ["", "wrong+horse"] {
        let form = format!("old={old}&new=battery+staple");
        let refused = desk.post(VIEWER, "/settings/password", &form).await;
        assert!(refused.status == 422 && refused.text.contains("This is not your password."), "{old}");
    }
    let elsewhere = desk.post("", "/sign-in", "email=vic%40one.test&password=correct+horse").await;
    link(&desk, "link_1").await;
    let changed = desk.post(VIEWER, "/settings/password", "old=correct+horse&new=battery+staple").await;
    assert_eq!(changed.status, 303);
    assert_eq!(desk.get(VIEWER, "/inbox").await.status, 200, "who changed it stays");
    assert_eq!(desk.get(&session(&elsewhere), "/inbox").await.status, 303, "whoever else is signed in does not");
    assert_eq!(desk.post("", "/sign-in/link_1", "").await.status, 410);
    assert!(!signs_in(&desk, "correct+horse").await && signs_in(&desk, "battery+staple").await);
    let trail = desk.get(OWNER, "/audit").await.text;
    assert!(trail.contains("Vic changed the password of Vic") && !trail.contains("staple"), "{trail}");
    assert_eq!(desk.get("", "/settings/password").await.status, 303, "nobody else sees it");
}
