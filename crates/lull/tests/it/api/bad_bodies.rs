//! Bodies and addresses that no honest client sends: a 4xx with a code, never a 500, and nothing half-written.

use crate::support::{Client, Desk, inbound, raw};
use serde_json::json;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
/// One mebibyte, the largest body.
const LIMIT: usize = 1 << 20;

fn send(client: &Client, body: &[u8]) -> crate::support::Answer {
    client.send("POST", "/v1/messages", &JSON, Some(body))
}

#[track_caller]
fn assert_untouched(desk: &Desk) {
    assert_eq!(desk.all("/v1/cases").len() + desk.all("/v1/customers").len(), 0);
}

#[test]
fn malformed_json_is_400() {
    let desk = Desk::start();
    for body in [
        "",
        " ",
        "{",
        "}",
        "{\"text\": }",
        "nonsense",
        "{\"a\": 1} trailing",
        "{'a': 1}",
        "[1,",
        "\"\\ud800\"",
        "{\"a\": 01}",
    ] {
        send(&desk, body.as_bytes()).problem(400, "malformed_json");
    }
    assert_untouched(&desk);
}

#[test]
fn json_that_is_no_object_is_refused() {
    let desk = Desk::start();
    for body in ["[]", "null", "7", "\"text\"", "true", "[{}]"] {
        let answer = send(&desk, body.as_bytes());
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.status);
    }
}

#[test]
fn json_nested_very_deeply_is_400_and_does_not_bring_the_server_down() {
    let desk = Desk::start();
    for body in ["[".repeat(200_000), "{\"a\":".repeat(100_000)] {
        send(&desk, body.as_bytes()).problem(400, "malformed_json");
    }
    desk.open_case();
}

#[test]
fn broken_utf8_is_400() {
    let desk = Desk::start();
    let template = inbound(&desk.channel, "ada").text("MARK").body().to_string();
    for broken in [&b"\xff"[..], b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"] {
        let (before, after) = template.split_once("MARK").expect("the mark");
        let body = [before.as_bytes(), broken, after.as_bytes()].concat();
        send(&desk, &body).problem(400, "invalid_utf8");
    }
    assert_untouched(&desk);
}

#[test]
fn text_with_nul_is_refused_wherever_text_is_taken() {
    let desk = Desk::start();
    desk.post("/v1/messages", inbound(&desk.channel, "ada").text("a\u{0}b").body()).refuses("text", "invalid_text");
    desk.post("/v1/messages", inbound(&desk.channel, "a\u{0}b").body()).refuses("customer.external_id", "invalid_text");
    desk.post("/v1/messages", inbound(&desk.channel, "ada").with("external_id", "\u{0}").body())
        .refuses("external_id", "invalid_text");
    desk.post("/v1/messages", inbound(&desk.channel, "ada").conversation("a\u{0}").body())
        .refuses("conversation", "invalid_text");
    assert_untouched(&desk);
    let case = desk.open_case();
    desk.post(&format!("/v1/cases/{case}/comments"), &json!({"text": "\u{0}x"})).refuses("text", "invalid_text");
    desk.post(&format!("/v1/cases/{case}/messages"), &json!({"text": "\u{0}x"})).refuses("text", "invalid_text");
    desk.patch(&format!("/v1/cases/{case}"), &json!({"title": "\u{0}x"})).refuses("title", "invalid_text");
    desk.patch(&format!("/v1/cases/{case}"), &json!({"tags": ["\u{0}x"]})).refuses_field("tags");
    desk.post("/v1/queues", &json!({"name": "a\u{0}", "assignment": "manual", "members": []}))
        .refuses("name", "invalid_text");
    desk.patch("/v1/workspace", &json!({"name": "a\u{0}"})).refuses("name", "invalid_text");
}

#[test]
fn other_characters_come_back_as_they_were_sent() {
    let desk = Desk::start();
    let text = "Grüße 👩🏽‍💻 \u{202e}right to left\u{202c} \u{feff} 日本語 <script>alert(1)</script> '; drop table cases; -- \" \\ \t\n%00 $1 ?1";
    let case = crate::support::cases::number(&desk.receive(&inbound(&desk.channel, "ada").text(text))["case"]);
    assert_eq!(desk.messages(case)[0]["text"], text);
    assert_eq!(desk.comment(case, text)["text"], text);
}

#[test]
fn a_body_over_one_mebibyte_is_413_without_being_read() {
    let desk = Desk::start();
    let head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        desk.token(),
        LIMIT + 1
    );
    let heard = raw::exchange(desk.base(), head.as_bytes());
    assert_eq!(raw::status(&heard), Some(413), "{heard}");
    assert!(heard.contains("application/problem+json"), "{heard}");
    desk.open_case();
}

#[test]
fn an_unannounced_body_over_one_mebibyte_is_not_taken_either() {
    let desk = Desk::start();
    let mut request = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n",
        desk.token(),
        LIMIT + 1
    )
    .into_bytes();
    request.resize(request.len() + LIMIT + 1, b' ');
    request.extend_from_slice(b"\r\n0\r\n\r\n");
    let heard = raw::exchange(desk.base(), &request);
    assert_eq!(raw::status(&heard), Some(413), "{heard}");
    desk.open_case();
}

