//! The same request, or two that belong together, on two nodes at one moment.

use super::Nodes;
use crate::support::cases::number;
use crate::support::desk::Place;
use crate::support::process::{lull, run};
use crate::support::{Client, inbound};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How often each meeting is tried: the nodes must meet in the middle of it at least once.
const ROUNDS: usize = 40;

#[test]
fn what_one_node_stored_every_node_shows() {
    let nodes = Nodes::start();
    let [one, other] = nodes.clients();
    let case = number(&one.receive(&inbound(&nodes.desk.channel, "ada"))["case"]);
    assert_eq!(other.case(case)["status"], "open");
    other.close(case);
    assert_eq!(one.case(case)["status"], "closed");
    let document = crate::support::policy::closing_after(60, &crate::support::policy::ALL);
    let before = one.put("/v1/settings/lifecycle", &document).expect(200);
    let answered = other.receive(&inbound(&nodes.desk.channel, "ada"));
    assert_eq!(answered["outcome"], "reopened");
    assert!(answered["case"]["closes_at"].is_string(), "the other node knows the new policy at once: {before}");
}

#[test]
fn who_looks_at_a_case_on_one_node_is_seen_on_the_other() {
    let nodes = Nodes::start();
    let [one, other] = nodes.clients();
    let case = nodes.desk.open_case();
    let (ada, bea) = (nodes.desk.member("Ada", "agent"), nodes.desk.member("Bea", "agent"));
    let (of_ada, of_bea) = (nodes.desk.session(&ada.id), nodes.desk.session(&bea.id));
    let page = |client: &Client, path: &str, cookie: &str| {
        client.send("GET", path, &[("cookie", cookie)], None).text().to_owned()
    };
    let path = format!("/cases/{case}");
    assert!(!page(&one, &path, &of_ada).contains("is here"));
    assert!(page(&other, &path, &of_bea).contains("Ada is here"));
    assert!(page(&one, &path, &of_ada).contains("Bea is here"));
    let typed: &[u8] = b"kind=reply&text=Half+an+ans";
    let form = [("cookie", of_ada.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(one.send("POST", &format!("{path}/draft"), &form, Some(typed)).status, 204);
    assert!(page(&other, &path, &of_bea).contains("Ada is writing a reply"));
}

#[test]
fn a_message_delivered_to_both_nodes_is_one_message_r7() {
    let nodes = Nodes::start();
    for round in 0..ROUNDS {
        let message = inbound(&nodes.desk.channel, &format!("customer{round}"));
        let answers = nodes.at_once(|client| client.post("/v1/messages", message.body()));
        let mut statuses = answers.each_ref().map(|answer| answer.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", answers[0].text(), answers[1].text());
        let ids: BTreeSet<String> = answers.iter().map(|answer| answer.json()["message"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(nodes.desk.all("/v1/cases?limit=100").len(), ROUNDS);
}

#[test]
fn a_message_id_that_two_customers_bring_at_once_is_one_message_r7() {
    let nodes = Nodes::start();
    for round in 0..ROUNDS {
        let id = format!("id{round}");
        let answers = nodes.at_once(|client| {
            let customer = if client.base() == nodes.second.base() { "ada" } else { "grace" };
            client.post("/v1/messages", inbound(&nodes.desk.channel, customer).with("external_id", id.clone()).body())
        });
        let mut statuses = answers.map(|answer| answer.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
    }
}

#[test]
fn two_first_messages_of_a_customer_open_one_case() {
    let nodes = Nodes::start();
    for round in 0..ROUNDS {
        let customer = format!("customer{round}");
        let answers = nodes.at_once(|client| client.receive(&inbound(&nodes.desk.channel, &customer)));
        let mut outcomes = answers.each_ref().map(|answer| answer["outcome"].as_str().expect("an outcome").to_owned());
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["appended", "created"]);
        assert_eq!(answers[0]["case"]["number"], answers[1]["case"]["number"]);
    }
}

#[test]
fn two_first_messages_of_a_known_customers_new_thread_open_one_case() {
    let nodes = Nodes::start();
    nodes.desk.case_of("ada");
    for round in 0..ROUNDS {
        let thread = format!("thread{round}");
        let message = || inbound(&nodes.desk.channel, "ada").with("conversation", thread.clone());
        let answers = nodes.at_once(|client| client.receive(&message()));
        let mut outcomes = answers.each_ref().map(|answer| answer["outcome"].as_str().expect("an outcome").to_owned());
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["appended", "created"]);
        assert_eq!(answers[0]["case"]["number"], answers[1]["case"]["number"]);
    }
}

#[test]
fn two_answers_of_a_customer_reopen_a_case_once_r2_r9() {
    let nodes = Nodes::start();
    for round in 0..ROUNDS {
        let customer = format!("customer{round}");
        let case = nodes.desk.case_of(&customer);
        nodes.desk.close(case);
        let answers = nodes.at_once(|client| client.receive(&inbound(&nodes.desk.channel, &customer)));
        let mut outcomes = answers.map(|answer| answer["outcome"].as_str().expect("an outcome").to_owned());
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["appended", "reopened"]);
        let held = nodes.desk.case(case);
        assert_eq!((held["status"].as_str(), held["reopen_count"].as_i64()), (Some("open"), Some(1)));
        assert_eq!(nodes.desk.feed_of(case, "case_auto_reopened").len(), 1);
    }
}

#[test]
fn one_idempotency_key_on_both_nodes_is_one_act() {
    let nodes = Nodes::start();
    let case = nodes.desk.open_case();
    for round in 0..ROUNDS {
        let (path, key) = (format!("/v1/cases/{case}/messages"), format!("key{round}"));
        let body = json!({"text": format!("reply {round}")});
        let answers = nodes.at_once(|client| client.with_json("POST", &path, &[("idempotency-key", &key)], &body));
        assert_eq!(answers[0].expect(201), answers[1].expect(201), "the first answer, twice");
    }
    assert_eq!(nodes.desk.messages(case).len(), 1 + ROUNDS);
}

#[test]
fn answers_on_both_nodes_give_an_agent_no_more_than_they_have_room_for_r3_r4() {
    const ROOM: usize = 3;
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let ada = desk.agent("Ada", Some(ROOM as i64));
    let customers: Vec<String> = (0..16).map(|n| format!("customer{n}")).collect();
    for customer in &customers {
        let case = desk.case_of(customer);
        desk.assign(case, &ada.id);
        desk.close(case);
    }
    let clients = nodes.clients();
    std::thread::scope(|scope| {
        for (n, customer) in customers.iter().enumerate() {
            let client = clients[n % 2].clone();
            scope.spawn(move || drop(client.receive(&inbound(&desk.channel, customer))));
        }
    });
    let assigned = desk.all(&format!("/v1/cases?assignee={}&status=open&limit=100", ada.id)).len();
    assert_eq!(assigned, ROOM, "as many as fit, and not one more");
    assert_eq!(desk.all("/v1/cases?status=open&limit=100").len(), customers.len());
}

#[test]
fn a_queue_that_takes_turns_fills_nobody_over_their_capacity_from_two_nodes_r4() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let (ada, grace) = (desk.agent("Ada", Some(4)), desk.agent("Grace", Some(4)));
    let queue = desk.queue("round_robin", &[&ada, &grace]);
    let channel = desk.channel_into(&queue, "x");
    let clients = nodes.clients();
    std::thread::scope(|scope| {
        for n in 0..20 {
            let (client, channel) = (clients[n % 2].clone(), &channel);
            scope.spawn(move || drop(client.receive(&inbound(channel, &format!("customer{n}")))));
        }
    });
    let load = |agent: &str| desk.all(&format!("/v1/cases?assignee={agent}&limit=100")).len();
    assert_eq!((load(&ada.id), load(&grace.id), load("none")), (4, 4, 12));
}

#[test]
fn nobody_is_given_a_case_who_is_not_online_or_has_no_room_whichever_node_gives_it_r3_r4() {
    for seed in 10..12 {
        let nodes = Nodes::start();
        let storm = crate::rules::assign_race::Storm::new(&nodes.desk);
        storm.rage(&nodes.clients(), seed);
        storm.check();
    }
}

#[test]
fn what_waits_is_given_away_without_anybodys_act_by_either_node_r3() {
    let nodes = Nodes::start();
    let desk = &nodes.desk;
    let ada = desk.member("Ada", "agent");
    let queue = desk.queue("round_robin", &[&ada]);
    let channel = desk.channel_into(&queue, "x");
    let customers: Vec<String> = (0..60).map(|n| format!("customer{n}")).collect();
    for customer in &customers {
        desk.case_on(&channel, customer);
    }
    desk.available(&ada, "online");
    let waiting = || !desk.all("/v1/cases?assignee=none&limit=100").is_empty();
    // The engines look every second; a request takes less than a hundredth of that.
    assert!((0..20_000).any(|_| !waiting()), "some still wait");
    let given = customers.len();
    assert_eq!(ada.all("/v1/notifications?limit=100").len(), given, "each was given away once");
}

#[test]
fn one_name_given_on_both_nodes_is_given_once_and_the_other_is_told() {
    let nodes = Nodes::start();
    for round in 0..ROUNDS / 4 {
        let email = format!("ada{round}@desk.test");
        let body = json!({"name": "Ada", "email": email, "role": "agent"});
        let mut statuses = nodes.at_once(|client| client.post("/v1/agents", &body).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422]);
        let body = json!({"name": format!("Queue {round}"), "assignment": "manual", "members": []});
        let mut statuses = nodes.at_once(|client| client.post("/v1/queues", &body).status);
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422]);
    }
}

