//! A fault in one workspace stays there: a trigger in the file stands for damaged rows.

use crate::support::desk::{Place, id};
use crate::support::{Client, Desk, inbound};
use rusqlite::Connection;
use serde_json::json;

/// The engine looks every second; a request takes less than a hundredth of that.
const LOOKS: usize = 20_000;

/// Whatever is changed of the first workspace's cases is refused.
const PLANT: &str = "create trigger planted before update on cases when old.workspace = (select min(id) from workspaces) \
     begin select raise(abort, 'planted by a test'); end";

/// Two workspaces in one desk, by the process's clock; the second one's owner, and a channel there.
fn two_workspaces() -> (Desk, Client) {
    let place = Place::new();
    let token = Desk::second_workspace(&place);
    let desk = place.open(&[]);
    let second = desk.as_token(&token);
    (desk, second)
}

fn again(desk: &mut Desk, second: &Client, statements: &[&str]) -> Client {
    desk.server.kill();
    Connection::open(desk.place.file()).expect("the file").execute_batch(&statements.join(";")).expect("they run");
    desk.restart(&[]);
    Client::new(desk.server.base(), Some(second.token()))
}

/// A queue that takes turns, with the workspace's owner in it, and a channel into it.
fn handing_out(client: &Client) -> String {
    let owner = client.all("/v1/agents")[0]["id"].clone();
    client
        .put(&format!("/v1/agents/{}/availability", owner.as_str().expect("an id")), &json!({"availability": "online"}))
        .expect(200);
    let body = json!({"name": "Turns", "assignment": "round_robin", "members": [owner]});
    let queue = id(&client.post("/v1/queues", &body).expect(201));
    id(&client.post("/v1/channels", &json!({"name": "Into turns", "network": "x", "queue": queue})).expect(201))
}

#[test]
fn a_workspace_whose_cases_cannot_be_assigned_does_not_keep_the_others_waiting_r3() {
    let (mut desk, second) = two_workspaces();
    for client in [desk.owner(), &second] {
        let channel = handing_out(client);
        for n in 0..3 {
            client.receive(&inbound(&channel, &format!("customer{n}")));
        }
        assert!(client.all("/v1/cases?assignee=none").is_empty());
    }
    let second = again(&mut desk, &second, &["update cases set assignee = null", PLANT]);
    assert!((0..LOOKS).any(|_| second.all("/v1/cases?assignee=none").is_empty()), "nobody assigns them");
    assert_eq!(desk.all("/v1/cases?assignee=none").len(), 3);
    let told = |_| desk.get("/readyz").expect(200)["failing_tasks"]["assign_waiting"].is_string();
    assert!((0..LOOKS).any(told), "that it fails can be seen");
}

#[test]
fn a_workspace_whose_tags_cannot_be_renamed_does_not_keep_the_others_waiting() {
    let (mut desk, second) = two_workspaces();
    for client in [desk.owner(), &second] {
        let channel = handing_out(client);
        let case = crate::support::cases::number(&client.receive(&inbound(&channel, "ada"))["case"]);
        client.change(case, &json!({"tags": ["old"]}));
    }
    let rename = "update tags set becomes = 'new', position = 0 where name = 'old'";
    let second = again(&mut desk, &second, &[rename, PLANT]);
    assert!((0..LOOKS).any(|_| second.all("/v1/cases?tag=new").len() == 1), "nobody renames it");
    assert_eq!(desk.all("/v1/cases?tag=old").len(), 1);
}

#[test]
fn a_workspace_whose_run_cannot_be_undone_does_not_keep_the_others_waiting_x8() {
    let (mut desk, second) = two_workspaces();
    let mut cases = Vec::new();
    for client in [desk.owner(), &second] {
        let channel = handing_out(client);
        let case = crate::support::cases::number(&client.receive(&inbound(&channel, "ada"))["case"]);
        client.close(case);
        cases.push(case);
    }
    let ran = "update closures set run = 1, case_version = (select version from cases c where c.id = case_id)";
    let asked = "insert into run_undos (workspace, run, asked_at, asked_by, asked_by_name, done_to, reopened, left_closed, \
                 finished_at) select workspace, 1, 1, null, null, 0, 0, 0, null from closures";
    let second = again(&mut desk, &second, &[ran, asked, PLANT]);
    assert!((0..LOOKS).any(|_| second.case(cases[1])["status"] == "open"), "nobody goes on with it");
    assert_eq!(desk.case(cases[0])["status"], "closed");
}
