//! The pages as a browser without script asks for them: over HTTP, on a database of their own.

use crate::acts::Caller;
use crate::acts::agents::CreateAgent;
use crate::acts::channels::CreateChannel;
use crate::acts::receive_message::{ReceiveMessage, Sender};
use crate::acts::sign_in::{CreateSignInLink, SESSION, SignIn};
use crate::acts::workspaces::CreateOwner;
use crate::clock::TestClock;
use crate::desk::Desk;
use crate::engine::Engine;
use crate::random::hash;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};
use domain::closure::Actor;
use domain::id::{AgentId, WorkspaceId};
use domain::message::{Direction, Network};
use domain::permission::{Plan, Role};
use domain::time::Span;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Settings};
use tower::ServiceExt;

mod advice;

mod audit;
mod company;
mod members;
mod passwords;
mod reports;

/// Whoever these tests sign in; the session's secret is the e-mail address.
const OWNER: &str = "ann@one.test";
const VIEWER: &str = "vic@one.test";
const STRANGER: &str = "sue@two.test";

/// Two workspaces; the first has an owner, a viewer and case 1. The file lives as long as this does.
struct Served {
    router: Router,
    db: Db,
    clock: Arc<TestClock>,
    ws: WorkspaceId,
    owner: AgentId,
    _folder: tempfile::TempDir,
}

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Status and where it leads.
    fn leads(&self) -> (u16, &str) {
        (self.status, self.header("location"))
    }
}

async fn owner(db: &Db, workspace: &str, email: &str) -> store::agents::Agent {
    let act = CreateOwner {
        workspace: workspace.to_owned(),
        plan: Some(Plan::Advanced),
        name: "Ann Okafor".to_owned(),
        email: email.to_owned(),
        password_hash: "none".to_owned(),
    };
    db.write(act).await.expect("stored").expect("accepted")
}

async fn sign_in(db: &Db, email: &str) {
    let (email, session_hash) = (email.to_owned(), hash(email));
    let act = SignIn { email, session_hash, lasts: SESSION, address: None };
    db.write(act).await.expect("stored").expect("accepted");
}

impl Served {
    async fn new() -> Served {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock::starting_now());
        let url = store::DatabaseUrl::Sqlite(folder.path().join("lull.db"));
        let db = Db::open(&url, &Settings::default(), clock.clone()).await.expect("a database");
        let ann = owner(&db, "One", OWNER).await;
        owner(&db, "Two", STRANGER).await;
        let caller = Caller::engine(ann.workspace);
        let viewer = CreateAgent {
            caller: caller.clone(),
            name: "Vic".to_owned(),
            email: VIEWER.to_owned(),
            role: Role::Viewer,
            capacity: None,
            auto_assign: false,
            password_hash: None,
        };
        db.write(viewer).await.expect("stored").expect("accepted");
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let engine = Engine::new(Duration::from_secs(1));
        let desk = Desk::new(db.clone(), Some(clock.clone()), engine, metrics, None);
        for email in [OWNER, VIEWER, STRANGER] {
            sign_in(&db, email).await;
        }
        let router = crate::http::router(desk);
        let served = Served { router, db, clock, ws: ann.workspace, owner: ann.id, _folder: folder };
        served.first_case(caller).await;
        served
    }

    async fn first_case(&self, caller: Caller) {
        let channel =
            CreateChannel { caller: caller.clone(), name: "Shop".to_owned(), network: Network::X, queue: None };
        let channel = self.db.write(channel).await.expect("stored").expect("accepted").id;
        let name = Some("<b>Ada</b>".to_owned());
        let message = ReceiveMessage {
            caller,
            channel,
            external_id: "1".to_owned(),
            direction: Direction::Inbound,
            customer: Sender { external_id: "u_1".to_owned(), name, handle: None, fallback_handle: None },
            conversation: String::new(),
            text: "Where is it?".to_owned(),
            sent_at: None,
            automatic: false,
            author: None,
            history_at: None,
        };
        self.db.write(message).await.expect("stored").expect("accepted");
    }

    async fn ask(&self, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000))));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn get(&self, who: &str, path: &str) -> Page {
        self.ask(request("GET", who, path).body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, who: &str, path: &str, form: &str) -> Page {
        self.ask(posted(who, path).body(Body::from(form.to_owned())).expect("a request")).await
    }
}