#[test]
fn the_trail_of_two_nodes_is_one_chain_and_shows_what_was_answered_t3() {
    let nodes = Nodes::start();
    let case = nodes.desk.open_case();
    for round in 0..ROUNDS {
        let tags = json!({"tags": [format!("tag{round}")]});
        let acting = |client: &Client| {
            client.change(case, &tags);
            client.reply(case, "Here you are.");
        };
        nodes.at_once(acting);
        let sent = nodes.clients().map(|client| client.audit_of("MESSAGE_SENT").len());
        assert_eq!(sent, [2 * (round + 1); 2], "each node's reader sees every act that was answered");
    }
    let trail: Vec<Value> = nodes.desk.audit();
    let seqs: Vec<i64> = trail.iter().map(|entry| entry["seq"].as_i64().expect("a seq")).collect();
    assert_eq!(seqs, (1..=trail.len() as i64).collect::<Vec<_>>());
    run(lull(&["audit", "verify", "--database", &nodes.desk.place.database()]), "").succeeded();
    run(lull(&["check", "--database", &nodes.desk.place.database()]), "").succeeded();
}

#[test]
fn a_token_taken_back_on_one_node_is_refused_by_the_other_soon() {
    let nodes = Nodes::start();
    let [one, other] = nodes.clients();
    let made = one.post("/v1/tokens", &json!({"name": "short", "role": "viewer", "agent": null})).expect(201);
    let holder = other.as_token(made["token"].as_str().expect("a token"));
    holder.get("/v1/cases").expect(200);
    one.delete(&format!("/v1/tokens/{}", made["id"].as_str().expect("an id"))).expect(204);
    // What another node changed is believed for a second at most; a request takes less than a hundredth of that.
    let refused = (0..20_000).any(|_| holder.get("/v1/cases?limit=1").status == 401);
    assert!(refused, "it is still let in");
}

