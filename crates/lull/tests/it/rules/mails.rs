//! Being told by e-mail: through a real mail server, and what becomes of mails while there is none.

use crate::support::desk::Place;
use crate::support::process::{Server, lull, run};
use crate::support::smtp::{MailServer, Mood, Received};
use crate::support::{Desk, Member};
use serde_json::{Value, json};

/// A desk that sends mails, by the test clock.
fn desk_with(server: &MailServer) -> Desk {
    Place::new().open(&[
        "--test-clock",
        "--smtp-url",
        &server.url(),
        "--mail-from",
        "Lull <desk@care.test>",
        "--public-url",
        "https://care.test/",
    ])
}

fn address(desk: &Desk, member: &Member) -> String {
    let agents = desk.all("/v1/agents");
    let found = agents.iter().find(|agent| agent["id"] == member.id.as_str()).expect("a member");
    found["email"].as_str().expect("an address").to_owned()
}

fn assigned(desk: &Desk, ada: &Member) -> i64 {
    let case = desk.open_case();
    desk.assign(case, &ada.id);
    case
}

fn wants(member: &Member, kind: &str, email: bool) {
    let body = json!({kind: {"in_page": true, "email": email}});
    member.put("/v1/notifications/preferences", &body).expect(200);
}

#[test]
fn who_is_given_a_case_gets_one_mail_that_says_so() {
    let server = MailServer::start(Mood::Takes);
    let desk = desk_with(&server);
    let ada = desk.agent("Ada", None);
    let case = assigned(&desk, &ada);
    desk.run_due();
    let mail = server.next();
    assert_eq!(mail.to, [address(&desk, &ada)]);
    assert_eq!(mail.from, "desk@care.test");
    assert_eq!(mail.heading("From"), Some("Lull <desk@care.test>"));
    assert_eq!(mail.heading("Auto-Submitted"), Some("auto-generated"));
    assert!(mail.heading("Message-ID").is_some_and(|id| id.ends_with("@care.test>")), "{}", mail.text);
    assert!(mail.heading("Subject").is_some_and(|s| s.contains(&format!("case {case}"))), "{}", mail.text);
    assert!(mail.text.contains(&format!("https://care.test/cases/{case}")), "{}", mail.text);
    desk.advance_minutes(600);
    assert_eq!(server.rest().len() + server.tried(), 1, "once");
}