fn request(method: &str, who: &str, path: &str) -> axum::http::request::Builder {
    let cookie = format!("lull_session={who}");
    Request::builder().method(method).uri(path).header("cookie", cookie).header("accept", "text/html")
}

fn posted(who: &str, path: &str) -> axum::http::request::Builder {
    request("POST", who, path).header("content-type", "application/x-www-form-urlencoded")
}

#[tokio::test]
async fn nobody_sees_a_page_before_signing_in_and_comes_back_to_it_afterwards() {
    let desk = Served::new().await;
    let page = desk.get("", "/cases/1?events=folded").await;
    assert_eq!(page.leads(), (303, "/sign-in?next=%2Fcases%2F1%3Fevents%3Dfolded"));
    assert_eq!(desk.get("unknown", "/inbox").await.leads(), (303, "/sign-in"));
    let form =
        posted("", "/cases/1/assign").header("referer", "http://desk.test/cases/1").body(Body::from("assignee=me"));
    assert_eq!(desk.ask(form.expect("a request")).await.leads(), (303, "/sign-in?next=%2Fcases%2F1"));
    let fragment = request("GET", "", "/inbox/list").header("hx-request", "true");
    let fragment = fragment.header("hx-current-url", "http://desk.test/inbox?view=mine").body(Body::empty());
    let fragment = desk.ask(fragment.expect("a request")).await;
    // A part does not lead away from what is being typed around it.
    assert_eq!((fragment.status, fragment.header("hx-retarget")), (200, "#flash"));
    assert!(fragment.text.contains("href=\"/sign-in?next=%2Finbox%3Fview%3Dmine\""), "{}", fragment.text);
}

#[tokio::test]
async fn another_workspace_s_case_is_not_there() {
    let desk = Served::new().await;
    assert_eq!(desk.get(OWNER, "/cases/1").await.status, 200);
    for path in ["/cases/1", "/cases/1/live", "/cases/1/thread"] {
        assert_eq!(desk.get(STRANGER, path).await.status, 404, "{path}");
    }
    for form in ["reply", "note", "status", "assign", "properties", "draft", "canned", "leave"] {
        let page = desk.post(STRANGER, &format!("/cases/1/{form}"), "text=x&kind=note&status=closed").await;
        assert_eq!(page.status, 404, "{form}");
    }
    let inbox = desk.get(STRANGER, "/inbox?view=all").await;
    assert!(inbox.text.contains("No case yet") && !inbox.text.contains("/cases/1"));
}

/// Forms of the settings that a viewer has no page of.
const SETTINGS: [&str; 8] = [
    "/cases/1/canned",
    "/settings/channels",
    "/settings/channels/chn_0000000000000",
    "/settings/canned",
    "/settings/canned/can_0000000000000",
    "/settings/tags",
    "/settings/tokens",
    "/settings/workspace",
];

#[tokio::test]
async fn a_viewer_reads_everything_and_changes_nothing() {
    let desk = Served::new().await;
    for path in ["/inbox", "/cases/1", "/settings/cases"] {
        assert_eq!(desk.get(VIEWER, path).await.status, 200, "{path}");
    }
    let before = desk.get(VIEWER, "/cases/1/thread").await.text;
    let forms = ["/cases/1/reply", "/cases/1/note", "/cases/1/status", "/cases/1/assign", "/cases/1/properties"];
    for path in forms
        .into_iter()
        .chain(["/cases/1/draft", "/settings/cases/auto-close", "/availability", "/test-clock/play"])
        .chain(SETTINGS)
    {
        let page =
            desk.post(VIEWER, path, "text=x&kind=note&status=closed&version=1&availability=online&speed=60").await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text.contains("Your role does not allow it"), "{path}");
    }
    assert_eq!(desk.get(VIEWER, "/cases/1/thread").await.text, before);
}