#[test]
fn whoever_sends_a_large_body_without_asking_hears_that_it_is_too_large() {
    let desk = Desk::start();
    for mebibytes in [2, 20] {
        let mut request = format!(
            "POST /v1/messages HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            desk.token(),
            mebibytes * LIMIT
        )
        .into_bytes();
        request.resize(request.len() + mebibytes * LIMIT, b' ');
        let heard = raw::exchange(desk.base(), &request);
        assert_eq!(raw::status(&heard), Some(413), "{mebibytes} MiB: {heard}");
    }
}

#[test]
fn a_name_that_nobody_can_see_is_none() {
    let desk = Desk::start();
    for name in ["\u{200b}", "\u{202e}\u{200f}", " \u{2060} \u{feff}", "\u{3164}"] {
        desk.post("/v1/queues", &json!({"name": name, "assignment": "manual", "members": []})).refuses("name", "blank");
    }
    let seen = json!({"name": "\u{200f}שלום\u{200f}", "assignment": "manual", "members": []});
    desk.post("/v1/queues", &seen).expect(201);
}

#[test]
fn a_body_of_exactly_one_mebibyte_is_read() {
    let desk = Desk::start();
    let mut body = inbound(&desk.channel, "ada").body().to_string().into_bytes();
    body.resize(LIMIT, b' ');
    assert_eq!(send(&desk, &body).expect(201)["outcome"], "created");
}

#[test]
fn endless_text_is_too_long_field_by_field() {
    let desk = Desk::start();
    let long = "x".repeat(300_000);
    let case = desk.open_case();
    desk.patch(&format!("/v1/cases/{case}"), &json!({"title": long})).refuses("title", "too_long");
    desk.post("/v1/queues", &json!({"name": long, "assignment": "manual", "members": []})).refuses("name", "too_long");
    desk.post("/v1/messages", inbound(&desk.channel, "ada").with("external_id", long.clone()).body())
        .refuses("external_id", "too_long");
    desk.post("/v1/messages", inbound(&desk.channel, &long).body()).refuses("customer.external_id", "too_long");
    desk.patch("/v1/workspace", &json!({"name": long})).refuses("name", "too_long");
}

#[test]
fn a_body_of_another_type_is_415() {
    let desk = Desk::start();
    let body = inbound(&desk.channel, "ada").body().to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "nonsense",
    ] {
        desk.send("POST", "/v1/messages", &[("content-type", kind)], Some(body.as_bytes())).problem_of(415);
    }
    desk.send("POST", "/v1/messages", &[], Some(body.as_bytes())).problem_of(415);
    assert_untouched(&desk);
    let kind = [("content-type", "application/json; charset=utf-8")];
    desk.send("POST", "/v1/messages", &kind, Some(body.as_bytes())).expect(201);
}

#[test]
fn odd_addresses_and_queries_are_never_a_500() {
    let desk = Desk::start();
    desk.open_case();
    let odd = [
        "/v1/cases?q=%ff",
        "/v1/cases?q=%00",
        "/v1/cases?q=%",
        "/v1/cases?limit=%31",
        "/v1/cases?q='%20or%201=1--",
        "/v1/cases?q=%22",
        "/v1/cases?q=*",
        "/v1/cases?q=%22%20AND%20(",
        "/v1/cases?tag=%00",
        "/v1/cases?status=",
        "/v1/cases?customer=%ff",
        "/v1/cases/%00",
        "/v1/cases/%ff",
        "/v1/customers/%2e%2e%2f",
        "/v1/cases/1/..%2f2",
        "/v1/cases?sort=",
        "/v1/cases?updated_after=",
        "/v1/cases?q=a&q=b",
        "/v1/cases?cursor=",
        "/v1//cases",
        "/v1/cases/1e3",
        "/v1/cases?limit=1&limit=2",
        "/v1/cases?&&&",
        "/v1/cases?=",
        "/v1/cases?%00=1",
    ];
    for path in odd {
        let answer = desk.get(path);
        assert!(answer.status < 500, "{path} answered {}: {}", answer.status, answer.text());
        assert!(answer.status == 200 || answer.json()["code"].is_string(), "{path}: {}", answer.text());
    }
    let long = format!("/v1/cases?q={}", "x".repeat(20_000));
    assert!(desk.get(&long).status < 500);
}

#[test]
fn what_is_not_http_is_answered_with_400_or_silence_and_the_server_lives() {
    let desk = Desk::start();
    for bytes in [
        &b"nonsense\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET /v1/cases HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\nconnection: close\r\n\r\n",
    ] {
        let heard = raw::exchange(desk.base(), &[bytes, b"\r\n\r\n"].concat());
        assert!(raw::status(&heard).is_none_or(|status| (400..506).contains(&status) && status != 500), "{heard}");
    }
    desk.open_case();
}