/// By a test clock, which is one process's own: two connections of it meet at the database like two nodes.
#[test]
fn a_run_that_two_ask_to_undo_at_once_is_undone_once_x8_t2_r9() {
    let desk = Place::in_postgres().open(&["--test-clock"]);
    let ada = desk.member("Ada", "agent");
    desk.auto_close(60);
    for n in 0..6 {
        desk.assign(desk.case_of(&format!("customer{n}")), &ada.id);
    }
    for round in 1..=ROUNDS / 5 {
        desk.advance_minutes(60);
        let run = desk.all("/v1/auto-close/runs")[0].clone();
        assert_eq!(run["closed"], 6);
        let path = format!("/v1/auto-close/runs/{}", run["id"].as_str().expect("an id"));
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    start.wait();
                    desk.as_token(desk.token()).post(&format!("{path}/undo"), &json!({})).expect(200);
                });
            }
        });
        let undo = desk.get(&path).expect(200)["undo"].clone();
        assert_eq!((&undo["reopened"], &undo["left"]), (&json!(6), &json!(0)), "{undo}");
        assert_eq!(desk.audit_of("RUN_UNDONE").len(), round);
        let told = ada.all("/v1/notifications?limit=100");
        assert_eq!(told.iter().filter(|note| note["event"] == "case_reopened").count(), round, "once each time");
    }
}