#[test]
fn each_kind_is_mailed_to_who_wants_it_and_not_otherwise() {
    let server = MailServer::start(Mood::Takes);
    let desk = desk_with(&server);
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    let subjects = || {
        desk.run_due();
        let told: Vec<Received> = server.rest();
        told.iter().map(|mail| mail.heading("Subject").unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let case = desk.case_of("one");
    assert_eq!(subjects().len(), 0, "new cases are mailed to who asks for it");
    wants(&ada, "case_created", true);
    desk.case_of("two");
    assert!(subjects()[..].iter().all(|s| s.contains("new in your queue")), "to Ada alone");
    desk.assign(case, &ada.id);
    assert_eq!(subjects().len(), 1);
    desk.writes_again("one");
    assert_eq!(subjects().len(), 0, "a reply is mailed to who asks for it");
    for (kind, act) in [
        ("message_received", (|desk, _, _| drop(desk.writes_again("one"))) as fn(&Desk, &Member, i64)),
        ("case_closed", |_, bea, case| drop(bea.close(case))),
        ("case_reopened", |desk, _, _| drop(desk.writes_again("one"))),
    ] {
        wants(&ada, kind, true);
        act(&desk, &bea, case);
        assert_eq!(subjects().len(), 1, "{kind}");
    }
    wants(&ada, "case_assigned", false);
    desk.change(case, &json!({"assignee": null}));
    desk.assign(case, &ada.id);
    ada.reply(case, "My own.");
    assert_eq!(subjects().len(), 0, "switched off, or one's own act");
}

#[test]
fn who_is_given_many_cases_in_one_act_is_told_few_times_and_how_many() {
    let server = MailServer::start(Mood::Takes);
    let desk = desk_with(&server);
    let ada = desk.agent("Ada", None);
    let cases: Vec<i64> = (0..30).map(|n| desk.case_of(&format!("customer {n}"))).collect();
    let many = |changes: Value| desk.post("/v1/cases/bulk", &json!({"numbers": cases, "changes": changes})).expect(200);
    let given = many(json!({"assignee": ada.id}));
    desk.run_due();
    let mails = server.rest().len();
    assert!((1..=2).contains(&mails), "{mails} mails for one act");
    let told = ada.all("/v1/notifications?limit=100");
    let counted: i64 = told.iter().filter_map(|note| note["data"]["cases"].as_i64()).sum();
    assert_eq!((told.len(), counted), (mails, 30), "{told:?}");
    many(json!({"status": "closed"}));
    many(json!({"status": "open"}));
    desk.run_due();
    let told = ada.all("/v1/notifications?limit=100");
    let of = |event: &str| told.iter().filter(|note| note["event"] == event).count();
    assert!((1..=2).contains(&of("case_closed")) && (1..=2).contains(&of("case_reopened")), "{told:?}");
    desk.post(&format!("/v1/cases/bulk/{}/undo", given["id"].as_str().expect("an id")), &json!({})).expect(200);
    assert!(server.rest().len() <= 4);
}

#[test]
fn a_server_that_is_away_or_full_is_tried_again_and_nothing_else_suffers() {
    let server = MailServer::start(Mood::Full);
    let desk = desk_with(&server);
    let ada = desk.agent("Ada", None);
    let case = assigned(&desk, &ada);
    desk.run_due();
    assert_eq!((server.tried(), server.rest().len()), (1, 0));
    assert_eq!(ada.notified(case), 1, "in the desk they are told at once");
    let ready = desk.get("/readyz").expect(200);
    assert!(ready["failing_tasks"]["send_mails"].as_str().is_some_and(|why| why.contains("452")), "{ready}");
    desk.run_due();
    assert_eq!(server.tried(), 1, "not before its time");
    desk.advance_minutes(10);
    let tried = server.tried();
    assert!(tried > 1, "tried again");
    server.becomes(Mood::Takes);
    desk.advance_minutes(30);
    assert_eq!(server.rest().len(), 1);
    assert_eq!(server.tried(), tried + 1);
    assert_eq!(desk.get("/readyz").expect(200)["failing_tasks"]["send_mails"], Value::Null);
}

#[test]
fn a_mail_is_given_up_after_half_a_day_and_that_can_be_seen() {
    let server = MailServer::start(Mood::Full);
    let mut desk = desk_with(&server);
    let ada = desk.agent("Ada", None);
    assigned(&desk, &ada);
    desk.advance_minutes(3 * 24 * 60);
    let tried = server.tried();
    assert!((3..20).contains(&tried), "tried {tried} times");
    server.becomes(Mood::Takes);
    desk.advance_minutes(3 * 24 * 60);
    assert_eq!((server.tried(), server.rest().len()), (tried, 0), "it is news no more");
    let said = desk.server.kill();
    assert!(said.contains("mail.given_up"), "{said}");
    assert!(!said.contains("@desk.test"), "no address in the log (T4): {said}");
    let checked =
        run(lull(&["check", "--database", &desk.place.database(), "--smtp-url", &server.url()]), "").succeeded();
    assert!(checked.stdout.contains("e-mail     ok"), "{}", checked.stdout);
}

#[test]
fn who_a_server_refuses_for_good_is_not_tried_again() {
    let server = MailServer::start(Mood::Refuses);
    let desk = desk_with(&server);
    let (ada, bea) = (desk.agent("Ada", None), desk.agent("Bea", None));
    assigned(&desk, &ada);
    assigned(&desk, &bea);
    desk.advance_minutes(24 * 60);
    assert_eq!(server.tried(), 2, "each once");
}

#[test]
fn who_left_gets_no_mail_any_more() {
    let server = MailServer::start(Mood::Full);
    let desk = desk_with(&server);
    let ada = desk.agent("Ada", None);
    assigned(&desk, &ada);
    desk.run_due();
    desk.patch(&format!("/v1/agents/{}", ada.id), &json!({"active": false})).expect(200);
    server.becomes(Mood::Takes);
    desk.advance_minutes(24 * 60);
    assert_eq!((server.tried(), server.rest().len()), (1, 0));
}

/// By the process's own clock, as in earnest, and with what was left unsent when the process ended.
#[test]
fn a_mail_that_was_not_sent_when_the_process_ended_is_sent_by_the_next() {
    let place = Place::new();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let mut desk = place.open(&["--smtp-url", &format!("smtp://{nowhere}")]);
    let ada = desk.agent("Ada", None);
    let case = assigned(&desk, &ada);
    let told = (0..20_000).any(|_| desk.get("/readyz").expect(200)["failing_tasks"]["send_mails"].is_string());
    assert!(told, "nobody answers there, and the desk says so");
    assert_eq!(desk.case(case)["assignee"], ada.id.as_str(), "nothing else suffers");
    desk.server.kill();
    let mail_server = MailServer::start(Mood::Takes);
    let next = Server::start(&desk.place.database(), &["--smtp-url", &mail_server.url()]);
    desk.take_over(next);
    assert_eq!(mail_server.next().to, [address(&desk, &ada)], "after its pause");
}

#[test]
fn without_a_mail_server_nothing_is_written_for_one() {
    let desk = Desk::start();
    let ada = desk.agent("Ada", None);
    let case = assigned(&desk, &ada);
    assert_eq!(ada.notified(case), 1);
    let place = desk.place;
    drop(desk.server);
    let server = MailServer::start(Mood::Takes);
    let again = place.open(&["--test-clock", "--smtp-url", &server.url()]);
    again.advance_minutes(24 * 60);
    assert_eq!(server.tried(), 0, "old news is not mailed by a desk that has got a mail server since");
}

#[test]
fn a_wrong_address_of_a_mail_server_is_told_at_the_start_without_its_password() {
    let place = Place::new();
    for (url, from) in [
        ("mail.test:25", "desk@care.test"),
        ("http://user:s3cret@mail.test", "desk@care.test"),
        ("smtp://user:s3cret@mail test", "desk@care.test"),
        ("smtp://user:s3cret@mail.test", "not an address"),
    ] {
        let arguments = [
            "serve",
            "--database",
            &place.database(),
            "--listen",
            "127.0.0.1:0",
            "--smtp-url",
            url,
            "--mail-from",
            from,
        ];
        let refused = run(lull(&arguments), "").refused();
        assert!(refused.stderr.contains("LULL_SMTP_URL"), "{refused:?}");
        assert!(!refused.said().contains("s3cret"), "{refused:?}");
    }
}

#[test]
fn check_says_whether_mails_can_leave() {
    let place = Place::new();
    let check = |more: &[&str]| {
        let database = place.database();
        run(lull(&[&["check", "--database", database.as_str()], more].concat()), "")
    };
    assert!(check(&[]).succeeded().stdout.contains("e-mail     off"));
    let server = MailServer::start(Mood::Takes);
    assert!(check(&["--smtp-url", &server.url()]).succeeded().stdout.contains("e-mail     ok"));
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let failed = check(&["--smtp-url", &format!("smtp://user:s3cret@{nowhere}")]).refused();
    assert!(failed.stderr.contains("e-mail") && !failed.said().contains("s3cret"), "{failed:?}");
}
