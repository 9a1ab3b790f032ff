//! What a mail says, and what stands in its headings whatever a customer or a member is called.

use super::{Mailer, TOO_SLOW, Unsent, letter};
use crate::clock::within;
use domain::id::WorkspaceId;
use domain::notice::Notice;
use domain::time::Timestamp;
use std::time::Duration;
use store::mails::Mail;

fn mail() -> Mail {
    Mail {
        workspace: WorkspaceId(7),
        id: 12,
        notice: Notice::Assigned,
        case_number: 17,
        cases: 1,
        at: Timestamp::from_millis(1_700_000_000_000),
        attempts: 1,
        to_name: "Ada".to_owned(),
        to_address: "ada@desk.test".to_owned(),
        active: true,
        by_name: Some("Bea".to_owned()),
        workspace_name: "Acme".to_owned(),
        case_title: "When can I pre-order?".to_owned(),
    }
}

fn written(mail: &Mail) -> String {
    let from = "Lull <desk@acme.test>".parse().expect("an address");
    let letter = letter::write(mail, &from, "https://desk.acme.test").expect("a letter");
    String::from_utf8(letter.formatted()).expect("what is sent is plain")
}

#[test]
fn a_mail_says_what_happened_where_to_look_and_that_nobody_answers_it() {
    let text = written(&mail());
    for part in [
        "Subject: [Acme] Bea gave you case 17: When can I pre-order?\r\n",
        "From: Lull <desk@acme.test>\r\n",
        "To: Ada <ada@desk.test>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Message-ID: <12.wsp_",
        "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
        "https://desk.acme.test/cases/17\r\n",
        "https://desk.acme.test/settings/notifications\r\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert_eq!(text, written(&Mail { attempts: 9, ..mail() }), "every attempt is the same mail");
}

#[test]
fn a_mail_about_many_cases_names_one_and_says_how_many_there_are() {
    let text = written(&Mail { cases: 25, ..mail() });
    assert!(text.contains("Subject: [Acme] Bea gave you case 17 and 24 more: When can I pre-order?\r\n"), "{text}");
}

#[test]
fn nothing_that_somebody_is_called_ends_a_heading_or_begins_another() {
    let evil = "x\r\nBcc: all@victim.test\r\n\r\nHello\u{202e}";
    let text = written(&Mail {
        case_title: evil.repeat(50),
        to_name: evil.to_owned(),
        workspace_name: evil.to_owned(),
        by_name: Some(evil.to_owned()),
        ..mail()
    });
    let (head, _) = text.split_once("\r\n\r\n").expect("a head and a body");
    for line in head.lines() {
        assert!(!line.to_lowercase().starts_with("bcc"), "{head}");
        assert!(line.len() < 1_000, "{line}");
    }
    assert_eq!(head.lines().filter(|line| line.starts_with("To:")).count(), 1);
}

#[test]
fn an_address_that_mail_cannot_go_to_is_said_so() {
    let from = "desk@acme.test".parse().expect("an address");
    for address in ["a,b@c", "a@b\r\nc", "<a@b>", ""] {
        let mail = Mail { to_address: address.to_owned(), ..mail() };
        assert!(letter::write(&mail, &from, "https://desk").is_err(), "{address:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused_without_telling_a_password() {
    let from = "Lull <desk@acme.test>";
    for (url, from, public) in [
        ("http://mail.test", from, "https://desk"),
        ("mail.test:25", from, "https://desk"),
        ("smtp://user:secret@mail test", from, "https://desk"),
        ("smtp://user:secret@mail.test?tls=sometimes", from, "https://desk"),
        ("smtp://mail.test", "nobody", "https://desk"),
        ("smtp://mail.test", from, "desk"),
        ("smtp://mail.test", from, "https://"),
    ] {
        let refused = Mailer::new(url, from, public).err().unwrap_or_else(|| panic!("{url} {from} {public} is taken"));
        assert!(!refused.contains("secret"), "{refused}");
    }
    for url in ["smtp://localhost:25", "smtps://user:secret@mail.test", "smtp://user:p%40ss@mail.test:587?tls=required"]
    {
        Mailer::new(url, from, "https://desk.acme.test/").unwrap_or_else(|refused| panic!("{url}: {refused}"));
    }
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_says_nothing_is_left_after_a_while() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("smtp://{}", silent.local_addr().expect("an address"));
    let mut mailer = Mailer::new(&url, "desk@acme.test", "https://desk").expect("what can be sent with");
    mailer.patience = Duration::from_millis(50);
    let tried = within(Duration::from_secs(60), async { (mailer.send(&mail()).await, mailer.try_out().await) }).await;
    let away = Err(Unsent::Away(TOO_SLOW.to_owned()));
    assert_eq!(tried, Some((away, Err(TOO_SLOW.to_owned()))));
    assert_eq!(mailer.troubled().as_deref(), Some(TOO_SLOW));
}