#[test]
fn one_key_on_both_nodes_is_one_act_on_many_cases_that_one_undo_takes_back() {
    let nodes = Nodes::start();
    let cases: Vec<i64> = (0..60).map(|n| nodes.desk.case_of(&format!("customer{n}"))).collect();
    for round in 0..ROUNDS / 10 {
        let key = format!("key{round}");
        let body = json!({"filter": {"status": "open"}, "changes": {"status": "closed"}});
        let answers = nodes
            .at_once(|client| client.with_json("POST", "/v1/cases/bulk", &[("idempotency-key", &key)], &body))
            .map(|answer| answer.expect(200));
        assert_eq!(answers[0], answers[1], "the same act, whoever asked first");
        assert_eq!(answers[0]["changed"], 60);
        for case in cases.iter().step_by(13) {
            assert_eq!(nodes.desk.feed_of(*case, "case_closed").len(), round + 1);
        }
        let undo = format!("/v1/cases/bulk/{}/undo", answers[0]["id"].as_str().expect("an id"));
        nodes.desk.post(&undo, &json!({})).expect(200);
        assert_eq!(nodes.desk.all("/v1/cases?status=open&limit=100").len(), 60, "all of it");
    }
}

#[test]
fn one_key_with_two_wishes_is_one_act_and_a_refusal() {
    let nodes = Nodes::start();
    let cases: Vec<i64> = (0..30).map(|n| nodes.desk.case_of(&format!("customer{n}"))).collect();
    for round in 0..ROUNDS / 10 {
        let key = format!("key{round}");
        let answers = nodes.at_once(|client| {
            let tag = if client.base() == nodes.second.base() { "second" } else { "first" };
            let body = json!({"numbers": cases, "changes": {"add_tags": [format!("{tag}{round}")]}});
            client.with_json("POST", "/v1/cases/bulk", &[("idempotency-key", &key)], &body)
        });
        let mut statuses = answers.each_ref().map(|answer| answer.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let tagged = |tag: &str| nodes.desk.all(&format!("/v1/cases?tag={tag}{round}&limit=100")).len();
        let mut tagged = [tagged("first"), tagged("second")];
        tagged.sort_unstable();
        assert_eq!(tagged, [0, 30], "who is refused has changed nothing");
    }
}

#[test]
fn acts_on_many_cases_never_wait_in_a_circle_with_messages_and_settings() {
    let mut nodes = Nodes::start();
    let desk = &nodes.desk;
    let ada = desk.agent("Ada", None);
    let queue = desk.queue("round_robin", &[&ada]);
    let channel = desk.channel_into(&queue, "x");
    let customers: Vec<String> = (0..24).map(|n| format!("customer{n}")).collect();
    let cases: Vec<i64> = customers.iter().map(|customer| desk.case_on(&channel, customer)).collect();
    let bulk = |client: &Client, changes: Value| {
        client.post("/v1/cases/bulk", &json!({"numbers": cases, "changes": changes})).expect(200)
    };
    for round in 0..ROUNDS / 5 {
        bulk(desk, json!({"status": "closed", "assignee": null}));
        nodes.at_once(|client| {
            if client.base() == nodes.second.base() {
                for customer in customers.iter().rev() {
                    client.receive(&inbound(&channel, customer));
                }
            } else {
                bulk(client, json!({"status": "open"}));
                let minutes = 600 + round as i64;
                let policy = crate::support::policy::closing_after(minutes, &crate::support::policy::ALL);
                client.put("/v1/settings/lifecycle", &policy).expect(200);
            }
        });
    }
    nodes.second.kill();
    nodes.desk.server.kill();
    // What a connection counted is written down when it ends.
    let sessions = "select count(*) from pg_stat_activity where datname = current_database();";
    let ended = (0..2_000).any(|_| nodes.desk.place.psql(sessions).trim() == "1");
    assert!(ended, "the nodes' connections end with them");
    let circles = "select deadlocks from pg_stat_database where datname = current_database();";
    assert_eq!(nodes.desk.place.psql(circles).trim(), "0");
}
