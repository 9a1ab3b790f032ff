//! Being at a case without script: what is read and who is there, and what is typed when the session has ended.

use super::{OWNER, Served, VIEWER, request};
use crate::acts::Caller;
use crate::acts::agents::CreateAgent;
use crate::http::password;
use axum::body::Body;
use domain::permission::Role;
use store::feed;

const BEA: &str = "bea@one.test";
const SECRET: &str = "correct horse";

/// An agent with a password, signed in as well.
async fn bea(served: &Served) {
    let act = CreateAgent {
        caller: Caller::engine(served.ws),
        name: "Bea".to_owned(),
        email: BEA.to_owned(),
        role: Role::Agent,
        capacity: None,
        auto_assign: false,
        password_hash: Some(password::hash(SECRET.to_owned()).await.expect("hashed")),
    };
    served.db.write(act).await.expect("stored").expect("accepted");
    super::sign_in(&served.db, BEA).await;
}

/// Entries of the audit trail, and version and feed of case 1.
async fn traces(served: &Served) -> (usize, i64, usize) {
    let ws = served.ws;
    let found = served.db.read(move |tx| {
        Box::pin(async move {
            let case = store::cases::by_number(tx, ws, 1).await?.expect("case 1");
            let audit = store::audit::list(tx, ws, &Default::default(), None, 1_000).await?.len();
            Ok((audit, case.version, feed::latest(tx, ws, case.id, 1_000).await?.len()))
        })
    });
    found.await.expect("read")
}

#[tokio::test]
async fn a_case_is_unread_until_one_looks_and_looking_leaves_no_trace() {
    let served = Served::new().await;
    bea(&served).await;
    let before = traces(&served).await;
    let list = async |who| served.get(who, "/inbox?view=all").await.text;
    assert!(list(OWNER).await.contains("Unread: "));
    assert_eq!(served.get(OWNER, "/cases/1").await.status, 200);
    assert!(!list(OWNER).await.contains("Unread: "));
    assert!(list(BEA).await.contains("Unread: "), "she has not looked");
    assert_eq!(traces(&served).await, before);
}

#[tokio::test]
async fn who_looks_at_a_case_is_shown_to_others_until_they_leave() {
    let served = Served::new().await;
    bea(&served).await;
    let page = served.get(BEA, "/cases/1").await.text;
    assert!(!page.contains("Bea is here"));
    assert!(served.get(OWNER, "/cases/1").await.text.contains("Bea is here"));
    assert!(served.get(VIEWER, "/inbox?view=all").await.text.contains("Ann Okafor and Bea are here"));
    assert_eq!(served.post(BEA, "/cases/1/draft", "kind=note&text=hm").await.status, 204);
    assert!(served.get(OWNER, "/inbox?view=all").await.text.contains("Bea is writing"));
    assert!(served.get(OWNER, "/cases/1").await.text.contains("Bea is writing an internal note"));
    assert_eq!(served.post(BEA, "/cases/1/leave?since=1", "").await.status, 204);
    assert!(served.get(OWNER, "/cases/1").await.text.contains("Bea is writing"), "that was an older page");
    let leave = page.split("data-leave=\"").nth(1).expect("a way to leave").split('"').next().expect("its end");
    assert_eq!(served.post(BEA, &leave.replace("&amp;", "&"), "").await.status, 204);
    let after = served.get(OWNER, "/cases/1").await.text;
    assert!(!after.contains("Bea is"));
    assert!(after.contains("Bea has begun an internal note"));
}

/// What a page's hidden fields carry, as a form sends it.
fn hidden(page: &str) -> String {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for input in page.split("<input type=\"hidden\" ").skip(1) {
        let of = |name: &str| input.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let plain =
            |text: &str| text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&");
        fields.append_pair(of("name").expect("a name"), &plain(of("value").expect("a value")));
    }
    fields.finish()
}

#[tokio::test]
async fn a_reply_without_a_session_waits_in_the_sign_in_form_and_comes_back_as_a_draft() {
    let served = Served::new().await;
    bea(&served).await;
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("text", "Dear \"Ada\"\r\n<b>").finish();
    let ended = served.post("nobody", "/cases/1/reply", &form).await;
    assert_eq!(ended.status, 401);
    assert!(ended.text.contains("Your reply in case 1 was not sent"));
    let signed =
        |password: &str, more: &str| format!("email=bea%40one.test&password={}&{more}", password.replace(' ', "+"));
    let wrong = served.post("nobody", "/sign-in", &signed("wrong", &hidden(&ended.text))).await;
    assert_eq!(wrong.status, 422);
    let back = served.post("nobody", "/sign-in", &signed(SECRET, &hidden(&wrong.text))).await;
    assert_eq!(back.leads(), (303, "/cases/1#reply-text"));
    let page = served.get(BEA, "/cases/1").await.text;
    assert!(page.contains("Dear &#34;Ada&#34;\n&#60;b&#62;</textarea>"), "{page}");
    assert!(
        !page.contains("You replied") && !page.contains("<p class=\"by\"><strong dir=\"auto\">Bea"),
        "nothing was sent"
    );
}

#[tokio::test]
async fn a_sign_in_form_that_somebody_made_up_leads_nowhere_else_and_keeps_nothing_odd() {
    let served = Served::new().await;
    bea(&served).await;
    for (odd, leads) in [
        ("typed_case=//evil.test&typed_kind=reply&typed_text=x&next=//evil.test", "/inbox"),
        ("typed_case=1&typed_kind=close&typed_text=x", "/inbox"),
        ("typed_case=99&typed_kind=reply&typed_text=x", "/inbox"),
        ("typed_case=1&typed_kind=note&typed_text=hm", "/cases/1#note-text"),
    ] {
        let back =
            served.post("nobody", "/sign-in", &format!("email=bea%40one.test&password=correct+horse&{odd}")).await;
        assert_eq!(back.leads(), (303, leads), "{odd}");
    }
    let long =
        served.post("nobody", "/cases/1/note", &format!("text={}", "x".repeat(domain::message::TEXT_CHARS + 1))).await;
    assert!(long.text.contains("too long to be kept") && !long.text.contains("typed_text"));
    let elsewhere = request("POST", "nobody", "/sign-in").header("sec-fetch-site", "cross-site");
    assert_eq!(served.ask(elsewhere.body(Body::empty()).expect("a request")).await.status, 403);
}

#[tokio::test]
async fn a_draft_that_arrives_after_its_reply_was_sent_does_not_bring_it_back() {
    let served = Served::new().await;
    assert_eq!(served.post(OWNER, "/cases/1/reply", "text=On+its+way+to+you").await.status, 303);
    let typed = async |text: &str| {
        assert_eq!(served.post(OWNER, "/cases/1/draft", &format!("kind=reply&text={text}")).await.status, 204);
        served.get(OWNER, "/cases/1").await.text.matches("On its way").count()
    };
    let sent = typed("").await;
    assert_eq!(typed("On+its+way+to+you").await, sent, "in the conversation alone");
    assert_eq!(typed("On+its+way").await, sent);
    assert_eq!(typed("On+its+way,+again").await, sent + 1);
}
