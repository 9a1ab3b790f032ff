//! No customer text, address or token in logs or metrics (T4).

use crate::support::process::{Server, lull};
use crate::support::{Client, Desk, encode, inbound};
use serde_json::json;

/// Words that appear nowhere unless somebody printed what a customer wrote or who they are.
const SECRETS: [&str; 9] = [
    "zzcustomertext",
    "zzhandle",
    "zzcustomername",
    "zzcomment",
    "zztitle",
    "zzmail",
    "zzsearch",
    "zzthread",
    "zzbadtoken",
];

/// Sends traffic that carries every secret, well-formed and not, and gives the tokens that were used.
fn traffic(desk: &Desk, client: &Client) -> Vec<String> {
    let person = json!({"external_id": "zzmail@customer.test", "name": "zzcustomername", "handle": "@zzhandle"});
    let message =
        inbound(&desk.channel, "x").with("customer", person).text("zzcustomertext please").conversation("zzthread");
    let case = crate::support::cases::number(&client.receive(&message)["case"]);
    client.reply(case, "zzcustomertext too");
    client.comment(case, "zzcomment");
    client.change(case, &json!({"title": "zztitle"}));
    client.post("/v1/messages", message.body()).expect(200);
    client.close(case);
    client.receive(&message.clone().with("external_id", "zzthread-2"));
    client.get(&format!("/v1/cases?q={}", encode("zzsearch zzmail@customer.test"))).expect(200);
    client.get("/v1/cases?zzsearch=zzcustomertext").refuses("zzsearch", "unknown_parameter");
    let refused = message.with("external_id", "new").text("zzcustomertext\u{0}").with("zzcustomertext", 1);
    client.post("/v1/messages", refused.body()).invalid();
    let headers = [("content-type", "application/json")];
    client
        .send("POST", "/v1/messages", &headers, Some(b"{\"text\": \"zzcustomertext\""))
        .problem(400, "malformed_json");
    client
        .send("POST", "/v1/messages", &headers, Some(b"{\"text\": \"zzcustomertext\xff\"}"))
        .problem(400, "invalid_utf8");
    client.as_token("zzbadtoken").get("/v1/cases").problem(401, "unauthenticated");
    let member = desk.member("Ada", "agent");
    vec![client.token().to_owned(), member.token().to_owned()]
}

#[track_caller]
fn assert_silent(what: &str, said: &str, tokens: &[String]) {
    let secrets = SECRETS.into_iter().chain(tokens.iter().map(String::as_str)).chain([crate::support::desk::OWNER]);
    for secret in secrets {
        assert!(!said.contains(secret), "{what} hold {secret:?}");
    }
}

#[test]
fn logs_and_metrics_hold_no_customer_text_address_or_token_t4() {
    let mut desk = Desk::start();
    desk.auto_close(60);
    let tokens = traffic(&desk, desk.owner());
    desk.advance(86_400);
    let metrics = desk.anonymous().get("/metrics");
    assert_eq!(metrics.status, 200);
    assert_silent("metrics", &metrics.text(), &tokens);
    assert_silent("logs", &desk.server.kill(), &tokens);
}

#[test]
fn not_even_the_most_talkative_logs_hold_them_t4() {
    let mut desk = Desk::start();
    desk.server.kill();
    let mut command = lull(&["serve", "--database", &desk.place.database(), "--listen", "127.0.0.1:0", "--test-clock"]);
    command.env("RUST_LOG", "lull=trace,store=trace,domain=trace,tower_http=trace");
    desk.take_over(Server::spawn(command).expect("it starts"));
    let client = desk.owner().clone();
    let tokens = {
        let message = inbound(&desk.channel, "zzmail@customer.test").text("zzcustomertext").conversation("zzthread");
        let case = crate::support::cases::number(&client.receive(&message)["case"]);
        client.comment(case, "zzcomment");
        client.change(case, &json!({"title": "zztitle"}));
        client.get("/v1/cases?q=zzsearch").expect(200);
        client.as_token("zzbadtoken").get("/v1/cases").problem(401, "unauthenticated");
        vec![client.token().to_owned()]
    };
    assert_silent("logs", &desk.server.kill(), &tokens);
}