#[tokio::test]
async fn every_answer_carries_the_security_policy_and_customers_words_stay_out_of_caches() {
    let desk = Served::new().await;
    for path in ["/inbox", "/cases/1", "/settings/cases", "/sign-in", "/nowhere", "/cases/1/draft", "/cases/999"] {
        let page = desk.get(OWNER, path).await;
        assert!(page.header("content-security-policy").contains("default-src 'none'; script-src 'self'"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
    }
    let case = desk.get(OWNER, "/cases/1").await;
    assert!(case.text.contains("&#60;b&#62;Ada") && !case.text.contains("<b>Ada"), "a name is text");
}

#[tokio::test]
async fn what_cannot_be_found_is_a_page_for_browsers_and_a_problem_for_programs() {
    let desk = Served::new().await;
    let page = desk.get(OWNER, "/nowhere").await;
    assert!(page.status == 404 && page.text.contains("There is nothing here"));
    let plain = Request::get("/nowhere").body(Body::empty()).expect("a request");
    for problem in [desk.get(OWNER, "/v1/nowhere").await, desk.ask(plain).await] {
        assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"));
    }
    let wrong_method = desk.get(OWNER, "/sign-out").await;
    assert!(wrong_method.status == 405 && wrong_method.text.contains("only takes forms"));
}

#[tokio::test]
async fn a_fragment_is_only_itself_and_a_failed_one_leaves_the_page_as_it_is() {
    let desk = Served::new().await;
    for path in ["/inbox/list", "/cases/1/thread", "/cases/1/live"] {
        let page = desk.get(OWNER, path).await;
        assert!(page.status == 200 && !page.text.contains("<html"), "{path}");
    }
    let missing = request("GET", OWNER, "/cases/9/live").header("hx-request", "true").body(Body::empty());
    let missing = desk.ask(missing.expect("a request")).await;
    assert_eq!((missing.status, missing.header("hx-reswap")), (404, "none"));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_one_of_no_kind_too() {
    let desk = Served::new().await;
    let foreign = posted(OWNER, "/sign-out").header("sec-fetch-site", "cross-site").body(Body::empty());
    let foreign = desk.ask(foreign.expect("a request")).await;
    assert!(foreign.status == 403 && foreign.text.contains("came from another site"));
    assert_eq!(desk.get(OWNER, "/inbox").await.status, 200, "still signed in");
    let json = request("POST", OWNER, "/appearance").header("content-type", "application/json").body(Body::from("{}"));
    assert_eq!(desk.ask(json.expect("a request")).await.status, 415);
    assert_eq!(desk.post(OWNER, "/appearance", "theme=%FF").await.status, 400);
    assert_eq!(desk.post(OWNER, "/appearance", "theme=none").await.status, 422);
    assert_eq!(desk.post(OWNER, "/cases/1/note", &format!("text={}", "x".repeat(1 << 20))).await.status, 413);
    let nul = desk.post(OWNER, "/cases/1/note", "text=a%00b").await;
    assert!(nul.status == 422 && nul.text.contains("cannot be stored"));
}

#[tokio::test]
async fn a_link_signs_in_by_its_button_once() {
    let desk = Served::new().await;
    let caller = Caller { actor: Actor::Agent(desk.owner), ..Caller::engine(desk.ws) };
    let link = CreateSignInLink { caller, agent: desk.owner, hash: hash("link_1") };
    desk.db.write(link).await.expect("stored").expect("accepted");
    for _ in 0..2 {
        assert_eq!(desk.get("", "/sign-in/link_1").await.status, 200, "looking does not use it up");
    }
    let page = desk.post("", "/sign-in/link_1", "").await;
    assert_eq!(page.leads(), (303, "/inbox"));
    let cookie = page.header("set-cookie").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    let secret = cookie.split(['=', ';']).nth(1).unwrap_or_default();
    assert_eq!(desk.get(secret, "/inbox").await.status, 200);
    assert_eq!(desk.post("", "/sign-in/link_1", "").await.status, 410);
    desk.clock.move_by(Span::days(400));
    assert_eq!(desk.get(secret, "/inbox").await.status, 200, "the test clock signs nobody out");
    assert_eq!(desk.post(secret, "/sign-out", "").await.leads(), (303, "/sign-in"));
    assert_eq!(desk.get(secret, "/inbox").await.status, 303);
}

#[tokio::test]
async fn over_tls_the_cookie_stays_on_tls() {
    let desk = Served::new().await;
    let out = posted(OWNER, "/sign-out").header("x-forwarded-proto", "https").body(Body::empty());
    assert!(desk.ask(out.expect("a request")).await.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_row_says_why_its_case_will_not_close_and_a_closed_one_how_it_did() {
    let desk = Served::new().await;
    let inbox = desk.get(OWNER, "/inbox").await.text;
    assert!(inbox.contains("Will not close: auto close is off") && inbox.contains("Waits on us"));
    let closed = desk.post(OWNER, "/cases/1/status", "status=closed&version=1").await;
    assert_eq!(closed.leads(), (303, "/cases/1"));
    let inbox = desk.get(OWNER, "/inbox?view=closed").await.text;
    assert!(inbox.contains("by you") && !inbox.contains("Waits on us"));
    assert!(desk.get(OWNER, "/inbox").await.text.contains("All done here"));
}

#[tokio::test]
async fn a_search_that_finds_nothing_in_its_view_leads_to_the_same_among_all_cases() {
    let desk = Served::new().await;
    let mine = desk.get(OWNER, "/inbox?view=mine&q=where&priority=medium").await.text;
    let everywhere = "/inbox?view=all&q=where&priority=medium";
    assert!(mine.contains(&format!("href=\"{}\"", everywhere.replace('&', "&#38;"))), "{mine}");
    assert!(desk.get(OWNER, everywhere).await.text.contains("/cases/1"));
    assert!(desk.get(OWNER, "/inbox?view=all&q=Case+1").await.text.contains("/cases/1"), "as pages call it");
    let nowhere = desk.get(OWNER, "/inbox?view=all&q=nowhere").await.text;
    assert!(nowhere.contains("No case matches") && !nowhere.contains("Look in all cases"));
}

#[tokio::test]
async fn the_same_reply_sent_twice_by_a_double_press_is_one_message() {
    let desk = Served::new().await;
    let page = desk.get(OWNER, "/cases/1").await.text;
    let seen = page.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let form = format!("text=On+its+way&seen={seen}&then=stay");
    for _ in 0..2 {
        assert_eq!(desk.post(OWNER, "/cases/1/reply", &form).await.leads(), (303, "/cases/1"));
    }
    let thread = desk.get(OWNER, "/cases/1/thread").await.text;
    assert_eq!(thread.matches("On its way").count(), 1);
    let other = desk.post(OWNER, "/cases/1/reply", &form.replace("On+its+way", "Something+else")).await;
    assert!(
        other.status == 409 && other.text.contains("wrote while you typed") && other.text.contains("Something else")
    );
}

#[tokio::test]
async fn files_may_be_kept_for_ever_by_their_version_and_asked_for_by_their_tag() {
    let desk = Served::new().await;
    let sheet = desk.get("", "/assets/lull.css").await;
    assert_eq!((sheet.status, sheet.header("cache-control")), (200, "public, no-cache"));
    let known = Request::get("/assets/lull.css").header("if-none-match", sheet.header("etag")).body(Body::empty());
    let known = desk.ask(known.expect("a request")).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let page = desk.get("", "/sign-in").await.text;
    let files = page.split(['"']).filter(|part| part.starts_with("/assets/"));
    for file in files {
        let answer = desk.get("", file).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, "public, max-age=31536000, immutable"),
            "{file}"
        );
    }
    for missing in
        ["/assets/nothing.css", "/assets/../Cargo.toml", "/assets/vendor/README.md", "/assets/%2e%2e/Cargo.toml"]
    {
        assert_eq!(desk.get("", missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn keeping_open_does_not_overwrite_what_somebody_chose_meanwhile_and_keeps_what_was_typed() {
    let desk = Served::new().await;
    let was = |page: &str| {
        let value = page.split("name=\"was\" value=\"").nth(1).expect("what the form is over");
        value.split('"').next().expect("its end").to_owned()
    };
    let before = was(&desk.get(OWNER, "/cases/1").await.text);
    let kept = desk.post(OWNER, "/cases/1/keep-open", &format!("days=3&was={before}")).await;
    assert_eq!(kept.leads(), (303, "/cases/1"));
    let three_days = was(&desk.get(OWNER, "/cases/1").await.text);
    assert_ne!(three_days, before);
    let stale = desk.post(OWNER, "/cases/1/keep-open", &format!("days=7&reason=A+spare+part&was={before}")).await;
    assert_eq!(stale.status, 409);
    assert!(stale.text.contains("Somebody changed until when") && stale.text.contains("A spare part"));
    assert_eq!(was(&stale.text), three_days, "what was chosen holds");
    assert_eq!(desk.post(OWNER, "/cases/1/keep-open", &format!("days=0&was={three_days}")).await.status, 303);
    assert_eq!(was(&desk.get(OWNER, "/cases/1").await.text), before);
}
